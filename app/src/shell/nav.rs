//! The sidebar: one list of places, each with the right that it takes to go there.

use domain::actor::{Permission, Role};
use leptos::prelude::*;

/// A place in the sidebar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Section {
    /// What needs somebody now.
    Today,
    /// Models and their versions.
    Models,
    /// Trainings.
    Runs,
    /// What is done by the clock.
    Schedules,
    /// Data sets.
    Datasets,
    /// Cases that supervisors decide.
    Cases,
    /// How good the fraud alerts are.
    Fraud,
    /// How often syncs conflict.
    Conflicts,
    /// Readings that labelers correct.
    Labeling,
    /// The log of answers.
    Predictions,
    /// Who came and left, and when.
    Attendance,
    /// People and their roles.
    People,
    /// API keys.
    Keys,
    /// The places of work.
    Sites,
    /// Whose attendance is recorded.
    Employees,
    /// Holidays.
    Calendar,
    /// How the process does that answers.
    Service,
    /// The audit log.
    Audit,
    /// How programs talk to the desk.
    Api,
}

impl Section {
    /// Every place, in the order of the sidebar, with the heading it stands under.
    const ALL: [(Option<&'static str>, Self); 19] = [
        (None, Self::Today),
        (Some("Review"), Self::Cases),
        (Some("Review"), Self::Fraud),
        (Some("Review"), Self::Conflicts),
        (Some("Review"), Self::Labeling),
        (Some("Models"), Self::Models),
        (Some("Models"), Self::Runs),
        (Some("Models"), Self::Schedules),
        (Some("Models"), Self::Datasets),
        (Some("Watch"), Self::Predictions),
        (Some("Watch"), Self::Attendance),
        (Some("Admin"), Self::People),
        (Some("Admin"), Self::Keys),
        (Some("Admin"), Self::Sites),
        (Some("Admin"), Self::Employees),
        (Some("Admin"), Self::Calendar),
        (Some("Admin"), Self::Service),
        (Some("Admin"), Self::Audit),
        (Some("Admin"), Self::Api),
    ];

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Today => "Today",
            Self::Cases => "Fraud cases",
            Self::Fraud => "Fraud",
            Self::Conflicts => "Conflicts",
            Self::Labeling => "Labeling",
            Self::Models => "Models",
            Self::Runs => "Runs",
            Self::Schedules => "Schedules",
            Self::Datasets => "Datasets",
            Self::Predictions => "Predictions",
            Self::Attendance => "Attendance",
            Self::People => "People",
            Self::Keys => "Keys",
            Self::Sites => "Sites",
            Self::Employees => "Employees",
            Self::Calendar => "Calendar",
            Self::Service => "Service",
            Self::Audit => "Audit",
            Self::Api => "API help",
        }
    }

    /// Its address.
    #[must_use]
    pub fn href(self) -> &'static str {
        match self {
            Self::Today => "/",
            Self::Cases => "/cases",
            Self::Fraud => "/fraud",
            Self::Conflicts => "/conflicts",
            Self::Labeling => "/label",
            Self::Models => "/models",
            Self::Runs => "/runs",
            Self::Schedules => "/schedules",
            Self::Datasets => "/datasets",
            Self::Predictions => "/predictions",
            Self::Attendance => "/attendance",
            Self::People => "/settings/people",
            Self::Keys => "/settings/keys",
            Self::Sites => "/settings/sites",
            Self::Employees => "/settings/employees",
            Self::Calendar => "/settings/calendar",
            Self::Service => "/settings/service",
            Self::Audit => "/audit",
            Self::Api => "/api/help",
        }
    }

    /// The key that goes there after `g`.
    #[must_use]
    pub fn key(self) -> Option<&'static str> {
        match self {
            Self::Today => Some("t"),
            Self::Cases => Some("c"),
            Self::Fraud => Some("f"),
            Self::Conflicts => Some("x"),
            Self::Labeling => Some("l"),
            Self::Models => Some("m"),
            Self::Runs => Some("r"),
            Self::Schedules => Some("j"),
            Self::Datasets => Some("d"),
            Self::Predictions => Some("p"),
            Self::Attendance => Some("w"),
            Self::People => Some("e"),
            Self::Keys => Some("k"),
            Self::Sites => Some("s"),
            Self::Employees => Some("y"),
            Self::Calendar => Some("h"),
            Self::Audit => Some("a"),
            Self::Service | Self::Api => None,
        }
    }

    /// Whether people of this role may go there.
    #[must_use]
    pub fn is_open_to(self, role: Role) -> bool {
        let permission = match self {
            // Their day begins at what they do.
            Self::Today if role != Role::Admin => return false,
            Self::Today | Self::Models | Self::Runs | Self::Schedules | Self::Datasets => Permission::ReadModels,
            Self::Cases | Self::Fraud | Self::Conflicts | Self::Predictions | Self::Attendance => {
                Permission::ReadPredictions
            }
            Self::Labeling => Permission::Label,
            Self::People => Permission::ManagePeople,
            Self::Keys | Self::Service | Self::Api => Permission::ManageKeys,
            Self::Sites | Self::Employees | Self::Calendar => Permission::ManageAttendance,
            Self::Audit => Permission::ReadAudit,
        };
        role.grants(permission)
    }
}

/// A number beside a place: how many models there are, how many runs are running.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Count {
    /// Beside which place.
    pub section: Section,
    /// `6`, `1 running`.
    pub text: String,
    /// Whether somebody should look.
    pub urgent: bool,
}

/// The numbers beside the places.
pub type Counts = Vec<Count>;

/// The sidebar of a person with `role`, standing at `at`.
#[component]
pub fn Sidebar(
    /// What the viewer is here for.
    role: Role,
    /// Where the page belongs.
    #[prop(optional_no_strip)]
    at: Option<Section>,
    /// Numbers beside places.
    #[prop(optional)]
    counts: Counts,
) -> impl IntoView {
    let mut groups: Vec<(Option<&'static str>, Vec<Section>)> = Vec::new();
    for (title, section) in Section::ALL.into_iter().filter(|(_, section)| section.is_open_to(role)) {
        match groups.last_mut() {
            Some((last, sections)) if *last == title => sections.push(section),
            _ => groups.push((title, vec![section])),
        }
    }
    let groups = groups.into_iter().map(|(title, sections)| group(title, sections, at, &counts)).collect_view();
    view! {
        <div class="sidebar" id="menu" popover="auto">
            <div class="sidebar-inner">
                <nav aria-label="Main">
                    <Brand/>
                    {groups}
                </nav>
            </div>
        </div>
    }
    .into_any()
}

fn group(
    title: Option<&'static str>,
    sections: Vec<Section>,
    at: Option<Section>,
    counts: &Counts,
) -> impl IntoView + use<> {
    let id = title.map(|title| format!("nav-{}", title.to_lowercase()));
    let links = sections.into_iter().map(|section| link(section, at, counts)).collect_view();
    view! {
        <div class=title.map(|_| "nav-group")>
            {title.map(|title| view! { <p class="nav-title" id=id.clone()>{title}</p> })}
            <ul aria-labelledby=id>{links}</ul>
        </div>
    }
    .into_any()
}

fn link(section: Section, at: Option<Section>, counts: &Counts) -> impl IntoView + use<> {
    let count = counts.iter().find(|count| count.section == section).map(|count| {
        let class = if count.urgent { "nav-count urgent" } else { "nav-count" };
        view! { <span class=class>{count.text.clone()}</span> }
    });
    view! {
        <li>
            <a
                class="nav-link"
                href=section.href()
                aria-current=(at == Some(section)).then_some("page")
                data-go=section.key()
            >
                <span>{section.name()}</span>
                {count}
            </a>
        </li>
    }
    .into_any()
}

/// The mark and the name, leading to the start page.
#[component]
pub fn Brand() -> impl IntoView {
    view! {
        <a class="brand" href="/">
            <svg class="brand-mark" viewBox="0 0 20 20" aria-hidden="true">
                <rect width="20" height="20" rx="4"></rect>
                <path d="m5.2 10.4 3.2 3.2 6.4-7"></path>
            </svg>
            "Verdict"
        </a>
    }
    .into_any()
}
