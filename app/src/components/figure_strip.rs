//! The figures that answer before anybody scrolls, each against its reference in words.

use leptos::prelude::*;

use crate::number::Unit;

/// What a difference means, whichever way is up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Judgement {
    /// Better than the reference.
    Better,
    /// Worse than the reference.
    Worse,
    /// No difference that shows.
    Same,
}

/// How a figure differs from its reference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Signed: `+6.0 pt`; empty when it is the same.
    pub text: String,
    /// What that means.
    pub judgement: Judgement,
    /// Whether the value went up, for the arrow.
    pub rose: bool,
}

impl Difference {
    /// `value` against `reference`.
    #[must_use]
    pub fn of(unit: Unit, value: f64, reference: f64, higher_is_better: bool) -> Self {
        let rose = value > reference;
        match unit.write_pair(value, reference).2 {
            None => Self { text: String::new(), judgement: Judgement::Same, rose },
            Some(text) => {
                let judgement = if rose == higher_is_better { Judgement::Better } else { Judgement::Worse };
                Self { text, judgement, rose }
            }
        }
    }

    fn words(&self) -> (&'static str, String) {
        let arrow = if self.rose { "▲" } else { "▼" };
        match self.judgement {
            Judgement::Better => ("figure-difference figure-better", format!("{arrow} {} better", self.text)),
            Judgement::Worse => ("figure-difference figure-worse", format!("{arrow} {} worse", self.text)),
            Judgement::Same => ("figure-difference figure-same", String::from("= same")),
        }
    }
}

/// One figure of a strip.
#[derive(Clone, Debug, PartialEq)]
pub struct Figure {
    /// `Recall`.
    pub name: String,
    /// As written: `82.1 %`.
    pub value: String,
    /// Against the reference.
    pub difference: Option<Difference>,
    /// A line below: `95 %: 79.0 – 84.6 %`.
    pub note: Option<String>,
}

impl Figure {
    /// A figure that is already written.
    pub fn new(name: impl Into<String>, value: impl Into<String>) -> Self {
        Self { name: name.into(), value: value.into(), difference: None, note: None }
    }

    /// A figure against its reference, with the digits it takes to tell them apart.
    pub fn compared(
        name: impl Into<String>,
        unit: Unit,
        value: f64,
        reference: Option<f64>,
        higher_is_better: bool,
    ) -> Self {
        let Some(reference) = reference else { return Self::new(name, unit.write(value)) };
        let difference = Difference::of(unit, value, reference, higher_is_better);
        Self { difference: Some(difference), ..Self::new(name, unit.write_pair(value, reference).0) }
    }

    /// The same with a line below.
    #[must_use]
    pub fn with_note(mut self, note: impl Into<String>) -> Self {
        self.note = Some(note.into());
        self
    }
}

/// The strip of figures under the lead.
#[component]
pub fn FigureStrip(
    /// The figures, most important first.
    figures: Vec<Figure>,
) -> impl IntoView {
    let tiles = figures.into_iter().map(|figure| {
        let difference = figure.difference.map(|difference| {
            let (class, words) = difference.words();
            view! { <dd class=class>{words}</dd> }
        });
        view! {
            <div class="figure">
                <dt>{figure.name}</dt>
                <dd class="figure-value">{figure.value}</dd>
                {difference}
                {figure.note.map(|note| view! { <dd class="figure-note">{note}</dd> })}
            </div>
        }
    });
    view! { <dl class="figure-strip">{tiles.collect_view()}</dl> }.into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn better_depends_on_which_way_is_up() {
        let recall = Difference::of(Unit::Share, 0.821, 0.761, true);
        assert_eq!((recall.judgement, recall.rose), (Judgement::Better, true));
        let alarms = Difference::of(Unit::Share, 0.019, 0.024, false);
        assert_eq!((alarms.judgement, alarms.rose), (Judgement::Better, false));
        let error = Difference::of(Unit::Plain, 0.025, 0.021, false);
        assert_eq!(error.judgement, Judgement::Worse);
        assert_eq!(Difference::of(Unit::Milliseconds, 0.8, 0.8, false).judgement, Judgement::Same);
    }

    #[test]
    fn the_words_say_what_the_colour_says() {
        let (class, words) = Difference::of(Unit::Plain, 0.842, 0.805, true).words();
        assert!(class.contains("better"));
        assert_eq!(words, "▲ +0.037 better");
    }
}
