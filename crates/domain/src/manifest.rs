//! What a version is made of, with a sum for every byte.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// One file of a version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Artifact {
    /// SHA-256 of its bytes, lower-case hex.
    pub sha256: String,
    /// Length in bytes.
    pub bytes: u64,
}

/// The list of a version's artifacts and where they came from. Written once, with the version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// Layout of this document.
    pub format: u32,
    /// File name → sum. Sorted, so that the same artifacts give the same text.
    pub artifacts: BTreeMap<String, Artifact>,
    /// Hash of the data set it was trained on.
    pub dataset_sha256: String,
    /// Hash of the specification it was trained by.
    pub specification_sha256: String,
    /// The seed of every random choice.
    pub seed: u64,
    /// Version of the program that trained it.
    pub code_version: String,
}

/// An artifact is not what the manifest says.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Tampered {
    /// Its bytes changed.
    #[error("artifact `{name}` was changed: its SHA-256 is {found}, the manifest says {expected}")]
    Changed {
        /// File name.
        name: String,
        /// Sum in the manifest.
        expected: String,
        /// Sum of what is there.
        found: String,
    },
    /// It is listed, and gone.
    #[error("artifact `{0}` is missing")]
    Missing(String),
}

impl Manifest {
    /// Sums of `files`.
    #[must_use]
    pub fn artifacts_of<'a>(files: impl IntoIterator<Item = (&'a str, &'a [u8])>) -> BTreeMap<String, Artifact> {
        let entry = |(name, bytes): (&str, &[u8])| {
            (name.to_owned(), Artifact { sha256: sha256(bytes), bytes: bytes.len() as u64 })
        };
        files.into_iter().map(entry).collect()
    }

    /// Nothing, if `files` are exactly what was written.
    ///
    /// # Errors
    /// [`Tampered`], naming the first file that is not.
    pub fn verify(&self, files: &BTreeMap<String, Vec<u8>>) -> Result<(), Tampered> {
        for (name, artifact) in &self.artifacts {
            let bytes = files.get(name).ok_or_else(|| Tampered::Missing(name.clone()))?;
            let found = sha256(bytes);
            if found != artifact.sha256 {
                return Err(Tampered::Changed { name: name.clone(), expected: artifact.sha256.clone(), found });
            }
        }
        Ok(())
    }
}

/// SHA-256 of `bytes`, lower-case hex.
#[must_use]
pub fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// Lower-case hex.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]).map(|nibble| DIGITS[nibble as usize] as char).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sha256_agrees_with_the_standard() {
        // FIPS 180-2, appendix B.1
        assert_eq!(sha256(b"abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }

    #[test]
    fn one_changed_byte_is_refused_by_name() {
        let mut files = BTreeMap::from([(String::from("a"), vec![1, 2]), (String::from("b"), vec![3])]);
        let manifest = Manifest {
            format: 1,
            artifacts: Manifest::artifacts_of(files.iter().map(|(k, v)| (k.as_str(), v.as_slice()))),
            dataset_sha256: String::new(),
            specification_sha256: String::new(),
            seed: 0,
            code_version: String::new(),
        };
        assert_eq!(manifest.verify(&files), Ok(()));
        files.get_mut("b").unwrap()[0] ^= 1;
        assert!(matches!(manifest.verify(&files), Err(Tampered::Changed { name, .. }) if name == "b"));
        files.remove("b");
        assert_eq!(manifest.verify(&files), Err(Tampered::Missing("b".into())));
    }
}
