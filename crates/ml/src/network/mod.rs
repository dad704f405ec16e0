//! The neural tabular network on candle: a parameter-efficient ensemble of perceptrons over piecewise-linear embeddings.

mod adam;
mod backward;
mod explain;
mod forward;
mod inputs;
mod layout;
mod loss;
mod model;
mod parameters;
mod random;
mod ranks;
mod single;
mod stored;
#[cfg(test)]
mod tests;
mod train;
mod weights;

pub use explain::METHOD;
pub use model::Network;
pub use parameters::NetworkParameters;
pub use train::{Epoch, NetworkFit, Validation, fit};
