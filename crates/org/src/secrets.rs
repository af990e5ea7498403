//! Secrets that are shown once and stored only as hashes: tokens, and tickets for uploads.

use sha2::{Digest, Sha256};

/// The hash by which a secret is stored instead of its text.
pub fn hash(text: &str) -> String {
    hex::encode(Sha256::digest(text))
}
