//! Passwords and random tokens.

use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Argon2, PasswordHash};
use domain::manifest;
use rand::Rng;

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

/// Argon2id with the parameters that OWASP recommends (19 MiB, 2 passes); takes tens of milliseconds, on a blocking
/// thread.
///
/// # Errors
/// When the machine cannot give the memory.
pub(crate) async fn hash_password(password: String) -> Result<String> {
    blocking(move || {
        let hash = Argon2::default().hash_password(password.as_bytes()).map_err(|e| Error::internal(e.to_string()))?;
        Ok(hash.to_string())
    })
    .await
}

/// Whether `password` is the one behind `hash`. Without a hash it does the same work and answers no, so that the time
/// does not tell which address exists.
///
/// # Errors
/// When the blocking thread was lost.
pub(crate) async fn verify_password(password: String, hash: Option<String>) -> Result<bool> {
    blocking(move || {
        let known = hash.is_some();
        let hash = hash.unwrap_or_else(|| DECOY.to_owned());
        let parsed = PasswordHash::new(&hash).map_err(|e| Error::internal(e.to_string()))?;
        Ok(Argon2::default().verify_password(password.as_bytes(), &parsed).is_ok() && known)
    })
    .await
}

/// A hash of nothing in particular, with the parameters in use.
const DECOY: &str = "$argon2id$v=19$m=19456,t=2,p=1$c29tZSBkZWNveSBzYWx0$y2TcFPiDMWsFcBFpMGbk3RSBHZU5/g3HHjIMDVXQoQE";

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(Error::internal)?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_the_right_password_of_an_existing_person_passes() {
        let hash = hash_password(String::from("correct horse")).await.unwrap();
        assert!(hash.starts_with("$argon2id$"));
        assert!(verify_password(String::from("correct horse"), Some(hash.clone())).await.unwrap());
        assert!(!verify_password(String::from("wrong horse"), Some(hash)).await.unwrap());
        assert!(!verify_password(String::from("correct horse"), None).await.unwrap());
    }

    #[test]
    fn tokens_are_long_and_never_the_same() {
        assert_eq!(token(32).len(), 64);
        assert_ne!(token(32), token(32));
    }
}
