//! From examples to a reader.

use ml::progress::{self, Report};

use super::calibration::temperature;
use super::checkpoint::{self, Checkpoints};
use super::division::Division;
use super::lesson::{Goals, Lesson, PLAIN, shares};
use super::report::measure;
use super::start;
use super::{Example, Parameters, ReadingEvaluation, Request, TrainError, Trained};
use crate::network::{Learner, Schedule, shuffle, stream};
use crate::reader::{Alphabet, Reader};

/// Pixels to be shown in all, unless the number of epochs is set: 22 times 14,000 digits, or 45 times 1,400 plates.
const DIAL_SHOWN: usize = 200_000_000;
const SEQUENCE_SHOWN: usize = 270_000_000;
const EPOCHS: std::ops::RangeInclusive<usize> = 12..=400;
/// Pictures of a step where there are many, and where there are fewer than `MANY`.
const BATCH: usize = 64;
const SMALL_BATCH: usize = 32;
const MANY: usize = 5_000;
const RATE: f32 = 0.003;
/// Factor on it when a reader is gone on from.
const GENTLER: f32 = 0.3;
/// Share of the steps in which the learning rate grows.
const WARM: f32 = 0.1;
/// Share of the weights' mean that a hundredth of the training replaces.
const MEMORY: f32 = 0.01;
/// Pictures on which the blocks' normalisation is fixed.
const FIXED_ON: usize = 2048;
const SHUFFLE_STREAMS: u64 = 1 << 32;
/// Examples that the way of learning may be on, so that a stream of random numbers serves each.
const MOST_EXAMPLES: usize = 1 << 24;

/// Trains a reader and measures it on what is held back. It reports after every epoch and several times within one, keeps
/// a checkpoint after every epoch, and gives the same reader for the same request, whatever the number of threads and
/// however often it was interrupted.
///
/// # Errors
/// [`TrainError`]: a setting or an example that makes no sense, too few examples, or cancelled by `report`.
pub fn train(
    request: &Request<'_>,
    checkpoints: &mut dyn Checkpoints,
    report: Report<'_>,
) -> Result<Trained, TrainError> {
    let parameters = Parameters::parse(request.parameters)?;
    let alphabet = Alphabet::of(request.reading);
    let targets = targets(request, &alphabet)?;
    let division = Division::new(request.examples, request.held_back, request.seed)?;
    let fresh = start::view(&alphabet, request.examples, &division.learnt, parameters.colour);
    let from = request.from.filter(|from| from.alphabet.is_like(&alphabet));
    let view = from.map_or(fresh, |from| start::view_of(from, fresh));
    let mut learner = start::learner(&alphabet, &view, &parameters, from, request.seed);
    let lesson = Lesson {
        view,
        sheets: request.examples.iter().map(|example| view.sheet(example.picture)).collect(),
        goals: goals(&alphabet, targets, parameters.smoothing),
        distortion: parameters.distortion,
        seed: request.seed,
    };
    let course = Course { request, from, parameters: &parameters, lesson: &lesson, learnt: &division.learnt };
    let losses = course.run(&mut learner, checkpoints, &mut *report)?;
    let network = learner.finish(&course.fixed_on(), &lesson);
    let mut reader = Reader { reading: request.reading.clone(), alphabet, view, network, temperature: 1.0 };
    reader.temperature = temperature(&reader, request.examples, &division.calibrated);
    progress::report(&mut *report, 1.0, "measuring")?;
    let evaluation = ReadingEvaluation {
        report: measure(&reader, request.reading, request.examples, &division.held_back),
        losses,
        learnt: division.learnt.len(),
        calibrated: division.calibrated.len(),
    };
    Ok(Trained { reader, evaluation })
}

fn targets(request: &Request<'_>, alphabet: &Alphabet) -> Result<Vec<Vec<usize>>, TrainError> {
    if request.examples.len() > MOST_EXAMPLES {
        let reason = format!("at most {MOST_EXAMPLES} are possible");
        return Err(TrainError::Invalid { field: String::from("examples"), reason });
    }
    let target = |(index, example): (usize, &Example<'_>)| {
        let problem = request.reading.problem(example.text);
        if let Some(reason) = problem {
            return Err(TrainError::Example { index, reason });
        }
        let reason = || format!("`{}` is none of the values that can be read", example.text);
        alphabet.target(example.text).ok_or_else(|| TrainError::Example { index, reason: reason() })
    };
    request.examples.iter().enumerate().map(target).collect()
}

fn goals(alphabet: &Alphabet, targets: Vec<Vec<usize>>, smoothing: f32) -> Goals {
    match alphabet {
        Alphabet::Dial(_) => {
            let values = targets.iter().filter_map(|target| target.first().copied()).collect();
            Goals::Dial { values, shares: shares(smoothing) }
        }
        Alphabet::Sequence(_) => Goals::Sequence { texts: targets, outputs: alphabet.outputs() },
    }
}

struct Course<'a> {
    request: &'a Request<'a>,
    from: Option<&'a Reader>,
    parameters: &'a Parameters,
    lesson: &'a Lesson,
    learnt: &'a [usize],
}

impl Course<'_> {
    fn run(
        &self,
        learner: &mut Learner,
        checkpoints: &mut dyn Checkpoints,
        report: Report<'_>,
    ) -> Result<Vec<f64>, TrainError> {
        let fingerprint = self.fingerprint();
        let kept = checkpoints.load();
        let mut losses = kept.and_then(|bytes| checkpoint::read(learner, &fingerprint, &bytes)).unwrap_or_default();
        while losses.len() < self.epochs() {
            let loss = self.epoch(learner, losses.len(), &mut *report)?;
            if !loss.is_finite() {
                return Err(TrainError::Diverged);
            }
            losses.push(loss);
            // Only numbers that are not finite cannot be written.
            checkpoints.save(checkpoint::write(learner, &fingerprint, &losses).map_err(|_| TrainError::Diverged)?);
            let line = format!("epoch {} of {}: loss {loss:.4}", losses.len(), self.epochs());
            progress::report(&mut *report, losses.len() as f32 / self.epochs() as f32, &line)?;
        }
        Ok(losses)
    }

    /// One pass over all examples in a new order; gives the mean loss.
    fn epoch(&self, learner: &mut Learner, epoch: usize, report: Report<'_>) -> Result<f64, TrainError> {
        let mut order: Vec<(usize, u64)> = self.learnt.iter().map(|index| (*index, epoch as u64)).collect();
        shuffle(&mut stream(self.request.seed, SHUFFLE_STREAMS + epoch as u64), &mut order);
        let steps = order.len().div_ceil(self.batch());
        let mut sum = 0.0;
        for (step, batch) in order.chunks(self.batch()).enumerate() {
            let done = (epoch * steps + step) as f32 / (steps * self.epochs()) as f32;
            sum += learner.step(batch, self.lesson, self.schedule(done, steps)) * batch.len() as f64;
            // Every few steps, so that a long epoch is left soon after a refusal.
            if step % 8 == 7 {
                let line = format!("epoch {} of {}: step {} of {steps}", epoch + 1, self.epochs(), step + 1);
                progress::report(&mut *report, done, &line)?;
            }
        }
        Ok(sum / order.len() as f64)
    }

    fn epochs(&self) -> usize {
        let shown = match self.lesson.goals {
            Goals::Dial { .. } => DIAL_SHOWN,
            Goals::Sequence { .. } => SEQUENCE_SHOWN,
        };
        let pixels = self.lesson.view.height * self.lesson.view.width * self.learnt.len();
        self.parameters.epochs.unwrap_or(shown.div_ceil(pixels).clamp(*EPOCHS.start(), *EPOCHS.end()))
    }

    fn batch(&self) -> usize {
        self.parameters.batch.unwrap_or(if self.learnt.len() < MANY { SMALL_BATCH } else { BATCH })
    }

    /// One cycle: up in a straight line, down along a cosine (Smith & Topin 2018; Loshchilov & Hutter 2017).
    fn schedule(&self, done: f32, steps: usize) -> Schedule {
        let usual = if self.from.is_some() { RATE * GENTLER } else { RATE };
        let highest = self.parameters.learning_rate.unwrap_or(usual);
        let height = if done < WARM {
            (done + 0.02) / (WARM + 0.02)
        } else {
            0.5 * (1.0 + (std::f32::consts::PI * (done - WARM) / (1.0 - WARM)).cos())
        };
        Schedule {
            learning_rate: highest * height.max(0.002),
            weight_decay: self.parameters.weight_decay,
            keep: 1.0 - (1.0 / (MEMORY * (steps * self.epochs()) as f32)).min(0.5),
            dropout: self.parameters.dropout,
        }
    }

    /// The examples on which the normalisation is fixed, spread over all that are learnt.
    fn fixed_on(&self) -> Vec<(usize, u64)> {
        let mut order = self.learnt.to_vec();
        shuffle(&mut stream(self.request.seed, SHUFFLE_STREAMS - 1), &mut order);
        order.into_iter().take(FIXED_ON).map(|index| (index, PLAIN)).collect()
    }

    /// Says of two trainings whether they are the same one: FNV-1a (Fowler, Noll & Vo) over all that goes in.
    fn fingerprint(&self) -> String {
        let mut hash = 0xcbf2_9ce4_8422_2325_u64;
        let mut add = |bytes: &[u8]| {
            for byte in bytes {
                hash = (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
            }
        };
        add(format!("{:?}{:?}{:?}{:?}", self.request.reading, self.parameters, self.request.seed, self.learnt)
            .as_bytes());
        for example in self.request.examples {
            add(example.text.as_bytes());
            add(example.picture.rgb());
        }
        if let Some(from) = self.from {
            from.network.weights.iter().for_each(|weight| add(&weight.to_le_bytes()));
        }
        format!("{hash:016x}")
    }
}
