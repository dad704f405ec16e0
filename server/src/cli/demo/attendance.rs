//! Six months at the demo's eight sites: four whose frauds are known and learnt from, two in which doubtful events become
//! cases and supervisors decide most of them.

use std::collections::HashSet;

use desk::cases::{CaseFilter, CaseOrder, CaseState};
use desk::employees::EmployeeDraft;
use desk::events::{EventDraft, EventFilter};
use desk::sites::SiteDraft;
use desk::training::Options;
use domain::attendance::MODEL;
use domain::case::{Case, Verdict};
use domain::specification::EstimatorKind;
use domain::time::{DAY, HOUR};
use domain::{Actor, Clock, Permission, Timestamp, Who};
use simulate::attendance::{Event, Plan, World};

use super::super::place::Place;
use super::super::train;
use super::clock::ReplayClock;
use super::history::bar;

const SEED: u64 = 11;
/// Days whose frauds are known.
const KNOWN_DAYS: i64 = 121;
/// Events of one request.
const TOGETHER: usize = 5_000;
/// Events that come in within this time are recorded in one request.
const SLOT: i64 = 6 * HOUR;
/// A supervisor comes to a case after so long.
const DECIDED_AFTER: i64 = 18 * HOUR;
/// Of the last days every third case is left for the visitor.
const LEFT_DAYS: i64 = 3;

pub(super) struct Attendance<'a> {
    place: &'a Place,
    actor: &'a Actor,
    clock: &'a ReplayClock,
    world: World,
    fraudulent: HashSet<String>,
    first_day: Timestamp,
    end: Timestamp,
    /// Events that are recorded.
    recorded: usize,
}

impl<'a> Attendance<'a> {
    /// The six months that end at `end`.
    pub(super) fn until(place: &'a Place, actor: &'a Actor, clock: &'a ReplayClock, end: Timestamp) -> Self {
        let plan = Plan::new(SEED);
        let today = end.0.div_euclid(DAY);
        let first_day = Timestamp((today - i64::from(plan.days) + 1) * DAY);
        let mut world = Plan { first_day, ..plan }.world();
        world.events.retain(|event| event.received_at <= end && event.at <= end);
        let fraudulent = world.events.iter().filter(|event| event.fraud.is_some());
        let fraudulent = fraudulent.map(|event| event.client_id.clone()).collect();
        Self { place, actor, clock, world, fraudulent, first_day, end, recorded: 0 }
    }

    /// Four months that are known, a first version learnt from them, and it in service.
    pub(super) async fn learn(&mut self) -> anyhow::Result<()> {
        self.settle().await?;
        let known = self.first_day.plus(KNOWN_DAYS * DAY);
        let end = self.world.events.partition_point(|event| event.received_at < known);
        let models = self.place.desk.models().list(self.actor).await?;
        let model = models.iter().find(|summary| summary.model.name == MODEL);
        if model.is_none_or(|summary| summary.versions == 0) {
            self.place.output.remark("Bringing in four months of attendance");
            for part in self.world.events[..end].chunks(TOGETHER) {
                self.clock.forward_to(part[part.len() - 1].received_at);
                let drafts: Vec<EventDraft> = part.iter().map(|event| self.draft(event, true)).collect();
                self.place.desk.events().record(self.actor, &drafts).await?;
            }
            self.place.output.remark("Training the fraud model");
            let options = Options { estimator: Some(EstimatorKind::Boosted), ..Options::default() };
            let run = train::train(self.place, self.actor, MODEL, options).await?;
            anyhow::ensure!(run.version.is_some(), "the demo's training ended without a version: {}", run.message);
        }
        if self.place.desk.versions().champion(self.actor, MODEL).await?.is_none() {
            let reason = "first version; learnt from four months that were looked through by hand";
            self.place.desk.versions().promote(self.actor, MODEL, 1, reason, false).await?;
        }
        self.recorded = end;
        Ok(())
    }

    /// Lives on until `moment`: events come in, and supervisors decide what they made of them.
    pub(super) async fn live_until(&mut self, moment: Timestamp) -> anyhow::Result<()> {
        let supervisor = self.supervisor().await?;
        let rest = &self.world.events[self.recorded..];
        let due = rest.partition_point(|event| event.received_at <= moment);
        let bar = bar(due, "events");
        for slot in rest[..due].chunk_by(|a, b| a.received_at.0 / SLOT == b.received_at.0 / SLOT) {
            self.clock.forward_to(slot[slot.len() - 1].received_at);
            let drafts: Vec<EventDraft> = slot.iter().map(|event| self.draft(event, false)).collect();
            self.place.desk.events().record(self.actor, &drafts).await?;
            self.decide(&supervisor).await?;
            bar.inc(slot.len() as u64);
        }
        bar.finish_and_clear();
        self.recorded += due;
        Ok(())
    }

    /// Sites, employees and calendar, if they are not there.
    async fn settle(&self) -> anyhow::Result<()> {
        let (desk, actor) = (&self.place.desk, self.actor);
        if !desk.sites().list(actor, None, 1).await?.is_empty() {
            return Ok(());
        }
        let mut ids = Vec::with_capacity(self.world.sites.len());
        for site in &self.world.sites {
            let draft = SiteDraft {
                reference: site.reference.clone(),
                name: site.name.to_owned(),
                latitude: site.position.latitude,
                longitude: site.position.longitude,
                time_zone: Some(site.time_zone.to_owned()),
            };
            ids.push(desk.sites().create(actor, draft).await?.id);
        }
        let employees: Vec<EmployeeDraft> =
            self.world.employees.iter().map(|employee| self.employee(employee)).collect();
        desk.employees().put(actor, &employees).await?;
        for day in &self.world.holidays {
            let site = day.site.map(|site| ids[site]);
            desk.calendar().add(actor, site, &day.date.to_string(), day.name).await?;
        }
        Ok(())
    }

    fn employee(&self, employee: &simulate::attendance::Employee) -> EmployeeDraft {
        EmployeeDraft {
            reference: employee.reference.clone(),
            name: employee.name.clone(),
            site: Some(self.world.sites[employee.site].reference.clone()),
        }
    }

    fn draft(&self, event: &Event, with_truth: bool) -> EventDraft {
        EventDraft {
            client_id: event.client_id.clone(),
            employee: self.world.employees[event.employee].reference.clone(),
            site: Some(self.world.sites[event.site].reference.clone()),
            kind: event.kind,
            at: event.at,
            scheduled_at: event.scheduled_at,
            latitude: event.position.map(|position| position.latitude),
            longitude: event.position.map(|position| position.longitude),
            face_confidence: event.face_confidence,
            fraud: with_truth.then_some(event.fraud.is_some()),
        }
    }

    /// Decides what has waited long enough, as the truth is, but for some cases that are left.
    async fn decide(&self, supervisor: &Actor) -> anyhow::Result<()> {
        let cases = self.place.desk.cases();
        let filter = CaseFilter { state: Some(CaseState::Open), ..CaseFilter::default() };
        let waiting = cases.list(self.actor, &filter, CaseOrder::DueFirst, None, 200).await?.items;
        let last_days = self.end.plus(-LEFT_DAYS * DAY);
        let due = |case: &Case| {
            let waited = self.clock.now().since(case.opened_at) > DECIDED_AFTER;
            waited && (case.opened_at < last_days || case.id.0 % 3 > 0)
        };
        for case in waiting.iter().filter(|case| due(case)) {
            let own = EventFilter { case: Some(case.id), ..EventFilter::default() };
            let events = self.place.desk.events().list(self.actor, &own, None, 200).await?.items;
            let fraud = events.iter().any(|recorded| self.fraudulent.contains(&recorded.event.client_id));
            let (verdict, note) = match (fraud, case.id.0 % 7) {
                (true, 0) => (Verdict::ValuableAlert, "the site manager knew of it"),
                (true, _) => (Verdict::ConfirmedRisk, "not seen on site; agreed with the site manager"),
                (false, _) => (Verdict::FalsePositive, ""),
            };
            cases.decide(supervisor, case.id, verdict, note, Some(case.events)).await?;
        }
        Ok(())
    }

    async fn supervisor(&self) -> anyhow::Result<Actor> {
        let people = self.place.desk.people().list(self.actor).await?;
        let person = people.into_iter().rfind(|person| person.role.grants(Permission::DecideCases));
        let person = person.ok_or_else(|| anyhow::anyhow!("the demo has no supervisor"))?;
        let who = Who::Person { id: person.id, name: person.name, role: person.role };
        Ok(Actor { tenant: self.actor.tenant, who })
    }
}
