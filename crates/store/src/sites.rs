use domain::attendance::{Position, Site};
use domain::audit::Event;
use domain::{SiteId, TenantId, Timestamp};

use crate::dialect::{Listed, list};
use crate::page::{cut, limit};
use crate::query::Query;
use crate::sql::{Row, args, to_list};
use crate::{Cursor, Error, Page, Store};

/// What a site is made from.
#[derive(Clone, Debug, PartialEq)]
pub struct NewSite {
    /// The organisation's own key for it.
    pub reference: String,
    /// Name as shown.
    pub name: String,
    /// Where it is.
    pub position: Position,
    /// IANA time zone that its clocks show.
    pub time_zone: String,
}

const COLUMNS: &str = "id, tenant_id, reference, name, latitude, longitude, time_zone, created_at";
const TAKEN: &str = "there is a site with this reference";

impl Store {
    /// Makes a site.
    ///
    /// # Errors
    /// [`Error::Conflict`] when the reference is taken.
    pub async fn create_site(
        &self,
        tenant: TenantId,
        new: &NewSite,
        now: Timestamp,
        event: impl FnOnce(&Site) -> Event + Send,
    ) -> Result<Site, Error> {
        let mut tx = self.begin().await?;
        tx.lock_log(tenant).await?;
        let insert = format!(
            "INSERT INTO sites (tenant_id, reference, name, latitude, longitude, time_zone, created_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING {COLUMNS}"
        );
        let Position { latitude, longitude } = new.position;
        let values = args![tenant, &new.reference, &new.name, latitude, longitude, &new.time_zone, now];
        let site = read(&tx.one(insert, values).await.map_err(|e| e.or_conflict(TAKEN))?)?;
        tx.append(tenant, &event(&site)).await?;
        tx.commit().await?;
        Ok(site)
    }

    /// Changes a site. Events that are recorded keep what was known of it then.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Conflict`] when the reference is taken.
    pub async fn update_site(&self, tenant: TenantId, id: SiteId, new: &NewSite, event: &Event) -> Result<Site, Error> {
        let mut tx = self.begin().await?;
        tx.append(tenant, event).await?;
        let update = format!(
            "UPDATE sites SET reference = $3, name = $4, latitude = $5, longitude = $6, time_zone = $7
             WHERE tenant_id = $1 AND id = $2 RETURNING {COLUMNS}"
        );
        let Position { latitude, longitude } = new.position;
        let values = args![tenant, id, &new.reference, &new.name, latitude, longitude, &new.time_zone];
        let site = read(&tx.one(update, values).await.map_err(|e| e.or_conflict(TAKEN))?)?;
        tx.commit().await?;
        Ok(site)
    }

    /// One site.
    pub async fn site(&self, tenant: TenantId, id: SiteId) -> Result<Option<Site>, Error> {
        let sql = format!("SELECT {COLUMNS} FROM sites WHERE tenant_id = $1 AND id = $2");
        self.row(sql, args![tenant, id]).await?.as_ref().map(read).transpose()
    }

    /// A tenant's sites, by name.
    pub async fn sites(&self, tenant: TenantId, cursor: Option<&Cursor>, asked: u32) -> Result<Page<Site>, Error> {
        let limit = limit(asked);
        let mut query = Query::new(format!("SELECT {COLUMNS} FROM sites WHERE tenant_id = $1"), args![tenant]);
        if let Some(after) = cursor.and_then(Cursor::as_number) {
            let mark = query.mark(after);
            query.push(&format!(
                " AND (lower(name), id) > (SELECT lower(name), id FROM sites WHERE tenant_id = $1 AND id = {mark})"
            ));
        }
        query.order("lower(name), id", limit);
        let sites = self.rows(query.text, &query.args).await?.iter().map(read).collect::<Result<Vec<_>, _>>()?;
        Ok(cut(sites, limit, |site| site.id.0))
    }

    /// Those of the sites with these ids that there are, in no order.
    pub async fn sites_by_id(&self, tenant: TenantId, ids: &[SiteId]) -> Result<Vec<Site>, Error> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let list = list(self.engine(), "$2", Listed::Numbers);
        let sql = format!("SELECT {COLUMNS} FROM {list} CROSS JOIN sites WHERE tenant_id = $1 AND id = listed.value");
        self.rows(sql, args![tenant, &to_list(&ids)?]).await?.iter().map(read).collect()
    }

    /// Those of the sites named by their references that there are, in no order.
    pub async fn sites_by_reference(&self, tenant: TenantId, references: &[&str]) -> Result<Vec<Site>, Error> {
        let list = list(self.engine(), "$2", Listed::Texts);
        let sql =
            format!("SELECT {COLUMNS} FROM {list} CROSS JOIN sites WHERE tenant_id = $1 AND reference = listed.value");
        self.rows(sql, args![tenant, &to_list(&references)?]).await?.iter().map(read).collect()
    }
}

fn read(row: &Row) -> Result<Site, Error> {
    Ok(Site {
        id: SiteId(row.get("id")?),
        tenant: TenantId(row.get("tenant_id")?),
        reference: row.get("reference")?,
        name: row.get("name")?,
        position: Position { latitude: row.get("latitude")?, longitude: row.get("longitude")? },
        time_zone: row.get("time_zone")?,
        created_at: row.time("created_at")?,
    })
}
