//! The quarter as a picture for the documents: F1 of each week with promotion and without, and what the desk did.

use domain::retraining::{Standing, Trigger};

use crate::story::{Story, WEEKS};
use crate::world::DRIFT_DAY;

const WIDTH: f64 = 840.0;
const HEIGHT: f64 = 400.0;
const LEFT: f64 = 60.0;
const RIGHT: f64 = 20.0;
const TOP: f64 = 54.0;
const BOTTOM: f64 = 96.0;

/// An SVG that stands by itself.
pub(crate) fn drawn(with: &Story, without: &Story) -> String {
    let parts = [
        head(),
        grid(),
        drift(),
        line(&without.weeks, "#b45309", "6 5"),
        line(&with.weeks, "#1d4ed8", ""),
        label(&with.weeks, "#1d4ed8", "with promotion"),
        label(&without.weeks, "#b45309", "without"),
        marks(with),
        String::from("</svg>\n"),
    ];
    parts.concat()
}

fn head() -> String {
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" \
         font-family=\"system-ui, sans-serif\" font-size=\"13\">\n\
         <title>F1 of each week of a simulated quarter, with promotion and without</title>\n\
         <rect width=\"{WIDTH}\" height=\"{HEIGHT}\" fill=\"#ffffff\"/>\n\
         <text x=\"{LEFT}\" y=\"24\" font-size=\"15\" font-weight=\"600\" fill=\"#111827\">\
         A changed world, and a model that learns again: F1 of each week</text>\n"
    )
}

fn x(day: f64) -> f64 {
    LEFT + day / (WEEKS * 7) as f64 * (WIDTH - LEFT - RIGHT)
}

fn y(f1: f64) -> f64 {
    TOP + (1.0 - f1) * (HEIGHT - TOP - BOTTOM)
}

/// The middle of a week, counted from 0.
fn middle(week: usize) -> f64 {
    x(week as f64 * 7.0 + 3.5)
}

fn grid() -> String {
    let (end, base) = (WIDTH - RIGHT, y(0.0));
    let value = |fifth: u32| {
        let (at, shown) = (y(f64::from(fifth) / 5.0), f64::from(fifth) / 5.0);
        format!(
            "<line x1=\"{LEFT}\" y1=\"{at:.1}\" x2=\"{end}\" y2=\"{at:.1}\" stroke=\"#e5e7eb\"/>\n\
             <text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\" fill=\"#4b5563\">{shown:.1}</text>\n",
            LEFT - 8.0,
            at + 4.0
        )
    };
    let week = |week: usize| {
        let (at, below) = (middle(week), base + 18.0);
        format!("<text x=\"{at:.1}\" y=\"{below:.1}\" text-anchor=\"middle\" fill=\"#4b5563\">{}</text>\n", week + 1)
    };
    let name = format!("<text x=\"{LEFT}\" y=\"{:.1}\" fill=\"#4b5563\">week</text>\n", base + 34.0);
    (0..=5).map(value).chain((0..WEEKS).map(week)).collect::<String>() + &name
}

fn drift() -> String {
    let (at, base) = (x(DRIFT_DAY as f64), y(0.0));
    format!(
        "<line x1=\"{at:.1}\" y1=\"{TOP}\" x2=\"{at:.1}\" y2=\"{base:.1}\" stroke=\"#6b7280\" stroke-dasharray=\"2 4\"/>\n\
         <text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\" fill=\"#4b5563\">the world changes</text>\n",
        at - 6.0,
        TOP - 6.0
    )
}

fn line(weeks: &[f64], colour: &str, dashes: &str) -> String {
    let point = |(week, f1): (usize, &f64)| format!("{:.1},{:.1}", middle(week), y(*f1));
    let points = weeks.iter().enumerate().map(point).collect::<Vec<_>>().join(" ");
    format!(
        "<polyline points=\"{points}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2.5\" \
         stroke-dasharray=\"{dashes}\"/>\n"
    )
}

fn label(weeks: &[f64], colour: &str, words: &str) -> String {
    let (week, f1) = (weeks.len() - 1, weeks[weeks.len() - 1]);
    let (at, above) = (middle(week) + 20.0, y(f1) - 10.0);
    format!("<text x=\"{at:.1}\" y=\"{above:.1}\" text-anchor=\"end\" fill=\"{colour}\">{words} {f1:.2}</text>\n")
}

/// Trainings below the weeks: a filled mark was promoted, an empty one kept as challenger.
fn marks(story: &Story) -> String {
    let mark = |(trigger, row): (Trigger, f64)| {
        let (at, words) = (y(0.0) + 34.0 + row * 20.0, if trigger == Trigger::Metric { "trigger" } else { "schedule" });
        let own =
            story.runs.iter().filter(|run| (run.run.trigger == Trigger::Schedule) == (trigger == Trigger::Schedule));
        let one = |run: &crate::story::Happening| {
            let fill = if run.run.became == Some(Standing::Champion) { "#1d4ed8" } else { "#ffffff" };
            let (x, saw) = (x(run.day as f64 + 0.5), run.run.saw.replace('<', "&lt;"));
            format!(
                "<circle cx=\"{x:.1}\" cy=\"{at:.1}\" r=\"4\" fill=\"{fill}\" stroke=\"#1d4ed8\"><title>{saw}</title></circle>\n"
            )
        };
        let name =
            format!("<text x=\"{:.1}\" y=\"{:.1}\" fill=\"#4b5563\" font-size=\"11\">{words}</text>\n", 4.0, at + 4.0);
        name + &own.map(one).collect::<String>()
    };
    let foot = format!(
        "<text x=\"{LEFT}\" y=\"{:.1}\" fill=\"#4b5563\" font-size=\"11\">filled: promoted by itself; \
         empty: kept as challenger</text>\n",
        HEIGHT - 6.0
    );
    [(Trigger::Metric, 0.8), (Trigger::Schedule, 1.8)].map(mark).concat() + &foot
}
