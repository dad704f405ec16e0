//! The recent events of employees, kept in memory: features look back 90 days, and to read those again for each event
//! would cost more than all else that is done with it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use domain::attendance::{Moment, WINDOW};
use domain::{EmployeeId, TenantId, Timestamp};

use super::history::{recorded_after, since};
use crate::Error;
use crate::sql::Tx;

/// Moments kept for all tenants together: about 100 MB, and more than 90 days of 7,000 employees.
const MOST: usize = 1_000_000;
/// Events recorded by other processes that are read one by one; after more of them a tenant is begun anew.
const FEW: i64 = 10_000;

/// What is kept, by tenant. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub(crate) struct Recent(Arc<Mutex<HashMap<TenantId, Known>>>);

/// A tenant's events as they were once an event had been recorded.
#[derive(Debug, Default)]
struct Known {
    /// The number of that event; 0 before the first.
    through: i64,
    employees: HashMap<EmployeeId, Past>,
    /// Of all employees.
    moments: usize,
}

/// All events of one employee that happened at a time or later, by `at`, then `id`.
#[derive(Debug)]
struct Past {
    from: Timestamp,
    moments: Vec<Moment>,
}

impl Recent {
    /// What events of these employees that happen from `first` to `last` may see, by employee, sorted by time and id.
    ///
    /// Must be called under the tenant's lock, before the transaction writes events, with the number of the `newest` event:
    /// then all that is kept is committed, and nothing is missing.
    pub(super) async fn before(
        &self,
        tx: &mut Tx,
        tenant: TenantId,
        employees: &[EmployeeId],
        (first, last): (Timestamp, Timestamp),
        newest: i64,
    ) -> Result<HashMap<EmployeeId, Vec<Moment>>, Error> {
        let from = first.plus(-WINDOW);
        // Taken out meanwhile: whoever fails or goes away half-way leaves nothing half read.
        let mut known = self.all().remove(&tenant).unwrap_or_default();
        known.catch_up(tx, tenant, newest).await?;
        let reaches = |employee: &EmployeeId| known.employees.get(employee).is_some_and(|past| past.from <= from);
        let unknown: Vec<EmployeeId> = employees.iter().copied().filter(|employee| !reaches(employee)).collect();
        if !unknown.is_empty() {
            let mut read = since(tx, tenant, &unknown, from).await?;
            unknown.into_iter().for_each(|employee| {
                let moments = read.remove(&employee).unwrap_or_default();
                known.put(employee, Past { from, moments });
            });
        }
        let look = |&employee: &EmployeeId| {
            known.forget(employee, from);
            let moments = known.employees.get(&employee)?.moments.iter();
            Some((employee, moments.take_while(|moment| moment.at <= last).copied().collect()))
        };
        let histories = employees.iter().filter_map(look).collect();
        self.keep(tenant, known);
        Ok(histories)
    }

    /// What would be too much is all begun anew: by and by those who are still at work come back.
    fn keep(&self, tenant: TenantId, known: Known) {
        let mut all = self.all();
        if known.moments + all.values().map(|known| known.moments).sum::<usize>() > MOST {
            return all.clear();
        }
        all.insert(tenant, known);
    }

    fn all(&self) -> MutexGuard<'_, HashMap<TenantId, Known>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Known {
    /// Adds what was recorded since, by this process or another.
    async fn catch_up(&mut self, tx: &mut Tx, tenant: TenantId, newest: i64) -> Result<(), Error> {
        if self.employees.is_empty() || newest - self.through > FEW {
            *self = Self { through: newest, ..Self::default() };
        }
        if self.through < newest {
            for (employee, moment) in recorded_after(tx, tenant, self.through).await? {
                let Some(past) = self.employees.get_mut(&employee).filter(|past| past.from <= moment.at) else {
                    continue;
                };
                let place = past.moments.partition_point(|other| (other.at, other.id) < (moment.at, moment.id));
                past.moments.insert(place, moment);
                self.moments += 1;
            }
            self.through = newest;
        }
        Ok(())
    }

    fn put(&mut self, employee: EmployeeId, past: Past) {
        self.moments += past.moments.len();
        let replaced = self.employees.insert(employee, past);
        self.moments -= replaced.map_or(0, |past| past.moments.len());
    }

    /// Forgets what an employee did before `from`; later events seldom look back so far.
    fn forget(&mut self, employee: EmployeeId, from: Timestamp) {
        if let Some(past) = self.employees.get_mut(&employee) {
            let gone = past.moments.partition_point(|moment| moment.at < from);
            past.moments.drain(..gone);
            past.from = from;
            self.moments -= gone;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_bounded_over_all_tenants() {
        let recent = Recent::default();
        let held = |recent: &Recent| recent.all().len();
        let known = |moments| Known { moments, ..Known::default() };
        recent.keep(TenantId(1), known(MOST - 10));
        recent.keep(TenantId(2), known(10));
        assert_eq!(held(&recent), 2);
        recent.keep(TenantId(3), known(1));
        assert_eq!(held(&recent), 0);
        recent.keep(TenantId(3), known(MOST + 1));
        assert_eq!(held(&recent), 0);
    }
}
