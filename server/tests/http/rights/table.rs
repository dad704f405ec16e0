//! Who may use which address, written down by hand.

use domain::{Role, Scope};

/// Who may use an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    /// Also without being known.
    Everybody,
    /// Everybody who is known.
    Known,
    /// These roles and scopes.
    These(&'static [Role], &'static [Scope]),
}

impl Who {
    pub fn role(self, role: Role) -> bool {
        match self {
            Self::Everybody | Self::Known => true,
            Self::These(roles, _) => roles.contains(&role),
        }
    }

    pub fn scope(self, scope: Scope) -> bool {
        match self {
            Self::Everybody | Self::Known => true,
            Self::These(_, scopes) => scopes.contains(&scope),
        }
    }
}

/// What is sent.
#[derive(Clone, Copy, Debug)]
pub enum Body {
    None,
    Json(&'static str),
    Csv(&'static str),
    Calendar(&'static str),
    Image,
}

/// One address of REST.
pub struct Right {
    pub method: &'static str,
    pub path: &'static str,
    pub query: &'static str,
    pub body: Body,
    pub who: Who,
}

use Role::{Admin, Labeler, Supervisor};

/// Ask for predictions.
const ASK: Who = Who::These(&[Admin], &[Scope::Predict, Scope::Admin]);
/// Report outcomes.
const REPORT: Who = Who::These(&[Admin, Supervisor], &[Scope::Predict, Scope::Admin]);
/// See logged predictions.
const LOG: Who = Who::These(&[Admin, Supervisor], &[Scope::Read, Scope::Admin]);
/// See models, versions, runs, data sets.
const SEE: Who = Who::These(&[Admin, Supervisor], &[Scope::Read, Scope::Write, Scope::Admin]);
/// Change models, train.
const MAKE: Who = Who::These(&[Admin], &[Scope::Write, Scope::Admin]);
/// Deploy, people, keys, audit.
const RUN: Who = Who::These(&[Admin], &[Scope::Admin]);
/// Send attendance events and syncs.
const SEND: Who = Who::These(&[Admin], &[Scope::Predict, Scope::Write, Scope::Admin]);
/// Change sites, employees and calendars.
const KEEP: Who = MAKE;
/// Label: people only.
const LABEL: Who = Who::These(&[Admin, Labeler], &[]);
/// See labels, and choose what is labelled.
const MANAGE: Who = RUN;
/// Decide cases: people only.
const DECIDE: Who = Who::These(&[Admin, Supervisor], &[]);

const fn get(path: &'static str, who: Who) -> Right {
    Right { method: "GET", path, query: "", body: Body::None, who }
}

const fn get_with(path: &'static str, query: &'static str, who: Who) -> Right {
    Right { method: "GET", path, query, body: Body::None, who }
}

const fn delete(path: &'static str, who: Who) -> Right {
    Right { method: "DELETE", path, query: "", body: Body::None, who }
}

const fn put(path: &'static str, who: Who) -> Right {
    Right { method: "PUT", path, query: "", body: Body::None, who }
}

const fn post(path: &'static str, body: &'static str, who: Who) -> Right {
    Right { method: "POST", path, query: "", body: Body::Json(body), who }
}

const ROW: &str = r#"{"row": {"amount": 5200.5, "policy_age_days": 12, "car_age_years": 3, "driver_age": 30,
    "past_claims": 1, "days_since_last_claim": 20, "region": "north", "coverage": "collision", "channel": "web",
    "witness": false, "police_report": true}}"#;
const SPECIFICATION: &str =
    r#"{"task": "regression", "target": "price", "columns": [{"name": "area", "kind": "numeric"}]}"#;
const MODEL: &str = r#"{"name": "homes", "specification":
    {"task": "regression", "target": "price", "columns": [{"name": "area", "kind": "numeric"}]}}"#;

const SITE: &str = r#"{"reference": "north", "name": "North", "latitude": 48.2, "longitude": 16.4}"#;
const EVENT: &str =
    r#"{"event": {"client_id": "rights", "employee": "e-1", "kind": "check_in", "at": "2025-03-02T08:00:00Z"}}"#;
const SYNC: &str = r#"{"event": {"client_id": "rights", "client": "tablet", "person": "ada", "entity_type": "order",
    "entity": "1", "fields": ["total"], "at": "2025-03-02T08:00:00Z"}}"#;
const EVENTS_CSV: &str = "client_id,employee,kind,at\nrights,e-1,check_in,2025-03-02T08:00:00Z\n";
const CALENDAR: &str = "BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:20261225\nSUMMARY:x\nEND:VEVENT\nEND:VCALENDAR\n";

const FEATURES: &str =
    r#"{"set": "offices", "records": [{"entity": "h-1", "at": "2025-03-01", "features": {"rooms": 3}}]}"#;

/// Every address of REST.
pub const REST: &[Right] = &[
    post("/api/v1/models/{name}/predictions", ROW, ASK),
    Right { method: "POST", path: "/api/v1/models/{name}/readings", query: "", body: Body::Image, who: ASK },
    get("/api/v1/predictions/{prediction}/image", LABEL),
    post("/api/v1/predictions/{prediction}/correction", "{}", REPORT),
    get("/api/v1/predictions", LOG),
    get("/api/v1/predictions/{prediction}", LOG),
    get("/api/v1/models/{name}/predictions.csv", LOG),
    post("/api/v1/predictions/{prediction}/outcome", r#"{"truth": "yes"}"#, REPORT),
    post("/api/v1/predictions/{prediction}/outcome/corrections", r#"{"truth": "no", "reason": "x"}"#, REPORT),
    post("/api/v1/outcomes", "[]", REPORT),
    get("/api/v1/models", SEE),
    post("/api/v1/models", MODEL, MAKE),
    get("/api/v1/models/{name}", SEE),
    get("/api/v1/models/{name}/specifications", SEE),
    post("/api/v1/models/{name}/specifications", SPECIFICATION, MAKE),
    get("/api/v1/models/{name}/quality", SEE),
    get("/api/v1/models/{name}/versions", SEE),
    get("/api/v1/models/{name}/versions/{version}", SEE),
    get("/api/v1/models/{name}/versions/{version}/doubtful-labels", SEE),
    post("/api/v1/models/{name}/versions/{version}/doubtful-labels", r#"{"image": "ab"}"#, MANAGE),
    Right {
        method: "POST",
        path: "/api/v1/models/{name}/evaluations",
        query: "",
        body: Body::Csv("a,b\n1,x\n"),
        who: SEE,
    },
    get_with("/api/v1/models/{name}/comparison", "?a=1&b=1", SEE),
    get("/api/v1/models/{name}/deployments", SEE),
    post("/api/v1/models/{name}/promotions", r#"{"version": 1, "reason": "x", "despite_gates": true}"#, RUN),
    post("/api/v1/models/{name}/rollbacks", r#"{"reason": "x"}"#, RUN),
    post("/api/v1/models/{name}/heuristic", r#"{"reason": "x"}"#, RUN),
    post("/api/v1/models/{name}/runs", "{}", MAKE),
    get("/api/v1/runs", SEE),
    get("/api/v1/runs/{id}", SEE),
    get("/api/v1/runs/{id}/log", SEE),
    post("/api/v1/runs/{id}/cancellation", "{}", MAKE),
    post("/api/v1/runs", "{}", MAKE),
    get("/api/v1/models/{name}/retraining", SEE),
    post("/api/v1/models/{name}/retrainings", "{}", MAKE),
    post("/api/v1/models/{name}/trigger-checks", "{}", MAKE),
    get("/runs/{id}/events", SEE),
    get("/api/v1/schedules", SEE),
    get("/api/v1/schedules/{id}", SEE),
    get("/api/v1/schedules/{id}/runs", SEE),
    post("/api/v1/schedules/{id}/runs", "{}", MAKE),
    post("/api/v1/schedules/{id}/pause", "{}", MAKE),
    post("/api/v1/schedules/{id}/resume", "{}", MAKE),
    Right { method: "POST", path: "/api/v1/datasets", query: "?name=x", body: Body::Csv("a,b\n1,x\n2,y\n"), who: MAKE },
    get("/api/v1/datasets", SEE),
    get("/api/v1/datasets/{id}", SEE),
    get("/api/v1/datasets/{id}/images/{sha256}", MANAGE),
    get("/api/v1/datasets/{id}/images.zip", MANAGE),
    post("/api/v1/datasets/{id}/proposal", r#"{"target": "fraud"}"#, MAKE),
    post("/api/v1/features", FEATURES, MAKE),
    get("/api/v1/features", LOG),
    get("/api/v1/features/{set}", LOG),
    get("/api/v1/features/{set}/{entity}", LOG),
    get("/api/v1/labeling/queues", LABEL),
    post("/api/v1/labeling/queues/{name}/leases", "{}", LABEL),
    get("/api/v1/labeling/tasks", MANAGE),
    get("/api/v1/labeling/tasks/{id}", MANAGE),
    post("/api/v1/labeling/tasks/{id}/lease", "{}", LABEL),
    delete("/api/v1/labeling/tasks/{id}/lease", LABEL),
    post("/api/v1/labeling/tasks/{id}/flags", r#"{"note": "x"}"#, LABEL),
    post("/api/v1/labeling/tasks/{id}/annotations", r#"{"text": "1"}"#, LABEL),
    post("/api/v1/labeling/tasks/{id}/corrections", r#"{"text": "2", "reason": "x"}"#, LABEL),
    put("/api/v1/labeling/tasks/{id}/gold", MANAGE),
    delete("/api/v1/labeling/tasks/{id}/gold", MANAGE),
    delete("/api/v1/labeling/tasks/{id}/annotations/last", LABEL),
    get("/api/v1/labeling/queues/{name}/figures", MANAGE),
    get("/api/v1/labeling/queues/{name}/agreement", MANAGE),
    get_with("/api/v1/labeling/queues/{name}/export", "?format=label-studio", MANAGE),
    post("/api/v1/models/{name}/selections", "{}", MANAGE),
    get("/api/v1/models/{name}/selections/newest", MANAGE),
    get("/api/v1/sites", LOG),
    post("/api/v1/sites", SITE, KEEP),
    get("/api/v1/sites/{id}", LOG),
    post("/api/v1/sites/{id}", SITE, KEEP),
    get("/api/v1/employees", LOG),
    post("/api/v1/employees", r#"{"employees": [{"reference": "e-2", "name": "New"}]}"#, KEEP),
    get("/api/v1/holidays", LOG),
    post("/api/v1/holidays", r#"{"date": "2026-12-24", "name": "x"}"#, KEEP),
    Right { method: "POST", path: "/api/v1/holidays/calendar", query: "", body: Body::Calendar(CALENDAR), who: KEEP },
    delete("/api/v1/holidays/{id}", KEEP),
    post("/api/v1/events", EVENT, SEND),
    Right { method: "POST", path: "/api/v1/events/import", query: "", body: Body::Csv(EVENTS_CSV), who: SEND },
    get("/api/v1/events", LOG),
    get("/api/v1/events/{id}", LOG),
    post("/api/v1/sync-events", SYNC, SEND),
    get("/api/v1/sync-events", LOG),
    get("/api/v1/sync-events/{id}", LOG),
    get("/api/v1/cases", LOG),
    get("/api/v1/cases/{id}", LOG),
    get("/api/v1/cases.csv", LOG),
    post("/api/v1/cases/{id}/lease", "{}", DECIDE),
    delete("/api/v1/cases/{id}/lease", DECIDE),
    post("/api/v1/cases/{id}/assignment", r#"{"person": 1}"#, DECIDE),
    post("/api/v1/cases/{id}/snooze", r#"{"rule": "time", "days": 3, "reason": "x"}"#, DECIDE),
    post("/api/v1/cases/{id}/verdict", r#"{"verdict": "false_positive"}"#, DECIDE),
    post("/api/v1/cases/{id}/verdict/corrections", r#"{"verdict": "valuable_alert", "reason": "x"}"#, DECIDE),
    post("/api/v1/cases/{id}/escalation", r#"{"note": "x"}"#, DECIDE),
    post("/api/v1/cases/verdicts", r#"{"cases": [1], "verdict": "false_positive", "reason": "x"}"#, DECIDE),
    get("/api/v1/snoozes", LOG),
    delete("/api/v1/snoozes/{id}", DECIDE),
    get("/api/v1/fraud", LOG),
    get("/api/v1/conflicts", LOG),
    get("/api/v1/people", RUN),
    post(
        "/api/v1/people",
        r#"{"email": "new@example.org", "name": "New", "role": "labeler", "password": "a long password"}"#,
        RUN,
    ),
    post("/api/v1/people/{id}/role", r#"{"role": "supervisor"}"#, RUN),
    post("/api/v1/people/{id}/access", r#"{"enabled": false}"#, RUN),
    post("/api/v1/people/{id}/password", r#"{"password": "another long password"}"#, RUN),
    get("/api/v1/keys", RUN),
    post("/api/v1/keys", r#"{"name": "x", "scopes": ["read"]}"#, RUN),
    delete("/api/v1/keys/{id}", RUN),
    get("/api/v1/audit", RUN),
    get("/api/v1/audit/verification", RUN),
    get("/api/v1/openapi.json", Who::Known),
    get("/api/v1/status", SEE),
    get("/api/v1/health", SEE),
    get("/healthz", Who::Everybody),
    get("/readyz", Who::Everybody),
    get("/metrics", SEE),
];

/// People only.
const fn people(roles: &'static [Role]) -> Who {
    Who::These(roles, &[])
}

const ADMINS: Who = people(&[Admin]);
const READERS: Who = people(&[Admin, Supervisor]);
const LABELERS: Who = people(&[Admin, Labeler]);
const PERSONS: Who = people(&[Admin, Supervisor, Labeler]);

/// Every page, every form, every file. A form is let in for everybody who is logged in; the desk decides behind it.
pub const PAGES: &[(&str, &str, Who)] = &[
    ("GET", "/assets/{name}", Who::Everybody),
    ("GET", "/favicon.ico", Who::Everybody),
    ("GET", "/robots.txt", Who::Everybody),
    ("GET", "/login", Who::Everybody),
    ("GET", "/setup", Who::Everybody),
    ("GET", "/", PERSONS),
    ("GET", "/models", READERS),
    ("GET", "/models/new", ADMINS),
    ("GET", "/models/{m}", READERS),
    ("GET", "/models/{m}/specification", READERS),
    ("GET", "/models/{m}/try", ADMINS),
    ("GET", "/models/{m}/compare", READERS),
    ("GET", "/models/{m}/quality", READERS),
    ("GET", "/models/{m}/versions/{n}", READERS),
    ("GET", "/runs", READERS),
    ("GET", "/runs/{id}", READERS),
    ("GET", "/schedules", READERS),
    ("GET", "/schedules/{id}", READERS),
    ("GET", "/datasets", READERS),
    ("GET", "/datasets/{id}", READERS),
    ("GET", "/features", READERS),
    ("GET", "/predictions", READERS),
    ("GET", "/predictions/{id}", READERS),
    ("GET", "/fraud", READERS),
    ("GET", "/conflicts", READERS),
    ("GET", "/conflicts/predictions", READERS),
    ("GET", "/attendance", READERS),
    ("GET", "/attendance/features", READERS),
    ("GET", "/cases", READERS),
    ("GET", "/cases/{id}", READERS),
    ("GET", "/label", LABELERS),
    ("GET", "/label/{queue}", LABELERS),
    ("GET", "/label/{queue}/figures", ADMINS),
    ("GET", "/audit", ADMINS),
    ("GET", "/settings/people", ADMINS),
    ("GET", "/settings/keys", ADMINS),
    ("GET", "/settings/service", ADMINS),
    ("GET", "/settings/sites", READERS),
    ("GET", "/settings/sites/{id}", READERS),
    ("GET", "/settings/employees", READERS),
    ("GET", "/settings/calendar", READERS),
    ("GET", "/settings/account", PERSONS),
    ("GET", "/api/help", ADMINS),
    ("POST", "/actions/log_in", Who::Everybody),
    ("POST", "/actions/complete_setup", Who::Everybody),
    ("POST", "/theme", Who::Everybody),
    ("POST", "/logout", Who::Everybody),
    ("POST", "/actions/log_out_everywhere", PERSONS),
    ("POST", "/actions/change_password", PERSONS),
    ("POST", "/actions/add_person", ADMINS),
    ("POST", "/actions/set_role", ADMINS),
    ("POST", "/actions/set_disabled", ADMINS),
    ("POST", "/actions/reset_password", ADMINS),
    ("POST", "/actions/create_key", ADMINS),
    ("POST", "/actions/revoke_key", ADMINS),
    ("POST", "/actions/import_dataset", ADMINS),
    ("POST", "/actions/import_events", ADMINS),
    ("POST", "/actions/add_site", ADMINS),
    ("POST", "/actions/change_site", ADMINS),
    ("POST", "/actions/put_employee", ADMINS),
    ("POST", "/actions/add_holiday", ADMINS),
    ("POST", "/actions/remove_holiday", ADMINS),
    ("POST", "/actions/import_calendar", ADMINS),
    ("POST", "/actions/create_model", ADMINS),
    ("POST", "/actions/specify_model", ADMINS),
    ("POST", "/actions/start_run", ADMINS),
    ("POST", "/actions/cancel_run", ADMINS),
    ("POST", "/actions/retrain_model", ADMINS),
    ("POST", "/actions/check_triggers", ADMINS),
    ("POST", "/actions/run_schedule", ADMINS),
    ("POST", "/actions/pause_schedule", ADMINS),
    ("POST", "/actions/resume_schedule", ADMINS),
    ("POST", "/actions/promote", ADMINS),
    ("POST", "/actions/roll_back", ADMINS),
    ("POST", "/actions/use_heuristic", ADMINS),
    ("POST", "/actions/try_row", ADMINS),
    ("POST", "/actions/record_outcome", READERS),
    ("POST", "/actions/take_case", READERS),
    ("POST", "/actions/release_case", READERS),
    ("POST", "/actions/assign_case", READERS),
    ("POST", "/actions/decide_case", READERS),
    ("POST", "/actions/correct_case", READERS),
    ("POST", "/actions/snooze_case", READERS),
    ("POST", "/actions/end_snooze", READERS),
    ("POST", "/actions/decide_cases", READERS),
    ("POST", "/actions/label", LABELERS),
    ("POST", "/actions/label_again", LABELERS),
    ("POST", "/actions/flag_task", LABELERS),
    ("POST", "/actions/leave_queue", LABELERS),
    ("POST", "/actions/look_again", ADMINS),
    ("POST", "/actions/select_readings", ADMINS),
    ("POST", "/actions/report_reading", READERS),
];
