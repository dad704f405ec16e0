//! The server and the command line: settings in, HTTP out. Every decision is the desk's; here requests become verbs and
//! answers become JSON, pages or exit codes.

pub mod api;
pub mod application;
pub mod cli;
pub mod pages;
pub mod rim;
pub mod router;
pub mod settings;
pub mod workers;

pub use application::Application;
pub use settings::Settings;
