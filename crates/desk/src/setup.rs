//! The first admin: by a one-time link that only whoever starts the server can read.

use domain::audit::Event;
use domain::person::Person;
use domain::time::DAY;
use domain::{Actor, Role};

use crate::error::{Error, Result};
use crate::people::{NewPerson, check_person, taken};
use crate::{room, secrets, text};

room! {
    /// Verbs before there is anybody.
    Setup
}

impl Setup<'_> {
    /// Whether nobody exists yet.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn is_needed(&self) -> Result<bool> {
        Ok(self.desk.store().count_all_people().await? == 0)
    }

    /// A token that makes the first admin, good for a day. The tenant is the one that the command line has made
    /// already, or a first one.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn create_link(&self) -> Result<String> {
        let tenant = match self.desk.tenants().all().await?.into_iter().next() {
            Some(tenant) => tenant,
            None => self.desk.tenants().named_or_first(None).await?,
        };
        let token = secrets::token(24);
        let (hash, now) = (secrets::token_hash(&token), self.desk.now());
        self.desk.store().create_setup_link(tenant.id, &hash, now, now.plus(DAY)).await?;
        Ok(token)
    }

    /// Whether `token` would still make the first admin.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn is_open(&self, token: &str) -> Result<bool> {
        Ok(self.desk.store().setup_link(&secrets::token_hash(token), self.desk.now()).await?.is_some())
    }

    /// Makes the first admin, names their organisation, and uses the token up.
    ///
    /// # Errors
    /// Names the wrong field; [`Error::NotFound`] for a token that is used, old or wrong.
    pub async fn complete(&self, token: &str, organisation: &str, admin: NewPerson) -> Result<Person> {
        let organisation = text::required("tenant", organisation, 100)?;
        let admin = check_person(NewPerson { role: Role::Admin, ..admin })?;
        let (hash, now) = (secrets::token_hash(token), self.desk.now());
        let closed = || Error::not_found("open setup link like this; start the server again for a new one");
        let tenant = self.desk.store().setup_link(&hash, now).await?.ok_or_else(closed)?;
        let password_hash = self.desk.inner.passwords.hash(admin.password).await?;
        let first = store::NewPerson { email: admin.email, name: admin.name, role: Role::Admin, password_hash };
        let operator = Actor::operator(tenant);
        let events = |person: &Person| {
            let added = Event::new(&operator, now, "person.added", format!("person:{}", person.id))
                .with(serde_json::json!({ "email": person.email, "role": Role::Admin, "by": "setup link" }));
            let named = Event::new(&operator, now, "tenant.named", format!("tenant:{tenant}"))
                .with(serde_json::json!({ "name": organisation }));
            [added, named]
        };
        let made = self.desk.store().consume_setup_link(tenant, &hash, &first, organisation, now, events).await;
        made.map_err(|error| if matches!(error, store::Error::NotFound) { closed() } else { taken(error) })
    }
}
