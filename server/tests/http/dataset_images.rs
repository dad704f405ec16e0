//! Data sets of images: zips come in and go out again.

use domain::Scope;
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};
use vision::archive::Writer;

use super::support::{Client, Organisation, TestApp, grey};

async fn prepared() -> (TestApp, Client, Client) {
    let app = TestApp::spawn().await;
    let acme = Organisation::make(&app.desk, "acme").await;
    let write = app.with_key(&acme.key(&app.desk, Scope::Write).await);
    let ada = app.with_session(acme.admin.id).await;
    (app, write, ada)
}

/// Images with their texts, and one that is broken.
fn zip(images: u8) -> Vec<u8> {
    let mut writer = Writer::default();
    for number in 0..images {
        writer.add(&format!("{number}.png"), &number.to_string(), "m1", &grey(number)).unwrap();
    }
    writer.add("broken.png", "1", "m1", b"no image").unwrap();
    writer.finish().unwrap()
}

const PATH: &str = "/api/v1/datasets?name=meters.zip";

#[tokio::test]
async fn what_is_left_out_of_a_zip_is_named_and_the_rest_goes_in_and_out() {
    let (_app, write, ada) = prepared().await;
    let made = write.post_bytes(PATH, "application/zip", zip(40)).await.expect_json(201);
    assert_eq!((&made["rows"], &made["name"]), (&json!(40), &json!("meters.zip")));
    assert_eq!((&made["left_out"]["rows"], &made["left_out"]["unlabeled"]), (&json!(1), &json!(0)));
    let named = made["left_out"]["named"][0].as_str().unwrap();
    assert!(named.starts_with("line 42, broken.png: "), "{named}");
    let form = Form::new().part("file", Part::bytes(zip(40)).file_name("Meters.ZIP"));
    let again = write.send(write.request("POST", PATH).multipart(form)).await.expect_json(201);
    assert_eq!(again["id"], made["id"], "the same images and texts are the same data set");
    let download = format!("/api/v1/datasets/{}/images.zip", made["id"]);
    write.get(&download).await.expect(403);
    let zip = ada.get(&download).await.expect(200);
    assert_eq!(zip.header("content-type"), "application/zip");
    assert!(zip.header("content-disposition").contains(".zip"));
    let back = ada.post_bytes(PATH, "application/zip", zip.bytes).await.expect_json(201);
    assert_eq!((&back["id"], &back["left_out"]["rows"]), (&made["id"], &json!(0)));
}

#[tokio::test]
async fn a_page_of_images_beyond_the_last_one_leads_back() {
    let (_app, write, ada) = prepared().await;
    let made = write.post_bytes(PATH, "application/zip", zip(40)).await.expect_json(201);
    for first in [40, u64::MAX] {
        let page = ada.get(&format!("/datasets/{}?from={first}", made["id"])).await.expect(200);
        assert!(page.text.contains("?from=16#") && !page.text.contains("?from=64#"), "{}", page.text);
    }
}

#[tokio::test]
async fn a_file_in_a_form_may_be_a_table_too() {
    let (_app, write, ada) = prepared().await;
    let send = async |name: &'static str, bytes: &'static [u8]| {
        let form = Form::new().part("file", Part::bytes(bytes).file_name(name));
        write.send(write.request("POST", "/api/v1/datasets?name=x").multipart(form)).await
    };
    let made = send("claims.csv", b"a,b\n1,x\n2,y\n").await.expect_json(201);
    assert_eq!((&made["rows"], &made["left_out"]), (&json!(2), &Value::Null));
    ada.get(&format!("/api/v1/datasets/{}/images.zip", made["id"])).await.expect(409);
    send("claims.xlsx", b"PK").await.expect(415);
    let broken = send("claims.zip", b"no zip").await.expect(422);
    assert_eq!(broken.wrong_fields()[0].0, "file");
    let nothing = Form::new().text("name", "x");
    let nothing = write.send(write.request("POST", PATH).multipart(nothing)).await.expect(422);
    assert_eq!(nothing.wrong_fields()[0].0, "file");
    write.post_bytes(PATH, "application/zip", vec![0; (4 << 20) + 1]).await.expect(413);
    let long = Form::new().part("file", Part::bytes(vec![0; (4 << 20) + 1]).file_name("long.zip"));
    write.send(write.request("POST", PATH).multipart(long)).await.expect(413);
}
