//! Tables: sortable by links, numbers to the right, stacked on a phone.

use leptos::prelude::*;

/// A column.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Column {
    label: String,
    class: &'static str,
    sort: Option<String>,
    is_silent: bool,
}

impl Column {
    /// A column of words.
    pub fn text(label: impl Into<String>) -> Self {
        Self { label: label.into(), ..Self::default() }
    }

    /// A column of numbers, right-aligned with figures of one width.
    pub fn number(label: impl Into<String>) -> Self {
        Self { label: label.into(), class: "number", ..Self::default() }
    }

    /// A column no wider than its content.
    pub fn tight(label: impl Into<String>) -> Self {
        Self { label: label.into(), class: "tight", ..Self::default() }
    }

    /// A column whose name is only read out: buttons, pictures.
    pub fn silent(label: impl Into<String>) -> Self {
        Self { label: label.into(), class: "tight", is_silent: true, ..Self::default() }
    }

    /// Can be sorted by; `key` stands in the address.
    #[must_use]
    pub fn sort_by(mut self, key: impl Into<String>) -> Self {
        self.sort = Some(key.into());
        self
    }
}

/// By what a table is sorted, and the address without that.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sort {
    /// Path of the page.
    pub path: String,
    /// What else is in the address, already encoded: `q=fraud&state=running`.
    pub query: String,
    /// Key of the column.
    pub by: String,
    /// Largest or latest first.
    pub descending: bool,
}

impl Sort {
    fn href(&self, key: &str) -> String {
        let direction = if self.by == key && self.descending { "asc" } else { "desc" };
        let rest = if self.query.is_empty() { String::new() } else { format!("{}&", self.query) };
        format!("{}?{rest}sort={key}&dir={direction}", self.path)
    }

    fn direction(&self, key: &str) -> Option<&'static str> {
        (self.by == key).then_some(if self.descending { "descending" } else { "ascending" })
    }
}

/// One cell.
#[derive(Debug)]
pub struct Cell(AnyView);

impl Cell {
    /// Words or a number that is already written.
    pub fn text(text: impl Into<String>) -> Self {
        Self(text.into().into_any())
    }

    /// Words that lead somewhere.
    pub fn link(text: impl Into<String>, href: impl Into<String>) -> Self {
        let (text, href) = (text.into(), href.into());
        Self(view! { <a href=href>{text}</a> }.into_any())
    }

    /// Anything else: a badge, a sparkline, a form.
    pub fn view(content: impl IntoView + 'static) -> Self {
        Self(content.into_any())
    }

    /// Nothing.
    #[must_use]
    pub fn empty() -> Self {
        Self(().into_any())
    }
}

/// A check box at the head of a row; `x` ticks it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pick {
    /// Name of the field.
    pub name: String,
    /// Its value.
    pub value: String,
    /// What is picked, read out: `version 7`.
    pub label: String,
    /// Ticked already.
    pub checked: bool,
}

/// One row. Its first cell names it; the first link in it is where `Enter` leads.
#[derive(Debug)]
pub struct Row {
    cells: Vec<Cell>,
    pick: Option<Pick>,
}

impl Row {
    /// A row of as many cells as the table has columns.
    #[must_use]
    pub fn new(cells: Vec<Cell>) -> Self {
        Self { cells, pick: None }
    }

    /// The same with a check box.
    #[must_use]
    pub fn pick(mut self, pick: Pick) -> Self {
        self.pick = Some(pick);
        self
    }
}

/// A table. Without rows it shows `children`, an `EmptyState`.
#[component]
pub fn Table(
    /// What it lists, read out: `Versions of fraud`.
    #[prop(into)]
    label: String,
    /// The columns.
    columns: Vec<Column>,
    /// The rows.
    rows: Vec<Row>,
    /// By what it is sorted.
    #[prop(optional_no_strip, into)]
    sort: Option<Sort>,
    /// Stays a table on a phone: for few, narrow columns.
    #[prop(optional)]
    keep: bool,
    /// What stands here when there are no rows.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    if rows.is_empty() {
        return match children {
            Some(children) => children().into_any(),
            None => view! { <p class="muted">"Nothing here."</p> }.into_any(),
        };
    }
    let picks = rows.iter().any(|row| row.pick.is_some());
    let heads = columns.iter().map(|column| head(column, sort.as_ref())).collect_view();
    let body = rows.into_iter().map(|row| body_row(row, picks, &columns)).collect_view();
    let class = match (keep, columns.len() + usize::from(picks)) {
        (true, _) => "table table-keep",
        (false, ..=6) => "table",
        (false, _) => "table table-wide",
    };
    // Stacked on a phone, a table would lose its meaning to those who hear it: the roles say what the tags said.
    view! {
        <table class=class role="table" data-rows="">
            <caption class="visually-hidden">{label}</caption>
            <thead role="rowgroup">
                <tr role="row">
                    {picks
                        .then(|| {
                            view! {
                                <th role="columnheader" scope="col" class="tight">
                                    <span class="visually-hidden">"Pick"</span>
                                </th>
                            }
                        })}
                    {heads}
                </tr>
            </thead>
            <tbody role="rowgroup">{body}</tbody>
        </table>
    }
    .into_any()
}

fn head(column: &Column, sort: Option<&Sort>) -> impl IntoView + use<> {
    let label = column.label.clone();
    let key = column.sort.as_deref();
    let direction = sort.zip(key).and_then(|(sort, key)| sort.direction(key));
    let content = match (sort, key) {
        (Some(sort), Some(key)) => view! { <a class="table-sort" href=sort.href(key)>{label}</a> }.into_any(),
        _ if column.is_silent => view! { <span class="visually-hidden">{label}</span> }.into_any(),
        _ => label.into_any(),
    };
    view! { <th role="columnheader" scope="col" class=class(column) aria-sort=direction>{content}</th> }.into_any()
}

fn body_row(row: Row, picks: bool, columns: &[Column]) -> impl IntoView + use<> {
    let pick = picks.then(|| view! { <td role="cell" class="tight">{row.pick.map(check_box)}</td> });
    let cells = row.cells.into_iter().zip(columns).enumerate().map(|(i, (cell, column))| {
        if i == 0 {
            view! { <th role="rowheader" scope="row" class=class(column)>{cell.0}</th> }.into_any()
        } else {
            let label = if column.is_silent { String::new() } else { column.label.clone() };
            view! { <td role="cell" class=class(column) data-label=label>{cell.0}</td> }.into_any()
        }
    });
    let cells = cells.collect_view();
    view! { <tr role="row">{pick}{cells}</tr> }.into_any()
}

fn class(column: &Column) -> Option<&'static str> {
    Some(column.class).filter(|class| !class.is_empty())
}

fn check_box(pick: Pick) -> impl IntoView {
    view! {
        <label class="table-pick">
            <span class="visually-hidden">{format!("Pick {}", pick.label)}</span>
            <input type="checkbox" name=pick.name value=pick.value checked=pick.checked/>
        </label>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_click_turns_the_order_round() {
        let sort = Sort { path: "/runs".into(), query: "q=a".into(), by: "started".into(), descending: true };
        assert_eq!(sort.href("started"), "/runs?q=a&sort=started&dir=asc");
        assert_eq!(sort.href("state"), "/runs?q=a&sort=state&dir=desc");
        assert_eq!(sort.direction("started"), Some("descending"));
        assert_eq!(sort.direction("state"), None);
    }
}
