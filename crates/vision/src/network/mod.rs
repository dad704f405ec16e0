//! A convolutional network that reads: 3 × 3 convolutions on pixels, then two dense layers on the whole map (one answer)
//! or on each of its columns (a sequence of answers).

mod affine;
mod ctc;
mod forward;
mod head;
mod layout;
mod learner;
mod model;
mod pass;
mod random;
mod shape;
#[cfg(test)]
mod tests;

pub use learner::{Draw, Learner, Objective, Schedule};
pub use model::{Answers, Network};
pub use shape::{Block, Shape};

pub use crate::kernels::Window;
pub(crate) use ctc::{BLANK, Ctc, log_add, log_softmax};
pub(crate) use layout::Layout;
pub(crate) use random::{normal, shuffle, stream, uniform};
