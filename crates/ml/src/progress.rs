//! How long work tells where it is and learns that nobody wants it any more.

use std::ops::ControlFlow;

/// A callback that hears the share done (0 to 1) and a short line for people, and answers whether to go on.
pub type Report<'a> = &'a mut dyn FnMut(f32, &str) -> ControlFlow<()>;

/// The caller asked for the work to stop; nothing was produced.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("cancelled")]
pub struct Cancelled;

/// Reports and turns a refusal into [`Cancelled`], so that work can use `?`.
///
/// # Errors
/// When the callback breaks.
pub fn report(callback: Report<'_>, share: f32, line: &str) -> Result<(), Cancelled> {
    match callback(share, line) {
        ControlFlow::Continue(()) => Ok(()),
        ControlFlow::Break(()) => Err(Cancelled),
    }
}
