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
    /// The headers of this kind a request has, in its own order.
    ///
    /// One pass over the names a request has costs less than to look up all that it may not have.
    pub(in crate::identity) fn present(
        headers: &HeaderMap,
    ) -> impl Iterator<Item = &'static (HeaderName, Self)> + '_ {
        headers
            .keys()
            // The lengths of the names below.
            .filter(|name| matches!(name.as_str().len(), 11 | 13 | 17 | 23))
            .filter_map(|name| HEADERS.iter().find(|(known, _)| known == name))
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn every_name_is_found() {
        for (name, _) in &HEADERS {
            let mut headers = HeaderMap::new();
            headers.insert(name, HeaderValue::from_static("x"));
            headers.append(name, HeaderValue::from_static("y"));
            let found: Vec<_> = Forwarded::present(&headers).map(|(name, _)| name).collect();
            assert_eq!(found, [name]);
        }
        assert_eq!(Forwarded::present(&HeaderMap::new()).count(), 0);
    }
}
