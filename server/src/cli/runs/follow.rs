//! A run as it goes on: a bar for whoever sits there, and its log.

use std::io::Write;

use indicatif::ProgressBar;
use serde_json::json;

use crate::api::runs::{LogAnswer, RunAnswer};
use crate::cli::output::{bar, plain};
use crate::cli::rest::{Refusal, Rest};
use crate::cli::signals::Signals;

/// What Ctrl-C means to whoever follows a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::cli) enum OnSignal {
    /// The run is asked to stop, because it is this process that works on it.
    CancelsRun,
    /// The run goes on without us.
    EndsFollowing,
}

/// Somebody who follows a run.
pub(in crate::cli) struct Follow<'a> {
    rest: &'a Rest,
    id: i64,
    bar: ProgressBar,
    log: bool,
    /// The last line of the log that was shown.
    seen: i64,
    /// How often in a row nobody answered.
    missed: u32,
}

/// Steps of the bar.
const STEPS: u64 = 1_000;

/// A server may be started anew while a run goes on: so often it may be away before the following ends.
const PATIENCE: u32 = 60;

impl<'a> Follow<'a> {
    pub(in crate::cli) fn of(rest: &'a Rest, id: i64) -> Self {
        Self { rest, id, bar: bar(STEPS), log: false, seen: 0, missed: 0 }
    }

    /// Shows its log as well.
    pub(in crate::cli) fn with_log(self) -> Self {
        Self { log: true, ..self }
    }

    /// The run as it ended; none when a signal ended the following before.
    pub(in crate::cli) async fn until_the_end(mut self, on_signal: OnSignal) -> anyhow::Result<Option<RunAnswer>> {
        let mut signals = Signals::listen()?;
        self.begin(on_signal);
        let mut asked = false;
        loop {
            if let Some(run) = self.look().await?.filter(|run| run.state.is_over()) {
                self.bar.finish_and_clear();
                return Ok(Some(run));
            }
            tokio::select! {
                () = tokio::time::sleep(self.rest.pause()) => {}
                () = signals.next(), if !asked => {
                    if on_signal == OnSignal::EndsFollowing {
                        self.leave();
                        return Ok(None);
                    }
                    asked = true;
                    self.rest.post::<()>(&format!("/api/v1/runs/{}/cancellation", self.id), &json!({})).await?;
                }
            }
        }
    }

    /// The run as it is now; none when just now nobody answers.
    async fn look(&mut self) -> anyhow::Result<Option<RunAnswer>> {
        let looked = self.read().await;
        match &looked {
            Err(error) if self.missed < PATIENCE && is_passing(error) => {
                self.missed += 1;
                self.bar.set_message(plain(&format!("{error}; trying again")));
                return Ok(None);
            }
            _ => self.missed = 0,
        }
        let (run, log) = looked?;
        self.say(&log);
        self.bar.set_position((run.progress * STEPS as f64) as u64);
        self.bar.set_message(plain(&run.message));
        Ok(Some(run))
    }

    async fn read(&self) -> anyhow::Result<(RunAnswer, LogAnswer)> {
        let path = format!("/api/v1/runs/{}", self.id);
        // The run first: when it is over, its log is complete.
        let run = self.rest.get(&path).await?;
        let log = if self.log {
            self.rest.get(&format!("{path}/log?after={}", self.seen)).await?
        } else {
            LogAnswer { items: Vec::new() }
        };
        Ok((run, log))
    }

    fn say(&mut self, log: &LogAnswer) {
        for line in &log.items {
            self.seen = line.sequence;
            if !self.rest.output.json {
                // Whoever reads may have seen enough; the end is waited for all the same.
                self.bar.suspend(|| drop(writeln!(std::io::stdout().lock(), "{}", plain(&line.line))));
            }
        }
    }

    fn begin(&self, on_signal: OnSignal) {
        if on_signal == OnSignal::EndsFollowing {
            self.rest.output.remark(&format!("Following run {}. Ctrl-C ends this and not the run.", self.id));
        }
    }

    fn leave(&self) {
        self.bar.finish_and_clear();
        let id = self.id;
        self.rest.output.remark(&format!("Run {id} goes on. To stop it: verdict runs cancel {id}"));
    }
}

fn is_passing(error: &anyhow::Error) -> bool {
    error.downcast_ref::<Refusal>().is_some_and(Refusal::is_passing)
}
