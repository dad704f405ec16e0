//! The server as its clients see it.

mod audit;
mod command_line;
mod datasets;
mod document;
mod drain;
mod export;
mod headers;
mod keys;
mod kill;
mod limits;
mod login;
mod models;
mod origin;
mod outcomes;
mod people;
mod predictions;
mod replicas;
mod rights;
mod runs;
mod settings;
mod setup;
mod support;
