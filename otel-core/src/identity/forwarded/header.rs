//! The headers, and which of them a request has.

use http::header::{HeaderMap, HeaderName};

/// A header that says who the caller is, believed or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::identity) enum Forwarded {
    Xfcc,
    ClientCert,
    ClientCertChain,
    L5d,
    /// A name that a gateway which maps `-` to `_`, as CGI does, would take for one of the others.
    Twin,
}

/// Every such header, in an order of no meaning.
pub(in crate::identity) static HEADERS: [(HeaderName, Forwarded); 8] = [
    (
        HeaderName::from_static("x-forwarded-client-cert"),
        Forwarded::Xfcc,
    ),
    (
        HeaderName::from_static("client-cert"),
        Forwarded::ClientCert,
    ),
    (
        HeaderName::from_static("client-cert-chain"),
        Forwarded::ClientCertChain,
    ),
    (HeaderName::from_static("l5d-client-id"), Forwarded::L5d),
    (
        HeaderName::from_static("x_forwarded_client_cert"),
        Forwarded::Twin,
    ),
    (HeaderName::from_static("client_cert"), Forwarded::Twin),
    (
        HeaderName::from_static("client_cert_chain"),
        Forwarded::Twin,
    ),
    (HeaderName::from_static("l5d_client_id"), Forwarded::Twin),
];

impl Forwarded {
    /// The headers of this kind a request has.
    pub(in crate::identity) fn present(
        headers: &HeaderMap,
    ) -> impl Iterator<Item = &'static (HeaderName, Self)> + '_ {
        let candidates = if headers.is_empty() {
            &[][..]
        } else {
            &HEADERS
        };
        candidates
            .iter()
            .filter(|(name, _)| headers.contains_key(name))
    }
}
