//! The log as CSV.

use domain::Scope;
use serde_json::json;

use super::support::{Organisation, TestApp, claims_row};

#[tokio::test]
async fn every_prediction_is_a_line_also_beyond_one_page() {
    let app = TestApp::spawn().await;
    let acme = Organisation::make(&app.desk, "acme").await;
    acme.model(&app.desk, "claims").await;
    let predict = app.with_key(&acme.key(&app.desk, Scope::Predict).await);
    let read = app.with_key(&acme.key(&app.desk, Scope::Read).await);
    let mut odd = claims_row();
    odd["region"] = json!("=cmd, \"quoted\"");
    predict.post("/api/v1/models/claims/predictions", json!({ "row": odd })).await.expect(200);
    let rows = vec![claims_row(); 1_250];
    predict.post("/api/v1/models/claims/predictions", json!({ "rows": rows })).await.expect(200);

    let export = read.get("/api/v1/models/claims/predictions.csv").await.expect(200);
    assert!(export.header("content-type").starts_with("text/csv"));
    assert!(export.header("content-disposition").contains("claims-predictions.csv"));
    let mut reader = csv::Reader::from_reader(export.text.as_bytes());
    let header = reader.headers().unwrap().clone();
    assert_eq!(&header[0], "id");
    let region = header.iter().position(|name| name == "region").unwrap();
    let lines: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    assert_eq!(lines.len(), 1_251);
    assert_eq!(&lines[1_250][region], "'=cmd, \"quoted\"", "a formula is made harmless");
    let ids: std::collections::HashSet<&str> = lines.iter().map(|line| &line[0]).collect();
    assert_eq!(ids.len(), 1_251);

    let filtered = read.get("/api/v1/models/claims/predictions.csv?outcome=known").await.expect(200);
    assert_eq!(filtered.text.lines().count(), 1, "only the header");
    read.get("/api/v1/models/other/predictions.csv").await.expect(404);
    predict.get("/api/v1/models/claims/predictions.csv").await.expect(403);
}
