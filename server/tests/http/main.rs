//! The server as its clients see it.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    unreachable_pub,
    clippy::type_complexity,
    reason = "a test says what it expects by failing"
)]

mod attendance;
mod attendance_pages;
mod audit;
mod cases;
mod champions;
mod command_line;
mod command_line_server;
mod conflicts;
mod dataset_images;
mod datasets;
mod document;
mod doubtful;
mod drain;
mod events;
mod export;
mod failures;
mod features;
mod headers;
mod keys;
mod kill;
mod kill_readings;
mod kill_schedules;
mod label_studio;
mod labeling;
mod limits;
mod login;
mod metrics;
mod models;
mod origin;
mod outcomes;
mod people;
mod predictions;
mod quality;
mod readings;
mod replicas;
mod rights;
mod runs;
mod settings;
mod setup;
mod support;
mod syncs;
