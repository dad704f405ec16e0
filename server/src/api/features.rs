//! Features of entities: computed by your programs, kept with what was known when.

use axum::extract::State;
use desk::Desk;
use desk::features::{FeatureDraft, SetFreshness};
use domain::feature::FeatureRecord;
use domain::{Permission, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use utoipa::{IntoParams, ToSchema};

use super::endpoint::{Access, Endpoint};
use super::extract::{Asked, In, Sent};
use super::fields::Fields;
use super::problem::Problem;
use super::{Answer, Whole, moment, page_size, read_moment};
use crate::rim::Caller;

/// What was computed.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct FeaturesRequest {
    /// Name of the set: small letters, digits, `-` and `_`. Its first record makes it.
    set: String,
    /// Up to 10,000.
    records: Vec<RecordRequest>,
}

/// What was computed of one entity for one moment.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct RecordRequest {
    /// Your own key for it.
    entity: String,
    /// The moment that it speaks of, at most a day ahead; it is not known before.
    at: String,
    /// When it was computed, if not now: for history that comes from elsewhere. From then on it counts as known.
    computed_at: Option<String>,
    /// Seconds from `at` on for which it counts as fresh; a day when it is not said.
    fresh_for_seconds: Option<i64>,
    /// Name → number, text, true or false, or null.
    #[serde(default)]
    #[schema(value_type = Object)]
    features: Fields,
    /// Instead of features: why they could not be computed.
    problem: Option<String>,
}

/// What became of them.
#[derive(Serialize, ToSchema)]
struct RecordedAnswer {
    /// New.
    recorded: u64,
    /// There before, by entity and moment; the first stays as it is.
    known: u64,
}

/// What is known of an entity.
#[derive(Serialize, ToSchema)]
struct FeaturesAnswer {
    /// Your own key for it.
    entity: String,
    /// The moment that it speaks of.
    at: String,
    /// When it was computed.
    computed_at: String,
    /// From when on it is stale.
    fresh_until: String,
    /// `fresh`, `stale` or `failed`.
    status: &'static str,
    /// Name → value.
    #[schema(value_type = Object)]
    features: Map<String, Value>,
    /// Why they could not be computed.
    #[serde(skip_serializing_if = "String::is_empty")]
    problem: String,
}

/// How a set stands.
#[derive(Serialize, ToSchema)]
struct SetAnswer {
    /// Name.
    set: String,
    /// Entities that something is known of.
    entities: i64,
    /// The latest moment that anything speaks of.
    newest: Option<String>,
    /// Entities whose newest features are stale.
    stale: i64,
    /// Entities whose newest features could not be computed.
    failed: i64,
}

/// A part of a set.
#[derive(Serialize, ToSchema)]
struct SetPage {
    /// The newest of each entity, by entity.
    items: Vec<FeaturesAnswer>,
    /// What to send as `after` for the next part; none at the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// When.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct AsOfQuery {
    /// What was known then; what is known now, if it is not said.
    as_of: Option<String>,
}

/// Which entities.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct EntitiesQuery {
    /// `next` of the part before.
    after: Option<String>,
    /// Items of a part, 1 to 200; 50 when it is not said.
    limit: Option<u32>,
}

pub(super) fn endpoints() -> Vec<Endpoint> {
    let (read, write) = (Access::Needs(Permission::ReadPredictions), Access::Needs(Permission::WriteModels));
    let features = json!({ "visits_30d": 4, "region": "north" });
    let record = json!({ "entity": "customer-17", "at": "2026-03-01T08:00:00Z", "features": features });
    let known = json!({ "entity": "customer-17", "at": "2026-03-01T08:00:00Z", "computed_at": "2026-03-01T08:00:04Z",
        "fresh_until": "2026-03-02T08:00:00Z", "status": "fresh", "features": features });
    let set =
        json!({ "set": "customers", "entities": 1_204, "newest": "2026-03-01T08:00:00Z", "stale": 3, "failed": 0 });
    vec![
        Endpoint::post("/api/v1/features", write, record_all)
            .about("Features", "Keep what was computed of entities; the same entity and moment again changes nothing")
            .takes::<FeaturesRequest>(json!({ "set": "customers", "records": [record] }))
            .answers::<RecordedAnswer>(200, "They are kept", json!({ "recorded": 1, "known": 0 }))
            .refuses(&[
                (409, "There are too many sets"),
                (413, "Too many records"),
                (422, "Each wrong field, as `records[3].at`"),
            ]),
        Endpoint::get("/api/v1/features", read, sets)
            .about("Features", "How each set stands: entities, newest moment, stale and failed ones")
            .answers_list::<SetAnswer>("The sets, by name", set),
        Endpoint::get("/api/v1/features/{set}", read, list)
            .about("Features", "The newest of each entity of a set, by entity")
            .query::<EntitiesQuery>()
            .answers::<SetPage>(200, "A part", json!({ "items": [known], "next": "customer-17" }))
            .refuses(&[(404, "There is no such set")]),
        Endpoint::get("/api/v1/features/{set}/{entity}", read, show)
            .about("Features", "What is known of an entity, or was at `as_of`: what came later is not seen")
            .query::<AsOfQuery>()
            .answers::<FeaturesAnswer>(200, "It is known", known)
            .refuses(&[(404, "Nothing was known of it then")]),
    ]
}

async fn record_all(
    State(desk): State<Desk>,
    Caller(actor): Caller,
    Sent(asked): Sent<FeaturesRequest>,
) -> Answer<RecordedAnswer> {
    let drafts = asked.records.into_iter().enumerate().map(|(i, record)| record.draft(i)).collect::<Result<_, _>>()?;
    let done = desk.features().record(&actor, &asked.set, drafts).await?;
    Ok(axum::Json(RecordedAnswer { recorded: done.recorded, known: done.known }))
}

async fn sets(State(desk): State<Desk>, Caller(actor): Caller) -> Answer<Whole<SetAnswer>> {
    let sets = desk.features().sets(&actor).await?;
    Ok(axum::Json(Whole { items: sets.into_iter().map(SetAnswer::of).collect() }))
}

async fn list(
    State(desk): State<Desk>,
    Caller(actor): Caller,
    In(set): In<String>,
    Asked(query): Asked<EntitiesQuery>,
) -> Answer<SetPage> {
    let (limit, now) = (page_size(query.limit), desk.now());
    let found = desk.features().list(&actor, &set, query.after.as_deref(), limit).await?;
    let items = found.records.into_iter().map(|record| FeaturesAnswer::of(record, now)).collect();
    Ok(axum::Json(SetPage { items, next: found.next }))
}

async fn show(
    State(desk): State<Desk>,
    Caller(actor): Caller,
    In((set, entity)): In<(String, String)>,
    Asked(query): Asked<AsOfQuery>,
) -> Answer<FeaturesAnswer> {
    let as_of = read_moment("as_of", query.as_of.as_deref())?;
    let (record, moment) = desk.features().known(&actor, &set, &entity, as_of).await?;
    Ok(axum::Json(FeaturesAnswer::of(record, moment)))
}

impl RecordRequest {
    fn draft(self, place: usize) -> Result<FeatureDraft, Problem> {
        let time = |field: &str, text: &str| read_moment(&format!("records[{place}].{field}"), Some(text));
        let at = time("at", &self.at)?.unwrap_or_default();
        let computed_at = self.computed_at.as_deref().map(|text| time("computed_at", text)).transpose()?.flatten();
        let Self { entity, fresh_for_seconds, features: Fields(features), problem, .. } = self;
        Ok(FeatureDraft { entity, at, computed_at, fresh_for_seconds, features, problem })
    }
}

impl FeaturesAnswer {
    fn of(record: FeatureRecord, now: Timestamp) -> Self {
        Self {
            status: record.status(now).as_str(),
            entity: record.entity,
            at: moment(record.at),
            computed_at: moment(record.computed_at),
            fresh_until: moment(record.fresh_until),
            features: record.features,
            problem: record.problem,
        }
    }
}

impl SetAnswer {
    fn of(set: SetFreshness) -> Self {
        let SetFreshness { set, entities, newest, stale, failed } = set;
        Self { set, entities, newest: newest.map(moment), stale, failed }
    }
}
