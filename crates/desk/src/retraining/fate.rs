//! What becomes of a version, decided by the program as a person would: the same gates, the same comparison, a deployment
//! with its reason, and an audit entry.

use std::time::Duration;

use domain::Actor;
use domain::audit::Event;
use domain::model::{DeploymentKind, Model};
use domain::retraining::{Compared, Fate, Gain, Rules, Standing, settle};
use domain::run::Run;
use futures::FutureExt;
use store::{Move, NewChallenger, NewDeployment};

use super::Retraining;
use crate::Desk;
use crate::error::{Error, Result};
use crate::panics::caught;
use crate::versions::{Comparison, Evaluation, VersionDetail, closed_gates};

/// Somebody may promote another version, or set other rules, while this one is judged; then it is judged by those.
const TRIES: usize = 3;

/// How often a worker that decides tells that it is alive.
const HEARTBEAT: Duration = Duration::from_secs(10);

impl Retraining<'_> {
    /// Takes up one decision that a process died over; answers whether there was one. Spans tenants.
    ///
    /// # Errors
    /// When the database or the object store fails: then it is taken up once more.
    pub async fn settle_left(&self) -> Result<bool> {
        let Some(run) = self.desk.store().take_undecided(self.desk.now()).await? else { return Ok(false) };
        self.desk.settle(&run).await?;
        Ok(true)
    }
}

impl Desk {
    /// Decides what becomes of the version that a run made, and does it. However often it is called, by whatever process,
    /// it is done once.
    ///
    /// # Errors
    /// When the database or the object store is away; any other trouble keeps the version a challenger.
    pub(crate) async fn settle(&self, run: &Run) -> Result<()> {
        tokio::select! {
            done = self.decide(run) => done,
            () = self.hold_the_decision(run) => Ok(()),
        }
    }

    /// Goes on until it is dropped: comparing on a large data set takes longer than a lease, and no other worker is to
    /// begin the same.
    async fn hold_the_decision(&self, run: &Run) {
        loop {
            tokio::time::sleep(HEARTBEAT).await;
            if let Err(error) = self.store().hold_undecided(run.tenant, run.id, self.now()).await {
                tracing::warn!(run = %run.id, %error, "another worker may decide on the same version");
            }
        }
    }

    async fn decide(&self, run: &Run) -> Result<()> {
        for _ in 0..TRIES {
            let model = self.model_by_id(run.tenant, run.model).await?;
            let judged = match caught(self.judge(run, &model).boxed()).await {
                Err(unavailable @ Error::Unavailable { .. }) => return Err(unavailable),
                Err(error) => undecidable(run, &model, &error),
                Ok(judged) => judged,
            };
            match self.carry_out(run, &model, judged).await {
                // Another version serves by now, or other rules hold.
                Err(Error::Conflict(_)) => {}
                done => return done,
            }
        }
        let model = self.model_by_id(run.tenant, run.model).await?;
        let busy = Error::Conflict(String::from("what it is judged by changed meanwhile, again and again"));
        self.carry_out(run, &model, undecidable(run, &model, &busy)).await
    }

    async fn judge(&self, run: &Run, model: &Model) -> Result<Judged> {
        let (actor, number) = (Actor::worker(run.tenant), made(run)?);
        let detail = self.versions().get(&actor, &model.name, number).await?;
        let rules = rules(run, model);
        if detail.champion == Some(number) {
            let fate = Fate { standing: Standing::Champion, reason: String::from("somebody promoted it meanwhile") };
            return Ok(Judged { fate, champion: None, serves: true });
        }
        let mut closed = Vec::from_iter(detail.inspected.evaluation.as_ref().err().cloned());
        let (compared, comparison) = self.beside_the_champion(&actor, &rules, &detail).await?;
        closed.extend(closed_gates(&detail, comparison.as_deref()));
        let fate = settle(&rules, &closed, &compared);
        if fate.standing == Standing::Champion {
            // Loading verifies every byte, so that a broken version is refused before traffic moves.
            self.load(&detail.model, number).await?;
        }
        Ok(Judged { fate, champion: detail.champion, serves: false })
    }

    async fn beside_the_champion(
        &self,
        actor: &Actor,
        rules: &Rules,
        detail: &VersionDetail,
    ) -> Result<(Compared, Option<std::sync::Arc<Comparison>>)> {
        let Some(champion) = detail.champion else { return Ok((self.without_champion(&detail.model).await?, None)) };
        let (model, number) = (&detail.model.name, detail.version.number);
        match self.versions().compare(actor, model, champion, number).await {
            Ok(comparison) => {
                let metric = watched(rules, detail);
                let missing = || Compared::Not(format!("{metric} is not known of both"));
                let compared = gain(champion, &metric, &comparison).map_or_else(missing, Compared::With);
                Ok((compared, Some(comparison)))
            }
            Err(unavailable @ Error::Unavailable { .. }) => Err(unavailable),
            Err(error) => {
                tracing::warn!(%model, champion, version = number, %error, "not compared");
                Ok((Compared::Not(error.to_string()), None))
            }
        }
    }

    async fn without_champion(&self, model: &Model) -> Result<Compared> {
        let newest = self.store().newest_deployment(model.tenant, model.id).await?;
        let taken_out = newest.is_some_and(|deployment| deployment.version.is_none());
        Ok(if taken_out { Compared::TakenOut } else { Compared::WithNobody })
    }

    async fn carry_out(&self, run: &Run, model: &Model, judged: Judged) -> Result<()> {
        let (number, now, actor) = (made(run)?, self.now(), Actor::worker(run.tenant));
        let Judged { fate, champion, serves, .. } = judged;
        let (step, action) = match fate.standing {
            _ if serves => (Move::None, None),
            Standing::Candidate => (Move::None, None),
            Standing::Challenger => (Move::Challenge(challenger(run, number, &fate)), Some("version.challenges")),
            Standing::Champion => {
                let new = deployment(run, number, champion, &fate);
                (Move::Deploy { new, specification: model.specification_number }, Some("version.promoted"))
            }
        };
        let event = action.map(|action| {
            let detail = serde_json::json!({ "version": number, "reason": fate.reason, "run": run.id });
            Event::new(&actor, now, action, format!("model:{}", model.name)).with(detail)
        });
        let settled = self.store().settle_run(run.tenant, run.id, &fate, &step, now, event.as_slice()).await?;
        if settled && matches!(step, Move::Deploy { .. }) {
            self.serve(model.clone()).await?;
        }
        Ok(())
    }
}

/// A version's fate, and who served when it was decided.
struct Judged {
    fate: Fate,
    champion: Option<i64>,
    /// Whether it serves already.
    serves: bool,
}

/// The model's rules of now, by which nothing comes further than those of its run's beginning allowed: they may have been
/// turned down while it trained.
fn rules(run: &Run, model: &Model) -> Rules {
    let now = model.specification.retraining();
    Rules { policy: run.policy.min(now.policy), ..now }
}

/// Nothing is known against a version that cannot be judged, and nothing for it.
fn undecidable(run: &Run, model: &Model, error: &Error) -> Judged {
    tracing::error!(run = %run.id, %error, "a version cannot be judged");
    let standing = rules(run, model).policy.min(Standing::Challenger);
    let reason = format!("kept as {}: it could not be judged: {error}", standing.as_str());
    Judged { fate: Fate { standing, reason }, champion: None, serves: false }
}

fn made(run: &Run) -> Result<i64> {
    run.version.ok_or_else(|| Error::internal("a run without a version has nothing to be decided on"))
}

/// The metric that decides: the one of the rules, else the headline.
fn watched(rules: &Rules, detail: &VersionDetail) -> String {
    let headline = match &detail.inspected.evaluation {
        Ok(Evaluation::Rows(evaluation)) => evaluation.headline.clone(),
        Ok(Evaluation::Images(_)) | Err(_) => String::from("exact"),
    };
    rules.metric.clone().unwrap_or(headline)
}

fn gain(champion: i64, metric: &str, comparison: &Comparison) -> Option<Gain> {
    let difference = comparison.differences.iter().find(|difference| difference.key == metric)?;
    Some(Gain {
        champion,
        metric: metric.to_owned(),
        higher_is_better: ml::measure::metric(metric)?.higher_is_better?,
        before: comparison.a.metrics.get(metric)?,
        after: comparison.b.metrics.get(metric)?,
        interval: (difference.low, difference.high),
        n: comparison.n,
    })
}

fn challenger(run: &Run, number: i64, fate: &Fate) -> NewChallenger {
    let actor = Actor::worker(run.tenant).label();
    NewChallenger { model: run.model, version: Some(number), reason: fate.reason.clone(), actor }
}

fn deployment(run: &Run, number: i64, champion: Option<i64>, fate: &Fate) -> NewDeployment {
    NewDeployment {
        model: run.model,
        kind: DeploymentKind::Promotion,
        version: Some(number),
        expected_previous: champion,
        reason: fate.reason.clone(),
        actor: Actor::worker(run.tenant).label(),
    }
}
