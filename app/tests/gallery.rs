//! What holds for every piece at once, checked on the gallery.

#![allow(clippy::expect_used, reason = "a test stops where something is not there")]

#[path = "../examples/gallery/examples.rs"]
mod examples;
#[path = "../examples/gallery/gallery.rs"]
mod gallery;

use std::collections::HashSet;

use app::theme::Theme;
use scraper::{ElementRef, Html, Selector};

fn page() -> Html {
    Html::parse_document(&gallery::html(Theme::Dark))
}

fn all<'a>(page: &'a Html, selector: &str) -> Vec<ElementRef<'a>> {
    page.select(&Selector::parse(selector).expect("a selector")).collect()
}

fn text(element: ElementRef<'_>) -> String {
    element.text().collect::<Vec<_>>().join(" ").split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn nothing_is_inline() {
    for html in [gallery::html(Theme::System), gallery::plain_html(Theme::Light)] {
        let page = Html::parse_document(&html);
        assert!(all(&page, "[style], style").is_empty());
        let scripts = all(&page, "script");
        assert_eq!(scripts.len(), 1);
        assert!(scripts[0].attr("src").is_some_and(|src| src.starts_with("/assets/verdict.")));
        assert!(text(scripts[0]).is_empty());
        let handlers = page.tree.values().filter_map(|node| node.as_element());
        for element in handlers {
            assert!(element.attrs().all(|(name, _)| !name.starts_with("on")), "a handler on <{}>", element.name());
        }
        assert!(!html.contains("__RESOLVED_RESOURCES"));
    }
}

#[test]
fn the_document_says_what_it_is() {
    let html = gallery::html(Theme::Dark);
    assert!(html.starts_with("<!DOCTYPE html>"));
    let page = page();
    assert_eq!(all(&page, "html[lang=en][data-theme=dark]").len(), 1);
    assert_eq!(all(&page, "meta[name=color-scheme][content=dark]").len(), 1);
    assert_eq!(all(&page, "meta[name=viewport]").len(), 1);
    assert_eq!(all(&page, "link[rel=stylesheet]").len(), 1);
    assert_eq!(all(&page, "main#main").len(), 1);
    assert_eq!(all(&page, "a.skip-link[href='#main']").len(), 1);
    assert_eq!(all(&page, "nav[aria-label=Main] [aria-current=page]").len(), 1);
}

#[test]
fn ids_are_unique_and_everything_that_is_referred_to_is_there() {
    let page = page();
    let ids: Vec<_> = all(&page, "[id]").into_iter().filter_map(|element| element.attr("id")).collect();
    let unique: HashSet<_> = ids.iter().copied().collect();
    assert_eq!(ids.len(), unique.len(), "an id is there twice");
    for attribute in ["aria-labelledby", "aria-describedby", "for", "popovertarget"] {
        for element in all(&page, &format!("[{attribute}]")) {
            for id in element.attr(attribute).unwrap_or_default().split_whitespace() {
                assert!(unique.contains(id), "{attribute}={id} leads nowhere");
            }
        }
    }
    for link in all(&page, ".error-summary a") {
        assert!(unique.contains(link.attr("href").unwrap_or_default().trim_start_matches('#')));
    }
}

#[test]
fn every_control_has_a_name() {
    let page = page();
    let labelled: HashSet<_> = all(&page, "label[for]").into_iter().filter_map(|label| label.attr("for")).collect();
    let inside: HashSet<_> = all(&page, "label input").into_iter().map(|input| input.id()).collect();
    for control in all(&page, "input:not([type=hidden]), select, textarea") {
        let named = control.attr("id").is_some_and(|id| labelled.contains(id)) || inside.contains(&control.id());
        assert!(named, "{}", control.html());
    }
    for button in all(&page, "button, summary, a[href]") {
        assert!(!text(button).is_empty() || button.attr("aria-label").is_some(), "{}", button.html());
    }
}

#[test]
fn a_wrong_field_says_so_beside_itself() {
    let page = page();
    let field = all(&page, "#field-name")[0];
    assert_eq!(field.attr("aria-invalid"), Some("true"));
    assert_eq!(field.attr("aria-describedby"), Some("field-name-error field-name-hint"));
    assert_eq!(text(all(&page, "#field-name-error")[0]), "is taken; choose another");
}

#[test]
fn the_matrix_is_a_table_with_scoped_headers_and_a_caption() {
    let page = page();
    let matrix = all(&page, "table.confusion-matrix")[0];
    let inside = |selector: &str| matrix.select(&Selector::parse(selector).expect("a selector")).collect::<Vec<_>>();
    assert_eq!(inside("tbody th[scope=row]").len(), 2);
    assert_eq!(inside("thead th[scope=col]").len(), 3);
    assert_eq!(inside("thead th[scope=colgroup][colspan='2']").len(), 1);
    assert_eq!(
        text(inside("caption")[0]),
        "Threshold 0.61. n = 24,180 held back. Shares of each row; counts lead to their examples."
    );
    let cells = inside("tbody td");
    assert_eq!(cells.len(), 4);
    assert_eq!(text(cells[0]), "98.1 % 23,478 examples");
    assert!(cells[0].attr("class").is_some_and(|class| class.contains("tint-10")));
    let links: Vec<_> = inside("td a").iter().filter_map(|link| link.attr("href")).collect();
    assert_eq!(links[1], "/predictions?truth=clean&decision=fraud");
}

#[test]
fn more_classes_than_fit_become_a_list_of_confusions() {
    let page = page();
    assert_eq!(all(&page, "table.confusion-matrix").len(), 2);
    assert_eq!(all(&page, ".confusions li").len(), 12);
}

#[test]
fn every_cell_of_a_stacked_table_brings_its_columns_name() {
    let page = page();
    for table in all(&page, "table.table:not(.table-keep)") {
        let silent = table.select(&Selector::parse("td:not([data-label]):not(.tight)").expect("a selector")).count();
        assert_eq!(silent, 0);
    }
    let sorted = all(&page, "th[aria-sort=descending] a");
    assert_eq!(sorted.len(), 1);
    assert_eq!(sorted[0].attr("href"), Some("/models/fraud?sort=trained&dir=asc"));
}

#[test]
fn headings_never_leave_a_level_out() {
    let page = page();
    let mut level = 0;
    for heading in all(&page, "main h1, main h2, main h3, main h4") {
        let next: usize = heading.value().name()[1..].parse().expect("a level");
        assert!(next <= level + 1, "{} after h{level}", heading.html());
        level = next;
    }
}

#[test]
fn moments_are_machine_readable_and_exact_on_hover() {
    let page = page();
    let times = all(&page, "time");
    assert!(times.len() > 5);
    assert!(times.iter().all(|time| time.attr("datetime").is_some_and(|at| at.ends_with('Z'))));
    let first = all(&page, "dd time")[0];
    assert_eq!(text(first), "4 min ago");
    assert!(first.attr("title").is_some_and(|exact| exact.starts_with("Friday 20 November 2026")));
}

#[test]
fn charts_are_small_well_formed_and_colourless() {
    let html = gallery::html(Theme::System);
    let charts: Vec<&str> = html
        .split("<figure class=\"chart\">")
        .skip(1)
        .map(|rest| rest.split("</figure>").next().unwrap_or(""))
        .collect();
    assert_eq!(charts.len(), 5);
    for chart in charts {
        let start = chart.find("<svg").expect("a drawing");
        let end = chart.find("</svg>").expect("its end") + "</svg>".len();
        let svg = &chart[start..end];
        well_formed(svg);
        for forbidden in ["style=", "fill=", "stroke=", "font-", "#", "rgb", "NaN"] {
            assert!(!svg.contains(forbidden), "{forbidden} in {svg}");
        }
        assert!(svg.contains("role=\"img\"") && svg.contains("<title>") && svg.contains("<desc>"));
        assert!(chart.len() < 12_000, "{} bytes", chart.len());
    }
}

/// Tags are closed in order, attributes quoted, and no bare `&` or `<` is left: enough of XML for what we write.
fn well_formed(xml: &str) {
    let mut open = Vec::new();
    let mut rest = xml;
    while let Some(at) = rest.find('<') {
        let words = &rest[..at];
        for reference in words.split('&').skip(1) {
            assert!(reference.split(';').next().is_some_and(|name| name.len() <= 5), "a bare & in {words}");
        }
        let end = at + rest[at..].find('>').expect("the end of a tag");
        let tag = &rest[at + 1..end];
        assert_eq!(tag.matches('"').count() % 2, 0, "{tag}");
        match tag.strip_prefix('/') {
            Some(name) => assert_eq!(open.pop(), Some(name), "{xml}"),
            None if tag.ends_with('/') => {}
            None => open.push(tag.split(' ').next().unwrap_or("")),
        }
        rest = &rest[end + 1..];
    }
    assert!(open.is_empty(), "left open: {open:?}");
}
