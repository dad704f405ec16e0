//! Reading text from images: however they are sent, whatever they are.

use domain::Scope;
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};

use super::support::{Client, Organisation, Reply, TestApp, base64, grey, photograph};

const PATH: &str = "/api/v1/models/meters/readings";

struct World {
    app: TestApp,
    acme: Organisation,
    predict: Client,
}

async fn prepared() -> World {
    let app = TestApp::spawn().await;
    let acme = Organisation::make(&app.desk, "acme").await;
    acme.reading_model(&app.desk, "meters").await;
    let predict = app.with_key(&acme.key(&app.desk, Scope::Predict).await);
    World { app, acme, predict }
}

impl World {
    async fn raw(&self, query: &str, bytes: impl Into<Vec<u8>>) -> Reply {
        self.predict.post_bytes(&format!("{PATH}{query}"), "image/png", bytes.into()).await
    }

    async fn form(&self, image: Vec<u8>, fields: &[(&'static str, &'static str)]) -> Reply {
        let form = Form::new().part("image", Part::bytes(image).file_name("meter.jpg"));
        let form = fields.iter().fold(form, |form, (name, said)| form.text(*name, *said));
        self.predict.send(self.predict.request("POST", PATH).multipart(form)).await
    }

    async fn labeler(&self) -> Client {
        self.app.with_session(self.acme.labeler.id).await
    }
}

#[tokio::test]
async fn an_image_may_be_the_body_a_part_of_a_form_or_base64() {
    let world = prepared().await;
    let read = world.app.with_key(&world.acme.key(&world.app.desk, Scope::Read).await);
    let body = json!({ "image": base64(&grey(3)), "source": "m3", "previous": "7" });
    for (reply, source) in [
        (world.raw("?source=m1&previous=5", grey(1)).await, "m1"),
        (world.form(grey(2), &[("source", "m2"), ("client_id", "k2"), ("previous", "6")]).await, "m2"),
        (world.predict.post(PATH, body).await, "m3"),
    ] {
        let reply = reply.expect(201);
        let answer = reply.json();
        let id = answer["id"].as_str().unwrap();
        assert_eq!(reply.header("location"), format!("/api/v1/predictions/{id}"));
        let expected = json!({ "id": id, "model": "meters", "version": null, "route": "heuristic", "at": answer["at"],
            "text": "", "confidence": 0.0, "characters": [], "review": "limit" });
        assert_eq!(answer, expected, "nobody reads but people");
        let logged = read.get(&format!("/api/v1/predictions/{id}")).await.expect_json(200);
        assert_eq!(logged["row"]["source"], source);
        assert!(logged["row"]["previous"].is_string(), "{logged}");
    }
    let unnamed = world.predict.post_bytes(PATH, "application/octet-stream", photograph()).await;
    unnamed.expect(201);
}

#[tokio::test]
async fn a_client_id_stands_for_one_reading_however_it_is_sent() {
    let world = prepared().await;
    let first = world.raw("?client_id=k&source=m", grey(1)).await.expect_json(201);
    assert_eq!(world.raw("?client_id=k&source=m", grey(1)).await.expect_json(200), first);
    assert_eq!(world.form(grey(1), &[("client_id", "k"), ("source", "m")]).await.expect_json(200), first);
    world.raw("?client_id=k&source=m", grey(2)).await.expect(409);
    world.raw("?client_id=k&source=other", grey(1)).await.expect(409);
    assert_ne!(world.raw("", grey(1)).await.expect_json(201)["id"], first["id"], "without a key it is another one");
}

fn chunk(kind: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let body = [kind.as_slice(), data].concat();
    let sum = body.iter().fold(u32::MAX, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| (sum >> 1) ^ (0xedb8_8320 & (sum & 1).wrapping_neg()))
    });
    [(data.len() as u32).to_be_bytes().as_slice(), &body, &(!sum).to_be_bytes()].concat()
}

/// A PNG that says of itself that it has these sides, with next to nothing behind that.
fn announced(width: u32, height: u32) -> Vec<u8> {
    let head = [width.to_be_bytes().as_slice(), &height.to_be_bytes(), &[1, 0, 0, 0, 0]].concat();
    let chunks = [chunk(b"IHDR", &head), chunk(b"IDAT", b"\x78\x9c\x03\0\0\0\0\x01"), chunk(b"IEND", b"")].concat();
    [b"\x89PNG\r\n\x1a\n".as_slice(), &chunks].concat()
}

#[tokio::test]
async fn what_is_too_large_is_told_before_it_is_unpacked() {
    let world = prepared().await;
    for bomb in [announced(60_000, 60_000), announced(11_000, 11_000)] {
        let told = world.raw("", bomb).await.expect(413).json();
        assert!(told["detail"].as_str().unwrap().contains("pixels"), "{told}");
    }
    let long = vec![0; (8 << 20) + 1];
    world.raw("", long.clone()).await.expect(413);
    world.form(long.clone(), &[]).await.expect(413);
    world.predict.post(PATH, json!({ "image": base64(&long) })).await.expect(413);
    world.predict.post(PATH, json!({ "image": base64(&[long, vec![0; 1 << 20]].concat()) })).await.expect(413);
}

#[tokio::test]
async fn what_is_no_image_is_refused_with_its_reason() {
    let world = prepared().await;
    for (media_type, bytes) in
        [("text/plain", grey(1)), ("image/gif", b"GIF89a".to_vec()), ("application/octet-stream", b"%PDF-1.7".to_vec())]
    {
        let told = world.predict.post_bytes(PATH, media_type, bytes).await.expect(415).json();
        assert_eq!(told["type"], "urn:verdict:media-type", "{media_type}");
    }
    let half = grey(1)[..60].to_vec();
    let image = |reply: Reply| assert_eq!(reply.expect(422).wrong_fields()[0].0, "image");
    image(world.raw("", half.clone()).await);
    image(world.form(half.clone(), &[]).await);
    image(world.predict.post(PATH, json!({ "image": base64(&half) })).await);
    image(world.predict.post(PATH, json!({ "image": "no base64!" })).await);
    image(world.predict.post(PATH, json!({ "source": "m" })).await);
    let empty = Form::new().text("source", "m");
    image(world.predict.send(world.predict.request("POST", PATH).multipart(empty)).await);
    let field = |reply: Reply, name: &str| assert_eq!(reply.expect(422).wrong_fields()[0].0, name);
    field(world.form(grey(1), &[("sauce", "m")]).await, "sauce");
    field(world.form(grey(1), &[("source", "m"), ("source", "n")]).await, "source");
    let twice = ["a", "b"].map(|name| Part::bytes(grey(1)).file_name(name));
    let twice = twice.into_iter().fold(Form::new(), |form, part| form.part("image", part));
    field(world.predict.send(world.predict.request("POST", PATH).multipart(twice)).await, "image");
    field(world.raw("?sauce=m", grey(1)).await, "sauce");
    field(world.raw(&format!("?source={}", "m".repeat(201)), grey(1)).await, "source");
    world.predict.post_text(PATH, "application/json", "{").await.expect(400);
    world.predict.post_text(PATH, "multipart/form-data; boundary=x", "--x\r\nbroken").await.expect(400);
}

#[tokio::test]
async fn only_those_who_may_ask_are_answered() {
    let world = prepared().await;
    let other = Organisation::make(&world.app.desk, "other").await;
    let stranger = world.app.with_key(&other.key(&world.app.desk, Scope::Predict).await);
    stranger.post_bytes(PATH, "image/png", grey(1)).await.expect(404);
    let read = world.app.with_key(&world.acme.key(&world.app.desk, Scope::Read).await);
    read.post_bytes(PATH, "image/png", grey(1)).await.expect(403);
    world.labeler().await.post_bytes(PATH, "image/png", grey(1)).await.expect(403);
    world.predict.post_bytes("/api/v1/models/plates/readings", "image/png", grey(1)).await.expect(404);
    world.acme.model(&world.app.desk, "claims").await;
    let rows = world.predict.post_bytes("/api/v1/models/claims/readings", "image/png", grey(1)).await.expect(422);
    assert!(rows.text.contains("/api/v1/models/claims/predictions"), "{}", rows.text);
}

#[tokio::test]
async fn an_image_is_kept_without_what_the_camera_knew_and_shown_to_labelers() {
    let world = prepared().await;
    let plain = photograph();
    let secret = b"Exif\0\0MM\0*GPS 48.2083 N 16.3739 E";
    let segment = [b"\xff\xe1".as_slice(), &(secret.len() as u16 + 2).to_be_bytes(), secret].concat();
    let sent = [&plain[..2], &segment, &plain[2..]].concat();
    let id = world.raw("", sent).await.expect_json(201)["id"].as_str().unwrap().to_owned();
    let (path, lena) = (format!("/api/v1/predictions/{id}/image"), world.labeler().await);
    let shown = lena.get(&path).await.expect(200);
    assert!(shown.bytes.starts_with(b"\xff\xd8\xff"));
    assert!(!shown.bytes.windows(4).any(|four| four == b"Exif" || four == b"48.2"));
    let headers = ["content-type", "x-content-type-options", "cache-control"].map(|name| shown.header(name));
    assert_eq!(headers, ["image/jpeg", "nosniff", "private, max-age=600"]);
    let tag = shown.header("etag").to_owned();
    assert_eq!(tag, format!("\"{}\"", domain::manifest::sha256(&shown.bytes)));
    let again = lena.clone().header("if-none-match", format!("\"other\", W/{tag}")).get(&path).await.expect(304);
    assert_eq!((again.bytes.len(), again.header("etag")), (0, tag.as_str()));
    assert_eq!(lena.clone().header("if-none-match", "\"other\"").get(&path).await.expect(200).bytes, shown.bytes);
    world.predict.get(&path).await.expect(403);
    world.app.with_session(world.acme.supervisor.id).await.get(&path).await.expect(403);
    world.app.anonymous().get(&path).await.expect(401);
    let other = Organisation::make(&world.app.desk, "other").await;
    world.app.with_session(other.labeler.id).await.get(&path).await.expect(404);
}

#[tokio::test]
async fn a_report_brings_a_person() {
    let world = prepared().await;
    world.acme.quiet_reading_model(&world.app.desk, "quiet").await;
    let sent = world.predict.post_bytes("/api/v1/models/quiet/readings", "image/png", grey(1)).await.expect_json(201);
    assert_eq!(sent["review"], Value::Null);
    let path = format!("/api/v1/predictions/{}/correction", sent["id"].as_str().unwrap());
    let impossible = world.predict.post(&path, json!({ "text": "x" })).await.expect(422);
    assert_eq!(impossible.wrong_fields()[0].0, "text");
    let made = world.predict.post(&path, json!({ "text": "42" })).await.expect_json(201);
    assert_eq!((&made["state"], &made["text"]), (&json!("open"), &Value::Null));
    assert_eq!(world.predict.post(&path, json!({ "text": "42" })).await.expect_json(200), made);
    assert_eq!(world.predict.post(&path, json!({})).await.expect_json(200), made);
    let lena = world.labeler().await;
    let given = lena.post("/api/v1/labeling/queues/quiet/leases", json!({})).await.expect_json(200);
    assert_eq!((&given["task"], &given["text"]), (&made["task"], &json!("42")));
    let said = format!("/api/v1/labeling/tasks/{}/annotations", made["task"]);
    lena.post(&said, json!({ "text": "43", "seconds": 2.5 })).await.expect(204);
    world.predict.post(&path, json!({ "text": "42" })).await.expect(409);
    assert_eq!(world.predict.post(&path, json!({ "text": null })).await.expect_json(200)["text"], "43");
    let other = Organisation::make(&world.app.desk, "other").await;
    let stranger = world.app.with_key(&other.key(&world.app.desk, Scope::Predict).await);
    stranger.post(&path, json!({ "text": "42" })).await.expect(404);
}
