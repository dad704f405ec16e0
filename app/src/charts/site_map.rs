//! Where an event happened, seen from its site: a plan without streets, true to scale.

use std::fmt::Write as _;

use domain::attendance::{Position, distance_meters};
use leptos::prelude::*;

use crate::number;
use crate::shell::escape;

const WIDTH: f64 = 480.0;
const HEIGHT: f64 = 220.0;
/// Room for words above points and the scale below.
const MARGIN: f64 = 36.0;
/// Nothing is drawn larger than this many metres across: GPS is not better.
const LEAST_METERS: f64 = 200.0;

/// The site, the event, and how far they are apart.
#[component]
pub fn SiteMap(
    /// Name of the site.
    #[prop(into)]
    site: String,
    /// Where it is.
    position: Position,
    /// `check-in`, `check-out`.
    #[prop(into)]
    event: String,
    /// Where the event happened.
    at: Position,
    /// Where the same employee's other events happened.
    others: Vec<Position>,
    /// How far from the site they usually are, in metres.
    #[prop(optional_no_strip)]
    usual: Option<f64>,
) -> impl IntoView {
    let distance = distance_meters(position, at);
    let mut label = format!("{event} {} from {site}", number::distance(distance));
    if let Some(usual) = usual {
        let _ = write!(label, "; usually {}", number::distance(usual));
    }
    let plan = Plan::around(position, at, usual.unwrap_or(0.0));
    let drawing = drawing(&plan, &site, &event, (position, at), &others, usual);
    view! {
        <svg class="site-map" viewBox="0 0 480 220" role="img" aria-label=label>
            <g inner_html=drawing></g>
        </svg>
    }
    .into_any()
}

/// An equirectangular projection about a point: at the size of a town its error is below a pixel.
struct Plan {
    middle: Position,
    pixels_per_meter: f64,
}

impl Plan {
    fn around(site: Position, at: Position, usual: f64) -> Self {
        let half = |a: f64, b: f64| f64::midpoint(a, b);
        let middle = Position {
            latitude: half(site.latitude, at.latitude),
            longitude: site.longitude + turn(at.longitude - site.longitude) / 2.0,
        };
        let (east, north) = offset(middle, site);
        let (wide, high) = (2.0 * (east.abs() + usual), 2.0 * (north.abs() + usual));
        let fits = |room: f64, meters: f64| (room - 2.0 * MARGIN) / meters.max(LEAST_METERS);
        Self { middle, pixels_per_meter: fits(WIDTH, wide).min(fits(HEIGHT, high)) }
    }

    fn place(&self, at: Position) -> (f64, f64) {
        let (east, north) = offset(self.middle, at);
        (WIDTH / 2.0 + east * self.pixels_per_meter, HEIGHT / 2.0 - north * self.pixels_per_meter)
    }

    fn holds(&self, (x, y): (f64, f64)) -> bool {
        (4.0..WIDTH - 4.0).contains(&x) && (4.0..HEIGHT - 4.0).contains(&y) && self.pixels_per_meter.is_finite()
    }
}

/// Metres east and north of `from`.
fn offset(from: Position, to: Position) -> (f64, f64) {
    let degree =
        distance_meters(Position { latitude: 0.0, longitude: 0.0 }, Position { latitude: 1.0, longitude: 0.0 });
    let east = turn(to.longitude - from.longitude) * degree * from.latitude.to_radians().cos();
    (east, (to.latitude - from.latitude) * degree)
}

/// The shorter way around the earth, in degrees.
fn turn(degrees: f64) -> f64 {
    (degrees + 540.0).rem_euclid(360.0) - 180.0
}

fn drawing(
    plan: &Plan,
    site: &str,
    event: &str,
    (position, at): (Position, Position),
    others: &[Position],
    usual: Option<f64>,
) -> String {
    let (home, there) = (plan.place(position), plan.place(at));
    let mut svg = String::new();
    if let Some(usual) = usual {
        let radius = (usual * plan.pixels_per_meter).max(8.0);
        let _ = write!(svg, r#"<circle class="usual" cx="{:.1}" cy="{:.1}" r="{radius:.1}"/>"#, home.0, home.1);
    }
    for (x, y) in others.iter().map(|other| plan.place(*other)).filter(|place| plan.holds(*place)) {
        let _ = write!(svg, r#"<circle class="other" cx="{x:.1}" cy="{y:.1}" r="2"/>"#);
    }
    let _ = write!(svg, r#"<line x1="{:.1}" y1="{:.1}" x2="{:.1}" y2="{:.1}"/>"#, home.0, home.1, there.0, there.1);
    let _ = write!(svg, r#"<circle class="home" cx="{:.1}" cy="{:.1}" r="5"/>"#, home.0, home.1);
    let _ = write!(svg, r#"<circle class="there" cx="{:.1}" cy="{:.1}" r="6"/>"#, there.0, there.1);
    // the words of the two must not lie on each other
    let above = if there.1 <= home.1 { (18.0, -12.0) } else { (-12.0, 20.0) };
    text(&mut svg, (home.0, home.1 + above.0), site);
    let words = format!("{event}, {}", number::distance(distance_meters(position, at)));
    text(&mut svg, (there.0, there.1 + above.1), &words);
    scale(&mut svg, plan.pixels_per_meter);
    svg
}

/// Words about a point, kept inside the drawing.
fn text(svg: &mut String, (x, y): (f64, f64), words: &str) {
    let half = words.chars().count() as f64 * 3.2;
    let x = x.clamp(half.min(WIDTH / 2.0), (WIDTH - half).max(WIDTH / 2.0));
    let _ = write!(svg, r#"<text x="{x:.1}" y="{y:.1}" text-anchor="middle">{}</text>"#, escape(words));
}

fn scale(svg: &mut String, pixels_per_meter: f64) {
    let meters = round_length(90.0 / pixels_per_meter);
    let (end, y) = (12.0 + meters * pixels_per_meter, HEIGHT - 12.0);
    let _ = write!(svg, r#"<path class="scale" d="M12 {y}H{end:.1}"/>"#);
    let _ = write!(svg, r#"<text x="{:.1}" y="{:.1}">{}</text>"#, end + 6.0, y + 4.0, number::distance(meters));
}

/// The largest of 1, 2, 5 × 10ⁿ that is not above `most`.
fn round_length(most: f64) -> f64 {
    let ten = 10_f64.powf(most.log10().floor());
    [5.0, 2.0].into_iter().map(|factor| factor * ten).find(|length| *length <= most).unwrap_or(ten)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SITE: Position = Position { latitude: 52.5, longitude: 13.4 };

    #[test]
    fn the_scale_is_round() {
        assert_eq!([round_length(90.0), round_length(2_100.0), round_length(0.7)], [50.0, 2_000.0, 0.5]);
    }

    #[test]
    fn what_is_apart_is_drawn_inside_and_true_to_scale() {
        let at = Position { latitude: 52.51, longitude: 13.43 };
        let plan = Plan::around(SITE, at, 40.0);
        let (home, there) = (plan.place(SITE), plan.place(at));
        assert!(plan.holds(home) && plan.holds(there));
        let drawn = (there.0 - home.0).hypot(there.1 - home.1) / plan.pixels_per_meter;
        assert!((drawn / distance_meters(SITE, at) - 1.0).abs() < 0.01);
        assert!(there.0 > home.0 && there.1 < home.1, "east is right, north is up");
    }

    #[test]
    fn the_other_side_of_the_date_line_is_near() {
        let (site, at) =
            (Position { latitude: 0.0, longitude: 179.999 }, Position { latitude: 0.0, longitude: -179.999 });
        let plan = Plan::around(site, at, 0.0);
        assert!(plan.holds(plan.place(site)) && plan.holds(plan.place(at)));
    }

    #[test]
    fn names_cannot_write_markup() {
        let plan = Plan::around(SITE, SITE, 40.0);
        assert!(!drawing(&plan, "<b>", "check-in", (SITE, SITE), &[], None).contains("<b>"));
    }
}
