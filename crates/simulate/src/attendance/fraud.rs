//! How some of them cheat, for a few days or weeks at a time.

use domain::attendance::EventKind;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use super::company::Habits;
use super::days::{Act, Stage, moved, normal};

/// A way to cheat.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FraudKind {
    /// A colleague checks in for somebody who is not there.
    BuddyPunching,
    /// The phone says it is at the site, or the app lets it be elsewhere.
    LocationSpoofing,
    /// One account, two sites, minutes apart.
    ImpossibleTravel,
    /// A shift on a day off that nobody worked.
    GhostShift,
    /// Hours are padded by coming or leaving when nobody looks.
    OddHours,
}

impl FraudKind {
    /// Every kind.
    pub const ALL: [Self; 5] =
        [Self::BuddyPunching, Self::LocationSpoofing, Self::ImpossibleTravel, Self::GhostShift, Self::OddHours];

    /// The word used in tables.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::BuddyPunching => "buddy_punching",
            Self::LocationSpoofing => "location_spoofing",
            Self::ImpossibleTravel => "impossible_travel",
            Self::GhostShift => "ghost_shift",
            Self::OddHours => "odd_hours",
        }
    }
}

/// A habit of cheating that somebody has got into.
#[derive(Clone, Debug)]
pub(super) struct Campaign {
    kind: FraudKind,
    /// Days on which it will still be done.
    pub(super) left: u32,
    /// A pin set on a map instead of the dwelling: metres north and east of the site.
    pin: Option<(f64, f64)>,
}

impl Campaign {
    pub(super) fn new(rng: &mut ChaCha8Rng, habits: &Habits) -> Self {
        let kind = match rng.random_range(0..100) {
            0..20 => FraudKind::BuddyPunching,
            20..34 => FraudKind::LocationSpoofing,
            34..56 => FraudKind::ImpossibleTravel,
            56..76 => FraudKind::GhostShift,
            // at night, those who work then are no surprise
            _ if habits.works_at_night() => FraudKind::BuddyPunching,
            _ => FraudKind::OddHours,
        };
        let pin = rng.random_bool(0.06).then(|| (6.0 * normal(rng), 6.0 * normal(rng)));
        Self { kind, left: rng.random_range(2..6), pin }
    }

    /// Does it today, if today is a day for it.
    pub(super) fn act(&mut self, rng: &mut ChaCha8Rng, stage: Stage<'_>, acts: &mut Vec<Act>) {
        let works = !acts.is_empty();
        let suits = (self.kind == FraudKind::GhostShift) != works && !stage.is_away();
        if !suits || rng.random_bool(0.4) {
            return;
        }
        self.left -= 1;
        match self.kind {
            FraudKind::BuddyPunching => buddy_punching(rng, acts),
            FraudKind::LocationSpoofing => self.location_spoofing(rng, &stage, acts),
            FraudKind::ImpossibleTravel => impossible_travel(rng, &stage, acts),
            FraudKind::GhostShift => ghost_shift(rng, &stage, acts),
            FraudKind::OddHours => odd_hours(rng, &stage, acts),
        }
    }

    fn location_spoofing(&self, rng: &mut ChaCha8Rng, stage: &Stage<'_>, acts: &mut [Act]) {
        for act in acts {
            let site = stage.sites()[act.site].position;
            let (north, east) = match self.pin {
                Some(pin) => pin,
                None => {
                    let (north, east) = stage.habits().dwelling;
                    (north + 9.0 * normal(rng), east + 9.0 * normal(rng))
                }
            };
            act.position = Some(moved(site, north, east));
            act.fraud = Some(self.kind);
        }
    }
}

/// Somebody else's face; sometimes a photograph that is held well.
fn stranger(rng: &mut ChaCha8Rng) -> f64 {
    if rng.random_bool(0.06) { rng.random_range(0.6..0.85) } else { 0.35 + 0.1 * normal(rng) }
}

fn buddy_punching(rng: &mut ChaCha8Rng, acts: &mut [Act]) {
    for act in acts {
        if act.kind == EventKind::CheckIn || rng.random_bool(0.7) {
            act.face = Some(stranger(rng));
            act.fraud = Some(FraudKind::BuddyPunching);
        }
    }
}

fn impossible_travel(rng: &mut ChaCha8Rng, stage: &Stage<'_>, acts: &mut Vec<Act>) {
    let Some(first) = acts.first().cloned() else { return };
    let sites = stage.sites().len();
    let there = (first.site + rng.random_range(1..sites)) % sites;
    let arrived = first.minute + rng.random_range(4.0..35.0);
    let mut made = vec![stage.act(rng, arrived, EventKind::CheckIn, there)];
    if rng.random_bool(0.1) {
        let left = arrived + rng.random_range(200.0..500.0);
        made.push(stage.act(rng, left, EventKind::CheckOut, there));
    }
    let shared = rng.random_bool(0.5);
    for mut act in made {
        if shared {
            act.face = Some(stranger(rng));
        }
        acts.push(Act { fraud: Some(FraudKind::ImpossibleTravel), ..act });
    }
}

fn ghost_shift(rng: &mut ChaCha8Rng, stage: &Stage<'_>, acts: &mut Vec<Act>) {
    let site = stage.habits().home_site;
    let start = stage.habits().start + 50.0 * normal(rng);
    let mut made = vec![(start, EventKind::CheckIn)];
    if rng.random_bool(0.3) {
        made.push((start + rng.random_range(5.0..120.0), EventKind::CheckIn));
    }
    if rng.random_bool(0.3) {
        made.push((start + rng.random_range(130.0..540.0), EventKind::CheckOut));
    }
    for (minute, kind) in made {
        let mut act = stage.act(rng, minute, kind, site);
        if rng.random_bool(0.7) {
            act.position = None;
        }
        act.face = match rng.random_range(0..100) {
            0..50 => None,
            50..90 => Some(stranger(rng)),
            _ => act.face,
        };
        acts.push(Act { fraud: Some(FraudKind::GhostShift), ..act });
    }
}

/// In the middle of the night: early birds come then, the others leave.
fn odd_hours(rng: &mut ChaCha8Rng, stage: &Stage<'_>, acts: &mut [Act]) {
    let (wanted, minute) = if stage.habits().start < 600.0 && rng.random_bool(0.6) {
        (EventKind::CheckIn, rng.random_range(60.0..270.0))
    } else {
        (EventKind::CheckOut, 1_440.0 + rng.random_range(30.0..240.0))
    };
    if let Some(act) = acts.iter_mut().find(|act| act.kind == wanted) {
        act.minute = minute;
        if rng.random_bool(0.35) {
            act.position = None;
        }
        act.fraud = Some(FraudKind::OddHours);
    }
}
