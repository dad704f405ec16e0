//! Where the scores of several groups lie, one row of bars for each.

use leptos::prelude::*;
use plotters::prelude::*;

use super::figure::{ChartFigure, Data};
use super::plot::{Drawn, WIDTH, text};
use super::svg::{ClassSvg, Ink, UNITS};
use crate::number;
use plotters::style::text_anchor::{HPos, Pos, VPos};

/// Pixels from row to row, of which the bars may take the lower part.
const ROW: i32 = 66;
const BAR: i32 = 26;
/// Pixels for the axis.
const AXIS: i32 = 18;
/// Pixels at the ends, so that numbers have room.
const MARGIN: i32 = 10;

/// What is counted by score.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScoreGroup {
    /// Its name: `false positive`.
    pub name: String,
    /// How many fell into each of equally wide bins from 0 to 1.
    pub counts: Vec<i64>,
}

/// Each group has bars of its own height: where one outcome is rare, a common scale would hide it. The counts stand on them.
#[component]
pub fn ScoreBars(
    /// The groups.
    groups: Vec<ScoreGroup>,
    /// Where the model says yes.
    #[prop(optional_no_strip, into)]
    threshold: Option<f64>,
) -> impl IntoView {
    let groups: Vec<ScoreGroup> = groups.into_iter().filter(|group| group.counts.iter().any(|n| *n > 0)).collect();
    let height = u32::try_from(groups.len()).unwrap_or(0) * ROW.unsigned_abs() + AXIS.unsigned_abs() + 4;
    let mut body = String::new();
    if groups.is_empty() || drawn(&mut body, height, &groups, threshold).is_err() {
        body.clear();
    }
    let names: Vec<&str> = groups.iter().map(|group| group.name.as_str()).collect();
    let description = format!("Scores by verdict, one row each: {}.", names.join(", "));
    let bins = groups.first().map_or(0, |group| group.counts.len());
    let mut heads = vec![String::from("score")];
    heads.extend(groups.iter().map(|group| group.name.clone()));
    let rows = (0..bins).map(|i| {
        let end = |i: usize| number::fixed(i as f64 / bins as f64, 1);
        let counts = groups.iter().map(|group| number::count(group.counts.get(i).copied().unwrap_or(0)));
        std::iter::once(format!("{}–{}", end(i), end(i + 1))).chain(counts).collect()
    });
    let data = Data { heads, rows: rows.collect() };
    view! { <ChartFigure title="Scores by verdict" description body height data/> }.into_any()
}

fn drawn(body: &mut String, height: u32, groups: &[ScoreGroup], threshold: Option<f64>) -> Drawn {
    let unit = |pixels: i32| pixels * i32::try_from(UNITS).unwrap_or(1);
    let width = i32::try_from(WIDTH).unwrap_or(0);
    let room = f64::from(unit(width - 2 * MARGIN));
    // A score lies from 0 to 1, so that this lies inside the drawing.
    let x = |score: f64| unit(MARGIN) + (score.clamp(0.0, 1.0) * room).round() as i32;
    let style = |ink: Ink, side, up| text(ink).pos(Pos::new(side, up));
    let root = ClassSvg::new(body, (WIDTH, height)).into_drawing_area();
    let bottom = unit(ROW * i32::try_from(groups.len()).unwrap_or(0));
    for (i, group) in groups.iter().enumerate() {
        let base = unit(ROW * (i32::try_from(i).unwrap_or(0) + 1) - 2);
        let most = group.counts.iter().copied().max().unwrap_or(1).max(1) as f64;
        let sum: i64 = group.counts.iter().sum();
        let name = format!("{} ({})", group.name, number::count(sum));
        root.draw(&Text::new(name, (x(0.0), base - unit(ROW - 13)), style(Ink::Name, HPos::Left, VPos::Center)))?;
        let bin = 1.0 / group.counts.len().max(1) as f64;
        for (j, count) in group.counts.iter().enumerate().filter(|(_, count)| **count > 0) {
            let from = j as f64 * bin;
            let top = base - unit(2).max((*count as f64 / most * f64::from(unit(BAR))).round() as i32);
            let bar = [(x(from + bin * 0.06), top), (x(from + bin * 0.94), base)];
            root.draw(&Rectangle::new(bar, Ink::Series2.color().filled()))?;
            let at = (x(from + bin / 2.0), top - unit(1));
            root.draw(&Text::new(number::count(*count), at, style(Ink::Tick, HPos::Center, VPos::Bottom)))?;
        }
        root.draw(&PathElement::new(vec![(x(0.0), base), (x(1.0), base)], Ink::Axis.color()))?;
        if let Some(threshold) = threshold {
            let line = vec![(x(threshold), base - unit(BAR + 14)), (x(threshold), base)];
            root.draw(&PathElement::new(line, Ink::Threshold.color()))?;
        }
    }
    for (score, label) in [(0.0, "0"), (0.25, "0.25"), (0.5, "0.5"), (0.75, "0.75"), (1.0, "1")] {
        let at = (x(score), bottom + unit(4));
        root.draw(&Text::new(label, at, style(Ink::Tick, HPos::Center, VPos::Top)))?;
    }
    root.present()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_of_nothing_are_left_out_and_the_threshold_is_drawn() {
        let group = |name: &str, counts: [i64; 10]| ScoreGroup { name: name.into(), counts: counts.to_vec() };
        let groups = vec![group("false positive", [0, 0, 0, 0, 0, 4, 2, 0, 0, 1]), group("confirmed risk", [0; 10])];
        let html = view! { <ScoreBars groups threshold=Some(0.5)/> }.to_html();
        assert_eq!(html.matches("<rect").count(), 3, "{html}");
        assert!(html.contains("false positive (7)") && !html.contains("confirmed risk"));
        assert!(html.contains("class=\"threshold\"") && html.contains("0.9–1.0"));
    }
}
