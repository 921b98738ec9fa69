//! A scrape is written as it is read: in little memory, while measurements go on.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use bytes::Bytes;
use http::Request;
use http_body::Body;
use http_body_util::BodyExt;
use otel_core::cardinality::Budget;
use otel_core::registry::{Buckets, Registry};
use otel_metrics_guard::MetricsService;
use otel_metrics_guard::exposition::{Exposition, Format};
use tower::ServiceExt;

use crate::expositions::{registry, resource, sampled, text};
use crate::parser;

const SERIES: usize = 10_000;

/// More than a line of the registry below.
const LONGEST_SERIES: usize = 128;

#[test]
fn the_size_of_the_chunks_does_not_change_the_text() {
    let registry = registry().build().unwrap();
    let sizes = registry.histogram("sizes", Buckets::semconv_seconds());
    for n in 0..50_u8 {
        sizes.record_in(&[("n", &n.to_string())], f64::from(n), &sampled());
    }
    for format in [Format::OpenMetrics, Format::Text] {
        let exposition = || Exposition::new(registry.collect(), &resource(), format);
        let whole = text(exposition().with_chunk_bytes(usize::MAX));
        for bytes in [0, 1, 7, 100, 999, 16 * 1024, whole.len(), whole.len() + 1] {
            let found = text(exposition().with_chunk_bytes(bytes));
            assert!(found == whole, "{format:?} in chunks of {bytes} bytes");
        }
    }
}

#[test]
fn a_chunk_ends_with_the_series_that_fills_it() {
    let registry = many_series();
    for bytes in [1, 1_000, 50_000] {
        let exposition = Exposition::new(registry.collect(), &resource(), Format::OpenMetrics);
        let chunks: Vec<Bytes> = exposition.with_chunk_bytes(bytes).collect();
        let (last, full) = chunks.split_last().unwrap();
        assert!(full.iter().all(|chunk| chunk.len() >= bytes));
        for chunk in full.iter().chain([last]) {
            assert!(chunk.len() < bytes + 4 * LONGEST_SERIES, "{}", chunk.len());
            assert_eq!(chunk.last(), Some(&b'\n'));
        }
    }
}

#[tokio::test]
async fn a_scrape_of_many_series_never_holds_more_than_one_chunk() {
    let service = MetricsService::new(&many_series(), &resource());
    let response = service.oneshot(Request::new(())).await.unwrap();
    let mut body = response.into_body();
    let mut total = 0;
    while !body.is_end_stream() {
        let Some(frame) = body.frame().await else {
            break;
        };
        let chunk = frame.unwrap().into_data().unwrap();
        assert!(chunk.len() < 16 * 1024 + 4 * LONGEST_SERIES);
        total += chunk.len();
    }
    assert!(total > SERIES * 50, "{total}");
}

#[test]
fn what_is_derived_from_a_histogram_agrees_while_it_is_written_to() {
    let registry = registry().build().unwrap();
    let buckets = Buckets::explicit(&[1.0, 2.0, 3.0]).unwrap();
    let sizes = registry.histogram("sizes", buckets);
    let held: Vec<_> = (0..50)
        .map(|n| sizes.with(&[("n", &n.to_string())]))
        .collect();
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while !done.load(Ordering::Relaxed) {
                    for (value, series) in (0_u8..5).cycle().zip(&held) {
                        series.record(value.into());
                    }
                }
            });
        }
        for _ in 0..20 {
            let exposition = Exposition::new(registry.collect(), &resource(), Format::OpenMetrics);
            let slow = exposition.with_chunk_bytes(1).inspect(|_| {
                held.iter().for_each(|series| series.record(2.5));
            });
            let text = slow.collect::<Vec<_>>().concat();
            // The parser compares `_count` with the `+Inf` bucket.
            let parsed = parser::parse(str::from_utf8(&text).unwrap());
            if let Err(why) = &parsed {
                done.store(true, Ordering::Relaxed);
                panic!("{why}");
            }
        }
        done.store(true, Ordering::Relaxed);
    });
}

#[test]
fn a_series_that_is_made_during_a_scrape_waits_for_the_next() {
    let registry = registry().build().unwrap();
    let orders = registry.counter("orders");
    for n in 10..30 {
        orders.add(&[("n", &n.to_string())], 1);
    }
    let exposition = Exposition::new(registry.collect(), &resource(), Format::OpenMetrics);
    let mut exposition = exposition.with_chunk_bytes(1);
    let first = exposition.next().unwrap();
    orders.add(&[("n", "00")], 1);
    registry.counter("a_new_family").add(&[], 1);
    let _ = registry.collect();
    let rest: Vec<Bytes> = exposition.collect();
    let text = [&[first][..], &rest].concat().concat();
    let text = str::from_utf8(&text).unwrap();
    assert_eq!(text.matches("\norders_total{").count(), 20);
    assert!(!text.contains("a_new_family"));
    parser::parse(text).unwrap();
}

fn many_series() -> Registry {
    let budget = Budget::default()
        .with_process_series(2 * SERIES)
        .with_family_series(2 * SERIES)
        .with_label_values(2 * SERIES);
    let registry = registry().with_budget(budget).build().unwrap();
    let requests = registry.counter("http.server.requests");
    for n in 0..SERIES {
        let route = format!("/v1/things/{n}");
        requests.add(&[("http.route", &route), ("http.request.method", "GET")], 1);
    }
    registry
}
