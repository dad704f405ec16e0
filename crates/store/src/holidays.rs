use std::collections::BTreeSet;

use domain::attendance::Holiday;
use domain::audit::Event;
use domain::{HolidayId, SiteId, TenantId, Timestamp};
use jiff::civil::Date;

use crate::dialect::{Bulk, Listed, Values, list};
use crate::sql::{Row, args, to_list};
use crate::{Error, Store};

/// What a day of the calendar is made from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewHoliday {
    /// The only site that keeps it; none is every site.
    pub site: Option<SiteId>,
    /// The day, by the site's clocks.
    pub date: Date,
    /// Name as shown.
    pub name: String,
}

/// Most days that a list gives.
const MOST: i64 = 10_000;
const COLUMNS: &str = "id, tenant_id, site_id, date, name, created_at, created_by";

impl Store {
    /// Adds days to the calendar, all in one transaction; those that are in it already stay as they are.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is no such site.
    pub async fn add_holidays(
        &self,
        tenant: TenantId,
        new: &[NewHoliday],
        now: Timestamp,
        event: &Event,
    ) -> Result<(), Error> {
        let mut tx = self.begin().await?;
        tx.append(tenant, event).await?;
        let dates: Vec<String> = new.iter().map(|new| new.date.to_string()).collect();
        let bulk = Bulk {
            table: "holidays",
            columns: vec![
                ("tenant_id", Values::Ints(vec![tenant.0; new.len()])),
                ("site_id", Values::OptInts(new.iter().map(|new| new.site.map(|site| site.0)).collect())),
                ("date", Values::Texts(dates.iter().map(String::as_str).collect())),
                ("name", Values::Texts(new.iter().map(|new| new.name.as_str()).collect())),
                ("created_at", Values::Ints(vec![now.0; new.len()])),
                ("created_by", Values::Texts(vec![&event.actor; new.len()])),
            ],
            ending: "ON CONFLICT DO NOTHING",
        };
        bulk.insert(&mut tx).await.map_err(Error::or_not_found)?;
        tx.commit().await
    }

    /// Takes a day out of the calendar. Events that are recorded keep what was known of it then.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn remove_holiday(&self, tenant: TenantId, id: HolidayId, event: &Event) -> Result<(), Error> {
        let mut tx = self.begin().await?;
        tx.append(tenant, event).await?;
        let delete = "DELETE FROM holidays WHERE tenant_id = $1 AND id = $2";
        if tx.execute(delete, args![tenant, id]).await? == 0 {
            return Err(Error::NotFound);
        }
        tx.commit().await
    }

    /// All that a tenant's calendar says of these days, in no order.
    pub async fn holidays_on(&self, tenant: TenantId, days: &BTreeSet<Date>) -> Result<Vec<Holiday>, Error> {
        let days: Vec<String> = days.iter().map(Date::to_string).collect();
        let list = list(self.engine(), "$2", Listed::Texts);
        let sql =
            format!("SELECT {COLUMNS} FROM {list} CROSS JOIN holidays WHERE tenant_id = $1 AND date = listed.value");
        self.rows(sql, args![tenant, &to_list(&days)?]).await?.iter().map(read).collect()
    }

    /// A tenant's calendar from one day to another, both included: at most 10,000 entries, in the order of days.
    pub async fn holidays(&self, tenant: TenantId, from: Date, to: Date) -> Result<Vec<Holiday>, Error> {
        let sql = format!(
            "SELECT {COLUMNS} FROM holidays WHERE tenant_id = $1 AND date >= $2 AND date <= $3
             ORDER BY date, COALESCE(site_id, 0) LIMIT $4"
        );
        let (from, to) = (from.to_string(), to.to_string());
        let values = args![tenant, &from, &to, MOST];
        self.rows(sql, values).await?.iter().map(read).collect()
    }
}

fn read(row: &Row) -> Result<Holiday, Error> {
    Ok(Holiday {
        id: HolidayId(row.get("id")?),
        tenant: TenantId(row.get("tenant_id")?),
        site: row.get::<Option<i64>>("site_id")?.map(SiteId),
        date: row.word("date", |text| text.parse().ok())?,
        name: row.get("name")?,
        created_at: row.time("created_at")?,
        created_by: row.get("created_by")?,
    })
}
