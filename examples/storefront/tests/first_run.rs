//! The first run of a stranger: the program serves, its demo goes wrong in every way, and metrics,
//! log lines and the final account agree.
#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that meets the unexpected has failed"
)]

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};

use axum::body::Body;
use axum::http::Request;
use http_body_util::BodyExt;
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use serde_json::Value;

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

#[tokio::test]
async fn the_demo_runs_and_every_signal_agrees() {
    let mut storefront = Storefront::start(&[]);
    storefront.wait_for("Ctrl-C flushes");

    let echo = storefront.get("http", "/echo").await;
    let echo: Value = serde_json::from_str(&echo).unwrap();
    assert_eq!(echo["trace_id"], TRACE);
    assert_eq!(echo["parent_span_id"], "00f067aa0ba902b7");
    assert_eq!(echo["format"], "w3c");
    let metrics = storefront.get("admin", "/metrics").await;
    assert!(metrics.ends_with("# EOF\n"), "OpenMetrics to its end");
    assert!(metrics.contains(" # {trace_id=\""), "exemplars");

    let (report, lines) = storefront.interrupt();
    let lines: Vec<Value> = lines
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let expected = format!("log lines: {} written, 0 dropped, 0 unwritten", lines.len());
    assert!(report.contains(&expected), "{report}\n wanted {expected}");
    assert!(
        report.contains("none sent: OTEL_EXPORTER_OTLP_ENDPOINT is not set"),
        "{report}"
    );

    // The lines of HTTP exchanges by outcome, and the same from the metrics.
    let mut logged = BTreeMap::<String, u64>::new();
    let ends = lines
        .iter()
        .filter(|line| line["target"] == "exchange" && !line["http.request.method"].is_null());
    for end in ends {
        *logged
            .entry(end["exchange.outcome"].as_str().unwrap().to_owned())
            .or_default() += 1;
        for id in ["trace_id", "span_id", "request_id"] {
            assert!(end[id].is_string(), "{id} is missing: {end}");
        }
    }
    assert_eq!(counted(&metrics), logged);
    for outcome in [
        "ok",
        "client_error",
        "server_error",
        "client_disconnect",
        "panic",
    ] {
        assert!(
            logged.contains_key(outcome),
            "the demo shows {outcome}: {logged:?}"
        );
    }
}

#[tokio::test]
async fn it_serves_without_a_demo_and_refuses_what_it_does_not_know() {
    let mut storefront = Storefront::start(&["--no-demo"]);
    storefront.wait_for("Ctrl-C flushes");
    assert_eq!(storefront.get("http", "/healthz").await, "ok");
    let (report, lines) = storefront.interrupt();
    assert_eq!(lines.lines().count(), 1, "{lines}");
    assert!(report.contains("log lines: 1 written"), "{report}");

    let refused = Command::new(env!("CARGO_BIN_EXE_storefront"))
        .arg("--nonsense")
        .output()
        .unwrap();
    assert_eq!(refused.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("usage: storefront"));
}

/// Requests by outcome, from the counts of the server's histogram.
fn counted(metrics: &str) -> BTreeMap<String, u64> {
    let mut counted = BTreeMap::new();
    for line in metrics.lines() {
        let Some(rest) = line.strip_prefix("http_server_request_duration_seconds_count{") else {
            continue;
        };
        let (labels, count) = rest.rsplit_once("} ").unwrap();
        let (_, outcome) = labels.split_once("exchange_outcome=\"").unwrap();
        let (outcome, _) = outcome.split_once('"').unwrap();
        *counted.entry(outcome.to_owned()).or_default() += count.parse::<u64>().unwrap();
    }
    counted
}

/// The program, running.
struct Storefront {
    process: Child,
    said: BufReader<std::process::ChildStderr>,
    addresses: BTreeMap<String, String>,
}

impl Storefront {
    fn start(arguments: &[&str]) -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_storefront"))
            .args([
                "--http",
                "127.0.0.1:0",
                "--grpc",
                "127.0.0.1:0",
                "--admin",
                "127.0.0.1:0",
            ])
            .args(arguments)
            .env_remove("OTEL_EXPORTER_OTLP_ENDPOINT")
            .env("RUST_BACKTRACE", "0")
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let said = BufReader::new(process.stderr.take().unwrap());
        let mut storefront = Self {
            process,
            said,
            addresses: BTreeMap::new(),
        };
        let listening = storefront.wait_for("listening: ");
        storefront.addresses = listening
            .split_whitespace()
            .filter_map(|word| word.split_once('='))
            .map(|(name, address)| (name.to_owned(), address.to_owned()))
            .collect();
        storefront
    }

    /// Reads what it says up to a line that starts with `start`.
    fn wait_for(&mut self, start: &str) -> String {
        loop {
            let mut line = String::new();
            assert_ne!(
                self.said.read_line(&mut line).unwrap(),
                0,
                "it ended before {start:?}"
            );
            if line.starts_with(start) {
                return line;
            }
        }
    }

    async fn get(&self, server: &str, target: &str) -> String {
        let client: Client<_, Body> = Client::builder(TokioExecutor::new()).build_http();
        let request = Request::builder()
            .uri(format!("http://{}{target}", self.addresses[server]))
            .header("traceparent", format!("00-{TRACE}-00f067aa0ba902b7-01"))
            .header("accept", "application/openmetrics-text; version=1.0.0")
            .body(Body::empty())
            .unwrap();
        let response = client.request(request).await.unwrap();
        assert!(
            response.status().is_success(),
            "{target}: {}",
            response.status()
        );
        let body = response.into_body().collect().await.unwrap().to_bytes();
        String::from_utf8(body.to_vec()).unwrap()
    }

    /// Presses Ctrl-C; gives what it said last and every line it logged.
    fn interrupt(mut self) -> (String, String) {
        let pid = self.process.id().to_string();
        let sent = Command::new("kill").args(["-INT", &pid]).status().unwrap();
        assert!(sent.success());
        let (mut report, mut lines) = (String::new(), String::new());
        self.said.read_to_string(&mut report).unwrap();
        self.process
            .stdout
            .take()
            .unwrap()
            .read_to_string(&mut lines)
            .unwrap();
        assert!(self.process.wait().unwrap().success(), "{report}");
        (report, lines)
    }
}

impl Drop for Storefront {
    fn drop(&mut self) {
        let _ = self.process.kill();
    }
}
