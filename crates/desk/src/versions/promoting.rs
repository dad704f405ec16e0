//! Who serves: versions moved into and out of service, each move a record with its reason.

use domain::audit::Event;
use domain::model::{Deployment, DeploymentKind, Model};
use domain::{Actor, Permission};

use super::{VersionDetail, Versions, answer_gates};
use crate::error::{Error, Result};
use crate::text;

impl Versions<'_> {
    /// Makes a version the champion. The next prediction is its own.
    ///
    /// # Errors
    /// Needs the right to deploy; names a missing reason; [`Error::Conflict`] if it serves already, somebody else
    /// deployed at the same time, its artifacts are not whole, or a gate fails and `despite_gates` is not said.
    pub async fn promote(
        &self,
        actor: &Actor,
        model: &str,
        number: i64,
        reason: &str,
        despite_gates: bool,
    ) -> Result<Deployment> {
        actor.check(Permission::Deploy)?;
        let mut detail = self.get(actor, model, number).await?;
        if detail.champion == Some(number) {
            return Err(Error::Conflict(format!("version {number} is the champion already")));
        }
        self.compare_for_gates(actor, &mut detail).await?;
        let failed: Vec<&str> =
            detail.gates.iter().filter(|gate| !gate.verdict.passed).map(|gate| gate.verdict.reason.as_str()).collect();
        if !failed.is_empty() && !despite_gates {
            return Err(Error::Conflict(format!("a gate is closed: {}", failed.join("; "))));
        }
        // Loading verifies every byte, so that a broken version is refused before traffic moves.
        self.desk.load(&detail.model, number).await?;
        let detail_json = serde_json::json!({ "version": number, "reason": reason, "closed_gates": failed });
        let step = Step { kind: DeploymentKind::Promotion, to: Some(number), from: detail.champion, reason };
        self.deploy(actor, detail.model, step, detail_json).await
    }

    /// Makes the comparison that a gate asks for, if none fits the present champion.
    async fn compare_for_gates(&self, actor: &Actor, detail: &mut VersionDetail) -> Result<()> {
        let asked = detail.gates.iter().any(|gate| gate.gate.better_than_champion_by.is_some());
        let (Some(champion), None, true) = (detail.champion, &detail.comparison, asked) else { return Ok(()) };
        match self.compare(actor, &detail.model.name, champion, detail.version.number).await {
            Ok(comparison) => {
                let rules = &detail.model.specification.gates;
                detail.gates = answer_gates(rules, &detail.version, true, Some(&comparison));
                detail.comparison = Some(comparison);
                Ok(())
            }
            // One cannot read the other's data: the gate stays closed, and somebody may promote despite it.
            Err(Error::Conflict(reason)) => {
                tracing::warn!(model = %detail.model.name, champion, version = detail.version.number, %reason, "not compared");
                Ok(())
            }
            Err(other) => Err(other),
        }
    }

    /// Puts the version of before back into service.
    ///
    /// # Errors
    /// Needs the right to deploy; names a missing reason; [`Error::Conflict`] if nothing was deployed yet.
    pub async fn roll_back(&self, actor: &Actor, model: &str, reason: &str) -> Result<Deployment> {
        actor.check(Permission::Deploy)?;
        let model = self.desk.model(actor.tenant, model).await?;
        let history = self.desk.store().deployments(actor.tenant, model.id).await?;
        let nothing = || Error::Conflict(format!("`{}` has no deployment to undo", model.name));
        let to = domain::model::rollback_target(&history).ok_or_else(nothing)?;
        let from = history.first().and_then(|deployment| deployment.version);
        let detail = serde_json::json!({ "version": to, "reason": reason });
        let step = Step { kind: DeploymentKind::Rollback, to, from, reason };
        self.deploy(actor, model, step, detail).await
    }

    /// Takes the champion out of service: the heuristic answers.
    ///
    /// # Errors
    /// Needs the right to deploy; names a missing reason; [`Error::Conflict`] if it answers already.
    pub async fn use_heuristic(&self, actor: &Actor, model: &str, reason: &str) -> Result<Deployment> {
        actor.check(Permission::Deploy)?;
        let champion = self.champion(actor, model).await?;
        if champion.is_none() {
            return Err(Error::Conflict(String::from("the heuristic answers already")));
        }
        let model = self.desk.model(actor.tenant, model).await?;
        let step = Step { kind: DeploymentKind::Heuristic, to: None, from: champion, reason };
        self.deploy(actor, model, step, serde_json::json!({ "reason": reason })).await
    }

    async fn deploy(
        &self,
        actor: &Actor,
        model: Model,
        step: Step<'_>,
        detail: serde_json::Value,
    ) -> Result<Deployment> {
        let reason = text::reason(step.reason)?;
        let action = match step.kind {
            DeploymentKind::Promotion => "version.promoted",
            DeploymentKind::Rollback => "version.rolled_back",
            DeploymentKind::Heuristic => "model.heuristic_used",
        };
        let event = Event::new(actor, self.desk.now(), action, format!("model:{}", model.name)).with(detail);
        let new = store::NewDeployment {
            model: model.id,
            kind: step.kind,
            version: step.to,
            expected_previous: step.from,
            reason: reason.to_owned(),
            actor: actor.label(),
        };
        let deployment = self.desk.store().deploy(actor.tenant, &new, event.at, &event).await?;
        self.desk.serve(model).await?;
        Ok(deployment)
    }
}

/// One movement of traffic.
struct Step<'a> {
    kind: DeploymentKind,
    to: Option<i64>,
    from: Option<i64>,
    reason: &'a str,
}
