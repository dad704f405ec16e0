//! Progress of a long work made of stages.

use std::ops::ControlFlow;

use crate::progress::{Cancelled, Report};

/// A part of the work, from one share to another, that reports in its own terms.
pub(crate) struct Stage<'a> {
    report: Report<'a>,
    from: f32,
    to: f32,
}

impl<'a> Stage<'a> {
    pub(crate) fn new(report: Report<'a>) -> Self {
        Self { report, from: 0.0, to: 1.0 }
    }

    /// The part of this stage from share `from` to share `to`.
    pub(crate) fn part(&mut self, from: f32, to: f32) -> Stage<'_> {
        let place = |share: f32| self.from + (self.to - self.from) * share.clamp(0.0, 1.0);
        let (from, to) = (place(from), place(to));
        Stage { report: &mut *self.report, from, to }
    }

    /// Tells where the stage is.
    pub(crate) fn say(&mut self, share: f32, line: &str) -> Result<(), Cancelled> {
        match self.hear(share, line) {
            ControlFlow::Continue(()) => Ok(()),
            ControlFlow::Break(()) => Err(Cancelled),
        }
    }

    /// As [`Stage::say`], for callbacks.
    pub(crate) fn hear(&mut self, share: f32, line: &str) -> ControlFlow<()> {
        (self.report)(self.from + (self.to - self.from) * share.clamp(0.0, 1.0), line)
    }
}
