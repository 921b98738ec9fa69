//! W3C Baggage: two members, and lists that are refused.

use http::{HeaderMap, HeaderValue};
use opentelemetry::Context;
use opentelemetry::baggage::BaggageExt;
use opentelemetry::propagation::TextMapPropagator;
use opentelemetry_http::HeaderExtractor;
use opentelemetry_sdk::propagation::BaggagePropagator;
use otel_core::propagation::Propagator;

use super::headers;
use crate::harness::Case;

const TWO: &str = "extract, baggage of two";
const REFUSED: &str = "extract, refused baggage";

pub(super) fn cases() -> Vec<Case> {
    let mut cases = vec![
        ours(TWO, "otel-core", || {
            with_lines(&["user=J%C3%BCrgen;internal,plan=gold"])
        }),
        stock(TWO, || with_lines(&["user=J%C3%BCrgen;internal,plan=gold"])),
    ];
    // 256 members, where 64 are allowed; the rest is the same over and over, or too long.
    let kilobyte = || with_lines(&[&"a=1,".repeat(256)]);
    cases.push(ours(REFUSED, "otel-core, 1 KiB of members", kilobyte));
    cases.push(ours(REFUSED, "otel-core, 1 MiB in one line", || {
        with_lines(&[&"a=1,".repeat(256 * 1024)])
    }));
    cases.push(ours(
        REFUSED,
        "otel-core, 1 MiB in lines of 64 bytes",
        || {
            with_lines(&vec![
                "a=%41,a=%41,a=%41,a=%41,a=%41,a=%41,a=%41,a=%41,a=%41,a=%41,a=%4";
                16_384
            ])
        },
    ));
    cases.push(stock(REFUSED, kilobyte));
    cases
}

fn ours(job: &'static str, name: &str, make: impl Fn() -> HeaderMap + 'static) -> Case {
    Case::new(job, name, move |meter| {
        let propagator = Propagator::builder().with_baggage().build();
        let headers = make();
        meter.run(|| propagator.extract(&headers));
    })
}

fn stock(job: &'static str, make: impl Fn() -> HeaderMap + 'static) -> Case {
    Case::new(job, "opentelemetry", move |meter| {
        let (propagator, headers) = (BaggagePropagator::new(), make());
        meter.run(|| {
            let cx = propagator.extract_with_context(&Context::new(), &HeaderExtractor(&headers));
            cx.baggage().len()
        });
    })
}

fn with_lines(lines: &[&str]) -> HeaderMap {
    let mut headers = headers();
    for line in lines {
        headers.append(
            "baggage",
            HeaderValue::from_str(line).expect("visible ASCII"),
        );
    }
    headers
}
