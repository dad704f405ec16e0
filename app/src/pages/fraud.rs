//! How good the fraud alerts are, by what supervisors found.

mod figures;
mod tables;

use std::sync::Arc;

use desk::cases::Dashboard;
use desk::events::EventFilter;
use desk::versions::{RowEvaluation, VersionDetail};
use domain::Permission;
use domain::attendance::{MODEL, Site};
use domain::case::{Origin, Verdict};
use domain::dataset::Dataset;
use leptos::prelude::*;

use super::{evidence, sites};
use crate::actions::cases::{Queue, RIGHT};
use crate::charts::{DayBars, ScoreBars, ScoreGroup};
use crate::components::{
    CellLink, ConfusionMatrix, Definition, DefinitionList, EmptyState, FigureStrip, Lead, LinkButton, Look, PageHeader,
    Panel, Time,
};
use crate::form;
use crate::number::{self, NO_BREAK};
use crate::page::{Visit, page, query};
use crate::shell::{Crumb, Frame, Section};
use figures::Counts;

const PERIODS: [i64; 4] = [7, 30, 90, 180];
/// Bars of the scores.
const BINS: usize = 10;

/// The dashboard.
#[component]
pub(super) fn Fraud() -> impl IntoView {
    let asked = query("days").and_then(|text| text.parse().ok());
    let days = asked.filter(|days| PERIODS.contains(days)).unwrap_or(30);
    page(move |visit| async move {
        let board = visit.desk.cases().dashboard(&visit.actor, days).await?;
        let sites = sites::all(&visit).await?;
        let counts = Counts::of(&board);
        let content = if counts.events == 0 && counts.alerts == 0 {
            let any = EventFilter::default();
            let known = !visit.desk.events().list(&visit.actor, &any, None, 1).await?.items.is_empty();
            nothing(&visit, days, known, !sites.is_empty())
        } else {
            let champion = champion(&visit, &board).await;
            measured(&board, &counts, &sites, champion)
        };
        Ok(frame(visit, days, content))
    })
}

fn frame(visit: Visit, days: i64, content: AnyView) -> AnyView {
    let flash = visit.notice();
    let actions = move || {
        let periods = PERIODS.into_iter().map(|period| {
            let (href, current) = (format!("/fraud?days={period}"), (period == days).then_some("true"));
            let (words, title) = (format!("{period}{NO_BREAK}d"), format!("{period} days"));
            view! { <a class="button" href=href aria-current=current title=title>{words}</a> }
        });
        view! { <nav class="row" aria-label="Period">{periods.collect_view()}</nav> }
    };
    view! {
        <Frame viewer=visit.viewer title="Fraud" at=Section::Fraud crumbs=vec![Crumb::here("Fraud")] flash>
            <PageHeader title="Fraud" aside=format!("last {days} days") actions/>
            {content}
        </Frame>
    }
    .into_any()
}

/// What stands here without events, and what to do about it.
fn nothing(visit: &Visit, days: i64, are_known: bool, are_sites: bool) -> AnyView {
    if are_known {
        let text = "There are events, but none that happened in this period.";
        return view! {
            <EmptyState title=format!("No events in {days} days") text>
                <LinkButton text="Look at the events" href="/attendance"/>
            </EmptyState>
        }
        .into_any();
    }
    let text = "Each check-in and check-out is scored as it comes in; a doubtful one becomes a case, and the verdicts on \
                cases say here how good the alerts are.";
    let (words, href) = match (visit.actor.may(Permission::ManageAttendance), are_sites) {
        (true, false) => ("First, add the sites", "/settings/sites"),
        (true, true) => ("Bring events from a file", "/attendance#panel-bring-events-from-a-file"),
        (false, _) => ("Look at attendance", "/attendance"),
    };
    view! { <EmptyState title="No events yet" text><LinkButton look=Look::Primary text=words href/></EmptyState> }
        .into_any()
}

/// The version that serves, and what it learnt from. The page stands without them.
async fn champion(visit: &Visit, board: &Dashboard) -> Option<(VersionDetail, Option<Dataset>)> {
    let found = visit.desk.versions().get(&visit.actor, MODEL, board.version?).await;
    let detail = found.inspect_err(form::log).ok()?;
    let dataset = visit.desk.datasets().get(&visit.actor, detail.version.dataset).await;
    Some((detail, dataset.inspect_err(form::log).ok()))
}

fn measured(
    board: &Dashboard,
    counts: &Counts,
    sites: &[Site],
    champion: Option<(VersionDetail, Option<Dataset>)>,
) -> AnyView {
    let (lead, figures) = (figures::lead(board, counts), figures::strip(board, counts));
    let (first, volume) = counts.volume.clone();
    let (scores, threshold) = (scores(board), board.threshold);
    let matrix = matrix(board);
    let (thresholds, by_site, by_week) =
        (tables::thresholds(board), tables::by_site(board, sites), tables::by_week(board));
    let learnt = learnt(champion);
    view! {
        <Lead>{lead}</Lead>
        <FigureStrip figures/>
        <div class="columns columns-2">
            <Panel title="Alerts against verdicts">{matrix}</Panel>
            <Panel title="What other thresholds would give" foot=String::from("Events; the first row is the present threshold. Decided cases stand for those that wait. Missed and recall are estimates from what was drawn for audit, no surer than the figure above.")>
                {thresholds}
            </Panel>
            <Panel title="Scores by verdict" note=String::from("each row by its own scale") foot=String::from("Left of the dashed threshold are cases drawn for audit.")>
                <ScoreBars groups=scores threshold/>
            </Panel>
            <Panel title="Events a day" note=String::from("by the sites’ clocks")>
                <DayBars name="events" first counts=volume/>
            </Panel>
            <Panel title="By site" note=String::from("right of those decided") foot=String::from("A site leads to its cases.")>{by_site}</Panel>
            <Panel title="By week" note=String::from("in which the case was opened; right of those decided")>{by_week}</Panel>
            {learnt}
        </div>
    }
    .into_any()
}

/// At the present threshold: decided alerts stand for those that wait, what was passed over is estimated from the draws.
fn matrix(board: &Dashboard) -> AnyView {
    let Some(row) = board.thresholds.first().filter(|_| board.precision.is_some()) else {
        return view! { <p class="muted">"No alert of this period is decided yet."</p> }.into_any();
    };
    let round = |cases: f64| cases.round().max(0.0) as u64;
    let counts = vec![vec![round(row.passed), round(row.false_alarms)], vec![round(row.missed), round(row.right)]];
    let classes = vec![String::from("no fraud"), String::from("fraud")];
    let link: CellLink = Arc::new(cases_of);
    let threshold = board.threshold;
    // The alerts are counted once none of them waits.
    let estimated = if board.undecided > 0 { vec![0, 1] } else { vec![0] };
    let assumed = assumed(board);
    view! {
        <ConfusionMatrix classes counts threshold rows="decided or estimated" link=Some(link) estimated/>
        <p class="muted small">{assumed}</p>
    }
    .into_any()
}

/// The decided cases behind a cell of the matrix.
fn cases_of(actual: &str, predicted: &str) -> String {
    let origin = if predicted == "fraud" { Origin::Threshold } else { Origin::Audit };
    let verdict = if actual == "fraud" { RIGHT } else { Verdict::FalsePositive.as_str() };
    let queue = Queue {
        state: String::from("decided"),
        origin: origin.as_str().to_owned(),
        verdict: verdict.to_owned(),
        ..Queue::default()
    };
    queue.address("/cases")
}

/// What must hold for the estimates to be right.
fn assumed(board: &Dashboard) -> String {
    let waiting = match board.undecided {
        0 => "",
        _ => " Alerts that wait are taken to be right as often as those decided.",
    };
    if board.recall.is_none() {
        return format!(
            "What was no alert is not known: of the events drawn at random under the threshold none is decided yet.{waiting}"
        );
    }
    let share = number::percent(board.audit_share);
    format!(
        "What was no alert is estimated: {share} of the events under the threshold are drawn at random for audit now; each \
         draw stands for all among which it was drawn, and draws that wait are taken to be fraud as often as those \
         decided.{waiting}"
    )
}

fn scores(board: &Dashboard) -> Vec<ScoreGroup> {
    let verdicts = Verdict::ALL.into_iter().map(Some).chain([None]);
    let group = |verdict: Option<Verdict>| {
        let mut counts = vec![0; BINS];
        for count in board.by_score.iter().filter(|count| count.verdict == verdict) {
            let bin = usize::try_from(count.key).unwrap_or(0) * BINS / 100;
            counts[bin.min(BINS - 1)] += count.cases;
        }
        ScoreGroup { name: verdict.map_or_else(|| String::from("not decided"), |verdict| verdict.to_string()), counts }
    };
    verdicts.map(group).collect()
}

/// What serves, and how much of what it learnt supervisors said.
fn learnt(champion: Option<(VersionDetail, Option<Dataset>)>) -> AnyView {
    let Some((detail, dataset)) = champion else {
        return view! {
            <Panel title="What decides">
                <p>"The heuristic answers: a few rules that stand in for a model until a version is trained and promoted."</p>
                <p><a href=format!("/models/{MODEL}")>"Open the model"</a></p>
            </Panel>
        }
        .into_any();
    };
    let importance = rows_of(&detail).map(|evaluation| evidence::importance(&evaluation.report));
    let facts = facts(&detail, dataset.as_ref());
    view! { {importance}<Panel title="What decides"><DefinitionList items=facts/></Panel> }.into_any()
}

fn rows_of(detail: &VersionDetail) -> Option<&RowEvaluation> {
    detail.inspected.evaluation.as_ref().ok()?.rows()
}

fn facts(detail: &VersionDetail, dataset: Option<&Dataset>) -> Vec<Definition> {
    let (number, trained) = (detail.version.number, detail.version.created_at);
    let href = format!("/models/{MODEL}/versions/{number}");
    let mut facts = vec![
        Definition::view("Serves", view! { <a href=href>{format!("version {number} of {MODEL}")}</a> }),
        Definition::view("Trained", view! { <Time at=trained/> }),
    ];
    if let Some(dataset) = dataset {
        facts.push(Definition::text("Said by people", by_verdicts(dataset)));
    }
    if let Some(evaluation) = rows_of(detail) {
        let report = &evaluation.report;
        let share = |share: Option<f64>| share.map_or_else(|| String::from("–"), number::percent);
        let held_back = format!("n = {} held back", number::count(report.n));
        facts.extend([
            Definition::text("Threshold", report.threshold.map_or_else(|| String::from("–"), number::metric)),
            Definition::text("Precision then", format!("{} ({held_back})", share(report.metrics.precision))),
            Definition::text("Recall then", format!("{} ({held_back})", share(report.metrics.recall))),
        ]);
    }
    facts
}

/// `31 of 25,022 rows, in verdicts on cases`.
pub(super) fn by_verdicts(dataset: &Dataset) -> String {
    let rows = number::counted(dataset.rows, "row", "rows");
    format!("{} of {rows}, in verdicts on cases", number::count(dataset.verdict_rows))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_lead_to_the_cases_that_they_count() {
        assert_eq!(cases_of("fraud", "fraud"), "/cases?state=decided&origin=threshold&verdict=right");
        assert_eq!(cases_of("no fraud", "fraud"), "/cases?state=decided&origin=threshold&verdict=false_positive");
        assert_eq!(cases_of("fraud", "no fraud"), "/cases?state=decided&origin=audit&verdict=right");
    }
}
