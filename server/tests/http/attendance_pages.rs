//! Attendance in pages: what forms bring in, and what is wrong with it.

use super::support::{Client, Organisation, Reply, TestApp};

const SITE: [(&str, &str); 5] = [
    ("reference", "dock-4"),
    ("name", "Dock 4"),
    ("latitude", "52.5163"),
    ("longitude", "13.3777"),
    ("time_zone", "Europe/Berlin"),
];

async fn world() -> (TestApp, Client) {
    let app = TestApp::spawn().await;
    let acme = Organisation::make(&app.desk, "acme").await;
    let admin =
        app.with_session(acme.admin.id).await.header("sec-fetch-site", "same-origin").header("accept", "text/html");
    (app, admin)
}

/// Sends a form and gives the page it leads to.
async fn follow(client: &Client, sent: Reply) -> Reply {
    let to = sent.expect(302).header("location").to_owned();
    client.get(to.split('#').next().unwrap()).await.expect(200)
}

async fn form(client: &Client, path: &str, fields: &[(&str, &str)]) -> Reply {
    follow(client, client.post_form(path, fields).await).await
}

/// As a browser sends a file.
async fn upload(client: &Client, path: &str, fields: &[(&str, &str)], file: &str) -> Reply {
    let part = |name: &str, text: &str| format!("--b\r\nContent-Disposition: form-data; {name}\r\n\r\n{text}\r\n");
    let fields: String = fields.iter().map(|(name, value)| part(&format!("name=\"{name}\""), value)).collect();
    let body = format!("{}{fields}--b--\r\n", part("name=\"file\"; filename=\"f\"", file));
    follow(client, client.post_text(path, "multipart/form-data; boundary=b", body).await).await
}

#[tokio::test]
async fn a_site_an_employee_and_their_events_come_by_forms() {
    let (_app, admin) = world().await;
    let empty = admin.get("/fraud").await.expect(200);
    assert!(empty.text.contains("No events yet") && empty.text.contains("First, add the sites"));
    let wrong = form(&admin, "/actions/add_site", &[SITE[0], SITE[1], ("latitude", "north"), SITE[3]]).await;
    assert!(wrong.text.contains("degrees as 52.5163 are needed") && wrong.text.contains("value=\"Dock 4\""));
    form(&admin, "/actions/add_site", &SITE).await;
    let saved =
        form(&admin, "/actions/put_employee", &[("reference", "e1"), ("name", "Enno"), ("site", "dock-4")]).await;
    assert!(saved.text.contains("Enno") && saved.text.contains("/attendance?employee=e1"));
    let csv = "client_id,employee,kind,at,latitude,longitude\n\
        a,e1,check_in,2026-03-02T08:00:00+01:00,52.5163,13.3777\nb,e1,check_out,2026-03-02T16:00:00+01:00,,\n";
    let broken = upload(&admin, "/actions/import_events", &[], &csv.replace("2026-03-02T16", "noon")).await;
    assert!(broken.text.contains("line 3, at: a moment as"), "{}", broken.text);
    assert!(broken.text.contains("No events yet"));
    let first = upload(&admin, "/actions/import_events", &[], csv).await;
    assert!(first.text.contains("2\u{a0}events were recorded."), "{}", first.text);
    let again = upload(&admin, "/actions/import_events", &[], &csv.replace("check_in", "check_out")).await;
    assert!(again.text.contains("1\u{a0}was recorded before already. 1\u{a0}key stood for other events before (a)"));
    let elsewhere = admin.get("/attendance?from=2026-03-03").await.expect(200);
    assert!(elsewhere.text.contains("No such events"));
}

#[tokio::test]
async fn a_calendar_comes_by_a_file_and_loses_a_day_by_a_button() {
    let (app, admin) = world().await;
    let file = "BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:20261225\nSUMMARY:Christmas\nEND:VEVENT\nEND:VCALENDAR\n";
    let wrong = upload(&admin, "/actions/import_calendar", &[("for_site", "x")], file).await;
    assert!(wrong.text.contains("there is no such site"));
    let told = upload(&admin, "/actions/import_calendar", &[("for_site", "")], file).await;
    assert!(told.text.contains("1\u{a0}day is in the file"));
    let year = admin.get("/settings/calendar?year=2026").await.expect(200);
    assert!(year.text.contains("Christmas") && year.text.contains("every site"));
    let id = year.text.split("name=\"holiday\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    let without = form(&admin, "/actions/remove_holiday", &[("holiday", id), ("date", "2026-12-25")]).await;
    assert!(without.text.contains("No holidays in this year"));
    drop(app);
}
