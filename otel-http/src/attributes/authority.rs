//! `server.address` and `server.port` of a request.

use http::header::HOST;
use http::uri::Authority;
use http::{HeaderMap, Uri};

/// Host and port the request was sent to: `:authority` or an absolute target, else `Host`.
///
/// A `Host` that is not an authority by RFC 3986 is caller text without meaning and is left out;
/// so is one that is repeated. The brackets of an IPv6 address are not part of it.
pub(crate) fn authority(uri: &Uri, headers: &HeaderMap) -> Option<(String, Option<u16>)> {
    let parsed = match uri.authority() {
        Some(authority) => authority.clone(),
        None => from_host(headers)?,
    };
    let host = parsed.host();
    let bare = host
        .strip_prefix('[')
        .and_then(|host| host.strip_suffix(']'))
        .unwrap_or(host);
    (!bare.is_empty()).then(|| (bare.to_owned(), parsed.port_u16()))
}

fn from_host(headers: &HeaderMap) -> Option<Authority> {
    let mut hosts = headers.get_all(HOST).iter();
    let host = hosts.next()?;
    if hosts.next().is_some() || host.as_bytes().contains(&b'@') {
        return None;
    }
    Authority::try_from(host.as_bytes()).ok()
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn host_header() {
        for (host, expected) in [
            ("shop.example", Some(("shop.example", None))),
            ("shop.example:8080", Some(("shop.example", Some(8080)))),
            ("[::1]:8080", Some(("::1", Some(8080)))),
            ("[::1]", Some(("::1", None))),
            ("user@shop.example", None),
            ("a b", None),
            ("", None),
            ("evil\u{7f}", None),
            ("<script>", None),
        ] {
            let mut headers = HeaderMap::new();
            if let Ok(value) = HeaderValue::from_str(host) {
                headers.insert(HOST, value);
            }
            let found = authority(&Uri::from_static("/"), &headers);
            let expected = expected.map(|(address, port)| (address.to_owned(), port));
            assert_eq!(found, expected, "{host:?}");
        }
    }

    #[test]
    fn the_target_wins_over_the_header() {
        let mut headers = HeaderMap::new();
        headers.insert(HOST, HeaderValue::from_static("other.example"));
        let uri = Uri::from_static("http://shop.example:81/x");
        assert_eq!(
            authority(&uri, &headers),
            Some(("shop.example".to_owned(), Some(81)))
        );
    }

    #[test]
    fn a_repeated_host_is_left_out() {
        let mut headers = HeaderMap::new();
        headers.append(HOST, HeaderValue::from_static("a.example"));
        headers.append(HOST, HeaderValue::from_static("b.example"));
        assert_eq!(authority(&Uri::from_static("/"), &headers), None);
    }
}
