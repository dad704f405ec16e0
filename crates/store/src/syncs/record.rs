//! Recording syncs: exactly once, with the prediction made of each and what is known of their conflicts.

use std::collections::{BTreeSet, HashMap};

use domain::actor::may_overrule;
use domain::sync::{OBSERVED, PlannedKind, Sync, SyncEvent};
use domain::{SyncId, TenantId, Timestamp};
use uuid::Uuid;

use super::planned::NewPlannedSync;
use super::sent::{NewSync, ScoredSync, SyncReception, SyncReceptions, UnscoredSyncs};
use super::{COLUMNS, history, lock, read, write_planned};
use crate::dialect::{Bulk, Listed, Values, list};
use crate::sql::{Tx, args, to_json, to_list};
use crate::{Error, Store, predictions};

impl Store {
    /// Records those syncs that are new with their predictions, and what is newly said of the conflicts of any, all in one
    /// transaction: when it returns they are durable, and when anything fails none is there. Planned syncs that were
    /// observed before and would be seen otherwise now become due again.
    ///
    /// `score` gets the new syncs, if there are any, and must give one answer for each, in their order. Nothing else is
    /// recorded for the tenant meanwhile.
    ///
    /// # Errors
    /// [`Error::NotFound`] when a prediction names no model of the tenant; whatever `score` fails with.
    pub async fn record_syncs<E, Scoring>(
        &self,
        tenant: TenantId,
        sent: &[NewSync],
        score: impl FnOnce(UnscoredSyncs) -> Scoring + Send,
    ) -> Result<SyncReceptions, E>
    where
        E: From<Error>,
        Scoring: Future<Output = Result<Vec<ScoredSync>, E>> + Send,
    {
        let mut tx = self.begin().await?;
        let last = lock(&mut tx, tenant, sent.len() as i64).await?;
        let mut batch = Batch::read(&mut tx, tenant, sent, last - sent.len() as i64).await?;
        batch.write_late_words(&mut tx, tenant).await?;
        if !batch.fresh.is_empty() {
            let syncs: Vec<&Sync> = batch.fresh.iter().map(|(place, _)| &sent[*place].sync).collect();
            let histories = history::before(&mut tx, tenant, &syncs).await?;
            let scored = score(UnscoredSyncs { events: batch.fresh.clone(), histories }).await?;
            if scored.len() != batch.fresh.len() {
                return Err(Error::Conflict("not every sync was scored").into());
            }
            batch.write_fresh(&mut tx, tenant, scored).await?;
        }
        let late = batch.mark_late(&mut tx, tenant).await?;
        tx.commit().await?;
        Ok(SyncReceptions { receptions: batch.receptions(), late })
    }
}

/// What is recorded, or is to be, under a key.
struct Held {
    digest: String,
    event: SyncEvent,
    /// Words on its conflict so far, also those of this batch.
    words: i64,
    /// Who said the last of them.
    said_by: Option<String>,
}

/// A word on the conflict of a sync.
struct Word<'a> {
    key: &'a str,
    sequence: i64,
    conflict: bool,
    sent: &'a NewSync,
    /// Whether something is taken for a conflict now that was none, or the other way.
    turns: bool,
}

#[derive(Clone, Copy)]
enum Fate {
    Recorded,
    Repeated,
    Amended,
    Contradicted,
    Overruled,
}

struct Batch<'a> {
    sent: &'a [NewSync],
    held: HashMap<&'a str, Held>,
    fates: Vec<Fate>,
    /// The new ones in the order of recording: their places, and their numbers.
    fresh: Vec<(usize, SyncId)>,
    words: Vec<Word<'a>>,
}

impl<'a> Batch<'a> {
    async fn read(tx: &mut Tx, tenant: TenantId, sent: &'a [NewSync], newest: i64) -> Result<Self, Error> {
        let held = held(tx, tenant, sent).await?;
        let mut batch =
            Self { sent, held, fates: Vec::with_capacity(sent.len()), fresh: Vec::new(), words: Vec::new() };
        let mut seen = BTreeSet::new();
        let new = |new: &&NewSync| !batch.held.contains_key(new.client_id.as_str());
        let mut order: Vec<usize> =
            (0..sent.len()).filter(|place| new(&&sent[*place]) && seen.insert(&sent[*place].client_id)).collect();
        order.sort_by_key(|&place| sent[place].sync.at);
        batch.fresh = order.into_iter().zip(newest + 1..).map(|(place, id)| (place, SyncId(id))).collect();
        let ids: HashMap<usize, SyncId> = batch.fresh.iter().copied().collect();
        for (place, new) in sent.iter().enumerate() {
            let fate = batch.decide(tenant, new, ids.get(&place).copied());
            batch.fates.push(fate);
        }
        Ok(batch)
    }

    fn decide(&mut self, tenant: TenantId, new: &'a NewSync, id: Option<SyncId>) -> Fate {
        let key = new.client_id.as_str();
        if let Some(id) = id {
            let (digest, event) = (new.digest.clone(), new.event(tenant, id));
            self.held.insert(key, Held { digest, event, words: 0, said_by: None });
        }
        let Some(held) = self.held.get_mut(key) else { return Fate::Contradicted };
        if held.digest != new.digest {
            return Fate::Contradicted;
        }
        match new.conflict {
            Some(conflict) if held.event.conflict != Some(conflict) => {
                if held.said_by.as_ref().is_some_and(|last| !may_overrule(&new.actor, last)) {
                    return Fate::Overruled;
                }
                let turns = (held.event.conflict == Some(true)) != conflict;
                held.event.conflict = Some(conflict);
                held.words += 1;
                held.said_by = Some(new.actor.clone());
                self.words.push(Word { key, sequence: held.words, conflict, sent: new, turns });
                if id.is_some() { Fate::Recorded } else { Fate::Amended }
            }
            _ if id.is_some() => Fate::Recorded,
            _ => Fate::Repeated,
        }
    }

    /// The words on syncs that are new, or on those that are not.
    fn words_on(&self, new: bool) -> Vec<&Word<'a>> {
        let fresh: BTreeSet<&str> = self.fresh.iter().map(|(place, _)| self.sent[*place].client_id.as_str()).collect();
        self.words.iter().filter(|word| fresh.contains(word.key) == new).collect()
    }

    /// Words on syncs that were recorded before. First, so that the new ones of the batch see them.
    async fn write_late_words(&self, tx: &mut Tx, tenant: TenantId) -> Result<(), Error> {
        let late = self.words_on(false);
        self.write_words(tx, tenant, &late).await?;
        let update = "UPDATE sync_events SET conflict = $3 WHERE tenant_id = $1 AND id = $2";
        for word in late {
            tx.execute(update, args![tenant, self.held[word.key].event.id, i64::from(word.conflict)]).await?;
        }
        Ok(())
    }

    async fn write_fresh(&mut self, tx: &mut Tx, tenant: TenantId, scored: Vec<ScoredSync>) -> Result<(), Error> {
        let planned: Vec<NewPlannedSync> =
            self.fresh.iter().zip(scored).map(|((place, _), scored)| scored.planned(&self.sent[*place])).collect();
        for ((place, _), planned) in self.fresh.iter().zip(&planned) {
            if let Some(held) = self.held.get_mut(self.sent[*place].client_id.as_str()) {
                held.event.prediction = planned.prediction.id;
            }
        }
        predictions::write(tx, &planned.iter().map(|planned| &planned.prediction).collect::<Vec<_>>(), &[]).await?;
        let keys = self.fresh.iter().map(|(place, _)| self.sent[*place].client_id.as_str());
        insert(tx, tenant, &keys.filter_map(|key| self.held.get(key)).collect::<Vec<_>>()).await?;
        self.write_words(tx, tenant, &self.words_on(true)).await?;
        write_planned(tx, &planned.iter().collect::<Vec<_>>()).await
    }

    async fn write_words(&self, tx: &mut Tx, tenant: TenantId, words: &[&Word<'_>]) -> Result<(), Error> {
        if words.is_empty() {
            return Ok(());
        }
        let bulk = Bulk {
            table: "sync_conflicts",
            columns: vec![
                ("tenant_id", Values::Ints(vec![tenant.0; words.len()])),
                ("event_id", Values::Ints(words.iter().map(|word| self.held[word.key].event.id.0).collect())),
                ("sequence", Values::Ints(words.iter().map(|word| word.sequence).collect())),
                ("conflict", Values::Ints(words.iter().map(|word| i64::from(word.conflict)).collect())),
                ("at", Values::Ints(words.iter().map(|word| word.sent.received_at.0).collect())),
                ("actor", Values::Texts(words.iter().map(|word| word.sent.actor.as_str()).collect())),
            ],
            ending: "",
        };
        bulk.insert(tx).await
    }

    /// Makes those planned syncs due again that a word says something new about; gives how many.
    async fn mark_late(&self, tx: &mut Tx, tenant: TenantId) -> Result<u64, Error> {
        let update = "UPDATE planned_syncs SET due_at = $6, late_event_id = $7
            WHERE tenant_id = $1 AND entity_type = $2 AND entity = $3 AND at >= $4 AND at <= $5 AND observed = $8";
        let mut marked = 0;
        for word in self.words.iter().filter(|word| word.turns) {
            let SyncEvent { id, sync, .. } = &self.held[word.key].event;
            let (from, until, now) = (sync.at.plus(-OBSERVED), sync.at, word.sent.received_at);
            let (kind, name) = (sync.entity.entity_type.as_str(), sync.entity.entity.as_str());
            let values = args![tenant, kind, name, from, until, now, *id, i64::from(!word.conflict)];
            marked += tx.execute(update, values).await?;
        }
        Ok(marked)
    }

    fn receptions(&self) -> Vec<SyncReception> {
        let answer = |(new, fate): (&NewSync, &Fate)| {
            let event = self.held.get(new.client_id.as_str())?.event.clone();
            Some(match fate {
                Fate::Recorded => SyncReception::Recorded(event),
                Fate::Repeated => SyncReception::Repeated(event),
                Fate::Amended => SyncReception::Amended(event),
                Fate::Contradicted => SyncReception::Contradicted(event),
                Fate::Overruled => SyncReception::Overruled(event),
            })
        };
        self.sent.iter().zip(&self.fates).filter_map(answer).collect()
    }
}

impl NewSync {
    fn event(&self, tenant: TenantId, id: SyncId) -> SyncEvent {
        SyncEvent {
            id,
            tenant,
            client_id: self.client_id.clone(),
            sync: self.sync.clone(),
            received_at: self.received_at,
            // known once it is scored
            prediction: domain::PredictionId(Uuid::nil()),
            conflict: None,
        }
    }
}

impl ScoredSync {
    fn planned(self, new: &NewSync) -> NewPlannedSync {
        let Self { prediction, threshold, advice } = self;
        NewPlannedSync { prediction, kind: PlannedKind::Event, sync: new.sync.clone(), threshold, advice }
    }
}

async fn held<'a>(tx: &mut Tx, tenant: TenantId, sent: &'a [NewSync]) -> Result<HashMap<&'a str, Held>, Error> {
    let ids: BTreeSet<&'a str> = sent.iter().map(|new| new.client_id.as_str()).collect();
    let list = list(tx.engine(), "$2", Listed::Texts);
    let sql = format!(
        "SELECT {COLUMNS}, e.digest, w.sequence AS words, w.actor AS said_by
         FROM {list} CROSS JOIN sync_events e
         LEFT JOIN sync_conflicts w ON w.tenant_id = e.tenant_id AND w.event_id = e.id AND w.sequence = (
            SELECT MAX(c.sequence) FROM sync_conflicts c WHERE c.tenant_id = e.tenant_id AND c.event_id = e.id)
         WHERE e.tenant_id = $1 AND e.client_id = listed.value"
    );
    let mut held = HashMap::new();
    for row in tx.rows(sql, args![tenant, &to_list(&ids)?]).await? {
        let event = read(&row)?;
        if let Some(id) = ids.get(event.client_id.as_str()) {
            let words = row.get::<Option<i64>>("words")?.unwrap_or(0);
            held.insert(*id, Held { digest: row.get("digest")?, event, words, said_by: row.get("said_by")? });
        }
    }
    Ok(held)
}

async fn insert(tx: &mut Tx, tenant: TenantId, fresh: &[&Held]) -> Result<(), Error> {
    let fields = fresh.iter().map(|held| to_json(&held.event.sync.fields)).collect::<Result<Vec<_>, _>>()?;
    let ints = |of: fn(&SyncEvent) -> i64| Values::Ints(fresh.iter().map(|held| of(&held.event)).collect());
    let opt = |of: fn(&SyncEvent) -> Option<i64>| Values::OptInts(fresh.iter().map(|held| of(&held.event)).collect());
    let time = |at: Timestamp| at.0;
    let bulk = Bulk {
        table: "sync_events",
        columns: vec![
            ("tenant_id", Values::Ints(vec![tenant.0; fresh.len()])),
            ("entity_type", texts(fresh, |e| &e.sync.entity.entity_type)),
            ("entity", texts(fresh, |e| &e.sync.entity.entity)),
            ("at", ints(|e| e.sync.at.0)),
            ("id", ints(|e| e.id.0)),
            ("client_id", texts(fresh, |e| &e.client_id)),
            ("digest", Values::Texts(fresh.iter().map(|held| held.digest.as_str()).collect())),
            ("client", texts(fresh, |e| &e.sync.client)),
            ("person", texts(fresh, |e| &e.sync.person)),
            ("fields", Values::Texts(fields.iter().map(String::as_str).collect())),
            ("last_sync_at", Values::OptInts(fresh.iter().map(|held| held.event.sync.last_sync.map(time)).collect())),
            ("received_at", ints(|e| e.received_at.0)),
            ("prediction_id", Values::Uuids(fresh.iter().map(|held| held.event.prediction.0).collect())),
            ("conflict", opt(|e| e.conflict.map(i64::from))),
        ],
        ending: "",
    };
    bulk.insert(tx).await.map_err(Error::or_not_found)
}

fn texts<'a>(fresh: &[&'a Held], of: fn(&SyncEvent) -> &String) -> Values<'a> {
    Values::Texts(fresh.iter().map(|held| of(&held.event).as_str()).collect())
}
