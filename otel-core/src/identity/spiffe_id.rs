//! SPIFFE IDs: `spiffe://trust.domain/path`.
//!
//! An ID decides who may do what, so what is accepted is the SPIFFE ID standard and nothing beside
//! it: no ports, no percent-encoding, no `.` or `..`, no empty segment. [`SpiffeIdRef`] reads one
//! where it stands, without an allocation; [`SpiffeId`] owns the normalised text.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;
use std::sync::Arc;

use super::trust_domain::{TrustDomain, check_name};

/// Longest SPIFFE ID, bytes (SPIFFE-ID 2.3).
pub(crate) const MAX_LEN: usize = 2048;
const SCHEME: &str = "spiffe://";

/// A text was refused as a SPIFFE ID, a trust domain or a pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SpiffeIdError {
    kind: Kind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    TooLong,
    Scheme,
    NoTrustDomain,
    TrustDomain,
    Path,
    Pattern,
}

impl SpiffeIdError {
    pub(super) const fn new(kind: Kind) -> Self {
        Self { kind }
    }

    /// Longer than 2,048 bytes, or its trust domain longer than 255.
    #[must_use]
    pub const fn is_too_long(&self) -> bool {
        matches!(self.kind, Kind::TooLong)
    }

    /// Does not begin with `spiffe://`.
    #[must_use]
    pub const fn is_scheme(&self) -> bool {
        matches!(self.kind, Kind::Scheme)
    }

    /// The trust domain is empty or has a character beside `a-z 0-9 . - _`.
    #[must_use]
    pub const fn is_trust_domain(&self) -> bool {
        matches!(self.kind, Kind::TrustDomain | Kind::NoTrustDomain)
    }

    /// The path has an empty or relative segment, ends with a slash, or has a character beside
    /// `A-Z a-z 0-9 . - _`.
    #[must_use]
    pub const fn is_path(&self) -> bool {
        matches!(self.kind, Kind::Path)
    }

    /// The text is no pattern: `**` is not its last segment, or `*` is only a part of one.
    #[must_use]
    pub const fn is_pattern(&self) -> bool {
        matches!(self.kind, Kind::Pattern)
    }
}

impl fmt::Display for SpiffeIdError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.kind {
            Kind::TooLong => "a SPIFFE ID has at most 2048 bytes, 255 of them in its trust domain",
            Kind::Scheme => "a SPIFFE ID begins with `spiffe://`",
            Kind::NoTrustDomain => "a SPIFFE ID has a trust domain",
            Kind::TrustDomain => "a trust domain is made of `a-z`, `0-9`, `.`, `-` and `_`",
            Kind::Path => {
                "a path is made of segments of `A-Z`, `a-z`, `0-9`, `.`, `-` and `_`, none of them \
                 empty, `.` or `..`"
            }
            Kind::Pattern => "`*` stands for a whole segment, `**` for all that remain",
        })
    }
}

impl std::error::Error for SpiffeIdError {}

/// A SPIFFE ID in a text that belongs to someone else.
///
/// The scheme and the trust domain are compared without regard to case, the path with it
/// (SPIFFE-ID 2).
///
/// ```
/// use otel_core::identity::SpiffeIdRef;
///
/// let id = SpiffeIdRef::parse("SPIFFE://Prod.Example.org/ns/shop").unwrap();
/// assert_eq!(id.path(), "/ns/shop");
/// assert_eq!(id.to_string(), "spiffe://prod.example.org/ns/shop");
/// assert!(SpiffeIdRef::parse("spiffe://host:1234/path").is_err());
/// ```
#[derive(Clone, Copy, Debug)]
pub struct SpiffeIdRef<'a> {
    trust_domain: &'a str,
    path: &'a str,
}

impl<'a> SpiffeIdRef<'a> {
    /// Reads a SPIFFE ID.
    ///
    /// # Errors
    ///
    /// When the text breaks a rule of the SPIFFE ID standard.
    pub fn parse(text: &'a str) -> Result<Self, SpiffeIdError> {
        if text.len() > MAX_LEN {
            return Err(SpiffeIdError::new(Kind::TooLong));
        }
        let rest = text
            .split_at_checked(SCHEME.len())
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case(SCHEME))
            .map(|(_, rest)| rest)
            .ok_or(SpiffeIdError::new(Kind::Scheme))?;
        let (trust_domain, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        check_name(trust_domain)?;
        check_path(path)?;
        Ok(Self { trust_domain, path })
    }

    /// The trust domain as it was written, of any case.
    #[must_use]
    pub const fn trust_domain(&self) -> &'a str {
        self.trust_domain
    }

    /// The path with its leading slash; empty for the ID of a trust domain itself.
    #[must_use]
    pub const fn path(&self) -> &'a str {
        self.path
    }

    /// The ID with a text of its own.
    #[must_use]
    pub fn to_spiffe_id(&self) -> SpiffeId {
        let mut text =
            String::with_capacity(SCHEME.len() + self.trust_domain.len() + self.path.len());
        text.push_str(SCHEME);
        text.push_str(self.trust_domain);
        text.make_ascii_lowercase();
        text.push_str(self.path);
        SpiffeId {
            text: text.into(),
            path_at: SCHEME.len() + self.trust_domain.len(),
        }
    }
}

fn check_path(path: &str) -> Result<(), SpiffeIdError> {
    let Some(segments) = path.strip_prefix('/') else {
        return Ok(());
    };
    if segments.split('/').all(is_segment) {
        Ok(())
    } else {
        Err(SpiffeIdError::new(Kind::Path))
    }
}

/// SPIFFE-ID 2.2: `...` and `.x` are names, `.` and `..` are not.
pub(super) fn is_segment(segment: &str) -> bool {
    !matches!(segment, "" | "." | "..")
        && segment
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_'))
}

impl PartialEq for SpiffeIdRef<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.path == other.path && self.trust_domain.eq_ignore_ascii_case(other.trust_domain)
    }
}

impl Eq for SpiffeIdRef<'_> {}

impl PartialEq<SpiffeId> for SpiffeIdRef<'_> {
    fn eq(&self, other: &SpiffeId) -> bool {
        *self == other.to_ref()
    }
}

impl Hash for SpiffeIdRef<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        for byte in self.trust_domain.bytes() {
            byte.to_ascii_lowercase().hash(state);
        }
        self.path.hash(state);
    }
}

impl fmt::Display for SpiffeIdRef<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use fmt::Write;

        f.write_str(SCHEME)?;
        for byte in self.trust_domain.bytes() {
            f.write_char(char::from(byte.to_ascii_lowercase()))?;
        }
        f.write_str(self.path)
    }
}

/// A SPIFFE ID of its own, in lower case up to its path. A clone is one reference count.
///
/// ```
/// use otel_core::identity::SpiffeId;
///
/// let id: SpiffeId = "spiffe://Prod.example.org/ns/shop/sa/web".parse()?;
/// assert_eq!(id.as_str(), "spiffe://prod.example.org/ns/shop/sa/web");
/// assert_eq!(id.trust_domain(), "prod.example.org");
/// # Ok::<(), otel_core::identity::SpiffeIdError>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SpiffeId {
    text: Arc<str>,
    path_at: usize,
}

impl SpiffeId {
    /// The whole ID.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The name of the trust domain, in lower case.
    #[must_use]
    pub fn trust_domain(&self) -> &str {
        self.text
            .get(SCHEME.len()..self.path_at)
            .unwrap_or_default()
    }

    /// The trust domain as a value of its own.
    #[must_use]
    pub fn to_trust_domain(&self) -> TrustDomain {
        TrustDomain::of_checked(self.trust_domain())
    }

    /// The path with its leading slash; empty for the ID of a trust domain itself.
    #[must_use]
    pub fn path(&self) -> &str {
        self.text.get(self.path_at..).unwrap_or_default()
    }

    /// The ID as one that borrows.
    #[must_use]
    pub fn to_ref(&self) -> SpiffeIdRef<'_> {
        SpiffeIdRef {
            trust_domain: self.trust_domain(),
            path: self.path(),
        }
    }

    /// The shared text, for an attribute.
    pub(crate) fn to_shared(&self) -> Arc<str> {
        Arc::clone(&self.text)
    }
}

impl FromStr for SpiffeId {
    type Err = SpiffeIdError;

    fn from_str(text: &str) -> Result<Self, SpiffeIdError> {
        SpiffeIdRef::parse(text).map(|id| id.to_spiffe_id())
    }
}

impl fmt::Display for SpiffeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for SpiffeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SpiffeId({})", self.text)
    }
}
