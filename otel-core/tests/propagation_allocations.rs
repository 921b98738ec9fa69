//! What reading a context asks of the allocator, whoever sent it.
#![allow(
    clippy::unwrap_used,
    reason = "a test that meets the unexpected has failed"
)]

use http::{HeaderMap, HeaderValue};
use otel_core::propagation::{Format, Propagator};
use testkit::alloc::CountingAllocator;

#[global_allocator]
static ALLOCATOR: CountingAllocator = CountingAllocator::new();

fn with_baggage() -> Propagator {
    Propagator::builder()
        .add_format(Format::W3c)
        .add_format(Format::B3Single)
        .with_baggage()
        .build()
}

fn allocations(propagator: &Propagator, headers: &HeaderMap) -> u64 {
    let (extracted, made) = ALLOCATOR.allocations_of(|| propagator.extract(headers));
    drop(extracted);
    made.count()
}

fn headers(lines: &[(&'static str, &str)]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for &(name, value) in lines {
        headers.append(name, HeaderValue::from_str(value).unwrap());
    }
    headers
}

const PARENT: (&str, &str) = (
    "traceparent",
    "00-80e1afed08e019fc1110464cfa66635c-7a085853722dc6d2-03",
);

#[test]
fn a_parent_costs_nothing_in_any_format() {
    let b3 = ("b3", "80e1afed08e019fc1110464cfa66635c-7a085853722dc6d2-1");
    for lines in [&[PARENT][..], &[b3], &[PARENT, b3], &[]] {
        assert_eq!(allocations(&Propagator::w3c(), &headers(lines)), 0);
        assert_eq!(allocations(&with_baggage(), &headers(lines)), 0);
    }
}

#[test]
fn a_conflict_costs_two_and_baggage_three() {
    let other = ("b3", "1110464cfa66635c80e1afed08e019fc-7a085853722dc6d2-1");
    assert_eq!(allocations(&with_baggage(), &headers(&[PARENT, other])), 2);
    let baggage = ("baggage", "rojo=1;p, congo = %32");
    assert_eq!(
        allocations(&with_baggage(), &headers(&[PARENT, baggage])),
        3
    );
}

#[test]
fn a_megabyte_of_hostile_baggage_costs_nothing() {
    let megabyte = 1 << 20;
    let mut many_lines = HeaderMap::new();
    for _ in 0..megabyte / 64 {
        many_lines.append(
            "baggage",
            HeaderValue::from_str(&"a=%41,".repeat(10)).unwrap(),
        );
    }
    for hostile in [
        headers(&[("baggage", &"a=1,".repeat(megabyte / 4))]),
        headers(&[("baggage", &",".repeat(megabyte))]),
        headers(&[("baggage", &"%".repeat(megabyte))]),
        headers(&[("baggage", &format!("a=1;{}", "p;".repeat(megabyte / 2)))]),
        headers(&[("baggage", &"a=1,".repeat(2000))]),
        many_lines,
    ] {
        assert_eq!(allocations(&with_baggage(), &hostile), 0);
        assert!(with_baggage().extract(&hostile).is_baggage_discarded());
    }
}
