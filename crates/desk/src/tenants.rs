//! Organisations.

use domain::Actor;
use domain::audit::Event;
use domain::person::Tenant;
use domain::time::is_time_zone;

use crate::error::{Error, Result};
use crate::{room, text};

room! {
    /// Verbs on tenants, for the command line and the workers.
    Tenants
}

/// Short name of the first tenant, if nobody gives it another.
const FIRST: &str = "default";

impl Tenants<'_> {
    /// Every tenant.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn all(&self) -> Result<Vec<Tenant>> {
        Ok(self.desk.store().all_tenants().await?)
    }

    /// Makes a tenant.
    ///
    /// # Errors
    /// Names the wrong field; [`Error::Conflict`] when the short name is taken.
    pub async fn create(&self, slug: &str, name: &str, time_zone: &str) -> Result<Tenant> {
        let possible = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        if slug.is_empty() || slug.len() > 40 || !slug.bytes().all(possible) {
            return Err(Error::field("tenant", "1 to 40 of a–z, 0–9 and - are possible"));
        }
        if !is_time_zone(time_zone) {
            return Err(Error::field("time_zone", "a name such as Europe/Berlin is needed"));
        }
        let (name, time_zone) = (text::required("name", name, 100)?.to_owned(), time_zone.to_owned());
        let now = self.desk.now();
        let new = store::NewTenant { slug: slug.to_owned(), name, time_zone };
        let event = |id| Event::new(&Actor::operator(id), now, "tenant.created", format!("tenant:{id}"));
        Ok(self.desk.store().create_tenant(&new, now, event).await?)
    }

    /// As [`Self::named`], but makes the tenant if there is none at all, so that scripts can begin with nothing.
    ///
    /// # Errors
    /// As [`Self::named`] and [`Self::create`].
    pub async fn named_or_first(&self, slug: Option<&str>) -> Result<Tenant> {
        if self.all().await?.is_empty() {
            return self.create(slug.unwrap_or(FIRST), slug.unwrap_or("My organisation"), "UTC").await;
        }
        self.named(slug).await
    }

    /// The tenant named `slug`; without a name the only one there is.
    ///
    /// # Errors
    /// When there is no such tenant, or several and none was named.
    pub async fn named(&self, slug: Option<&str>) -> Result<Tenant> {
        let mut tenants = self.all().await?;
        match slug {
            Some(slug) => {
                let found = tenants.into_iter().find(|tenant| tenant.slug == slug);
                found.ok_or_else(|| Error::not_found(format!("tenant `{slug}`")))
            }
            None if tenants.len() == 1 => Ok(tenants.remove(0)),
            None if tenants.is_empty() => Err(Error::not_found("tenant yet")),
            None => Err(Error::field("tenant", "there are several; say which one with --tenant")),
        }
    }
}
