//! What goes between a training thread and those who wait for it.

use std::ops::ControlFlow;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What the training thread and the heartbeat tell each other.
#[derive(Default)]
pub(super) struct Shared {
    pub(super) share: f32,
    pub(super) line: String,
    pub(super) unlogged: Vec<String>,
    pub(super) stop: bool,
}

/// Tells the training thread to stop when nobody waits for it any more.
pub(super) struct StopOnDrop(pub(super) Arc<Mutex<Shared>>);

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        lock(&self.0).stop = true;
    }
}

pub(super) fn tell(shared: &Mutex<Shared>, share: f32, line: &str) -> ControlFlow<()> {
    let mut shared = lock(shared);
    shared.share = share;
    if shared.line != line {
        shared.line = line.to_owned();
        match shared.unlogged.last_mut() {
            // Rounds and epochs may come by the hundred in a second; the newest of them says it all.
            Some(last) if differ_in_figures_only(last, line) => line.clone_into(last),
            _ => shared.unlogged.push(line.to_owned()),
        }
    }
    if shared.stop { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
}

fn differ_in_figures_only(a: &str, b: &str) -> bool {
    let is_word = |c: &char| !c.is_ascii_digit();
    a.chars().filter(is_word).eq(b.chars().filter(is_word))
}

/// A panic in a training leaves plain numbers and text behind, which are good to read.
pub(super) fn lock(shared: &Mutex<Shared>) -> MutexGuard<'_, Shared> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_lines_that_differ_in_figures_only_the_newest_is_kept() {
        let shared = Mutex::new(Shared::default());
        for line in ["reading", "round 9 of 300", "round 10 of 300", "round 10 of 300", "calibrating"] {
            assert_eq!(tell(&shared, 0.5, line), ControlFlow::Continue(()));
        }
        assert_eq!(lock(&shared).unlogged, ["reading", "round 10 of 300", "calibrating"]);
    }
}
