CREATE TABLE tenants (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    slug TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    time_zone TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    -- Numbers of the newest attendance event and of the newest case. Whoever changes either kind of row updates the
    -- first of the two before: that is the lock.
    last_event BIGINT NOT NULL DEFAULT 0,
    last_case BIGINT NOT NULL DEFAULT 0,
    -- Number of the newest sync event. Whoever changes sync events or planned syncs updates it before.
    last_sync BIGINT NOT NULL DEFAULT 0
);

-- Rows whose update is the lock under which a number is given out, so that numbers are committed in their order.
CREATE TABLE counters (
    name TEXT NOT NULL PRIMARY KEY,
    value BIGINT NOT NULL
);
INSERT INTO counters (name, value) VALUES ('deployment', 0), ('setup', 0);

CREATE TABLE people (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant_id BIGINT NOT NULL REFERENCES tenants (id),
    email TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    role TEXT NOT NULL CHECK (role IN ('admin', 'supervisor', 'labeler')),
    password_hash TEXT NOT NULL,
    -- Sessions carry the epoch they began in; one of an earlier epoch is dead.
    session_epoch BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL,
    disabled_at BIGINT
);
-- Unique, so that rows of other tables refer to a person of their own tenant.
CREATE UNIQUE INDEX people_by_tenant ON people (tenant_id, id);

CREATE TABLE setup_links (
    token_hash TEXT NOT NULL PRIMARY KEY,
    tenant_id BIGINT NOT NULL REFERENCES tenants (id),
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at BIGINT
);

CREATE TABLE login_failures (
    throttle_key TEXT NOT NULL PRIMARY KEY,
    window_start BIGINT NOT NULL,
    failures BIGINT NOT NULL,
    blocked_until BIGINT NOT NULL
);
CREATE INDEX login_failures_by_window ON login_failures (window_start);

-- Under the hash of the session's id: who reads this table cannot take a session over.
CREATE TABLE sessions (
    id_hash TEXT NOT NULL PRIMARY KEY,
    data TEXT NOT NULL,
    person_id BIGINT,
    expires_at BIGINT NOT NULL
);
CREATE INDEX sessions_by_person ON sessions (person_id);
CREATE INDEX sessions_by_expiry ON sessions (expires_at);

CREATE TABLE api_keys (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant_id BIGINT NOT NULL REFERENCES tenants (id),
    name TEXT NOT NULL,
    prefix TEXT NOT NULL,
    secret_hash TEXT NOT NULL UNIQUE,
    scopes TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    created_by TEXT NOT NULL,
    -- Whose rights bound it; none for a key of the operator.
    maker_id BIGINT REFERENCES people (id),
    expires_at BIGINT,
    last_used_at BIGINT,
    revoked_at BIGINT
);
CREATE INDEX api_keys_by_tenant ON api_keys (tenant_id, id);

CREATE TABLE models (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant_id BIGINT NOT NULL REFERENCES tenants (id),
    name TEXT NOT NULL,
    specification_number BIGINT NOT NULL,
    -- Number of the newest version.
    version_number BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL,
    created_by TEXT NOT NULL,
    UNIQUE (tenant_id, name),
    -- What rows of other tables refer to, so that a row can never point into another tenant.
    UNIQUE (tenant_id, id)
);

CREATE TABLE specifications (
    tenant_id BIGINT NOT NULL,
    model_id BIGINT NOT NULL,
    number BIGINT NOT NULL,
    document TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    created_by TEXT NOT NULL,
    PRIMARY KEY (tenant_id, model_id, number),
    FOREIGN KEY (tenant_id, model_id) REFERENCES models (tenant_id, id)
);

CREATE TABLE datasets (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant_id BIGINT NOT NULL REFERENCES tenants (id),
    model_id BIGINT,
    name TEXT NOT NULL,
    source TEXT NOT NULL CHECK (source IN ('import', 'snapshot')),
    sha256 TEXT NOT NULL,
    bytes BIGINT NOT NULL,
    row_count BIGINT NOT NULL,
    outcome_rows BIGINT NOT NULL,
    verdict_rows BIGINT NOT NULL,
    columns TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    created_by TEXT NOT NULL,
    UNIQUE (tenant_id, id),
    UNIQUE (tenant_id, sha256, model_id),
    FOREIGN KEY (tenant_id, model_id) REFERENCES models (tenant_id, id)
);
CREATE INDEX datasets_by_model ON datasets (tenant_id, model_id, id);
-- A null model equals no other one in the constraint above.
CREATE UNIQUE INDEX datasets_without_model ON datasets (tenant_id, sha256) WHERE model_id IS NULL;

CREATE TABLE runs (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant_id BIGINT NOT NULL,
    model_id BIGINT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('queued', 'running', 'succeeded', 'failed', 'cancelled')),
    specification_number BIGINT NOT NULL,
    -- Null until a worker has frozen the examples of so many days (null: of all).
    dataset_id BIGINT,
    days BIGINT,
    estimator TEXT,
    seed BIGINT NOT NULL,
    -- Which trigger, and what it saw.
    cause TEXT NOT NULL CHECK (cause IN ('hand', 'schedule', 'metric', 'drift', 'age', 'labels')),
    saw TEXT NOT NULL,
    -- The furthest that its version may come by itself; what became of it, null until that is decided; and why.
    policy TEXT NOT NULL CHECK (policy IN ('candidate', 'challenger', 'champion')),
    became TEXT CHECK (became IN ('candidate', 'challenger', 'champion')),
    because TEXT NOT NULL DEFAULT '',
    progress DOUBLE PRECISION NOT NULL DEFAULT 0,
    message TEXT NOT NULL DEFAULT '',
    attempts BIGINT NOT NULL DEFAULT 0,
    -- Times it was put off, and until when; also when somebody else may decide what becomes of its version.
    retries BIGINT NOT NULL DEFAULT 0,
    not_before BIGINT NOT NULL DEFAULT 0,
    cancel_requested BIGINT NOT NULL DEFAULT 0,
    lease_owner TEXT,
    lease_until BIGINT,
    log_lines BIGINT NOT NULL DEFAULT 0,
    -- 1 from before its checkpoint is written until that is gone.
    checkpointed BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL,
    started_at BIGINT,
    finished_at BIGINT,
    version BIGINT,
    created_by TEXT NOT NULL,
    -- What asks for one run and no more, however often it asks.
    occasion TEXT,
    UNIQUE (tenant_id, id),
    FOREIGN KEY (tenant_id, model_id, specification_number) REFERENCES specifications (tenant_id, model_id, number),
    FOREIGN KEY (tenant_id, dataset_id) REFERENCES datasets (tenant_id, id)
);
CREATE INDEX runs_by_model ON runs (tenant_id, model_id, id);
CREATE INDEX runs_under_way ON runs (id) WHERE state IN ('queued', 'running');
CREATE INDEX runs_undecided ON runs (id) WHERE state = 'succeeded' AND became IS NULL;
CREATE INDEX runs_by_start ON runs (tenant_id, started_at);
CREATE UNIQUE INDEX runs_by_occasion ON runs (tenant_id, occasion) WHERE occasion IS NOT NULL;
CREATE INDEX runs_with_checkpoints ON runs (tenant_id, id) WHERE checkpointed = 1;

CREATE TABLE run_log (
    tenant_id BIGINT NOT NULL,
    run_id BIGINT NOT NULL,
    sequence BIGINT NOT NULL,
    at BIGINT NOT NULL,
    line TEXT NOT NULL,
    PRIMARY KEY (tenant_id, run_id, sequence),
    FOREIGN KEY (tenant_id, run_id) REFERENCES runs (tenant_id, id)
);

CREATE TABLE versions (
    tenant_id BIGINT NOT NULL,
    model_id BIGINT NOT NULL,
    number BIGINT NOT NULL,
    run_id BIGINT NOT NULL UNIQUE,
    dataset_id BIGINT NOT NULL,
    specification_number BIGINT NOT NULL,
    manifest TEXT NOT NULL,
    summary TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    created_by TEXT NOT NULL,
    PRIMARY KEY (tenant_id, model_id, number),
    FOREIGN KEY (tenant_id, model_id) REFERENCES models (tenant_id, id),
    FOREIGN KEY (tenant_id, run_id) REFERENCES runs (tenant_id, id),
    FOREIGN KEY (tenant_id, dataset_id) REFERENCES datasets (tenant_id, id)
);

-- The newest row of a model says who serves. Ids come from the counter: they are committed in their order, so a
-- replica that asks for "all after the last I saw" misses none.
CREATE TABLE deployments (
    id BIGINT NOT NULL PRIMARY KEY,
    tenant_id BIGINT NOT NULL,
    model_id BIGINT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('promotion', 'rollback', 'heuristic')),
    version BIGINT,
    previous BIGINT,
    reason TEXT NOT NULL,
    at BIGINT NOT NULL,
    actor TEXT NOT NULL,
    FOREIGN KEY (tenant_id, model_id) REFERENCES models (tenant_id, id),
    FOREIGN KEY (tenant_id, model_id, version) REFERENCES versions (tenant_id, model_id, number)
);
CREATE INDEX deployments_by_model ON deployments (tenant_id, model_id, id);

-- The newest row of a model says which version is to be compared with the champion; null is none.
CREATE TABLE challengers (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant_id BIGINT NOT NULL,
    model_id BIGINT NOT NULL,
    version BIGINT,
    reason TEXT NOT NULL,
    at BIGINT NOT NULL,
    actor TEXT NOT NULL,
    FOREIGN KEY (tenant_id, model_id) REFERENCES models (tenant_id, id),
    FOREIGN KEY (tenant_id, model_id, version) REFERENCES versions (tenant_id, model_id, number)
);
CREATE INDEX challengers_by_model ON challengers (tenant_id, model_id, id);

-- What the newest check of a model's triggers found.
CREATE TABLE trigger_checks (
    tenant_id BIGINT NOT NULL,
    model_id BIGINT NOT NULL,
    at BIGINT NOT NULL,
    -- JSON of the findings.
    found TEXT NOT NULL,
    -- The run that it asked for.
    run_id BIGINT,
    PRIMARY KEY (tenant_id, model_id),
    FOREIGN KEY (tenant_id, model_id) REFERENCES models (tenant_id, id),
    FOREIGN KEY (tenant_id, run_id) REFERENCES runs (tenant_id, id)
);

CREATE TABLE predictions (
    tenant_id BIGINT NOT NULL,
    id UUID NOT NULL,
    model_id BIGINT NOT NULL,
    -- 0 is the heuristic.
    version BIGINT NOT NULL,
    route TEXT NOT NULL,
    at BIGINT NOT NULL,
    score DOUBLE PRECISION NOT NULL,
    decision TEXT NOT NULL,
    confidence DOUBLE PRECISION,
    latency_micros BIGINT NOT NULL,
    actor TEXT NOT NULL,
    probabilities TEXT NOT NULL,
    features TEXT NOT NULL,
    UNIQUE (tenant_id, id),
    FOREIGN KEY (tenant_id, model_id) REFERENCES models (tenant_id, id)
);
-- Ids sort by time. The columns behind the id are there so that a filter is decided without a look at the wide row.
CREATE INDEX predictions_by_model ON predictions (tenant_id, model_id, id, version, decision, score);

-- Everything that was ever said about a prediction.
CREATE TABLE outcomes (
    tenant_id BIGINT NOT NULL,
    prediction_id UUID NOT NULL,
    sequence BIGINT NOT NULL,
    id UUID NOT NULL,
    truth TEXT NOT NULL,
    at BIGINT NOT NULL,
    actor TEXT NOT NULL,
    reason TEXT NOT NULL,
    source TEXT NOT NULL
        CHECK (source IN ('verdict', 'correction', 'feedback', 'observation', 'import')),
    PRIMARY KEY (tenant_id, prediction_id, sequence),
    FOREIGN KEY (tenant_id, prediction_id) REFERENCES predictions (tenant_id, id)
);

-- What counts as true now: one row for each prediction that has an outcome, with what filters and figures ask for.
CREATE TABLE newest_outcomes (
    tenant_id BIGINT NOT NULL,
    model_id BIGINT NOT NULL,
    prediction_id UUID NOT NULL,
    sequence BIGINT NOT NULL,
    version BIGINT NOT NULL,
    decision TEXT NOT NULL,
    truth TEXT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, model_id, prediction_id)
);
CREATE INDEX newest_outcomes_by_cell ON newest_outcomes (tenant_id, model_id, decision, truth, prediction_id);
-- What came in since a model last learnt is counted here.
CREATE INDEX newest_outcomes_by_time ON newest_outcomes (tenant_id, model_id, at) WHERE truth <> '';

-- Predictions counted by hour and by latency, in steps of a fourth root of two.
CREATE TABLE prediction_hours (
    tenant_id BIGINT NOT NULL,
    model_id BIGINT NOT NULL,
    version BIGINT NOT NULL,
    hour BIGINT NOT NULL,
    bucket BIGINT NOT NULL,
    predictions BIGINT NOT NULL,
    latency_sum BIGINT NOT NULL,
    latency_max BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, model_id, hour, version, bucket)
);
CREATE INDEX prediction_hours_by_hour ON prediction_hours (tenant_id, hour);

-- Newest outcomes counted by the hour of their prediction. Decision and truth are empty for a regression, which is
-- measured by its errors. A reading is `right` or `wrong` where it should be `right`: texts have no end. The bin is that of
-- the prediction's score.
CREATE TABLE outcome_hours (
    tenant_id BIGINT NOT NULL,
    model_id BIGINT NOT NULL,
    version BIGINT NOT NULL,
    hour BIGINT NOT NULL,
    decision TEXT NOT NULL,
    truth TEXT NOT NULL,
    bin BIGINT NOT NULL,
    outcomes BIGINT NOT NULL,
    score_sum DOUBLE PRECISION NOT NULL,
    absolute_error DOUBLE PRECISION NOT NULL,
    squared_error DOUBLE PRECISION NOT NULL,
    PRIMARY KEY (tenant_id, model_id, hour, version, decision, truth, bin)
);
CREATE INDEX outcome_hours_by_hour ON outcome_hours (tenant_id, hour);

-- Predictions counted by hour, decision and bin of the score. The decision is empty for regressions and readings.
CREATE TABLE score_hours (
    tenant_id BIGINT NOT NULL,
    model_id BIGINT NOT NULL,
    version BIGINT NOT NULL,
    hour BIGINT NOT NULL,
    decision TEXT NOT NULL,
    bin BIGINT NOT NULL,
    predictions BIGINT NOT NULL,
    score_sum DOUBLE PRECISION NOT NULL,
    PRIMARY KEY (tenant_id, model_id, hour, version, decision, bin)
);

-- First outcomes counted by the hour of their prediction and by how much later they came, in steps of a root of two.
CREATE TABLE outcome_delays (
    tenant_id BIGINT NOT NULL,
    model_id BIGINT NOT NULL,
    hour BIGINT NOT NULL,
    step BIGINT NOT NULL,
    outcomes BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, model_id, hour, step)
);

-- A place of work.
CREATE TABLE sites (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant_id BIGINT NOT NULL REFERENCES tenants (id),
    reference TEXT NOT NULL,
    name TEXT NOT NULL,
    latitude DOUBLE PRECISION NOT NULL,
    longitude DOUBLE PRECISION NOT NULL,
    time_zone TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    UNIQUE (tenant_id, reference),
    UNIQUE (tenant_id, id)
);

CREATE TABLE employees (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant_id BIGINT NOT NULL REFERENCES tenants (id),
    reference TEXT NOT NULL,
    name TEXT NOT NULL,
    site_id BIGINT,
    created_at BIGINT NOT NULL,
    UNIQUE (tenant_id, reference),
    UNIQUE (tenant_id, id),
    FOREIGN KEY (tenant_id, site_id) REFERENCES sites (tenant_id, id)
);

CREATE TABLE holidays (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant_id BIGINT NOT NULL REFERENCES tenants (id),
    -- The only site that keeps it; none is every site.
    site_id BIGINT,
    -- YYYY-MM-DD, by the site's clocks.
    date TEXT NOT NULL,
    name TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    created_by TEXT NOT NULL,
    FOREIGN KEY (tenant_id, site_id) REFERENCES sites (tenant_id, id)
);
CREATE UNIQUE INDEX holidays_by_date ON holidays (tenant_id, date, COALESCE(site_id, 0));

-- Ids count up within a tenant, under the lock of tenants.last_event. An employee's events lie together: their
-- history is read for each new one.
CREATE TABLE attendance_events (
    tenant_id BIGINT NOT NULL,
    employee_id BIGINT NOT NULL,
    at BIGINT NOT NULL,
    id BIGINT NOT NULL,
    client_id TEXT NOT NULL,
    -- SHA-256 of what was sent, which tells a repetition from another event under the same key.
    digest TEXT NOT NULL,
    site_id BIGINT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('check_in', 'check_out')),
    received_at BIGINT NOT NULL,
    scheduled_at BIGINT,
    latitude DOUBLE PRECISION,
    longitude DOUBLE PRECISION,
    face_confidence DOUBLE PRECISION,
    offset_seconds BIGINT NOT NULL,
    drift_meters DOUBLE PRECISION,
    holiday BIGINT NOT NULL,
    prediction_id UUID NOT NULL,
    score DOUBLE PRECISION NOT NULL,
    PRIMARY KEY (tenant_id, employee_id, at, id),
    UNIQUE (tenant_id, id),
    UNIQUE (tenant_id, client_id),
    FOREIGN KEY (tenant_id, employee_id) REFERENCES employees (tenant_id, id),
    FOREIGN KEY (tenant_id, site_id) REFERENCES sites (tenant_id, id),
    FOREIGN KEY (tenant_id, prediction_id) REFERENCES predictions (tenant_id, id)
);
CREATE INDEX attendance_events_by_time ON attendance_events (tenant_id, at, id);
CREATE INDEX attendance_events_by_site ON attendance_events (tenant_id, site_id, at, id);

-- Events counted by the day of the site's clocks, in days since 1970-01-01.
CREATE TABLE attendance_days (
    tenant_id BIGINT NOT NULL,
    day BIGINT NOT NULL,
    site_id BIGINT NOT NULL,
    events BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, day, site_id),
    FOREIGN KEY (tenant_id, site_id) REFERENCES sites (tenant_id, id)
);

CREATE TABLE cases (
    tenant_id BIGINT NOT NULL REFERENCES tenants (id),
    id BIGINT NOT NULL,
    employee_id BIGINT NOT NULL,
    site_id BIGINT NOT NULL,
    origin TEXT NOT NULL CHECK (origin IN ('threshold', 'audit')),
    share DOUBLE PRECISION NOT NULL,
    rule TEXT NOT NULL CHECK (rule IN ('location', 'time', 'biometric', 'behaviour')),
    score DOUBLE PRECISION NOT NULL,
    -- The score in whole percent, rounded down, 0 to 99: what figures are counted by.
    percent BIGINT NOT NULL,
    prediction_id UUID NOT NULL,
    events BIGINT NOT NULL,
    opened_at BIGINT NOT NULL,
    first_event_at BIGINT NOT NULL,
    last_event_at BIGINT NOT NULL,
    due_at BIGINT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('open', 'taken', 'escalated', 'decided')),
    -- 1: it is an admin's to decide, also while one has taken it.
    escalated BIGINT NOT NULL CHECK (escalated IN (0, 1)),
    taken_by BIGINT,
    taken_until BIGINT,
    verdict TEXT CHECK (verdict IN ('confirmed_risk', 'valuable_alert', 'false_positive')),
    decided_by TEXT,
    decided_at BIGINT,
    assignee_id BIGINT,
    -- Number of its newest step.
    revision BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, id),
    CHECK ((state = 'taken') = (taken_by IS NOT NULL AND taken_until IS NOT NULL)),
    CHECK (escalated = CASE state WHEN 'escalated' THEN 1 WHEN 'taken' THEN escalated ELSE 0 END),
    CHECK ((state = 'decided') = (verdict IS NOT NULL AND decided_by IS NOT NULL AND decided_at IS NOT NULL)),
    FOREIGN KEY (tenant_id, employee_id) REFERENCES employees (tenant_id, id),
    FOREIGN KEY (tenant_id, site_id) REFERENCES sites (tenant_id, id),
    FOREIGN KEY (tenant_id, prediction_id) REFERENCES predictions (tenant_id, id),
    FOREIGN KEY (tenant_id, taken_by) REFERENCES people (tenant_id, id),
    FOREIGN KEY (tenant_id, assignee_id) REFERENCES people (tenant_id, id)
);
CREATE INDEX cases_by_due ON cases (tenant_id, due_at, id);
CREATE INDEX cases_undecided ON cases (tenant_id, due_at, id) WHERE state <> 'decided';
CREATE INDEX cases_by_employee ON cases (tenant_id, employee_id, due_at, id);
CREATE INDEX cases_by_site ON cases (tenant_id, site_id, due_at, id);
CREATE INDEX cases_by_opening ON cases (tenant_id, opened_at);

-- An event belongs to one case at most.
CREATE TABLE case_events (
    tenant_id BIGINT NOT NULL,
    event_id BIGINT NOT NULL,
    case_id BIGINT NOT NULL,
    prediction_id UUID NOT NULL,
    PRIMARY KEY (tenant_id, event_id),
    FOREIGN KEY (tenant_id, event_id) REFERENCES attendance_events (tenant_id, id),
    FOREIGN KEY (tenant_id, case_id) REFERENCES cases (tenant_id, id),
    FOREIGN KEY (tenant_id, prediction_id) REFERENCES predictions (tenant_id, id)
);
CREATE INDEX case_events_by_case ON case_events (tenant_id, case_id, event_id, prediction_id);

CREATE TABLE case_steps (
    tenant_id BIGINT NOT NULL,
    case_id BIGINT NOT NULL,
    sequence BIGINT NOT NULL,
    at BIGINT NOT NULL,
    actor TEXT NOT NULL,
    kind TEXT NOT NULL,
    verdict TEXT,
    note TEXT NOT NULL,
    PRIMARY KEY (tenant_id, case_id, sequence),
    FOREIGN KEY (tenant_id, case_id) REFERENCES cases (tenant_id, id)
);

CREATE TABLE snoozes (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant_id BIGINT NOT NULL REFERENCES tenants (id),
    employee_id BIGINT NOT NULL,
    rule TEXT NOT NULL CHECK (rule IN ('location', 'time', 'biometric', 'behaviour')),
    until BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    created_by TEXT NOT NULL,
    reason TEXT NOT NULL,
    FOREIGN KEY (tenant_id, employee_id) REFERENCES employees (tenant_id, id)
);
CREATE INDEX snoozes_by_end ON snoozes (tenant_id, until, id);

-- What mobile clients synced. Ids count up within a tenant, under the lock of tenants.last_sync. The edits of a record
-- lie together: they are read for each new one.
CREATE TABLE sync_events (
    tenant_id BIGINT NOT NULL,
    entity_type TEXT NOT NULL,
    entity TEXT NOT NULL,
    at BIGINT NOT NULL,
    id BIGINT NOT NULL,
    client_id TEXT NOT NULL,
    -- SHA-256 of what was sent, which tells a repetition from another event under the same key. Whether there was a
    -- conflict is no part of it: that may be said later.
    digest TEXT NOT NULL,
    client TEXT NOT NULL,
    person TEXT NOT NULL,
    -- JSON list of the fields that were edited, sorted, each once.
    fields TEXT NOT NULL,
    last_sync_at BIGINT,
    received_at BIGINT NOT NULL,
    prediction_id UUID NOT NULL,
    -- What the newest record of sync_conflicts says; none as long as nobody has said anything.
    conflict BIGINT CHECK (conflict IN (0, 1)),
    PRIMARY KEY (tenant_id, entity_type, entity, at, id),
    UNIQUE (tenant_id, id),
    UNIQUE (tenant_id, client_id),
    FOREIGN KEY (tenant_id, prediction_id) REFERENCES predictions (tenant_id, id)
);
-- With the conflict, so that a person's share of them is counted without a look at the rows.
CREATE INDEX sync_events_by_person ON sync_events (tenant_id, person, at, id, conflict);
CREATE INDEX sync_events_by_client ON sync_events (tenant_id, client, at, id);
CREATE INDEX sync_events_by_time ON sync_events (tenant_id, at, id);
-- All that figures count.
CREATE INDEX sync_events_counted ON sync_events (tenant_id, at, entity_type, client, conflict, entity);

-- Everything that was ever said about whether a sync ended in a conflict.
CREATE TABLE sync_conflicts (
    tenant_id BIGINT NOT NULL,
    event_id BIGINT NOT NULL,
    sequence BIGINT NOT NULL,
    conflict BIGINT NOT NULL CHECK (conflict IN (0, 1)),
    at BIGINT NOT NULL,
    actor TEXT NOT NULL,
    PRIMARY KEY (tenant_id, event_id, sequence),
    FOREIGN KEY (tenant_id, event_id) REFERENCES sync_events (tenant_id, id)
);

-- The sync behind each prediction about one: asked for by a client before it syncs, or recorded as an event.
CREATE TABLE planned_syncs (
    tenant_id BIGINT NOT NULL,
    prediction_id UUID NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('asked', 'event')),
    at BIGINT NOT NULL,
    client TEXT NOT NULL,
    person TEXT NOT NULL,
    entity_type TEXT NOT NULL,
    entity TEXT NOT NULL,
    fields TEXT NOT NULL,
    last_sync_at BIGINT,
    advice TEXT NOT NULL CHECK (advice IN ('sync_now', 'fetch_first', 'ask_to_merge')),
    score DOUBLE PRECISION NOT NULL,
    threshold DOUBLE PRECISION NOT NULL,
    -- The end of the time in which a conflict of the entity is its outcome.
    observed_until BIGINT NOT NULL,
    -- What was seen by then, with all that is known now; none before anybody looked.
    observed BIGINT CHECK (observed IN (0, 1)),
    observed_at BIGINT,
    -- When it is to be looked at: at the end of that time, and again when something that was said later changes what
    -- was seen. None when there is nothing to do.
    due_at BIGINT,
    -- The event about which it was said.
    late_event_id BIGINT,
    PRIMARY KEY (tenant_id, prediction_id),
    CHECK ((observed IS NULL) = (observed_at IS NULL)),
    FOREIGN KEY (tenant_id, prediction_id) REFERENCES predictions (tenant_id, id),
    FOREIGN KEY (tenant_id, late_event_id) REFERENCES sync_events (tenant_id, id)
);
CREATE INDEX planned_syncs_due ON planned_syncs (tenant_id, due_at, prediction_id) WHERE due_at IS NOT NULL;
CREATE INDEX planned_syncs_by_entity ON planned_syncs (tenant_id, entity_type, entity, at);
-- With all that figures count, and that lists look for.
CREATE INDEX planned_syncs_by_time
    ON planned_syncs (tenant_id, at, prediction_id, kind, score, threshold, observed, entity_type, client);

-- Images of readings, in the object store under the SHA-256 of their bytes.
CREATE TABLE images (
    tenant_id BIGINT NOT NULL REFERENCES tenants (id),
    sha256 TEXT NOT NULL,
    -- Whose reading it came with; none before a reading has it.
    model_id BIGINT,
    bytes BIGINT NOT NULL,
    width BIGINT NOT NULL,
    height BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    -- When somebody last sent it or asked for a look at it.
    used_at BIGINT NOT NULL,
    -- 1 from the moment when a data set is to name it: it is kept as long as the data set.
    in_dataset BIGINT NOT NULL,
    -- When its deletion began. The row goes after the object.
    deleted_at BIGINT,
    PRIMARY KEY (tenant_id, sha256)
);
CREATE INDEX images_by_use ON images (tenant_id, model_id, used_at) WHERE deleted_at IS NULL AND in_dataset = 0;
-- For what came in and was needed by nothing in the end.
CREATE INDEX images_unclaimed ON images (tenant_id, used_at) WHERE model_id IS NULL AND in_dataset = 0 AND deleted_at IS NULL;
CREATE INDEX images_going ON images (tenant_id, deleted_at) WHERE deleted_at IS NOT NULL;

-- What a prediction whose input is an image has beside it.
CREATE TABLE readings (
    tenant_id BIGINT NOT NULL,
    prediction_id UUID NOT NULL,
    model_id BIGINT NOT NULL,
    at BIGINT NOT NULL,
    client_id TEXT,
    -- SHA-256 of what was sent, which tells a repetition from another reading under the same key.
    digest TEXT NOT NULL,
    image TEXT NOT NULL,
    source TEXT NOT NULL,
    previous TEXT,
    confidence DOUBLE PRECISION NOT NULL,
    PRIMARY KEY (tenant_id, prediction_id),
    FOREIGN KEY (tenant_id, prediction_id) REFERENCES predictions (tenant_id, id),
    FOREIGN KEY (tenant_id, model_id) REFERENCES models (tenant_id, id)
);
CREATE UNIQUE INDEX readings_by_client ON readings (tenant_id, model_id, client_id) WHERE client_id IS NOT NULL;
CREATE INDEX readings_by_image ON readings (tenant_id, image, model_id, at);
CREATE INDEX readings_by_source ON readings (tenant_id, model_id, source, prediction_id) WHERE source <> '';
CREATE INDEX readings_by_model ON readings (tenant_id, model_id, prediction_id, confidence);

-- Readings that a person must correct. A task with a gold text has a known answer, measures labelers and is never
-- settled.
CREATE TABLE labeling_tasks (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant_id BIGINT NOT NULL,
    model_id BIGINT NOT NULL,
    prediction_id UUID NOT NULL,
    origin TEXT NOT NULL CHECK (origin IN ('report', 'audit', 'selection', 'limit', 'rule', 'import')),
    reason TEXT NOT NULL,
    priority BIGINT NOT NULL,
    queued_at BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    read_text TEXT NOT NULL,
    confidence DOUBLE PRECISION NOT NULL,
    suggestion TEXT,
    needed BIGINT NOT NULL,
    gold_text TEXT,
    state TEXT NOT NULL CHECK (state IN ('open', 'disputed', 'flagged', 'settled', 'unreadable')),
    leased_by BIGINT,
    leased_until BIGINT,
    settled_text TEXT,
    settled_at BIGINT,
    revision BIGINT NOT NULL,
    UNIQUE (tenant_id, id),
    CHECK ((leased_by IS NULL) = (leased_until IS NULL)),
    CHECK ((state IN ('settled', 'unreadable')) = (settled_at IS NOT NULL)),
    CHECK ((state = 'settled') = (settled_text IS NOT NULL)),
    FOREIGN KEY (tenant_id, model_id) REFERENCES models (tenant_id, id),
    FOREIGN KEY (tenant_id, prediction_id) REFERENCES readings (tenant_id, prediction_id),
    FOREIGN KEY (tenant_id, leased_by) REFERENCES people (tenant_id, id)
);
-- A reading has one task at most in which it is corrected, and one that measures.
CREATE UNIQUE INDEX labeling_tasks_by_prediction ON labeling_tasks (tenant_id, prediction_id, (gold_text IS NULL));
-- The order in which tasks are given out. What somebody flagged waits for an admin, even if it only measures.
CREATE INDEX labeling_tasks_waiting ON labeling_tasks (tenant_id, model_id, priority DESC, queued_at, id)
    WHERE settled_at IS NULL AND (gold_text IS NULL OR state = 'flagged');
CREATE INDEX labeling_tasks_measuring ON labeling_tasks (tenant_id, model_id, priority DESC, queued_at, id)
    WHERE settled_at IS NULL AND gold_text IS NOT NULL;
-- Those that one of two may have read.
CREATE INDEX labeling_tasks_double ON labeling_tasks (tenant_id, model_id)
    WHERE needed = 2 AND settled_at IS NULL AND gold_text IS NULL;
-- What waits is counted without a look at the rows.
CREATE INDEX labeling_tasks_backlog ON labeling_tasks (tenant_id, model_id, origin, state, created_at)
    WHERE settled_at IS NULL AND (gold_text IS NULL OR state = 'flagged');
CREATE INDEX labeling_tasks_leased ON labeling_tasks (tenant_id, leased_by, model_id, leased_until)
    WHERE leased_by IS NOT NULL;
CREATE INDEX labeling_tasks_by_creation ON labeling_tasks (tenant_id, model_id, created_at, id);
CREATE INDEX labeling_tasks_of_all ON labeling_tasks (tenant_id, created_at, id);

-- Everything that was ever said of a task, by whom (the number alone) and in what time.
CREATE TABLE annotations (
    tenant_id BIGINT NOT NULL,
    task_id BIGINT NOT NULL,
    sequence BIGINT NOT NULL,
    model_id BIGINT NOT NULL,
    at BIGINT NOT NULL,
    person_id BIGINT NOT NULL,
    act TEXT NOT NULL CHECK (act IN ('read', 'decided', 'corrected', 'withdrawn', 'flagged')),
    -- None is unreadable.
    seen TEXT,
    seconds DOUBLE PRECISION NOT NULL,
    before_text TEXT,
    note TEXT NOT NULL,
    PRIMARY KEY (tenant_id, task_id, sequence),
    FOREIGN KEY (tenant_id, task_id) REFERENCES labeling_tasks (tenant_id, id),
    FOREIGN KEY (tenant_id, person_id) REFERENCES people (tenant_id, id)
);
CREATE INDEX annotations_by_person ON annotations (tenant_id, person_id, task_id, act);
CREATE INDEX annotations_by_time ON annotations (tenant_id, model_id, at);

-- Each time that readings were chosen for people to label.
CREATE TABLE labeling_selections (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant_id BIGINT NOT NULL,
    model_id BIGINT NOT NULL,
    -- The execution of a schedule that asked for it; none if somebody did.
    schedule_run_id BIGINT,
    at BIGINT NOT NULL,
    asked BIGINT NOT NULL,
    pool BIGINT NOT NULL,
    chosen BIGINT NOT NULL,
    notes TEXT NOT NULL,
    actor TEXT NOT NULL,
    FOREIGN KEY (tenant_id, model_id) REFERENCES models (tenant_id, id)
);
CREATE INDEX labeling_selections_by_model ON labeling_selections (tenant_id, model_id, id);
CREATE UNIQUE INDEX labeling_selections_by_schedule_run ON labeling_selections (tenant_id, schedule_run_id)
    WHERE schedule_run_id IS NOT NULL;

-- Who looks at the clock for all processes, and for how long. The term counts how often that has changed: what one of an
-- earlier term still wants to do is refused.
CREATE TABLE scheduler (
    id BIGINT NOT NULL PRIMARY KEY CHECK (id = 1),
    owner TEXT NOT NULL,
    until BIGINT NOT NULL,
    term BIGINT NOT NULL
);
INSERT INTO scheduler (id, owner, until, term) VALUES (1, '', 0, 0);

-- What is done by the clock: a row for each job of an organisation, or of one of its models.
CREATE TABLE schedules (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant_id BIGINT NOT NULL REFERENCES tenants (id),
    job TEXT NOT NULL,
    model_id BIGINT,
    -- None: it is no longer declared, and kept for what it did.
    expression TEXT,
    time_zone TEXT NOT NULL,
    next_at BIGINT NOT NULL,
    paused_at BIGINT,
    paused_by TEXT,
    -- Its newest execution.
    last_run_id BIGINT,
    UNIQUE (tenant_id, id),
    CHECK ((paused_at IS NULL) = (paused_by IS NULL)),
    FOREIGN KEY (tenant_id, model_id) REFERENCES models (tenant_id, id)
);
CREATE UNIQUE INDEX schedules_by_job ON schedules (tenant_id, COALESCE(model_id, 0), job);
CREATE INDEX schedules_by_next ON schedules (next_at) WHERE expression IS NOT NULL AND paused_at IS NULL;

-- Each time that a job was done, or is to be.
CREATE TABLE schedule_runs (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant_id BIGINT NOT NULL,
    schedule_id BIGINT NOT NULL,
    due_at BIGINT NOT NULL,
    -- None: the clock.
    asked_by TEXT,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'running', 'succeeded', 'failed')),
    -- From when on somebody may take it up: after a pause, or because its holder has fallen silent.
    free_at BIGINT NOT NULL,
    owner TEXT,
    attempts BIGINT NOT NULL DEFAULT 0,
    began_at BIGINT,
    ended_at BIGINT,
    message TEXT NOT NULL DEFAULT '',
    UNIQUE (tenant_id, id),
    -- A due time is answered once.
    UNIQUE (tenant_id, schedule_id, due_at),
    CHECK ((state = 'running') = (owner IS NOT NULL)),
    CHECK ((state IN ('succeeded', 'failed')) = (ended_at IS NOT NULL)),
    FOREIGN KEY (tenant_id, schedule_id) REFERENCES schedules (tenant_id, id)
);
-- One at a time.
CREATE UNIQUE INDEX schedule_runs_at_work ON schedule_runs (tenant_id, schedule_id) WHERE ended_at IS NULL;
CREATE INDEX schedule_runs_open ON schedule_runs (free_at, id) WHERE ended_at IS NULL;
CREATE INDEX schedule_runs_by_turn ON schedule_runs (tenant_id, began_at);
CREATE INDEX schedule_runs_by_end ON schedule_runs (tenant_id, ended_at);

-- Sets of features that were computed elsewhere, or by another part of the program.
CREATE TABLE feature_sets (
    tenant_id BIGINT NOT NULL REFERENCES tenants (id),
    name TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    created_by TEXT NOT NULL,
    PRIMARY KEY (tenant_id, name)
);

-- What was computed of an entity for a moment. Written once: what was known at a moment must stay what it was.
CREATE TABLE feature_values (
    tenant_id BIGINT NOT NULL,
    feature_set TEXT NOT NULL,
    entity TEXT NOT NULL,
    at BIGINT NOT NULL,
    computed_at BIGINT NOT NULL,
    fresh_until BIGINT NOT NULL,
    features TEXT NOT NULL,
    -- Why they could not be computed; empty if they could.
    problem TEXT NOT NULL,
    source TEXT NOT NULL,
    PRIMARY KEY (tenant_id, feature_set, entity, at),
    FOREIGN KEY (tenant_id, feature_set) REFERENCES feature_sets (tenant_id, name)
);

-- The newest of each entity, for lists and figures of freshness.
CREATE TABLE newest_features (
    tenant_id BIGINT NOT NULL,
    feature_set TEXT NOT NULL,
    entity TEXT NOT NULL,
    at BIGINT NOT NULL,
    fresh_until BIGINT NOT NULL,
    failed BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, feature_set, entity),
    FOREIGN KEY (tenant_id, feature_set) REFERENCES feature_sets (tenant_id, name)
);

CREATE TABLE audit_heads (
    tenant_id BIGINT NOT NULL PRIMARY KEY REFERENCES tenants (id),
    sequence BIGINT NOT NULL,
    hash TEXT NOT NULL
);

CREATE TABLE audit_entries (
    tenant_id BIGINT NOT NULL REFERENCES tenants (id),
    sequence BIGINT NOT NULL,
    at BIGINT NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    subject TEXT NOT NULL,
    detail TEXT NOT NULL,
    previous_hash TEXT NOT NULL,
    hash TEXT NOT NULL,
    PRIMARY KEY (tenant_id, sequence)
);

-- Written once.
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME;
END
$$;
CREATE TRIGGER audit_entries_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entries
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER outcomes_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON outcomes
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER deployments_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON deployments
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER versions_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON versions
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER sync_conflicts_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON sync_conflicts
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER case_steps_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON case_steps
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER annotations_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON annotations
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER feature_values_append_only BEFORE UPDATE ON feature_values
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
