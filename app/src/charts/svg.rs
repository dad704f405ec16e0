//! A plotters backend that writes SVG without a colour, a font or a style in it: what plotters thinks of as a colour is
//! an [`Ink`], and an ink is a class.
//!
//! plotters places everything on whole numbers. One pixel of the drawing is therefore ten of its units, and coordinates
//! are written with one decimal.

use std::convert::Infallible;
use std::fmt::Write as _;

use plotters::style::RGBColor;
use plotters_backend::text_anchor::{HPos, VPos};
use plotters_backend::{BackendColor, BackendCoord, BackendStyle, BackendTextStyle, DrawingBackend, DrawingErrorKind};

use crate::shell::escape;

/// Units of plotters in one pixel of the drawing.
pub const UNITS: u32 = 10;
/// Height of letters in pixels, as the stylesheet sets it.
pub const LETTER: u32 = 11;

/// What a line, a shape or a text is; its class.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Ink {
    /// Lines behind the plot.
    Grid,
    /// The lines of the axes.
    Axis,
    /// Numbers and names at the axes.
    Tick,
    /// What would be perfect.
    Ideal,
    /// The threshold.
    Threshold,
    /// The reference.
    Series1,
    /// The current one.
    Series2,
    /// Words beside the reference.
    Label1,
    /// Words beside the current one.
    Label2,
    /// A remark.
    Note,
    /// A shape of the reference that is not filled.
    Outline,
    /// How far a value may lie.
    Interval,
    /// The name of a bar.
    Name,
    /// How far the values of a line may lie.
    Band,
}

impl Ink {
    const ALL: [(Self, &'static str); 14] = [
        (Self::Grid, "grid"),
        (Self::Axis, "axis"),
        (Self::Tick, ""),
        (Self::Ideal, "ideal"),
        (Self::Threshold, "threshold"),
        (Self::Series1, "series-1"),
        (Self::Series2, "series-2"),
        (Self::Label1, "label-1"),
        (Self::Label2, "label-2"),
        (Self::Note, "label-note"),
        (Self::Outline, "outline"),
        (Self::Interval, "interval"),
        (Self::Name, "name"),
        (Self::Band, "band"),
    ];

    /// What plotters carries about in its place.
    #[must_use]
    pub const fn color(self) -> RGBColor {
        RGBColor(0, 0, self as u8)
    }

    fn class(color: BackendColor) -> &'static str {
        Self::ALL.get(usize::from(color.rgb.2)).map_or("", |(_, class)| class)
    }
}

/// Writes what is drawn into a text.
#[derive(Debug)]
pub struct ClassSvg<'a> {
    out: &'a mut String,
    size: (u32, u32),
}

type Drawn = Result<(), DrawingErrorKind<Infallible>>;

impl<'a> ClassSvg<'a> {
    /// Draws into `out`, for a picture of `size` pixels.
    pub fn new(out: &'a mut String, size: (u32, u32)) -> Self {
        Self { out, size: (size.0 * UNITS, size.1 * UNITS) }
    }

    fn open(&mut self, tag: &str, color: BackendColor) {
        let class = Ink::class(color);
        let _ =
            if class.is_empty() { write!(self.out, "<{tag}") } else { write!(self.out, "<{tag} class=\"{class}\"") };
    }

    fn attribute(&mut self, name: &str, units: i32) {
        let _ = write!(self.out, " {name}=\"{}\"", pixels(units));
    }

    fn points(&mut self, path: impl IntoIterator<Item = BackendCoord>) {
        self.out.push_str(" points=\"");
        for (i, (x, y)) in path.into_iter().enumerate() {
            let gap = if i == 0 { "" } else { " " };
            let _ = write!(self.out, "{gap}{},{}", pixels(x), pixels(y));
        }
        self.out.push('"');
    }

    fn close(&mut self) -> Drawn {
        self.out.push_str("/>");
        Ok(())
    }
}

/// `123` units as `12.3`, `120` as `12`.
fn pixels(units: i32) -> String {
    let text = format!("{:.1}", f64::from(units) / f64::from(UNITS));
    text.strip_suffix(".0").map_or(text.clone(), str::to_owned)
}

impl DrawingBackend for ClassSvg<'_> {
    type ErrorType = Infallible;

    fn get_size(&self) -> (u32, u32) {
        self.size
    }

    fn ensure_prepared(&mut self) -> Drawn {
        Ok(())
    }

    fn present(&mut self) -> Drawn {
        Ok(())
    }

    fn draw_pixel(&mut self, _: BackendCoord, _: BackendColor) -> Drawn {
        Ok(())
    }

    fn draw_line<S: BackendStyle>(&mut self, from: BackendCoord, to: BackendCoord, style: &S) -> Drawn {
        self.open("line", style.color());
        for (name, units) in [("x1", from.0), ("y1", from.1), ("x2", to.0), ("y2", to.1)] {
            self.attribute(name, units);
        }
        self.close()
    }

    fn draw_rect<S: BackendStyle>(&mut self, from: BackendCoord, to: BackendCoord, style: &S, _: bool) -> Drawn {
        let (left, right) = (from.0.min(to.0), from.0.max(to.0));
        let (top, bottom) = (from.1.min(to.1), from.1.max(to.1));
        self.open("rect", style.color());
        for (name, units) in [("x", left), ("y", top), ("width", right - left), ("height", bottom - top)] {
            self.attribute(name, units);
        }
        self.close()
    }

    fn draw_path<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(&mut self, path: I, style: &S) -> Drawn {
        self.open("polyline", style.color());
        self.points(path);
        self.close()
    }

    fn fill_polygon<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(&mut self, path: I, style: &S) -> Drawn {
        self.open("polygon", style.color());
        self.points(path);
        self.close()
    }

    fn draw_circle<S: BackendStyle>(&mut self, center: BackendCoord, radius: u32, style: &S, _: bool) -> Drawn {
        self.open("circle", style.color());
        let radius = i32::try_from(radius).unwrap_or(i32::MAX);
        for (name, units) in [("cx", center.0), ("cy", center.1), ("r", radius)] {
            self.attribute(name, units);
        }
        self.close()
    }

    fn draw_text<S: BackendTextStyle>(&mut self, text: &str, style: &S, at: BackendCoord) -> Drawn {
        let anchor = match style.anchor().h_pos {
            HPos::Left => "",
            HPos::Center => " text-anchor=\"middle\"",
            HPos::Right => " text-anchor=\"end\"",
        };
        let letter = i32::try_from(LETTER * UNITS).unwrap_or(0);
        let down = match style.anchor().v_pos {
            VPos::Top => letter * 4 / 5,
            VPos::Center => letter * 7 / 20,
            VPos::Bottom => -letter / 5,
        };
        self.open("text", style.color());
        self.attribute("x", at.0);
        self.attribute("y", at.1 + down);
        let _ = write!(self.out, "{anchor}>{}</text>", escape(text));
        Ok(())
    }

    /// The page's letters are not known here; most take a little more than half their height.
    fn estimate_text_size<S: BackendTextStyle>(
        &self,
        text: &str,
        _: &S,
    ) -> Result<(u32, u32), DrawingErrorKind<Infallible>> {
        let letters = u32::try_from(text.chars().count()).unwrap_or(u32::MAX);
        Ok((letters.saturating_mul(LETTER * UNITS * 6 / 10), LETTER * UNITS))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_ink_keeps_its_class() {
        for (i, (ink, class)) in Ink::ALL.into_iter().enumerate() {
            assert_eq!(ink as usize, i);
            let color = ink.color();
            assert_eq!(Ink::class(BackendColor { alpha: 1.0, rgb: (color.0, color.1, color.2) }), class);
        }
    }

    #[test]
    fn coordinates_are_short() {
        assert_eq!(pixels(120), "12");
        assert_eq!(pixels(123), "12.3");
        assert_eq!(pixels(-5), "-0.5");
    }
}
