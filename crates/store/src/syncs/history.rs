//! What was recorded of entities and people before, as features need it.

use std::collections::{BTreeSet, HashMap};

use domain::sync::{Earlier, Edit, Entity, History, LOOK_BACK, MONTH, MOST_SEEN, Past, Sync, put};
use domain::{SyncId, TenantId, Timestamp};
use serde::de::DeserializeOwned;

use super::NewSync;
use crate::dialect::{Listed, as_json, asked, gathered};
use crate::sql::{Engine, Row, Tx, args, to_list};
use crate::{Error, Store};

/// `id`, `at`, `person` and `fields` of a sync.
type EditRow = (i64, i64, String, Vec<String>);
/// `id`, `at` and `conflict`.
type PastRow = (i64, i64, Option<i64>);

/// What was recorded of some entities and people, each in the order of [`Earlier::place`].
#[derive(Clone, Debug, Default)]
pub struct SyncHistories {
    edits: HashMap<Entity, Vec<Edit>>,
    pasts: HashMap<String, Vec<Past>>,
}

impl SyncHistories {
    /// What was recorded of the entity and of the person of a sync.
    #[must_use]
    pub fn of(&self, sync: &Sync) -> History<'_> {
        let edits = self.edits.get(&sync.entity).map_or(&[][..], Vec::as_slice);
        let pasts = self.pasts.get(&sync.person).map_or(&[][..], Vec::as_slice);
        History { edits, pasts }
    }

    /// Adds a sync that is recorded as `id`.
    pub fn add(&mut self, id: SyncId, new: &NewSync) {
        let NewSync { sync, conflict, .. } = new;
        put(self.edits.entry(sync.entity.clone()).or_default(), sync.edit(id));
        put(self.pasts.entry(sync.person.clone()).or_default(), sync.past(id, *conflict == Some(true)));
    }

    fn read(looks: &Looks<'_>, edits: &[Row], pasts: &[Row]) -> Result<Self, Error> {
        let mut histories = Self::default();
        for (entity, found) in found::<_, EditRow>(&looks.entities, edits)? {
            let edit = |(id, at, person, fields): EditRow| Edit { id: SyncId(id), at: Timestamp(at), person, fields };
            histories.edits.entry((*entity).clone()).or_default().extend(found.into_iter().map(edit));
        }
        for (person, found) in found::<_, PastRow>(&looks.people, pasts)? {
            let past =
                |(id, at, conflict): PastRow| Past { id: SyncId(id), at: Timestamp(at), conflict: conflict == Some(1) };
            histories.pasts.entry((*person).to_owned()).or_default().extend(found.into_iter().map(past));
        }
        histories.edits.values_mut().for_each(|edits| edits.sort_unstable_by_key(Earlier::place));
        histories.pasts.values_mut().for_each(|pasts| pasts.sort_unstable_by_key(Earlier::place));
        Ok(histories)
    }
}

impl Store {
    /// What these syncs see if they are made now.
    pub async fn sync_histories(&self, tenant: TenantId, syncs: &[Sync]) -> Result<SyncHistories, Error> {
        let looks = Looks::of(syncs.iter());
        let edits = self.rows(edits_sql(self.engine()), args![tenant, &looks.entities_json()?]).await?;
        let pasts = self.rows(pasts_sql(self.engine()), args![tenant, &to_list(&looks.people)?]).await?;
        SyncHistories::read(&looks, &edits, &pasts)
    }
}

/// What these syncs may see of what is recorded so far.
pub(super) async fn before(tx: &mut Tx, tenant: TenantId, syncs: &[&Sync]) -> Result<SyncHistories, Error> {
    let looks = Looks::of(syncs.iter().copied());
    let edits = tx.rows(edits_sql(tx.engine()), args![tenant, &looks.entities_json()?]).await?;
    let pasts = tx.rows(pasts_sql(tx.engine()), args![tenant, &to_list(&looks.people)?]).await?;
    SyncHistories::read(&looks, &edits, &pasts)
}

/// At whose history syncs look, with the moments after which and until which they do.
struct Looks<'a> {
    entities: Vec<(&'a Entity, i64, i64)>,
    people: Vec<(&'a str, i64, i64)>,
}

impl<'a> Looks<'a> {
    fn of(syncs: impl Iterator<Item = &'a Sync> + Clone) -> Self {
        let entities = ranges(syncs.clone().map(|sync| (&sync.entity, sync.at)), LOOK_BACK);
        Self { entities, people: ranges(syncs.map(|sync| (sync.person.as_str(), sync.at)), MONTH) }
    }

    fn entities_json(&self) -> Result<String, Error> {
        let lists = self.entities.iter().map(|(of, after, until)| (&of.entity_type, &of.entity, after, until));
        to_list(&lists.collect::<Vec<_>>())
    }
}

/// The time that looks see, as ranges that lie apart: each ends at a look and begins at the one before it, at most `back`
/// earlier. Of each range the newest [`MOST_SEEN`] records are enough. For those that a look sees of the time before its own
/// range are among the newest of that time, too.
fn ranges<K: Ord>(looks: impl Iterator<Item = (K, Timestamp)>, back: i64) -> Vec<(K, i64, i64)> {
    let looks: BTreeSet<(K, Timestamp)> = looks.collect();
    let mut ranges: Vec<(K, i64, i64)> = Vec::with_capacity(looks.len());
    for (of, at) in looks {
        let before = ranges.last().filter(|(other, ..)| *other == of).map_or(i64::MIN, |(_, _, until)| *until);
        ranges.push((of, at.plus(-back).0.max(before), at.0));
    }
    ranges
}

fn edits_sql(engine: Engine) -> String {
    let columns = [("entity_type", Listed::Texts), ("entity", Listed::Texts)];
    let values = format!("id, at, person, {}", as_json(engine, "fields"));
    let of = "e.entity_type = asked.entity_type AND e.entity = asked.entity";
    newest_sql(engine, &columns, of, ("e.id, e.at, e.person, e.fields", &values))
}

fn pasts_sql(engine: Engine) -> String {
    let (columns, of) = ([("person", Listed::Texts)], "e.person = asked.person");
    newest_sql(engine, &columns, of, ("e.id, e.at, e.conflict", "id, at, conflict"))
}

/// Of each range that is asked about the newest records, however many it holds: its place, and they as JSON.
fn newest_sql(engine: Engine, whose: &[(&str, Listed)], of: &str, (columns, values): (&str, &str)) -> String {
    let times = [("after_at", Listed::Numbers), ("until_at", Listed::Numbers)];
    let (asked, gathered) = (asked(engine, "$2", &[whose, &times].concat()), gathered(engine, values));
    format!(
        "SELECT asked.place, (SELECT {gathered} FROM (
            SELECT {columns} FROM sync_events e
            WHERE e.tenant_id = $1 AND {of} AND e.at > asked.after_at AND e.at <= asked.until_at
            ORDER BY e.at DESC, e.id DESC LIMIT {MOST_SEEN}) AS newest) AS found
         FROM {asked}"
    )
}

/// What was found in each range, with whose it is.
fn found<'r, K, T: DeserializeOwned>(ranges: &'r [(K, i64, i64)], rows: &[Row]) -> Result<Vec<(&'r K, Vec<T>)>, Error> {
    let read = |row: &Row| {
        let place: i64 = row.at(0)?;
        let range = usize::try_from(place).ok().and_then(|place| ranges.get(place));
        let (of, ..) = range.ok_or_else(|| Error::corrupt("place", place))?;
        let records = row.at::<Option<String>>(1)?.map(|text| serde_json::from_str(&text));
        Ok((of, records.transpose().map_err(|error| Error::corrupt("fields", error))?.unwrap_or_default()))
    };
    rows.iter().map(read).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_several_look_at_is_read_once() {
        let looks = [("b", 50), ("a", 30), ("a", 10), ("a", 14), ("a", 30)].map(|(of, at)| (of, Timestamp(at)));
        assert_eq!(ranges(looks.into_iter(), 10), [("a", 0, 10), ("a", 10, 14), ("a", 20, 30), ("b", 40, 50)]);
    }
}
