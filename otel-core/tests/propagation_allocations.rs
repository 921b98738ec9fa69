//! What reading a context asks of the allocator, whoever sent it.
#![allow(
    clippy::unwrap_used,
    reason = "a test that meets the unexpected has failed"
)]

use http::{HeaderMap, HeaderValue};
use otel_core::context::Carry;
use otel_core::opentelemetry::Context;
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
fn a_list_and_a_conflict_cost_one_each_and_baggage_three() {
    let w3c = Propagator::w3c();
    for list in ["rojo=1", &["k=v"; 32].join(",")] {
        let headers = headers(&[PARENT, ("tracestate", list)]);
        assert_eq!(allocations(&w3c, &headers), 1, "as it will be sent");
    }
    let apart = headers(&[PARENT, ("tracestate", "rojo=1, congo=2,")]);
    assert_eq!(allocations(&w3c, &apart), 2, "with blanks in it");

    let other = ("b3", "1110464cfa66635c80e1afed08e019fc-7a085853722dc6d2-1");
    assert_eq!(allocations(&with_baggage(), &headers(&[PARENT, other])), 1);
    let baggage = ("baggage", "rojo=1;p, congo = %32");
    assert_eq!(
        allocations(&with_baggage(), &headers(&[PARENT, baggage])),
        3
    );
}

#[test]
fn a_header_that_is_written_costs_one() {
    let propagator = Propagator::ordered([Format::W3c, Format::B3Single]);
    let extracted = propagator.extract(&headers(&[PARENT, ("tracestate", "rojo=1")]));
    let span_context = extracted.span_context().unwrap();
    // The map has room: a request has headers of its own.
    let mut sent = headers(&[PARENT, ("tracestate", "rojo=1"), ("b3", "0")]);
    for (tracestate, written) in [(None, 2), (extracted.tracestate(), 3)] {
        let ((), made) =
            ALLOCATOR.allocations_of(|| propagator.inject(span_context, tracestate, &mut sent));
        assert_eq!(made.count(), written);
    }
}

#[test]
fn carrying_costs_nothing() {
    let _current = Context::new().with_value(17_u32).attach();
    let (carried, made) = ALLOCATOR.allocations_of(|| async {}.carry());
    drop(carried);
    assert_eq!(made.count(), 0);
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
