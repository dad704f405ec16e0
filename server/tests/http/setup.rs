//! The first admin comes by a link that opens once.

use tempfile::TempDir;

use super::support::{Client, PASSWORD, Process, TestApp};

fn fields<'a>(token: &'a str, email: &'a str) -> [(&'a str, &'a str); 5] {
    [("token", token), ("tenant", "Acme Ltd."), ("name", "Ada"), ("email", email), ("password", PASSWORD)]
}

#[tokio::test]
async fn the_link_makes_one_admin_and_no_second() {
    let app = TestApp::spawn().await;
    let token = app.desk.setup().create_link().await.unwrap();
    let browser = app.anonymous().header("sec-fetch-site", "same-origin");
    browser.get(&format!("/setup?token={token}")).await.expect(200);
    let done = browser.post_form("/actions/complete_setup", &fields(&token, "ada@acme.example")).await;
    let cookie = done.set_cookie("verdict").unwrap();
    app.anonymous().cookie(&cookie).get("/api/v1/people").await.expect(200);
    assert!(!app.desk.setup().is_needed().await.unwrap());

    let again = browser.post_form("/actions/complete_setup", &fields(&token, "eve@acme.example")).await;
    let cookie = again.set_cookie("verdict").unwrap_or_default();
    app.anonymous().cookie(&cookie).get("/api/v1/people").await.expect(401);
    let admin = app.desk.people().log_in("eve@acme.example", PASSWORD, "test").await;
    assert!(admin.is_err());
}

#[tokio::test]
async fn a_first_start_prints_the_link_and_a_later_one_does_not() {
    let folder = TempDir::new().unwrap();
    let mut first = Process::serve(folder.path());
    let link = first.setup_link.clone().unwrap();
    let token = link.split_once("token=").unwrap().1;
    let browser = Client::new(first.address).header("sec-fetch-site", "same-origin");
    browser.post_form("/actions/complete_setup", &fields(token, "ada@acme.example")).await;
    first.terminate();
    assert_eq!(first.wait(), 0);
    let second = Process::serve(folder.path());
    assert_eq!(second.setup_link, None);
}

#[tokio::test]
async fn an_organisation_has_a_short_name_a_name_and_a_time_zone() {
    let app = TestApp::spawn().await;
    let tenants = app.desk.tenants();
    for (slug, name, zone, wrong) in [
        ("Acme!", "Acme", "UTC", "tenant"),
        ("acme", " ", "UTC", "name"),
        ("acme", "Acme", "Europe/Atlantis", "time_zone"),
    ] {
        let refused = tenants.create(slug, name, zone).await;
        assert!(matches!(&refused, Err(desk::Error::Invalid(errors)) if errors[0].field == wrong), "{refused:?}");
    }
    assert_eq!(tenants.named_or_first(None).await.unwrap().slug, "default");
    assert_eq!(tenants.named_or_first(None).await.unwrap().slug, "default", "it is made once");
}
