//! `url.full` of an outgoing request, without what must not be seen.

use http::Uri;

use super::query::Query;
use super::{Scheme, caller_text};

/// The URL with user information and the values of sensitive parameters replaced.
pub(crate) fn full(uri: &Uri, scheme: Scheme, query: &Query) -> String {
    let mut url = String::with_capacity(64);
    if let Some(authority) = uri.authority() {
        url.push_str(scheme.as_str());
        url.push_str("://");
        let authority = authority.as_str();
        match authority.rsplit_once('@') {
            Some((_, host)) => {
                url.push_str("REDACTED:REDACTED@");
                url.push_str(host);
            }
            None => url.push_str(authority),
        }
    }
    url.push_str(uri.path());
    if let Some(text) = uri.query().filter(|_| !query.is_omitted()) {
        url.push('?');
        query.push(&mut url, text);
    }
    caller_text(&url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_do_not_leave() {
        for (uri, expected) in [
            ("http://shop.example/a?b=c", "http://shop.example/a?b=c"),
            (
                "http://me:pw@shop.example/",
                "http://REDACTED:REDACTED@shop.example/",
            ),
            (
                "http://a.example/?sig=x&b=1&Signature=y",
                "http://a.example/?sig=REDACTED&b=1&Signature=REDACTED",
            ),
            ("http://a.example/?SIG=x", "http://a.example/?SIG=x"),
            ("/only/path", "/only/path"),
        ] {
            let parsed: Uri = uri.parse().unwrap();
            assert_eq!(full(&parsed, Scheme::Http, &Query::default()), expected);
        }
    }
}
