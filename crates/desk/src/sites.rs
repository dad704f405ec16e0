//! Sites: the places where attendance is recorded.

use domain::attendance::{Position, Site};
use domain::audit::Event;
use domain::time::is_time_zone;
use domain::{Actor, Permission, SiteId, TenantId};
use store::{Cursor, NewSite};

use crate::error::{Error, Result};
use crate::{room, text};

room! {
    /// Verbs on sites.
    Sites
}

/// What somebody says of a site.
#[derive(Clone, Debug)]
pub struct SiteDraft {
    /// The organisation's own key for it.
    pub reference: String,
    /// Name as shown.
    pub name: String,
    /// Degrees north.
    pub latitude: f64,
    /// Degrees east.
    pub longitude: f64,
    /// IANA time zone; the organisation's own when it is not said.
    pub time_zone: Option<String>,
}

impl Sites<'_> {
    /// Makes a site.
    ///
    /// # Errors
    /// Needs the right to manage attendance; names every wrong field, also a reference that is taken.
    pub async fn create(&self, actor: &Actor, draft: SiteDraft) -> Result<Site> {
        actor.check(Permission::ManageAttendance)?;
        let (new, now) = (self.check(actor.tenant, draft).await?, self.desk.now());
        let event = |site: &Site| Event::new(actor, now, "site.created", format!("site:{}", site.reference));
        self.desk.store().create_site(actor.tenant, &new, now, event).await.map_err(taken)
    }

    /// Changes a site, for events to come: those that are recorded keep what was known of it then.
    ///
    /// # Errors
    /// As [`Self::create`]; [`Error::NotFound`] for another tenant's.
    pub async fn change(&self, actor: &Actor, id: SiteId, draft: SiteDraft) -> Result<Site> {
        actor.check(Permission::ManageAttendance)?;
        let new = self.check(actor.tenant, draft).await?;
        let event = Event::new(actor, self.desk.now(), "site.changed", format!("site:{}", new.reference)).with(
            serde_json::json!({ "position": [new.position.latitude, new.position.longitude], "time_zone": new.time_zone }),
        );
        self.desk.store().update_site(actor.tenant, id, &new, &event).await.map_err(taken)
    }

    /// The tenant's sites by name, those after `after`.
    ///
    /// # Errors
    /// Needs the right to see predictions.
    pub async fn list(&self, actor: &Actor, after: Option<SiteId>, limit: u32) -> Result<Vec<Site>> {
        actor.check(Permission::ReadPredictions)?;
        let cursor = after.map(|id| Cursor::number(id.0));
        Ok(self.desk.store().sites(actor.tenant, cursor.as_ref(), limit.clamp(1, 200)).await?.items)
    }

    /// One site.
    ///
    /// # Errors
    /// Needs the right to see predictions; [`Error::NotFound`] for another tenant's.
    pub async fn get(&self, actor: &Actor, id: SiteId) -> Result<Site> {
        actor.check(Permission::ReadPredictions)?;
        self.desk.store().site(actor.tenant, id).await?.ok_or_else(|| Error::not_found("such site"))
    }

    async fn check(&self, tenant: TenantId, draft: SiteDraft) -> Result<NewSite> {
        let position = Position::new(draft.latitude, draft.longitude)?;
        let time_zone = match draft.time_zone.filter(|zone| !zone.is_empty()) {
            Some(zone) if is_time_zone(&zone) => zone,
            Some(zone) => {
                return Err(Error::field("time_zone", format!("`{}` is no IANA time zone", text::shortened(&zone))));
            }
            None => self.desk.store().tenant(tenant).await?.ok_or_else(|| Error::not_found("tenant"))?.time_zone,
        };
        Ok(NewSite {
            reference: text::required("reference", &draft.reference, 100)?.to_owned(),
            name: text::required("name", &draft.name, 200)?.to_owned(),
            position,
            time_zone,
        })
    }
}

fn taken(error: store::Error) -> Error {
    match error {
        store::Error::Conflict(reason) => Error::field("reference", reason),
        store::Error::NotFound => Error::not_found("such site"),
        other => other.into(),
    }
}
