//! Employees: whose attendance is recorded. They are known by the organisation's own keys, and do not log in.

use std::collections::HashMap;

use domain::attendance::Employee;
use domain::audit::Event;
use domain::{Actor, EmployeeId, FieldError, Permission, SiteId, TenantId};
use store::{Cursor, EmployeeFilter, NewEmployee};

use crate::error::{Error, Result};
use crate::{room, text};

room! {
    /// Verbs on employees.
    Employees
}

/// What somebody says of an employee.
#[derive(Clone, Debug)]
pub struct EmployeeDraft {
    /// The organisation's own key for them.
    pub reference: String,
    /// Name as shown.
    pub name: String,
    /// Reference of the site where they usually work.
    pub site: Option<String>,
}

/// Employees of one request.
const MOST: usize = 10_000;
/// Characters that are searched for: as many as a name has.
const MOST_TEXT: usize = 200;
/// Wrong fields named in one answer.
const MOST_ERRORS: usize = 100;

impl Employees<'_> {
    /// Makes those employees whose reference is new, and changes the others; all of them or none.
    ///
    /// # Errors
    /// Needs the right to manage attendance; names every wrong field as `employees[3].name`.
    pub async fn put(&self, actor: &Actor, drafts: &[EmployeeDraft]) -> Result<()> {
        actor.check(Permission::ManageAttendance)?;
        if drafts.is_empty() {
            return Err(Error::field("employees", "at least one is needed"));
        }
        if drafts.len() > MOST {
            return Err(Error::TooLarge(format!("at most {MOST} employees fit into one request")));
        }
        let new = self.check(actor.tenant, drafts).await?;
        let now = self.desk.now();
        let count = serde_json::json!({ "employees": new.len() });
        let event = Event::new(actor, now, "employees.put", "employees").with(count);
        Ok(self.desk.store().put_employees(actor.tenant, &new, now, &event).await?)
    }

    /// The tenant's employees by name, those after `after`; with `text` in their name or reference.
    ///
    /// # Errors
    /// Needs the right to see predictions; names a `text` of more than 200 characters.
    pub async fn list(
        &self,
        actor: &Actor,
        site: Option<SiteId>,
        text: Option<&str>,
        after: Option<EmployeeId>,
        limit: u32,
    ) -> Result<Vec<Employee>> {
        actor.check(Permission::ReadPredictions)?;
        if text.is_some_and(|text| text.chars().count() > MOST_TEXT) {
            return Err(Error::field("text", format!("at most {MOST_TEXT} characters are possible")));
        }
        let cursor = after.map(|id| Cursor::number(id.0));
        let filter = EmployeeFilter { site, text: text.map(str::to_owned) };
        let page = self.desk.store().employees(actor.tenant, &filter, cursor.as_ref(), limit.clamp(1, 200));
        Ok(page.await?.items)
    }

    /// One employee.
    ///
    /// # Errors
    /// Needs the right to see predictions; [`Error::NotFound`] for another tenant's.
    pub async fn get(&self, actor: &Actor, id: EmployeeId) -> Result<Employee> {
        actor.check(Permission::ReadPredictions)?;
        self.desk.store().employee(actor.tenant, id).await?.ok_or_else(|| Error::not_found("such employee"))
    }

    /// Those of these employees that are the tenant's own, in no order: names for a list of what they did.
    ///
    /// # Errors
    /// Needs the right to see predictions.
    pub async fn of(&self, actor: &Actor, ids: &[EmployeeId]) -> Result<Vec<Employee>> {
        actor.check(Permission::ReadPredictions)?;
        Ok(self.desk.store().employees_by_id(actor.tenant, ids).await?)
    }

    /// The employee with this reference.
    ///
    /// # Errors
    /// Needs the right to see predictions.
    pub async fn by_reference(&self, actor: &Actor, reference: &str) -> Result<Option<Employee>> {
        actor.check(Permission::ReadPredictions)?;
        Ok(self.desk.store().employees_by_reference(actor.tenant, &[reference]).await?.pop())
    }

    async fn check(&self, tenant: TenantId, drafts: &[EmployeeDraft]) -> Result<Vec<NewEmployee>> {
        let mut references: Vec<&str> = drafts.iter().filter_map(|draft| draft.site.as_deref()).collect();
        references.retain(|reference| !reference.contains('\0'));
        references.sort_unstable();
        references.dedup();
        let sites = self.desk.store().sites_by_reference(tenant, &references).await?;
        let sites: HashMap<&str, SiteId> = sites.iter().map(|site| (site.reference.as_str(), site.id)).collect();
        let (mut new, mut wrong) = (Vec::with_capacity(drafts.len()), Vec::new());
        for (i, draft) in drafts.iter().enumerate() {
            match check_one(draft, &sites) {
                Ok(employee) => new.push(employee),
                Err(error) => {
                    wrong.push(FieldError::new(format!("employees[{i}].{}", error.field), error.reason));
                }
            }
        }
        wrong.truncate(MOST_ERRORS);
        if wrong.is_empty() { Ok(new) } else { Err(Error::Invalid(wrong)) }
    }
}

fn check_one(draft: &EmployeeDraft, sites: &HashMap<&str, SiteId>) -> Result<NewEmployee, FieldError> {
    let site =
        match draft.site.as_deref() {
            Some(reference) => {
                let known = sites.get(reference);
                Some(*known.ok_or_else(|| {
                    FieldError::new("site", format!("there is no site `{}`", text::shortened(reference)))
                })?)
            }
            None => None,
        };
    Ok(NewEmployee {
        reference: text::required("reference", &draft.reference, 100)?.to_owned(),
        name: text::required("name", &draft.name, 200)?.to_owned(),
        site,
    })
}
