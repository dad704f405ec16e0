//! What every answer carries.

use domain::Scope;

use super::support::{Organisation, TestApp};

const EVERYWHERE: [(&str, &str); 6] = [
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("referrer-policy", "same-origin"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    (
        "content-security-policy",
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; \
         connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    ),
];

#[tokio::test]
async fn every_answer_is_protected_whatever_it_is() {
    let app = TestApp::spawn().await;
    let client = app.anonymous();
    for path in
        ["/healthz", "/readyz", "/login", "/", "/api/v1/models", "/api/v1/nothing", "/nothing", "/assets/nothing"]
    {
        let reply = client.get(path).await;
        for (name, value) in EVERYWHERE {
            assert_eq!(reply.header(name), value, "{path}: {name}");
        }
        assert!(!reply.header("permissions-policy").is_empty() && !reply.header("x-request-id").is_empty(), "{path}");
        assert_eq!(reply.header("strict-transport-security"), "", "{path}");
    }
    assert_eq!(client.get("/api/v1/models").await.header("cache-control"), "no-store");
}

#[tokio::test]
async fn with_a_public_https_address_browsers_are_told_to_stay_there() {
    let app = TestApp::spawn_with(|settings| settings.public_origin = Some("https://verdict.example.org".into())).await;
    let reply = app.anonymous().get("/healthz").await;
    assert!(reply.header("strict-transport-security").starts_with("max-age="));
}

#[tokio::test]
async fn a_given_request_id_is_kept_and_a_strange_one_is_replaced() {
    let app = TestApp::spawn().await;
    let client = app.anonymous();
    let reply = client.clone().header("x-request-id", "from-proxy-7").get("/api/v1/models").await.expect(401);
    assert_eq!(reply.header("x-request-id"), "from-proxy-7");
    assert_eq!(reply.json()["request_id"], "from-proxy-7");
    assert_ne!(client.header("x-request-id", "a b").get("/healthz").await.header("x-request-id"), "a b");
}

#[tokio::test]
async fn long_answers_are_compressed_and_problems_tell_what_is_wrong_with_the_address() {
    let app = TestApp::spawn().await;
    let acme = Organisation::make(&app.desk, "acme").await;
    let read = app.with_key(&acme.key(&app.desk, Scope::Read).await);
    for coding in ["br", "gzip"] {
        let reply = read.clone().header("accept-encoding", coding).get("/api/v1/openapi.json").await;
        assert_eq!((reply.status, reply.header("content-encoding")), (200, coding));
    }
    assert_eq!(read.get("/api/v1/nothing").await.expect(404).json()["type"], "urn:verdict:not-found");
    let wrong_method = read.delete("/api/v1/models").await.expect(405);
    assert_eq!(wrong_method.json()["type"], "urn:verdict:method");
    assert!(wrong_method.header("allow").contains("POST"));
}
