//! Readings: over HTTP one image at a time, durably logged, and by a reader alone on many pictures; beside the aims.
//!
//! `cargo bench -p server --bench readings`. The images are drawn dials of tenths, 20 × 32 pixels.

mod harness;

use std::fs;
use std::ops::ControlFlow;
use std::path::Path;
use std::thread;
use std::time::Instant;

use base64::prelude::{BASE64_STANDARD, Engine};
use domain::reading::{Number, Reading};
use harness::{Client, Result, Server, VERDICT, in_folder, make_key, quantile, run};
use serde_json::{Value, json};
use simulate::meters::{Kind, Meters};
use vision::archive::Writer;
use vision::picture::Picture;
use vision::training::{Example, NoCheckpoints, Request, train};

const LEARNT: usize = 1_000;
const EPOCHS: usize = 20;
/// Images sent one by one at each number of clients.
const SINGLES: usize = 2_000;
const CLIENTS: [usize; 3] = [1, 4, 16];
/// Pictures that a reader is given at once.
const TOGETHER: usize = 4_096;

fn main() -> Result<()> {
    in_folder("readings", bench)
}

struct Drawn {
    picture: Picture,
    text: String,
    source: String,
}

impl Drawn {
    fn example(&self) -> Example<'_> {
        Example { picture: &self.picture, text: &self.text, source: &self.source }
    }
}

fn drawn(count: usize) -> Vec<Drawn> {
    let picture = |drawn: &simulate::Drawn| Picture::new(drawn.width, drawn.height, drawn.rgb.clone());
    let pictures = Meters::new(1, Kind::Wheel).take(count);
    pictures.filter_map(|one| Some(Drawn { picture: picture(&one)?, text: one.text, source: one.source })).collect()
}

fn reading() -> Reading {
    let number = Number { decimals: 1, tolerance: 0.1, wrap: Some(10.0), increasing: false };
    Reading { number: Some(number), ..Reading::new("0123456789.", 3, 3) }
}

fn bench(folder: &Path) -> Result<()> {
    let images = drawn(LEARNT + CLIENTS.len() * SINGLES);
    let (learnt, sent) = images.split_at(LEARNT);
    alone(learnt)?;
    learn(folder, learnt)?;
    let key = make_key(folder, "predict")?;
    let server = Server::start(folder, VERDICT, &["serve"])?;
    for (clients, images) in CLIENTS.into_iter().zip(sent.chunks(SINGLES)) {
        send(&server, &key, images, clients)?;
    }
    println!("resident: {:.0} MB", server.resident_megabytes()?);
    Ok(())
}

/// How fast a reader learns and reads by itself.
fn alone(images: &[Drawn]) -> Result<()> {
    let examples: Vec<Example<'_>> = images.iter().map(Drawn::example).collect();
    let parameters = json!({ "epochs": EPOCHS }).as_object().cloned().unwrap_or_default();
    let rules = reading();
    let request =
        Request { reading: &rules, examples: &examples, held_back: &[], from: None, seed: 1, parameters: &parameters };
    let began = Instant::now();
    let reader = train(&request, &mut NoCheckpoints, &mut |_, _| ControlFlow::Continue(()))?.reader;
    let rate = (EPOCHS * images.len()) as f64 / began.elapsed().as_secs_f64();
    println!("learning, distortions included: {rate:.0} pictures/s; 14,000 in {:.1} s (aim: 10 s)", 14e3 / rate);
    let pictures: Vec<&Picture> = images.iter().cycle().take(TOGETHER).map(|image| &image.picture).collect();
    let began = Instant::now();
    let read = reader.read(&pictures).len();
    println!("reading, {TOGETHER} at once: {:.0}/s (aim: 1,000/s)", read as f64 / began.elapsed().as_secs_f64());
    Ok(())
}

/// A reader of these images, promoted.
fn learn(folder: &Path, images: &[Drawn]) -> Result<()> {
    let (zip, recipe) = (folder.join("meters.zip"), folder.join("meters.json"));
    let mut archive = Writer::default();
    for (at, image) in images.iter().enumerate() {
        archive.add(&format!("{at}.png"), &image.text, &image.source, &image.picture.encode())?;
    }
    fs::write(&zip, archive.finish()?)?;
    let specification = json!({ "task": "text_recognition", "target": "text", "reading": reading(),
        "estimator": { "kind": "auto", "parameters": { "epochs": EPOCHS } } });
    fs::write(&recipe, specification.to_string())?;
    let (zip, recipe) = (zip.to_string_lossy(), recipe.to_string_lossy());
    run(folder, &["models", "create", "meters", "--task", "ocr", "--zip", &zip, "--spec", &recipe])?;
    run(folder, &["train", "meters"])?;
    run(folder, &["promote", "meters", "1", "--reason", "bench"])?;
    Ok(())
}

/// Each client sends its share of the images, the next as soon as the last is answered.
fn send(server: &Server, key: &str, images: &[Drawn], clients: usize) -> Result<()> {
    let began = Instant::now();
    let sent: Vec<Result<Vec<f64>>> = thread::scope(|scope| {
        let parts = images.chunks(images.len().div_ceil(clients));
        let threads: Vec<_> = parts.map(|part| scope.spawn(|| send_each(server.port, key, part))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap_or_else(|_| Err("a client panicked".into()))).collect()
    });
    let rate = images.len() as f64 / began.elapsed().as_secs_f64();
    let millis: Vec<f64> = sent.into_iter().collect::<Result<Vec<_>>>()?.concat();
    let [p50, p95, p99] = [0.5, 0.95, 0.99].map(|share| quantile(millis.clone(), share));
    println!(
        "one image, {clients:>2} clients: p50 {p50:.2} ms, p95 {p95:.2} ms (aim: 10 ms), p99 {p99:.2} ms, {rate:.0}/s"
    );
    Ok(())
}

fn send_each(port: u16, key: &str, images: &[Drawn]) -> Result<Vec<f64>> {
    let mut client = Client::connect(port, key)?;
    let send = |image: &Drawn| {
        let body = json!({ "image": BASE64_STANDARD.encode(image.picture.encode()), "source": image.source });
        let began = Instant::now();
        let answer: Value = serde_json::from_str(&client.post("/api/v1/models/meters/readings", &body.to_string())?)?;
        let took = began.elapsed().as_secs_f64() * 1e3;
        if answer["text"].is_string() { Ok(took) } else { Err(format!("no reading: {answer}").into()) }
    };
    images.iter().map(send).collect()
}
