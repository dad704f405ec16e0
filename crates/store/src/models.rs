use domain::audit::Event;
use domain::model::Model;
use domain::{DatasetId, ModelId, Specification, TenantId, Timestamp};

use crate::sql::{Row, Tx, args, to_json};
use crate::{Error, Store, datasets};

/// What a model is made from.
#[derive(Clone, Debug)]
pub struct NewModel {
    /// Name in addresses and requests.
    pub name: String,
    /// Its specification number 1.
    pub specification: Specification,
    /// What it is to learn from.
    pub dataset: Option<DatasetId>,
    /// Who makes it.
    pub created_by: String,
}

/// A specification as it was declared.
#[derive(Clone, Debug, PartialEq)]
pub struct SpecificationRecord {
    /// 1, 2, 3, … within the model.
    pub number: i64,
    /// The recipe.
    pub specification: Specification,
    /// When it was declared.
    pub created_at: Timestamp,
    /// Who declared it.
    pub created_by: String,
}

const SELECT: &str = "SELECT m.id, m.tenant_id, m.name, m.created_at, m.created_by, m.specification_number, s.document
    FROM models m
    JOIN specifications s ON s.tenant_id = m.tenant_id AND s.model_id = m.id AND s.number = m.specification_number";

impl Store {
    /// Makes a model with its first specification, and gives it its data set.
    ///
    /// # Errors
    /// [`Error::Conflict`] when the tenant has a model of this name; [`Error::NotFound`] when there is no such data set.
    pub async fn create_model(
        &self,
        tenant: TenantId,
        new: &NewModel,
        now: Timestamp,
        events: &[Event],
    ) -> Result<Model, Error> {
        let mut tx = self.begin().await?;
        for event in events {
            tx.append(tenant, event).await?;
        }
        let insert = "INSERT INTO models (tenant_id, name, specification_number, created_at, created_by)
            VALUES ($1, $2, 1, $3, $4) RETURNING id";
        let row = tx.one(insert, args![tenant, &new.name, now, &new.created_by]).await;
        let id = ModelId(row.map_err(|e| e.or_conflict("there is a model of this name"))?.get("id")?);
        insert_specification(&mut tx, tenant, id, 1, &new.specification, now, &new.created_by).await?;
        if let Some(dataset) = new.dataset {
            datasets::give(&mut tx, tenant, dataset, id, now, &new.created_by).await?;
        }
        tx.commit().await?;
        Ok(Model {
            id,
            tenant,
            name: new.name.clone(),
            created_at: now,
            created_by: new.created_by.clone(),
            specification_number: 1,
            specification: new.specification.clone(),
        })
    }

    /// Every model of a tenant, by name.
    pub async fn models(&self, tenant: TenantId) -> Result<Vec<Model>, Error> {
        let sql = format!("{SELECT} WHERE m.tenant_id = $1 ORDER BY m.name");
        self.rows(sql, args![tenant]).await?.iter().map(read).collect()
    }

    /// Number of the specification in force of every model. Spans tenants, for the cache of whoever predicts.
    pub async fn all_specification_numbers(&self) -> Result<Vec<(TenantId, ModelId, i64)>, Error> {
        let sql = "SELECT tenant_id, id, specification_number FROM models";
        let read = |row: &Row| {
            Ok((TenantId(row.get("tenant_id")?), ModelId(row.get("id")?), row.get("specification_number")?))
        };
        self.rows(sql, &[]).await?.iter().map(read).collect()
    }

    /// One model.
    pub async fn model(&self, tenant: TenantId, id: ModelId) -> Result<Option<Model>, Error> {
        let sql = format!("{SELECT} WHERE m.tenant_id = $1 AND m.id = $2");
        self.row(sql, args![tenant, id]).await?.as_ref().map(read).transpose()
    }

    /// One model by its name.
    pub async fn model_by_name(&self, tenant: TenantId, name: &str) -> Result<Option<Model>, Error> {
        let sql = format!("{SELECT} WHERE m.tenant_id = $1 AND m.name = $2");
        self.row(sql, args![tenant, name]).await?.as_ref().map(read).transpose()
    }

    /// Declares a model's next specification, which is in force from now on: in the place of number `replaces`, or of
    /// whichever is in force. When and by whom is said by the audit entry.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Conflict`] when another one than `replaces` is in force.
    pub async fn add_specification(
        &self,
        tenant: TenantId,
        model: ModelId,
        specification: &Specification,
        replaces: Option<i64>,
        event: &Event,
    ) -> Result<SpecificationRecord, Error> {
        let mut tx = self.begin().await?;
        tx.append(tenant, event).await?;
        let next = "UPDATE models SET specification_number = specification_number + 1
            WHERE tenant_id = $1 AND id = $2 RETURNING specification_number";
        let number: i64 = tx.one(next, args![tenant, model]).await?.get("specification_number")?;
        if replaces.is_some_and(|replaced| replaced != number - 1) {
            return Err(Error::Conflict("another specification is in force by now: look at it, and change that one"));
        }
        insert_specification(&mut tx, tenant, model, number, specification, event.at, &event.actor).await?;
        tx.commit().await?;
        let (specification, created_by) = (specification.clone(), event.actor.clone());
        Ok(SpecificationRecord { number, specification, created_at: event.at, created_by })
    }

    /// One specification of a model.
    pub async fn specification(
        &self,
        tenant: TenantId,
        model: ModelId,
        number: i64,
    ) -> Result<Option<SpecificationRecord>, Error> {
        let sql = "SELECT number, document, created_at, created_by FROM specifications
            WHERE tenant_id = $1 AND model_id = $2 AND number = $3";
        self.row(sql, args![tenant, model, number]).await?.as_ref().map(read_specification).transpose()
    }

    /// Every specification of a model, newest first.
    pub async fn specifications(&self, tenant: TenantId, model: ModelId) -> Result<Vec<SpecificationRecord>, Error> {
        let sql = "SELECT number, document, created_at, created_by FROM specifications
            WHERE tenant_id = $1 AND model_id = $2 ORDER BY number DESC";
        self.rows(sql, args![tenant, model]).await?.iter().map(read_specification).collect()
    }
}

async fn insert_specification(
    tx: &mut Tx,
    tenant: TenantId,
    model: ModelId,
    number: i64,
    specification: &Specification,
    now: Timestamp,
    created_by: &str,
) -> Result<(), Error> {
    let insert = "INSERT INTO specifications (tenant_id, model_id, number, document, created_at, created_by)
        VALUES ($1, $2, $3, $4, $5, $6)";
    let document = to_json(specification)?;
    tx.execute(insert, args![tenant, model, number, &document, now, created_by]).await.map(drop)
}

fn read(row: &Row) -> Result<Model, Error> {
    Ok(Model {
        id: ModelId(row.get("id")?),
        tenant: TenantId(row.get("tenant_id")?),
        name: row.get("name")?,
        created_at: row.time("created_at")?,
        created_by: row.get("created_by")?,
        specification_number: row.get("specification_number")?,
        specification: row.json("document")?,
    })
}

fn read_specification(row: &Row) -> Result<SpecificationRecord, Error> {
    Ok(SpecificationRecord {
        number: row.get("number")?,
        specification: row.json("document")?,
        created_at: row.time("created_at")?,
        created_by: row.get("created_by")?,
    })
}
