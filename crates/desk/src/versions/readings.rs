//! Versions that read images: measured on an archive from outside, and compared.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use bytes::Bytes;
use domain::model::Model;
use domain::reading::Reading;
use domain::{Actor, Permission, Specification};
use ml::evaluation::{Comparison, Disagreement, Side, SourceDifference};
use ml::measure::{MeasureError, ReadText, measure_texts, paired_text_difference};
use vision::archive::{Archive, Entry, Limits};
use vision::picture::{self, Picture};
use vision::training::{Example, ReadingReport};
use vision::{Reader, Readout, text};

use super::{Versions, described};
use crate::datasets::{LeftOut, labelled, refused};
use crate::error::{Error, Result};
use crate::images::{Labelled, bounded};
use crate::kind;

/// Images that two versions read differently and that are listed.
const LISTED: usize = 50;
/// Sources that are compared by themselves.
const MOST_SOURCES: usize = 50;
/// Images read at a time.
const TOGETHER: usize = 256;
/// Seed of the resampling, fixed so that a comparison can be repeated.
const SEED: u64 = 1;

/// What a version did on an archive from outside.
#[derive(Clone, Debug)]
pub struct ArchiveReport {
    /// What was measured.
    pub report: ReadingReport,
    /// What could not be measured.
    pub left_out: LeftOut,
}

impl Versions<'_> {
    /// Measures a version on a zip of images with `labels.csv`. Nothing is stored.
    ///
    /// # Errors
    /// Needs the right to see models; says what is wrong with the archive, or that the model reads no images;
    /// [`Error::Unavailable`] while as many as may be are measured.
    pub async fn evaluate_images(
        &self,
        actor: &Actor,
        model: &str,
        number: i64,
        zip: Bytes,
        mut report: impl FnMut(usize, usize) + Send + 'static,
    ) -> Result<ArchiveReport> {
        actor.check(Permission::ReadModels)?;
        let place = self.place()?;
        let model = self.desk.model(actor.tenant, model).await?;
        kind::takes_images(&model)?;
        let reader = self.desk.load_reader(&model, number).await?;
        let reading = reading_of(self.desk.version(actor.tenant, &model, number).await?.1)?;
        let work = move || {
            let _place = place;
            let archive = Archive::open(&zip, &Limits::default()).map_err(|error| refused(&error))?;
            let (total, mut entries) = (archive.rows(), Vec::with_capacity(archive.rows()));
            let mut left_out = LeftOut { unlabeled: archive.unlabeled(), ..LeftOut::default() };
            for batch in archive {
                let (labelled, problems) = labelled(batch);
                left_out.add(problems);
                let small = |entry: Entry| Entry { picture: bounded(entry.picture), ..entry };
                entries.extend(labelled.into_iter().map(small));
                report(entries.len() + left_out.rows, total);
            }
            let examples: Vec<Example<'_>> = entries.iter().map(example_of).collect();
            let report = vision::training::evaluate(&reader, &reading, &examples);
            let report = report.ok_or_else(|| Error::field("file", "no image of the archive could be read"))?;
            Ok(ArchiveReport { report, left_out })
        };
        tokio::task::spawn_blocking(work).await.map_err(Error::internal)?
    }

    /// What a version reads from each image, in their order, or why an image could not be read. Nothing is logged.
    ///
    /// # Errors
    /// Needs the right to predict; says that the model reads no images.
    pub async fn read(
        &self,
        actor: &Actor,
        model: &str,
        number: i64,
        images: Vec<Bytes>,
    ) -> Result<Vec<Result<Readout, String>>> {
        actor.check(Permission::Predict)?;
        let model = self.desk.model(actor.tenant, model).await?;
        let reader = self.desk.load_reader(&model, number).await?;
        let work = move || {
            let decode = |image: &Bytes| Picture::decode(image, &picture::Limits::default());
            let pictures: Vec<_> =
                images.iter().map(|image| decode(image).map_err(|error| error.to_string())).collect();
            let mut read = read_all(&reader, &pictures.iter().flatten().collect::<Vec<_>>()).into_iter();
            let said = |picture: Result<Picture, String>| match picture {
                Ok(_) => read.next().ok_or_else(|| String::from("nothing was read")),
                Err(reason) => Err(reason),
            };
            pictures.into_iter().map(said).collect()
        };
        tokio::task::spawn_blocking(work).await.map_err(Error::internal)
    }

    /// Two versions on those images of the later one's data set that neither learnt from.
    pub(super) async fn compare_readers(
        &self,
        model: &Model,
        (a, b): (i64, i64),
        later: Specification,
        table: &ml::table::Table,
        rows: Vec<usize>,
    ) -> Result<Comparison> {
        let reading = reading_of(later)?;
        let images = self.desk.images(model.tenant, &reading, table, rows, |_, _| Ok(())).await?.usable;
        if images.is_empty() {
            return Err(Error::Conflict(String::from("none of the images held back by both is there any more")));
        }
        let (first, second) = (self.desk.load_reader(model, a).await?, self.desk.load_reader(model, b).await?);
        let work = move || {
            let pictures: Vec<&Picture> = images.iter().map(|image| &image.picture).collect();
            let said = (read_all(&first, &pictures), read_all(&second, &pictures));
            compare(&reading, &images, (&first, &said.0), (&second, &said.1))
        };
        tokio::task::spawn_blocking(work).await.map_err(Error::internal)?
    }
}

fn example_of(entry: &Entry) -> Example<'_> {
    Example { picture: &entry.picture, text: &entry.text, source: &entry.source }
}

/// The rules that a version of a reading model was trained by.
fn reading_of(specification: Specification) -> Result<Reading> {
    specification.reading.ok_or_else(|| Error::internal("a reading model without rules of reading"))
}

/// What a reader says to each picture.
pub(crate) fn read_all(reader: &Reader, pictures: &[&Picture]) -> Vec<Readout> {
    pictures.chunks(TOGETHER).flat_map(|part| reader.read(part)).collect()
}

fn compare(
    reading: &Reading,
    images: &[Labelled],
    a: (&Reader, &[Readout]),
    b: (&Reader, &[Readout]),
) -> Result<Comparison> {
    let measured = |said: &[Readout]| {
        let pairs = images.iter().zip(said);
        pairs.map(|(image, said)| read_text(reading, &image.text, said)).collect::<Vec<_>>()
    };
    let (first, second) = (measured(a.1), measured(b.1));
    let side = |reader: &Reader, read: &[ReadText]| {
        let metrics = measure_texts(read).map_err(Error::internal)?;
        Ok::<_, Error>(Side {
            estimator: described(reader.reading()).to_owned(),
            threshold: None,
            metrics,
            confusion: None,
        })
    };
    let (disagreeing, disagreements) = disagreements(images, a.1, b.1);
    Ok(Comparison {
        n: images.len() as u64,
        a: side(a.0, &first)?,
        b: side(b.0, &second)?,
        differences: paired_text_difference(&first, &second, SEED).map_err(Error::internal)?,
        by_source: by_source(images, &first, &second)?,
        disagreeing,
        disagreements,
    })
}

/// How far a reading is from the truth.
pub(crate) fn read_text(reading: &Reading, truth: &str, said: &Readout) -> ReadText {
    ReadText {
        edits: text::edit_distance(truth, &said.text) as u32,
        length: truth.chars().count() as u32,
        within_tolerance: reading.number.as_ref().map(|_| reading.within_tolerance(truth, &said.text)),
        confidence: said.confidence as f32,
    }
}

/// What the two read of each source, those with the most images first.
fn by_source(images: &[Labelled], first: &[ReadText], second: &[ReadText]) -> Result<Vec<SourceDifference>> {
    let mut sources: BTreeMap<&str, (Vec<ReadText>, Vec<ReadText>)> = BTreeMap::new();
    for (image, (a, b)) in images.iter().zip(first.iter().zip(second)) {
        let both = sources.entry(&image.source).or_default();
        both.0.push(*a);
        both.1.push(*b);
    }
    let mut sources: Vec<_> = sources.into_iter().collect();
    sources.sort_by_key(|(source, both)| (Reverse(both.0.len()), *source));
    let compared = |(source, (a, b)): (&str, (Vec<ReadText>, Vec<ReadText>))| {
        Ok(SourceDifference {
            source: source.to_owned(),
            a: measure_texts(&a)?,
            b: measure_texts(&b)?,
            differences: paired_text_difference(&a, &b, SEED)?,
        })
    };
    let compared: Result<_, MeasureError> = sources.into_iter().take(MOST_SOURCES).map(compared).collect();
    compared.map_err(Error::internal)
}

/// The images that the two read differently; the surest are listed.
fn disagreements(images: &[Labelled], a: &[Readout], b: &[Readout]) -> (u64, Vec<Disagreement>) {
    let mut apart: Vec<usize> = (0..images.len()).filter(|&at| a[at].text != b[at].text).collect();
    let sureness = |at: usize| a[at].confidence.min(b[at].confidence);
    apart.sort_by(|&x, &y| sureness(y).total_cmp(&sureness(x)).then(x.cmp(&y)));
    let listed = apart.iter().take(LISTED).map(|&at| {
        let (image, source) = (images[at].image.clone(), images[at].source.clone());
        Disagreement {
            row: images[at].row,
            actual: images[at].text.clone(),
            a: a[at].text.clone(),
            a_score: a[at].confidence,
            b: b[at].text.clone(),
            b_score: b[at].confidence,
            inputs: [(String::from("image"), image.into()), (String::from("source"), source.into())]
                .into_iter()
                .collect(),
        }
    });
    (apart.len() as u64, listed.collect())
}
