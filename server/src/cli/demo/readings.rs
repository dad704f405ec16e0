//! Meters and number plates: images to learn from, a version of each that serves, a week of new readings, and two
//! labelers who correct what the models doubt.

use std::collections::HashMap;

use desk::archive::Writer;
use desk::labeling::Said;
use desk::models::ReadingWish;
use desk::picture::Picture;
use desk::readings::ReadRequest;
use desk::training::Options;
use domain::reading::{Reading, Wish};
use domain::specification::Split;
use domain::time::{DAY, HOUR};
use domain::{Actor, PredictionId, Role, Timestamp, Who};
use futures::{StreamExt, TryStreamExt};
use serde_json::json;
use simulate::Drawn;
use simulate::meters::{Kind, Meters};
use simulate::plates::{Layout, Plates};

use super::super::place::Place;
use super::super::train;
use super::clock::ReplayClock;

const SEED: u64 = 21;
/// Readings of the week, of each model.
const STREAM: usize = 280;
/// Readings under way at a time.
const AT_ONCE: usize = 16;
/// Labelers come this often, and read so many images each.
const SESSION: i64 = 12 * HOUR;
const READ: usize = 5;
/// Before the end nobody comes, so that something waits for the visitor.
const LEFT: i64 = DAY;

/// One of the two models.
struct Plan {
    name: &'static str,
    /// Images to learn from.
    images: usize,
    /// Passes over them.
    epochs: u32,
    rules: fn() -> Wish,
    draw: fn(u64, usize) -> Vec<Drawn>,
}

const PLANS: [Plan; 2] = [
    Plan { name: "meter-reading", images: 450, epochs: 22, rules: wheel, draw: meters },
    Plan { name: "number-plate", images: 320, epochs: 11, rules: Wish::default, draw: plates },
];

fn wheel() -> Wish {
    Wish { tolerance: Some(0.1), wrap: Some(10.0), ..Wish::default() }
}

fn meters(seed: u64, count: usize) -> Vec<Drawn> {
    Meters::new(seed, Kind::Wheel).cameras(6).take(count).collect()
}

fn plates(seed: u64, count: usize) -> Vec<Drawn> {
    // Few signs and short plates are learnt within seconds.
    Plates::new(seed).layouts(&[Layout::Brazilian]).alphabet("ABCDEFGH2345").cameras(3).take(count).collect()
}

pub(super) struct Readings<'a> {
    place: &'a Place,
    actor: &'a Actor,
    clock: &'a ReplayClock,
    streams: Vec<Stream>,
    /// What the images show that were read.
    truths: HashMap<PredictionId, String>,
    labeled_at: Timestamp,
    /// When labelers come for the last time.
    last_session: Timestamp,
}

/// The new images of one model, evenly over the week.
struct Stream {
    model: &'static str,
    images: Vec<Drawn>,
    begin: Timestamp,
    sent: usize,
}

impl Stream {
    fn due(&self, moment: Timestamp) -> usize {
        let share = moment.since(self.begin) as f64 / (7 * DAY) as f64;
        ((share * self.images.len() as f64) as usize).clamp(self.sent, self.images.len())
    }
}

impl<'a> Readings<'a> {
    /// Both models with a version that serves, as far as they are not there.
    pub(super) async fn of_the_week(
        place: &'a Place,
        actor: &'a Actor,
        clock: &'a ReplayClock,
        end: Timestamp,
    ) -> anyhow::Result<Self> {
        let begin = end.plus(-7 * DAY);
        let mut streams = Vec::new();
        for plan in &PLANS {
            prepare(place, actor, plan).await?;
            // The cameras are those of the images learnt from: later pictures of the same supply.
            let images = (plan.draw)(SEED, plan.images + STREAM).split_off(plan.images);
            streams.push(Stream { model: plan.name, images, begin, sent: 0 });
        }
        let truths = HashMap::new();
        Ok(Self { place, actor, clock, streams, truths, labeled_at: begin, last_session: end.plus(-LEFT) })
    }

    /// Lives on until `moment`: images come in, and labelers correct some of what is doubted.
    pub(super) async fn live_until(&mut self, moment: Timestamp) -> anyhow::Result<()> {
        self.clock.forward_to(moment);
        for at in 0..self.streams.len() {
            let due = self.streams[at].due(moment);
            self.send(at, due).await?;
        }
        if moment.since(self.labeled_at) >= SESSION && moment < self.last_session {
            self.labeled_at = moment;
            self.label().await?;
        }
        Ok(())
    }

    async fn send(&mut self, at: usize, due: usize) -> anyhow::Result<()> {
        let (desk, actor, stream) = (&self.place.desk, self.actor, &self.streams[at]);
        let readings = stream.images[stream.sent..due].iter().map(|drawn| async move {
            let request = ReadRequest {
                image: picture(drawn)?.encode().into(),
                source: drawn.source.clone(),
                client_id: None,
                previous: None,
            };
            let answered = desk.readings().read(actor, stream.model, request).await?;
            anyhow::Ok((answered.id, drawn.text.clone()))
        });
        let read: Vec<_> = futures::stream::iter(readings).buffer_unordered(AT_ONCE).try_collect().await?;
        self.truths.extend(read);
        self.streams[at].sent = due;
        Ok(())
    }

    /// Each labeler reads some images of each queue. Now and then one of them errs.
    async fn label(&self) -> anyhow::Result<()> {
        let people = self.place.desk.people().list(self.actor).await?;
        for (i, person) in people.into_iter().filter(|person| person.role == Role::Labeler).enumerate() {
            let who = Who::Person { id: person.id, name: person.name, role: person.role };
            let labeler = Actor { tenant: self.actor.tenant, who };
            for plan in &PLANS {
                for n in 0..READ {
                    let Some(given) = self.place.desk.labeling().next(&labeler, plan.name, None).await? else { break };
                    let Some(truth) = self.truths.get(&given.prediction) else { break };
                    let errs = (given.task.0 + i as i64) % 17 == 0;
                    let text = if errs { given.text.clone() } else { truth.clone() };
                    let text = Some(text).filter(|text| !text.is_empty());
                    let changes = text.as_deref() != Some(given.text.as_str());
                    let seconds = 1.4 + 0.3 * i as f64 + 0.11 * n as f64 + if changes { 2.1 } else { 0.0 };
                    let said = Said { text, seconds, sure: true };
                    self.place.desk.labeling().annotate(&labeler, given.task, &said).await?;
                }
            }
        }
        Ok(())
    }
}

fn picture(drawn: &Drawn) -> anyhow::Result<Picture> {
    let picture = Picture::new(drawn.width, drawn.height, drawn.rgb.clone());
    picture.ok_or_else(|| anyhow::anyhow!("the demo drew no picture"))
}

/// Images, a model that learns to read them, a first version, and it in service.
async fn prepare(place: &Place, actor: &Actor, plan: &Plan) -> anyhow::Result<()> {
    let models = place.desk.models().list(actor).await?;
    let model = models.iter().find(|summary| summary.model.name == plan.name);
    if model.is_none() {
        place.output.remark(&format!("Drawing {} images for {}", plan.images, plan.name));
        register(place, actor, plan).await?;
    }
    if model.is_none_or(|summary| summary.versions == 0) {
        place.output.remark(&format!("Learning to read them: {}", plan.name));
        let run = train::train(place, actor, plan.name, Options::default()).await?;
        anyhow::ensure!(run.version.is_some(), "the demo's training ended without a version: {}", run.message);
    }
    if place.desk.versions().champion(actor, plan.name).await?.is_none() {
        let reason = "first version; what it doubts goes before people";
        place.desk.versions().promote(actor, plan.name, 1, reason, false).await?;
    }
    Ok(())
}

async fn register(place: &Place, actor: &Actor, plan: &Plan) -> anyhow::Result<()> {
    let mut archive = Writer::default();
    for (i, drawn) in (plan.draw)(SEED, plan.images).iter().enumerate() {
        let file = format!("images/{:04}.png", i + 1);
        archive.add(&file, &drawn.text, &drawn.source, &picture(drawn)?.encode())?;
    }
    let (name, zip) = (format!("{}.zip", plan.name), archive.finish()?);
    let imported = place.desk.datasets().import_images(actor, &name, zip.into(), |_, _| ()).await?;
    let wish = ReadingWish { rules: (plan.rules)(), split: Some(Split::Random) };
    let mut draft = place.desk.models().propose_reading(actor, imported.dataset.id, wish).await?.draft;
    // Half a network, in small steps: enough to see the loop at work, and done within seconds.
    let parameters = [
        ("epochs", json!(plan.epochs)),
        ("width", json!(0.5)),
        ("batch", json!(16)),
        ("distortion", json!(0.5)),
        ("learning_rate", json!(0.003)),
    ];
    draft.estimator.parameters.extend(parameters.map(|(name, value)| (name.to_owned(), value)));
    // A week is short, and these readers are rarely sure: more is accepted, drawn and read twice than usual, so that there
    // are figures to look at.
    let shown = |reading| Reading { review_below: 0.4, audit_share: 0.15, double_share: 0.15, ..reading };
    draft.reading = draft.reading.map(shown);
    place.desk.models().create(actor, plan.name, draft, Some(imported.dataset.id)).await?;
    Ok(())
}
