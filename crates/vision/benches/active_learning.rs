//! What choosing pays: from 500 labels on, 50 a week chosen by doubt and diversity beside 50 drawn at random, for ten
//! weeks. Prints a table a seed and their means: the share of exact readings on images that are never learnt from.
//!
//! `cargo bench -p vision --bench active_learning -- meters.zip`, a zip of images of a dial of tenths with `labels.csv`.

#![allow(clippy::unwrap_used)] // a benchmark that fails should stop

use std::collections::HashSet;
use std::fs;
use std::ops::ControlFlow;

use domain::PredictionId;
use domain::labeling::selection::{Candidate, select};
use domain::reading::{Number, Reading};
use serde_json::json;
use vision::Reader;
use vision::archive::{Archive, Entry, Limits};
use vision::picture::Picture;
use vision::training::{Example, NoCheckpoints, ReadingReport, Request, evaluate, train};

const SEEDS: [u64; 3] = [1, 2, 3];
const BEGIN: usize = 500;
const WEEKLY: usize = 50;
const WEEKS: usize = 10;
/// One image in so many is only judged by.
const JUDGED: usize = 5;
/// For each reading to be chosen so many are looked at, as the desk does.
const LOOKED_AT: usize = 10;

fn main() {
    let Some(path) = std::env::args().skip(1).find(|argument| !argument.starts_with('-')) else {
        println!("say which zip: cargo bench -p vision --bench active_learning -- FILE.zip");
        return;
    };
    let study = Study::read(&fs::read(path).unwrap());
    println!("{} images to choose from, {} to judge by", study.pool.len(), study.judged.len());
    let mut sums = [[0.0; 2]; WEEKS + 1];
    for seed in SEEDS {
        println!("\nseed {seed}\nlabels  chosen  at random");
        let mut ways = [Way::new(&study, seed, true), Way::new(&study, seed, false)];
        for (week, sums) in sums.iter_mut().enumerate() {
            let exact = ways.each_mut().map(|way| way.week().exact);
            println!("{:6}  {:6.3}  {:9.3}", BEGIN + week * WEEKLY, exact[0], exact[1]);
            sums.iter_mut().zip(exact).for_each(|(sum, exact)| *sum += exact / SEEDS.len() as f64);
        }
    }
    println!("\nmeans\nlabels  chosen  at random");
    for (week, [chosen, random]) in sums.iter().enumerate() {
        println!("{:6}  {chosen:6.3}  {random:9.3}", BEGIN + week * WEEKLY);
    }
}

struct Study {
    reading: Reading,
    pool: Vec<Entry>,
    judged: Vec<Entry>,
}

impl Study {
    fn read(zip: &[u8]) -> Self {
        let batches = Archive::open(zip, &Limits::default()).unwrap();
        let entries: Vec<Entry> = batches.flat_map(|batch| batch.entries).collect();
        // Cameras are fixed and their frames repeat, so neighbours stay together: blocks of a hundred.
        let (mut pool, mut judged) = (Vec::new(), Vec::new());
        for (at, entry) in entries.into_iter().enumerate() {
            if (at / 100).is_multiple_of(JUDGED) { judged.push(entry) } else { pool.push(entry) }
        }
        let number = Number { decimals: 1, tolerance: 0.1, wrap: Some(10.0), increasing: false };
        let reading = Reading { number: Some(number), ..Reading::new("0123456789.", 3, 3) };
        Self { reading, pool, judged }
    }
}

fn example(entry: &Entry) -> Example<'_> {
    Example { picture: &entry.picture, text: &entry.text, source: &entry.source }
}

/// One way to come by labels.
struct Way<'a> {
    study: &'a Study,
    seed: u64,
    chooses: bool,
    labelled: Vec<usize>,
    /// The rest of the pool in an order of chance; labels at random come from its end.
    rest: Vec<usize>,
    reader: Option<Reader>,
}

impl<'a> Way<'a> {
    fn new(study: &'a Study, seed: u64, chooses: bool) -> Self {
        let mut rest: Vec<usize> = (0..study.pool.len()).collect();
        rest.sort_by_cached_key(|at| domain::manifest::sha256(format!("{seed} {at}").as_bytes()));
        let labelled = rest.split_off(rest.len() - BEGIN);
        Self { study, seed, chooses, labelled, rest, reader: None }
    }

    /// Labels what this week brings, learns from everything anew, and is judged.
    fn week(&mut self) -> ReadingReport {
        if let Some(reader) = self.reader.take() {
            let more = if self.chooses { self.chosen(&reader) } else { self.rest[self.rest.len() - WEEKLY..].to_vec() };
            let taken: HashSet<usize> = more.iter().copied().collect();
            self.rest.retain(|at| !taken.contains(at));
            self.labelled.extend(more);
        }
        let examples: Vec<Example<'_>> = self.labelled.iter().map(|at| example(&self.study.pool[*at])).collect();
        // Small and short, because it is done 66 times.
        let parameters = json!({ "width": 0.5, "epochs": 40 });
        let request = Request {
            reading: &self.study.reading,
            examples: &examples,
            held_back: &[],
            from: None,
            seed: self.seed,
            parameters: parameters.as_object().unwrap(),
        };
        let trained = train(&request, &mut NoCheckpoints, &mut |_, _| ControlFlow::Continue(())).unwrap();
        let judged: Vec<Example<'_>> = self.study.judged.iter().map(example).collect();
        let report = evaluate(&trained.reader, &self.study.reading, &judged).unwrap();
        self.reader = Some(trained.reader);
        report
    }

    fn chosen(&self, reader: &Reader) -> Vec<usize> {
        let pictures: Vec<&Picture> = self.rest.iter().map(|at| &self.study.pool[*at].picture).collect();
        let readouts = reader.read(&pictures);
        let mut places: Vec<usize> = (0..self.rest.len()).collect();
        places.sort_by(|a, b| readouts[*a].confidence.total_cmp(&readouts[*b].confidence));
        places.truncate(LOOKED_AT * WEEKLY);
        let doubtful: Vec<&Picture> = places.iter().map(|place| pictures[*place]).collect();
        let embeddings = reader.embedding(&doubtful);
        // Nothing is chosen by it.
        let nobody: PredictionId = "00000000-0000-7000-8000-000000000000".parse().unwrap();
        let candidate = |(place, embedding): (&usize, Vec<f32>)| Candidate {
            prediction: nobody,
            image: place.to_string(),
            source: self.study.pool[self.rest[*place]].source.clone(),
            text: readouts[*place].text.clone(),
            confidence: Some(readouts[*place].confidence),
            embedding,
        };
        let candidates: Vec<Candidate> = places.iter().zip(embeddings).map(candidate).collect();
        select(&candidates, WEEKLY).chosen.into_iter().map(|at| self.rest[places[at]]).collect()
    }
}
