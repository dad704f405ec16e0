use domain::audit::Event;
use domain::dataset::{Dataset, DatasetSource};
use domain::{DatasetId, ModelId, TenantId, Timestamp};

use crate::page::{before, cut, limit};
use crate::sql::{Row, Tx, Value, args, to_json};
use crate::{Cursor, Error, Page, Store};

/// What a data set is made from. Its CSV must lie in the object store already.
#[derive(Clone, Debug)]
pub struct NewDataset {
    /// The model it is for; none while a wizard has not yet made one.
    pub model: Option<ModelId>,
    /// File name or "outcomes until …".
    pub name: String,
    /// Where it came from.
    pub source: DatasetSource,
    /// SHA-256 of its CSV.
    pub sha256: String,
    /// Length of its CSV in bytes.
    pub bytes: i64,
    /// Number of rows.
    pub rows: i64,
    /// Of which labels came from outcomes.
    pub outcome_rows: i64,
    /// Of which labels are verdicts on cases.
    pub verdict_rows: i64,
    /// JSON that describes its columns for pages.
    pub columns: serde_json::Value,
    /// Who makes it.
    pub created_by: String,
}

const COLUMNS: &str = "id, tenant_id, model_id, name, source, sha256, bytes, row_count, outcome_rows, verdict_rows,
    columns, created_at, created_by";
const TWICE: &str = "the model has this very data set already";

impl Store {
    /// Makes a data set.
    ///
    /// # Errors
    /// [`Error::Conflict`] when the model has one with the same content (see [`Store::dataset_by_content`]);
    /// [`Error::NotFound`] when there is no such model.
    pub async fn create_dataset(
        &self,
        tenant: TenantId,
        new: &NewDataset,
        now: Timestamp,
        event: &Event,
    ) -> Result<Dataset, Error> {
        let mut tx = self.begin().await?;
        tx.append(tenant, event).await?;
        let insert = format!(
            "INSERT INTO datasets (tenant_id, model_id, name, source, sha256, bytes, row_count, outcome_rows, verdict_rows,
                columns, created_at, created_by)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) RETURNING {COLUMNS}"
        );
        let (columns, source) = (to_json(&new.columns)?, new.source.as_str());
        let (bytes, rows, outcomes, verdicts) = (new.bytes, new.rows, new.outcome_rows, new.verdict_rows);
        let (name, sum, by) = (&new.name, &new.sha256, &new.created_by);
        let values = args![tenant, new.model, name, source, sum, bytes, rows, outcomes, verdicts, &columns, now, by];
        let row = tx.one(insert, values).await.map_err(|e| e.or_conflict(TWICE).or_not_found())?;
        let dataset = read(&row)?;
        tx.commit().await?;
        Ok(dataset)
    }

    /// A tenant's data sets, newest first.
    pub async fn datasets(
        &self,
        tenant: TenantId,
        cursor: Option<&Cursor>,
        asked: u32,
    ) -> Result<Page<Dataset>, Error> {
        let limit = limit(asked);
        let sql = format!("SELECT {COLUMNS} FROM datasets WHERE tenant_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3");
        let rows = self.rows(sql, args![tenant, before(cursor), limit as i64 + 1]).await?;
        Ok(cut(rows.iter().map(read).collect::<Result<_, _>>()?, limit, |dataset: &Dataset| dataset.id.0))
    }

    /// The newest data set that somebody brought for a model.
    pub async fn newest_import(&self, tenant: TenantId, model: ModelId) -> Result<Option<Dataset>, Error> {
        let sql = format!(
            "SELECT {COLUMNS} FROM datasets WHERE tenant_id = $1 AND model_id = $2 AND source = $3
             ORDER BY id DESC LIMIT 1"
        );
        let import = DatasetSource::Import.as_str();
        self.row(sql, args![tenant, model, import]).await?.as_ref().map(read).transpose()
    }

    /// One data set.
    pub async fn dataset(&self, tenant: TenantId, id: DatasetId) -> Result<Option<Dataset>, Error> {
        let sql = format!("SELECT {COLUMNS} FROM datasets WHERE tenant_id = $1 AND id = $2");
        self.row(sql, args![tenant, id]).await?.as_ref().map(read).transpose()
    }

    /// The data set of this content, of this model or of none.
    pub async fn dataset_by_content(
        &self,
        tenant: TenantId,
        sha256: &str,
        model: Option<ModelId>,
    ) -> Result<Option<Dataset>, Error> {
        let (and, model) = match model {
            Some(model) => ("AND model_id = $3", Value::from(model)),
            None => ("AND model_id IS NULL AND $3 = 0", Value::Int(0)),
        };
        let sql = format!(
            "SELECT {COLUMNS} FROM datasets WHERE tenant_id = $1 AND sha256 = $2 {and} ORDER BY id DESC LIMIT 1"
        );
        self.row(sql, args![tenant, sha256, model]).await?.as_ref().map(read).transpose()
    }
}

/// Makes a data set the one that `model` learns from. One that another model has is taken over under the same hash.
pub(crate) async fn give(
    tx: &mut Tx,
    tenant: TenantId,
    id: DatasetId,
    model: ModelId,
    now: Timestamp,
    by: &str,
) -> Result<(), Error> {
    let attach = "UPDATE datasets SET model_id = $3 WHERE tenant_id = $1 AND id = $2 AND model_id IS NULL";
    if tx.execute(attach, args![tenant, id, model]).await? > 0 {
        return Ok(());
    }
    let copy =
        "INSERT INTO datasets (tenant_id, model_id, name, source, sha256, bytes, row_count, outcome_rows, verdict_rows,
            columns, created_at, created_by)
        SELECT tenant_id, $3, name, source, sha256, bytes, row_count, outcome_rows, verdict_rows, columns, $4, $5
        FROM datasets WHERE tenant_id = $1 AND id = $2";
    match tx.execute(copy, args![tenant, id, model, now, by]).await? {
        0 => Err(Error::NotFound),
        _ => Ok(()),
    }
}

fn read(row: &Row) -> Result<Dataset, Error> {
    Ok(Dataset {
        id: DatasetId(row.get("id")?),
        tenant: TenantId(row.get("tenant_id")?),
        model: row.get::<Option<i64>>("model_id")?.map(ModelId),
        name: row.get("name")?,
        source: row.word("source", DatasetSource::parse)?,
        sha256: row.get("sha256")?,
        bytes: row.get("bytes")?,
        rows: row.get("row_count")?,
        outcome_rows: row.get("outcome_rows")?,
        verdict_rows: row.get("verdict_rows")?,
        columns: row.json("columns")?,
        created_at: row.time("created_at")?,
        created_by: row.get("created_by")?,
    })
}
