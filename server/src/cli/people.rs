//! `verdict user`.

use std::io::{BufRead, IsTerminal};

use clap::{Args, Subcommand};
use desk::people::NewPerson;
use domain::Role;
use serde_json::json;

use super::output::Exit;
use super::place::Place;

#[derive(Debug, Subcommand)]
pub(super) enum UserCommand {
    /// Make somebody who can log in
    Add(AddArgs),
}

#[derive(Args, Debug)]
pub(super) struct AddArgs {
    /// Address to log in with
    #[arg(long)]
    email: String,
    /// Name as shown
    #[arg(long)]
    name: String,
    /// admin, supervisor or labeler
    #[arg(long)]
    role: Role,
    /// Read the password from the first line of stdin; else one is made up and shown only then
    #[arg(long)]
    password_stdin: bool,
}

pub(super) async fn run(place: &Place, command: UserCommand) -> anyhow::Result<Exit> {
    let UserCommand::Add(args) = command;
    let actor = place.actor().await?;
    let made_up = (!args.password_stdin).then(make_up);
    let password = match &made_up {
        Some(password) => password.clone(),
        None => read_password(place)?,
    };
    let new = NewPerson { email: args.email, name: args.name, role: args.role, password };
    let person = place.desk.people().add(&actor, new).await?;
    let mut shown = json!({ "id": person.id, "email": person.email, "name": person.name, "role": person.role });
    if let Some(password) = &made_up {
        shown["password"] = json!(password);
    }
    place.output.result(&shown, || match &made_up {
        Some(password) => format!("{} can log in. The password is shown only now: {password}", person.email),
        None => format!("{} can log in.", person.email),
    })?;
    Ok(Exit::Done)
}

fn read_password(place: &Place) -> anyhow::Result<String> {
    if std::io::stdin().is_terminal() {
        place.output.remark("Password (it is shown while you type):");
    }
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line)?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}

/// Four groups of five letters and digits that are not mistaken for one another: 98 bits.
fn make_up() -> String {
    const LETTERS: &[u8] = b"abcdefghjkmnpqrstuvwxyz23456789";
    let letter = || char::from(LETTERS[rand::random_range(0..LETTERS.len())]);
    let group = || (0..5).map(|_| letter()).collect::<String>();
    [group(), group(), group(), group()].join("-")
}
