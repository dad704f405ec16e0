//! Readings that nobody has been asked about: what active learning chooses from.

use domain::labeling::selection::Candidate;
use domain::{ModelId, PredictionId, TenantId, Timestamp};

use crate::predictions::first_id;
use crate::sql::{Row, args};
use crate::{Error, Store};

impl Store {
    /// The `most` least certain readings of a model since `from` whose truth nobody has said or been asked for, the
    /// least certain first. An image of which another reading has a task is left out.
    pub async fn selection_pool(
        &self,
        tenant: TenantId,
        model: ModelId,
        from: Timestamp,
        most: u32,
    ) -> Result<Vec<Candidate>, Error> {
        let sql = "SELECT r.prediction_id, r.image, r.source, r.confidence, p.decision
            FROM (SELECT w.prediction_id, w.image, w.source, w.confidence FROM readings w
                WHERE w.tenant_id = $1 AND w.model_id = $2 AND w.prediction_id >= $3
                    AND NOT EXISTS (SELECT 1 FROM newest_outcomes n WHERE n.tenant_id = w.tenant_id
                        AND n.model_id = w.model_id AND n.prediction_id = w.prediction_id)
                    AND NOT EXISTS (SELECT 1 FROM readings o CROSS JOIN labeling_tasks t
                        WHERE o.tenant_id = w.tenant_id AND o.image = w.image
                            AND t.tenant_id = o.tenant_id AND t.prediction_id = o.prediction_id)
                    AND EXISTS (SELECT 1 FROM images i
                        WHERE i.tenant_id = w.tenant_id AND i.sha256 = w.image AND i.deleted_at IS NULL)
                ORDER BY w.confidence, w.prediction_id LIMIT $4) AS r
            JOIN predictions p ON p.tenant_id = $1 AND p.id = r.prediction_id
            ORDER BY r.confidence, r.prediction_id";
        let first = first_id(from.0.div_euclid(1_000));
        self.rows(sql, args![tenant, model, first, i64::from(most)]).await?.iter().map(read).collect()
    }
}

fn read(row: &Row) -> Result<Candidate, Error> {
    Ok(Candidate {
        prediction: PredictionId(row.get("prediction_id")?),
        image: row.get("image")?,
        source: row.get("source")?,
        text: row.get("decision")?,
        confidence: Some(row.get("confidence")?),
        embedding: Vec::new(),
    })
}
