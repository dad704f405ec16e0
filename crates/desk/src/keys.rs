//! API keys: made once, shown once, stored hashed.

use std::time::Duration;

use domain::audit::Event;
use domain::person::ApiKey;
use domain::time::DAY;
use domain::{Actor, KeyId, Permission, PersonId, Role, Scope, Timestamp, Who};
use moka::sync::Cache as Moka;

use crate::error::{Error, Result};
use crate::{room, secrets, text};

room! {
    /// Verbs on API keys.
    Keys
}

/// How long a key that was looked up is believed. Another replica's revocation is noticed after at most this.
const BELIEVED: Duration = Duration::from_secs(5);

/// What every secret starts with, so that scanners find a leaked one.
const PREFIX: &str = "vdt_";

/// Keys seen lately, by the hash of their secret.
pub(crate) struct Cache(Moka<String, Known>);

#[derive(Clone)]
struct Known {
    key: ApiKey,
    maker: Maker,
}

/// Where a key comes from.
#[derive(Clone, Copy)]
enum Maker {
    Operator,
    Person(Role),
    LockedOut,
}

impl Cache {
    /// Looks every key up again: a key was revoked, or what a person may do has changed.
    pub(crate) fn forget(&self) {
        self.0.invalidate_all();
    }
}

impl Default for Cache {
    fn default() -> Self {
        Self(Moka::builder().max_capacity(10_000).time_to_live(BELIEVED).build())
    }
}

impl Keys<'_> {
    /// The key behind `secret`, as an actor; none if it is unknown, revoked or expired.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn authenticate(&self, secret: &str) -> Result<Option<Actor>> {
        if !secret.starts_with(PREFIX) || secret.len() > 200 {
            return Ok(None);
        }
        let hash = secrets::token_hash(secret);
        let cache = &self.desk.inner.keys.0;
        let known = match cache.get(&hash) {
            Some(known) => known,
            None => {
                let Some(known) = self.look_up(&hash).await? else { return Ok(None) };
                cache.insert(hash, known.clone());
                known
            }
        };
        let Known { key, maker } = known;
        if !key.is_valid(self.desk.now()) {
            return Ok(None);
        }
        let maker = match maker {
            Maker::Operator => None,
            Maker::Person(role) => Some(role),
            Maker::LockedOut => return Ok(None),
        };
        let who = Who::Key { id: key.id, name: key.name, scopes: key.scopes, maker };
        Ok(Some(Actor { tenant: key.tenant, who }))
    }

    /// The key as it is now. Only on a cache miss, so the table is not written on every request.
    async fn look_up(&self, hash: &str) -> Result<Option<Known>> {
        let store = self.desk.store();
        let Some(key) = store.key_by_secret_hash(hash).await? else { return Ok(None) };
        let maker = match key.maker {
            None => Maker::Operator,
            Some(id) => match store.person(key.tenant, id).await?.filter(|person| person.disabled_at.is_none()) {
                Some(person) => Maker::Person(person.role),
                None => {
                    tracing::warn!(key = %key.id, person = %id, "a key is refused: the person it comes from is disabled");
                    Maker::LockedOut
                }
            },
        };
        store.touch_key(&key, self.desk.now()).await?;
        Ok(Some(Known { key, maker }))
    }

    /// The tenant's keys, newest first.
    ///
    /// # Errors
    /// Needs the right to manage keys.
    pub async fn list(&self, actor: &Actor) -> Result<Vec<ApiKey>> {
        actor.check(Permission::ManageKeys)?;
        Ok(self.desk.store().keys(actor.tenant).await?)
    }

    /// Makes a key and tells its secret, this once. It outlives neither the key that makes it nor the rights of the person
    /// behind it.
    ///
    /// # Errors
    /// Needs the right to manage keys; names the wrong field, also when a scope is more than the actor's own rights.
    pub async fn create(
        &self,
        actor: &Actor,
        name: &str,
        scopes: &[Scope],
        expires_in_days: Option<u32>,
    ) -> Result<(ApiKey, String)> {
        actor.check(Permission::ManageKeys)?;
        let name = text::required("name", name, 100)?;
        if scopes.is_empty() {
            return Err(Error::field("scopes", "choose at least one"));
        }
        if let Some(scope) = scopes.iter().find(|scope| !actor.may_give(**scope)) {
            return Err(Error::field("scopes", format!("`{scope}` is more than you may do yourself")));
        }
        if expires_in_days.is_some_and(|days| !(1..=3_650).contains(&days)) {
            return Err(Error::field("expires_in_days", "1 to 3650 days are possible"));
        }
        let now = self.desk.now();
        let secret = format!("{PREFIX}{}", secrets::token(24));
        let (maker, latest) = self.maker(actor).await?;
        let asked = expires_in_days.map(|days| now.plus(i64::from(days) * DAY));
        let expires_at = asked.into_iter().chain(latest).min();
        let event = |key: &ApiKey| {
            Event::new(actor, now, "key.created", format!("key:{}", key.id))
                .with(serde_json::json!({ "name": key.name, "scopes": scopes, "expires_at": expires_at }))
        };
        let new = store::NewKey {
            name: name.to_owned(),
            prefix: secret[..PREFIX.len() + 6].to_owned(),
            secret_hash: secrets::token_hash(&secret),
            scopes: scopes.to_vec(),
            created_by: actor.label(),
            maker,
            expires_at,
        };
        let key = self.desk.store().create_key(actor.tenant, &new, now, event).await?;
        Ok((key, secret))
    }

    /// The person that keys made by `actor` come from, and when these expire at the latest.
    async fn maker(&self, actor: &Actor) -> Result<(Option<PersonId>, Option<Timestamp>)> {
        let Who::Key { id, .. } = actor.who else { return Ok((actor.person(), None)) };
        let parent = self.desk.store().key(actor.tenant, id).await?.ok_or_else(|| Error::not_found("such key"))?;
        Ok((parent.maker, parent.expires_at))
    }

    /// Refuses a key from now on.
    ///
    /// # Errors
    /// Needs the right to manage keys; [`Error::NotFound`] for a key of another tenant.
    pub async fn revoke(&self, actor: &Actor, id: KeyId) -> Result<()> {
        actor.check(Permission::ManageKeys)?;
        let event = Event::new(actor, self.desk.now(), "key.revoked", format!("key:{id}"));
        self.desk.store().revoke_key(actor.tenant, id, event.at, &event).await?;
        self.desk.inner.keys.forget();
        Ok(())
    }
}
