//! Any request headers and query at a scrape: every answer is one there is, and only what was asked for.
//!
//! A line of the input that names one of the headers is that header; the first of the others is the query,
//! and each after it continues `Accept`.

use std::process::ExitCode;
use std::sync::LazyLock;
use std::task::{Context, Waker};

use http::header::{ACCEPT, ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_TYPE, HeaderName};
use http::{HeaderValue, Request, StatusCode, Uri};
use otel_core::registry::Registry;
use otel_core::resource::Resource;
use otel_metrics_guard::MetricsService;
use otel_metrics_guard::exposition::{Format, Negotiated, Selection};
use tower_service::Service;

const SEEDS: &[&[u8]] = &[
    b"name[]=orders&name%5B%5D=load_total\n\
      accept:application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,\
      application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=dots;q=0.4,\
      text/plain;version=0.0.4;q=0.3,*/*;q=0.2\n\
      accept-encoding:gzip, identity;q=0.5, *;q=0\n\
      x-prometheus-scrape-timeout-seconds:9.500000",
    b"x=1\n\
      accept:text/html, application/xml;q=0.9, */*;q=\"0.8\"\n\
      accept-encoding:x-gzip;q=0.001,br",
    b"\ntext/plain;version=1.0.0;q=0.4\napplication/openmetrics-text;q=1.000",
];

const DICTIONARY: &[&[u8]] = &[
    b"\n",
    b",",
    b";",
    b"=",
    b"\"",
    b"\\",
    b"*",
    b"/",
    b"*/*",
    b"q=0",
    b"q=1",
    b"q=0.999",
    b"q=1.001",
    b"version=",
    b"escaping=",
    b"1.0.0",
    b"0.0.4",
    b"application/openmetrics-text",
    b"text/plain",
    b"gzip",
    b"identity",
    b"name[]=",
    b"%5B",
    b"%",
    b"&",
    b"+",
    b"accept:",
    b"accept-encoding:",
    b"x-prometheus-scrape-timeout-seconds:",
    b"1e-9",
    b"\xff",
];

static SERVICE: LazyLock<MetricsService> = LazyLock::new(|| {
    let registry = Registry::new();
    registry.counter("orders").add(&[("kind", "book")], 1);
    let resource = Resource::builder().with_service_name("shop").build();
    MetricsService::new(&registry, &resource.expect("a valid resource"))
});

fn main() -> ExitCode {
    otel_fuzz::run(SEEDS, DICTIONARY, |input| {
        let request = request(input);
        let negotiated = Negotiated::from_headers(request.headers());
        let accept = text_of(&request, ACCEPT);
        if negotiated.format() == Format::OpenMetrics {
            assert!(
                accept.contains("application") || accept.contains("*/*"),
                "{accept}"
            );
        }
        let is_refused = Selection::from_query(request.uri().query().unwrap_or_default()).is_err();
        let encodings = text_of(&request, ACCEPT_ENCODING);

        let answer = SERVICE
            .clone()
            .call(request)
            .into_inner()
            .unwrap_or_else(|never| match never {});
        match answer.status() {
            StatusCode::OK => assert_eq!(answer.headers()[CONTENT_TYPE], negotiated.content_type()),
            StatusCode::BAD_REQUEST => assert!(is_refused),
            // The time was shorter than it took.
            status => assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE),
        }
        if answer.headers().contains_key(CONTENT_ENCODING) {
            assert!(
                encodings.contains("gzip") || encodings.contains('*'),
                "{encodings}"
            );
        }
        let mut body = std::pin::pin!(answer.into_body());
        let mut cx = Context::from_waker(Waker::noop());
        // Small enough to be one frame, unless its time was up.
        let _ = http_body::Body::poll_frame(body.as_mut(), &mut cx);
        assert!(http_body::Body::is_end_stream(&*body));
    })
}

fn request(input: &[u8]) -> Request<()> {
    let mut lines = input.split(|byte| *byte == b'\n');
    let query = lines.next().unwrap_or_default();
    let mut request = Request::new(());
    if let Ok(uri) = Uri::try_from([b"/metrics?", query].concat()) {
        *request.uri_mut() = uri;
    }
    for line in lines {
        let mut parts = line.splitn(2, |byte| *byte == b':');
        let name = parts
            .next()
            .and_then(|name| HeaderName::from_bytes(name).ok());
        let (name, value) = match (name, parts.next()) {
            (Some(name), Some(value)) => (name, value),
            _ => (ACCEPT, line),
        };
        if let Ok(value) = HeaderValue::from_bytes(value) {
            request.headers_mut().append(name, value);
        }
    }
    request
}

fn text_of(request: &Request<()>, name: HeaderName) -> String {
    let values = request.headers().get_all(name).iter();
    let lines: Vec<_> = values
        .map(|value| String::from_utf8_lossy(value.as_bytes()))
        .collect();
    lines.join(",").to_ascii_lowercase()
}
