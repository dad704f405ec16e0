//! People: logging in, and who may do what.

use domain::audit::Event;
use domain::manifest::sha256;
use domain::person::{MAX_EMAIL, MAX_PASSWORD, MIN_PASSWORD, Person, Tenant};
use domain::time::MINUTE;
use domain::{Actor, Permission, PersonId, Role, Timestamp, Who};

use store::{Counted, ThrottlePolicy};

use crate::error::{Error, Result};
use crate::secrets::Place;
use crate::{room, text};

room! {
    /// Verbs on people.
    People
}

/// Ten failures in a quarter of an hour block an address for a quarter of an hour.
const THROTTLE: ThrottlePolicy = ThrottlePolicy { window: 15 * MINUTE, allowed: 10, block: 15 * MINUTE };
/// An origin may be a whole office.
const ORIGIN_THROTTLE: ThrottlePolicy = ThrottlePolicy { allowed: 100, ..THROTTLE };

/// Somebody to be made.
#[derive(Clone, Debug)]
pub struct NewPerson {
    /// Address to log in with.
    pub email: String,
    /// Name as shown.
    pub name: String,
    /// What they are here for.
    pub role: Role,
    /// Their first password.
    pub password: String,
}

/// A person who gave the right password.
#[derive(Clone, Debug)]
pub struct SignedIn {
    /// Who.
    pub person: Person,
    /// A session made now is good as long as the person's epoch stays this.
    pub epoch: i64,
}

/// Somebody with a valid session, and where they belong.
#[derive(Clone, Debug)]
pub struct Present {
    /// For the verbs.
    pub actor: Actor,
    /// Who.
    pub person: Person,
    /// Where.
    pub tenant: Tenant,
}

/// Why a login failed. It does not tell which half was wrong.
#[derive(Debug, thiserror::Error)]
pub enum LoginError {
    /// Address or password is wrong, or the person is disabled.
    #[error("this address and password do not belong together")]
    Wrong,
    /// Too many failures.
    #[error("too many failed attempts; try again in {retry_after} seconds")]
    Throttled {
        /// Seconds to wait.
        retry_after: u32,
    },
    /// The desk itself failed.
    #[error(transparent)]
    Desk(#[from] Error),
}

impl People<'_> {
    /// Checks an address and a password. `origin` is where the request came from: failures are counted for the address
    /// and for the origin.
    ///
    /// # Errors
    /// [`LoginError`].
    pub async fn log_in(&self, email: &str, password: &str, origin: &str) -> Result<SignedIn, LoginError> {
        let email = email.trim();
        if email.len() > MAX_EMAIL {
            return Err(LoginError::Wrong);
        }
        let email = email.to_lowercase();
        let (person, origin) = (throttle_key("email", &email), throttle_key("origin", origin));
        let origin = Counted { key: &origin, policy: ORIGIN_THROTTLE };
        let place = self.attempt(&[Counted { key: &person, policy: THROTTLE }, origin]).await?;
        let store = self.desk.store();
        let found = store.credentials_by_email(&email).await.map_err(Error::from)?;
        let hash = found.as_ref().map(|login| login.password_hash.clone());
        let right = place.verify(password.to_owned(), hash).await?;
        let login = found.filter(|login| right && login.person.disabled_at.is_none()).ok_or(LoginError::Wrong)?;
        store.take_back_attempts(&person, Some(origin)).await.map_err(Error::from)?;
        Ok(SignedIn { person: login.person, epoch: login.session_epoch })
    }

    /// Counts an attempt at a password as failed, before it is known to be, and gives the place to check it.
    async fn attempt(&self, counted: &[Counted<'_>]) -> Result<Place, LoginError> {
        let (store, now) = (self.desk.store(), self.desk.now());
        for one in counted {
            // Whoever is blocked waits for no place and writes nothing.
            throttled(store.attempts_blocked_until(one.key, now).await.map_err(Error::from)?, now)?;
        }
        let place = self.desk.inner.passwords.place().await?;
        throttled(store.count_attempt(counted, now).await.map_err(Error::from)?, now)?;
        Ok(place)
    }

    /// The person behind a session made at `epoch`, if it is still good.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn present(&self, id: PersonId, epoch: i64) -> Result<Option<Present>> {
        let Some(found) = self.desk.store().signed_in(id).await? else { return Ok(None) };
        if found.session_epoch != epoch || found.person.disabled_at.is_some() {
            return Ok(None);
        }
        let person = found.person;
        let tenant = self.desk.store().tenant(person.tenant).await?.ok_or_else(|| Error::not_found("such tenant"))?;
        let who = Who::Person { id: person.id, name: person.name.clone(), role: person.role };
        let actor = Actor { tenant: person.tenant, who };
        Ok(Some(Present { actor, person, tenant }))
    }

    /// Everybody of the actor's tenant, by name.
    ///
    /// # Errors
    /// Needs the right to manage people.
    pub async fn list(&self, actor: &Actor) -> Result<Vec<Person>> {
        actor.check(Permission::ManagePeople)?;
        Ok(self.desk.store().people(actor.tenant).await?)
    }

    /// Makes a person.
    ///
    /// # Errors
    /// Needs the right to manage people; names the wrong field, also when the address is taken.
    pub async fn add(&self, actor: &Actor, new: NewPerson) -> Result<Person> {
        actor.check(Permission::ManagePeople)?;
        let new = check_person(new)?;
        let now = self.desk.now();
        let event = |person: &Person| {
            Event::new(actor, now, "person.added", format!("person:{}", person.id))
                .with(serde_json::json!({ "email": person.email, "role": person.role }))
        };
        let password_hash = self.desk.inner.passwords.hash(new.password).await?;
        let new = store::NewPerson { email: new.email, name: new.name, role: new.role, password_hash };
        self.desk.store().create_person(actor.tenant, &new, now, event).await.map_err(taken)
    }

    /// Gives a person another role. Their sessions end, so that no page of the old role stays open; their keys grant no
    /// more than the new role.
    ///
    /// # Errors
    /// Needs the right to manage people; the last admin stays one.
    pub async fn set_role(&self, actor: &Actor, id: PersonId, role: Role) -> Result<()> {
        actor.check(Permission::ManagePeople)?;
        let event = Event::new(actor, self.desk.now(), "person.role_changed", format!("person:{id}"))
            .with(serde_json::json!({ "role": role }));
        self.desk.store().set_role(actor.tenant, id, role, &event).await?;
        self.desk.inner.keys.forget();
        Ok(())
    }

    /// Locks a person and their keys out, or lets them in again.
    ///
    /// # Errors
    /// Needs the right to manage people; the last admin stays able to log in.
    pub async fn set_disabled(&self, actor: &Actor, id: PersonId, disabled: bool) -> Result<()> {
        actor.check(Permission::ManagePeople)?;
        let action = if disabled { "person.disabled" } else { "person.enabled" };
        let event = Event::new(actor, self.desk.now(), action, format!("person:{id}"));
        if disabled {
            self.desk.store().disable_person(actor.tenant, id, event.at, &event).await?;
        } else {
            self.desk.store().enable_person(actor.tenant, id, &event).await?;
        }
        self.desk.inner.keys.forget();
        Ok(())
    }

    /// Gives a person of the tenant a new password.
    ///
    /// # Errors
    /// Needs the right to manage people.
    pub async fn reset_password(&self, actor: &Actor, id: PersonId, password: String) -> Result<()> {
        actor.check(Permission::ManagePeople)?;
        self.store_password(actor, id, password).await
    }

    /// Changes the actor's own password; every other session of theirs ends.
    ///
    /// # Errors
    /// Names the field when the current password is wrong or the new one too short; [`Error::Unavailable`] after too many
    /// wrong ones.
    pub async fn change_own_password(&self, actor: &Actor, current: String, new: String) -> Result<()> {
        let id = actor.person().ok_or_else(|| Error::not_found("person behind this key"))?;
        let store = self.desk.store();
        let person = store.person(actor.tenant, id).await?.ok_or_else(|| Error::not_found("such person"))?;
        let key = throttle_key("person", &id.to_string());
        let place = self.attempt(&[Counted { key: &key, policy: THROTTLE }]).await.map_err(not_now)?;
        let found = store.credentials_by_email(&person.email).await?;
        if !place.verify(current, found.map(|found| found.password_hash)).await? {
            return Err(Error::field("current", "this is not your current password"));
        }
        store.take_back_attempts(&key, None).await?;
        self.store_password(actor, id, new).await
    }

    /// Ends every session of the actor.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn log_out_everywhere(&self, actor: &Actor) -> Result<()> {
        let id = actor.person().ok_or_else(|| Error::not_found("person behind this key"))?;
        let event = Event::new(actor, self.desk.now(), "person.logged_out_everywhere", format!("person:{id}"));
        Ok(self.desk.store().log_out_everywhere(actor.tenant, id, &event).await?)
    }

    async fn store_password(&self, actor: &Actor, id: PersonId, password: String) -> Result<()> {
        check_password(&password).map_err(|error| Error::Invalid(vec![error]))?;
        let hash = self.desk.inner.passwords.hash(password).await?;
        let event = Event::new(actor, self.desk.now(), "person.password_changed", format!("person:{id}"));
        self.desk.store().set_password_hash(actor.tenant, id, &hash, &event).await?;
        Ok(())
    }

    /// Forgets failed logins that block nobody any more.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn forget_old_failures(&self) -> Result<()> {
        let now = self.desk.now();
        self.desk.store().delete_old_login_failures(now.plus(-THROTTLE.window), now).await?;
        Ok(())
    }
}

/// What attempts are counted under: of one length, whatever was typed.
fn throttle_key(kind: &str, name: &str) -> String {
    sha256(format!("{kind}:{name}").as_bytes())
}

fn throttled(blocked_until: Option<Timestamp>, now: Timestamp) -> Result<(), LoginError> {
    let Some(until) = blocked_until else { return Ok(()) };
    let seconds = until.since(now) / domain::time::SECOND + 1;
    Err(LoginError::Throttled { retry_after: u32::try_from(seconds).unwrap_or(u32::MAX) })
}

/// The same for somebody who is logged in.
fn not_now(error: LoginError) -> Error {
    match error {
        LoginError::Throttled { retry_after } => Error::Unavailable { reason: error.to_string(), retry_after },
        LoginError::Desk(error) => error,
        LoginError::Wrong => Error::field("current", error.to_string()),
    }
}

/// A person whose every field is good, with the address in lower case.
pub(crate) fn check_person(mut new: NewPerson) -> Result<NewPerson> {
    new.email = new.email.trim().to_lowercase();
    new.name = new.name.trim().to_owned();
    let mut wrong = Vec::new();
    let (local, host) = new.email.split_once('@').unwrap_or_default();
    let clean = new.email.chars().all(|c| !c.is_whitespace() && !c.is_control());
    if local.is_empty() || host.is_empty() || !clean || new.email.len() > MAX_EMAIL {
        wrong.push(domain::FieldError::new("email", "an address such as ada@example.org is needed"));
    }
    wrong.extend(text::required("name", &new.name, 100).err());
    wrong.extend(check_password(&new.password).err());
    if wrong.is_empty() { Ok(new) } else { Err(Error::Invalid(wrong)) }
}

fn check_password(password: &str) -> Result<(), domain::FieldError> {
    if password.chars().count() < MIN_PASSWORD {
        return Err(domain::FieldError::new("password", format!("at least {MIN_PASSWORD} characters are needed")));
    }
    if password.len() > MAX_PASSWORD {
        return Err(domain::FieldError::new("password", format!("at most {MAX_PASSWORD} bytes are possible")));
    }
    Ok(())
}

pub(crate) fn taken(error: store::Error) -> Error {
    match error {
        store::Error::Conflict(_) => Error::field("email", "this address is taken"),
        other => other.into(),
    }
}
