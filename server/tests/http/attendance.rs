//! Sites, employees and calendars, as programs keep them.

use domain::Scope;
use serde_json::{Value, json};

use super::support::{Client, Organisation, TestApp};

async fn prepared() -> (TestApp, Client, Client) {
    let app = TestApp::spawn().await;
    let acme = Organisation::make(&app.desk, "acme").await;
    let write = app.with_key(&acme.key(&app.desk, Scope::Write).await);
    let read = app.with_key(&acme.key(&app.desk, Scope::Read).await);
    (app, write, read)
}

fn site(reference: &str) -> Value {
    json!({ "reference": reference, "name": "Depot", "latitude": 48.2, "longitude": 16.4, "time_zone": "Europe/Vienna" })
}

#[tokio::test]
async fn a_site_is_made_once_and_changed() {
    let (_app, write, read) = prepared().await;
    let made = write.post("/api/v1/sites", site("north")).await.expect(201);
    let path = made.header("location").to_owned();
    assert_eq!(read.get(&path).await.expect_json(200), made.json());
    let taken = write.post("/api/v1/sites", site("north")).await.expect(422);
    assert_eq!(taken.wrong_fields()[0].0, "reference");
    for (field, wrong) in
        [("latitude", json!(91)), ("longitude", json!("east")), ("time_zone", json!("Mars")), ("name", json!(" "))]
    {
        let mut odd = site("south");
        odd[field] = wrong;
        assert_eq!(write.post("/api/v1/sites", odd).await.expect(422).wrong_fields()[0].0, field);
    }
    let mut moved = site("north");
    moved["latitude"] = json!(47.0);
    assert_eq!(write.post(&path, moved).await.expect_json(200)["latitude"], 47.0);
    write.post("/api/v1/sites", site("south")).await.expect(201);
    let first = read.get("/api/v1/sites?limit=1").await.expect_json(200);
    let rest = read.get(&format!("/api/v1/sites?cursor={}", first["next"].as_str().unwrap())).await.expect_json(200);
    assert_eq!((first["items"].as_array().unwrap().len(), rest["items"].as_array().unwrap().len()), (1, 1));
    read.get("/api/v1/sites/999").await.expect(404);
    read.post("/api/v1/sites", site("west")).await.expect(403);
}

#[tokio::test]
async fn employees_are_put_by_their_reference_all_or_none() {
    let (_app, write, read) = prepared().await;
    let id = write.post("/api/v1/sites", site("north")).await.expect_json(201)["id"].as_i64().unwrap();
    let put = async |employees: Value| write.post("/api/v1/employees", json!({ "employees": employees })).await;
    let two = json!([{ "reference": "e-1", "name": "Ada", "site": "north" }, { "reference": "e-2", "name": "Sami" }]);
    assert_eq!(put(two).await.expect_json(200), json!({ "employees": 2 }));
    put(json!([{ "reference": "e-2", "name": "Sami Berg" }])).await.expect(200);
    let wrong =
        put(json!([{ "reference": "e-3", "name": "X" }, { "reference": "e-4", "name": "Y", "site": "no" }])).await;
    assert_eq!(wrong.expect(422).wrong_fields()[0].0, "employees[1].site");
    assert_eq!(put(json!([{ "reference": "e-5" }])).await.expect(422).wrong_fields()[0].0, "employees[0].name");
    put(json!(vec![json!({ "reference": "x", "name": "x" }); 10_001])).await.expect(413);
    let all = read.get("/api/v1/employees").await.expect_json(200);
    let names: Vec<&str> = all["items"].as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["Ada", "Sami Berg"]);
    let of_site = read.get(&format!("/api/v1/employees?site={id}&text=ada")).await.expect_json(200);
    assert_eq!(of_site["items"][0]["reference"], "e-1");
    let long = format!("/api/v1/employees?text={}", "a".repeat(201));
    assert_eq!(read.get(&long).await.expect(422).wrong_fields()[0].0, "text");
    write.get("/api/v1/employees").await.expect(403);
}

#[tokio::test]
async fn holidays_come_one_by_one_or_from_a_calendar() {
    let (_app, write, read) = prepared().await;
    let days = async || read.get("/api/v1/holidays?year=2026").await.expect_json(200)["items"].clone();
    for _ in 0..2 {
        write.post("/api/v1/holidays", json!({ "date": "2026-05-01", "name": "Labour Day" })).await.expect(204);
    }
    let there = days().await;
    assert_eq!((there.as_array().unwrap().len(), &there[0]["date"]), (1, &json!("2026-05-01")));
    for (field, odd) in [
        ("date", json!({ "date": "1st of May", "name": "x" })),
        ("date", json!({ "date": "2026-05-01T10:00:00", "name": "x" })),
        ("name", json!({ "date": "2026-05-01" })),
    ] {
        assert_eq!(write.post("/api/v1/holidays", odd).await.expect(422).wrong_fields()[0].0, field);
    }
    let calendar = |rule: &str| {
        format!(
            "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDTSTART:20261225\r\nSUMMARY:X\r\n{rule}END:VEVENT\r\nEND:VCALENDAR\r\n"
        )
    };
    let send =
        async |media_type: &str, text: String| write.post_text("/api/v1/holidays/calendar", media_type, text).await;
    assert_eq!(send("text/calendar", calendar("")).await.expect_json(200), json!({ "days": 1 }));
    let refused = send("text/calendar", calendar("RRULE:FREQ=MONTHLY\r\n")).await.expect(422).wrong_fields();
    assert!(refused[0].0 == "calendar" && refused[0].1.starts_with("line 5"), "{refused:?}");
    send("text/plain", calendar("")).await.expect(415);
    send("text/calendar", "X".repeat(1_000_001)).await.expect(413);
    let elsewhere = write.post_text("/api/v1/holidays/calendar?site=999", "text/calendar", calendar("")).await;
    assert_eq!(elsewhere.expect(422).wrong_fields()[0].0, "site");
    let first = days().await[0]["id"].clone();
    write.delete(&format!("/api/v1/holidays/{first}")).await.expect(204);
    write.delete(&format!("/api/v1/holidays/{first}")).await.expect(404);
    assert_eq!(days().await[0]["date"], "2026-12-25");
}
