//! Sites, employees, calendars and snoozes.

use domain::case::Rule;
use domain::time::DAY;
use domain::{EmployeeId, HolidayId, SiteId, SnoozeId};
use store::{EmployeeFilter, Error, NewEmployee, NewHoliday, NewSite, NewSnooze};

use crate::attendance::{Place, new_employee, new_site};
use crate::support::{NOW, World, event};

crate::on_both!(
    sites_are_made_changed_and_found,
    employees_are_put_by_their_references,
    a_day_is_in_the_calendar_once,
    snoozes_end,
);

async fn sites_are_made_changed_and_found(world: &World) {
    let (us, store) = (world.us(), &world.store);
    let mut made = Vec::new();
    for name in ["b", "A", "c"] {
        let new = NewSite { name: name.into(), ..new_site(&format!("site-{name}")) };
        made.push(store.create_site(us, &new, NOW, |_| event(us, "site.created")).await.unwrap());
    }
    let again = store.create_site(us, &new_site("site-b"), NOW, |_| event(us, "site.created")).await;
    assert!(matches!(again, Err(Error::Conflict(_))));
    let changed = event(us, "site.changed");
    let taken = store.update_site(us, made[0].id, &new_site("site-c"), &changed).await;
    assert!(matches!(taken, Err(Error::Conflict(_))));
    assert!(matches!(store.update_site(us, SiteId(99), &new_site("x"), &changed).await, Err(Error::NotFound)));
    let new = NewSite { time_zone: "Asia/Tokyo".into(), name: "b".into(), ..new_site("site-b") };
    let moved = store.update_site(us, made[0].id, &new, &changed).await.unwrap();
    assert_eq!(store.site(us, moved.id).await.unwrap(), Some(moved.clone()));
    let first = store.sites(us, None, 2).await.unwrap();
    assert_eq!(first.items, [made[1].clone(), moved.clone()]);
    assert_eq!(store.sites(us, first.next.as_ref(), 2).await.unwrap().items, [made[2].clone()]);
    let found = store.sites_by_reference(us, &["site-b", "site-b", "none", "it's \"odd\""]).await.unwrap();
    assert_eq!(found, [moved]);
    assert!(matches!(store.sites_by_reference(us, &["site-b", "a\0b"]).await, Err(Error::Nul)));
}

async fn employees_are_put_by_their_references(world: &World) {
    let (us, store) = (world.us(), &world.store);
    let place = Place::new(world, "north").await;
    let put = event(us, "employees.imported");
    let mut new: Vec<_> = (0..300).map(|i| new_employee(&format!("e{i:03}"), &place.site)).collect();
    store.put_employees(us, &new, NOW, &put).await.unwrap();
    new[7].name = "50% Ümit_!".into();
    new[7].site = None;
    new.push(NewEmployee { name: "the last counts".into(), ..new_employee("e008", &place.site) });
    store.put_employees(us, &new, NOW.plus(DAY), &put).await.unwrap();
    let found = store.employees_by_reference(us, &["e007", "e008", "e999"]).await.unwrap();
    let mut names: Vec<_> = found.iter().map(|e| (e.name.as_str(), e.site, e.created_at)).collect();
    names.sort_by_key(|(_, site, _)| *site);
    assert_eq!(names, [("50% Ümit_!", None, NOW), ("the last counts", Some(place.site.id), NOW)]);
    let ids: Vec<EmployeeId> = found.iter().map(|employee| employee.id).collect();
    assert_eq!(store.employees_by_id(us, &ids).await.unwrap().len(), 2);

    let count = async |filter: EmployeeFilter| {
        let (mut found, mut cursor) = (0, None);
        loop {
            let page = store.employees(us, &filter, cursor.as_ref(), 200).await.unwrap();
            found += page.items.len();
            cursor = page.next;
            if cursor.is_none() {
                return found;
            }
        }
    };
    let text = |text: &str| EmployeeFilter { text: Some(text.into()), site: None };
    assert_eq!(count(EmployeeFilter::default()).await, 301);
    assert_eq!(count(EmployeeFilter { site: Some(place.site.id), text: None }).await, 300);
    for (searched, expected) in [("E29", 10), ("0%", 1), ("_!", 1), ("%", 1), ("counts", 1), ("nobody", 0)] {
        assert_eq!(count(text(searched)).await, expected, "{searched}");
    }
    let update = NewEmployee { site: Some(SiteId(99)), ..new_employee("e001", &place.site) };
    let nowhere = store.update_employee(us, place.employee.id, &update, &put).await;
    assert!(matches!(nowhere, Err(Error::Conflict(_) | Error::NotFound)));
    let renamed = NewEmployee { name: "Renamed".into(), ..new_employee("north", &place.site) };
    let renamed = store.update_employee(us, place.employee.id, &renamed, &put).await.unwrap();
    assert_eq!(store.employee(us, place.employee.id).await.unwrap(), Some(renamed));
}

async fn a_day_is_in_the_calendar_once(world: &World) {
    let (us, store) = (world.us(), &world.store);
    let place = Place::new(world, "north").await;
    let day = |date: &str, site: Option<SiteId>| NewHoliday { site, date: date.parse().unwrap(), name: date.into() };
    let site = Some(place.site.id);
    let new = [day("2026-12-25", None), day("2026-12-25", site), day("2026-01-01", None), day("2027-01-01", None)];
    let added = event(us, "holidays.imported");
    for _ in 0..2 {
        store.add_holidays(us, &new, NOW, &added).await.unwrap();
    }
    let year = async || store.holidays(us, "2026-01-01".parse().unwrap(), "2026-12-31".parse().unwrap()).await.unwrap();
    let found = year().await;
    let days: Vec<_> = found.iter().map(|holiday| (holiday.date.to_string(), holiday.site)).collect();
    assert_eq!(days, [("2026-01-01".into(), None), ("2026-12-25".into(), None), ("2026-12-25".into(), site)]);
    let asked = ["2026-12-25", "2027-01-01", "2026-05-01"].map(|date| date.parse().unwrap()).into();
    let mut on: Vec<_> = store.holidays_on(us, &asked).await.unwrap().iter().map(|day| (day.date, day.site)).collect();
    on.sort();
    let dates: Vec<String> = on.iter().map(|(date, _)| date.to_string()).collect();
    assert_eq!(dates, ["2026-12-25", "2026-12-25", "2027-01-01"]);
    assert_eq!((on[0].1, on[1].1), (None, site));
    let nowhere = store.add_holidays(us, &[day("2026-05-01", Some(SiteId(99)))], NOW, &added).await;
    assert!(matches!(nowhere, Err(Error::NotFound)));
    let removed = event(us, "holiday.removed");
    store.remove_holiday(us, found[0].id, &removed).await.unwrap();
    assert!(matches!(store.remove_holiday(us, HolidayId(99), &removed).await, Err(Error::NotFound)));
    assert_eq!(year().await, found[1..]);
}

async fn snoozes_end(world: &World) {
    let (us, store) = (world.us(), &world.store);
    let place = Place::new(world, "north").await;
    let new = |until| NewSnooze {
        employee: place.employee.id,
        rule: Rule::Location,
        until,
        created_by: "person:1 Sami".into(),
        reason: "works on the road".into(),
    };
    let made = event(us, "snooze.created");
    let long = store.create_snooze(us, &new(NOW.plus(2 * DAY)), NOW, &made).await.unwrap();
    let same = store.create_snooze(us, &new(NOW.plus(DAY)), NOW, &made).await;
    assert!(matches!(same, Err(Error::Conflict(_))), "one lasts already");
    let other = NewSnooze { rule: Rule::Time, ..new(NOW.plus(DAY)) };
    let short = store.create_snooze(us, &other, NOW, &made).await.unwrap();
    assert_eq!(store.snoozes(us, NOW).await.unwrap(), [short.clone(), long.clone()]);
    assert_eq!(store.snoozes(us, short.until).await.unwrap(), std::slice::from_ref(&long));
    let ended = store.end_snooze(us, long.id, NOW.plus(1), &event(us, "snooze.ended")).await.unwrap();
    assert_eq!(ended.until, NOW.plus(1));
    let again = store.end_snooze(us, long.id, NOW.plus(9), &event(us, "snooze.ended")).await.unwrap();
    assert_eq!(again, ended);
    assert_eq!(store.snoozes(us, NOW.plus(1)).await.unwrap(), [short]);
    let nobody = NewSnooze { employee: EmployeeId(99), ..new(NOW) };
    assert!(matches!(store.create_snooze(us, &nobody, NOW, &made).await, Err(Error::NotFound)));
    assert!(matches!(store.end_snooze(us, SnoozeId(99), NOW, &made).await, Err(Error::NotFound)));
}
