//! A run as it goes on, as server-sent events for its page: `run` whenever something changed, `line` for each new line of
//! its log, `done` at the end.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::time::Duration;

use axum::extract::State;
use axum::response::IntoResponse;
use axum::response::sse::{Event, KeepAlive, Sse};
use domain::{Permission, RunId};
use futures::Stream;
use http::HeaderMap;
use tokio::sync::{Semaphore, SemaphorePermit};

use super::endpoint::{Access, Endpoint};
use super::extract::In;
use super::problem::Problem;
use super::runs::{LineAnswer, RunAnswer};
use crate::rim::{Caller, Credentials, Shared};

/// Streams at once in this process; each asks the database twice a second for as long as it is open.
static STREAMS: Semaphore = Semaphore::const_new(64);

/// How often the run is looked at.
const LOOK: Duration = Duration::from_millis(500);

pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::get("/runs/{id}/events", Access::Needs(Permission::ReadModels), follow)
            .about("Runs", "A training as it goes on: server-sent events `run`, `line` and `done`")
            .answers_with(200, "Events", Some("text/event-stream"))
            .refuses(&[(404, "There is no such run"), (503, "Too many follow trainings just now")]),
    ]
}

async fn follow(
    State(shared): State<Shared>,
    Caller(actor): Caller,
    credentials: Credentials,
    In(id): In<RunId>,
    headers: HeaderMap,
) -> Result<impl IntoResponse, Problem> {
    let run = shared.desk.training().get(&actor, id).await?;
    let model = shared.desk.models().name(&actor, run.model).await?;
    let place = STREAMS.try_acquire().map_err(|_| Problem::unavailable("too many follow trainings just now", 10))?;
    let shutdown = shared.shutdown.clone();
    // A browser that lost the connection says which event it saw last; ours are numbered by line.
    let seen = headers.get("last-event-id").and_then(|value| value.to_str().ok()?.parse().ok());
    let seen = seen.unwrap_or(0);
    let watch = Watch {
        shared,
        credentials,
        id,
        model,
        seen,
        shown: String::new(),
        ready: VecDeque::new(),
        over: false,
        _place: place,
    };
    let events = futures::stream::unfold((watch, shutdown), |(mut watch, shutdown)| async move {
        let event = shutdown.run_until_cancelled(watch.next()).await.flatten()?;
        Some((Ok::<_, Infallible>(event), (watch, shutdown)))
    });
    Ok(stream(events))
}

fn stream(events: impl Stream<Item = Result<Event, Infallible>> + Send + 'static) -> impl IntoResponse {
    Sse::new(events).keep_alive(KeepAlive::new().interval(Duration::from_secs(15)))
}

struct Watch {
    shared: Shared,
    credentials: Credentials,
    id: RunId,
    /// Name of its model.
    model: String,
    /// The last line that was sent.
    seen: i64,
    /// The run as it was last sent.
    shown: String,
    ready: VecDeque<Event>,
    over: bool,
    /// Free again when nobody listens any more.
    _place: SemaphorePermit<'static>,
}

impl Watch {
    async fn next(&mut self) -> Option<Event> {
        loop {
            if let Some(event) = self.ready.pop_front() {
                return Some(event);
            }
            if self.over {
                return None;
            }
            if !self.shown.is_empty() {
                tokio::time::sleep(LOOK).await;
            }
            // Whoever watches loads the page again when the stream ends; a right that was lost ends it too, at once.
            self.look().await.ok()?;
        }
    }

    async fn look(&mut self) -> Result<(), Problem> {
        let (actor, training) = (self.credentials.still_good(&self.shared).await?, self.shared.desk.training());
        let run = training.get(&actor, self.id).await?;
        for line in training.log(&actor, self.id, self.seen).await? {
            self.seen = line.sequence;
            let event = Event::default().event("line").id(line.sequence.to_string());
            self.ready.extend(event.json_data(LineAnswer::of(&line)).ok());
        }
        let shown = serde_json::to_string(&RunAnswer::of(&run, &self.model)).unwrap_or_default();
        if shown != self.shown {
            self.ready.push_back(Event::default().event("run").data(&shown));
            self.shown = shown;
        }
        if run.state.is_over() {
            self.ready.push_back(Event::default().event("done").data(run.state.as_str()));
            self.over = true;
        }
        Ok(())
    }
}
