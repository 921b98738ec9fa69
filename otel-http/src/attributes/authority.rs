//! Host and port a request was sent to.

use std::net::Ipv6Addr;

use http::header::HOST;
use http::{HeaderMap, Uri};

/// `:authority`, the authority of an absolute target, or else the `Host` header, as text.
///
/// A repeated `Host` names nobody and is left out.
pub(crate) fn authority<'a>(uri: &'a Uri, headers: &'a HeaderMap) -> Option<&'a str> {
    if let Some(authority) = uri.authority() {
        // User information is the one part of it that must not be looked at.
        return authority.as_str().rsplit('@').next();
    }
    let mut hosts = headers.get_all(HOST).iter();
    let host = hosts.next()?;
    hosts.next().is_none().then(|| host.to_str().ok()).flatten()
}

/// Host and port of an authority without user information.
///
/// The host is a name or address of RFC 3986 without percent-encoding; anything else is caller
/// text without meaning. The brackets of an IPv6 address are not part of the address.
pub(crate) fn split(authority: &str) -> Option<(&str, Option<u16>)> {
    let (host, port) = match authority.strip_prefix('[') {
        Some(rest) => {
            let (address, rest) = rest.split_once(']')?;
            address.parse::<Ipv6Addr>().ok()?;
            match rest {
                "" => (address, None),
                rest => (address, Some(rest.strip_prefix(':')?)),
            }
        }
        None => match authority.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (authority, None),
        },
    };
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_' | b'~' | b':');
    if host.is_empty() || host.len() > 255 || !host.bytes().all(plain) {
        return None;
    }
    match port {
        Some(port) => Some((host, Some(port.parse().ok()?))),
        None => Some((host, None)),
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn hosts_and_ports() {
        for (text, expected) in [
            ("shop.example", Some(("shop.example", None))),
            ("shop.example:8080", Some(("shop.example", Some(8080)))),
            ("10.0.0.1:80", Some(("10.0.0.1", Some(80)))),
            ("[::1]:8080", Some(("::1", Some(8080)))),
            ("[::1]", Some(("::1", None))),
            ("[::1]x", None),
            ("[zz]", None),
            ("::1", None),
            ("user@shop.example", None),
            ("a b", None),
            ("a:99999", None),
            ("a:", None),
            (":80", None),
            ("", None),
            ("<script>", None),
        ] {
            assert_eq!(split(text), expected, "{text:?}");
        }
    }

    #[test]
    fn the_target_wins_and_a_repeated_header_is_left_out() {
        let mut headers = HeaderMap::new();
        headers.append(HOST, HeaderValue::from_static("a.example"));
        let target = Uri::from_static("http://shop.example:81/x");
        assert_eq!(authority(&target, &headers), Some("shop.example:81"));
        assert_eq!(
            authority(&Uri::from_static("/"), &headers),
            Some("a.example")
        );
        headers.append(HOST, HeaderValue::from_static("b.example"));
        assert_eq!(authority(&Uri::from_static("/"), &headers), None);
    }
}
