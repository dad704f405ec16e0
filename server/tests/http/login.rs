//! Logging in and out: rotation, throttling, both ends of a session.

use desk::people::LoginError;
use domain::manifest::sha256;
use domain::time::{DAY, SECOND};
use domain::{Actor, Role, Who};
use store::{Counted, Store, ThrottlePolicy};

use super::support::{Client, Organisation, PASSWORD, Reply, TestApp};

async fn log_in(client: &Client, email: &str, password: &str) -> Reply {
    client.post_form("/actions/log_in", &[("email", email), ("password", password)]).await
}

fn browser(app: &TestApp) -> Client {
    app.anonymous().header("sec-fetch-site", "same-origin")
}

#[tokio::test]
async fn a_login_gives_a_new_session_that_a_planted_one_does_not_share() {
    let app = TestApp::spawn().await;
    let acme = Organisation::make(&app.desk, "acme").await;
    let failed = log_in(&browser(&app), &acme.admin.email, "wrong password").await;
    let planted = failed.set_cookie("verdict").unwrap();
    let entered = log_in(&app.anonymous().cookie(&planted), &acme.admin.email, PASSWORD).await;
    let cookie = entered.set_cookie("verdict").unwrap();
    assert_ne!(planted, cookie);
    app.anonymous().cookie(&planted).get("/api/v1/models").await.expect(401);
    app.anonymous().cookie(&cookie).get("/api/v1/models").await.expect(200);
    let attributes = entered.header("set-cookie").to_lowercase();
    assert!(attributes.contains("httponly") && attributes.contains("samesite=lax"), "{attributes}");

    let inside = app.anonymous().cookie(&cookie);
    inside.post_form("/logout", &[]).await;
    inside.get("/api/v1/models").await.expect(401);
}

#[tokio::test]
async fn logging_out_everywhere_ends_the_other_sessions_too() {
    let app = TestApp::spawn().await;
    let acme = Organisation::make(&app.desk, "acme").await;
    let (here, there) = (app.with_session(acme.admin.id).await, app.with_session(acme.admin.id).await);
    here.post_form("/actions/log_out_everywhere", &[]).await;
    here.get("/api/v1/models").await.expect(401);
    there.get("/api/v1/models").await.expect(401);
}

#[tokio::test]
async fn a_session_ends_with_age_and_with_idleness() {
    let app = TestApp::spawn().await;
    let acme = Organisation::make(&app.desk, "acme").await;
    let old = app.session(acme.admin.id, 0, app.desk.now().plus(-15 * DAY).0).await;
    app.anonymous().cookie(&old).get("/api/v1/models").await.expect(401);
    let entered = log_in(&browser(&app), &acme.admin.email, PASSWORD).await;
    let inside = app.anonymous().cookie(&entered.set_cookie("verdict").unwrap());
    inside.get("/api/v1/models").await.expect(200);
    app.clock.pass(app.settings.session_idle.as_micros() as i64 + SECOND);
    inside.get("/api/v1/models").await.expect(401);
}

#[tokio::test]
async fn guessing_is_slowed_down_and_does_not_tell_which_half_was_wrong() {
    let app = TestApp::spawn().await;
    let acme = Organisation::make(&app.desk, "acme").await;
    let client = browser(&app);
    let mut said = Vec::new();
    for email in [acme.admin.email.as_str(), "nobody@acme.example"] {
        let failed = log_in(&client, email, "wrong password").await;
        let cookie = failed.set_cookie("verdict").unwrap();
        let page = app.anonymous().cookie(&cookie).get("/login").await.expect(200).text;
        said.push(page.contains("do not belong together"));
    }
    assert_eq!(said, [true, true]);
    for _ in 0..30 {
        log_in(&client, &acme.admin.email, "wrong password").await;
    }
    let right = log_in(&client, &acme.admin.email, PASSWORD).await;
    let turned_away = right.expect(429);
    assert_eq!(turned_away.set_cookie("verdict"), None, "nothing is kept for whoever guesses");
    assert!(turned_away.header("retry-after").parse::<u32>().unwrap() > 0);
    let long = log_in(&client, &"a".repeat(255), "wrong password").await.expect(422);
    assert_eq!(long.set_cookie("verdict"), None);
}

#[tokio::test]
async fn a_page_that_is_read_writes_no_session() {
    let app = TestApp::spawn().await;
    let acme = Organisation::make(&app.desk, "acme").await;
    let failed = log_in(&browser(&app), &acme.admin.email, "wrong password").await;
    let client = app.anonymous().cookie(&failed.set_cookie("verdict").unwrap());
    assert!(client.get("/login").await.set_cookie("verdict").is_some(), "what the form said is shown once");
    let admin = app.with_session(acme.admin.id).await;
    assert_eq!(admin.get("/models").await.expect(200).set_cookie("verdict"), None);
}

#[tokio::test]
async fn behind_a_proxy_only_the_one_who_guesses_is_slowed_down() {
    let ours = "127.0.0.1".parse().unwrap();
    let app = TestApp::spawn_with(|settings| settings.trusted_proxies = vec![ours]).await;
    let acme = Organisation::make(&app.desk, "acme").await;
    let from = |address: &str| browser(&app).header("x-forwarded-for", address);
    let store = Store::open(&store::Settings::new(&app.settings.database_url)).await.unwrap();
    let policy = ThrottlePolicy { window: DAY, allowed: 100, block: DAY };
    let guesser = Counted { key: &sha256(b"origin:203.0.113.9"), policy };
    for _ in 0..99 {
        assert_eq!(store.count_attempt(&[guesser], app.desk.now()).await.unwrap(), None);
    }
    log_in(&from("203.0.113.9"), "guess@acme.example", "wrong password").await;
    for address in ["203.0.113.9", "198.51.100.7, 203.0.113.9"] {
        log_in(&from(address), &acme.admin.email, PASSWORD).await.expect(429);
    }
    let entered = log_in(&from("198.51.100.7"), &acme.admin.email, PASSWORD).await;
    app.anonymous().cookie(&entered.set_cookie("verdict").unwrap()).get("/api/v1/models").await.expect(200);
}

#[tokio::test]
async fn slips_in_an_office_lock_nobody_else_out() {
    let app = TestApp::spawn().await;
    let acme = Organisation::make(&app.desk, "acme").await;
    for slip in 0..12 {
        log_in(&browser(&app), &format!("slip-{slip}@acme.example"), "wrong password").await;
    }
    let entered = log_in(&browser(&app), &acme.admin.email, PASSWORD).await;
    app.anonymous().cookie(&entered.set_cookie("verdict").unwrap()).get("/api/v1/models").await.expect(200);
}

#[tokio::test]
async fn an_address_of_any_length_is_answered_and_not_counted() {
    let app = TestApp::spawn().await;
    for _ in 0..11 {
        let failed = app.desk.people().log_in(&"a".repeat(20_000), "wrong password", "here").await;
        assert!(matches!(failed, Err(LoginError::Wrong)), "{failed:?}");
    }
}

#[tokio::test]
async fn guessing_ones_own_password_is_slowed_down() {
    let app = TestApp::spawn().await;
    let acme = Organisation::make(&app.desk, "acme").await;
    let who = Who::Person { id: acme.labeler.id, name: acme.labeler.name.clone(), role: Role::Labeler };
    let actor = Actor { tenant: acme.labeler.tenant, who };
    let change = async |current: &str| {
        app.desk.people().change_own_password(&actor, current.to_owned(), String::from("another password")).await
    };
    change("wrong password").await.unwrap_err();
    change(PASSWORD).await.unwrap();
    for _ in 0..10 {
        assert!(matches!(change(PASSWORD).await, Err(desk::Error::Invalid(_))));
    }
    assert!(matches!(change("another password").await, Err(desk::Error::Unavailable { .. })));
}

#[tokio::test]
async fn a_page_without_a_session_leads_to_the_login_and_back() {
    let app = TestApp::spawn().await;
    let client = browser(&app);
    let away = client.get("/models/claims?x=1").await;
    assert_eq!((away.status, away.header("location")), (303, "/login?next=/models/claims%3Fx%3D1"));
    client.get("/login").await.expect(200);
    let form = client.post_form("/actions/promote", &[("model", "claims"), ("version", "1"), ("reason", "x")]).await;
    assert_eq!((form.status, form.header("location")), (303, "/login"));
}
