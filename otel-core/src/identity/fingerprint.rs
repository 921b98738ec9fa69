//! SHA-256 digests, as the name of a certificate and of an issuer.

use std::fmt;
use std::hint::black_box;
use std::str::FromStr;

use super::hex::{from_hex, to_hex};

/// A SHA-256 digest: over the DER of a certificate, or over the DER of a name.
///
/// Written in lower-case hexadecimal. Two are compared in a time that does not depend on where they
/// differ, so that a pinned one cannot be guessed byte by byte.
#[derive(Clone, Copy, Eq)]
pub struct Fingerprint {
    bytes: [u8; 32],
}

impl Fingerprint {
    /// A digest that was computed elsewhere.
    #[must_use]
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self { bytes }
    }

    /// The digest of some DER.
    #[cfg(feature = "x509")]
    #[must_use]
    pub fn of(der: &[u8]) -> Self {
        use sha2::{Digest, Sha256};

        Self {
            bytes: Sha256::digest(der).into(),
        }
    }

    /// The 32 bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.bytes
    }

    /// Upper-case hexadecimal, as the OpenTelemetry attribute has it.
    pub(crate) fn to_upper_hex(self) -> String {
        let mut text = to_hex(&self.bytes);
        text.make_ascii_uppercase();
        text
    }
}

impl PartialEq for Fingerprint {
    fn eq(&self, other: &Self) -> bool {
        let pairs = self.bytes.iter().zip(&other.bytes);
        black_box(pairs.fold(0, |differences, (a, b)| differences | (a ^ b))) == 0
    }
}

impl FromStr for Fingerprint {
    type Err = FingerprintError;

    /// Reads 64 hexadecimal digits of either case.
    fn from_str(text: &str) -> Result<Self, FingerprintError> {
        from_hex(text)
            .map(Self::new)
            .ok_or(FingerprintError { _private: () })
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&to_hex(&self.bytes))
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Fingerprint({self})")
    }
}

/// A text is not 64 hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FingerprintError {
    _private: (),
}

impl fmt::Display for FingerprintError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a fingerprint is 64 hexadecimal digits")
    }
}

impl std::error::Error for FingerprintError {}
