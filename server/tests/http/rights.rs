//! Every address × every role, every scope, nobody, and somebody of another organisation. The list of addresses is the
//! router's own; an address that is missing in the tables below fails the walk.

mod table;

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicI16, Ordering};

use domain::manifest::sha256;
use domain::{Role, Scope};
use serde_json::{Value, json};
use server::api::endpoint::Access;
use vision::archive::Writer;

use super::support::{Client, Organisation, Reply, TestApp, attendance, claims_row, grey, make_case, person};
use table::{Body, PAGES, REST, Right, Who};

/// Organisation A owns everything that the addresses name.
struct World {
    app: TestApp,
    a: Organisation,
    keys: Vec<(Scope, Client)>,
    people: Vec<(Role, Client)>,
    foreign: Vec<Client>,
    prediction: String,
    run: i64,
    waiting_run: i64,
    dataset: i64,
    spare_key: i64,
    spare_person: i64,
    attendance: Attendance,
    labeling: Labeling,
    /// The retraining of the model of attendance.
    schedule: i64,
    /// Each holiday that is made lies in a year of its own.
    year: AtomicI16,
}

/// A's reading, the task to correct it, and a data set with the same image.
struct Labeling {
    reading: String,
    task: i64,
    dataset: i64,
    image: String,
}

impl Labeling {
    async fn make(app: &TestApp, a: &Organisation) -> Self {
        a.reading_model(&app.desk, "meters").await;
        let admin = app.with_session(a.admin.id).await;
        let read = admin.post_bytes("/api/v1/models/meters/readings", "image/png", grey(1)).await.expect_json(201);
        let tasks = admin.get("/api/v1/labeling/tasks").await.expect_json(200);
        let (reading, task) = (read["id"].as_str().unwrap().to_owned(), tasks["items"][0]["id"].as_i64().unwrap());
        let mut zip = Writer::default();
        zip.add("a.png", "1", "m1", &grey(1)).unwrap();
        let zip = zip.finish().unwrap();
        let dataset = admin.post_bytes("/api/v1/datasets?name=x", "application/zip", zip).await.expect_json(201);
        Self { reading, task, dataset: dataset["id"].as_i64().unwrap(), image: sha256(&grey(1)) }
    }
}

/// A's things of attendance.
struct Attendance {
    site: i64,
    event: i64,
    case: i64,
    snooze: i64,
    sync: i64,
}

impl Attendance {
    async fn make(app: &TestApp, a: &Organisation) -> Self {
        let site = attendance(&app.desk, &a.actor).await.0;
        let sender = app.with_session(a.admin.id).await;
        let made = make_case(&sender, "first", "e-1", "2025-03-02T07:00:00Z").await;
        let (event, case) = (made["event"].as_i64().unwrap(), made["case"].as_i64().unwrap());
        let snooze = json!({ "rule": "time", "days": 3, "reason": "x" });
        let snooze = sender.post(&format!("/api/v1/cases/{case}/snooze"), snooze).await.expect_json(201);
        // Syncs are numbered within their organisation: another one that records its own first must not have this number.
        let mut sync = 0;
        for client_id in ["first", "second", "third"] {
            let sent = json!({ "event": { "client_id": client_id, "client": "tablet", "person": "ada",
                "entity_type": "order", "entity": "1", "fields": ["total"], "at": "2025-03-02T07:00:00Z" } });
            sync = sender.post("/api/v1/sync-events", sent).await.expect_json(201)["event"].as_i64().unwrap();
        }
        Self { site, event, case, snooze: snooze["id"].as_i64().unwrap(), sync }
    }
}

impl World {
    async fn make() -> Self {
        let app = TestApp::spawn().await;
        let a = Organisation::make(&app.desk, "first").await;
        let b = Organisation::make(&app.desk, "second").await;
        let dataset = a.model(&app.desk, "claims").await.0;
        let (run, _) = a.train(&app.desk, "claims").await;
        let row = claims_row();
        let row = desk::predictions::Row { text: row.to_string(), fields: row.as_object().unwrap().clone() };
        let asked = app.desk.predictions().predict(&a.actor, "claims", vec![row], false).await.unwrap();
        let waiting = app.desk.training().start(&a.actor, "claims", desk::training::Options::default()).await.unwrap();
        let mut keys = Vec::new();
        for scope in Scope::ALL {
            keys.push((scope, app.with_key(&a.key(&app.desk, scope).await)));
        }
        let mut people = Vec::new();
        for role in Role::ALL {
            let one = match role {
                Role::Admin => &a.admin,
                Role::Supervisor => &a.supervisor,
                Role::Labeler => &a.labeler,
            };
            people.push((role, app.with_session(one.id).await));
        }
        let foreign = vec![app.with_session(b.admin.id).await, app.with_key(&b.key(&app.desk, Scope::Admin).await)];
        let spare_key = a.named_key(&app.desk, "spare", Scope::Read).await.0.0;
        let spare_person = person(&app.desk, &a.actor, "spare@first.example", Role::Labeler).await.id.0;
        let (prediction, run, waiting_run) = (asked[0].id.to_string(), run.0, waiting.id.0);
        let attendance = Attendance::make(&app, &a).await;
        let labeling = Labeling::make(&app, &a).await;
        let schedule = app.desk.schedules().list(&a.actor, Some("fraud")).await.unwrap()[0].job.id.0;
        let year = AtomicI16::new(2_030);
        let home =
            json!({ "set": "homes", "records": [{ "entity": "h-1", "at": "2025-03-01", "features": { "rooms": 2 } }] });
        app.with_session(a.admin.id).await.post("/api/v1/features", home).await.expect_json(200);
        Self {
            app,
            a,
            keys,
            people,
            foreign,
            prediction,
            run,
            waiting_run,
            dataset,
            spare_key,
            spare_person,
            attendance,
            labeling,
            schedule,
            year,
        }
    }

    /// A holiday that is still there.
    async fn holiday(&self) -> i64 {
        let (calendar, year) = (self.app.desk.calendar(), self.year.fetch_add(1, Ordering::Relaxed));
        calendar.add(&self.a.actor, None, &format!("{year}-01-01"), "x").await.unwrap();
        calendar.year(&self.a.actor, Some(year)).await.unwrap()[0].id.0
    }

    /// The address with A's own things in it; what can be taken away only once is made for it.
    async fn address(&self, right: &Right) -> String {
        let path = match right.path {
            "/api/v1/holidays/{id}" => right.path.replace("{id}", &self.holiday().await.to_string()),
            path => self.fill(path),
        };
        path + right.query
    }

    /// The address with A's own things in it.
    fn fill(&self, path: &str) -> String {
        let id = match path {
            path if path.contains("/schedules/") => self.schedule.to_string(),
            path if path.starts_with("/predictions/") => self.prediction.clone(),
            path if path.contains("/cancellation") => self.waiting_run.to_string(),
            path if path.contains("/runs/") => self.run.to_string(),
            path if path.contains("/images") => self.labeling.dataset.to_string(),
            path if path.contains("/datasets/") => self.dataset.to_string(),
            path if path.contains("/keys/") => self.spare_key.to_string(),
            path if path.contains("/sites/") => self.attendance.site.to_string(),
            path if path.contains("/sync-events/") => self.attendance.sync.to_string(),
            path if path.contains("/events/") => self.attendance.event.to_string(),
            path if path.contains("/cases/") => self.attendance.case.to_string(),
            path if path.contains("/snoozes/") => self.attendance.snooze.to_string(),
            path if path.contains("/labeling/tasks/") => self.labeling.task.to_string(),
            _ => self.spare_person.to_string(),
        };
        let is_of_images = ["/readings", "/selections", "/labeling/", "/image", "}/correction"];
        let is_of_images = is_of_images.iter().any(|word| path.contains(word));
        let (model, prediction) =
            if is_of_images { ("meters", &self.labeling.reading) } else { ("claims", &self.prediction) };
        let things = [
            ("{id}", id.as_str()),
            ("{prediction}", prediction),
            ("{name}", model),
            ("{queue}", "meters"),
            ("{set}", "homes"),
            ("{entity}", "h-1"),
            ("{sha256}", &self.labeling.image),
            ("{m}", "claims"),
            ("{version}", "1"),
            ("{n}", "1"),
        ];
        things.iter().fold(path.to_owned(), |path, (variable, thing)| path.replace(variable, thing))
    }
}

async fn send(client: &Client, method: &str, path: &str, body: Body) -> Reply {
    match body {
        Body::None if method == "DELETE" => client.delete(path).await,
        Body::None if method == "PUT" => client.put(path).await,
        Body::None => client.get(path).await,
        Body::Json(text) => client.post(path, serde_json::from_str::<Value>(text).unwrap()).await,
        Body::Csv(text) => client.post_text(path, "text/csv", text).await,
        Body::Calendar(text) => client.post_text(path, "text/calendar", text).await,
        Body::Image => client.post_bytes(path, "image/png", grey(1)).await,
    }
}

#[test]
fn every_address_of_the_router_is_in_a_table() {
    let known: BTreeSet<(String, String)> = REST
        .iter()
        .map(|right| (right.method.to_owned(), right.path.to_owned()))
        .chain(PAGES.iter().map(|(method, path, _)| ((*method).to_owned(), (*path).to_owned())))
        .collect();
    let there: BTreeSet<(String, String)> =
        server::router::addresses().into_iter().map(|address| (address.method, address.path)).collect();
    let missing: Vec<_> = there.difference(&known).collect();
    assert!(missing.is_empty(), "say in rights/table.rs who may use these: {missing:#?}");
    let gone: Vec<_> = known.difference(&there).collect();
    assert!(gone.is_empty(), "these are in rights/table.rs and lead nowhere: {gone:#?}");
}

#[test]
fn the_document_says_the_same_as_the_table() {
    for endpoint in server::api::endpoints() {
        let right = find(endpoint.method.as_str(), endpoint.path);
        for role in Role::ALL {
            let documented = match endpoint.access {
                Access::Public | Access::Known => true,
                Access::Needs(permission) => role.grants(permission),
            };
            assert_eq!(right.who.role(role), documented, "{role}: {} {}", right.method, right.path);
        }
        for scope in Scope::ALL {
            let documented = match endpoint.access {
                Access::Public | Access::Known => true,
                Access::Needs(permission) => scope.grants(permission),
            };
            assert_eq!(right.who.scope(scope), documented, "{scope}: {} {}", right.method, right.path);
        }
    }
}

fn find(method: &str, path: &str) -> &'static Right {
    REST.iter().find(|right| right.method == method && right.path == path).unwrap()
}

#[tokio::test]
async fn nobody_gets_in_without_being_known() {
    let world = World::make().await;
    let nobody = world.app.anonymous();
    for right in REST {
        let path = world.address(right).await;
        let reply = send(&nobody, right.method, &path, right.body).await;
        let expected = if right.who == Who::Everybody { 200 } else { 401 };
        assert_eq!(reply.status, expected, "{} {path}: {}", right.method, reply.text);
    }
}

#[tokio::test]
async fn each_role_and_scope_gets_what_it_may_and_nothing_else() {
    let world = World::make().await;
    for right in REST {
        let people = world.people.iter().map(|(role, client)| (role.to_string(), right.who.role(*role), client));
        let keys = world.keys.iter().map(|(scope, client)| (format!("key:{scope}"), right.who.scope(*scope), client));
        // Those who may not come first: what those who may do changes the world.
        let mut all: Vec<_> = people.chain(keys).collect();
        all.sort_by_key(|(_, may, _)| *may);
        for (who, may, client) in all {
            let path = world.address(right).await;
            let reply = send(client, right.method, &path, right.body).await;
            let told = format!("{who}: {} {path}: {} {}", right.method, reply.status, reply.text);
            if may {
                assert!(!matches!(reply.status, 401 | 403 | 404 | 405 | 500..), "{told}");
            } else {
                assert_eq!(reply.status, 403, "{told}");
            }
        }
    }
}

#[tokio::test]
async fn another_organisation_sees_and_changes_nothing_of_ours() {
    let world = World::make().await;
    let before = world.app.desk.models().list(&world.a.actor).await.unwrap().len();
    for right in REST.iter().filter(|right| right.who != Who::Everybody) {
        for (client, may) in world.foreign.iter().zip([true, right.who.scope(Scope::Admin)]) {
            let path = world.address(right).await;
            let reply = send(client, right.method, &path, right.body).await;
            let told = format!("{} {path}: {} {}", right.method, reply.status, reply.text);
            if !may {
                assert_eq!(reply.status, 403, "{told}");
            } else if right.path.contains('{') {
                assert_eq!(reply.status, 404, "{told}");
            } else {
                assert!(!reply.text.contains("first.example") && !reply.text.contains(&world.prediction), "{told}");
                assert!(right.path != "/api/v1/models" || !reply.text.contains("\"claims\""), "{told}");
            }
        }
    }
    let models = world.app.desk.models().list(&world.a.actor).await.unwrap();
    assert_eq!(models.len(), before, "nothing came to A");
    assert!(world.app.desk.models().get(&world.a.actor, "claims").await.unwrap().deployments.is_empty());
    let case = world.app.desk.cases().get(&world.a.actor, domain::CaseId(world.attendance.case)).await.unwrap();
    assert_eq!(case.state, domain::case::State::Open);
    let outcomes = world.app.desk.predictions().outcomes(&world.a.actor, world.prediction.parse().unwrap()).await;
    assert!(outcomes.unwrap().is_empty());
}

#[tokio::test]
async fn each_page_is_for_whom_it_is_for() {
    let world = World::make().await;
    for (method, path, who) in PAGES.iter().filter(|(method, ..)| *method == "GET") {
        let address = world.fill(path);
        let nobody = world.app.anonymous().get(&address).await;
        let expected: &[u16] = if *who == Who::Everybody { &[200, 308, 404] } else { &[303] };
        assert!(expected.contains(&nobody.status), "nobody: {method} {address}: {}", nobody.status);
        for (role, client) in &world.people {
            let reply = client.get(&address).await;
            let told = format!("{role}: {method} {address}: {}", reply.status);
            if who.role(*role) {
                assert!(reply.status < 400 || path.starts_with("/assets"), "{told}");
            } else {
                assert!(reply.status == 403 || reply.status == 303, "{told}");
            }
        }
        if path.contains('{') && !path.starts_with("/assets") {
            let foreign = world.foreign[0].get(&address).await;
            assert_eq!(foreign.status, 404, "foreign: {method} {address}");
        }
    }
}

#[tokio::test]
async fn no_form_does_anything_for_nobody_or_for_another_site() {
    let world = World::make().await;
    for (_, path, who) in PAGES.iter().filter(|(method, ..)| *method == "POST") {
        let nobody = world.app.anonymous().header("sec-fetch-site", "same-origin").post_form(path, &[]).await;
        if *who != Who::Everybody {
            assert_eq!((nobody.status, nobody.header("location")), (303, "/login"), "{path}");
        }
        let other_site = world.people[0].1.clone().header("sec-fetch-site", "cross-site").post_form(path, &[]).await;
        assert_eq!(other_site.status, 403, "{path}");
    }
}
