//! Trust domains: the part of a SPIFFE ID that names who vouches for it.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use super::spiffe_id::{Kind, SpiffeIdError};

/// Longest name of a trust domain, bytes (SPIFFE-ID 2.3).
const MAX_LEN: usize = 255;

/// The name of a trust domain, in lower case. A clone is one reference count.
///
/// ```
/// use otel_core::identity::TrustDomain;
///
/// let domain: TrustDomain = "Prod.Example.org".parse()?;
/// assert_eq!(domain.as_str(), "prod.example.org");
/// assert!("prod.example.org:8443".parse::<TrustDomain>().is_err());
/// # Ok::<(), otel_core::identity::SpiffeIdError>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TrustDomain {
    name: Arc<str>,
}

impl TrustDomain {
    /// A name that has been checked as part of an ID.
    pub(super) fn of_checked(name: &str) -> Self {
        Self { name: name.into() }
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.name
    }

    /// The shared text, for an attribute.
    pub(crate) fn to_shared(&self) -> Arc<str> {
        Arc::clone(&self.name)
    }
}

impl FromStr for TrustDomain {
    type Err = SpiffeIdError;

    /// Reads a bare name, not an ID.
    fn from_str(name: &str) -> Result<Self, SpiffeIdError> {
        check_name(name)?;
        Ok(Self {
            name: name.to_ascii_lowercase().into(),
        })
    }
}

impl fmt::Display for TrustDomain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

impl fmt::Debug for TrustDomain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TrustDomain({})", self.name)
    }
}

/// SPIFFE-ID 2.1. A name of any case passes: whoever keeps it writes it in lower case.
pub(super) fn check_name(name: &str) -> Result<(), SpiffeIdError> {
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_');
    match name.len() {
        0 => Err(SpiffeIdError::new(Kind::NoTrustDomain)),
        1..=MAX_LEN if name.bytes().all(plain) => Ok(()),
        1..=MAX_LEN => Err(SpiffeIdError::new(Kind::TrustDomain)),
        _ => Err(SpiffeIdError::new(Kind::TooLong)),
    }
}
