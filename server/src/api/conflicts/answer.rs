//! The figures as they are answered.

use desk::conflicts::{
    Avoided, ConflictFigures, Coverage, EntityTally, Matrix, ScoreBin, SyncGroup, SyncTally, conflict_rate,
};
use serde::Serialize;
use utoipa::ToSchema;

use crate::api::fraud::{ShareAnswer, date};
use crate::api::moment;

/// The figures of a period.
#[derive(Serialize, ToSchema)]
pub(super) struct ConflictsAnswer {
    /// First moment of the period, by the organisation's clocks.
    from: String,
    /// First moment after it.
    until: String,
    /// Shares are of syncs before this moment: of later ones nobody knows yet whether they conflict.
    settled_until: String,
    /// The version that serves; none is the heuristic.
    version: Option<i64>,
    /// From which score on it expects a conflict.
    threshold: Option<f64>,
    /// All syncs.
    all: TallyAnswer,
    /// Share of the syncs that conflicted in as many days before.
    rate_before: Option<ShareAnswer>,
    /// Syncs of each day.
    by_day: Vec<DayAnswer>,
    /// Syncs by entity type, whichever was asked for; those with the most conflicts first.
    by_entity_type: Vec<GroupAnswer>,
    /// Syncs by client, those with the most conflicts first.
    by_client: Vec<GroupAnswer>,
    /// The entities with the most conflicts.
    worst: Vec<EntityAnswer>,
    /// Of how many predictions it is known what came.
    coverage: CoverageAnswer,
    /// Predictions that came with a sync as it was recorded, each at the threshold of its own time. What a client asked
    /// before a sync is left out, for a warning may have been heeded.
    matrix: MatrixAnswer,
    /// Share of the conflicts that were expected.
    recall: Option<ShareAnswer>,
    /// Share of the expected conflicts that came.
    precision: Option<ShareAnswer>,
    /// Predictions that came with a sync, by score.
    calibration: Vec<BinAnswer>,
    /// Predictions that a client asked for and was warned by, by score.
    warned: Vec<BinAnswer>,
    /// What warnings have avoided, estimated.
    avoided: Option<AvoidedAnswer>,
}

/// Syncs and their conflicts.
#[derive(Serialize, ToSchema)]
struct TallyAnswer {
    /// All syncs.
    syncs: i64,
    /// Those older than 24 hours.
    settled: i64,
    /// Conflicts among those.
    conflicts: i64,
    /// Share of conflicts among those.
    rate: Option<ShareAnswer>,
}

/// Syncs of a day.
#[derive(Serialize, ToSchema)]
struct DayAnswer {
    /// The day, by the organisation's clocks.
    date: String,
    /// All syncs.
    syncs: i64,
    /// Those older than 24 hours.
    settled: i64,
    /// Conflicts among those.
    conflicts: i64,
}

/// Syncs of an entity type, or of a client.
#[derive(Serialize, ToSchema)]
struct GroupAnswer {
    /// Its name.
    name: String,
    #[serde(flatten)]
    tally: TallyAnswer,
}

/// Syncs of an entity.
#[derive(Serialize, ToSchema)]
struct EntityAnswer {
    /// Its type.
    entity_type: String,
    /// Which one.
    entity: String,
    /// People who synced it.
    editors: i64,
    #[serde(flatten)]
    tally: TallyAnswer,
}

/// What became of predictions.
#[derive(Serialize, ToSchema)]
struct CoverageAnswer {
    /// All of them.
    predictions: i64,
    /// Those that a client asked for before a sync.
    asked: i64,
    /// Those of which it is known what came.
    observed: i64,
    /// Those younger than 24 hours, of which it is not.
    young: i64,
}

/// Predictions by what was expected and what came.
#[derive(Serialize, ToSchema)]
struct MatrixAnswer {
    /// A conflict was expected and came.
    hits: i64,
    /// One was expected and none came.
    false_alarms: i64,
    /// None was expected and one came.
    missed: i64,
    /// None was expected and none came.
    passed: i64,
}

/// Predictions with like scores.
#[derive(Serialize, ToSchema)]
struct BinAnswer {
    /// The lowest possible score.
    from: f64,
    /// Up to which score.
    until: f64,
    /// Their mean score.
    predicted: f64,
    /// The share that conflicted.
    observed: ShareAnswer,
}

/// What became of syncs that a client was warned of, against what was seen of syncs with like scores that came without a
/// question. Nothing was drawn at random: the estimate is right if they would have conflicted as often.
#[derive(Serialize, ToSchema)]
struct AvoidedAnswer {
    /// Warnings of which it is known how they ended.
    warned: i64,
    /// Those that ended in a conflict all the same.
    conflicted: i64,
    /// Those that ended without one.
    without: i64,
    /// Conflicts that would have been expected without a warning.
    expected: f64,
    /// Conflicts avoided: those expected, less those that came.
    estimate: f64,
    /// Lower end of its 95 % interval.
    low: f64,
    /// Upper end.
    high: f64,
    /// Syncs without a question from which that is told.
    compared: i64,
}

impl ConflictsAnswer {
    pub(super) fn of(figures: &ConflictFigures) -> Self {
        let days = figures.by_day.iter().zip(figures.period.first_day..);
        Self {
            from: moment(figures.period.from),
            until: moment(figures.period.until),
            settled_until: moment(figures.settled),
            version: figures.version,
            threshold: figures.threshold,
            all: TallyAnswer::of(figures.all),
            rate_before: figures.before.map(ShareAnswer::of),
            by_day: days.map(|(tally, day)| DayAnswer::of(*tally, day)).collect(),
            by_entity_type: figures.by_type.iter().map(GroupAnswer::of).collect(),
            by_client: figures.by_client.iter().map(GroupAnswer::of).collect(),
            worst: figures.worst.iter().map(EntityAnswer::of).collect(),
            coverage: CoverageAnswer::of(figures.coverage),
            matrix: MatrixAnswer::of(figures.matrix),
            recall: figures.matrix.recall().map(ShareAnswer::of),
            precision: figures.matrix.precision().map(ShareAnswer::of),
            calibration: figures.calibration.iter().map(BinAnswer::of).collect(),
            warned: figures.warned.iter().map(BinAnswer::of).collect(),
            avoided: figures.avoided.as_ref().map(AvoidedAnswer::of),
        }
    }
}

impl TallyAnswer {
    fn of(tally: SyncTally) -> Self {
        let SyncTally { syncs, settled, conflicts } = tally;
        Self { syncs, settled, conflicts, rate: conflict_rate(tally).map(ShareAnswer::of) }
    }
}

impl DayAnswer {
    fn of(tally: SyncTally, day: i64) -> Self {
        let SyncTally { syncs, settled, conflicts } = tally;
        Self { date: date(day), syncs, settled, conflicts }
    }
}

impl GroupAnswer {
    fn of(group: &SyncGroup) -> Self {
        Self { name: group.name.clone(), tally: TallyAnswer::of(group.tally) }
    }
}

impl EntityAnswer {
    fn of(worst: &EntityTally) -> Self {
        let (entity_type, entity) = (worst.entity_type.clone(), worst.entity.clone());
        Self { entity_type, entity, editors: worst.editors, tally: TallyAnswer::of(worst.tally) }
    }
}

impl CoverageAnswer {
    fn of(coverage: Coverage) -> Self {
        let Coverage { predictions, asked, observed, young } = coverage;
        Self { predictions, asked, observed, young }
    }
}

impl MatrixAnswer {
    fn of(matrix: Matrix) -> Self {
        let Matrix { hits, false_alarms, missed, passed } = matrix;
        Self { hits, false_alarms, missed, passed }
    }
}

impl BinAnswer {
    fn of(bin: &ScoreBin) -> Self {
        Self { from: bin.from, until: bin.until, predicted: bin.predicted, observed: ShareAnswer::of(bin.observed) }
    }
}

impl AvoidedAnswer {
    fn of(avoided: &Avoided) -> Self {
        let (low, high) = avoided.interval();
        Self {
            warned: avoided.warned,
            conflicted: avoided.conflicted,
            without: avoided.without(),
            expected: avoided.expected,
            estimate: avoided.estimate(),
            low,
            high,
            compared: avoided.compared,
        }
    }
}
