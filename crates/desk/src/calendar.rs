//! The calendar of holidays, of the whole organisation or of one site.

use domain::attendance::{Holiday, parse_icalendar};
use domain::audit::Event;
use domain::{Actor, HolidayId, Permission, SiteId};
use jiff::civil::Date;
use store::NewHoliday;

use crate::error::{Error, Result};
use crate::{room, text};

room! {
    /// Verbs on the calendar.
    Calendar
}

/// Years before and after the present that a yearly holiday is written down for.
const YEARS: i16 = 5;

impl Calendar<'_> {
    /// Adds the days of an iCalendar file; those that are there already stay. Gives how many days the file names.
    ///
    /// # Errors
    /// Needs the right to manage attendance; says which line of the file cannot be read.
    pub async fn import(&self, actor: &Actor, site: Option<SiteId>, icalendar: &str) -> Result<usize> {
        actor.check(Permission::ManageAttendance)?;
        let year = self.today()?.year();
        let days = parse_icalendar(icalendar, year - YEARS..=year + YEARS)?;
        let days: Vec<_> = days.into_iter().map(|(date, name)| NewHoliday { site, date, name: shown(name) }).collect();
        if days.is_empty() {
            return Err(Error::field("calendar", "names no day"));
        }
        self.add_all(actor, &days, "calendar.imported").await?;
        Ok(days.len())
    }

    /// Adds one day.
    ///
    /// # Errors
    /// Needs the right to manage attendance; names a wrong field; [`Error::NotFound`] for another tenant's site.
    pub async fn add(&self, actor: &Actor, site: Option<SiteId>, date: &str, name: &str) -> Result<()> {
        actor.check(Permission::ManageAttendance)?;
        let date = date.trim();
        let day = date.parse::<Date>().ok().filter(|day| day.to_string() == date);
        let date = day.ok_or_else(|| Error::field("date", "a day as 2026-12-25 is needed"))?;
        let day = NewHoliday { site, date, name: text::required("name", name, 200)?.to_owned() };
        self.add_all(actor, std::slice::from_ref(&day), "calendar.day_added").await
    }

    /// Takes a day out, for events to come.
    ///
    /// # Errors
    /// Needs the right to manage attendance; [`Error::NotFound`] for another tenant's.
    pub async fn remove(&self, actor: &Actor, id: HolidayId) -> Result<()> {
        actor.check(Permission::ManageAttendance)?;
        let event = Event::new(actor, self.desk.now(), "calendar.day_removed", format!("holiday:{id}"));
        Ok(self.desk.store().remove_holiday(actor.tenant, id, &event).await?)
    }

    /// The days of one year.
    ///
    /// # Errors
    /// Needs the right to see predictions; names a year that no calendar has.
    pub async fn year(&self, actor: &Actor, year: Option<i16>) -> Result<Vec<Holiday>> {
        actor.check(Permission::ReadPredictions)?;
        let year = match year {
            Some(year) => year,
            None => self.today()?.year(),
        };
        let day = |month, day| Date::new(year, month, day).map_err(|_| Error::field("year", "there is no such year"));
        Ok(self.desk.store().holidays(actor.tenant, day(1, 1)?, day(12, 31)?).await?)
    }

    async fn add_all(&self, actor: &Actor, days: &[NewHoliday], action: &'static str) -> Result<()> {
        let now = self.desk.now();
        let event = Event::new(actor, now, action, "calendar").with(serde_json::json!({ "days": days.len() }));
        self.desk.store().add_holidays(actor.tenant, days, now, &event).await.map_err(|error| match error {
            store::Error::NotFound => Error::field("site", "there is no such site"),
            other => other.into(),
        })
    }

    fn today(&self) -> Result<Date> {
        let now = jiff::Timestamp::from_microsecond(self.desk.now().0).map_err(Error::internal)?;
        Ok(now.to_zoned(jiff::tz::TimeZone::UTC).date())
    }
}

/// A file may give a day no name, or a long one.
fn shown(name: String) -> String {
    let short: String = name.trim().chars().filter(|c| *c != '\0').take(200).collect();
    if short.is_empty() { String::from("holiday") } else { short }
}
