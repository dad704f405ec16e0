//! Who works where, and how they usually do.

use domain::Timestamp;
use domain::attendance::Position;
use jiff::civil::Date;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use super::date;
use super::days::normal;

/// A place of work.
#[derive(Clone, Debug, PartialEq)]
pub struct Site {
    /// The company's own key.
    pub reference: String,
    /// Name as shown.
    pub name: &'static str,
    /// Where it is.
    pub position: Position,
    /// IANA time zone; one without summer time.
    pub time_zone: &'static str,
    /// Seconds that its local time is ahead of UTC.
    pub offset_seconds: i64,
    /// Share of fixes that high buildings throw off.
    pub(super) canyon: f64,
}

/// Somebody whose attendance is recorded.
#[derive(Clone, Debug, PartialEq)]
pub struct Employee {
    /// The company's own key.
    pub reference: String,
    /// Name as shown.
    pub name: String,
    /// Where they work when the world begins; a position in [`super::World::sites`].
    pub site: usize,
}

/// A holiday.
#[derive(Clone, Debug, PartialEq)]
pub struct DayOff {
    /// The only site that keeps it; none is every site.
    pub site: Option<usize>,
    /// The day.
    pub date: Date,
    /// Name as shown.
    pub name: &'static str,
}

/// How an employee lives.
#[derive(Clone, Debug)]
pub(super) struct Habits {
    pub(super) home_site: usize,
    /// Another site where they work on some days, and on how many.
    pub(super) second_site: Option<(usize, f64)>,
    /// Weekdays on which they work; 0 is Monday.
    pub(super) workdays: [bool; 7],
    /// Local minutes of the day at which the shift begins, and its length.
    pub(super) start: f64,
    pub(super) length: f64,
    /// Minutes after the start at which they usually come, and how much that varies.
    pub(super) delay: f64,
    pub(super) spread: f64,
    /// Metres: median error of the phone's fix, and how far from the site's point they come in.
    pub(super) jitter: f64,
    pub(super) entrance: (f64, f64),
    /// Share of events without a position, and with the clock's error in minutes.
    pub(super) hidden: f64,
    pub(super) clock: f64,
    /// Usual face confidence and how much it varies.
    pub(super) face: f64,
    pub(super) face_spread: f64,
    /// Whether they check out and in for lunch.
    pub(super) lunch: bool,
    /// Share of events sent hours later.
    pub(super) offline: f64,
    /// Share of days off on which they work after all.
    pub(super) extra: f64,
    /// How much readier than others they are to cheat.
    pub(super) temptation: f64,
    /// Where they live: metres north and east of the home site.
    pub(super) dwelling: (f64, f64),
}

/// Name, latitude, longitude, time zone, its offset in hours, share of bad fixes.
type Place = (&'static str, f64, f64, &'static str, i64, f64);

const PLACES: [Place; 8] = [
    ("Pátio Aurora", -23.5231, -46.6894, "America/Sao_Paulo", -3, 0.03),
    ("Torre Jacarandá", -23.5938, -46.6871, "America/Sao_Paulo", -3, 0.10),
    ("Galpão Ipiranga", -23.6012, -46.5979, "America/Sao_Paulo", -3, 0.02),
    ("Armazém Cumbica", -23.4469, -46.4862, "America/Sao_Paulo", -3, 0.01),
    ("Fábrica Taquaral", -22.8741, -47.0527, "America/Sao_Paulo", -3, 0.01),
    ("Cais Guanabara", -22.8937, -43.2084, "America/Sao_Paulo", -3, 0.06),
    ("Depósito Boa Viagem", -8.1123, -34.9087, "America/Recife", -3, 0.04),
    ("Base Tarumã", -3.0418, -60.0597, "America/Manaus", -4, 0.02),
];

/// Days after the first one, the only site if it is one, name.
const HOLIDAYS: [(i64, Option<usize>, &str); 9] = [
    (14, None, "Founders' Day"),
    (42, None, "Carnival Monday"),
    (43, None, "Carnival Tuesday"),
    (59, Some(6), "Harbour Day"),
    (88, None, "Long Friday"),
    (106, None, "Day of the Republic"),
    (116, None, "Labour Day"),
    (150, None, "Corpus Christi"),
    (170, Some(7), "River Festival"),
];

const GIVEN: [&str; 20] = [
    "Ana", "Bruno", "Caio", "Dalva", "Elis", "Fábio", "Gilda", "Heitor", "Iara", "Jonas", "Kátia", "Lauro", "Marta",
    "Nilo", "Olga", "Paulo", "Rita", "Saulo", "Tânia", "Vítor",
];
const FAMILY: [&str; 23] = [
    "Abrantes",
    "Bastos",
    "Caldas",
    "Dornelas",
    "Esteves",
    "Falcão",
    "Guedes",
    "Horta",
    "Inojosa",
    "Jardim",
    "Lacerda",
    "Maciel",
    "Nóbrega",
    "Ouro",
    "Pacheco",
    "Queirós",
    "Rezende",
    "Sobral",
    "Teles",
    "Uchoa",
    "Valadares",
    "Xerez",
    "Zanin",
];

pub(super) fn sites() -> Vec<Site> {
    let site = |(at, (name, latitude, longitude, time_zone, hours, canyon)): (usize, Place)| Site {
        reference: format!("S{}", at + 1),
        name,
        position: Position { latitude, longitude },
        time_zone,
        offset_seconds: hours * 3_600,
        canyon,
    };
    PLACES.into_iter().enumerate().map(site).collect()
}

pub(super) fn holidays(first_day: Timestamp) -> Vec<DayOff> {
    let day = |(after, site, name)| DayOff { site, date: date(first_day, after), name };
    HOLIDAYS.into_iter().map(day).collect()
}

pub(super) fn employee(rng: &mut ChaCha8Rng, number: usize, sites: &[Site]) -> (Employee, Habits) {
    // 20 and 23 have no common divisor, so 460 employees have names of their own
    let name = format!("{} {}", GIVEN[number % GIVEN.len()], FAMILY[number % FAMILY.len()]);
    let habits = habits(rng, sites.len());
    let employee = Employee { reference: format!("E{:04}", number + 1), name, site: habits.home_site };
    (employee, habits)
}

fn habits(rng: &mut ChaCha8Rng, sites: usize) -> Habits {
    let home_site = rng.random_range(0..sites);
    let start = 60.0
        * match rng.random_range(0..100) {
            0..58 => rng.random_range(7..=9) as f64,
            58..73 => 6.0,
            73..87 => 14.0,
            _ => 22.0,
        };
    let (distance, direction) = (6_000.0 * (0.6 * normal(rng)).exp(), rng.random_range(0.0..std::f64::consts::TAU));
    Habits {
        home_site,
        second_site: second_site(rng, home_site),
        workdays: workdays(rng),
        start,
        length: if rng.random_bool(0.2) { 300.0 } else { 510.0 },
        delay: rng.random_range(-9.0..5.0) + if rng.random_bool(0.08) { 14.0 } else { 0.0 },
        spread: rng.random_range(3.0..11.0),
        jitter: 11.0 * (0.4 * normal(rng)).exp(),
        entrance: (25.0 * normal(rng), 25.0 * normal(rng)),
        hidden: if rng.random_bool(0.06) { 0.3 } else { 0.02 },
        clock: if rng.random_bool(0.08) { rng.random_range(-9.0..9.0) } else { 0.0 },
        face: if rng.random_bool(0.1) { rng.random_range(0.68..0.82) } else { rng.random_range(0.84..0.97) },
        face_spread: rng.random_range(0.02..0.06),
        lunch: start < 1_200.0 && rng.random_bool(0.1),
        offline: if rng.random_bool(0.1) { 0.12 } else { 0.01 },
        extra: if rng.random_bool(0.15) { 0.10 } else { 0.012 },
        temptation: if rng.random_bool(0.4) { 2.0 } else { 0.33 },
        dwelling: (distance * direction.sin(), distance * direction.cos()),
    }
}

impl Habits {
    /// Whether their shift lies in the night.
    pub(super) fn works_at_night(&self) -> bool {
        self.start >= 1_200.0
    }
}

/// The first three sites lie in one town, and some commute between them.
fn second_site(rng: &mut ChaCha8Rng, home: usize) -> Option<(usize, f64)> {
    (home < 3 && rng.random_bool(0.3)).then(|| ((home + 1) % 3, rng.random_range(0.05..0.4)))
}

fn workdays(rng: &mut ChaCha8Rng) -> [bool; 7] {
    let mut days = [true, true, true, true, true, false, false];
    match rng.random_range(0..100) {
        0..68 => {}
        68..84 => days.rotate_right(1),
        _ => days.rotate_right(rng.random_range(2..5)),
    }
    days
}
