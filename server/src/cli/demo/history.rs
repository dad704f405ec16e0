//! The week at the end of half a year: a model is registered, trained and promoted; claims come in and are judged; most turn out to be true or
//! not; a second version is trained from that and waits for the visitor to compare and promote it.

use std::time::Duration;

use desk::SystemClock;
use desk::models::Wish;
use desk::predictions::{PredictionFilter, Row};
use desk::training::Options;
use domain::specification::EstimatorKind;
use domain::time::{DAY, HOUR, SECOND};
use domain::{Actor, Clock, PredictionId, Timestamp};
use futures::{StreamExt, TryStreamExt};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::Value;
use simulate::claims::{self, Claim};

use super::super::place::Place;
use super::super::train;
use super::attendance::Attendance;
use super::clock::ReplayClock;
use super::readings::Readings;
use super::syncs::Syncs;

const MODEL: &str = "claims";
const SEED: u64 = 7;
/// Claims of the training table.
const ROWS: usize = 12_000;
/// Claims of the week.
const REQUESTS: usize = 3_000;
/// Claims that arrive within this time are asked about in one request.
const SLOT: i64 = 300 * SECOND;
/// An adjuster knows what is true after so long.
const KNOWN_AFTER: i64 = 18 * HOUR;
/// Of ten claims whose truth is known this many are reported.
const REPORTED_OF_TEN: usize = 9;
/// Outcomes under way at a time.
const AT_ONCE: usize = 128;

pub(super) struct History<'a> {
    pub(super) place: &'a Place,
    pub(super) actor: &'a Actor,
    pub(super) clock: &'a ReplayClock,
}

/// A claim that was judged.
struct Judged {
    id: PredictionId,
    at: Timestamp,
    truth: &'static str,
}

impl History<'_> {
    /// Does each step that has not been done.
    pub(super) async fn make(&self) -> anyhow::Result<()> {
        let end = SystemClock.now();
        let mut attendance = Attendance::until(self.place, self.actor, self.clock, end);
        attendance.learn().await?;
        let week = end.plus(-(7 * DAY + DAY / 4));
        let lived = self.has_predictions().await?;
        if !lived {
            self.place.output.remark("Living through two months of attendance");
            attendance.live_until(week).await?;
            self.clock.forward_to(week);
        }
        if !self.is_registered().await? {
            self.register().await?;
        }
        let detail = self.place.desk.models().get(self.actor, MODEL).await?;
        if detail.versions.is_empty() {
            self.train("Training the first version").await?;
        }
        if detail.deployments.is_empty() {
            let reason = "first version; the rules of thumb miss two frauds of three";
            self.place.desk.versions().promote(self.actor, MODEL, 1, reason, false).await?;
        }
        let mut syncs = Syncs::until(self.place, self.actor, self.clock, end);
        syncs.learn().await?;
        let mut readings = Readings::of_the_week(self.place, self.actor, self.clock, end).await?;
        if !lived {
            self.live_through_the_week(&mut attendance, &mut syncs, &mut readings).await?;
        }
        if detail.versions.len() < 2 {
            self.train("Training a second version on what turned out to be true").await?;
        }
        Ok(())
    }

    async fn register(&self) -> anyhow::Result<()> {
        let csv = claims::csv(SEED, ROWS).into_bytes();
        let dataset = self.place.desk.datasets().import(self.actor, "claims.csv", csv).await?;
        let (target, positive) = (String::from("fraud"), Some(String::from("yes")));
        let wish = Wish { target, positive, split: None, drop: Vec::new() };
        let draft = self.place.desk.models().propose(self.actor, dataset.id, wish).await?.draft;
        self.place.desk.models().create(self.actor, MODEL, draft, Some(dataset.id)).await?;
        Ok(())
    }

    async fn train(&self, what: &str) -> anyhow::Result<()> {
        self.place.output.remark(what);
        let options = Options { estimator: Some(EstimatorKind::Boosted), ..Options::default() };
        let run = train::train(self.place, self.actor, MODEL, options).await?;
        anyhow::ensure!(run.version.is_some(), "the demo's training ended without a version: {}", run.message);
        Ok(())
    }

    async fn is_registered(&self) -> anyhow::Result<bool> {
        let models = self.place.desk.models().list(self.actor).await?;
        Ok(models.iter().any(|summary| summary.model.name == MODEL))
    }

    async fn has_predictions(&self) -> anyhow::Result<bool> {
        if !self.is_registered().await? {
            return Ok(false);
        }
        let filter = PredictionFilter::default();
        let page = self.place.desk.predictions().list(self.actor, Some(MODEL), &filter, None, 1).await?;
        Ok(!page.predictions.is_empty())
    }

    async fn live_through_the_week(
        &self,
        attendance: &mut Attendance<'_>,
        syncs: &mut Syncs<'_>,
        readings: &mut Readings<'_>,
    ) -> anyhow::Result<()> {
        self.place.output.remark("Living through a week of claims, attendance and syncs");
        let start = self.clock.now();
        let per_day = REQUESTS as f64 / 7.0;
        let week = claims::claims(SEED + 1, REQUESTS, start, per_day);
        let end = start.plus(7 * DAY);
        let bar = bar(week.len(), "claims");
        let mut judged = Vec::with_capacity(week.len());
        let mut reported = 0;
        for slot in week.chunk_by(|a, b| a.filed_at.0 / SLOT == b.filed_at.0 / SLOT) {
            let Some(last) = slot.last().filter(|last| last.filed_at < end) else { break };
            attendance.live_until(last.filed_at).await?;
            syncs.live_until(last.filed_at).await?;
            readings.live_until(last.filed_at).await?;
            self.clock.forward_to(last.filed_at);
            judged.extend(self.ask(slot).await?);
            let known = judged.partition_point(|one: &Judged| one.at.plus(KNOWN_AFTER) <= last.filed_at);
            if known - reported >= AT_ONCE {
                self.report(&judged[reported..known]).await?;
                reported = known;
            }
            bar.inc(slot.len() as u64);
        }
        bar.finish_and_clear();
        Ok(())
    }

    async fn ask(&self, slot: &[Claim]) -> anyhow::Result<Vec<Judged>> {
        let row = |claim: &Claim| {
            let fields = claim.row();
            Row { text: Value::Object(fields.clone()).to_string(), fields }
        };
        let rows = slot.iter().map(row).collect();
        let answers = self.place.desk.predictions().predict(self.actor, MODEL, rows, false).await?;
        let judged = |(answer, claim): (desk::predictions::Predicted, &Claim)| Judged {
            id: answer.id,
            at: answer.at,
            truth: claim.truth(),
        };
        Ok(answers.into_iter().zip(slot).map(judged).collect())
    }

    async fn report(&self, judged: &[Judged]) -> anyhow::Result<()> {
        let told = judged.iter().enumerate().filter(|(i, _)| i % 10 < REPORTED_OF_TEN);
        let reports = told.map(|(_, one)| async {
            let truth = Value::from(one.truth);
            self.place.desk.predictions().record_outcome(self.actor, one.id, &truth).await.map(drop)
        });
        Ok(futures::stream::iter(reports).buffer_unordered(AT_ONCE).try_collect::<()>().await?)
    }
}

pub(super) fn bar(length: usize, what: &str) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(Some(length as u64), ProgressDrawTarget::stderr());
    if let Ok(style) = ProgressStyle::with_template(&format!("{{bar:32}} {{pos}}/{{len}} {what}  {{elapsed}}")) {
        bar.set_style(style);
    }
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}
