//! Seeded worlds for the demo, the tests and the benchmarks. The same seed gives the same world on every machine. No IO.

pub mod attendance;
pub mod claims;
mod drawing;
pub mod meters;
pub mod plates;
pub mod sync;

pub use drawing::Drawn;
