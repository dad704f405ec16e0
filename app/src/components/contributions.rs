//! Why a score is what it is: one signed bar for each reason.

use leptos::prelude::*;

use crate::number;

/// One reason.
#[derive(Clone, Debug, PartialEq)]
pub struct Contribution {
    /// In words: `Checked in 2.4 km from the site`.
    pub words: String,
    /// What it is compared with: `usual: 40 m`.
    pub detail: Option<String>,
    /// What it adds to the score; negative takes away.
    pub amount: f64,
}

/// The reasons, largest first, as they are given.
#[component]
pub fn Contributions(
    /// The reasons.
    items: Vec<Contribution>,
    /// Where the score starts before any reason is known.
    #[prop(optional_no_strip, into)]
    base: Option<f64>,
    /// What the score comes to with all reasons, shown and not shown.
    #[prop(optional_no_strip, into)]
    sum: Option<f64>,
) -> impl IntoView {
    let amounts = || items.iter().map(|item| item.amount).filter(|amount| amount.is_finite());
    let most = amounts().fold(0.0, f64::max);
    let least = amounts().fold(0.0, f64::min);
    let shown: f64 = amounts().sum();
    let scale = Scale { least, span: if most > least { most - least } else { 1.0 } };
    let rest = base.zip(sum).map(|(base, sum)| sum - base - shown).filter(|rest| rest.abs() >= 0.005);
    let lines = items.into_iter().map(|item| line(item, &scale)).collect_view();
    view! {
        <ul class="contributions">
            {base.map(|base| aside("contribution contribution-rest", "before any reason", number::fixed(base, 2)))}
            {lines}
            {rest.map(|rest| aside("contribution contribution-rest", "all other reasons", number::signed(rest, 2)))}
            {sum.map(|sum| aside("contribution contributions-sum", "together", number::fixed(sum, 2)))}
        </ul>
    }
    .into_any()
}

/// Where zero is and how long one is, in hundredths of the drawing.
struct Scale {
    least: f64,
    span: f64,
}

impl Scale {
    fn at(&self, amount: f64) -> f64 {
        (amount - self.least) / self.span * 100.0
    }
}

fn line(item: Contribution, scale: &Scale) -> impl IntoView + use<> {
    let (zero, end) = (scale.at(0.0), scale.at(item.amount));
    let (class, says) = if item.amount < 0.0 { ("against", "lowers the score") } else { ("for", "raises the score") };
    let place = |x: f64| format!("{x:.1}");
    view! {
        <li class="contribution">
            <span>{item.words}{item.detail.map(|detail| view! { <small>{detail}</small> })}</span>
            <svg viewBox="0 0 100 16" preserveAspectRatio="none" aria-hidden="true">
                <rect class=class x=place(zero.min(end)) y="4" width=place((end - zero).abs()) height="8"></rect>
                <line class="axis" x1=place(zero) y1="1" x2=place(zero) y2="15"></line>
            </svg>
            <span class="contribution-value">
                {number::signed(item.amount, 2)}
                <span class="visually-hidden">{format!(", {says}")}</span>
            </span>
        </li>
    }
    .into_any()
}

fn aside(class: &'static str, words: &'static str, amount: String) -> impl IntoView {
    view! { <li class=class><span>{words}</span><span></span><span class="contribution-value">{amount}</span></li> }
        .into_any()
}
