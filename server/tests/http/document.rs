//! The OpenAPI document says what the router does.

use domain::Scope;
use server::api::endpoint::Access;

use super::support::{Organisation, TestApp};

#[tokio::test]
async fn every_endpoint_is_documented_with_an_example() {
    let app = TestApp::spawn().await;
    let acme = Organisation::make(&app.desk, "acme").await;
    app.anonymous().get("/api/v1/openapi.json").await.expect(401);
    let predict = app.with_key(&acme.key(&app.desk, Scope::Predict).await);
    let document = predict.get("/api/v1/openapi.json").await.expect_json(200);
    for endpoint in server::api::endpoints() {
        let method = endpoint.method.as_str().to_lowercase();
        let operation = &document["paths"][endpoint.path][&method];
        assert!(!operation["summary"].as_str().unwrap_or("").is_empty(), "{method} {}", endpoint.path);
        let body = &operation["requestBody"]["content"];
        for content in body.as_object().into_iter().flatten().map(|(_, content)| content) {
            assert!(!content["example"].is_null(), "{method} {}: no example of the request", endpoint.path);
        }
        for variable in endpoint.path.split('/').filter(|part| part.starts_with('{')) {
            let known = operation["parameters"].as_array().is_some_and(|parameters| {
                parameters.iter().any(|parameter| parameter["name"] == variable.trim_matches(['{', '}']))
            });
            assert!(known, "{method} {}: {variable}", endpoint.path);
        }
    }
}

#[tokio::test]
async fn the_help_for_programs_lists_every_endpoint() {
    let app = TestApp::spawn().await;
    let acme = Organisation::make(&app.desk, "acme").await;
    let help = app.with_session(acme.admin.id).await.get("/api/help").await.expect(200).text;
    for endpoint in server::api::endpoints() {
        assert!(help.contains(&format!("<code>{}</code>", endpoint.path)), "{}", endpoint.path);
    }
    for word in ["fetch_first", "drift", "challenger", "waiting"] {
        assert!(help.contains(&format!("<dt><code>{word}</code></dt>")), "{word}");
    }
}

#[tokio::test]
async fn a_parameter_that_holds_the_character_nul_is_named() {
    let app = TestApp::spawn().await;
    let acme = Organisation::make(&app.desk, "acme").await;
    let admin = app.with_session(acme.admin.id).await;
    let document = serde_json::to_value(server::api::document::document()).unwrap();
    let mut asked = 0;
    for (path, methods) in document["paths"].as_object().unwrap().iter().filter(|(path, _)| !path.contains('{')) {
        let parameters = methods["get"]["parameters"].as_array().into_iter().flatten();
        for name in parameters.filter(|one| one["in"] == "query").map(|one| one["name"].as_str().unwrap()) {
            let refused = admin.get(&format!("{path}?{name}=a%00b")).await.expect(422);
            assert_eq!(refused.wrong_fields()[0].0, name, "{path}");
            asked += 1;
        }
    }
    assert!(asked > 20, "{asked}");
}

#[test]
fn who_may_be_refused_is_told_so_and_an_export_takes_no_page() {
    let document = serde_json::to_value(server::api::document::document()).unwrap();
    for endpoint in server::api::endpoints() {
        let responses = &document["paths"][endpoint.path][endpoint.method.as_str().to_lowercase()]["responses"];
        let told = (!responses["401"].is_null(), !responses["403"].is_null());
        let expected = (endpoint.access != Access::Public, matches!(endpoint.access, Access::Needs(_)));
        assert_eq!(told, expected, "{} {}", endpoint.method, endpoint.path);
    }
    let export = &document["paths"]["/api/v1/models/{name}/predictions.csv"]["get"]["parameters"];
    let names: Vec<&str> = export.as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap()).collect();
    assert!(names.contains(&"truth") && !names.contains(&"cursor") && !names.contains(&"model"), "{names:?}");
}

#[tokio::test]
async fn every_reference_in_the_document_leads_somewhere() {
    let document = serde_json::to_value(server::api::document::document()).unwrap();
    let mut references = Vec::new();
    collect(&document, &mut references);
    assert!(references.len() > 20);
    for reference in references {
        let pointer = reference.strip_prefix('#').unwrap();
        assert!(document.pointer(pointer).is_some(), "{reference}");
    }
}

fn collect(value: &serde_json::Value, found: &mut Vec<String>) {
    match value {
        serde_json::Value::Object(fields) => {
            found.extend(fields.get("$ref").and_then(|reference| reference.as_str()).map(str::to_owned));
            fields.values().for_each(|field| collect(field, found));
        }
        serde_json::Value::Array(items) => items.iter().for_each(|item| collect(item, found)),
        _ => {}
    }
}
