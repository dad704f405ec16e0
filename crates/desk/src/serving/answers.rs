//! Answers that are kept for as long as the specification says. What is saved is the model's work and its reasons; each
//! answer is still a prediction of its own, and durable before it is given.

use std::mem::size_of;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use domain::prediction::Answer;
use domain::row::{Cell, fingerprint};
use domain::specification::MAX_CACHE_SECONDS;
use domain::time::SECOND;
use domain::{ModelId, TenantId, Timestamp};
use ml::model::Explanation;
use moka::policy::EvictionPolicy;
use moka::sync::Cache;

use super::Served;

/// Most bytes of answers that are kept in one process.
pub(super) const MOST_BYTES: u64 = 64 << 20;

/// Answers of all models. A new deployment of a model empties what is kept of it.
pub(crate) struct Answers {
    kept: Cache<Key, Arc<Kept>>,
    pub(super) hits: AtomicU64,
    pub(super) misses: AtomicU64,
}

/// Whose answer to what. The row's part is the hash of its cells, so that it does not matter how it was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Key {
    tenant: TenantId,
    model: ModelId,
    version: i64,
    row: [u8; 32],
}

/// What a version made of a row.
#[derive(Clone, Debug)]
pub(crate) struct Computed {
    pub(crate) answer: Answer,
    pub(crate) explanation: Option<Explanation>,
}

struct Kept {
    computed: Computed,
    until: Timestamp,
}

impl Default for Answers {
    fn default() -> Self {
        let weight = |_: &Key, kept: &Arc<Kept>| u32::try_from(bytes(&kept.computed)).unwrap_or(u32::MAX);
        let kept = Cache::builder()
            .max_capacity(MOST_BYTES)
            .weigher(weight)
            .time_to_live(Duration::from_secs(MAX_CACHE_SECONDS.into()))
            .eviction_policy(EvictionPolicy::lru())
            .support_invalidation_closures();
        Self { kept: kept.build(), hits: AtomicU64::new(0), misses: AtomicU64::new(0) }
    }
}

impl Answers {
    /// Where the answers to `rows` are kept, if those of `served` are.
    pub(crate) fn keys(&self, served: &Served, rows: &[Vec<Cell>]) -> Vec<Key> {
        let (tenant, model, version) = (served.model.tenant, served.model.id, served.version.unwrap_or(0));
        rows.iter().map(|cells| Key { tenant, model, version, row: fingerprint(cells) }).collect()
    }

    /// What is kept under all of the keys, with reasons only if they are wanted; nothing if any of them is not there.
    pub(crate) fn all(&self, keys: &[Key], explained: bool, now: Timestamp) -> Option<Vec<Computed>> {
        let one = |key: &Key| {
            let kept = self.kept.get(key).filter(|kept| now < kept.until)?;
            let Computed { answer, explanation } = &kept.computed;
            let explanation = if explained { Some(explanation.clone()?) } else { None };
            Some(Computed { answer: answer.clone(), explanation })
        };
        let all: Option<Vec<Computed>> = keys.iter().map(one).collect();
        let counted = if all.is_some() { &self.hits } else { &self.misses };
        counted.fetch_add(keys.len() as u64, Ordering::Relaxed);
        all
    }

    /// Keeps an answer for `seconds`.
    pub(crate) fn keep(&self, key: Key, computed: Computed, seconds: u32, now: Timestamp) {
        let until = now.plus(i64::from(seconds) * SECOND);
        self.kept.insert(key, Arc::new(Kept { computed, until }));
    }

    /// Lets go of all that is kept of a model.
    pub(super) fn forget(&self, model: ModelId) {
        if self.kept.invalidate_entries_if(move |key, _| key.model == model).is_err() {
            self.kept.invalidate_all();
        }
    }

    pub(super) fn held(&self) -> (u64, u64) {
        self.kept.run_pending_tasks();
        (self.kept.weighted_size(), self.kept.entry_count())
    }
}

/// What an answer takes in memory, with the cache's own bookkeeping.
fn bytes(computed: &Computed) -> usize {
    const BOOKKEEPING: usize = 200;
    let Computed { answer, explanation } = computed;
    let reasons = explanation.iter().flat_map(|explanation| &explanation.contributions);
    let reasons: usize = reasons.map(|reason| size_of_val(reason) + reason.column.len()).sum();
    let answer = answer.decision.len() + answer.probabilities.len() * size_of::<f64>();
    BOOKKEEPING + size_of::<Key>() + size_of::<Kept>() + answer + reasons
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_000 * SECOND);

    fn key(model: i64, number: f64) -> Key {
        let row = fingerprint(&[Cell::Number(number)]);
        Key { tenant: TenantId(1), model: ModelId(model), version: 1, row }
    }

    fn computed(score: f64, explained: bool) -> Computed {
        let explanation = explained.then(|| Explanation {
            base: 0.0,
            unit: ml::features::Unit::Probability,
            method: String::new(),
            class: None,
            score_in_unit: score,
            contributions: Vec::new(),
        });
        Computed { answer: Answer::reading(String::new(), score), explanation }
    }

    fn score(found: Option<Vec<Computed>>) -> Option<f64> {
        found.map(|all| all[0].answer.score)
    }

    #[test]
    fn an_answer_is_kept_for_its_seconds() {
        let answers = Answers::default();
        answers.keep(key(1, 0.5), computed(0.25, false), 60, NOW);
        assert_eq!(score(answers.all(&[key(1, 0.5)], false, NOW.plus(60 * SECOND - 1))), Some(0.25));
        assert_eq!(score(answers.all(&[key(1, 0.5)], false, NOW.plus(60 * SECOND))), None);
        let counted = [&answers.hits, &answers.misses].map(|counter| counter.load(Ordering::Relaxed));
        assert_eq!(counted, [1, 1]);
    }

    #[test]
    fn all_rows_are_there_with_the_reasons_that_are_wanted_or_nothing_is() {
        let answers = Answers::default();
        answers.keep(key(1, 1.0), computed(0.1, false), 60, NOW);
        answers.keep(key(1, 2.0), computed(0.2, true), 60, NOW);
        let reasons = |computed: &Computed| computed.explanation.is_some();
        let all = |keys: &[Key], explained| {
            answers.all(keys, explained, NOW).map(|all| all.iter().map(reasons).collect::<Vec<_>>())
        };
        assert_eq!(all(&[key(1, 1.0), key(1, 2.0)], false), Some(vec![false, false]));
        assert_eq!(all(&[key(1, 2.0)], true), Some(vec![true]));
        assert_eq!(all(&[key(1, 1.0)], true), None);
        assert_eq!(all(&[key(1, 1.0), key(1, 3.0)], false), None);
    }

    #[test]
    fn a_model_is_forgotten_by_itself() {
        let answers = Answers::default();
        answers.keep(key(1, 1.0), computed(0.1, false), 60, NOW);
        answers.keep(key(2, 1.0), computed(0.2, false), 60, NOW);
        answers.forget(ModelId(1));
        assert_eq!(score(answers.all(&[key(1, 1.0)], false, NOW)), None);
        assert_eq!(score(answers.all(&[key(2, 1.0)], false, NOW)), Some(0.2));
        answers.keep(key(1, 1.0), computed(0.3, false), 60, NOW);
        assert_eq!(score(answers.all(&[key(1, 1.0)], false, NOW)), Some(0.3));
    }
}
