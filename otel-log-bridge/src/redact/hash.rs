//! Keyed hashes: equal values stay equal, and nobody without the key can try them out.
//!
//! Telephone numbers and addresses are few enough to be hashed all, so an unkeyed hash, or one with
//! a known salt, hides nothing: there is none here.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use otel_core::ConfigError;
use sha2::Sha256;

/// Shortest secret, bytes.
const MIN_SECRET: usize = 16;
/// Bytes of the hash that are written.
const WRITTEN: usize = 12;
const MAX_ID: usize = 16;

/// A secret for [`Redact::Hash`](super::Redact::Hash) and the name it is known by.
///
/// Services that share a key give the same value the same hash. To rotate it, the new key is told of
/// the previous one for a while: values are then written under both, `h1:k2:…|h1:k1:…`.
///
/// ```
/// use otel_log_bridge::HashKey;
///
/// # fn main() -> Result<(), otel_core::ConfigError> {
/// let old = HashKey::new("k1", b"sixteen bytes or more")?;
/// let key = HashKey::new("k2", b"another secret of that kind")?.with_previous(old);
/// assert!(HashKey::new("k3", b"too short").is_err());
/// # let _ = key;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
#[must_use = "a key is given to a redaction"]
pub struct HashKey {
    id: Box<str>,
    keyed: Hmac<Sha256>,
    previous: Option<Box<Self>>,
}

impl HashKey {
    /// A key of at least 16 bytes, with an id of 1 to 16 letters and digits that goes with every
    /// hash.
    ///
    /// # Errors
    ///
    /// When the id or the secret is not of that form.
    pub fn new(id: &str, secret: &[u8]) -> Result<Self, ConfigError> {
        let is_plain = id.bytes().all(|b| b.is_ascii_alphanumeric());
        if id.is_empty() || id.len() > MAX_ID || !is_plain {
            return Err(ConfigError::invalid(
                "HashKey::new",
                "an id of 1 to 16 letters and digits",
            ));
        }
        let refused = || ConfigError::invalid("HashKey::new", "a secret of 16 bytes or more");
        if secret.len() < MIN_SECRET {
            return Err(refused());
        }
        Ok(Self {
            id: id.into(),
            keyed: Hmac::new_from_slice(secret).map_err(|_any_length_fits| refused())?,
            previous: None,
        })
    }

    /// Writes values under `previous` as well, while readers move from it to this key.
    pub fn with_previous(mut self, previous: Self) -> Self {
        self.previous = Some(Box::new(Self {
            previous: None,
            ..previous
        }));
        self
    }

    /// Appends the hash of `value`.
    pub(super) fn push(&self, out: &mut String, value: &[u8]) {
        let mut keyed = self.keyed.clone();
        keyed.update(value);
        let hash = keyed.finalize().into_bytes();
        out.push_str("h1:");
        out.push_str(&self.id);
        out.push(':');
        for byte in hash.iter().take(WRITTEN) {
            for nibble in [byte >> 4, byte & 0xf] {
                out.push(char::from_digit(u32::from(nibble), 16).unwrap_or('0'));
            }
        }
        if let Some(previous) = &self.previous {
            out.push('|');
            previous.push(out, value);
        }
    }
}

impl fmt::Debug for HashKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HashKey")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_an_hmac_of_which_half_is_written() {
        // RFC 4231, test case 6: a key of 131 bytes 0xaa.
        let key = HashKey::new("k1", &[0xaa; 131]).unwrap();
        let mut out = String::new();
        key.push(
            &mut out,
            b"Test Using Larger Than Block-Size Key - Hash Key First",
        );
        assert_eq!(out, "h1:k1:60e431591ee0b67f0d8a26aa");
    }

    #[test]
    fn while_a_key_is_rotated_both_hashes_are_written() {
        let old = HashKey::new("a", &[1; 16]).unwrap();
        let new = HashKey::new("b", &[2; 16])
            .unwrap()
            .with_previous(old.clone());
        let (mut one, mut both) = (String::new(), String::new());
        old.push(&mut one, b"x");
        new.push(&mut both, b"x");
        assert!(both.starts_with("h1:b:") && both.ends_with(&format!("|{one}")));
        assert!(!format!("{new:?}").contains('2'));
    }

    #[test]
    fn weak_keys_and_odd_ids_are_refused() {
        for (id, secret) in [("", 16), ("a:b", 16), ("k", 15), ("12345678901234567", 16)] {
            assert!(HashKey::new(id, &vec![7; secret]).is_err(), "{id} {secret}");
        }
    }
}
