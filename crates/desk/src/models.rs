//! Models: registered by a specification, changed only by the next one.

use std::collections::HashMap;
use std::sync::Arc;

use domain::audit::Event;
use domain::model::{Challenger, Deployment, Model, Version, is_model_name};
use domain::reading::{self, Inferred};
use domain::retraining::Standing;
use domain::specification::{Draft, Split};
use domain::{Actor, DatasetId, ModelId, Permission, Specification, TenantId, Timestamp};
pub use ml::model::Proposal;

use crate::error::{Error, Result};
use crate::serving::Served;
use crate::{Desk, room};

room! {
    /// Verbs on models.
    Models
}

/// What a proposal is asked for.
#[derive(Clone, Debug)]
pub struct Wish {
    /// Column to be learnt.
    pub target: String,
    /// The positive class, if it is known.
    pub positive: Option<String>,
    /// How rows are to be divided; what suits them if nothing is said.
    pub split: Option<Split>,
    /// Columns not to be learnt from.
    pub drop: Vec<String>,
}

/// What a proposal for a model that reads images is asked for.
#[derive(Clone, Debug, Default)]
pub struct ReadingWish {
    /// What is said of the texts.
    pub rules: reading::Wish,
    /// How images are to be divided; at random if nothing is said.
    pub split: Option<Split>,
}

/// A model with who serves it.
#[derive(Clone, Debug)]
pub struct ModelSummary {
    /// The model.
    pub model: Model,
    /// The newest deployment, if there was one.
    pub deployment: Option<Deployment>,
    /// The version that serves.
    pub champion: Option<Version>,
    /// Number of versions.
    pub versions: usize,
    /// Why the champion does not answer although it should.
    pub problem: Option<String>,
}

/// Everything a model page shows.
#[derive(Clone, Debug)]
pub struct ModelDetail {
    /// The model.
    pub model: Model,
    /// Its versions, newest first.
    pub versions: Vec<Version>,
    /// Its deployments, newest first.
    pub deployments: Vec<Deployment>,
    /// Who was to be compared with the champion, newest first.
    pub challengers: Vec<Challenger>,
    /// Why the champion does not answer although it should.
    pub problem: Option<String>,
}

impl ModelDetail {
    /// Number of the version that serves.
    #[must_use]
    pub fn champion(&self) -> Option<i64> {
        self.deployments.first().and_then(|deployment| deployment.version)
    }

    /// Number of the version that is to be compared with the champion.
    #[must_use]
    pub fn challenger(&self) -> Option<i64> {
        self.challengers.first().and_then(|record| record.version).filter(|number| Some(*number) != self.champion())
    }

    /// Number of the version that served before the champion did.
    #[must_use]
    pub fn previous(&self) -> Option<i64> {
        let previous = self.deployments.first().and_then(|deployment| deployment.previous);
        previous.filter(|number| Some(*number) != self.champion())
    }

    /// Number of the version that a rollback returns to (`Some(None)` is the heuristic), if there is anything to undo.
    #[must_use]
    pub fn rollback_target(&self) -> Option<Option<i64>> {
        domain::model::rollback_target(&self.deployments)
    }
}

/// One specification of a model and when it came.
#[derive(Clone, Debug)]
pub struct Revision {
    /// 1, 2, 3, …
    pub number: i64,
    /// The recipe.
    pub specification: Specification,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub by: String,
}

impl Models<'_> {
    /// The tenant's models by name.
    ///
    /// # Errors
    /// Needs the right to see models.
    pub async fn list(&self, actor: &Actor) -> Result<Vec<ModelSummary>> {
        actor.check(Permission::ReadModels)?;
        let (store, tenant) = (self.desk.store(), actor.tenant);
        let by_model = |deployment: Deployment| (deployment.model, deployment);
        let mut deployments: HashMap<_, _> =
            store.newest_deployments(tenant).await?.into_iter().map(by_model).collect();
        let by_model = |version: Version| (version.model, version);
        let mut champions: HashMap<_, _> = store.serving_versions(tenant).await?.into_iter().map(by_model).collect();
        let versions = store.version_counts(tenant).await?;
        let mut summaries = Vec::new();
        for model in store.models(tenant).await? {
            summaries.push(ModelSummary {
                deployment: deployments.remove(&model.id),
                champion: champions.remove(&model.id),
                versions: versions.get(&model.id).copied().unwrap_or(0) as usize,
                problem: self.problem(tenant, &model.name).await?,
                model,
            });
        }
        Ok(summaries)
    }

    /// Ids and names of the tenant's models, by name.
    ///
    /// # Errors
    /// Needs the right to see models, or predictions, which name their model.
    pub async fn names(&self, actor: &Actor) -> Result<Vec<(ModelId, String)>> {
        if !actor.may(Permission::ReadModels) {
            actor.check(Permission::ReadPredictions)?;
        }
        let models = self.desk.store().models(actor.tenant).await?;
        Ok(models.into_iter().map(|model| (model.id, model.name)).collect())
    }

    /// A model with its versions and deployments.
    ///
    /// # Errors
    /// Needs the right to see models; [`Error::NotFound`] for another tenant's.
    pub async fn get(&self, actor: &Actor, name: &str) -> Result<ModelDetail> {
        actor.check(Permission::ReadModels)?;
        let model = self.desk.model(actor.tenant, name).await?;
        let versions = self.desk.store().versions(actor.tenant, model.id).await?;
        let deployments = self.desk.store().deployments(actor.tenant, model.id).await?;
        let challengers = self.desk.store().challengers(actor.tenant, model.id).await?;
        let problem = self.problem(actor.tenant, name).await?;
        Ok(ModelDetail { model, versions, deployments, challengers, problem })
    }

    /// Proposes a specification for a data set: what each column is, what to drop, and why.
    ///
    /// # Errors
    /// Needs the right to change models; names the wrong field (an unknown target, say).
    pub async fn propose(&self, actor: &Actor, dataset: DatasetId, wish: Wish) -> Result<Proposal> {
        actor.check(Permission::WriteModels)?;
        let dataset = self.desk.dataset(actor.tenant, dataset).await?;
        let table = self.desk.table(&dataset).await?;
        if table.column(reading::IMAGE).is_some() && table.column(reading::TARGET).is_some() && table.columns.len() == 3
        {
            return Err(Error::field(
                "target",
                "this data set holds images; a model of the task text_recognition reads them",
            ));
        }
        let work = move || {
            let Wish { target, positive, split, drop } = &wish;
            ml::model::propose(&table, target, positive.as_deref(), split.as_ref(), drop)
        };
        tokio::task::spawn_blocking(work).await.map_err(Error::internal)?.map_err(Error::Invalid)
    }

    /// Proposes a specification for a data set of images: the rules that its texts keep, and what was decided.
    ///
    /// # Errors
    /// Needs the right to change models; [`Error::Conflict`] for a data set without images; names what was wished for and
    /// does not fit the texts.
    pub async fn propose_reading(&self, actor: &Actor, dataset: DatasetId, wish: ReadingWish) -> Result<Proposal> {
        actor.check(Permission::WriteModels)?;
        let dataset = self.desk.dataset(actor.tenant, dataset).await?;
        let table = self.desk.table(&dataset).await?;
        let none = || Error::Conflict(format!("data set {} holds no images", dataset.id));
        let texts =
            table.column(reading::TARGET).filter(|_| table.column(reading::IMAGE).is_some()).ok_or_else(none)?;
        let Inferred { reading, mut notes } = reading::infer(texts.cells().flatten(), &wish.rules)?;
        let excluded = texts.cells().filter(|text| reading.problem(text.unwrap_or_default()).is_some()).count();
        if excluded > 0 {
            notes.push(format!("{excluded} of {} texts do not fit and will not be learnt from.", table.rows));
        }
        let split = wish.split.unwrap_or_else(|| {
            notes.push(String::from(
                "Images are held back at random; divided by source, figures say how well unknown meters or cameras are read.",
            ));
            Split::Random
        });
        Ok(Proposal { draft: Draft::of_reading(reading, split), notes })
    }

    /// Registers a model by its specification, and gives it `dataset` to learn from.
    ///
    /// # Errors
    /// Needs the right to change models, and for a model that promotes its versions itself the right to deploy; names every
    /// wrong field, also when the name is taken.
    pub async fn create(&self, actor: &Actor, name: &str, draft: Draft, dataset: Option<DatasetId>) -> Result<Model> {
        actor.check(Permission::WriteModels)?;
        let specification = draft.validate().map_err(Error::Invalid)?;
        check_policy(actor, &specification)?;
        check_metric(&specification)?;
        self.make(actor, name, specification, dataset).await
    }

    /// [`Self::create`] without a look at the actor's rights.
    async fn make(
        &self,
        actor: &Actor,
        name: &str,
        specification: Specification,
        dataset: Option<DatasetId>,
    ) -> Result<Model> {
        if !is_model_name(name) {
            return Err(Error::field(
                "name",
                "1 to 60 of a–z, 0–9, - and _ are possible, starting with a letter or digit",
            ));
        }
        let dataset = match dataset {
            Some(id) => Some(self.desk.dataset(actor.tenant, id).await?),
            None => None,
        };
        let now = self.desk.now();
        let event = |action, detail| Event::new(actor, now, action, format!("model:{name}")).with(detail);
        let sum = specification.sha256();
        let created = serde_json::json!({ "task": specification.task, "specification": sum });
        let mut events = vec![event("model.created", created)];
        events.extend(dataset.iter().map(|d| event("dataset.given", serde_json::json!({ "dataset": d.sha256 }))));
        let dataset = dataset.map(|dataset| dataset.id);
        let new = store::NewModel { name: name.to_owned(), specification, dataset, created_by: actor.label() };
        self.desk.store().create_model(actor.tenant, &new, now, &events).await.map_err(|error| match error {
            store::Error::Conflict(_) => Error::field("name", format!("there is a model `{name}` already")),
            other => other.into(),
        })
    }

    /// Puts the next specification of a model into force: for the next training, not for versions that exist. `replaces` is
    /// the number of the one that it was made from; nothing is said where it takes the place of any.
    ///
    /// # Errors
    /// Needs the right to change models, and for a model that promotes its versions itself the right to deploy; names every
    /// wrong field. Task and target stay, because outcomes that are already recorded speak of them. [`Error::Conflict`] when
    /// another one than `replaces` is in force by now.
    pub async fn specify(&self, actor: &Actor, name: &str, draft: Draft, replaces: Option<i64>) -> Result<i64> {
        actor.check(Permission::WriteModels)?;
        let model = self.desk.model(actor.tenant, name).await?;
        let specification = draft.validate().map_err(Error::Invalid)?;
        check_policy(actor, &specification)?;
        check_metric(&specification)?;
        let now = &model.specification;
        if specification.task != now.task || specification.target != now.target || specification.classes != now.classes
        {
            return Err(Error::field(
                "task",
                "task, target and classes of a model stay; make another model for others",
            ));
        }
        let event = Event::new(actor, self.desk.now(), "model.specified", format!("model:{name}"))
            .with(serde_json::json!({ "specification": specification.sha256() }));
        let store = self.desk.store();
        let record = store.add_specification(actor.tenant, model.id, &specification, replaces, &event).await?;
        self.desk.refresh(actor.tenant, model.id).await?;
        Ok(record.number)
    }

    /// Every specification that a model had, newest first.
    ///
    /// # Errors
    /// Needs the right to see models.
    pub async fn revisions(&self, actor: &Actor, name: &str) -> Result<Vec<Revision>> {
        actor.check(Permission::ReadModels)?;
        let model = self.desk.model(actor.tenant, name).await?;
        let revisions = self.desk.store().specifications(actor.tenant, model.id).await?;
        Ok(revisions
            .into_iter()
            .map(|r| Revision { number: r.number, specification: r.specification, at: r.created_at, by: r.created_by })
            .collect())
    }

    /// Name of a model of the tenant.
    ///
    /// # Errors
    /// Needs the right to see models; [`Error::NotFound`] for another tenant's.
    pub async fn name(&self, actor: &Actor, id: ModelId) -> Result<String> {
        actor.check(Permission::ReadModels)?;
        Ok(self.desk.model_by_id(actor.tenant, id).await?.name)
    }

    async fn problem(&self, tenant: TenantId, name: &str) -> Result<Option<String>> {
        Ok(self.desk.served(tenant, name).await?.problem().map(str::to_owned))
    }
}

/// Who says by which rules a model promotes its versions itself, promotes them: also who only changes such rules, since a
/// gate less is a version more.
fn check_policy(actor: &Actor, specification: &Specification) -> Result<()> {
    if specification.retraining().policy == Standing::Champion {
        actor.check_for("`retraining.policy = \"champion\"`", Permission::Deploy)?;
    }
    Ok(())
}

/// By a figure that is none, no version would ever be promoted, and another would be watched without a word.
fn check_metric(specification: &Specification) -> Result<()> {
    let is_quality = |key: &str| ml::measure::metric(key).is_some_and(|info| info.higher_is_better.is_some());
    match specification.retraining().metric {
        Some(key) if !is_quality(&key) => Err(Error::field(
            "retraining.metric",
            format!("`{key}` is no figure by which versions are better or worse"),
        )),
        _ => Ok(()),
    }
}

impl Desk {
    pub(crate) async fn model(&self, tenant: TenantId, name: &str) -> Result<Model> {
        let found = if is_model_name(name) { self.store().model_by_name(tenant, name).await? } else { None };
        found.ok_or_else(|| Error::not_found(format!("model `{name}`")))
    }

    /// The model that comes with the first event of its kind, made by whoever sends that: it takes no right but to send
    /// events. Until it has learnt something, its heuristic answers.
    pub(crate) async fn first_model(&self, actor: &Actor, name: &str, draft: Draft) -> Result<Arc<Served>> {
        let specification = draft.validate().map_err(Error::Invalid)?;
        match self.models().make(actor, name, specification, None).await {
            // Another request was first.
            Ok(_) | Err(Error::Invalid(_)) => self.served(actor.tenant, name).await,
            Err(error) => Err(error),
        }
    }

    pub(crate) async fn model_by_id(&self, tenant: TenantId, id: ModelId) -> Result<Model> {
        self.store().model(tenant, id).await?.ok_or_else(|| Error::not_found("such model"))
    }

    /// A version and the specification it was trained by.
    pub(crate) async fn version(
        &self,
        tenant: TenantId,
        model: &Model,
        number: i64,
    ) -> Result<(Version, Specification)> {
        let missing = || Error::not_found(format!("version {number} of `{}`", model.name));
        let version = self.store().version(tenant, model.id, number).await?.ok_or_else(missing)?;
        let specification = if version.specification_number == model.specification_number {
            Some(model.specification.clone())
        } else {
            self.store()
                .specification(tenant, model.id, version.specification_number)
                .await?
                .map(|record| record.specification)
        };
        Ok((version, specification.ok_or_else(missing)?))
    }
}
