//! What a person sees when a request comes to no page, and a program instead.

use serde_json::json;

use super::support::{Client, Organisation, Reply, TestApp};

const PAGE: &str = "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8";

fn opening(client: Client) -> Client {
    client.header("accept", PAGE)
}

/// A whole page with the way home and the name of the request.
#[track_caller]
fn expect_page(reply: Reply, status: u16, words: &str) {
    let reply = reply.expect(status);
    assert_eq!(reply.header("content-type"), "text/html; charset=utf-8");
    assert!(reply.text.starts_with("<!DOCTYPE html>") && reply.text.contains("href=\"/\""), "{}", reply.text);
    assert!(reply.text.contains(words) && reply.text.contains(reply.header("x-request-id")), "{}", reply.text);
}

#[tokio::test]
async fn an_address_that_leads_nowhere_is_a_page_for_people_and_a_problem_at_rest() {
    let app = TestApp::spawn().await;
    expect_page(opening(app.anonymous()).get("/nothing").await, 404, "There is nothing at this address.");
    let problem = opening(app.anonymous()).get("/api/v1/nothing").await.expect(404);
    assert_eq!(problem.json()["type"], "urn:verdict:not-found");
    assert_eq!(app.anonymous().get("/nothing").await.expect(404).header("content-type"), "");
}

#[tokio::test]
async fn a_page_that_cannot_be_loaded_shows_the_name_of_its_request() {
    let app = TestApp::spawn().await;
    let acme = Organisation::make(&app.desk, "acme").await;
    let admin = opening(app.with_session(acme.admin.id).await);
    let missing = admin.get("/models/nothing").await.expect(404);
    assert!(missing.text.contains(missing.header("x-request-id")), "{}", missing.text);
    let named = admin.header("x-request-id", "from-proxy-7").get("/models/nothing").await.expect(404);
    assert!(named.text.contains("from-proxy-7"), "{}", named.text);
}

#[tokio::test]
async fn a_form_from_another_site_is_refused_by_a_page() {
    let app = TestApp::spawn().await;
    let acme = Organisation::make(&app.desk, "acme").await;
    let other_site = opening(app.with_session(acme.admin.id).await).header("sec-fetch-site", "cross-site");
    expect_page(other_site.post_form("/logout", &[]).await, 403, "You may not do this");
}

#[tokio::test]
async fn without_a_database_there_is_still_a_page() {
    let app = TestApp::spawn().await;
    let acme = Organisation::make(&app.desk, "acme").await;
    let admin = opening(app.with_session(acme.admin.id).await);
    app.desk.drain().await;
    expect_page(admin.get("/models?q=x").await, 500, "href=\"/models?q=x\"");
}

#[tokio::test]
async fn a_form_that_cannot_be_read_is_refused_by_a_page_that_repeats_nothing() {
    let app = TestApp::spawn().await;
    let acme = Organisation::make(&app.desk, "acme").await;
    let admin = opening(app.with_session(acme.admin.id).await).header("referer", "http://desk.example/login");
    let half = admin.post_form("/actions/log_in", &[("email", "a@acme.example")]).await;
    assert_eq!(half.header("location"), "");
    expect_page(half, 422, "A field of the form is missing");
    expect_page(admin.post_form("/actions/import_dataset", &[("file", "x")]).await, 415, "media type");
    expect_page(admin.post("/actions/log_in", json!({})).await, 415, "media type");
    let odd = admin.post_form("/actions/start_run", &[("model", "a\n ä")]).await;
    assert_eq!((odd.status, odd.header("location")), (302, "/models/a%0A%20%C3%A4"));
}

#[tokio::test]
async fn names_from_a_data_set_stay_where_they_are_written() {
    let app = TestApp::spawn().await;
    let acme = Organisation::make(&app.desk, "acme").await;
    let planted = "</textarea></form></title><h1>planted</h1>";
    let csv = simulate::claims::csv(11, 600).replace(",yes\n", &format!(",{planted}\n"));
    assert!(csv.contains(planted));
    let dataset = app.desk.datasets().import(&acme.actor, planted, csv.into_bytes()).await.unwrap().id;
    let admin = app.with_session(acme.admin.id).await;
    let wish = json!({ "target": "fraud", "positive": planted });
    let proposal = admin.post(&format!("/api/v1/datasets/{dataset}/proposal"), wish).await.expect_json(200);
    let new = json!({ "name": "claims", "specification": proposal["specification"], "dataset": dataset });
    admin.post("/api/v1/models", new).await.expect(201);
    for path in ["/models/claims/specification", &format!("/datasets/{dataset}")] {
        let page = admin.get(path).await.expect(200).text;
        assert!(page.contains("planted") && !page.contains("<h1>planted"), "{path}: {page}");
    }
}
