//! A scrape that cannot be finished in the scraper's time never looks complete.

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use http::header::{ACCEPT, ACCEPT_ENCODING, CONTENT_TYPE};
use http::{Request, Response, StatusCode};
use http_body::Body;
use http_body_util::BodyExt;
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use otel_core::clock::{Clock, ManualClock};
use otel_metrics_guard::{MetricsBody, MetricsService};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tower::ServiceExt;

use crate::expositions::{many_series, resource};

/// Some forty chunks.
const SERIES: usize = 10_000;

const TIMEOUT: &str = "X-Prometheus-Scrape-Timeout-Seconds";

#[tokio::test]
async fn it_breaks_off_without_an_end_mark() {
    for (accept_encoding, frames) in [("identity", 3), ("gzip", 0)] {
        let clock = Held::new();
        let mut body = call(&clock, "10", accept_encoding).await.into_body();
        // Half a second before the time is up.
        clock.0.advance(Duration::from_millis(9_499));
        for _ in 0..frames {
            let frame = body.frame().await.unwrap().unwrap();
            assert!(!frame.into_data().unwrap().is_empty());
        }
        clock.0.advance(Duration::from_millis(1));
        let error = body.frame().await.unwrap().unwrap_err();
        assert!(error.is_timeout());
        assert!(body.is_end_stream());
        assert!(body.frame().await.is_none());
    }
}

#[tokio::test]
async fn a_server_breaks_the_connection() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    // Each look at this clock takes a second.
    let service = MetricsService::builder(&many_series(SERIES), &resource())
        .with_clock(Slow(ManualClock::new()))
        .build();
    let server = async {
        let (stream, _) = listener.accept().await.unwrap();
        hyper::server::conn::http1::Builder::new()
            .serve_connection(TokioIo::new(stream), TowerToHyperService::new(service))
            .await
            .unwrap_err()
    };
    let client = async {
        let mut stream = TcpStream::connect(address).await.unwrap();
        let request = format!("GET / HTTP/1.1\r\nhost: x\r\n{TIMEOUT}: 10\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        // Whether a reset reaches the client before what was sent is up to the system.
        let _ = stream.read_to_end(&mut answer).await;
        answer
    };
    let (_, answer) = tokio::join!(server, client);
    assert!(!answer.ends_with(b"\r\n0\r\n\r\n"));
}

#[tokio::test]
async fn what_cannot_begin_in_time_is_not_begun() {
    let service = MetricsService::builder(&many_series(1), &resource())
        .with_clock(Slow(ManualClock::new()))
        .build();
    let request = Request::builder().header(TIMEOUT, "0.5").body(()).unwrap();
    let response = service.oneshot(request).await.unwrap();
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(
        response.headers()[CONTENT_TYPE],
        "text/plain; charset=utf-8"
    );
    let body = response.into_body().collect().await.unwrap().to_bytes();
    assert!(body.ends_with(b"within the scrape timeout\n"), "{body:?}");
}

#[tokio::test]
async fn without_a_timeout_that_can_be_understood_there_is_none() {
    for timeout in ["", "soon", "-1", "0", "NaN", "inf", "1e300"] {
        let clock = Held::new();
        let mut body = call(&clock, timeout, "identity").await.into_body();
        let _ = body.frame().await.unwrap().unwrap();
        clock.0.advance(Duration::from_secs(1_000_000));
        let rest = body.collect().await.unwrap().to_bytes();
        assert!(rest.ends_with(b"# EOF\n"), "{timeout}");
    }
}

#[tokio::test]
async fn one_that_is_kept_changes_nothing() {
    let clock = Held::new();
    let body = call(&clock, "10", "identity").await.into_body();
    let all = body.collect().await.unwrap().to_bytes();
    assert!(all.ends_with(b"# EOF\n"));
}

async fn call(clock: &Held, timeout: &str, accept_encoding: &str) -> Response<MetricsBody> {
    let service = MetricsService::builder(&many_series(SERIES), &resource())
        .with_clock(clock.clone())
        .build();
    let request = Request::builder()
        .header(ACCEPT, "application/openmetrics-text")
        .header(ACCEPT_ENCODING, accept_encoding)
        .header(TIMEOUT, timeout)
        .body(())
        .unwrap();
    let response = service.oneshot(request).await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    response
}

/// A clock that the test holds too.
#[derive(Clone, Debug)]
struct Held(Arc<ManualClock>);

impl Held {
    fn new() -> Self {
        Self(Arc::new(ManualClock::new()))
    }
}

impl Clock for Held {
    fn now(&self) -> Instant {
        self.0.now()
    }

    fn wall(&self) -> SystemTime {
        self.0.wall()
    }
}

/// A clock that goes on by a second each time it is looked at.
#[derive(Debug)]
struct Slow(ManualClock);

impl Clock for Slow {
    fn now(&self) -> Instant {
        self.0.advance(Duration::from_secs(1));
        self.0.now()
    }

    fn wall(&self) -> SystemTime {
        self.0.wall()
    }
}
