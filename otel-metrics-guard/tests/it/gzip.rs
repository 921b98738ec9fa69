//! A scrape is compressed for who asks, and is the same scrape.

use std::io::Read;

use flate2::read::GzDecoder;
use http::header::{ACCEPT, ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_LENGTH, VARY};
use http::{Method, Request, Response};
use http_body::Body;
use http_body_util::BodyExt;
use otel_core::registry::Registry;
use otel_metrics_guard::exposition::Format;
use otel_metrics_guard::{MetricsBody, MetricsService};
use proptest::collection::vec;
use proptest::prelude::*;
use tower::ServiceExt;

use crate::expositions::{many_series, registry, resource, scrape};

#[tokio::test]
async fn it_is_for_who_weighs_it_at_least_as_high() {
    for (accept_encoding, expected, why) in [
        ("gzip", true, "Prometheus"),
        ("gzip, deflate, br, zstd", true, "a browser"),
        ("GZip", true, "in any case"),
        ("x-gzip", true, "the old name"),
        ("br, gzip;q=0.2", true, "the only one there is"),
        ("gzip;q=0.5, identity;q=0.5", true, "fewer bytes"),
        (
            "gzip;q=0.5, identity;q=0.6",
            false,
            "plain text weighs more",
        ),
        ("gzip;q=0.5, *", false, "plain text weighs more"),
        ("gzip, *;q=0", true, "nothing else"),
        ("gzip;q=0", false, "a refusal"),
        ("gzip;q=0.000, *", false, "a refusal"),
        ("*", false, "no request"),
        ("identity;q=0, *", true, "anything but plain text"),
        ("identity;q=0", false, "nothing can be had"),
        ("br", false, "there is none"),
        ("identity", false, "plain text"),
        ("", false, "empty"),
        ("gzip;q=2", false, "a malformed weight"),
        ("gzip;level=9", false, "a parameter there is not"),
        ("gzip;q=1;q=1", false, "a weight twice"),
        ("gzip;q=0, gzip", false, "the first counts"),
        ("gz ip, gzip", true, "the malformed is passed over"),
    ] {
        let response = call(&registry().build().unwrap(), Method::GET, accept_encoding).await;
        let headers = response.headers();
        assert_eq!(
            headers.get(CONTENT_ENCODING).is_some(),
            expected,
            "{why}: {accept_encoding}"
        );
        assert_eq!(headers[VARY], "Accept, Accept-Encoding");
        assert!(text(response).await.ends_with("# EOF\n"));
    }
}

#[tokio::test]
async fn reading_ends_after_32_codings() {
    for (before, expected) in [(31, true), (32, false)] {
        let accept_encoding = "br,".repeat(before) + "gzip";
        let response = call(&Registry::new(), Method::GET, &accept_encoding).await;
        assert_eq!(response.headers().contains_key(CONTENT_ENCODING), expected);
    }
}

#[tokio::test]
async fn what_is_decompressed_is_what_was_exposed() {
    for series in [0, 1, 1_000, 10_000] {
        let registry = many_series(series);
        let plain = scrape(&registry, Format::OpenMetrics);
        let response = call(&registry, Method::GET, "gzip").await;
        assert_eq!(response.headers()[CONTENT_ENCODING], "gzip");
        assert!(!response.headers().contains_key(CONTENT_LENGTH));
        let compressed = response.into_body().collect().await.unwrap().to_bytes();
        if series > 1 {
            assert!(compressed.len() < plain.len() / 5, "{}", compressed.len());
        }
        assert!(decompressed(&compressed) == plain, "{series} series");
    }
}

#[tokio::test]
async fn head_says_so_and_has_no_body() {
    let response = call(&Registry::new(), Method::HEAD, "gzip").await;
    assert_eq!(response.headers()[CONTENT_ENCODING], "gzip");
    assert!(!response.headers().contains_key(CONTENT_LENGTH));
    let body = response.into_body();
    assert_eq!(body.size_hint().exact(), None);
    assert!(body.collect().await.unwrap().to_bytes().is_empty());
}

#[tokio::test]
async fn it_can_be_turned_off() {
    let service = MetricsService::builder(&Registry::new(), &resource())
        .with_gzip(false)
        .build();
    let request = Request::builder().header(ACCEPT_ENCODING, "gzip");
    let response = service.oneshot(request.body(()).unwrap()).await.unwrap();
    assert!(!response.headers().contains_key(CONTENT_ENCODING));
    let body = response.into_body().collect().await.unwrap().to_bytes();
    assert!(body.starts_with(b"# TYPE"));
}

proptest! {
    #[test]
    fn whatever_is_sent_is_answered(lines in vec(vec(any::<u8>(), 0..100), 0..4)) {
        let mut request = Request::new(());
        for line in &lines {
            if let Ok(value) = http::HeaderValue::from_bytes(line) {
                request.headers_mut().append(ACCEPT_ENCODING, value);
            }
        }
        let service = MetricsService::new(&Registry::new(), &resource());
        let response = tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap()
            .block_on(service.oneshot(request))
            .unwrap();
        prop_assert!(response.status().is_success());
    }
}

async fn call(registry: &Registry, method: Method, accept_encoding: &str) -> Response<MetricsBody> {
    let request = Request::builder()
        .method(method)
        .header(ACCEPT, "application/openmetrics-text")
        .header(ACCEPT_ENCODING, accept_encoding)
        .body(())
        .unwrap();
    let service = MetricsService::new(registry, &resource());
    service.oneshot(request).await.unwrap()
}

async fn text(response: Response<MetricsBody>) -> String {
    let is_compressed = response.headers().contains_key(CONTENT_ENCODING);
    let body = response.into_body().collect().await.unwrap().to_bytes();
    if is_compressed {
        decompressed(&body)
    } else {
        String::from_utf8(body.into()).unwrap()
    }
}

fn decompressed(bytes: &[u8]) -> String {
    let mut text = String::new();
    GzDecoder::new(bytes).read_to_string(&mut text).unwrap();
    text
}
