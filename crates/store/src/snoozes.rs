use domain::audit::Event;
use domain::case::{Rule, Snooze};
use domain::{EmployeeId, SnoozeId, TenantId, Timestamp};

use crate::sql::{Row, args};
use crate::{Error, Store};

/// What a snooze is made from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewSnooze {
    /// Whose events.
    pub employee: EmployeeId,
    /// By what rule.
    pub rule: Rule,
    /// Until when.
    pub until: Timestamp,
    /// Who makes it.
    pub created_by: String,
    /// Why.
    pub reason: String,
}

/// Most snoozes that a list gives.
const MOST: i64 = 10_000;
const COLUMNS: &str = "id, tenant_id, employee_id, rule, until, created_at, created_by, reason";

impl Store {
    /// Makes a snooze.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is no such employee; [`Error::Conflict`] while one by the same rule lasts.
    pub async fn create_snooze(
        &self,
        tenant: TenantId,
        new: &NewSnooze,
        now: Timestamp,
        event: &Event,
    ) -> Result<Snooze, Error> {
        let mut tx = self.begin().await?;
        // First: it locks the tenant's log, so that of two at once the second sees the first.
        tx.append(tenant, event).await?;
        let lasting = "SELECT id FROM snoozes WHERE tenant_id = $1 AND employee_id = $2 AND rule = $3 AND until > $4";
        if tx.row(lasting, args![tenant, new.employee, new.rule.as_str(), now]).await?.is_some() {
            return Err(Error::Conflict("this rule is snoozed for this employee already"));
        }
        let insert = format!(
            "INSERT INTO snoozes (tenant_id, employee_id, rule, until, created_at, created_by, reason)
             VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING {COLUMNS}"
        );
        let (rule, by, reason) = (new.rule.as_str(), &new.created_by, &new.reason);
        let values = args![tenant, new.employee, rule, new.until, now, by, reason];
        let snooze = read(&tx.one(insert, values).await.map_err(Error::or_not_found)?)?;
        tx.commit().await?;
        Ok(snooze)
    }

    /// Ends a snooze now. One that has ended stays as it is.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn end_snooze(
        &self,
        tenant: TenantId,
        id: SnoozeId,
        now: Timestamp,
        event: &Event,
    ) -> Result<Snooze, Error> {
        let mut tx = self.begin().await?;
        tx.append(tenant, event).await?;
        let update = format!(
            "UPDATE snoozes SET until = CASE WHEN until < $3 THEN until ELSE $3 END WHERE tenant_id = $1 AND id = $2
             RETURNING {COLUMNS}"
        );
        let snooze = read(&tx.one(update, args![tenant, id, now]).await?)?;
        tx.commit().await?;
        Ok(snooze)
    }

    /// The snoozes that last at `now`, the first to end first: at most 10,000.
    pub async fn snoozes(&self, tenant: TenantId, now: Timestamp) -> Result<Vec<Snooze>, Error> {
        let sql =
            format!("SELECT {COLUMNS} FROM snoozes WHERE tenant_id = $1 AND until > $2 ORDER BY until, id LIMIT $3");
        self.rows(sql, args![tenant, now, MOST]).await?.iter().map(read).collect()
    }
}

fn read(row: &Row) -> Result<Snooze, Error> {
    Ok(Snooze {
        id: SnoozeId(row.get("id")?),
        tenant: TenantId(row.get("tenant_id")?),
        employee: EmployeeId(row.get("employee_id")?),
        rule: row.word("rule", Rule::parse)?,
        until: row.time("until")?,
        created_at: row.time("created_at")?,
        created_by: row.get("created_by")?,
        reason: row.get("reason")?,
    })
}
