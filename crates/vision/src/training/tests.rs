//! A whole training on tiny drawn pictures: bars whose height is the value, and rows of three kinds of marks.

use std::ops::ControlFlow;

use domain::reading::{Number, Reading};
use serde_json::{Map, Value, json};

use super::*;
use crate::network::{stream, uniform};

/// A bar as high as its value, of a digit's size.
fn bar(value: usize, seed: u64) -> Picture {
    let rng = &mut stream(seed, value as u64);
    let mut rgb = Vec::new();
    for y in 0..16 {
        for _ in 0..8 {
            let grey = if y < 1 + value * 3 { 200.0 } else { 40.0 } + 20.0 * uniform(rng);
            rgb.extend([grey as u8; 3]);
        }
    }
    Picture::new(8, 16, rgb).unwrap()
}

/// One mark a character: A fills the upper half, B the lower one, C the middle.
fn marks(text: &str, seed: u64) -> Picture {
    let rng = &mut stream(seed, text.len() as u64);
    let (width, height) = (text.len() * 12 + 4, 16);
    let mut rgb = vec![0; width * height * 3];
    for (at, pixel) in rgb.chunks_exact_mut(3).enumerate() {
        let (x, y) = (at % width, at / width);
        let (place, within) = (x / 12, x % 12);
        let rows = match text.as_bytes().get(place) {
            Some(b'A') => 1..8,
            Some(b'B') => 8..15,
            Some(b'C') => 5..11,
            _ => 0..0,
        };
        let lit = (3..11).contains(&within) && rows.contains(&y);
        pixel.fill((if lit { 200.0 } else { 40.0 } + 20.0 * uniform(rng)) as u8);
    }
    Picture::new(width as u32, height as u32, rgb).unwrap()
}

fn dial() -> Reading {
    let number = Number { decimals: 0, tolerance: 1.0, wrap: Some(5.0), increasing: false };
    Reading { number: Some(number), ..Reading::new("01234", 1, 1) }
}

fn bars(count: usize) -> Vec<(Picture, String)> {
    (0..count).map(|at| (bar(at % 5, at as u64), (at % 5).to_string())).collect()
}

fn words(count: usize) -> Vec<(Picture, String)> {
    let texts = ["A", "BA", "CA", "ABB", "CC", "BAC", "AAC", "B", "CB", "ACC"];
    (0..count).map(|at| (marks(texts[at % 10], at as u64), texts[at % 10].to_owned())).collect()
}

fn examples(pictures: &[(Picture, String)]) -> Vec<Example<'_>> {
    let source = |at: usize| if at.is_multiple_of(3) { "cellar" } else { "roof" };
    pictures.iter().enumerate().map(|(at, (picture, text))| Example { picture, text, source: source(at) }).collect()
}

fn parameters(value: Value) -> Map<String, Value> {
    value.as_object().unwrap().clone()
}

fn go_on(_: f32, _: &str) -> ControlFlow<()> {
    ControlFlow::Continue(())
}

#[test]
fn a_dial_is_learnt_and_measured() {
    let (reading, pictures) = (dial(), bars(100));
    let examples = examples(&pictures);
    let held_back: Vec<usize> = (70..100).collect();
    let parameters = parameters(json!({"epochs": 8, "width": 0.25, "distortion": 0.3, "batch": 8}));
    let request = Request {
        reading: &reading,
        examples: &examples,
        held_back: &held_back,
        from: None,
        seed: 1,
        parameters: &parameters,
    };
    let trained = train(&request, &mut NoCheckpoints, &mut go_on).unwrap();
    let report = trained.evaluation.report.unwrap();
    assert_eq!((report.n, trained.evaluation.losses.len()), (30, 8));
    assert!(report.exact > 0.9 && report.within_tolerance.unwrap() >= report.exact, "{report:?}");
    assert!(report.exact_low < report.exact && report.baseline.exact == 0.2);
    assert_eq!(report.by_source.iter().map(|source| source.n).sum::<usize>(), 30);
    let again = evaluate(&trained.reader, &reading, &examples[70..]).unwrap();
    assert_eq!((again.exact, again.cer), (report.exact, report.cer));
    let files = trained.reader.to_files().unwrap();
    assert_eq!(Reader::from_files(&files).unwrap(), trained.reader);
    let same = train(&request, &mut NoCheckpoints, &mut go_on).unwrap();
    assert_eq!(same.reader.to_files().unwrap(), files, "a seed gives the same bytes");
    let like = trained.reader.embedding(&[&pictures[0].0, &pictures[5].0, &pictures[3].0]);
    let distance = |a: usize, b: usize| like[a].iter().zip(&like[b]).map(|(a, b)| (a - b).powi(2)).sum::<f32>();
    assert!(distance(0, 1) < distance(0, 2), "pictures of one value lie closer");
}

#[test]
fn sequences_are_learnt_and_gone_on_from() {
    let (reading, pictures) = (Reading::new("ABC", 1, 3), words(80));
    let examples = examples(&pictures);
    let parameters =
        parameters(json!({"epochs": 20, "width": 0.25, "distortion": 0.2, "batch": 16, "learning_rate": 0.004}));
    let held_back: Vec<usize> = (70..80).collect();
    let request = Request {
        reading: &reading,
        examples: &examples,
        held_back: &held_back,
        from: None,
        seed: 1,
        parameters: &parameters,
    };
    let trained = train(&request, &mut NoCheckpoints, &mut go_on).unwrap();
    let report = trained.evaluation.report.unwrap();
    assert!(report.exact > 0.8 && report.cer < 0.1, "{report:?}");
    let readout = &trained.reader.read(&[&pictures[3].0])[0];
    assert_eq!(readout.characters.iter().map(|c| c.character).collect::<String>(), readout.text);
    assert!(readout.characters.iter().all(|c| (0.0..=1.0).contains(&c.confidence)));

    let fewer = Reading::new("CA", 1, 3);
    let some: Vec<Example<'_>> = examples.iter().filter(|e| !e.text.contains('B')).copied().collect();
    let short =
        serde_json::Map::from_iter([(String::from("epochs"), json!(1)), (String::from("learning_rate"), json!(1e-6))]);
    let request = Request {
        reading: &fewer,
        examples: &some,
        held_back: &[0],
        from: Some(&trained.reader),
        seed: 2,
        parameters: &short,
    };
    let tuned = train(&request, &mut NoCheckpoints, &mut go_on).unwrap();
    let report = evaluate(&tuned.reader, &fewer, &some).unwrap();
    assert!(report.exact > 0.8, "what was known of two characters is still known: {report:?}");
}

/// Keeps the newest bytes and stops after so many epochs.
#[derive(Default)]
struct Memory(Option<Vec<u8>>);

impl Checkpoints for Memory {
    fn load(&mut self) -> Option<Vec<u8>> {
        self.0.clone()
    }

    fn save(&mut self, bytes: Vec<u8>) {
        self.0 = Some(bytes);
    }
}

#[test]
fn a_killed_training_ends_as_one_that_was_not() {
    let (reading, pictures) = (dial(), bars(40));
    let examples = examples(&pictures);
    let parameters = parameters(json!({"epochs": 4, "width": 0.25, "batch": 8}));
    let request = Request {
        reading: &reading,
        examples: &examples,
        held_back: &[],
        from: None,
        seed: 5,
        parameters: &parameters,
    };
    let whole = train(&request, &mut NoCheckpoints, &mut go_on).unwrap();
    let mut memory = Memory::default();
    let mut until_two = |share: f32, _: &str| {
        if share >= 0.5 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    let killed = train(&request, &mut memory, &mut until_two);
    assert!(matches!(killed, Err(TrainError::Cancelled(_))), "{killed:?}");
    let mut seen = Vec::new();
    let mut listen = |share: f32, _: &str| {
        seen.push(share);
        ControlFlow::Continue(())
    };
    let resumed = train(&request, &mut memory, &mut listen).unwrap();
    assert_eq!(resumed.reader, whole.reader);
    assert_eq!(resumed.evaluation, whole.evaluation);
    assert!(seen[0] > 0.5, "what was done is not done again: {seen:?}");
    let other = Request { seed: 6, ..request };
    let fresh = train(&other, &mut memory, &mut go_on).unwrap();
    assert_eq!(fresh.evaluation.losses.len(), 4, "another training's checkpoint is not taken");
}

#[test]
fn what_makes_no_sense_is_named() {
    let (reading, pictures) = (dial(), bars(10));
    let examples = examples(&pictures);
    let failure = |examples: &[Example<'_>], held_back: &[usize], parameters: Value| {
        let parameters = self::parameters(parameters);
        let request = Request { reading: &reading, examples, held_back, from: None, seed: 1, parameters: &parameters };
        train(&request, &mut NoCheckpoints, &mut go_on).unwrap_err().to_string()
    };
    assert!(failure(&examples, &[], json!({"epochs": 0})).starts_with("epochs: "));
    assert!(failure(&examples, &[], json!({"layers": 3})).contains("layers"));
    let mut wrong = examples.clone();
    wrong[4].text = "7";
    assert!(failure(&wrong, &[], json!({})).starts_with("example 4: "));
    let all: Vec<usize> = (0..10).collect();
    assert!(failure(&examples, &all, json!({})).contains("too few"));
}
