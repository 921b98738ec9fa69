//! linkerd's `l5d-client-id`.

use super::{ForwardedError, Kind};
use crate::identity::SpiffeIdRef;

/// Longest identity that is read, bytes: that of a DNS name, or of a SPIFFE ID.
const MAX_LEN: usize = 2048;

/// The header, read: a DNS-like name such as
/// `web.shop.serviceaccount.identity.linkerd.cluster.local`, or a SPIFFE ID.
///
/// ```
/// use otel_core::identity::L5dClientId;
///
/// let id = L5dClientId::parse("web.shop.serviceaccount.identity.linkerd.cluster.local").unwrap();
/// assert!(id.spiffe_id().is_none());
/// assert!(L5dClientId::parse("a b").is_err());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct L5dClientId<'a> {
    name: &'a str,
    spiffe_id: Option<SpiffeIdRef<'a>>,
}

impl<'a> L5dClientId<'a> {
    /// Reads the header.
    ///
    /// # Errors
    ///
    /// When it is empty, longer than 2,048 bytes, or neither a DNS name nor a SPIFFE ID.
    pub fn parse(header: &'a str) -> Result<Self, ForwardedError> {
        if header.len() > MAX_LEN {
            return Err(ForwardedError::new(Kind::TooLarge));
        }
        if header.contains("://") {
            let id = SpiffeIdRef::parse(header).or(Err(ForwardedError::MALFORMED))?;
            return Ok(Self {
                name: header,
                spiffe_id: Some(id),
            });
        }
        let is_label = |label: &str| {
            !label.is_empty()
                && label.len() <= 63
                && label
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
        };
        if header.len() > 253 || !header.split('.').all(is_label) {
            return Err(ForwardedError::MALFORMED);
        }
        Ok(Self {
            name: header,
            spiffe_id: None,
        })
    }

    /// The name as it was written.
    #[must_use]
    pub const fn name(&self) -> &'a str {
        self.name
    }

    /// The SPIFFE ID, where the name is one.
    #[must_use]
    pub const fn spiffe_id(&self) -> Option<SpiffeIdRef<'a>> {
        self.spiffe_id
    }
}
