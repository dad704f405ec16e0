//! Who acts, and what they may do. The desk asks here before every verb, whichever way the request came in.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::error::Refused;
use crate::ids::{KeyId, PersonId, TenantId};

/// What a person is here for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Runs the desk: models, people, keys, audit.
    Admin,
    /// Decides cases and sees the predictions behind them.
    Supervisor,
    /// Corrects readings.
    Labeler,
}

/// What an API key may be used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// Ask for predictions, send events and report outcomes.
    Predict,
    /// Read models, versions, predictions, runs and data sets.
    Read,
    /// Create models and data sets, train; send events, and keep sites, employees and calendars.
    Write,
    /// All that an admin may do over REST: promote, roll back, people and keys.
    Admin,
}

/// A right that a verb of the desk needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Permission {
    /// Ask a model for predictions.
    Predict,
    /// Record what was true.
    RecordOutcomes,
    /// See models, versions, runs and data sets.
    ReadModels,
    /// See logged predictions with their features.
    ReadPredictions,
    /// Create and change models and data sets.
    WriteModels,
    /// Start and cancel trainings.
    Train,
    /// Move traffic: promote, roll back.
    Deploy,
    /// See and change people.
    ManagePeople,
    /// See, make and revoke API keys.
    ManageKeys,
    /// Read the audit log.
    ReadAudit,
    /// Correct readings.
    Label,
    /// See how labelers agree and how fast they are, choose what they label, and what measures them.
    ManageLabeling,
    /// See and decide cases, with the sites, employees and calendars behind them.
    DecideCases,
    /// Decide cases that were escalated, and free those that others have taken.
    DecideEscalated,
    /// Send attendance events and syncs.
    RecordEvents,
    /// Change sites, employees and calendars.
    ManageAttendance,
    /// Pause and ask for what is done by the clock for the whole organisation.
    ManageSchedules,
}

/// Whether `by` may say otherwise than `last` has said, both as [`Actor::label`] names them: what a person said, no program's
/// key overrules.
#[must_use]
pub fn may_overrule(by: &str, last: &str) -> bool {
    !(by.starts_with("key:") && last.starts_with("person:"))
}

/// Who it is, for the audit log and for what a page shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Who {
    /// A person with a session.
    Person {
        /// Identity.
        id: PersonId,
        /// Name as shown.
        name: String,
        /// Role.
        role: Role,
    },
    /// A client program with a key.
    Key {
        /// Identity.
        id: KeyId,
        /// Name given when it was made.
        name: String,
        /// What it may be used for.
        scopes: Vec<Scope>,
        /// The present role of the person it comes from: it grants no more than they may do themselves. A key of the
        /// operator comes from nobody.
        maker: Option<Role>,
    },
    /// Whoever runs the command line on the data directory; the operating system's rights have been checked already.
    Operator,
    /// The program itself, working on a run, or on what is done by the clock.
    Worker,
}

/// Someone acting for one tenant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    /// The only tenant whose rows this actor can reach.
    pub tenant: TenantId,
    /// Who it is.
    pub who: Who,
}

impl Actor {
    /// The operator at the command line, for `tenant`.
    #[must_use]
    pub fn operator(tenant: TenantId) -> Self {
        Self { tenant, who: Who::Operator }
    }

    /// The program itself, for `tenant`.
    #[must_use]
    pub fn worker(tenant: TenantId) -> Self {
        Self { tenant, who: Who::Worker }
    }

    /// Whether this actor has `permission`.
    #[must_use]
    pub fn may(&self, permission: Permission) -> bool {
        match &self.who {
            Who::Person { role, .. } => role.grants(permission),
            Who::Key { scopes, maker, .. } => {
                scopes.iter().any(|scope| scope.grants(permission)) && maker.is_none_or(|role| role.grants(permission))
            }
            Who::Operator => true,
            Who::Worker => {
                use Permission as P;
                matches!(permission, P::ReadModels | P::Train | P::ManageLabeling | P::ReadAudit)
            }
        }
    }

    /// Whether this actor may do all that a key of `scope` may, and so may make one.
    #[must_use]
    pub fn may_give(&self, scope: Scope) -> bool {
        Permission::ALL
            .into_iter()
            .filter(|permission| scope.grants(*permission))
            .all(|permission| self.may(permission))
    }

    /// Nothing, if this actor has `permission`.
    ///
    /// # Errors
    /// [`Refused`] otherwise.
    pub fn check(&self, permission: Permission) -> Result<(), Refused> {
        self.check_for("this", permission)
    }

    /// As [`Self::check`], where the verb alone does not need `permission`, but `what` was asked for with it does.
    ///
    /// # Errors
    /// [`Refused`] otherwise.
    pub fn check_for(&self, what: &'static str, permission: Permission) -> Result<(), Refused> {
        if self.may(permission) { Ok(()) } else { Err(Refused { what, permission }) }
    }

    /// `person:3 Ada`, `key:7 till`, `operator`, `worker`: how the audit log names an actor.
    #[must_use]
    pub fn label(&self) -> String {
        match &self.who {
            Who::Person { id, name, .. } => format!("person:{id} {name}"),
            Who::Key { id, name, .. } => format!("key:{id} {name}"),
            Who::Operator => String::from("operator"),
            Who::Worker => String::from("worker"),
        }
    }

    /// The person behind the session, if it is one.
    #[must_use]
    pub fn person(&self) -> Option<PersonId> {
        match self.who {
            Who::Person { id, .. } => Some(id),
            _ => None,
        }
    }
}

impl Permission {
    /// Every permission.
    pub const ALL: [Self; 17] = [
        Self::Predict,
        Self::RecordOutcomes,
        Self::ReadModels,
        Self::ReadPredictions,
        Self::WriteModels,
        Self::Train,
        Self::Deploy,
        Self::ManagePeople,
        Self::ManageKeys,
        Self::ReadAudit,
        Self::Label,
        Self::ManageLabeling,
        Self::DecideCases,
        Self::DecideEscalated,
        Self::RecordEvents,
        Self::ManageAttendance,
        Self::ManageSchedules,
    ];
}

impl Role {
    /// Every role, most powerful first.
    pub const ALL: [Self; 3] = [Self::Admin, Self::Supervisor, Self::Labeler];

    /// Whether people of this role have `permission`.
    #[must_use]
    pub fn grants(self, permission: Permission) -> bool {
        use Permission as P;
        match self {
            Self::Admin => true,
            Self::Supervisor => {
                matches!(permission, P::DecideCases | P::ReadPredictions | P::ReadModels | P::RecordOutcomes)
            }
            Self::Labeler => matches!(permission, P::Label),
        }
    }

    /// The word used in forms, tables and the database.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::Supervisor => "supervisor",
            Self::Labeler => "labeler",
        }
    }
}

impl Scope {
    /// Every scope, weakest first.
    pub const ALL: [Self; 4] = [Self::Predict, Self::Read, Self::Write, Self::Admin];

    /// Whether a key of this scope has `permission`.
    #[must_use]
    pub fn grants(self, permission: Permission) -> bool {
        use Permission as P;
        match self {
            Self::Predict => matches!(permission, P::Predict | P::RecordOutcomes | P::RecordEvents),
            Self::Read => matches!(permission, P::ReadModels | P::ReadPredictions),
            Self::Write => {
                matches!(permission, P::WriteModels | P::Train | P::ReadModels | P::RecordEvents | P::ManageAttendance)
            }
            // Labels and case decisions are a person's word; no key gives it.
            Self::Admin => !matches!(permission, P::Label | P::DecideCases | P::DecideEscalated),
        }
    }

    /// The word used in forms, tables and the database.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Predict => "predict",
            Self::Read => "read",
            Self::Write => "write",
            Self::Admin => "admin",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A word that names no role or scope.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is none of {1}")]
pub struct UnknownWord(pub String, pub &'static str);

impl FromStr for Role {
    type Err = UnknownWord;
    fn from_str(word: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|role| role.as_str() == word)
            .ok_or_else(|| UnknownWord(word.into(), "admin, supervisor, labeler"))
    }
}

impl FromStr for Scope {
    type Err = UnknownWord;
    fn from_str(word: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|scope| scope.as_str() == word)
            .ok_or_else(|| UnknownWord(word.into(), "predict, read, write, admin"))
    }
}

impl fmt::Display for Permission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Predict => "ask for predictions",
            Self::RecordOutcomes => "record outcomes",
            Self::ReadModels => "see models",
            Self::ReadPredictions => "see predictions",
            Self::WriteModels => "change models and data sets",
            Self::Train => "train",
            Self::Deploy => "promote and roll back",
            Self::ManagePeople => "manage people",
            Self::ManageKeys => "manage keys",
            Self::ReadAudit => "read the audit log",
            Self::Label => "label",
            Self::ManageLabeling => "manage labeling",
            Self::DecideCases => "decide cases",
            Self::DecideEscalated => "decide escalated cases",
            Self::RecordEvents => "record events",
            Self::ManageAttendance => "manage sites, employees and calendars",
            Self::ManageSchedules => "manage the organisation's schedules",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(scopes: &[Scope], maker: Option<Role>) -> Actor {
        let who = Who::Key { id: KeyId(1), name: String::from("till"), scopes: scopes.to_vec(), maker };
        Actor { tenant: TenantId(1), who }
    }

    #[test]
    fn a_key_grants_at_most_what_its_maker_may_do() {
        assert!(key(&[Scope::Admin], None).may(Permission::ManageKeys));
        assert!(key(&[Scope::Admin], Some(Role::Admin)).may(Permission::ManageKeys));
        let demoted = key(&[Scope::Admin], Some(Role::Supervisor));
        assert!(demoted.may(Permission::ReadModels) && !demoted.may(Permission::ManageKeys));
    }

    #[test]
    fn a_key_overrules_no_person() {
        let person = Who::Person { id: PersonId(1), name: String::from("Ada"), role: Role::Labeler };
        let tenant = TenantId(1);
        let all = [Actor { tenant, who: person }, Actor::operator(tenant), Actor::worker(tenant)].map(|a| a.label());
        let key = key(&[Scope::Admin], None).label();
        assert!(all.iter().all(|by| all.iter().chain([&key]).all(|last| may_overrule(by, last))));
        assert!(may_overrule(&key, &key) && may_overrule(&key, "worker") && !may_overrule(&key, &all[0]));
    }

    #[test]
    fn no_key_and_no_supervisor_decides_what_was_escalated() {
        let escalated = Permission::DecideEscalated;
        assert_eq!(Role::ALL.map(|role| role.grants(escalated)), [true, false, false]);
        assert!(Scope::ALL.into_iter().all(|scope| !scope.grants(escalated)));
    }

    #[test]
    fn a_scope_is_given_only_by_who_may_do_all_of_it() {
        assert!(Scope::ALL.into_iter().all(|scope| key(&[Scope::Admin], None).may_give(scope)));
        let given: Vec<_> =
            Scope::ALL.into_iter().filter(|scope| key(&[Scope::Write], None).may_give(*scope)).collect();
        assert_eq!(given, [Scope::Write]);
    }
}
