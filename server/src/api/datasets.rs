//! Data sets: brought, listed, and turned into a first specification.

mod images;

use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use desk::Desk;
use desk::datasets::Join;
use desk::models::Wish;
use domain::dataset::Dataset;
use domain::specification::Split;
use domain::{DatasetId, Permission};
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::{IntoParams, ToSchema};

use super::endpoint::{Access, Endpoint};
use super::extract::{Asked, Created, In, Sent};
use super::models::example_specification;
use super::problem::Problem;
use super::upload::Upload;
use super::{Answer, Page, moment, page_size, read_cursor};
use crate::rim::{Caller, Heard};
use images::{FileForm, Kind, LeftOutAnswer};

/// What a data set is to be called, and what is put beside its rows.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ImportQuery {
    /// Its name: that of the file, say.
    name: String,
    /// A feature set: its features become further columns of a CSV, each row's as they were known at its moment.
    features: Option<String>,
    /// With `features`: the column that names each row's entity.
    entity: Option<String>,
    /// With `features`: the column of the moment at which each row was asked about.
    time: Option<String>,
}

/// Which data sets.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct DatasetQuery {
    /// `next` of the page before.
    cursor: Option<String>,
    /// Items of a page, 1 to 200; 50 when it is not said.
    limit: Option<u32>,
}

/// How an image is wanted.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ImageQuery {
    /// Shrunk to stand in a list: at most 480 × 240 pixels.
    #[serde(default)]
    small: bool,
}

/// What is to be learnt from a data set.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ProposalRequest {
    /// The column to be learnt.
    target: String,
    /// The positive class; the rarer one when it is not said.
    positive: Option<String>,
    /// Column of dates or times by which rows are divided.
    time: Option<String>,
    /// Column of groups by which rows are divided.
    group: Option<String>,
    /// How rows are divided where no column tells; what suits them when nothing is said.
    split: Option<PlainSplit>,
    /// Columns not to be learnt from.
    #[serde(default)]
    drop: Vec<String>,
}

/// An immutable snapshot of examples.
#[derive(Serialize, ToSchema)]
struct DatasetAnswer {
    /// Identity.
    id: i64,
    /// Name.
    name: String,
    /// `import` or `snapshot`.
    source: &'static str,
    /// SHA-256 of its CSV.
    sha256: String,
    /// Length of its CSV in bytes.
    bytes: i64,
    /// Number of rows.
    rows: i64,
    /// Rows whose labels came from outcomes.
    outcome_rows: i64,
    /// Those of them whose labels are verdicts on cases.
    verdict_rows: i64,
    /// Its columns as they were understood.
    #[schema(value_type = Object)]
    columns: Value,
    /// When it was made.
    created_at: String,
    /// Who made it.
    created_by: String,
}

/// A data set that was brought, and what of the file is not in it.
#[derive(Serialize, ToSchema)]
struct Uploaded {
    #[serde(flatten)]
    dataset: DatasetAnswer,
    /// Rows that gave no example, where images were brought.
    #[serde(skip_serializing_if = "Option::is_none")]
    left_out: Option<LeftOutAnswer>,
}

/// A specification to begin with, and what was noticed.
#[derive(Serialize, ToSchema)]
struct ProposalAnswer {
    /// To be sent, changed or not, when the model is registered.
    #[schema(value_type = Object)]
    specification: Value,
    /// What was decided and may be wrong, in sentences.
    notes: Vec<String>,
}

/// One of Label Studio's tasks, about the image of a reading.
const TASKS: &str = r#"[{"data": {"image": "http://127.0.0.1:3000/api/v1/predictions/0197a2b4-7c1e-7d30-9a55-3f0c2f6f0d11/image"},
    "annotations": [{"result": [{"type": "textarea", "value": {"text": ["7.9"]}}]}]}]"#;

pub(super) fn endpoints() -> Vec<Endpoint> {
    let (read, write) = (Access::Needs(Permission::ReadModels), Access::Needs(Permission::WriteModels));
    let dataset = json!({ "id": 4, "name": "claims.csv", "source": "import", "sha256": "9f2c…", "bytes": 812_345,
        "rows": 12_000, "outcome_rows": 0, "verdict_rows": 0, "columns": [], "created_at": "2026-03-01T08:00:00Z", "created_by": "person:1 Ada" });
    let proposal = json!({ "specification": example_specification(), "notes": [] });
    let mut uploaded = dataset.clone();
    uploaded["left_out"] = json!({ "rows": 1, "named": ["line 3, b.png: This PNG cannot be read."], "unlabeled": 0 });
    vec![
        Endpoint::post("/api/v1/datasets", write, import)
            .about(
                "Data sets",
                "Upload a CSV with a header line, or a zip of images with labels.csv (file,text,source); the same twice \
                 is the same data set",
            )
            .query::<ImportQuery>()
            .takes_text("text/csv", "amount,region,fraud\n5200,north,yes\n310,south,no\n")
            .takes_file(&["application/zip"], "images and labels.csv, or images and Label Studio's tasks.json")
            .takes_text("application/json", TASKS)
            .takes_form::<FileForm>(json!({ "file": "@meters.zip" }))
            .answers::<Uploaded>(201, "It is kept; of images, what was left out is named", uploaded)
            .refuses(&[
                (413, "It is too large"),
                (415, "It is none of these"),
                (422, "What is wrong with it, and in which line"),
                (503, "Features are put beside another file just now"),
            ]),
        Endpoint::get("/api/v1/datasets", read, list)
            .about("Data sets", "Data sets, newest first")
            .query::<DatasetQuery>()
            .answers_page::<DatasetAnswer>(dataset.clone(), "4"),
        Endpoint::get("/api/v1/datasets/{id}", read, show)
            .about("Data sets", "One data set")
            .answers::<DatasetAnswer>(200, "The data set", dataset)
            .refuses(&[(404, "There is no such data set")]),
        Endpoint::get("/api/v1/datasets/{id}/images/{sha256}", Access::Needs(Permission::ManageLabeling), image)
            .about("Data sets", "An image that a data set names")
            .query::<ImageQuery>()
            .answers_with(200, "The image; a data set never changes, so it may be kept for ever", Some("image/png"))
            .refuses(&[(404, "The data set does not name it, or it is gone")]),
        Endpoint::get("/api/v1/datasets/{id}/images.zip", Access::Needs(Permission::ManageLabeling), images::export)
            .about("Data sets", "The images of a data set with their labels.csv as a zip, streamed")
            .answers_with(200, "The zip; images that are no longer there are left out", Some("application/zip"))
            .refuses(&[(404, "There is no such data set"), (409, "It holds no images")]),
        Endpoint::post("/api/v1/datasets/{id}/proposal", write, propose)
            .about("Data sets", "A specification to begin with: what each column is, what to drop, and why")
            .takes::<ProposalRequest>(json!({ "target": "fraud", "positive": "yes", "time": "filed_at" }))
            .answers::<ProposalAnswer>(200, "The proposal", proposal)
            .refuses(&[(404, "There is no such data set"), (422, "A column that is not there")]),
    ]
}

async fn import(
    State(desk): State<Desk>,
    Caller(actor): Caller,
    Asked(query): Asked<ImportQuery>,
    heard: Heard,
    request: Request,
) -> Result<impl IntoResponse, Problem> {
    // Before the file is read, so that nobody without the right makes the desk swallow it.
    actor.check(Permission::WriteModels).map_err(desk::Error::from)?;
    let upload = Upload::read(request, "file", desk.limits().dataset_bytes).await?;
    let join = query.join()?;
    let uploaded = match Kind::of(&upload) {
        Some(Kind::Table) => {
            let (datasets, csv) = (desk.datasets(), upload.bytes.into());
            let dataset = match join {
                Some(join) => datasets.import_with_features(&actor, &query.name, csv, join).await?,
                None => datasets.import(&actor, &query.name, csv).await?,
            };
            Uploaded { dataset: DatasetAnswer::of(dataset), left_out: None }
        }
        Some(_) if join.is_some() => return Err(Problem::field("features", "are put beside the rows of a CSV")),
        Some(Kind::Images) => images::import(&desk, &actor, &query.name, upload, &heard).await?,
        Some(Kind::Tasks) => images::import_tasks(&desk, &actor, &query.name, upload).await?,
        None => return Err(Problem::media_type("text/csv, application/zip, application/json or multipart/form-data")),
    };
    Ok(Created(format!("/api/v1/datasets/{}", uploaded.dataset.id), uploaded))
}

async fn list(
    State(desk): State<Desk>,
    Caller(actor): Caller,
    Asked(query): Asked<DatasetQuery>,
) -> Answer<Page<DatasetAnswer>> {
    let (before, limit) = (read_cursor(query.cursor.as_deref())?, page_size(query.limit));
    let datasets = desk.datasets().list(&actor, before, limit).await?;
    let page = Page::of(datasets, limit, |dataset| dataset.id.to_string());
    Ok(axum::Json(Page { items: page.items.into_iter().map(DatasetAnswer::of).collect(), next: page.next }))
}

async fn show(State(desk): State<Desk>, Caller(actor): Caller, In(id): In<DatasetId>) -> Answer<DatasetAnswer> {
    Ok(axum::Json(DatasetAnswer::of(desk.datasets().get(&actor, id).await?)))
}

async fn image(
    State(desk): State<Desk>,
    Caller(actor): Caller,
    In((id, sha256)): In<(DatasetId, String)>,
    Asked(query): Asked<ImageQuery>,
) -> Result<Response, Problem> {
    let image = desk.datasets().image(&actor, id, &sha256, query.small).await?;
    let head = [(CONTENT_TYPE, image.media_type), (CACHE_CONTROL, "private, max-age=31536000, immutable")];
    Ok((head, image.bytes).into_response())
}

async fn propose(
    State(desk): State<Desk>,
    Caller(actor): Caller,
    In(id): In<DatasetId>,
    Sent(asked): Sent<ProposalRequest>,
) -> Answer<ProposalAnswer> {
    let split = split(asked.time, asked.group, asked.split)?;
    let wish = Wish { target: asked.target, positive: asked.positive, split, drop: asked.drop };
    let proposal = desk.models().propose(&actor, id, wish).await?;
    let specification = serde_json::to_value(&proposal.draft).map_err(|error| Problem::internal(error.to_string()))?;
    Ok(axum::Json(ProposalAnswer { specification, notes: proposal.notes }))
}

/// A division of rows that no column tells.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema, clap::ValueEnum)]
#[serde(rename_all = "snake_case")]
pub(crate) enum PlainSplit {
    /// A share of the rows, chosen at random.
    Random,
    /// The last rows of the file.
    Order,
}

/// By one of the three, or what suits the rows.
pub(crate) fn split(
    time: Option<String>,
    group: Option<String>,
    plain: Option<PlainSplit>,
) -> desk::Result<Option<Split>> {
    match (time, group, plain) {
        (None, None, None) => Ok(None),
        (Some(column), None, None) => Ok(Some(Split::Time { column })),
        (None, Some(column), None) => Ok(Some(Split::Group { column })),
        (None, None, Some(PlainSplit::Random)) => Ok(Some(Split::Random)),
        (None, None, Some(PlainSplit::Order)) => Ok(Some(Split::Order)),
        _ => Err(desk::Error::field("split", "rows are divided in one way: by `time`, by `group`, or by `split`")),
    }
}

impl ImportQuery {
    fn join(&self) -> Result<Option<Join>, Problem> {
        match (&self.features, &self.entity, &self.time) {
            (None, None, None) => Ok(None),
            (Some(set), Some(entity), Some(time)) => {
                Ok(Some(Join { set: set.clone(), entity: entity.clone(), time: time.clone() }))
            }
            _ => Err(Problem::field("features", "`features`, `entity` and `time` go together")),
        }
    }
}

impl DatasetAnswer {
    fn of(dataset: Dataset) -> Self {
        Self {
            id: dataset.id.0,
            name: dataset.name,
            source: dataset.source.as_str(),
            sha256: dataset.sha256,
            bytes: dataset.bytes,
            rows: dataset.rows,
            outcome_rows: dataset.outcome_rows,
            verdict_rows: dataset.verdict_rows,
            columns: dataset.columns,
            created_at: moment(dataset.created_at),
            created_by: dataset.created_by,
        }
    }
}
