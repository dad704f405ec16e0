//! A run that learns to read images.

use std::ops::ControlFlow;
use std::sync::{Arc, Mutex};

use domain::model::VersionSummary;
use domain::reading::Reading;
use domain::{FieldError, Specification};
use ml::features::Target;
use ml::measure::ReadText;
use ml::table::Table;
use serde_json::{Map, Value};
use vision::training::{Example, NoCheckpoints, ReadingReport, Request, TrainError, WorstExample};
use vision::{Reader, Readout};

use super::checkpoints::RunCheckpoints;
use super::progress::{Shared, lock, tell};
use super::work::{EVALUATION, Learnt, Stopped, Work, known};
use crate::error::{Error, Result};
use crate::images::{Images, Labelled};
use crate::panics::mistake;
use crate::versions::{
    DOUBTFUL, Misread, ReadingEvaluation, described, doubtful, figures, read_all, read_text, sureness,
};

/// Share of the run's progress that loading takes.
const LOADED: f32 = 0.05;
/// Share of the run's progress by which the model is there; the rest is for cross-fitting.
const TRAINED: f32 = 0.55;

/// How a run learns, as the specification's `estimator.parameters` say beside what the learner itself understands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Manner {
    /// Go on from the champion instead of from nothing.
    from_champion: bool,
    /// Judge every label by a model that did not learn from it, at the price of a second training.
    cross_fit: bool,
}

impl Manner {
    /// Takes its own parameters out of the learner's.
    fn take(parameters: &mut Map<String, Value>) -> Result<Self> {
        let mut flag = |name: &str| match parameters.remove(name) {
            None => Ok(false),
            Some(Value::Bool(said)) => Ok(said),
            Some(_) => {
                Err(Error::from(FieldError::new(format!("estimator.parameters.{name}"), "true or false is needed")))
            }
        };
        Ok(Self { from_champion: flag("from_champion")?, cross_fit: flag("cross_fit")? })
    }
}

/// Everything that the training thread needs.
struct Lesson {
    reading: Reading,
    parameters: Map<String, Value>,
    manner: Manner,
    images: Vec<Labelled>,
    /// Positions in `images`, ascending.
    held_back: Vec<usize>,
    notes: Vec<String>,
    split: String,
    champion: Option<(i64, Arc<Reader>)>,
    seed: u64,
}

impl Work<'_> {
    /// Loads the images, and learns on the workshop's threads.
    pub(super) async fn learn_to_read(
        &self,
        shared: &Arc<Mutex<Shared>>,
        specification: Specification,
        table: &Table,
    ) -> Result<Learnt, Stopped> {
        let lesson = self.lesson(shared, specification, table).await?;
        let (said, mut checkpoints) = (Arc::clone(shared), self.checkpoints().await);
        if checkpoints.is_there() {
            // Whoever wants the run to stop is heard at the next step.
            let _ = tell(shared, LOADED, "going on from the checkpoint that another process left");
        }
        let work = move || lesson.teach(&said, &mut checkpoints);
        match self.desk.inner.workshop.carry_out(work).await {
            Some(learnt) => learnt,
            None => Err(Stopped::Failed(mistake())),
        }
    }

    async fn lesson(
        &self,
        shared: &Mutex<Shared>,
        specification: Specification,
        table: &Table,
    ) -> Result<Lesson, Stopped> {
        let mut parameters = specification.estimator.parameters.clone();
        let manner = Manner::take(&mut parameters)?;
        let reading = specification.reading.clone().ok_or_else(|| Error::internal("no rules of reading"))?;
        let target = Target::Values(vec![0.0; table.rows]);
        let division = ml::training::divide(&specification, table, &target);
        let division = division.map_err(|error| Error::Conflict(error.to_string()))?;
        let loading = |done: usize, total: usize| match tell(
            shared,
            LOADED * done as f32 / total.max(1) as f32,
            &format!("loading {done} of {total} images"),
        ) {
            ControlFlow::Continue(()) => Ok(()),
            ControlFlow::Break(()) => Err(Error::Conflict(String::from("stopped"))),
        };
        let loaded = self.desk.images(self.run.tenant, &reading, table, 0..table.rows, loading).await;
        if lock(shared).stop {
            return Err(Stopped::Cancelled);
        }
        let Images { usable: images, mut notes } = loaded?;
        let is_held_back = |at: &usize| division.held_back.binary_search(&images[*at].row).is_ok();
        let held_back: Vec<usize> = (0..images.len()).filter(is_held_back).collect();
        if held_back.is_empty() || held_back.len() == images.len() {
            return Err(Error::Conflict(String::from("too few usable images to learn from and to judge by")).into());
        }
        let champion = if manner.from_champion { self.champion(&specification, &mut notes).await? } else { None };
        let (split, seed) = (division.words, self.run.seed as u64);
        Ok(Lesson { reading, parameters, manner, images, held_back, notes, split, champion, seed })
    }

    /// The version to go on from. One that divided its images otherwise has learnt from what is held back now.
    async fn champion(
        &self,
        specification: &Specification,
        notes: &mut Vec<String>,
    ) -> Result<Option<(i64, Arc<Reader>)>, Stopped> {
        let (desk, run) = (self.desk, self.run);
        let newest = desk.store().newest_deployment(run.tenant, run.model).await?;
        let Some(number) = newest.and_then(|deployment| deployment.version) else {
            notes.push(String::from("no version serves, so the training began from scratch"));
            return Ok(None);
        };
        let model = desk.model_by_id(run.tenant, run.model).await?;
        let theirs = desk.version(run.tenant, &model, number).await?.1;
        if (&theirs.split, theirs.holdout) != (&specification.split, specification.holdout) {
            notes.push(format!(
                "version {number} held back other images and knows some of those held back now, so the training began \
                 from scratch"
            ));
            return Ok(None);
        }
        Ok(Some((number, desk.load_reader(&model, number).await?)))
    }
}

impl Lesson {
    fn teach(self, said: &Mutex<Shared>, checkpoints: &mut RunCheckpoints) -> Result<Learnt, Stopped> {
        let examples: Vec<Example<'_>> = self.images.iter().map(Labelled::example).collect();
        let request = Request {
            reading: &self.reading,
            examples: &examples,
            held_back: &self.held_back,
            from: self.champion.as_ref().map(|(_, reader)| reader.as_ref()),
            seed: self.seed,
            parameters: &self.parameters,
        };
        let trained_at = if self.manner.cross_fit { TRAINED } else { 1.0 };
        let mut report = |share: f32, line: &str| tell(said, LOADED + share * (trained_at - LOADED), line);
        let trained = vision::training::train(&request, checkpoints, &mut report).map_err(stopped)?;
        let mut judged = self.read(&trained.reader, &self.held_back);
        let read: Vec<ReadText> =
            judged.iter().map(|(image, said)| read_text(&self.reading, &image.text, said)).collect();
        if self.manner.cross_fit {
            judged.extend(self.cross_fit(said)?);
        }
        let found = doubtful(&self.reading, &judged, self.manner.cross_fit);
        let mut files = trained.reader.to_files().map_err(Error::internal)?;
        let story = trained.evaluation;
        let report =
            story.report.ok_or_else(|| Error::internal("nothing was measured although images are held back"))?;
        let summary = self.summary(&trained.reader, &report);
        let evaluation = self.evaluation(report, &read, story.losses)?;
        files.insert(String::from(EVALUATION), serde_json::to_vec(&evaluation).map_err(Error::internal)?);
        files.insert(String::from(DOUBTFUL), serde_json::to_vec(&found).map_err(Error::internal)?);
        Ok(Learnt { files, summary })
    }

    /// Reads the images at these positions.
    fn read(&self, reader: &Reader, positions: &[usize]) -> Vec<(&Labelled, Readout)> {
        let images = || positions.iter().map(|&at| &self.images[at]);
        let pictures: Vec<_> = images().map(|image| &image.picture).collect();
        images().zip(read_all(reader, &pictures)).collect()
    }

    /// Reads each half of the images learnt from by a model that learnt from the other half.
    fn cross_fit(&self, said: &Mutex<Shared>) -> Result<Vec<(&Labelled, Readout)>, Stopped> {
        let learnt: Vec<usize> =
            (0..self.images.len()).filter(|at| self.held_back.binary_search(at).is_err()).collect();
        let examples: Vec<Example<'_>> = learnt.iter().map(|&at| self.images[at].example()).collect();
        let mut judged = Vec::with_capacity(learnt.len());
        for half in 0..2 {
            let (begin, span) = (TRAINED + half as f32 * (1.0 - TRAINED) / 2.0, (1.0 - TRAINED) / 2.0);
            let line = |line: &str| format!("judging the labels by halves, {} of 2: {line}", half + 1);
            let mut report = |share: f32, at: &str| tell(said, begin + share * span, &line(at));
            let held_back: Vec<usize> = (0..learnt.len()).filter(|at| at % 2 == half).collect();
            let request = Request {
                reading: &self.reading,
                examples: &examples,
                held_back: &held_back,
                from: None,
                seed: self.seed,
                parameters: &self.parameters,
            };
            let trained = vision::training::train(&request, &mut NoCheckpoints, &mut report);
            let positions: Vec<usize> = held_back.iter().map(|&at| learnt[at]).collect();
            judged.extend(self.read(&trained.map_err(stopped)?.reader, &positions));
        }
        Ok(judged)
    }

    fn summary(&self, reader: &Reader, report: &ReadingReport) -> VersionSummary {
        VersionSummary {
            estimator: described(reader.reading()).to_owned(),
            metrics: known(&figures(report)),
            held_back: self.held_back.len() as u64,
            trained_on: (self.images.len() - self.held_back.len()) as u64,
            threshold: None,
            training_seconds: 0.0,
        }
    }

    fn evaluation(
        &self,
        report: ReadingReport,
        read: &[ReadText],
        losses: Vec<f64>,
    ) -> Result<ReadingEvaluation, Stopped> {
        let (intervals, calibration) = sureness(read, self.seed).map_err(Error::internal)?;
        let confidences: Vec<f64> = read.iter().map(|text| f64::from(text.confidence)).collect();
        let misread = |worst: &WorstExample| {
            let image = &self.images[worst.index];
            Misread {
                image: image.image.clone(),
                source: image.source.clone(),
                truth: image.text.clone(),
                text: worst.text.clone(),
                confidence: worst.confidence,
            }
        };
        Ok(ReadingEvaluation {
            intervals,
            calibration,
            score_bins: ml::evaluation::score_bins(&confidences, None, true),
            misread: report.worst.iter().map(misread).collect(),
            report,
            training_rows: (self.images.len() - self.held_back.len()) as u64,
            held_back_rows: self.held_back.len() as u64,
            split: self.split.clone(),
            tuned_from: self.champion.as_ref().map(|(number, _)| *number),
            losses,
            notes: self.notes.clone(),
        })
    }
}

fn stopped(error: TrainError) -> Stopped {
    match error {
        TrainError::Cancelled(_) => Stopped::Cancelled,
        other => Stopped::Failed(Error::Conflict(other.to_string())),
    }
}
