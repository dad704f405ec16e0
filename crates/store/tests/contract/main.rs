//! What the store promises, on SQLite and, where one is given, on PostgreSQL.

// All of this is test; clippy knows only what stands in a `#[test]`.
#![allow(clippy::unwrap_used)]

mod access;
mod artifacts;
mod attendance;
mod audit;
mod cases;
mod conflicts;
mod directory;
mod features;
mod isolation;
mod labeling;
mod models;
mod outcomes;
mod people;
mod predictions;
mod quality;
mod readings;
mod retraining;
mod runs;
mod schedules;
mod support;
mod syncs;
mod writer;
