//! `verdict demo`: an insurer that never was, with half a year of history, so that every page has something to show.

mod attendance;
mod clock;
mod history;
mod readings;
mod syncs;

use std::sync::Arc;

use clap::Args;
use desk::Desk;
use desk::people::NewPerson;
use domain::{Actor, Role};

use super::output::{Exit, Output};
use super::place::Place;
use super::serve;
use crate::application::{self, Application};
use crate::settings::{ServiceArgs, Settings};
use clock::ReplayClock;
use history::History;

#[derive(Args, Debug)]
pub(super) struct DemoArgs {
    #[command(flatten)]
    pub(super) service: ServiceArgs,
    /// Fill the data directory and stop
    #[arg(long)]
    no_serve: bool,
    /// Listen beyond this machine although everybody knows the demo's passwords
    #[arg(long)]
    i_know: bool,
}

/// The demo's organisation.
const TENANT: &str = "demo";

/// Who can log in. They are printed and known to everybody.
const PEOPLE: [(&str, &str, Role, &str); 4] = [
    ("admin@demo.example", "Ada Admin", Role::Admin, "demo-admin-2026"),
    ("supervisor@demo.example", "Sami Supervisor", Role::Supervisor, "demo-supervisor-2026"),
    ("labeler@demo.example", "Lena Labeler", Role::Labeler, "demo-labeler-2026"),
    ("labeler2@demo.example", "Luca Labeler", Role::Labeler, "demo-labeler-2-2026"),
];

pub(super) async fn demo(settings: &Settings, args: &DemoArgs) -> anyhow::Result<Exit> {
    if !settings.listen.ip().is_loopback() && !args.i_know {
        anyhow::bail!(desk::Error::field("listen", "everybody knows the demo's passwords; add --i-know to go on"));
    }
    serve::start_logging(settings);
    fill(settings).await?;
    print_logins(settings);
    if args.no_serve {
        return Ok(Exit::Done);
    }
    serve::run(settings, Application::build(settings).await?).await
}

/// Makes what is not there yet, so that a first start that was broken off is completed by the second.
async fn fill(settings: &Settings) -> anyhow::Result<()> {
    let clock = ReplayClock::starting_half_a_year_ago();
    let desk = application::open(settings, Arc::clone(&clock) as _, false).await?.desk;
    let actor = people(&desk).await?;
    let place = Place::of(desk, TENANT, Output::new(false));
    let history = History { place: &place, actor: &actor, clock: &clock };
    let filled = history.make().await;
    place.close().await;
    filled
}

async fn people(desk: &Desk) -> anyhow::Result<Actor> {
    let known = desk.tenants().all().await?.into_iter().find(|tenant| tenant.slug == TENANT);
    let tenant = match known {
        Some(tenant) => tenant,
        None => desk.tenants().create(TENANT, "Demo Mutual Insurance", "Europe/Berlin").await?,
    };
    let actor = Actor::operator(tenant.id);
    let there = desk.people().list(&actor).await?;
    for (email, name, role, password) in PEOPLE {
        if !there.iter().any(|person| person.email == email) {
            let (email, name, password) = (email.to_owned(), name.to_owned(), password.to_owned());
            desk.people().add(&actor, NewPerson { email, name, role, password }).await?;
        }
    }
    Ok(actor)
}

fn print_logins(settings: &Settings) {
    println!("Log in at http://{} as", settings.listen);
    for (email, _, role, password) in PEOPLE {
        println!("  {:<11} {email:<24} {password}", role.as_str());
    }
}
