//! A server that commands are sent to.

use std::convert::Infallible;
use std::fmt;
use std::str::FromStr;

use clap::Args;

/// Which server, and by what right.
#[derive(Args, Clone, Debug, Default)]
pub struct ServerArgs {
    /// Work against this server by REST instead of on a data directory: https://verdict.example.org
    #[arg(long, env = "VERDICT_SERVER", value_name = "URL", global = true, help_heading = "Against a server")]
    pub server: Option<String>,
    /// API key for that server; better in VERDICT_KEY, where no list of processes shows it
    #[arg(long, env = "VERDICT_KEY", value_name = "KEY", global = true, hide_env_values = true)]
    #[arg(help_heading = "Against a server")]
    pub key: Option<Key>,
}

/// An API key, which is never written down.
#[derive(Clone)]
pub struct Key(String);

impl Key {
    /// As it is sent.
    #[must_use]
    pub fn secret(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(…)")
    }
}

impl FromStr for Key {
    type Err = Infallible;

    fn from_str(secret: &str) -> Result<Self, Infallible> {
        Ok(Self(secret.trim().to_owned()))
    }
}
