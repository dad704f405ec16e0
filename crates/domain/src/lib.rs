//! Names and rules of the product, and the pure decisions on them. No IO, no async, no clock of its own: whatever a
//! decision needs to know is an argument.

pub mod actor;
pub mod attendance;
pub mod audit;
pub mod case;
pub mod circuit;
pub mod dataset;
pub mod delay;
pub mod error;
pub mod feature;
pub mod gate;
pub mod heuristic;
pub mod ids;
pub mod labeling;
pub mod manifest;
pub mod model;
pub mod person;
pub mod prediction;
pub mod reading;
pub mod retraining;
pub mod row;
pub mod run;
pub mod schedule;
pub mod score;
pub mod specification;
pub mod sync;
pub mod time;

pub use actor::{Actor, Permission, Role, Scope, Who};
pub use error::{FieldError, Refused};
pub use ids::{
    CaseId, DatasetId, DeploymentId, EmployeeId, EventId, HolidayId, KeyId, ModelId, OutcomeId, PersonId, PredictionId,
    RunId, ScheduleId, ScheduleRunId, SiteId, SnoozeId, SyncId, TaskId, TenantId,
};
pub use specification::{Specification, Task};
pub use time::{Clock, Timestamp};
