//! Fewer points, the same line.

/// Points a line is drawn with, at most.
pub(super) const DRAWN: usize = 100;
/// Points a line's table lists, at most.
pub(super) const LISTED: usize = 25;

/// At most `most` of `points`, spread evenly along the line (not along its index: a curve of 20,000 rows often spends
/// nearly all of them in one corner). The first and the last stay. Points that are no numbers go.
pub(super) fn thin(points: &[(f64, f64)], most: usize) -> Vec<(f64, f64)> {
    let points: Vec<_> = points.iter().copied().filter(|(x, y)| x.is_finite() && y.is_finite()).collect();
    if points.len() <= most || most < 2 {
        return points;
    }
    let (width, height) = (extent(points.iter().map(|p| p.0)), extent(points.iter().map(|p| p.1)));
    let distance = |a: (f64, f64), b: (f64, f64)| ((a.0 - b.0) / width).abs() + ((a.1 - b.1) / height).abs();
    let length: f64 = points.windows(2).map(|pair| distance(pair[0], pair[1])).sum();
    let step = length / (most - 1) as f64;
    let mut kept = vec![points[0]];
    let (mut travelled, mut next) = (0.0, step);
    for pair in points.windows(2) {
        travelled += distance(pair[0], pair[1]);
        // One place is left for the last point.
        if travelled >= next && kept.len() < most - 1 {
            kept.push(pair[1]);
            next = (travelled / step).floor().mul_add(step, step);
        }
    }
    let last = points[points.len() - 1];
    if kept.last() != Some(&last) {
        kept.push(last);
    }
    kept
}

fn extent(values: impl Iterator<Item = f64> + Clone) -> f64 {
    let least = values.clone().fold(f64::INFINITY, f64::min);
    let most = values.fold(f64::NEG_INFINITY, f64::max);
    if most > least { most - least } else { 1.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_line_keeps_its_ends_and_its_shape() {
        // A quarter circle that spends most of its points near one end.
        let points: Vec<_> = (0..=20_000)
            .map(|i| {
                let angle = (f64::from(i) / 20_000.0).powi(4) * std::f64::consts::FRAC_PI_2;
                (angle.sin(), angle.cos())
            })
            .collect();
        let thinned = thin(&points, DRAWN);
        assert!(thinned.len() <= DRAWN && thinned.len() > DRAWN / 2, "{}", thinned.len());
        assert_eq!((thinned[0], thinned.last()), (points[0], points.last()));
        let longest = thinned.windows(2).map(|p| (p[0].0 - p[1].0).hypot(p[0].1 - p[1].1)).fold(0.0, f64::max);
        assert!(longest < 0.05, "{longest}");
    }

    #[test]
    fn short_lines_and_gaps_are_left_alone() {
        assert_eq!(thin(&[(0.0, 1.0), (1.0, f64::NAN), (1.0, 0.0)], DRAWN), [(0.0, 1.0), (1.0, 0.0)]);
        assert!(thin(&[], DRAWN).is_empty());
        let same = vec![(1.0, 1.0); 500];
        assert!(thin(&same, DRAWN).len() <= DRAWN);
    }
}
