//! Loops beside the requests. Each does nothing but call the desk, and stops when the process is to end.

mod changes;
mod runs;
mod schedules;
mod sessions;

use std::time::Duration;

use tokio::time::{Interval, MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower_sessions::ExpiredDeletion;

use desk::Desk;

/// Jobs of the clock that a process works on at once: one that takes long does not hold up the rest.
const JOBS: usize = 2;

/// Starts all of them; `tracker` knows when they have stopped.
pub fn start<S>(desk: &Desk, sessions: S, trainings: usize, tracker: &TaskTracker, shutdown: &CancellationToken)
where
    S: ExpiredDeletion + Clone,
{
    for number in 0..trainings {
        tracker.spawn(runs::work(desk.clone(), worker_name(number), shutdown.clone()));
    }
    // A process that trains nothing only serves; another looks at the clock.
    if trainings > 0 {
        tracker.spawn(schedules::tick(desk.clone(), worker_name(0), shutdown.clone()));
        for number in 0..JOBS {
            tracker.spawn(schedules::work(desk.clone(), worker_name(number), shutdown.clone()));
        }
    }
    tracker.spawn(changes::follow(desk.clone(), shutdown.clone()));
    tracker.spawn(changes::retry(desk.clone(), shutdown.clone()));
    tracker.spawn(sessions::clean(desk.clone(), sessions, shutdown.clone()));
}

/// A name of this process's own: two that share it would take each other's runs for their own.
pub(crate) fn worker_name(number: usize) -> String {
    format!("{}-{:08x}-{number}", std::process::id(), rand::random::<u32>())
}

fn every(period: Duration) -> Interval {
    let mut interval = interval(period);
    interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
    interval
}
