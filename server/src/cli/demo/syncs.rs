//! Five weeks of syncs: nearly four whose conflicts are known and learnt from, and one in which clients also ask before
//! they sync, and what happens afterwards is observed.

use desk::syncs::{PlanDraft, SyncDraft};
use desk::training::Options;
use domain::specification::EstimatorKind;
use domain::sync::{Advice, MODEL};
use domain::time::{DAY, HOUR};
use domain::{Actor, Timestamp};
use simulate::sync::{Event, Plan, World};

use super::super::place::Place;
use super::super::train;
use super::clock::ReplayClock;

const SEED: u64 = 13;
const DAYS: u32 = 35;
/// Days whose conflicts are known.
const KNOWN_DAYS: i64 = 26;
/// Syncs of one request.
const TOGETHER: usize = 5_000;
/// Syncs that come in within this time are recorded in one request.
const SLOT: i64 = 2 * HOUR;
/// Of so many syncs of the last week one client asks before.
const ASKS: usize = 4;
/// Of so many that are warned one syncs all the same; the others fetch or merge first, and have no conflict.
const UNHEEDED: usize = 4;

pub(super) struct Syncs<'a> {
    place: &'a Place,
    actor: &'a Actor,
    clock: &'a ReplayClock,
    world: World,
    first_day: Timestamp,
    /// Syncs that are recorded.
    recorded: usize,
    /// Conflicts that nobody has told of yet: places in the world, by the time at which somebody does.
    untold: Vec<(Timestamp, usize)>,
}

impl<'a> Syncs<'a> {
    /// The five weeks that end at `end`.
    pub(super) fn until(place: &'a Place, actor: &'a Actor, clock: &'a ReplayClock, end: Timestamp) -> Self {
        let first_day = Timestamp((end.0.div_euclid(DAY) - i64::from(DAYS) + 1) * DAY);
        let plan = Plan { first_day, days: DAYS, people: 40, entities: 300, ..Plan::new(SEED) };
        let mut world = plan.world();
        world.events.retain(|event| event.received_at <= end && event.sync.at <= end);
        Self { place, actor, clock, world, first_day, recorded: 0, untold: Vec::new() }
    }

    /// The days that are known, a first version learnt from what was observed, and it in service.
    pub(super) async fn learn(&mut self) -> anyhow::Result<()> {
        let known = self.first_day.plus(KNOWN_DAYS * DAY);
        self.recorded = self.world.events.partition_point(|event| event.received_at < known);
        let desk = &self.place.desk;
        let models = desk.models().list(self.actor).await?;
        if models.iter().all(|summary| summary.model.name != MODEL || summary.versions == 0) {
            self.place.output.remark("Bringing in nearly four weeks of syncs");
            self.clock.forward_to(known);
            for part in self.world.events[..self.recorded].chunks(TOGETHER) {
                let drafts: Vec<SyncDraft> = part.iter().map(|event| draft(event, Some(event.conflict))).collect();
                desk.syncs().record(self.actor, &drafts).await?;
            }
            desk.syncs().observe_due().await?;
            self.place.output.remark("Training the conflict model");
            let options = Options { estimator: Some(EstimatorKind::Boosted), ..Options::default() };
            let run = train::train(self.place, self.actor, MODEL, options).await?;
            anyhow::ensure!(run.version.is_some(), "the demo's training ended without a version: {}", run.message);
        }
        if desk.versions().champion(self.actor, MODEL).await?.is_none() {
            let reason = "first version; learnt from what was observed in nearly four weeks";
            desk.versions().promote(self.actor, MODEL, 1, reason, false).await?;
        }
        Ok(())
    }

    /// Lives on until `moment`: clients ask and sync, and say later how it ended.
    pub(super) async fn live_until(&mut self, moment: Timestamp) -> anyhow::Result<()> {
        while let Some(first) = self.world.events.get(self.recorded).filter(|event| event.received_at <= moment) {
            let slot = first.received_at.0 / SLOT;
            let rest = &self.world.events[self.recorded..];
            let in_slot = |event: &&Event| event.received_at.0 / SLOT == slot && event.received_at <= moment;
            let end = self.recorded + rest.iter().take_while(in_slot).count();
            self.live_through(self.recorded..end).await?;
            self.recorded = end;
        }
        Ok(())
    }

    async fn live_through(&mut self, slot: std::ops::Range<usize>) -> anyhow::Result<()> {
        self.ask(slot.clone()).await?;
        let (desk, events) = (&self.place.desk, &self.world.events);
        let now = events[slot.end - 1].received_at;
        self.clock.forward_to(now);
        let said = |event: &Event| (event.said_at <= now).then_some(event.conflict);
        let mut drafts: Vec<SyncDraft> = events[slot.clone()].iter().map(|event| draft(event, said(event))).collect();
        let later = slot.filter(|&place| events[place].said_at > now);
        self.untold.extend(later.map(|place| (events[place].said_at, place)));
        self.untold.sort_unstable();
        let told = self.untold.partition_point(|(at, _)| *at <= now);
        let told = self.untold.drain(..told).map(|(_, place)| &events[place]);
        drafts.extend(told.map(|event| draft(event, Some(event.conflict))));
        desk.syncs().record(self.actor, &drafts).await?;
        desk.syncs().observe_due().await?;
        Ok(())
    }

    /// Some clients ask before they sync, and most of those that are warned heed it.
    async fn ask(&mut self, slot: std::ops::Range<usize>) -> anyhow::Result<()> {
        let asks: Vec<PlanDraft> = self.world.events[slot.clone()].iter().step_by(ASKS).map(plan).collect();
        let advised = self.place.desk.syncs().plan(self.actor, &asks).await?;
        for (place, planned) in slot.step_by(ASKS).zip(advised) {
            if planned.advice != Advice::SyncNow && !(place / ASKS).is_multiple_of(UNHEEDED) {
                heed(&mut self.world.events[place]);
            }
        }
        Ok(())
    }
}

/// What others brought is fetched right before the sync, which then collides with nothing.
fn heed(event: &mut Event) {
    (event.conflict, event.sync.last_sync) = (false, Some(event.sync.at));
}

fn draft(event: &Event, conflict: Option<bool>) -> SyncDraft {
    let sync = &event.sync;
    SyncDraft {
        client_id: event.client_id.clone(),
        client: sync.client.clone(),
        person: sync.person.clone(),
        entity_type: sync.entity.entity_type.clone(),
        entity: sync.entity.entity.clone(),
        fields: sync.fields.clone(),
        last_sync: sync.last_sync,
        at: sync.at,
        conflict,
    }
}

fn plan(event: &Event) -> PlanDraft {
    let sync = &event.sync;
    PlanDraft {
        client: sync.client.clone(),
        person: sync.person.clone(),
        entity_type: sync.entity.entity_type.clone(),
        entity: sync.entity.entity.clone(),
        fields: sync.fields.clone(),
        last_sync: sync.last_sync,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_heeds_a_warning_has_what_others_brought() {
        let mut events = Plan::new(SEED).world().events;
        let mut event = events.swap_remove(events.iter().position(|event| event.conflict).unwrap());
        heed(&mut event);
        assert_eq!((event.conflict, event.sync.last_sync), (false, Some(event.sync.at)));
        assert!(event.sync.clone().checked(event.received_at).is_ok());
    }
}
