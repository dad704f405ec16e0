//! How good models are in service, from what turned out to be true; how good their own scores let expect them to be; and
//! whether those scores are still spread as they were.

mod drift;
mod figures;
mod periods;

use std::collections::{BTreeMap, BTreeSet};

use domain::model::Model;
use domain::{Actor, Permission, Specification, Timestamp};
pub use ml::measure::{Calibration, Delays, Estimate, Expected, Live};
use store::{Periods, ScoreCell, TruthCell};

pub use drift::ScoreDrift;
pub use figures::{Errors, Figures};
pub use periods::Period;

use crate::error::{Error, Result};
use crate::figures::check_days;
use crate::room;

room! {
    /// Verbs that judge models in service.
    Quality
}

/// What is known of a model's quality over some days.
#[derive(Clone, Debug)]
pub struct LiveQuality {
    /// The model.
    pub model: Model,
    /// The version it is about (0 is the heuristic); none is all that answered.
    pub version: Option<i64>,
    /// First moment, to the hour, by the organisation's clocks.
    pub from: Timestamp,
    /// First moment after it: when tomorrow begins.
    pub until: Timestamp,
    /// Its parts, the oldest first.
    pub periods: Vec<Period>,
    /// The parts of which most truths have come, together; all of them where that can be said of none.
    pub whole: Figures,
    /// Parts whose truths are still coming. They are left out of `whole`, unless nothing is known of the others.
    pub coming: usize,
    /// The same of each version that answered, the newest first; none is the heuristic.
    pub versions: Vec<(Option<i64>, Figures)>,
    /// How long truths take; none where too few have come.
    pub delays: Option<Delays>,
    /// The version's scores against those of its evaluation; the champion's where no version is named. None without
    /// either.
    pub drift: Option<ScoreDrift>,
}

impl Quality<'_> {
    /// How good a model's version (0 is the heuristic, none is all) was in the last `days` days, by the organisation's
    /// clocks and today included.
    ///
    /// # Errors
    /// Needs the right to see models; [`Error::NotFound`] for another tenant's model; names a wrong number of days.
    pub async fn live(&self, actor: &Actor, model: &str, version: Option<i64>, days: i64) -> Result<LiveQuality> {
        actor.check(Permission::ReadModels)?;
        check_days(days)?;
        let model = self.desk.model(actor.tenant, model).await?;
        if let Some(number) = version.filter(|number| *number != 0) {
            self.desk.version(actor.tenant, &model, number).await?;
        }
        let counted = self.counted(actor, &model, days).await?;
        let chosen = |answered: Option<i64>| version.is_none_or(|version| version == answered.unwrap_or(0));
        let periods = counted.periods(&model.specification, &chosen, self.desk.now());
        let settled = periods::settled(&periods);
        let whole = |wanted: &dyn Fn(Option<i64>) -> bool| {
            counted.figures(&model.specification, &|period, answered| settled.contains(&period) && wanted(answered))
        };
        let versions = counted.answered().into_iter().map(|one| (one, whole(&|answered| answered == one))).collect();
        let drift = self.drift_of(actor, &model, version, counted.from, counted.until).await?;
        Ok(LiveQuality {
            version,
            from: counted.from,
            until: counted.until,
            whole: whole(&chosen),
            coming: periods.iter().filter(|part| !part.settled && part.figures.predictions > 0).count(),
            versions,
            periods,
            delays: counted.delays,
            drift,
            model,
        })
    }

    /// The figures of everything that answered in the last days, as [`LiveQuality::whole`].
    pub(crate) async fn of_last_days(&self, actor: &Actor, model: &Model, days: i64) -> Result<Figures> {
        let counted = self.counted(actor, model, days).await?;
        let periods = counted.periods(&model.specification, &|_| true, self.desk.now());
        let settled = periods::settled(&periods);
        Ok(counted.figures(&model.specification, &|period, _| settled.contains(&period)))
    }

    async fn counted(&self, actor: &Actor, model: &Model, days: i64) -> Result<Counted> {
        let (store, tenant, now) = (self.desk.store(), actor.tenant, self.desk.now());
        let found = store.tenant(tenant).await?.ok_or_else(|| Error::internal("an actor without a tenant"))?;
        let (from, until, periods) = periods::last_days(&found.time_zone, now, days);
        let arrivals = store.delay_cells(tenant, model.id, now.plus(-periods::DELAYS_FROM), now).await?;
        Ok(Counted {
            from,
            until,
            scores: store.score_cells(tenant, model.id, None, periods).await?,
            truths: store.truth_cells(tenant, model.id, None, periods).await?,
            delays: periods::delays(&arrivals, now),
            periods,
        })
    }
}

/// What is counted of a model over some days.
struct Counted {
    from: Timestamp,
    until: Timestamp,
    periods: Periods,
    scores: Vec<ScoreCell>,
    truths: Vec<TruthCell>,
    delays: Option<Delays>,
}

impl Counted {
    /// The figures of those periods and versions that are wanted.
    fn figures(&self, specification: &Specification, wanted: &dyn Fn(i64, Option<i64>) -> bool) -> Figures {
        let scores: Vec<&ScoreCell> = self.scores.iter().filter(|cell| wanted(cell.period, cell.version)).collect();
        let truths: Vec<&TruthCell> = self.truths.iter().filter(|cell| wanted(cell.period, cell.version)).collect();
        Figures::of(specification, &scores, &truths)
    }

    fn periods(
        &self,
        specification: &Specification,
        chosen: &dyn Fn(Option<i64>) -> bool,
        now: Timestamp,
    ) -> Vec<Period> {
        let period = |(place, span): (i64, periods::Span)| {
            let arrived = self.delays.as_ref().map(|delays| span.arrived(delays, now));
            let figures = self.figures(specification, &|period, version| period == place && chosen(version));
            Period::new(span, arrived, figures)
        };
        (0..).zip(periods::spans(self.periods)).map(period).collect()
    }

    /// Who answered, the newest version first.
    fn answered(&self) -> Vec<Option<i64>> {
        let answered: BTreeSet<Option<i64>> = self.scores.iter().map(|cell| cell.version).collect();
        answered.into_iter().rev().collect()
    }
}

/// Counts by bin of some cells.
fn by_bin(cells: &[ScoreCell]) -> BTreeMap<i64, u64> {
    let mut counts = BTreeMap::new();
    for cell in cells {
        *counts.entry(cell.bin).or_default() += u64::try_from(cell.predictions).unwrap_or(0);
    }
    counts
}
