//! The frame around a page, and the bare one for pages before anybody is known.

use leptos::prelude::*;

use super::nav::Brand;
use super::{Counts, Crumb, PageTitle, Section, Sidebar, TopBar, Viewer};
use crate::components::{Flash, Notice};

/// A page with its sidebar, top bar and messages. `children` begin with a `PageHeader`.
#[component]
pub fn Frame(
    /// Who looks.
    viewer: Viewer,
    /// Name of the page in the window's title.
    #[prop(into)]
    title: String,
    /// Where the page belongs.
    #[prop(optional, into)]
    at: Option<Section>,
    /// The way to this page.
    #[prop(optional)]
    crumbs: Vec<Crumb>,
    /// Numbers beside places; those that every page has come from the context.
    #[prop(optional)]
    counts: Counts,
    /// What the form before this page had to say.
    #[prop(optional_no_strip)]
    flash: Option<Notice>,
    /// What was searched for.
    #[prop(optional_no_strip)]
    query: Option<String>,
    /// The page.
    children: Children,
) -> impl IntoView {
    let role = viewer.role;
    let counts = [counts, use_context::<Counts>().unwrap_or_default()].concat();
    view! {
        <PageTitle text=title/>
        <a class="skip-link" href="#main">"Skip to content"</a>
        <div class="frame">
            <TopBar viewer crumbs query/>
            <Sidebar role at counts/>
            <main class="main" id="main" tabindex="-1">
                {flash.map(|notice| view! { <Flash notice/> })}
                {children()}
            </main>
        </div>
    }
    .into_any()
}

/// A narrow page without navigation: logging in, the first start, an error before anybody is known.
#[component]
pub fn Plain(
    /// Name of the page in the window's title.
    #[prop(into)]
    title: String,
    /// What the form before this page had to say.
    #[prop(optional_no_strip)]
    flash: Option<Notice>,
    /// The page; it brings its own `h1`.
    children: Children,
) -> impl IntoView {
    view! {
        <PageTitle text=title/>
        <main class="plain" id="main">
            <Brand/>
            {flash.map(|notice| view! { <Flash notice/> })}
            {children()}
        </main>
    }
    .into_any()
}
