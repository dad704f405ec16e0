//! The first admin: by a one-time link that only whoever starts the server can read.

use domain::audit::Event;
use domain::person::{Person, Tenant};
use domain::time::DAY;
use domain::{Actor, Role};

use crate::error::{Error, Result};
use crate::people::{NewPerson, check_person, taken};
use crate::{room, secrets};

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
        Ok(self.desk.store().count_people().await? == 0)
    }

    /// A token that makes the first admin, good for a day; tokens of before are void.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn create_link(&self) -> Result<String> {
        let token = secrets::token(24);
        let (hash, now) = (secrets::token_hash(&token), self.desk.now());
        self.desk.store().create_setup_link(&hash, now.plus(DAY), now).await?;
        Ok(token)
    }

    /// Whether `token` would still make the first admin.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn is_open(&self, token: &str) -> Result<bool> {
        Ok(self.desk.store().setup_link_is_open(&secrets::token_hash(token), self.desk.now()).await?)
    }

    /// Makes the tenant and its first admin, and uses the token up.
    ///
    /// # Errors
    /// Names the wrong field; [`Error::NotFound`] for a token that is used, old or wrong.
    pub async fn complete(&self, token: &str, tenant_name: &str, admin: NewPerson) -> Result<Person> {
        let admin = check_person(NewPerson { role: Role::Admin, ..admin })?;
        let hash = secrets::hash_password(admin.password.clone()).await?;
        let slug =
            slug(tenant_name).ok_or_else(|| Error::field("tenant", "a name with letters or digits is needed"))?;
        let now = self.desk.now();
        let new = store::FirstAdmin {
            token_hash: &secrets::token_hash(token),
            slug: &slug,
            tenant_name: tenant_name.trim(),
            email: &admin.email,
            name: &admin.name,
            password_hash: &hash,
        };
        match self.desk.store().complete_setup(new, now).await {
            Ok(person) => Ok(person),
            Err(store::Error::NotFound) => {
                Err(Error::not_found("open setup link like this; start the server for a new one"))
            }
            Err(error) => Err(taken(error)),
        }
    }

    /// Makes a tenant and its first admin without a token: for the command line.
    ///
    /// # Errors
    /// Names the wrong field.
    pub async fn tenant(&self, slug: &str, name: &str, time_zone: &str) -> Result<Tenant> {
        if slug_is_wrong(slug) {
            return Err(Error::field("tenant", "1 to 40 of a–z, 0–9 and - are possible"));
        }
        let tenant = self.desk.store().create_tenant(slug, name, time_zone, self.desk.now()).await?;
        let event =
            Event::new(&Actor::operator(tenant.id), self.desk.now(), "tenant.created", format!("tenant:{slug}"));
        self.desk.store().append_audit(&event).await?;
        Ok(tenant)
    }
}

fn slug_is_wrong(slug: &str) -> bool {
    slug.is_empty()
        || slug.len() > 40
        || !slug.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

/// `Acme Ltd.` → `acme-ltd`.
fn slug(name: &str) -> Option<String> {
    let lower = name.to_lowercase();
    let words: Vec<&str> = lower.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let slug: String = words.join("-").chars().take(40).collect();
    (!slug.is_empty()).then_some(slug)
}
