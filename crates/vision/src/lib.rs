//! Pixels in, readings out.
//!
//! - [`picture`]: one image, from bytes that anybody may have sent to pixels and back.
//! - [`archive`]: many of them with their texts, in a zip with `labels.csv`.
//! - [`text`]: how far a text is from the truth.
//! - [`training`]: pictures with their texts become a [`Reader`].
//! - [`network`]: what learns inside it.
//!
//! No IO, no clock, no database: bytes come in, bytes go out.

pub mod archive;
mod kernels;
pub mod network;
pub mod picture;
pub mod reader;
mod tensors;
pub mod text;
pub mod training;

pub use reader::{CharacterConfidence, LoadError, Reader, Readout};
pub use tensors::TensorError;
