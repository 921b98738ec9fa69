//! `?name[]=` names the families that are written.

use http::{Method, Request, StatusCode};
use http_body_util::BodyExt;
use otel_core::registry::{Buckets, Registry};
use otel_metrics_guard::MetricsService;
use otel_metrics_guard::exposition::{Exposition, Format, Selection};
use otel_metrics_guard::openmetrics::lint;
use proptest::prelude::*;
use tower::ServiceExt;

use crate::expositions::{registry, resource, text};

#[test]
fn a_family_is_named_by_its_own_name_or_that_of_a_sample() {
    let registry = shop();
    for (names, families) in [
        (&["orders"][..], &["orders"][..]),
        (&["orders_total"], &["orders"]),
        (&["orders_created"], &["orders"]),
        (&["sizes_bucket"], &["sizes"]),
        (&["sizes_sum", "sizes_count"], &["sizes"]),
        (&["load", "sizes"], &["load", "sizes"]),
        (&["target_info"], &["target"]),
        (&["target"], &["target"]),
        (&["orders_late"], &["orders_late"]),
        // Names are whole.
        (&["order", "orders_", "orders_tot", "ORDERS"], &[]),
        (&["load_total", "sizes_info", "target_total"], &[]),
        (&[""], &[]),
        (&[], &[]),
    ] {
        let exposition = Exposition::new(registry.collect(), &resource(), Format::OpenMetrics);
        let text = text(exposition.with_selection(Selection::of(names.iter().copied())));
        lint(&text).unwrap();
        let mut found: Vec<&str> = text
            .lines()
            .filter_map(|line| line.strip_prefix("# TYPE ")?.split(' ').next())
            .collect();
        found.sort_unstable();
        assert_eq!(found, families, "{names:?}");
    }
}

#[test]
fn the_size_of_the_chunks_does_not_change_a_selection() {
    let registry = shop();
    let selected = |bytes| {
        let exposition = Exposition::new(registry.collect(), &resource(), Format::OpenMetrics)
            .with_selection(Selection::of(["sizes", "load"]))
            .with_chunk_bytes(bytes);
        text(exposition)
    };
    for bytes in [0, 1, 10, 100] {
        assert_eq!(selected(bytes), selected(usize::MAX));
    }
}

#[test]
fn a_query_names_families() {
    let of = |names: &[&str]| Selection::of(names.iter().copied());
    for (query, expected) in [
        ("", Selection::all()),
        ("name=orders", Selection::all()),
        ("debug=1&collect[]=cpu", Selection::all()),
        ("name[]=orders", of(&["orders"])),
        ("x=1&name[]=orders&y&name[]=load", of(&["load", "orders"])),
        ("name%5B%5D=orders", of(&["orders"])),
        ("%6eame%5b%5d=a%3ab", of(&["a:b"])),
        ("name[]=a+b", of(&["a b"])),
        ("name[]=", of(&[""])),
        ("name[]", of(&[""])),
        ("name[]=%C3%BC", of(&["ü"])),
    ] {
        assert_eq!(Selection::from_query(query), Ok(expected), "{query}");
    }
    for query in ["name[]=%", "name[]=%4", "name[]=%zz", "name[]=%ff"] {
        let error = Selection::from_query(query).unwrap_err();
        assert!(error.is_encoding() && !error.is_too_many(), "{query}");
    }
}

#[test]
fn a_query_is_bounded() {
    let names = |n: usize| vec!["name[]=x"; n].join("&");
    assert!(Selection::from_query(&names(Selection::MAX_NAMES)).is_ok());
    let error = Selection::from_query(&names(Selection::MAX_NAMES + 1)).unwrap_err();
    assert!(error.is_too_many());

    let bytes = |n: usize| format!("name[]={}", "x".repeat(n));
    assert!(Selection::from_query(&bytes(Selection::MAX_BYTES)).is_ok());
    let error = Selection::from_query(&bytes(Selection::MAX_BYTES + 1)).unwrap_err();
    assert!(error.is_too_many());
}

#[tokio::test]
async fn over_the_bound_the_answer_says_so() {
    let query = vec!["name[]=x"; Selection::MAX_NAMES + 1].join("&");
    for (method, has_text) in [(Method::GET, true), (Method::HEAD, false)] {
        let (status, text) = call(method, &query).await;
        assert_eq!(status, StatusCode::BAD_REQUEST);
        assert_eq!(text.contains("at most 64 families"), has_text, "{text}");
    }
    let (status, text) = call(Method::GET, "name[]=orders").await;
    assert_eq!(status, StatusCode::OK);
    assert!(text.contains("\norders_total 1\n") && !text.contains("target_info"));
}

proptest! {
    #[test]
    fn no_query_makes_it_panic(query in "(name\\[\\]=|%|&|[a-z%5B=+]|ü){0,40}") {
        let _ = Selection::from_query(&query);
    }
}

fn shop() -> Registry {
    let registry = registry().build().unwrap();
    registry.counter("orders").add(&[], 1);
    registry.gauge("orders_late").set(&[], 1.0);
    registry.gauge("load").set(&[], 1.0);
    let buckets = Buckets::explicit(&[1.0]).unwrap();
    registry.histogram("sizes", buckets).record(&[], 0.5);
    registry
}

async fn call(method: Method, query: &str) -> (StatusCode, String) {
    let request = Request::builder()
        .method(method)
        .uri(format!("/metrics?{query}"))
        .body(())
        .unwrap();
    let service = MetricsService::new(&shop(), &resource());
    let response = service.oneshot(request).await.unwrap();
    let status = response.status();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    (status, String::from_utf8(body.into()).unwrap())
}
