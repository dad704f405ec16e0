//! A site, an employee, and events that heuristics find doubtful.

use desk::Desk;
use desk::employees::EmployeeDraft;
use desk::sites::SiteDraft;
use domain::{Actor, SiteId};
use serde_json::{Value, json};

use super::Client;

/// Where the site lies.
pub const PLACE: (f64, f64) = (48.2082, 16.3738);

/// Makes the site `north` and the employees `e-1` to `e-3`, who work there.
pub async fn attendance(desk: &Desk, actor: &Actor) -> SiteId {
    let site = SiteDraft {
        reference: String::from("north"),
        name: String::from("North depot"),
        latitude: PLACE.0,
        longitude: PLACE.1,
        time_zone: Some(String::from("Europe/Vienna")),
    };
    let site = desk.sites().create(actor, site).await.unwrap();
    let employee = |number: u32| EmployeeDraft {
        reference: format!("e-{number}"),
        name: format!("Employee {number}"),
        site: Some(site.reference.clone()),
    };
    desk.employees().put(actor, &(1..=3).map(employee).collect::<Vec<_>>()).await.unwrap();
    site.id
}

/// An event at the site with a good face.
pub fn event(client_id: &str, employee: &str, at: &str) -> Value {
    json!({ "client_id": client_id, "employee": employee, "kind": "check_in", "at": at, "latitude": PLACE.0,
        "longitude": PLACE.1, "face_confidence": 0.97 })
}

/// The same, ten kilometres away: the heuristic's rule for distance makes a case of it.
pub fn far_event(client_id: &str, employee: &str, at: &str) -> Value {
    let mut far = event(client_id, employee, at);
    far["latitude"] = json!(PLACE.0 + 0.09);
    far
}

/// Sends one event that makes a case; gives the answer, which names it.
pub async fn make_case(sender: &Client, client_id: &str, employee: &str, at: &str) -> Value {
    let answer = sender.post("/api/v1/events", json!({ "event": far_event(client_id, employee, at) })).await;
    let answer = answer.expect_json(201);
    assert!(answer["case"].is_i64(), "{answer}");
    answer
}
