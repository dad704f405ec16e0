//! Everything a person sees: pages rendered on the server, complete without a script, and the pieces they are made of.
//!
//! Every page is a [`shell::Document`] with a [`shell::Frame`] in it, built from [`components`] and [`charts`]; numbers
//! are written by [`number`] and moments by [`moment`]. Nothing in a page is inline: styles come from `style/`, behaviour
//! from `public/verdict.js`, both served by [`assets`] under a name that holds their hash.

// The component macro writes a public function beside the one that is exported.
#![allow(unreachable_pub)]
// Views are types; a page is a deep one.
#![recursion_limit = "256"]

pub mod actions;
pub mod address;
pub mod assets;
pub mod charts;
pub mod components;
mod failure;
pub mod form;
pub mod moment;
pub mod number;
mod page;
mod pages;
mod routes;
pub mod shell;
pub mod theme;
pub mod viewer;

pub use failure::{Failure, failure_page};
pub use pages::{Endpoint, Endpoints, Needs};
pub use routes::{page_paths, routes};
