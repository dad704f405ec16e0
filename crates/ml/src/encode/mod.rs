//! From checked cells to the numbers that estimators see.
//!
//! An [`Encoder`] is fitted once on the rows learnt from and travels with the model, so that a request is encoded by the
//! very code that encoded the training rows. It learns vocabularies and nothing of the target.

mod column;
mod encoder;
mod inputs;
mod moment;
mod problems;
mod reading;
mod stored;
#[cfg(test)]
mod tests;
mod vocabulary;

pub use encoder::Encoder;
pub use inputs::{InputColumn, Inputs, MISSING_MOMENT, MISSING_WORD};
pub(crate) use problems::Problems;
pub use problems::{BadCell, ReadError};
pub use reading::{Labelled, read_inputs, read_table};
pub(crate) use reading::{read_columns, read_target, shown, texts};
pub use vocabulary::{MAX_FREQUENT_TEXTS, MAX_WORDS, MIN_TEXT_ROWS};
