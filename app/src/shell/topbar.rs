//! The bar above the page: where one is, the search, and who one is.

use domain::Permission;
use leptos::prelude::*;

use super::nav::Brand;
use super::{LOGOUT, THEME, Viewer};
use crate::theme::Theme;

/// A step of the way to a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Crumb {
    /// Its name.
    pub text: String,
    /// Its address; none for the page itself.
    pub href: Option<String>,
}

impl Crumb {
    /// A step above the page.
    pub fn link(text: impl Into<String>, href: impl Into<String>) -> Self {
        Self { text: text.into(), href: Some(href.into()) }
    }

    /// The page itself, the last step.
    pub fn here(text: impl Into<String>) -> Self {
        Self { text: text.into(), href: None }
    }
}

/// The top bar.
#[component]
pub fn TopBar(
    /// Who looks.
    viewer: Viewer,
    /// The way to this page.
    #[prop(optional)]
    crumbs: Vec<Crumb>,
    /// What was searched for.
    #[prop(optional_no_strip)]
    query: Option<String>,
) -> impl IntoView {
    let searches = viewer.role.grants(Permission::ReadModels);
    view! {
        <header class="topbar">
            <Brand/>
            {(!crumbs.is_empty()).then(|| breadcrumbs(crumbs))}
            <div class="topbar-end">
                {searches.then(|| search(query))}
                <span class="topbar-tenant">{viewer.tenant.clone()}</span>
                {person_menu(viewer)}
                <button class="menu-button" type="button" popovertarget="menu">
                    <span aria-hidden="true">"☰"</span>
                    "Menu"
                </button>
            </div>
        </header>
    }
    .into_any()
}

fn breadcrumbs(crumbs: Vec<Crumb>) -> impl IntoView {
    let steps = crumbs.into_iter().map(|crumb| match crumb.href {
        Some(href) => view! { <li><a href=href>{crumb.text}</a></li> }.into_any(),
        None => view! { <li aria-current="page">{crumb.text}</li> }.into_any(),
    });
    view! {
        <nav class="breadcrumbs" aria-label="Breadcrumbs">
            <ol>{steps.collect_view()}</ol>
        </nav>
    }
    .into_any()
}

fn search(query: Option<String>) -> impl IntoView {
    view! {
        <search>
            <form class="search" action="/models" method="get">
                <label class="visually-hidden" for="search">"Search models"</label>
                <input id="search" type="search" name="q" placeholder="Search models" autocomplete="off" value=query/>
                <kbd aria-hidden="true">"/"</kbd>
            </form>
        </search>
    }
    .into_any()
}

fn person_menu(viewer: Viewer) -> impl IntoView {
    view! {
        <details class="menu" data-menu="">
            <summary>{viewer.name.clone()}</summary>
            <div class="menu-body">
                <p class="menu-who"><b>{viewer.name}</b>{viewer.role.as_str()}" at "{viewer.tenant}</p>
                {theme_form(viewer.theme, viewer.here)}
                <button class="button needs-script" type="button" data-keys-help="">"Keyboard shortcuts"</button>
                <form action=LOGOUT method="post">
                    <button class="button" type="submit">"Log out"</button>
                </form>
            </div>
        </details>
    }
    .into_any()
}

fn theme_form(chosen: Theme, here: String) -> impl IntoView {
    let choices = Theme::ALL.into_iter().map(|theme| {
        let word = theme.as_str();
        let name = match theme {
            Theme::System => "System",
            Theme::Light => "Light",
            Theme::Dark => "Dark",
        };
        let pressed = if theme == chosen { "true" } else { "false" };
        view! { <button type="submit" name="theme" value=word aria-pressed=pressed>{name}</button> }
    });
    view! {
        <form action=THEME method="post">
            <input type="hidden" name="back" value=here/>
            <p class="segments-label" id="theme-label">"Colours"</p>
            <div class="segments" role="group" aria-labelledby="theme-label">{choices.collect_view()}</div>
        </form>
    }
    .into_any()
}
