//! What answers which `Accept` header.

use http::header::ACCEPT;
use http::{HeaderMap, HeaderValue};
use otel_metrics_guard::exposition::MediaType::{
    self, OpenMetrics, OpenMetrics0_0_1, Text, Text1_0_0,
};
use otel_metrics_guard::exposition::Negotiated;
use proptest::collection::vec;
use proptest::prelude::*;

#[test]
fn the_best_acceptable_media_type_is_chosen() {
    for (accept, expected, why) in [
        // What is sent in the field.
        (
            "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
            OpenMetrics,
            "Prometheus 2.42",
        ),
        (
            "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited,application/openmetrics-text;version=1.0.0;q=0.8,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
            OpenMetrics,
            "Prometheus 2.42 with native histograms",
        ),
        (
            "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2",
            OpenMetrics,
            "Prometheus 3",
        ),
        (
            "application/openmetrics-text; version=0.0.1,text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
            OpenMetrics0_0_1,
            "Prometheus before 2.39",
        ),
        (
            "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
            Text,
            "a browser",
        ),
        ("*/*", Text, "curl"),
        ("", Text, "empty"),
        // Weights.
        (
            "application/openmetrics-text;version=1.0.0;q=0,text/plain;version=0.0.4",
            Text,
            "a refusal",
        ),
        (
            "text/plain;version=0.0.4;q=0.9,application/openmetrics-text;version=1.0.0;q=0.1",
            Text,
            "text weighs more",
        ),
        (
            "text/plain;q=0.001,application/openmetrics-text;q=1.000",
            OpenMetrics,
            "decimals",
        ),
        (
            "application/openmetrics-text,text/plain",
            OpenMetrics,
            "a tie goes to the first",
        ),
        (
            "text/plain,application/openmetrics-text",
            Text,
            "a tie goes to the first",
        ),
        (
            "application/openmetrics-text;version=0.0.1,application/openmetrics-text;version=1.0.0",
            OpenMetrics0_0_1,
            "a tie goes to the first",
        ),
        (
            "*/*;q=0.9,application/openmetrics-text;q=0.1",
            Text,
            "the closest range counts",
        ),
        ("*/*,text/plain;q=0", OpenMetrics, "anything but text"),
        (
            "text/*;q=0.5,text/plain;q=0,application/*;q=0.1",
            OpenMetrics,
            "anything but text",
        ),
        (
            "application/openmetrics-text;version=1.0.0;q=0,*/*",
            Text,
            "anything but OpenMetrics",
        ),
        (
            "application/openmetrics-text;q=0.9,application/openmetrics-text;version=1.0.0;q=0",
            Text,
            "one version is refused, the other was not asked for",
        ),
        (
            "application/openmetrics-text;q=0.5;version=0.0.1",
            OpenMetrics0_0_1,
            "the weight first",
        ),
        // Wildcards.
        ("text/*", Text, "any text"),
        ("application/*", OpenMetrics, "any application type"),
        (
            "*/plain, application/openmetrics-text;q=0.1",
            OpenMetrics,
            "no such wildcard",
        ),
        // Versions.
        ("text/plain", Text, "no version"),
        ("application/openmetrics-text", OpenMetrics, "no version"),
        (
            "application/openmetrics-text;version=2.0.0",
            Text,
            "a version there is not",
        ),
        (
            "application/openmetrics-text;version=2.0.0,*/*;q=0.1",
            Text,
            "a version there is not",
        ),
        (
            "application/openmetrics-text; charset=utf-8; version=1.0.0",
            OpenMetrics,
            "a charset",
        ),
        (
            "text/plain;version=1.0.0;escaping=allow-utf-8",
            Text1_0_0,
            "text 1.0.0 alone",
        ),
        ("text/plain;version=1.0.0", Text1_0_0, "text 1.0.0 alone"),
        (
            "text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2",
            Text1_0_0,
            "Prometheus 3 told to scrape text",
        ),
        (
            "text/plain;version=1.0.0;q=0.4,text/plain;version=0.0.4;q=0.5",
            Text,
            "0.0.4 weighs more",
        ),
        (
            "text/plain;version=0.0.4,text/plain;version=1.0.0",
            Text,
            "a tie goes to the first",
        ),
        (
            "text/plain;version=1.0.0;q=0,text/plain",
            Text,
            "1.0.0 is refused",
        ),
        (
            "text/plain;version=1.0.0,text/plain;version=0.0.4;q=0",
            Text1_0_0,
            "0.0.4 is refused",
        ),
        // Nothing that can be had.
        (
            "image/png",
            Text,
            "a scrape that can be read beats an error",
        ),
        ("*/*;q=0", Text, "a scrape that can be read beats an error"),
        // The grammar.
        (
            "APPLICATION/OpenMetrics-Text;VERSION=1.0.0;Q=1",
            OpenMetrics,
            "names in any case",
        ),
        (
            " application/openmetrics-text \t; version=\"1.0.0\" ;; q=1.0 , text/plain ;q=0.5",
            OpenMetrics,
            "white space, quotes, an empty parameter",
        ),
        (
            ",,application/openmetrics-text;x=\"a,text/plain;\\\";q=0\";q=0.9,",
            OpenMetrics,
            "separators in quotes",
        ),
        (
            "application/openmetrics-text;q=1.001,text/plain;q=0.1",
            Text,
            "a malformed weight",
        ),
        (
            "application/openmetrics-text;q=-1,text/plain;q=0.1",
            Text,
            "a malformed weight",
        ),
        (
            "application/openmetrics-text;q=.5,text/plain;q=0.1",
            Text,
            "a malformed weight",
        ),
        (
            "application/openmetrics-text;q=0.5000,text/plain;q=0.1",
            Text,
            "a malformed weight",
        ),
        (
            "application/openmetrics-text;q=,text/plain;q=0.1",
            Text,
            "a malformed weight",
        ),
        (
            "application/openmetrics-text;q=1;q=1,text/plain;q=0.1",
            Text,
            "a weight twice",
        ),
        (
            "application/openmetrics-text;version=1.0.0;version=0.0.1,text/plain;q=0.1",
            Text,
            "a version twice",
        ),
        (
            "application/openmetrics-text;version,text/plain;q=0.1",
            Text,
            "no value",
        ),
        (
            "application/openmetrics-text;version=\"1.0.0,text/plain",
            Text,
            "an open quote",
        ),
        (
            "openmetrics-text,application/,/plain,text/plain;q=0.1",
            Text,
            "no media type",
        ),
        (
            "text plain;q=1,application/openmetrics-text;q=0.5",
            OpenMetrics,
            "the malformed is passed over, the rest counts",
        ),
    ] {
        assert_eq!(negotiate([accept.as_bytes()]), expected, "{why}: {accept}");
    }
}

#[test]
fn no_header_is_text() {
    let found = Negotiated::from_headers(&HeaderMap::new());
    assert_eq!(found, Negotiated::default());
    assert_eq!(found.media_type(), Text);
}

#[test]
fn all_lines_count() {
    let lines = [
        &b"text/plain;q=0.5"[..],
        b"image/\xff",
        b"application/openmetrics-text;q=0.7",
    ];
    assert_eq!(negotiate(lines), OpenMetrics);
}

#[test]
fn reading_ends_after_32_ranges() {
    let after = |n: usize| "image/png,".repeat(n) + "application/openmetrics-text";
    assert_eq!(negotiate([after(31).as_bytes()]), OpenMetrics);
    assert_eq!(negotiate([after(32).as_bytes()]), Text);
}

#[test]
fn reading_ends_after_4_kib_and_before_a_range_that_is_cut() {
    let last = "application/openmetrics-text;q=0.5";
    let after = |n: usize| format!("image/{},{last}", "x".repeat(n - "image/,".len()));
    let fits = 4 * 1024 - last.len() - 1;
    assert_eq!(negotiate([after(fits).as_bytes()]), OpenMetrics);
    assert_eq!(negotiate([after(fits + 1).as_bytes()]), Text);
    assert_eq!(negotiate([after(1 << 20).as_bytes()]), Text);
}

#[test]
fn the_content_type_is_spelled_as_prometheus_expects() {
    const OPENMETRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    const TEXT: &str = "text/plain; version=1.0.0; charset=utf-8";
    let with = |base: &str, escaping: &str| format!("{base}; escaping={escaping}");
    for (accept, expected) in [
        ("application/openmetrics-text", OPENMETRICS.to_owned()),
        (
            "application/openmetrics-text;version=0.0.1;escaping=underscores",
            "application/openmetrics-text; version=0.0.1; charset=utf-8".to_owned(),
        ),
        (
            "text/plain;escaping=allow-utf-8",
            "text/plain; version=0.0.4; charset=utf-8".to_owned(),
        ),
        ("", "text/plain; version=0.0.4; charset=utf-8".to_owned()),
        // The scheme that was asked for, of those that leave our names alone.
        (
            "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8",
            with(OPENMETRICS, "allow-utf-8"),
        ),
        (
            "application/openmetrics-text;version=1.0.0;escaping=underscores",
            with(OPENMETRICS, "underscores"),
        ),
        (
            "application/openmetrics-text;version=1.0.0;escaping=values",
            with(OPENMETRICS, "values"),
        ),
        (
            "application/openmetrics-text;version=1.0.0;escaping=dots",
            with(OPENMETRICS, "underscores"),
        ),
        (
            "application/openmetrics-text;version=1.0.0;escaping=other",
            OPENMETRICS.to_owned(),
        ),
        ("text/plain;version=1.0.0", with(TEXT, "underscores")),
        (
            "text/plain;version=1.0.0;escaping=\"allow-utf-8\"",
            with(TEXT, "allow-utf-8"),
        ),
        (
            "text/plain;version=1.0.0;escaping=values",
            with(TEXT, "values"),
        ),
        (
            "text/plain;version=1.0.0;escaping=other",
            with(TEXT, "underscores"),
        ),
        // Given twice it contradicts itself, and the range is passed over.
        (
            "text/plain;version=1.0.0;escaping=values;escaping=dots",
            "text/plain; version=0.0.4; charset=utf-8".to_owned(),
        ),
        // The scheme is that of the range that won.
        (
            "text/plain;version=1.0.0;escaping=values;q=0.1,application/openmetrics-text;escaping=underscores",
            with(OPENMETRICS, "underscores"),
        ),
    ] {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, HeaderValue::from_static(accept));
        let found = Negotiated::from_headers(&headers);
        assert_eq!(found.content_type(), expected, "{accept}");
        assert_eq!(found.format(), found.media_type().format());
    }
}

proptest! {
    #[test]
    fn whatever_is_sent_is_answered(lines in vec(vec(any::<u8>(), 0..200), 0..5)) {
        let _ = negotiate(lines.iter().map(Vec::as_slice));
    }

    /// What the answer says it is was in the request, or is the fallback.
    #[test]
    fn openmetrics_is_for_who_asks(
        ranges in vec("(text|image)/(plain|png|\\*)(;version=[0-2]\\.0\\.[0-4])?(;q=(0\\.[0-9]|1))?", 0..8)
    ) {
        let found = negotiate([ranges.join(",").as_bytes()]);
        prop_assert!(matches!(found, Text | Text1_0_0));
    }
}

fn negotiate<'a>(lines: impl IntoIterator<Item = &'a [u8]>) -> MediaType {
    let mut headers = HeaderMap::new();
    for line in lines {
        if let Ok(value) = HeaderValue::from_bytes(line) {
            headers.append(ACCEPT, value);
        }
    }
    Negotiated::from_headers(&headers).media_type()
}
