//! A scrape is written as it is read: in little memory, while measurements go on.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::thread;

use bytes::Bytes;
use futures_util::FutureExt;
use http::header::ACCEPT_ENCODING;
use http::{HeaderValue, Request};
use http_body::Body;
use http_body_util::BodyExt;
use otel_core::registry::Buckets;
use otel_metrics_guard::exposition::{Exposition, Format};
use otel_metrics_guard::{MetricsBody, MetricsService};
use tower::ServiceExt;

use crate::ALLOCATOR;
use crate::expositions::{many_series, registry, resource, sampled, text};
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
    let registry = many_series(SERIES);
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
    let service = MetricsService::new(&many_series(SERIES), &resource());
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

#[tokio::test]
async fn a_longer_scrape_allocates_no_more() {
    for accept_encoding in ["identity", "gzip"] {
        let [short, long] = [1_000, 20_000].map(|series| {
            let service = MetricsService::new(&many_series(series), &resource());
            // The first scrape sorts the series.
            let _ = drained(&service, accept_encoding);
            ALLOCATOR.allocations_of(|| drained(&service, accept_encoding))
        });
        let ((short_bytes, short), (long_bytes, long)) = (short, long);
        assert!(long_bytes > 10 * short_bytes);
        assert!(
            long.count() <= short.count() + 8 && long.bytes() <= short.bytes() + 64 * 1024,
            "{accept_encoding}: {short:?} {long:?}"
        );
        // Most of it is the state of the compressor.
        assert!(long.bytes() < 512 * 1024, "{accept_encoding}: {long:?}");
    }
}

#[test]
fn the_thread_is_given_to_others_between_chunks() {
    for (accept_encoding, most) in [("identity", 150 * 1024), ("gzip", 20 * 1024)] {
        let service = MetricsService::new(&many_series(SERIES), &resource());
        let whole: usize = drained(&service, "identity");
        let mut body = pin!(body(&service, accept_encoding));
        let woken = Arc::new(Woken::default());
        let waker = Waker::from(Arc::clone(&woken));
        let mut pauses = 0;
        loop {
            match body.as_mut().poll_frame(&mut Context::from_waker(&waker)) {
                Poll::Ready(None) => break,
                Poll::Ready(Some(frame)) => drop(frame.unwrap()),
                Poll::Pending => {
                    pauses += 1;
                    // A pause that nobody ends would be the end.
                    assert_eq!(woken.0.load(Ordering::Relaxed), pauses);
                }
            }
        }
        assert!(pauses >= whole / most, "{accept_encoding}: {pauses}");
    }
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

/// The bytes of a whole scrape, taken chunk by chunk.
fn drained(service: &MetricsService, accept_encoding: &'static str) -> usize {
    let mut body = pin!(body(service, accept_encoding));
    let mut bytes = 0;
    let mut cx = Context::from_waker(Waker::noop());
    loop {
        match body.as_mut().poll_frame(&mut cx) {
            Poll::Ready(Some(frame)) => bytes += frame.unwrap().into_data().unwrap().len(),
            Poll::Ready(None) => return bytes,
            Poll::Pending => {}
        }
    }
}

fn body(service: &MetricsService, accept_encoding: &'static str) -> MetricsBody {
    let mut request = Request::new(());
    let accept_encoding = HeaderValue::from_static(accept_encoding);
    request
        .headers_mut()
        .insert(ACCEPT_ENCODING, accept_encoding);
    let answer = service.clone().oneshot(request).now_or_never();
    answer.unwrap().unwrap().into_body()
}

#[derive(Default)]
struct Woken(AtomicUsize);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}
