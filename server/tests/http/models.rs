//! From a data set to a promoted version, over REST alone.

use domain::Scope;
use serde_json::{Value, json};

use super::support::{Organisation, TestApp};

#[tokio::test]
async fn a_model_goes_from_csv_to_service_and_back() {
    let app = TestApp::spawn_with(|settings| settings.workers = 1).await;
    let acme = Organisation::make(&app.desk, "acme").await;
    let write = app.with_key(&acme.key(&app.desk, Scope::Write).await);
    let admin = app.with_session(acme.admin.id).await;

    let csv = simulate::claims::csv(3, 600);
    let dataset = write.post_text("/api/v1/datasets?name=claims.csv", "text/csv", csv).await.expect_json(201);
    let wish = json!({ "target": "fraud", "positive": "yes", "drop": ["filed_at"] });
    let path = format!("/api/v1/datasets/{}/proposal", dataset["id"]);
    let proposal = write.post(&path, wish).await.expect_json(200);
    assert_eq!(proposal["specification"]["classes"], json!(["no", "yes"]));
    let new = json!({ "name": "claims", "specification": proposal["specification"], "dataset": dataset["id"] });
    let model = write.post("/api/v1/models", new.clone()).await.expect(201);
    assert_eq!(model.header("location"), "/api/v1/models/claims");
    let taken = write.post("/api/v1/models", new).await.expect(422);
    assert_eq!(taken.wrong_fields()[0].0, "name");

    for seed in [1, 2] {
        let asked = json!({ "estimator": "logistic", "seed": seed });
        let run = write.post("/api/v1/models/claims/runs", asked).await.expect_json(201);
        let run = finished(&write, &run["id"]).await;
        assert_eq!((&run["state"], &run["version"]), (&json!("succeeded"), &json!(seed)), "{run}");
    }
    let version = admin.get("/api/v1/models/claims/versions/1").await.expect_json(200);
    assert!(version["evaluation"]["metrics"]["roc_auc"].is_number(), "{version}");
    assert!(version["manifest"]["artifacts"].as_object().unwrap().len() >= 2);

    let promotions = "/api/v1/models/claims/promotions";
    let refused = admin.post(promotions, json!({ "version": 1, "reason": "" })).await.expect(422);
    assert_eq!(refused.wrong_fields()[0].0, "reason");
    write.post(promotions, json!({ "version": 1, "reason": "first" })).await.expect(403);
    admin.post(promotions, json!({ "version": 1, "reason": "first", "despite_gates": true })).await.expect(201);
    admin.post(promotions, json!({ "version": 1, "reason": "again" })).await.expect(409);
    admin.post(promotions, json!({ "version": 2, "reason": "other seed", "despite_gates": true })).await.expect(201);
    let compared = admin.get("/api/v1/models/claims/comparison?a=1&b=2").await.expect_json(200);
    assert!(compared.is_object());
    let back = admin.post("/api/v1/models/claims/rollbacks", json!({ "reason": "back" })).await.expect_json(201);
    assert_eq!((&back["version"], &back["previous"]), (&json!(1), &json!(2)));
    let off = admin.post("/api/v1/models/claims/heuristic", json!({ "reason": "off" })).await.expect_json(201);
    assert_eq!(off["version"], Value::Null);
    let history = admin.get("/api/v1/models/claims/deployments").await.expect_json(200);
    assert_eq!(history["items"].as_array().unwrap().len(), 4);
}

async fn finished(client: &super::support::Client, id: &Value) -> Value {
    for _ in 0..600 {
        let run = client.get(&format!("/api/v1/runs/{id}")).await.expect_json(200);
        if !matches!(run["state"].as_str(), Some("queued" | "running")) {
            return run;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    panic!("the run did not end in a minute");
}

#[tokio::test]
async fn a_specification_that_does_not_hold_together_names_its_fields() {
    let app = TestApp::spawn().await;
    let acme = Organisation::make(&app.desk, "acme").await;
    let write = app.with_key(&acme.key(&app.desk, Scope::Write).await);
    let good = json!({ "task": "regression", "target": "price", "columns": [{ "name": "area", "kind": "numeric" }] });
    let with = |key: &str, value: Value| {
        let mut specification = good.clone();
        specification[key] = value;
        json!({ "name": "homes", "specification": specification })
    };
    for (body, field) in [
        (with("columns", json!([])), "columns"),
        (with("target", json!("")), "target"),
        (with("speed", json!(1)), "specification.speed"),
        (with("task", json!("guessing")), "specification.task"),
        (with("holdout", json!(2.0)), "holdout"),
        (json!({ "name": "Homes!", "specification": good }), "name"),
        (json!({ "specification": good }), "name"),
    ] {
        let refused = write.post("/api/v1/models", body).await.expect(422);
        assert_eq!(refused.wrong_fields()[0].0, field, "{}", refused.text);
    }
    write.post("/api/v1/models", json!({ "name": "homes", "specification": good, "dataset": 99 })).await.expect(404);
    write.post("/api/v1/models", json!({ "name": "homes", "specification": good })).await.expect(201);
    let next = json!({ "task": "regression", "target": "price", "columns": [{ "name": "rooms", "kind": "numeric" }] });
    let numbered = write.post("/api/v1/models/homes/specifications", next).await.expect_json(201);
    assert_eq!(numbered["number"], 2);
    let other = json!({ "task": "regression", "target": "rent", "columns": [{ "name": "rooms", "kind": "numeric" }] });
    write.post("/api/v1/models/homes/specifications", other).await.expect(422);
    let known = write.get("/api/v1/models/homes/specifications").await.expect_json(200);
    assert_eq!(known["items"][0]["number"], 2);
}

#[tokio::test]
async fn a_specification_takes_the_place_of_the_one_it_was_made_from() {
    let app = TestApp::spawn().await;
    let acme = Organisation::make(&app.desk, "acme").await;
    let write = app.with_key(&acme.key(&app.desk, Scope::Write).await);
    let recipe = |column: &str| {
        let columns = json!([{ "name": column, "kind": "numeric" }]);
        json!({ "task": "regression", "target": "price", "columns": columns })
    };
    write.post("/api/v1/models", json!({ "name": "homes", "specification": recipe("area") })).await.expect(201);
    let path = "/api/v1/models/homes/specifications";
    let in_place_of =
        async |number: &str, column: &str| write.post(&format!("{path}?replaces={number}"), recipe(column)).await;
    assert_eq!(in_place_of("1", "rooms").await.expect_json(201)["number"], 2);
    let late = in_place_of("1", "age").await.expect(409).json();
    assert!(late["detail"].as_str().unwrap().contains("look at it, and change that one"), "{late}");
    assert_eq!(in_place_of("two", "age").await.expect(422).wrong_fields()[0].0, "replaces");
    let admin = app.with_session(acme.admin.id).await;
    let toml = "task = \"regression\"\ntarget = \"price\"\n[[columns]]\nname = \"age\"\nkind = \"numeric\"";
    let form = |number| [("model", "homes"), ("toml", toml), ("replaces", number)];
    let page = "/models/homes/specification";
    assert!(admin.get(page).await.expect(200).text.contains("name=\"replaces\""));
    admin.post_form("/actions/specify_model", &form("1")).await;
    let back = admin.get(page).await.expect(200);
    assert!(back.text.contains("look at it, and change that one") && back.text.contains("specification 2"));
    admin.post_form("/actions/specify_model", &form("2")).await;
    let known = write.get(path).await.expect_json(200);
    assert_eq!((&known["items"][0]["number"], known["items"].as_array().unwrap().len()), (&json!(3), 3));
}

#[tokio::test]
async fn the_wizard_shows_another_proposal_before_it_registers_it() {
    let app = TestApp::spawn().await;
    let acme = Organisation::make(&app.desk, "acme").await;
    let csv = simulate::claims::csv(11, 600).into_bytes();
    let dataset = app.desk.datasets().import(&acme.actor, "claims.csv", csv).await.unwrap().id.to_string();
    let admin = app.with_session(acme.admin.id).await;
    let page = format!("/models/new?dataset={dataset}&target=fraud");
    let chosen = |split, more| {
        let said = [("dataset", dataset.as_str()), ("target", "fraud"), ("positive", "yes"), ("name", "claims")];
        let seen = [("seen_split", "random"), ("seen_positive", "yes"), ("split", split), more];
        said.into_iter().chain(seen).map(|(field, value)| (format!("choices[{field}]"), value)).collect::<Vec<_>>()
    };
    let send = async |fields: Vec<(String, &str)>| {
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_str(), *value)).collect();
        admin.post_form("/actions/create_model", &fields).await.header("location").to_owned()
    };
    for fields in [chosen("random", ("look", "1")), chosen("time:filed_at", ("look", ""))] {
        assert_eq!(send(fields.clone()).await, page);
        let again = admin.get(&page).await.expect(200).text;
        let split = &fields.iter().find(|(name, _)| name == "choices[split]").unwrap().1;
        assert!(again.contains(&format!("name=\"choices[seen_split]\" value=\"{split}\"")), "{again}");
    }
    assert!(app.desk.models().names(&acme.actor).await.unwrap().is_empty());
    assert!(send(chosen("random", ("look", ""))).await.starts_with("/runs/"));
}

#[tokio::test]
async fn a_version_is_drawn_against_the_champion() {
    let app = TestApp::spawn().await;
    let acme = Organisation::make(&app.desk, "acme").await;
    acme.model(&app.desk, "claims").await;
    for _ in 0..2 {
        acme.train(&app.desk, "claims").await;
    }
    app.desk.versions().promote(&acme.actor, "claims", 1, "first", true).await.unwrap();
    let admin = app.with_session(acme.admin.id).await;
    let challenger = admin.get("/models/claims/versions/2").await.expect(200).text;
    assert!(challenger.contains("against v1, dashed") && challenger.contains("Dashed: the champion, v1"));
    let champion = admin.get("/models/claims/versions/1").await.expect(200).text;
    assert!(!champion.contains("dashed"));
}

#[tokio::test]
async fn a_model_that_promotes_itself_is_made_by_those_who_may_promote() {
    let app = TestApp::spawn().await;
    let acme = Organisation::make(&app.desk, "acme").await;
    let write = app.with_key(&acme.key(&app.desk, Scope::Write).await);
    let admin = app.with_key(&acme.key(&app.desk, Scope::Admin).await);
    let new = |policy: &str| {
        let specification = json!({ "task": "regression", "target": "price", "retraining": { "policy": policy },
            "columns": [{ "name": "area", "kind": "numeric" }] });
        json!({ "name": "homes", "specification": specification })
    };
    let refused = write.post("/api/v1/models", new("champion")).await.expect_json(403);
    assert!(refused["detail"].as_str().unwrap().contains("retraining.policy"), "{refused}");
    write.post("/api/v1/models", new("challenger")).await.expect(201);
    let specifications = "/api/v1/models/homes/specifications";
    let next = new("champion")["specification"].clone();
    write.post(specifications, next.clone()).await.expect(403);
    admin.post(specifications, next).await.expect(201);
}
