//! What the store promises, on SQLite and, where one is given, on PostgreSQL.

// All of this is test; clippy knows only what stands in a `#[test]`.
#![allow(clippy::unwrap_used)]

mod access;
mod artifacts;
mod attendance;
mod audit;
mod cases;
mod directory;
mod isolation;
mod labeling;
mod models;
mod outcomes;
mod people;
mod predictions;
mod readings;
mod runs;
mod support;
mod writer;
