use std::collections::BTreeMap;

use domain::attendance::Employee;
use domain::audit::Event;
use domain::{EmployeeId, SiteId, TenantId, Timestamp};

use crate::dialect::{Bulk, Listed, Values, list};
use crate::page::{cut, limit};
use crate::query::Query;
use crate::sql::{Row, args, to_list};
use crate::{Cursor, Error, Page, Store};

/// What an employee is made from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewEmployee {
    /// The organisation's own key for them.
    pub reference: String,
    /// Name as shown.
    pub name: String,
    /// Where they usually work.
    pub site: Option<SiteId>,
}

/// Which employees; empty means all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EmployeeFilter {
    /// Who usually work here.
    pub site: Option<SiteId>,
    /// With this in their name or reference, whatever its case.
    pub text: Option<String>,
}

const COLUMNS: &str = "id, tenant_id, reference, name, site_id, created_at";
const TAKEN: &str = "there is an employee with this reference";

impl Store {
    /// Makes an employee.
    ///
    /// # Errors
    /// [`Error::Conflict`] when the reference is taken; [`Error::NotFound`] when there is no such site.
    pub async fn create_employee(
        &self,
        tenant: TenantId,
        new: &NewEmployee,
        now: Timestamp,
        event: impl FnOnce(&Employee) -> Event + Send,
    ) -> Result<Employee, Error> {
        let mut tx = self.begin().await?;
        tx.lock_log(tenant).await?;
        let insert = format!(
            "INSERT INTO employees (tenant_id, reference, name, site_id, created_at) VALUES ($1, $2, $3, $4, $5)
             RETURNING {COLUMNS}"
        );
        let row = tx.one(insert, args![tenant, &new.reference, &new.name, new.site, now]).await;
        let employee = read(&row.map_err(|e| e.or_conflict(TAKEN).or_not_found())?)?;
        tx.append(tenant, &event(&employee)).await?;
        tx.commit().await?;
        Ok(employee)
    }

    /// Changes an employee.
    ///
    /// # Errors
    /// [`Error::NotFound`], also when there is no such site; [`Error::Conflict`] when the reference is taken.
    pub async fn update_employee(
        &self,
        tenant: TenantId,
        id: EmployeeId,
        new: &NewEmployee,
        event: &Event,
    ) -> Result<Employee, Error> {
        let mut tx = self.begin().await?;
        tx.append(tenant, event).await?;
        let update = format!(
            "UPDATE employees SET reference = $3, name = $4, site_id = $5 WHERE tenant_id = $1 AND id = $2
             RETURNING {COLUMNS}"
        );
        let row = tx.one(update, args![tenant, id, &new.reference, &new.name, new.site]).await;
        let employee = read(&row.map_err(|e| e.or_conflict(TAKEN).or_not_found())?)?;
        tx.commit().await?;
        Ok(employee)
    }

    /// Makes those employees whose reference is new and changes the others, all in one transaction. Of two with one
    /// reference the last counts.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is no such site.
    pub async fn put_employees(
        &self,
        tenant: TenantId,
        new: &[NewEmployee],
        now: Timestamp,
        event: &Event,
    ) -> Result<(), Error> {
        // In the order of references: two imports lock the same rows in the same order.
        let new: BTreeMap<&str, &NewEmployee> = new.iter().map(|new| (new.reference.as_str(), new)).collect();
        let mut tx = self.begin().await?;
        tx.append(tenant, event).await?;
        let bulk = Bulk {
            table: "employees",
            columns: vec![
                ("tenant_id", Values::Ints(vec![tenant.0; new.len()])),
                ("reference", Values::Texts(new.keys().copied().collect())),
                ("name", Values::Texts(new.values().map(|new| new.name.as_str()).collect())),
                ("site_id", Values::OptInts(new.values().map(|new| new.site.map(|site| site.0)).collect())),
                ("created_at", Values::Ints(vec![now.0; new.len()])),
            ],
            ending: "ON CONFLICT (tenant_id, reference) DO UPDATE SET name = excluded.name, site_id = excluded.site_id",
        };
        bulk.insert(&mut tx).await.map_err(Error::or_not_found)?;
        tx.commit().await
    }

    /// One employee.
    pub async fn employee(&self, tenant: TenantId, id: EmployeeId) -> Result<Option<Employee>, Error> {
        let sql = format!("SELECT {COLUMNS} FROM employees WHERE tenant_id = $1 AND id = $2");
        self.row(sql, args![tenant, id]).await?.as_ref().map(read).transpose()
    }

    /// A tenant's employees, by name.
    pub async fn employees(
        &self,
        tenant: TenantId,
        filter: &EmployeeFilter,
        cursor: Option<&Cursor>,
        asked: u32,
    ) -> Result<Page<Employee>, Error> {
        let limit = limit(asked);
        let pattern = filter.text.as_deref().map(pattern);
        let mut query = Query::new(format!("SELECT {COLUMNS} FROM employees WHERE tenant_id = $1"), args![tenant]);
        query.and("site_id =", filter.site);
        if let Some(pattern) = &pattern {
            let mark = query.mark(pattern);
            query.push(&format!(
                " AND (lower(name) LIKE lower({mark}) ESCAPE '!' OR lower(reference) LIKE lower({mark}) ESCAPE '!')"
            ));
        }
        if let Some(after) = cursor.and_then(Cursor::as_number) {
            let mark = query.mark(after);
            query.push(&format!(
                " AND (lower(name), id) > (SELECT lower(name), id FROM employees WHERE tenant_id = $1 AND id = {mark})"
            ));
        }
        query.order("lower(name), id", limit);
        let employees = self.rows(query.text, &query.args).await?.iter().map(read).collect::<Result<Vec<_>, _>>()?;
        Ok(cut(employees, limit, |employee| employee.id.0))
    }

    /// Those of the employees named by their references that there are, in no order.
    pub async fn employees_by_reference(&self, tenant: TenantId, references: &[&str]) -> Result<Vec<Employee>, Error> {
        let list = list(self.engine(), "$2", Listed::Texts);
        let sql = format!(
            "SELECT {COLUMNS} FROM {list} CROSS JOIN employees WHERE tenant_id = $1 AND reference = listed.value"
        );
        self.rows(sql, args![tenant, &to_list(&references)?]).await?.iter().map(read).collect()
    }

    /// Those of the employees that there are, in no order.
    pub async fn employees_by_id(&self, tenant: TenantId, ids: &[EmployeeId]) -> Result<Vec<Employee>, Error> {
        let list = list(self.engine(), "$2", Listed::Numbers);
        let sql =
            format!("SELECT {COLUMNS} FROM {list} CROSS JOIN employees WHERE tenant_id = $1 AND id = listed.value");
        self.rows(sql, args![tenant, &to_list(&ids)?]).await?.iter().map(read).collect()
    }
}

/// What `LIKE` finds `text` by, anywhere.
fn pattern(text: &str) -> String {
    let mut pattern = String::from("%");
    for c in text.chars() {
        if matches!(c, '%' | '_' | '!') {
            pattern.push('!');
        }
        pattern.push(c);
    }
    pattern.push('%');
    pattern
}

fn read(row: &Row) -> Result<Employee, Error> {
    Ok(Employee {
        id: EmployeeId(row.get("id")?),
        tenant: TenantId(row.get("tenant_id")?),
        reference: row.get("reference")?,
        name: row.get("name")?,
        site: row.get::<Option<i64>>("site_id")?.map(SiteId),
        created_at: row.time("created_at")?,
    })
}
