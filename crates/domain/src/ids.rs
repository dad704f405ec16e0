//! Identities. Each is its own type, so that one can never be passed for another.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! number_id {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub i64);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = std::num::ParseIntError;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }
    )+};
}

number_id! {
    /// An organisation; every row belongs to exactly one.
    TenantId,
    /// A person who logs in.
    PersonId,
    /// An API key.
    KeyId,
    /// A registered model.
    ModelId,
    /// An immutable snapshot of examples.
    DatasetId,
    /// One training execution.
    RunId,
    /// One record of traffic moving to a version.
    DeploymentId,
    /// A place of work.
    SiteId,
    /// Somebody whose attendance is recorded.
    EmployeeId,
    /// A day in a calendar.
    HolidayId,
    /// A recorded check-in or check-out. Of two events of an employee, the one with the smaller id was known first.
    EventId,
    /// A recorded sync. Of two syncs of a tenant, the one with the smaller id was known first.
    SyncId,
    /// Something that a supervisor must decide.
    CaseId,
    /// A time during which an employee makes no cases by a rule.
    SnoozeId,
    /// A reading that a labeler must correct.
    TaskId,
    /// A job that is done by the clock.
    ScheduleId,
    /// One execution of such a job.
    ScheduleRunId,
}

macro_rules! uuid_id {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl $name {
            /// An id that sorts by `at` (RFC 9562, version 7), made unique by ten random bytes.
            #[must_use]
            pub fn new(at: crate::Timestamp, random: [u8; 10]) -> Self {
                let millis = u64::try_from(at.0 / 1_000).unwrap_or(0);
                Self(uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid())
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }
    )+};
}

uuid_id! {
    /// A logged answer. Made before it is stored, so that the writer never has to ask the database for it.
    PredictionId,
    /// A recorded truth about a prediction.
    OutcomeId,
}
