//! `url.full` of an outgoing request, without what must not be seen.

use http::Uri;

use super::Scheme;

/// Query parameters whose values are credentials, as the HTTP conventions list them.
const SENSITIVE: [&str; 7] = [
    "X-Amz-Signature",
    "X-Amz-Credential",
    "X-Amz-Security-Token",
    "AWSAccessKeyId",
    "Signature",
    "sig",
    "X-Goog-Signature",
];

/// The URL with user information and the values of sensitive parameters replaced.
pub(crate) fn full(uri: &Uri, scheme: Scheme) -> String {
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
    if let Some(query) = uri.query() {
        url.push('?');
        push_query(&mut url, query);
    }
    url
}

fn push_query(url: &mut String, query: &str) {
    for (index, pair) in query.split('&').enumerate() {
        if index > 0 {
            url.push('&');
        }
        match pair.split_once('=') {
            Some((name, _)) if SENSITIVE.contains(&name) => {
                url.push_str(name);
                url.push_str("=REDACTED");
            }
            _ => url.push_str(pair),
        }
    }
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
            assert_eq!(full(&parsed, Scheme::Http), expected);
        }
    }
}
