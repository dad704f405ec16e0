//! Passwords and random tokens.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Argon2, PasswordHash};
use domain::manifest;
use domain::person::MAX_PASSWORD;
use rand::Rng;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::error::{Error, Result};

/// `length` random bytes from the operating system's generator, as lower-case hex.
#[must_use]
pub(crate) fn token(length: usize) -> String {
    let mut bytes = vec![0_u8; length];
    rand::rng().fill_bytes(&mut bytes);
    manifest::hex(&bytes)
}

/// What is stored of a random token. It has 128 bits or more, so a plain hash cannot be searched.
#[must_use]
pub(crate) fn token_hash(token: &str) -> String {
    manifest::sha256(token.as_bytes())
}

/// Where passwords are hashed: Argon2id with the parameters that OWASP recommends (19 MiB, 2 passes), which takes tens
/// of milliseconds. Only a few at once, on blocking threads, so that a flood of logins cannot take all memory.
pub(crate) struct Passwords {
    places: Arc<Semaphore>,
    patience: Duration,
}

/// Passwords hashed at once, however many processors there are.
const MOST_AT_ONCE: usize = 4;

/// Whoever has waited so long for a place is sent away.
const PATIENCE: Duration = Duration::from_secs(5);

/// The right to hash one password.
pub(crate) struct Place(OwnedSemaphorePermit);

impl Default for Passwords {
    fn default() -> Self {
        let processors = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
        Self { places: Arc::new(Semaphore::new(processors.min(MOST_AT_ONCE))), patience: PATIENCE }
    }
}

impl Passwords {
    /// Waits for a place.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when that takes too long.
    pub(crate) async fn place(&self) -> Result<Place> {
        match tokio::time::timeout(self.patience, Arc::clone(&self.places).acquire_owned()).await {
            Ok(permit) => permit.map(Place).map_err(Error::internal),
            Err(_) => {
                Err(Error::Unavailable { reason: String::from("too many are logging in just now"), retry_after: 5 })
            }
        }
    }

    /// # Errors
    /// As [`Self::place`]; or when the machine cannot give the memory.
    pub(crate) async fn hash(&self, password: String) -> Result<String> {
        let hash = move || Argon2::default().hash_password(password.as_bytes()).map(|hash| hash.to_string());
        self.place().await?.work(hash).await?.map_err(|error| Error::internal(error.to_string()))
    }
}

impl Place {
    /// Whether `password` is the one behind `hash`. Without a hash it does the same work and answers no, so that the
    /// time does not tell which address exists.
    ///
    /// # Errors
    /// When the blocking thread was lost.
    pub(crate) async fn verify(self, password: String, hash: Option<String>) -> Result<bool> {
        let verify = move || {
            let possible = hash.is_some() && password.len() <= MAX_PASSWORD;
            let password = &password.as_bytes()[..password.len().min(MAX_PASSWORD)];
            let hash = hash.unwrap_or_else(|| DECOY.to_owned());
            let parsed = PasswordHash::new(&hash).map_err(|e| Error::internal(e.to_string()))?;
            Ok(Argon2::default().verify_password(password, &parsed).is_ok() && possible)
        };
        self.work(verify).await?
    }

    /// The place is free again when the work is done, not when its caller has gone.
    async fn work<T: Send + 'static>(self, work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
        let work = move || {
            let done = work();
            drop(self.0);
            done
        };
        tokio::task::spawn_blocking(work).await.map_err(Error::internal)
    }
}

/// A hash of nothing in particular, with the parameters in use.
const DECOY: &str = "$argon2id$v=19$m=19456,t=2,p=1$c29tZSBkZWNveSBzYWx0$y2TcFPiDMWsFcBFpMGbk3RSBHZU5/g3HHjIMDVXQoQE";

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_the_right_password_of_an_existing_person_passes() {
        let passwords = Passwords::default();
        let hash = passwords.hash(String::from("correct horse")).await.unwrap();
        assert!(hash.starts_with("$argon2id$"));
        let long = "correct horse".repeat(MAX_PASSWORD);
        for (password, hash, passes) in [
            ("correct horse", Some(&hash), true),
            ("wrong horse", Some(&hash), false),
            (&long, Some(&hash), false),
            ("correct horse", None, false),
        ] {
            let place = passwords.place().await.unwrap();
            assert_eq!(place.verify(password.to_owned(), hash.cloned()).await.unwrap(), passes, "{password}");
        }
    }

    #[tokio::test]
    async fn whoever_waits_too_long_for_a_place_is_sent_away() {
        let passwords = Passwords { places: Arc::new(Semaphore::new(1)), patience: Duration::ZERO };
        let held = passwords.place().await.unwrap();
        assert!(matches!(passwords.place().await, Err(Error::Unavailable { .. })));
        drop(held);
        assert!(passwords.place().await.is_ok());
    }

    #[test]
    fn tokens_are_long_and_never_the_same() {
        assert_eq!(token(32).len(), 64);
        assert_ne!(token(32), token(32));
    }
}
