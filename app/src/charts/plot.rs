//! Axes and lines on them: the part of a chart that plotters computes.

use std::convert::Infallible;
use std::ops::Range;

use plotters::coord::Shift;
use plotters::coord::types::RangedCoordf64;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::svg::{ClassSvg, Ink, LETTER, UNITS};

/// Size of every drawing in pixels; the stylesheet lets it grow to the panel's width, up to a limit.
pub(super) const WIDTH: u32 = 360;

/// The plot area while it is drawn.
pub(super) type Chart<'a, 'b> = ChartContext<'a, ClassSvg<'b>, Cartesian2d<RangedCoordf64, RangedCoordf64>>;
/// Nothing can fail but plotters' own layout.
pub(super) type Drawn = Result<(), DrawingAreaErrorKind<Infallible>>;

/// An axis.
pub(super) struct Axis {
    /// From where to where.
    pub(super) range: Range<f64>,
    /// About how many numbers stand at it.
    pub(super) labels: usize,
    /// What is measured.
    pub(super) name: &'static str,
    /// How its numbers are written.
    pub(super) write: fn(f64) -> String,
}

impl Axis {
    /// From 0 to 1.
    pub(super) fn share(name: &'static str, labels: usize) -> Self {
        Self { range: 0.0..1.0, labels, name, write: crate::number::value }
    }
}

/// Where a text stands relative to its point.
#[derive(Clone, Copy)]
pub(super) enum Side {
    AboveRight,
    AboveLeft,
    BelowRight,
    BelowLeft,
    Above,
    Right,
    Left,
}

/// Draws axes `height` pixels high and lets `draw` put something on them. An empty text if plotters finds no room.
pub(super) fn plot(height: u32, x: &Axis, y: &Axis, draw: impl FnOnce(&mut Chart<'_, '_>) -> Drawn) -> String {
    let mut body = String::new();
    let drawn = axes(&mut body, height, x, y, draw);
    if drawn.is_ok() { body } else { String::new() }
}

fn axes(body: &mut String, height: u32, x: &Axis, y: &Axis, draw: impl FnOnce(&mut Chart<'_, '_>) -> Drawn) -> Drawn {
    let root = ClassSvg::new(body, (WIDTH, height)).into_drawing_area();
    let y_ticks = [y.range.start, y.range.end].map(|end| (y.write)(end).chars().count());
    let y_room = 14 + 7 * u32::try_from(y_ticks.into_iter().max().unwrap_or(4).clamp(3, 8)).unwrap_or(4);
    let mut chart = ChartBuilder::on(&root)
        .margin_top(20 * UNITS)
        .margin_right(12 * UNITS)
        .x_label_area_size(36 * UNITS)
        .y_label_area_size(y_room * UNITS)
        .build_cartesian_2d(x.range.clone(), y.range.clone())?;
    let tick = text(Ink::Tick);
    chart
        .configure_mesh()
        .disable_x_mesh()
        .bold_line_style(Ink::Grid.color())
        .max_light_lines(0)
        .axis_style(Ink::Axis.color())
        .set_all_tick_mark_size(4 * UNITS)
        .x_labels(x.labels)
        .y_labels(y.labels)
        .x_label_formatter(&|value| (x.write)(*value))
        .y_label_formatter(&|value| (y.write)(*value))
        .label_style(tick.clone())
        .axis_desc_style(tick)
        .x_desc(x.name)
        .draw()?;
    name_of_y(&root, y, y_room)?;
    draw(&mut chart)?;
    root.present()
}

/// Above its axis and upright, where it is read first.
fn name_of_y(root: &DrawingArea<ClassSvg<'_>, Shift>, y: &Axis, room: u32) -> Drawn {
    let left = i32::try_from(room.saturating_sub(24) * UNITS).unwrap_or(0);
    root.draw(&Text::new(y.name.to_owned(), (left, 0), text(Ink::Tick).pos(Pos::new(HPos::Left, VPos::Top))))
}

/// A line through `points`.
pub(super) fn line(chart: &mut Chart<'_, '_>, points: Vec<(f64, f64)>, ink: Ink) -> Drawn {
    chart.draw_series(std::iter::once(PathElement::new(points, ink.color())))?;
    Ok(())
}

/// Dots at `points`, `radius` tenths of a pixel large.
pub(super) fn dots(chart: &mut Chart<'_, '_>, points: &[(f64, f64)], radius: u32, ink: Ink) -> Drawn {
    chart.draw_series(points.iter().map(|point| Circle::new(*point, radius, ink.color().filled())))?;
    Ok(())
}

/// `words` beside `at`, inside the plot as far as its letters can be guessed.
pub(super) fn words(chart: &mut Chart<'_, '_>, words: &str, at: (f64, f64), side: Side, ink: Ink) -> Drawn {
    let (horizontal, vertical, dx, dy) = match side {
        Side::AboveRight => (HPos::Left, VPos::Bottom, 60, -40),
        Side::AboveLeft => (HPos::Right, VPos::Bottom, -60, -40),
        Side::BelowRight => (HPos::Left, VPos::Top, 60, 40),
        Side::BelowLeft => (HPos::Right, VPos::Top, -60, 40),
        Side::Above => (HPos::Center, VPos::Bottom, 0, -60),
        Side::Right => (HPos::Left, VPos::Center, 80, 0),
        Side::Left => (HPos::Right, VPos::Center, -80, 0),
    };
    let area = chart.plotting_area();
    let (left, top) = area.map_coordinate(&at);
    let (columns, rows) = area.get_pixel_range();
    let (width, height) = (guessed_width(words), i32::try_from(LETTER * UNITS).unwrap_or(0));
    let before = match horizontal {
        HPos::Left => 0,
        HPos::Center => width / 2,
        HPos::Right => width,
    };
    let above = match vertical {
        VPos::Top => 0,
        VPos::Center => height / 2,
        VPos::Bottom => height,
    };
    let x = clamp(left + dx, columns.start + before + 30, columns.end - (width - before));
    let y = clamp(top + dy, rows.start + above, rows.end - (height - above) - 20);
    let style = text(ink).pos(Pos::new(horizontal, vertical));
    let free = area.strip_coord_spec();
    let (origin_x, origin_y) = free.get_base_pixel();
    free.draw(&Text::new(words.to_owned(), (x - origin_x, y - origin_y), style))
}

/// Letters of the size that the stylesheet sets.
pub(super) fn text(ink: Ink) -> TextStyle<'static> {
    let mut style = TextStyle::from(("sans-serif", LETTER * UNITS).into_font());
    style.color = ink.color().to_backend_color();
    style
}

fn guessed_width(words: &str) -> i32 {
    i32::try_from(words.chars().count()).unwrap_or(0) * i32::try_from(LETTER * UNITS).unwrap_or(0) * 6 / 10
}

/// Like [`Ord::clamp`], but without a panic where there is no room at all.
fn clamp(value: i32, least: i32, most: i32) -> i32 {
    value.min(most).max(least)
}
