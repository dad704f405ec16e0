//! Charts as inline SVG that takes its colours and letters from the page.
//!
//! [plotters] computes scales, ticks and positions; [`svg`] writes what it draws with classes in place of colours, so that
//! dark mode, contrast and print are the stylesheet's affair. Each chart has a title and a description for those who
//! hear it, words beside its lines, and its points as a table behind a disclosure. Series 1 is the reference, dashed;
//! series 2 the current one.

mod calibration;
mod curves;
mod day_bars;
mod day_rates;
mod day_strip;
mod figure;
mod importance;
mod period_lines;
mod plot;
mod score_bars;
mod score_histogram;
mod score_spread;
mod site_map;
pub mod svg;
mod thin;
mod week_lines;

pub use calibration::Calibration;
pub use curves::{PrecisionRecall, Roc};
pub use day_bars::{DayBars, Part, date};
pub use day_rates::{DayRate, DayRates};
pub use day_strip::{DayStrip, Dot};
pub use importance::{Importance, ImportanceChart};
pub use period_lines::{PeriodLines, PeriodPoint};
pub use score_bars::{ScoreBars, ScoreGroup};
pub use score_histogram::ScoreHistogram;
pub use score_spread::ScoreSpread;
pub use site_map::SiteMap;
pub use week_lines::{WeekLine, WeekLines};

/// A named line.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    /// The words beside it: `v7`.
    pub name: String,
    /// Its points, in the order in which they are joined.
    pub points: Vec<(f64, f64)>,
}

/// A point that stands out: where the threshold lies.
#[derive(Clone, Debug, PartialEq)]
pub struct Marker {
    /// The point.
    pub at: (f64, f64),
    /// `threshold 0.61`.
    pub text: String,
}
