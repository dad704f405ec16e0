//! How much a model would lose without each feature.

use leptos::prelude::*;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::figure::{ChartFigure, Data};
use super::plot::{Drawn, WIDTH, text};
use super::svg::{ClassSvg, Ink, UNITS};
use crate::number;

/// Bars drawn; the table lists all.
const MOST_BARS: usize = 15;
/// Pixels from bar to bar.
const ROW: i32 = 24;
/// Pixels for names.
const NAMES: i32 = 150;
/// Pixels for values.
const VALUES: i32 = 50;

/// One feature.
#[derive(Clone, Debug, PartialEq)]
pub struct Importance {
    /// Its name.
    pub name: String,
    /// What the metric loses when its values are shuffled.
    pub value: f64,
    /// The same at the ends of the interval over repeated shuffling.
    pub interval: Option<(f64, f64)>,
}

/// Horizontal bars with intervals, most important first.
#[component]
pub fn ImportanceChart(
    /// The features, most important first.
    items: Vec<Importance>,
    /// What is measured: `loss of PR-AUC when shuffled`.
    #[prop(into)]
    measure: String,
) -> impl IntoView {
    let shown = items.len().min(MOST_BARS);
    let height = u32::try_from(shown).unwrap_or(0) * ROW.unsigned_abs() + 6;
    let mut body = String::new();
    if bars(&mut body, height, &items[..shown]).is_err() {
        body.clear();
    }
    let description = match items.first() {
        Some(first) => format!("{measure}; the most important of {} is {}.", items.len(), first.name),
        None => measure.clone(),
    };
    let heads = vec![String::from("feature"), measure, String::from("interval")];
    let rows = items.into_iter().map(|item| {
        let interval = item.interval.map_or_else(
            || String::from("–"),
            |(low, high)| format!("{} to {}", number::fixed(low, 4), number::fixed(high, 4)),
        );
        vec![item.name, number::fixed(item.value, 4), interval]
    });
    let data = Data { heads, rows: rows.collect() };
    view! { <ChartFigure title="Feature importance" description body height data/> }.into_any()
}

fn bars(body: &mut String, height: u32, items: &[Importance]) -> Drawn {
    let unit = |pixels: i32| pixels * i32::try_from(UNITS).unwrap_or(1);
    let width = i32::try_from(WIDTH).unwrap_or(0);
    let ends = || items.iter().flat_map(|item| [item.value, item.interval.map_or(item.value, |i| i.1)]);
    let most = ends().filter(|end| end.is_finite()).fold(0.0, f64::max);
    let starts = || items.iter().flat_map(|item| [item.value, item.interval.map_or(item.value, |i| i.0)]);
    let least = starts().filter(|start| start.is_finite()).fold(0.0, f64::min);
    let span = if most > least { most - least } else { 1.0 };
    // A value lies from `least` to `most`, so that this lies inside the drawing.
    let room = f64::from(unit(width - NAMES - VALUES));
    let x = |value: f64| unit(NAMES) + ((value - least) / span * room).round() as i32;
    let style = |ink: Ink, side| text(ink).pos(Pos::new(side, VPos::Center));
    let root = ClassSvg::new(body, (WIDTH, height)).into_drawing_area();
    for (i, item) in items.iter().enumerate().filter(|(_, item)| item.value.is_finite()) {
        let middle = unit(ROW * i32::try_from(i).unwrap_or(0) + ROW / 2 + 3);
        let bar = [(x(0.0), middle - unit(5)), (x(item.value), middle + unit(5))];
        root.draw(&Text::new(shortened(&item.name), (unit(NAMES - 8), middle), style(Ink::Name, HPos::Right)))?;
        root.draw(&Rectangle::new(bar, Ink::Series2.color().filled()))?;
        let mut end = item.value.max(0.0);
        if let Some((low, high)) = item.interval {
            let whisker = vec![(x(low), middle), (x(high), middle)];
            root.draw(&PathElement::new(whisker, Ink::Interval.color()))?;
            end = end.max(high);
        }
        let value = number::fixed(item.value, 3);
        root.draw(&Text::new(value, (x(end) + unit(6), middle), style(Ink::Tick, HPos::Left)))?;
    }
    root.draw(&PathElement::new(
        vec![(x(0.0), unit(3)), (x(0.0), unit(i32::try_from(height).unwrap_or(0) - 3))],
        Ink::Axis.color(),
    ))?;
    root.present()
}

/// A name that fits; the table has it whole.
fn shortened(name: &str) -> String {
    let fits = 22;
    if name.chars().count() <= fits { name.to_owned() } else { name.chars().take(fits - 1).chain(['…']).collect() }
}
