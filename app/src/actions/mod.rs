//! Server functions: what the pages' forms do. Each is a plain POST that ends in a redirect; who may do it is the
//! desk's business.

// The server macro writes a struct with a field for each argument; the function's own words speak for them.
#![allow(missing_docs)]

pub mod attendance;
pub mod calendar;
pub mod cases;
pub mod datasets;
pub mod employees;
pub(crate) mod entry;
pub mod keys;
pub mod labeling;
pub mod models;
pub mod people;
pub mod predictions;
pub mod readings;
pub mod runs;
pub mod schedules;
pub mod session;
pub mod sites;
mod upload;
pub mod versions;
