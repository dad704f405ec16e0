//! What a person sees when a request comes to no page, and a program instead.

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
