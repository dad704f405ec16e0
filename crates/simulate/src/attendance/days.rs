//! An employee's days, one after the other.

use domain::Timestamp;
use domain::attendance::{EventKind, Position};
use domain::time::{DAY, SECOND};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use super::company::{DayOff, Habits, Site};
use super::fraud::{Campaign, FraudKind};
use super::{Event, date};

const MINUTE: f64 = 60.0 * SECOND as f64;
const METERS_PER_DEGREE: f64 = 111_195.0;

/// Where and when all of it takes place.
pub(super) struct Ground<'a> {
    pub(super) sites: &'a [Site],
    pub(super) holidays: &'a [DayOff],
    pub(super) first_day: Timestamp,
}

/// An event while its day is being lived: times are local minutes since the day's midnight.
#[derive(Clone, Debug)]
pub(super) struct Act {
    pub(super) minute: f64,
    pub(super) kind: EventKind,
    pub(super) site: usize,
    pub(super) scheduled: Option<f64>,
    pub(super) position: Option<Position>,
    pub(super) face: Option<f64>,
    pub(super) fraud: Option<FraudKind>,
}

/// What carries over from day to day.
struct Life<'a> {
    ground: &'a Ground<'a>,
    employee: usize,
    habits: Habits,
    away: u32,
    campaign: Option<Campaign>,
    sent: usize,
}

/// Everything that an employee sends in `days` days, in the order of happening.
pub(super) fn live(
    rng: &mut ChaCha8Rng,
    ground: &Ground<'_>,
    employee: usize,
    habits: Habits,
    days: u32,
) -> Vec<Event> {
    let mut life = Life { ground, employee, habits, away: 0, campaign: None, sent: 0 };
    let mut events = Vec::new();
    for day in 0..i64::from(days) {
        life.change(rng);
        let mut acts = life.honest_day(rng, day);
        life.cheat(rng, &mut acts);
        acts.sort_by(|a, b| a.minute.total_cmp(&b.minute));
        for act in acts {
            events.push(life.send(rng, day, act));
        }
    }
    events
}

impl Life<'_> {
    /// Holidays taken, sickness, and transfers to another site.
    fn change(&mut self, rng: &mut ChaCha8Rng) {
        self.away = match self.away {
            0 if rng.random_bool(0.006) => rng.random_range(5..15),
            0 if rng.random_bool(0.010) => rng.random_range(1..4),
            away => away.saturating_sub(1),
        };
        if rng.random_bool(0.000_4) {
            self.habits.home_site = rng.random_range(0..self.ground.sites.len());
            self.habits.second_site = None;
        }
    }

    fn honest_day(&self, rng: &mut ChaCha8Rng, day: i64) -> Vec<Act> {
        let habits = &self.habits;
        if self.away > 0 {
            return Vec::new();
        }
        let today = date(self.ground.first_day, day);
        let holiday = self
            .ground
            .holidays
            .iter()
            .any(|off| off.date == today && off.site.is_none_or(|site| site == habits.home_site));
        let planned = habits.workdays[today.weekday().to_monday_zero_offset() as usize];
        let works = if holiday { rng.random_bool(0.08) } else { planned || rng.random_bool(habits.extra) };
        if !works {
            return Vec::new();
        }
        let site = self.site_of_the_day(rng);
        let unplanned = !planned || holiday;
        let start = if unplanned { habits.start + 60.0 * normal(rng) } else { habits.start };
        let scheduled = (!unplanned || rng.random_bool(0.4)).then_some(start);
        self.shift(rng, site, start, scheduled)
    }

    fn site_of_the_day(&self, rng: &mut ChaCha8Rng) -> usize {
        match self.habits.second_site {
            Some((site, share)) if rng.random_bool(share) => site,
            // a day at another site, to help out
            _ if rng.random_bool(0.005) => rng.random_range(0..self.ground.sites.len()),
            _ => self.habits.home_site,
        }
    }

    fn shift(&self, rng: &mut ChaCha8Rng, site: usize, start: f64, scheduled: Option<f64>) -> Vec<Act> {
        let habits = &self.habits;
        let mut acts = Vec::new();
        let slip = if rng.random_bool(0.03) { rng.random_range(15.0..120.0) } else { 0.0 };
        let early = if rng.random_bool(0.008) { rng.random_range(30.0..150.0) } else { 0.0 };
        let came = start + habits.delay + habits.spread * normal(rng) + slip - early;
        if rng.random_bool(0.993) {
            acts.push(Act { scheduled, ..self.act(rng, came, EventKind::CheckIn, site) });
        }
        if habits.lunch && rng.random_bool(0.8) {
            let out = start + 240.0 + 15.0 * normal(rng);
            acts.push(self.act(rng, out, EventKind::CheckOut, site));
            let back = out + 45.0 + 6.0 * normal(rng);
            acts.push(self.act(rng, back, EventKind::CheckIn, site));
        } else if habits.second_site.is_some() && rng.random_bool(0.04) {
            self.errand(rng, &mut acts, site, came);
        }
        let overtime = if rng.random_bool(0.06) { rng.random_range(40.0..120.0) } else { 0.0 };
        let left_early = if rng.random_bool(0.03) { rng.random_range(40.0..200.0) } else { 0.0 };
        let left = start + habits.length + 4.0 + 8.0 * normal(rng) + overtime - left_early;
        if rng.random_bool(0.975) {
            acts.push(self.act(rng, left.max(came + 20.0), EventKind::CheckOut, site));
        }
        acts
    }

    /// A run over to the second site soon after coming.
    fn errand(&self, rng: &mut ChaCha8Rng, acts: &mut Vec<Act>, site: usize, came: f64) {
        let Some((other, _)) = self.habits.second_site else { return };
        let there = if site == other { self.habits.home_site } else { other };
        let arrived = came + rng.random_range(25.0..150.0);
        acts.push(self.act(rng, arrived, EventKind::CheckIn, there));
    }

    /// An honest event.
    pub(super) fn act(&self, rng: &mut ChaCha8Rng, minute: f64, kind: EventKind, site: usize) -> Act {
        let dark = !(360.0..1_140.0).contains(&minute.rem_euclid(1_440.0));
        let face = if rng.random_bool(0.025) {
            None
        } else if rng.random_bool(if dark { 0.015 } else { 0.003 }) {
            Some(rng.random_range(0.4..0.8))
        } else {
            Some(self.habits.face + self.habits.face_spread * normal(rng))
        };
        let position = if rng.random_bool(self.habits.hidden) { None } else { Some(self.fix(rng, site)) };
        Act { minute, kind, site, scheduled: None, position, face, fraud: None }
    }

    /// What the phone makes of being at the site.
    fn fix(&self, rng: &mut ChaCha8Rng, site: usize) -> Position {
        let Site { position, canyon, .. } = self.ground.sites[site];
        let error = match rng.random_range(0.0..1.0) {
            // a fix from a mast or from a network that has moved
            chance if chance < 0.000_6 => rng.random_range(800.0..12_000.0),
            // from the car park or the bus stop
            chance if chance < 0.004 => rng.random_range(200.0..800.0),
            chance if chance < 0.004 + canyon => rng.random_range(60.0..300.0),
            _ => self.habits.jitter * (0.6 * normal(rng)).exp(),
        };
        let direction = rng.random_range(0.0..std::f64::consts::TAU);
        let (north, east) = self.habits.entrance;
        moved(position, north + error * direction.sin(), east + error * direction.cos())
    }

    fn cheat(&mut self, rng: &mut ChaCha8Rng, acts: &mut Vec<Act>) {
        if self.campaign.is_none() && rng.random_bool(0.003_4 * self.habits.temptation) {
            self.campaign = Some(Campaign::new(rng, &self.habits));
        }
        let Some(mut campaign) = self.campaign.take() else { return };
        campaign.act(rng, self.stage(), acts);
        self.campaign = (campaign.left > 0).then_some(campaign);
    }

    fn stage(&self) -> Stage<'_> {
        Stage { life: self }
    }

    fn send(&mut self, rng: &mut ChaCha8Rng, day: i64, act: Act) -> Event {
        let site = &self.ground.sites[act.site];
        let midnight = self.ground.first_day.plus(day * DAY - site.offset_seconds * SECOND);
        let moment = |minute: f64| midnight.plus((minute * MINUTE) as i64);
        let at = moment(act.minute + self.habits.clock);
        let wait = if rng.random_bool(self.habits.offline) {
            rng.random_range(20.0..900.0)
        } else {
            rng.random_range(0.01..0.3)
        };
        self.sent += 1;
        Event {
            client_id: format!("E{:04}-{:05}", self.employee + 1, self.sent),
            employee: self.employee,
            site: act.site,
            kind: act.kind,
            at,
            received_at: at.plus((wait * MINUTE) as i64),
            scheduled_at: act.scheduled.map(moment),
            position: act.position,
            face_confidence: act.face.map(|face| (face.clamp(0.0, 1.0) * 1_000.0).round() / 1_000.0),
            fraud: act.fraud,
        }
    }
}

/// What a cheat finds: how they live, and where.
pub(super) struct Stage<'a> {
    life: &'a Life<'a>,
}

impl Stage<'_> {
    pub(super) fn habits(&self) -> &Habits {
        &self.life.habits
    }

    pub(super) fn sites(&self) -> &[Site] {
        self.life.ground.sites
    }

    /// Whether they are on holiday or ill.
    pub(super) fn is_away(&self) -> bool {
        self.life.away > 0
    }

    pub(super) fn act(&self, rng: &mut ChaCha8Rng, minute: f64, kind: EventKind, site: usize) -> Act {
        self.life.act(rng, minute, kind, site)
    }
}

/// A place so many metres to the north and east.
pub(super) fn moved(from: Position, north: f64, east: f64) -> Position {
    let narrowing = from.latitude.to_radians().cos().max(0.01);
    Position {
        latitude: from.latitude + north / METERS_PER_DEGREE,
        longitude: from.longitude + east / (METERS_PER_DEGREE * narrowing),
    }
}

/// A standard normal number (Box and Muller, 1958).
pub(super) fn normal(rng: &mut ChaCha8Rng) -> f64 {
    let radius = (-2.0 * (1.0 - rng.random::<f64>()).ln()).sqrt();
    radius * (std::f64::consts::TAU * rng.random::<f64>()).cos()
}
