//! Load of every unpleasant kind: random paths and hosts, odd methods, clients that leave, panics,
//! and a label fed with random values. Series and memory stay at their bound, and the totals equal
//! a counter directly under hyper.
//!
//! Runs for a few seconds; `SOAK_SECONDS=60` for the full length.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a test that meets the unexpected has failed"
)]

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use axum::Router;
use axum::extract::{Path, State};
use axum::routing::{any, get};
use bytes::Bytes;
use http::{Method, Request};
use http_body_util::{BodyExt, Empty};
use hyper::client::conn::http1::SendRequest;
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use opentelemetry_sdk::trace::SdkTracerProvider;
use otel_core::registry::{Counter, Descriptor, Family, Registry};
use otel_core::resource::Resource;
use otel_core::telemetry::Telemetry;
use otel_http::HttpServerLayer;
use otel_http::axum::RouteRecorder;
use otel_log_bridge::{JsonSink, LogBridge};
use testkit::alloc::CountingAllocator;
use tokio::net::{TcpListener, TcpStream};
use tower::{Layer, ServiceExt, service_fn};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

#[global_allocator]
static ALLOCATOR: CountingAllocator = CountingAllocator::new();

/// Clients that send requests one after the other.
const CLIENTS: usize = 16;
/// Series in the whole registry: the 100 terms that are kept, and what the layer, the guard and the
/// count of faults have, about 60.
const MOST_SERIES: usize = 170;

#[test]
fn series_memory_and_totals_hold_under_hostile_load() {
    let seconds = std::env::vars()
        .find(|(name, _)| name == "SOAK_SECONDS")
        .and_then(|(_, value)| value.parse().ok())
        .unwrap_or(6);
    std::panic::set_hook(Box::new(|_| ()));
    let (layer, _guard) = LogBridge::builder(&Resource::builder().build().unwrap())
        .with_json(JsonSink::writer(io::sink()))
        .build()
        .unwrap();
    tracing_subscriber::registry().with(layer).init();
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap()
        .block_on(soak(Duration::from_secs(seconds)));
}

async fn soak(length: Duration) {
    let registry = Registry::new();
    let telemetry = Telemetry::builder()
        .with_registry(registry.clone())
        .with_tracer_provider(SdkTracerProvider::builder().build())
        .with_in_flight(1024)
        .build()
        .unwrap();
    let reached = Arc::new(AtomicU64::new(0));
    let address = serve(&telemetry, Arc::clone(&reached)).await;

    let stop = Arc::new(AtomicBool::new(false));
    let clients: Vec<_> = (0..CLIENTS)
        .map(|_| tokio::spawn(hostile_client(address, Arc::clone(&stop))))
        .collect();
    tokio::time::sleep(length / 6).await;
    let early = live_bytes().await;
    tokio::time::sleep(length * 5 / 6).await;
    let late = live_bytes().await;
    stop.store(true, Ordering::Relaxed);
    let mut answered = Answered::default();
    for client in clients {
        answered.add(&client.await.unwrap());
    }
    idle(&telemetry).await;

    let durations = durations(&registry);
    let recorded: u64 = durations.values().sum();
    let requests = reached.load(Ordering::Relaxed);
    println!("{requests} requests in {length:?}; heap {early} then {late} bytes");
    assert!(requests > 1000, "the load was no load: {requests}");
    assert_eq!(
        recorded, requests,
        "every request hyper handed over is in the histogram"
    );
    for (wanted, count) in [
        (("/items/{id}", "200"), answered.items),
        (("", "404"), answered.unmatched),
        (("/labelled/{value}", "200"), answered.labelled),
    ] {
        let of = |(route, status): (&str, &str)| -> u64 {
            durations
                .iter()
                .filter(|((r, s, outcome), _)| {
                    r == route && s == status && outcome != "client_disconnect"
                })
                .map(|(_, count)| count)
                .sum()
        };
        assert_eq!(
            of(wanted),
            count,
            "{wanted:?}: the histogram and the clients agree"
        );
    }
    let series = registry
        .collect()
        .families()
        .map(|family| family.len())
        .sum::<usize>();
    assert!(series <= MOST_SERIES, "{series} series");
    assert_labelled(&registry, answered.labelled);
    assert!(
        late <= early + 1024 * 1024,
        "live heap grew from {early} to {late} bytes"
    );
}

/// The lowest of some readings: what is alive whatever is in flight.
async fn live_bytes() -> usize {
    let mut lowest = usize::MAX;
    for _ in 0..50 {
        lowest = lowest.min(ALLOCATOR.live_bytes());
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    lowest
}

/// Waits until the last abandoned request has ended.
async fn idle(telemetry: &Telemetry) {
    let table = telemetry.in_flight().unwrap();
    for _ in 0..1000 {
        if table.running().is_empty() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("still in flight: {:?}", table.running());
}

/// Counts of the duration histogram by route, status and outcome.
fn durations(registry: &Registry) -> BTreeMap<(String, String, String), u64> {
    let mut counts = BTreeMap::new();
    let snapshot = registry.collect();
    let family = snapshot
        .family("http_server_request_duration_seconds")
        .unwrap();
    for series in family.series() {
        let label = |name: &str| {
            series
                .label_pairs()
                .find(|(label, _)| *label == name)
                .map(|(_, value)| value.into_owned())
                .unwrap_or_default()
        };
        let key = (
            label("http_route"),
            label("http_response_status_code"),
            label("exchange_outcome"),
        );
        *counts.entry(key).or_default() += series.value().as_histogram().unwrap().count();
    }
    counts
}

/// The family whose label was attacked: bounded, and its total exact.
fn assert_labelled(registry: &Registry, answered: u64) {
    let snapshot = registry.collect();
    let family = snapshot.family("shop_searches").unwrap();
    let total: u64 = family
        .series()
        .filter_map(|series| series.value().as_counter())
        .sum();
    assert_eq!(total, answered, "folding loses nothing");
    assert!(family.len() <= 101, "{} series", family.len());
    assert!(
        family
            .series()
            .any(|series| series.labels() == r#"term="__other__""#)
    );
}

async fn serve(telemetry: &Telemetry, reached: Arc<AtomicU64>) -> SocketAddr {
    let searches = telemetry.registry().counter(
        Descriptor::new("shop.searches")
            .with_help("Searches by term, as a careless program counts."),
    );
    let router = Router::new()
        .route("/items/{id}", get(async || "an item"))
        .route("/labelled/{value}", get(count_term))
        .route(
            "/slow",
            any(async || tokio::time::sleep(Duration::from_secs(60)).await),
        )
        .route(
            "/panic",
            get(async || -> &'static str { panic!("asked to panic") }),
        )
        .layer(RouteRecorder)
        .with_state(searches);
    let app = HttpServerLayer::new(telemetry).layer(router);
    let under_hyper = service_fn(move |request| {
        reached.fetch_add(1, Ordering::Relaxed);
        app.clone().oneshot(request)
    });
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let service = TowerToHyperService::new(under_hyper.clone());
            tokio::spawn(async move {
                let _ = hyper::server::conn::http1::Builder::new()
                    .serve_connection(TokioIo::new(stream), service)
                    .await;
            });
        }
    });
    address
}

async fn count_term(State(searches): State<Family<Counter>>, Path(value): Path<String>) {
    searches.add(&[("term", &value)], 1);
}

/// What the clients were answered.
#[derive(Default)]
struct Answered {
    items: u64,
    unmatched: u64,
    labelled: u64,
}

impl Answered {
    fn add(&mut self, other: &Self) {
        self.items += other.items;
        self.unmatched += other.unmatched;
        self.labelled += other.labelled;
    }
}

async fn hostile_client(address: SocketAddr, stop: Arc<AtomicBool>) -> Answered {
    let mut answered = Answered::default();
    let mut connection = None;
    while !stop.load(Ordering::Relaxed) {
        let (mut sender, task) = match connection.take() {
            Some(open) => open,
            None => connect(address).await,
        };
        let random = fastrand::u64(..);
        let (method, target, kind) = match random % 10 {
            0..=3 => (Method::GET, format!("/items/{random}"), Kind::Item),
            4 | 5 => (
                Method::GET,
                format!("/{random:x}/{random}"),
                Kind::Unmatched,
            ),
            6 => (odd_method(random), format!("/{random}"), Kind::Unmatched),
            7 => (Method::GET, format!("/labelled/{random:x}"), Kind::Labelled),
            8 => (Method::GET, "/panic".to_owned(), Kind::Broken),
            _ => (Method::GET, "/slow".to_owned(), Kind::Abandoned),
        };
        let request = Request::builder()
            .method(method)
            .uri(target)
            .header("host", format!("h{random}.example"))
            .body(Empty::<Bytes>::new())
            .unwrap();
        if kind == Kind::Abandoned {
            let patience = Duration::from_millis(random % 20);
            let _ = tokio::time::timeout(patience, sender.send_request(request)).await;
            task.abort();
            continue;
        }
        let Ok(response) = sender.send_request(request).await else {
            assert!(kind == Kind::Broken, "only a panic breaks the connection");
            continue;
        };
        response.into_body().collect().await.unwrap();
        match kind {
            Kind::Item => answered.items += 1,
            Kind::Unmatched => answered.unmatched += 1,
            Kind::Labelled => answered.labelled += 1,
            Kind::Broken | Kind::Abandoned => unreachable!("these are not answered"),
        }
        connection = Some((sender, task));
    }
    answered
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Item,
    Unmatched,
    Labelled,
    Broken,
    Abandoned,
}

fn odd_method(random: u64) -> Method {
    Method::from_bytes(format!("ODD{}", random % 100_000).as_bytes()).unwrap()
}

async fn connect(
    address: SocketAddr,
) -> (
    SendRequest<Empty<Bytes>>,
    tokio::task::JoinHandle<Result<(), Infallible>>,
) {
    let stream = TcpStream::connect(address).await.unwrap();
    let (sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
        .await
        .unwrap();
    let task = tokio::spawn(async move {
        let _ = connection.await;
        Ok(())
    });
    (sender, task)
}
