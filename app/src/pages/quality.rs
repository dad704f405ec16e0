//! How good a model is in service: what outcomes say, beside what its own scores would expect.

pub(super) mod tables;
pub(super) mod words;

use std::collections::BTreeMap;
use std::sync::Arc;

use desk::models::ModelDetail;
use desk::quality::{LiveQuality, Period};
use domain::Task;
use domain::time::DAY;
use leptos::prelude::*;

use crate::address::encode;
use crate::charts::{Calibration, PeriodLines, PeriodPoint, ScoreSpread, Series};
use crate::components::{CellLink, ConfusionMatrix, EmptyState, FigureStrip, Lead, LinkButton, PageHeader, Panel};
use crate::moment::Clockface;
use crate::number::{self, NO_BREAK};
use crate::page::{Visit, page, param, query};
use crate::shell::{Crumb, Frame, Section};

const PERIODS: [i64; 4] = [1, 7, 30, 90];
/// Days that the pages of models and versions look at.
pub(super) const USUAL: i64 = 30;

/// The page of a model's quality.
#[component]
pub(super) fn Quality() -> impl IntoView {
    let name = param("m");
    let version = query("version").and_then(|text| text.parse().ok());
    let asked = query("days").and_then(|text| text.parse().ok());
    let days = asked.filter(|days| PERIODS.contains(days)).unwrap_or(USUAL);
    page(move |visit| async move {
        let detail = visit.desk.models().get(&visit.actor, &name).await?;
        let quality = visit.desk.quality().live(&visit.actor, &name, version, days).await?;
        Ok(show(visit, &detail, &quality, days))
    })
}

fn show(visit: Visit, detail: &ModelDetail, quality: &LiveQuality, days: i64) -> AnyView {
    let flash = visit.notice();
    let name = detail.model.name.clone();
    let crumbs =
        vec![Crumb::link("Models", "/models"), Crumb::link(&name, format!("/models/{name}")), Crumb::here("quality")];
    let actions = choices(quality, days);
    let answered = quality.versions.iter().any(|(_, figures)| figures.predictions > 0);
    let content = if answered { measured(&visit.clock, detail, quality, days) } else { nothing(&name, days) };
    let aside = format!("quality, {}", if days == 1 { "today".into() } else { format!("last {days} days") });
    view! {
        <Frame viewer=visit.viewer title=format!("Quality of {name}") at=Section::Models crumbs flash>
            <PageHeader title=name aside actions=move || actions/>
            {content}
        </Frame>
    }
    .into_any()
}

/// What the page of a version says of its service; nothing, if it did not serve lately.
pub(super) fn in_service(quality: &LiveQuality, held_back: &BTreeMap<String, f64>) -> impl IntoView + use<> {
    if quality.periods.iter().all(|period| period.figures.predictions == 0) {
        return ().into_any();
    }
    let (answer, rest) = words::answer(quality, USUAL);
    let drift = quality.drift.as_ref().map(words::drift);
    let figures = tables::side_by_side(quality.model.task(), &quality.whole, held_back);
    let number = quality.version.unwrap_or(0);
    let href = format!("/models/{}/quality?version={number}&days={USUAL}", quality.model.name);
    view! {
        <Panel title="In service" note=format!("last {USUAL} days")>
            <p><b>{answer}</b>{rest}</p>
            {figures}
            {drift.map(|words| view! { <p>{words}</p> })}
            <p><a href=href>"Quality over time"</a></p>
        </Panel>
    }
    .into_any()
}

/// Links to the other versions and to the other periods.
fn choices(quality: &LiveQuality, days: i64) -> AnyView {
    let at = format!("/models/{}/quality", quality.model.name);
    let of = |version: Option<i64>| version.map_or_else(String::new, |number| format!("version={number}&"));
    let mut whose: Vec<Option<i64>> = vec![None];
    whose.extend(quality.versions.iter().take(6).map(|(version, _)| Some(version.unwrap_or(0))));
    let whose = whose.into_iter().map(|version| {
        let words = match version {
            None => String::from("all"),
            Some(0) => String::from("heuristic"),
            Some(number) => format!("v{number}"),
        };
        let href = format!("{at}?{}days={days}", of(version));
        view! { <a class="button" href=href aria-current=(version == quality.version).then_some("true")>{words}</a> }
    });
    let whose = whose.collect_view();
    let periods = PERIODS.into_iter().map(|period| {
        let href = format!("{at}?{}days={period}", of(quality.version));
        let (current, words) = ((period == days).then_some("true"), format!("{period}{NO_BREAK}d"));
        view! { <a class="button" href=href aria-current=current title=format!("{period} days")>{words}</a> }
    });
    view! {
        <nav class="row" aria-label="Version">{whose}</nav>
        <nav class="row" aria-label="Period">{periods.collect_view()}</nav>
    }
    .into_any()
}

fn nothing(name: &str, days: i64) -> AnyView {
    let text = format!(
        "Nothing was predicted in {}. Send rows to /api/v1/models/{name}/predictions, and later what was true to \
         /api/v1/outcomes.",
        number::counted(days, "day", "days")
    );
    let href = format!("/models/{name}");
    view! { <EmptyState title="No predictions" text><LinkButton text="Open the model" href/></EmptyState> }.into_any()
}

fn measured(clock: &Clockface, detail: &ModelDetail, quality: &LiveQuality, days: i64) -> AnyView {
    let (answer, rest) = words::answer(quality, days);
    let strip = tables::strip(quality);
    let held_back = quality.version.and_then(|number| detail.versions.iter().find(|version| version.number == number));
    let held_back = held_back.map_or_else(BTreeMap::new, |version| version.summary.metrics.clone());
    let figures = tables::side_by_side(quality.model.task(), &quality.whole, &held_back);
    let (lines, versions) = (lines(clock, quality), tables::versions(quality, days));
    let (matrix, calibration) = (matrix(quality), calibration(quality));
    let (drift, delays) = (drift(quality), delays(quality));
    view! {
        <Lead><b>{answer}</b>{rest}</Lead>
        <FigureStrip figures=strip/>
        <div class="columns">
            {lines}
            {drift}
            {calibration}
            {matrix}
            <Panel title="When truths come">{delays}</Panel>
        </div>
        <Panel title="Measured beside expected" foot=String::from(METHOD)>{figures}</Panel>
        <Panel title="Versions" note=String::from("settled parts of this time")>{versions}</Panel>
    }
    .into_any()
}

const METHOD: &str = "Measured: each known truth stands for the predictions of the same decision and similar score, so that \
    looking more often at some of them does not bend the figures. Expected: what the scores alone promise, without any truth; \
    blind to a world that now answers otherwise.";

fn lines(clock: &Clockface, quality: &LiveQuality) -> AnyView {
    let task = quality.model.task();
    if task == Task::Regression {
        return ().into_any();
    }
    let points = |of: fn(&Period) -> Pair| -> Vec<PeriodPoint> {
        quality.periods.iter().map(|period| point(clock, quality, period, of(period))).collect()
    };
    let right = points(|period| {
        let expected = period.figures.expected.as_ref().and_then(|expected| expected.accuracy);
        (period.figures.accuracy().map(triple), expected.map(|share| share.value))
    });
    let title = if task == Task::TextRecognition { "Exact readings" } else { "Right decisions" };
    let found = (task == Task::Binary).then(|| {
        points(|period| {
            let measured = period.figures.measured.as_ref().and_then(|live| live.f1);
            let expected = period.figures.expected.as_ref().and_then(|expected| expected.f1);
            (measured.map(triple), expected.map(|share| share.value))
        })
    });
    view! {
        <Panel title=title note=String::from("by time of the prediction")><PeriodLines title=title name="right" points=right/></Panel>
        {found.map(|points| view! { <Panel title="F1" note=String::from("by time of the prediction")><PeriodLines title="F1" name="F1" points/></Panel> })}
    }
    .into_any()
}

/// A figure with its interval, and what was expected.
type Pair = (Option<(f64, f64, f64)>, Option<f64>);

fn triple(estimate: desk::quality::Estimate) -> (f64, f64, f64) {
    (estimate.value, estimate.low, estimate.high)
}

fn point(clock: &Clockface, quality: &LiveQuality, period: &Period, (measured, expected): Pair) -> PeriodPoint {
    let is_hour = quality.until.since(quality.from) <= DAY;
    PeriodPoint {
        day: clock.day(period.from),
        name: if is_hour { clock.time_of_day(period.from) } else { clock.date(period.from) },
        measured,
        expected,
        known: (period.figures.predictions, period.figures.known),
        settled: period.settled,
    }
}

fn matrix(quality: &LiveQuality) -> AnyView {
    let Some(live) = quality.whole.measured.as_ref().filter(|live| live.known > 0) else { return ().into_any() };
    if quality.model.task() == Task::TextRecognition {
        return ().into_any();
    }
    let classes = quality.model.specification.classes.clone();
    let counts = live.confusion.counts.chunks(live.confusion.classes).map(<[u64]>::to_vec).collect();
    let asked = quality.version.map_or_else(String::new, |number| format!("&version={number}"));
    let name = quality.model.name.clone();
    let link: CellLink = Arc::new(move |actual, predicted| {
        format!("/predictions?model={name}&decision={}&truth={}{asked}", encode(predicted), encode(actual))
    });
    view! {
        <Panel title="Decisions against outcomes" note=String::from("known truths as they are, without weights")>
            <ConfusionMatrix classes counts rows="with known outcome" link=Some(link)/>
        </Panel>
    }
    .into_any()
}

fn calibration(quality: &LiveQuality) -> AnyView {
    let Some(calibration) = &quality.whole.calibration else { return ().into_any() };
    let points = calibration.bins.iter().map(|bin| (bin.predicted, bin.observed)).collect();
    let current = Series { name: String::from("in service"), points };
    let note = format!(
        "error {}{}; chance alone would make {}",
        number::percent(calibration.error.value),
        words::between(&calibration.error, number::percent),
        number::percent(calibration.by_chance)
    );
    view! { <Panel title="Do scores mean what they say?" foot=note><Calibration current/></Panel> }.into_any()
}

fn drift(quality: &LiveQuality) -> AnyView {
    let Some(found) = &quality.drift else {
        let why = "There is nothing to compare: no version serves, it answered nothing in this time, or its evaluation kept no scores.";
        return view! { <Panel title="Scores against the evaluation"><p class="muted">{why}</p></Panel> }.into_any();
    };
    let (reference, current, is_probability) = (found.reference.clone(), found.current.clone(), found.is_probability);
    view! {
        <Panel title="Scores against the evaluation" foot=words::drift(found)>
            <ScoreSpread reference current is_probability/>
        </Panel>
    }
    .into_any()
}

fn delays(quality: &LiveQuality) -> AnyView {
    let Some(delays) = &quality.delays else {
        return view! { <p class="muted">"Too few truths have come to say how long they take."</p> }.into_any();
    };
    let within = |share: f64| number::duration(delays.age_of(share));
    let words = format!(
        "Half of the truths that come are there within {}, nine in ten within {} (by {}).",
        within(0.5),
        within(0.9),
        number::counted(delays.n, "outcome", "outcomes")
    );
    let newest = quality.periods.iter().rev().find(|period| period.figures.predictions > 0);
    let newest = newest.and_then(|period| period.arrived);
    let so_far =
        newest.map(|share| format!(" Of the newest part {} usually have come by now.", number::percent(share)));
    view! { <p>{words}{so_far}</p> }.into_any()
}
