use domain::audit::Event;
use domain::person::Tenant;
use domain::{TenantId, Timestamp};

use crate::sql::{Row, args};
use crate::{Error, Store};

/// What a tenant is made from.
#[derive(Clone, Debug)]
pub struct NewTenant {
    /// Short name used at the command line.
    pub slug: String,
    /// Name as shown.
    pub name: String,
    /// IANA time zone.
    pub time_zone: String,
}

const SELECT: &str = "SELECT id, slug, name, time_zone FROM tenants";

impl Store {
    /// Makes a tenant and begins its audit log with the event that `event` gives for it.
    ///
    /// # Errors
    /// [`Error::Conflict`] when the slug is taken.
    pub async fn create_tenant(
        &self,
        new: &NewTenant,
        now: Timestamp,
        event: impl FnOnce(TenantId) -> Event + Send,
    ) -> Result<Tenant, Error> {
        let mut tx = self.begin().await?;
        let insert = "INSERT INTO tenants (slug, name, time_zone, created_at) VALUES ($1, $2, $3, $4) RETURNING id";
        let row = tx.one(insert, args![&new.slug, &new.name, &new.time_zone, now]).await;
        let id = TenantId(row.map_err(|e| e.or_conflict("this slug is taken"))?.get("id")?);
        tx.begin_log(id).await?;
        tx.append(id, &event(id)).await?;
        tx.commit().await?;
        Ok(Tenant { id, slug: new.slug.clone(), name: new.name.clone(), time_zone: new.time_zone.clone() })
    }

    /// One tenant.
    pub async fn tenant(&self, tenant: TenantId) -> Result<Option<Tenant>, Error> {
        self.row(format!("{SELECT} WHERE id = $1"), args![tenant]).await?.as_ref().map(read).transpose()
    }

    /// Every tenant, oldest first. Spans tenants.
    pub async fn all_tenants(&self) -> Result<Vec<Tenant>, Error> {
        self.rows(format!("{SELECT} ORDER BY id"), &[]).await?.iter().map(read).collect()
    }
}

fn read(row: &Row) -> Result<Tenant, Error> {
    Ok(Tenant {
        id: TenantId(row.get("id")?),
        slug: row.get("slug")?,
        name: row.get("name")?,
        time_zone: row.get("time_zone")?,
    })
}
