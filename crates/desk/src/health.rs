//! Whether the desk can do its work: each part looked at anew, and told in a sentence.

use domain::model::Model;
use domain::{Actor, Permission};
use serde::{Deserialize, Serialize};
use store::{Space, Tables};
use tokio::sync::Semaphore;

use crate::error::{Error, Result};
use crate::room;

room! {
    /// Verbs on the desk's own state.
    Health
}

/// How a part is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Grade {
    /// As it should be.
    Ok,
    /// It works, but somebody should look at it soon.
    Warn,
    /// It does not work.
    Fail,
}

/// A part of the desk that was looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    /// Which: `database`, `tables`, `writer`, `artifacts`, `champions` or `disk`.
    pub name: String,
    /// How it is.
    pub grade: Grade,
    /// The same in words.
    pub says: String,
}

/// Every byte of every champion is read, so only so many look at a time.
static PLACES: Semaphore = Semaphore::const_new(2);

/// From this share of its queue on the writer does not keep up.
const BUSY: f64 = 0.5;

const MIB: u64 = 1 << 20;
const GIB: u64 = 1 << 30;
/// With less room nothing can be relied upon; with less than the other, not for long.
const NO_ROOM: u64 = 100 * MIB;
const LITTLE_ROOM: u64 = GIB;

impl Health<'_> {
    /// Looks at every part; of the champions, at those of the actor's tenant.
    ///
    /// # Errors
    /// Needs the right to see models. What is broken is no error.
    pub async fn checks(&self, actor: &Actor) -> Result<Vec<Check>> {
        actor.check(Permission::ReadModels)?;
        let _place = PLACES.acquire().await.map_err(Error::internal)?;
        let mut checks = vec![self.database().await];
        if checks[0].grade == Grade::Ok {
            checks.push(self.tables().await);
            checks.push(self.champions(actor).await);
        }
        checks.push(self.writer());
        checks.push(self.artifacts().await);
        checks.push(self.disk());
        Ok(checks)
    }

    async fn database(&self) -> Check {
        match self.desk.store().ready().await {
            Ok(()) => Check::ok("database", "It answers, and can be written to."),
            Err(error) => Check::fail("database", format!("It cannot be used: {error}.")),
        }
    }

    async fn tables(&self) -> Check {
        match self.desk.store().tables().await {
            Ok(tables) => of_tables(tables),
            Err(error) => Check::fail("tables", format!("What was done to them cannot be read: {error}.")),
        }
    }

    fn writer(&self) -> Check {
        let writer = &self.desk.inner.writer;
        if writer.is_closed() {
            return Check::fail("writer", String::from("It takes nothing more."));
        }
        of_queue(writer.queued(), writer.capacity())
    }

    async fn artifacts(&self) -> Check {
        match self.desk.inner.artifacts.probe().await {
            Ok(()) => Check::ok("artifacts", "Their place can be written to and read from."),
            Err(error) => Check::fail("artifacts", format!("Their place cannot be used: {error}.")),
        }
    }

    async fn champions(&self, actor: &Actor) -> Check {
        match self.verify(actor).await {
            Ok((0, _)) => Check::ok("champions", "No version serves yet."),
            Ok((good, broken)) if broken.is_empty() => {
                Check::ok("champions", &format!("{good} serve, each exactly as it was trained."))
            }
            Ok((_, broken)) => Check::fail("champions", format!("The heuristic answers for {}.", broken.join("; "))),
            Err(error) => Check::fail("champions", format!("They cannot be looked at: {error}.")),
        }
    }

    /// How many champions there are, and what is wrong with those that cannot serve.
    async fn verify(&self, actor: &Actor) -> Result<(usize, Vec<String>)> {
        let (mut all, mut broken) = (0, Vec::new());
        for summary in self.desk.models().list(actor).await? {
            let Some(version) = summary.champion else { continue };
            all += 1;
            let problem = match summary.problem {
                Some(problem) => Some(problem),
                None => self.problem(&summary.model, version.number).await,
            };
            broken.extend(problem.map(|problem| format!("`{}`: {problem}", summary.model.name)));
        }
        Ok((all, broken))
    }

    async fn problem(&self, model: &Model, number: i64) -> Option<String> {
        let (version, _) = match self.desk.version(model.tenant, model, number).await {
            Ok(found) => found,
            Err(error) => return Some(error.to_string()),
        };
        self.desk.verified_files(model.tenant, &version).await.err().map(|error| error.to_string())
    }

    fn disk(&self) -> Check {
        let spaces = [self.desk.store().space(), self.desk.inner.artifacts.space()];
        match spaces.into_iter().collect::<std::io::Result<Vec<_>>>() {
            Ok(spaces) => of_space(spaces.into_iter().flatten().min_by_key(|space| space.free)),
            Err(error) => Check::fail("disk", format!("Nobody can say how full it is: {error}.")),
        }
    }
}

impl Check {
    fn ok(name: &str, says: &str) -> Self {
        Self { name: name.to_owned(), grade: Grade::Ok, says: says.to_owned() }
    }

    fn warn(name: &str, says: String) -> Self {
        Self { name: name.to_owned(), grade: Grade::Warn, says }
    }

    /// A part that does not work.
    #[must_use]
    pub fn fail(name: &str, says: String) -> Self {
        Self { name: name.to_owned(), grade: Grade::Fail, says }
    }
}

impl Grade {
    /// The word for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warn => "warn",
            Self::Fail => "fail",
        }
    }
}

fn of_tables(tables: Tables) -> Check {
    let Tables { applied, known } = tables;
    match applied.cmp(&known) {
        std::cmp::Ordering::Equal => Check::ok("tables", &format!("They are up to date: {known}.")),
        std::cmp::Ordering::Greater => {
            Check::warn("tables", format!("A newer program has changed them: {applied}, and this one knows {known}."))
        }
        std::cmp::Ordering::Less => {
            Check::fail("tables", format!("They are not up to date: {applied}, and {known} is needed."))
        }
    }
}

fn of_queue(queued: usize, capacity: usize) -> Check {
    let says = format!("{queued} rows wait to be written; {capacity} may.");
    match queued as f64 / capacity.max(1) as f64 {
        share if share >= 1.0 => Check::fail("writer", says),
        share if share >= BUSY => Check::warn("writer", says),
        _ => Check::ok("writer", &says),
    }
}

fn of_space(least: Option<Space>) -> Check {
    let Some(Space { free, total }) = least else {
        return Check::ok("disk", "Nothing is kept on a disk of this machine.");
    };
    let gib = |bytes: u64| bytes as f64 / GIB as f64;
    let says = format!("{:.1} of {:.1} GiB are free.", gib(free), gib(total));
    match free {
        free if free < NO_ROOM => Check::fail("disk", says),
        free if free < LITTLE_ROOM => Check::warn("disk", says),
        _ => Check::ok("disk", &says),
    }
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;
    use crate::testing;

    #[test]
    fn parts_are_graded_by_what_is_left_of_them() {
        let space = |free| of_space(Some(Space { free, total: 10 * GIB })).grade;
        assert_eq!([NO_ROOM - 1, NO_ROOM, LITTLE_ROOM].map(space), [Grade::Fail, Grade::Warn, Grade::Ok]);
        assert_eq!([49, 50, 100].map(|queued| of_queue(queued, 100).grade), [Grade::Ok, Grade::Warn, Grade::Fail]);
        let tables = |applied| of_tables(Tables { applied, known: 3 }).grade;
        assert_eq!([2, 3, 4].map(tables), [Grade::Fail, Grade::Ok, Grade::Warn]);
        assert_eq!(of_space(None).grade, Grade::Ok);
    }

    #[tokio::test]
    async fn a_desk_that_drains_takes_nothing_more() {
        let folder = TempDir::new().unwrap();
        let desk = testing::desk(folder.path()).await;
        let tenant = desk.tenants().create("acme", "Acme", "UTC").await.unwrap();
        let actor = Actor::operator(tenant.id);
        let grades = |checks: Vec<Check>| checks.into_iter().map(|check| (check.name, check.grade)).collect::<Vec<_>>();
        let names = ["database", "tables", "champions", "writer", "artifacts"].map(String::from);
        let well = grades(desk.health().checks(&actor).await.unwrap());
        assert!(well[..5].iter().map(|(name, _)| name).eq(&names), "{well:?}");
        assert!(well[..5].iter().all(|(_, grade)| *grade == Grade::Ok), "{well:?}");
        desk.drain().await;
        let ill = grades(desk.health().checks(&actor).await.unwrap());
        assert_eq!(ill[0], (String::from("database"), Grade::Fail), "{ill:?}");
        assert_eq!(ill[1], (String::from("writer"), Grade::Fail), "{ill:?}");
    }
}
