//! What finding the caller asks of the allocator, once its connection is known.
#![cfg(feature = "x509")]
#![allow(
    clippy::unwrap_used,
    reason = "a test that meets the unexpected has failed"
)]

use std::sync::Arc;
use std::time::UNIX_EPOCH;

use http::{Extensions, HeaderMap, HeaderValue};
use otel_core::identity::{
    Connection, Forwards, Identify, PeerIdentity, Proxy, SpiffeIdRef, SpiffePattern, TrustPolicy,
};
use otel_core::telemetry::Telemetry;
use testkit::alloc::CountingAllocator;
use testkit::pki::Authority;

#[global_allocator]
static ALLOCATOR: CountingAllocator = CountingAllocator::new();

const WEB: &str = "spiffe://prod.example.org/ns/shop/sa/web";

#[test]
fn looking_a_peer_up_costs_one_reference_count() {
    let leaf = Authority::root("prod.example.org").svid(WEB);
    let peer = Arc::new(PeerIdentity::of_chain(&leaf.chain, UNIX_EPOCH).unwrap());
    let telemetry = Telemetry::builder().build().unwrap();
    let policy = TrustPolicy::builder("prod.example.org".parse().unwrap())
        .add_proxy(Proxy::loopback(Forwards::XfccSet))
        .build()
        .unwrap();
    let identify = Identify::new(&telemetry, policy);
    let mut extensions = Extensions::new();
    extensions.insert(Connection::unknown().with_peer(Arc::clone(&peer)));
    let mut headers = HeaderMap::new();
    headers.insert("accept", HeaderValue::from_static("*/*"));
    // The first request of a thread sets up what it remembers of itself.
    drop(identify.arrive(&extensions, &headers));
    let held = Arc::strong_count(&peer);
    let (arrival, made) = ALLOCATOR.allocations_of(|| identify.arrive(&extensions, &headers));
    assert_eq!(made.count(), 0);
    assert_eq!(Arc::strong_count(&peer), held + 1);
    assert_eq!(arrival.peer().unwrap().spiffe_id().unwrap().as_str(), WEB);
}

#[test]
fn reading_and_matching_an_id_costs_nothing() {
    let pattern: SpiffePattern = "spiffe://prod.example.org/ns/*/sa/web".parse().unwrap();
    let (matched, made) = ALLOCATOR.allocations_of(|| {
        let refused = SpiffeIdRef::parse("spiffe://host:1234/path").is_err();
        refused && pattern.matches(SpiffeIdRef::parse(WEB).unwrap())
    });
    assert!(matched);
    assert_eq!(made.count(), 0);
}
