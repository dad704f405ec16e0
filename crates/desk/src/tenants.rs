//! Organisations.

use domain::person::Tenant;

use crate::error::{Error, Result};
use crate::room;

room! {
    /// Verbs on tenants, for the command line and the workers.
    Tenants
}

impl Tenants<'_> {
    /// Every tenant.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn all(&self) -> Result<Vec<Tenant>> {
        Ok(self.desk.store().all_tenants().await?)
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
