//! Patterns of SPIFFE IDs, for rules.
//!
//! A rule that compared prefixes of text would let `/ns/ab` pass as `/ns/a`: a pattern is matched
//! segment by segment.

use std::fmt;
use std::str::FromStr;

use super::spiffe_id::{Kind, SpiffeIdError, SpiffeIdRef, is_segment};
use super::trust_domain::TrustDomain;

/// A SPIFFE ID in which `*` stands for one segment of the path and a last `**` for any number.
///
/// The trust domain is always spelled out: a rule over all domains is a rule for strangers.
///
/// ```
/// use otel_core::identity::{SpiffeIdRef, SpiffePattern};
///
/// let web: SpiffePattern = "spiffe://prod.example.org/ns/*/sa/web".parse()?;
/// assert!(web.matches(SpiffeIdRef::parse("spiffe://prod.example.org/ns/shop/sa/web")?));
/// assert!(!web.matches(SpiffeIdRef::parse("spiffe://prod.example.org/ns/shop/sa/webs")?));
/// # Ok::<(), otel_core::identity::SpiffeIdError>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct SpiffePattern {
    trust_domain: TrustDomain,
    segments: Box<[Segment]>,
    open: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Segment {
    Exact(Box<str>),
    Any,
}

impl SpiffePattern {
    /// Every ID of a trust domain, the ID of the domain itself included.
    #[must_use]
    pub fn all_of(trust_domain: TrustDomain) -> Self {
        Self {
            trust_domain,
            segments: Box::new([]),
            open: true,
        }
    }

    /// The trust domain it is about.
    #[must_use]
    pub const fn trust_domain(&self) -> &TrustDomain {
        &self.trust_domain
    }

    /// Whether an ID is one of those meant.
    #[must_use]
    pub fn matches(&self, id: SpiffeIdRef<'_>) -> bool {
        if !id
            .trust_domain()
            .eq_ignore_ascii_case(self.trust_domain.as_str())
        {
            return false;
        }
        let path = id.path().strip_prefix('/');
        let mut segments = path.into_iter().flat_map(|path| path.split('/'));
        for wanted in &self.segments {
            let Some(segment) = segments.next() else {
                return false;
            };
            if !matches!(wanted, Segment::Any)
                && !matches!(wanted, Segment::Exact(exact) if **exact == *segment)
            {
                return false;
            }
        }
        self.open || segments.next().is_none()
    }
}

impl FromStr for SpiffePattern {
    type Err = SpiffeIdError;

    fn from_str(text: &str) -> Result<Self, SpiffeIdError> {
        // The standard's own parser knows no star: it is given the part before the first of them.
        let star = text.find('*').unwrap_or(text.len());
        let (fixed, pattern) = text.split_at(star);
        let has_star = !pattern.is_empty();
        let id = match fixed.strip_suffix('/') {
            Some(before) if has_star => SpiffeIdRef::parse(before)?,
            None if has_star => return Err(SpiffeIdError::new(Kind::Pattern)),
            _ => SpiffeIdRef::parse(fixed)?,
        };
        let (pattern, open) = match pattern.strip_suffix("**") {
            Some("") => ("", true),
            Some(rest) => {
                let rest = rest.strip_suffix('/');
                (rest.ok_or(SpiffeIdError::new(Kind::Pattern))?, true)
            }
            None => (pattern, false),
        };
        let fixed = id.path().strip_prefix('/');
        let fixed = fixed.into_iter().flat_map(|path| path.split('/'));
        let mut segments: Vec<_> = fixed.map(|fixed| Segment::Exact(fixed.into())).collect();
        for segment in pattern.split('/').filter(|_| !pattern.is_empty()) {
            segments.push(match segment {
                "*" => Segment::Any,
                exact if is_segment(exact) => Segment::Exact(exact.into()),
                partial if partial.contains('*') => return Err(SpiffeIdError::new(Kind::Pattern)),
                _ => return Err(SpiffeIdError::new(Kind::Path)),
            });
        }
        Ok(Self {
            trust_domain: id.to_spiffe_id().to_trust_domain(),
            segments: segments.into(),
            open,
        })
    }
}

impl fmt::Display for SpiffePattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "spiffe://{}", self.trust_domain)?;
        for segment in &self.segments {
            match segment {
                Segment::Exact(exact) => write!(f, "/{exact}")?,
                Segment::Any => f.write_str("/*")?,
            }
        }
        f.write_str(if self.open { "/**" } else { "" })
    }
}

impl fmt::Debug for SpiffePattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SpiffePattern({self})")
    }
}
