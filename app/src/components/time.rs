//! A moment: relative for the eye, exact on hover and for machines.

use domain::Timestamp;
use leptos::prelude::*;

use crate::moment::Clockface;

/// `14 min ago` in a `<time>`. Takes the page's [`Clockface`] from the context unless it is given.
#[component]
pub fn Time(
    /// The moment.
    at: Timestamp,
    /// The present and the zone.
    #[prop(optional_no_strip, into)]
    clock: Option<Clockface>,
    /// Shows date and time of day instead of the distance.
    #[prop(optional)]
    absolute: bool,
) -> impl IntoView {
    let machine = at.rfc3339();
    let clock = clock.or_else(use_context::<Clockface>);
    let exact = clock.as_ref().map_or_else(|| machine.clone(), |clock| clock.exact(at));
    let shown = match &clock {
        Some(clock) if absolute => clock.short(at),
        Some(clock) => clock.relative(at),
        None => machine.clone(),
    };
    // Where a distance is shown, the script counts on from the moment at which the page was made.
    let counts = clock.as_ref().filter(|_| !absolute).map(|clock| (clock.now.0 / 1_000).to_string());
    view! { <time class="nowrap" datetime=machine title=exact data-relative=counts>{shown}</time> }.into_any()
}
