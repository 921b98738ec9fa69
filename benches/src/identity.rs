//! A certificate read as a peer, and the peer of a request.

use std::sync::Arc;
use std::time::UNIX_EPOCH;

use http::{Extensions, HeaderMap, HeaderValue};
use otel_core::identity::{
    AttributeProfile, Connection, Forwards, Identify, PeerIdentity, Proxy, TrustPolicy,
};
use otel_core::telemetry::Telemetry;
use sha2::{Digest, Sha256};
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::FromDer;

use crate::harness::{Case, Comparison};

const CERTIFICATE: &str = "an SVID, once a connection";
const REQUEST: &str = "the peer of a request";

static SVID: &[u8] = include_bytes!("../../fuzz/seeds/svid.der");

pub(crate) fn comparison() -> Comparison {
    let cases = vec![
        Case::new(CERTIFICATE, "otel-core, PeerIdentity", |meter| {
            meter.run(|| PeerIdentity::of_chain(&[SVID], UNIX_EPOCH));
        }),
        Case::new(CERTIFICATE, "x509-parser alone", |meter| {
            meter.run(bare);
        }),
        Case::new(REQUEST, "otel-core, of its connection", |meter| {
            let (identify, extensions, headers) = request(None);
            meter.run(|| identify.arrive(&extensions, &headers));
        }),
        Case::new(REQUEST, "otel-core, with its attributes", |meter| {
            let (identify, extensions, headers) = request(None);
            meter.run(|| {
                let arrival = identify.arrive(&extensions, &headers);
                let peer = arrival.peer().expect("a peer");
                peer.attributes(AttributeProfile::Own).to_vec()
            });
        }),
        Case::new(REQUEST, "otel-core, of an Envoy header", |meter| {
            let (identify, extensions, headers) = request(Some(
                "By=spiffe://prod.example.org/orders;\
                 Hash=468ed33be74eee6556d90c0149c1309e9ba61d6425303443c0748a02dd8de688;\
                 Subject=\"\";URI=spiffe://prod.example.org/ns/shop/sa/web",
            ));
            meter.run(|| identify.arrive(&extensions, &headers));
        }),
    ];
    Comparison {
        name: "identity",
        operation: "who called: a certificate of 518 bytes, or a request of three headers",
        parts: 1,
        has_reference: false,
        counted: 5_000,
        cases,
    }
}

/// What anybody would do by hand: the first URI, the serial number, the digest.
fn bare() -> (String, String, [u8; 32]) {
    let (_, certificate) = X509Certificate::from_der(SVID).expect("a certificate");
    let names = certificate.subject_alternative_name();
    let names = names.expect("names").expect("names").value;
    let mut names = names.general_names.iter();
    let uri = names.find_map(|name| match name {
        GeneralName::URI(uri) => Some((*uri).to_owned()),
        _ => None,
    });
    let serial = certificate.raw_serial_as_string();
    (uri.expect("a URI"), serial, Sha256::digest(SVID).into())
}

fn request(xfcc: Option<&'static str>) -> (Identify, Extensions, HeaderMap) {
    let telemetry = Telemetry::builder().build().expect("a valid configuration");
    let policy = TrustPolicy::builder("prod.example.org".parse().expect("a trust domain"))
        .add_proxy(Proxy::loopback(Forwards::XfccSet))
        .build();
    let identify = Identify::new(&telemetry, policy.expect("a valid policy"));
    let mut extensions = Extensions::new();
    let mut headers = HeaderMap::new();
    headers.insert("host", HeaderValue::from_static("shop.example"));
    headers.insert("accept", HeaderValue::from_static("*/*"));
    let connection = Connection::tcp(([127, 0, 0, 1], 4711).into());
    match xfcc {
        Some(xfcc) => {
            extensions.insert(connection);
            headers.insert("x-forwarded-client-cert", HeaderValue::from_static(xfcc));
        }
        None => {
            let peer = PeerIdentity::of_chain(&[SVID], UNIX_EPOCH).expect("a peer");
            extensions.insert(connection.with_peer(Arc::new(peer)));
            headers.insert("user-agent", HeaderValue::from_static("curl/8.5.0"));
        }
    }
    (identify, extensions, headers)
}
