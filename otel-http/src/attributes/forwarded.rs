//! What proxies say of the request they pass on.
//!
//! `X-Forwarded-For` and `Forwarded` (RFC 7239) are lists a proxy appends to, and anybody can begin
//! one. The value the outermost trusted proxy wrote is found by counting from the right; what is to
//! the left of it is the caller's own text and is not looked at.

use std::net::{IpAddr, Ipv6Addr};

use http::header::FORWARDED;
use http::{HeaderMap, HeaderName};

use super::Scheme;

/// Entries a list may have; a longer one is not believed.
const MAX_ENTRIES: usize = 32;

static FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
static HOST: HeaderName = HeaderName::from_static("x-forwarded-host");
static PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// What the outermost trusted proxy saw.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Forwarded<'a> {
    pub(crate) client: Option<IpAddr>,
    pub(crate) scheme: Option<Scheme>,
    pub(crate) host: Option<&'a str>,
}

/// One entry of the lists.
#[derive(Clone, Copy, Debug, Default)]
struct Hop<'a> {
    client: Option<IpAddr>,
    proto: Option<&'a str>,
    host: Option<&'a str>,
}

/// The lists of one request, the nearest proxy last.
#[derive(Debug)]
pub(crate) struct Hops<'a> {
    hops: Vec<Hop<'a>>,
    /// Where addresses, schemes and hosts are lists of their own, the latter two.
    apart: Option<(Vec<&'a str>, Vec<&'a str>)>,
}

impl<'a> Hops<'a> {
    /// The three `X-Forwarded-*` lists.
    pub(crate) fn of_x_forwarded(headers: &'a HeaderMap) -> Option<Self> {
        let hops = list(headers, &FOR)?
            .into_iter()
            .map(|entry| Hop {
                client: address(entry),
                ..Hop::default()
            })
            .collect();
        let apart = (list(headers, &PROTO)?, list(headers, &HOST)?);
        Some(Self {
            hops,
            apart: Some(apart),
        })
    }

    /// The list of RFC 7239.
    pub(crate) fn of_forwarded(headers: &'a HeaderMap) -> Option<Self> {
        let mut hops = Vec::new();
        for line in headers.get_all(FORWARDED) {
            for element in split_unquoted(line.to_str().ok()?, ',') {
                if hops.len() == MAX_ENTRIES {
                    return None;
                }
                hops.push(hop(element)?);
            }
        }
        Some(Self { hops, apart: None })
    }

    /// The addresses, the nearest first.
    pub(crate) fn clients(&self) -> impl Iterator<Item = Option<IpAddr>> {
        self.hops.iter().rev().map(|hop| hop.client)
    }

    /// What the proxy that is `distance` proxies away saw; 1 is the nearest.
    pub(crate) fn at(&self, distance: usize) -> Forwarded<'a> {
        let hop = from_right(&self.hops, distance);
        let (proto, host) = match &self.apart {
            Some((protos, hosts)) => (overwritten(protos, distance), overwritten(hosts, distance)),
            None => (hop.and_then(|hop| hop.proto), hop.and_then(|hop| hop.host)),
        };
        Forwarded {
            client: hop.and_then(|hop| hop.client),
            scheme: proto.and_then(Scheme::parse),
            host,
        }
    }
}

fn from_right<T: Copy>(list: &[T], distance: usize) -> Option<T> {
    list.len()
        .checked_sub(distance)
        .and_then(|index| list.get(index))
        .copied()
}

/// A list some proxies append to and others overwrite: what is shorter than it should be was
/// overwritten by one that is nearer, and trusted too.
fn overwritten<'a>(list: &[&'a str], distance: usize) -> Option<&'a str> {
    from_right(list, distance).or_else(|| list.first().copied())
}

/// The entries of a header, over all of its lines; `None` if it cannot be believed.
fn list<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<Vec<&'a str>> {
    let mut entries = Vec::new();
    for line in headers.get_all(name) {
        for entry in line.to_str().ok()?.split(',') {
            if entries.len() == MAX_ENTRIES {
                return None;
            }
            entries.push(entry.trim_matches([' ', '\t']));
        }
    }
    Some(entries)
}

/// One element of `Forwarded`: `for=…;proto=…;host=…;by=…`, each at most once.
fn hop(element: &str) -> Option<Hop<'_>> {
    let mut hop = Hop::default();
    let mut seen = (false, false, false);
    for pair in split_unquoted(element, ';') {
        let (name, value) = pair.trim_matches([' ', '\t']).split_once('=')?;
        let value = unquoted(value)?;
        let is = |wanted: &str| name.eq_ignore_ascii_case(wanted);
        if is("for") && !std::mem::replace(&mut seen.0, true) {
            hop.client = address(value);
        } else if is("proto") && !std::mem::replace(&mut seen.1, true) {
            hop.proto = Some(value);
        } else if is("host") && !std::mem::replace(&mut seen.2, true) {
            hop.host = Some(value);
        } else if is("for") || is("proto") || is("host") {
            return None;
        }
    }
    Some(hop)
}

/// Splits at a separator outside quotation marks. A backslash escapes inside them.
fn split_unquoted(text: &str, separator: char) -> impl Iterator<Item = &str> {
    let (mut is_quoted, mut is_escaped) = (false, false);
    text.split(move |c| {
        let is_end = c == separator && !is_quoted;
        if is_escaped {
            is_escaped = false;
        } else if c == '\\' && is_quoted {
            is_escaped = true;
        } else if c == '"' {
            is_quoted = !is_quoted;
        }
        is_end
    })
}

/// A token, or a quoted string without escapes: no address and no host needs one.
fn unquoted(value: &str) -> Option<&str> {
    let inner = match value.strip_prefix('"') {
        Some(rest) => rest.strip_suffix('"')?,
        None => value,
    };
    (!inner.contains(['"', '\\'])).then_some(inner)
}

/// An address with or without a port: `192.0.2.1`, `192.0.2.1:80`, `2001:db8::1`,
/// `[2001:db8::1]:80`. `unknown` and obfuscated names are none.
fn address(text: &str) -> Option<IpAddr> {
    if let Some(rest) = text.strip_prefix('[') {
        let (inner, port) = rest.split_once(']')?;
        let is_port = port.is_empty() || port.strip_prefix(':').is_some_and(is_node_port);
        let address: Ipv6Addr = inner.parse().ok()?;
        return is_port.then_some(IpAddr::V6(address).to_canonical());
    }
    let bare = match text.split_once(':') {
        Some((host, port)) if !port.contains(':') => is_node_port(port).then_some(host)?,
        _ => text,
    };
    Some(bare.parse::<IpAddr>().ok()?.to_canonical())
}

/// A number, or an obfuscated port of RFC 7239.
fn is_node_port(port: &str) -> bool {
    port.parse::<u16>().is_ok() || port.starts_with('_')
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn headers(lines: &[(&'static str, &'static str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(*name, HeaderValue::from_static(value));
        }
        headers
    }

    #[test]
    fn addresses() {
        for (text, expected) in [
            ("192.0.2.1", Some("192.0.2.1")),
            ("192.0.2.1:4711", Some("192.0.2.1")),
            ("2001:db8::1", Some("2001:db8::1")),
            ("[2001:db8::1]", Some("2001:db8::1")),
            ("[2001:db8::1]:80", Some("2001:db8::1")),
            ("[2001:db8::1]:_p", Some("2001:db8::1")),
            ("::ffff:192.0.2.1", Some("192.0.2.1")),
            ("unknown", None),
            ("_hidden", None),
            ("192.0.2.1:x", None),
            ("192.0.2.256", None),
            ("[2001:db8::1", None),
            ("[192.0.2.1]", None),
            ("' OR 1=1", None),
            ("", None),
        ] {
            let found = address(text).map(|found| found.to_string());
            assert_eq!(found.as_deref(), expected, "{text:?}");
        }
    }

    #[test]
    fn the_standard_list() {
        for (lines, distance, client, scheme, host) in [
            (
                &[("forwarded", "for=192.0.2.1;proto=https;host=shop.example")][..],
                1,
                Some("192.0.2.1"),
                Some(Scheme::Https),
                Some("shop.example"),
            ),
            (
                &[(
                    "forwarded",
                    "For=\"[2001:db8::1]:47\" ; Host=\"a.example:8\", for=10.0.0.1",
                )],
                2,
                Some("2001:db8::1"),
                None,
                Some("a.example:8"),
            ),
            (
                &[("forwarded", "for=1.1.1.1"), ("forwarded", "for=2.2.2.2")],
                1,
                Some("2.2.2.2"),
                None,
                None,
            ),
            // A quoted comma does not begin an element.
            (
                &[("forwarded", "for=\"1.1.1.1, for=2.2.2.2\"")],
                1,
                None,
                None,
                None,
            ),
            (&[("forwarded", "for=1.1.1.1")], 2, None, None, None),
            (
                &[("forwarded", "for=unknown;proto=gopher")],
                1,
                None,
                None,
                None,
            ),
        ] {
            let headers = headers(lines);
            let seen = Hops::of_forwarded(&headers).unwrap().at(distance);
            let seen_client = seen.client.map(|client| client.to_string());
            assert_eq!(seen_client.as_deref(), client, "{lines:?}");
            assert_eq!((seen.scheme, seen.host), (scheme, host), "{lines:?}");
        }
        for bad in [
            "for",
            "for=1.1.1.1;for=2.2.2.2",
            "for=\"1.1.1.1",
            "host=\"a\\\"b\"",
        ] {
            assert!(
                Hops::of_forwarded(&headers(&[("forwarded", bad)])).is_none(),
                "{bad}"
            );
        }
    }

    #[test]
    fn the_lists_that_came_before_the_standard() {
        let headers = headers(&[
            ("x-forwarded-for", "6.6.6.6, 192.0.2.1"),
            ("x-forwarded-for", "10.0.0.1"),
            ("x-forwarded-proto", "https"),
            (
                "x-forwarded-host",
                "evil.example, shop.example, inner.example",
            ),
        ]);
        let seen = Hops::of_x_forwarded(&headers).unwrap().at(2);
        assert_eq!(seen.client, Some("192.0.2.1".parse().unwrap()));
        assert_eq!(seen.scheme, Some(Scheme::Https));
        assert_eq!(seen.host, Some("shop.example"));
    }

    #[test]
    fn a_list_without_end_is_not_believed() {
        let long: &'static str = Box::leak("1.1.1.1,".repeat(33).into_boxed_str());
        assert!(Hops::of_x_forwarded(&headers(&[("x-forwarded-for", long)])).is_none());
    }
}
