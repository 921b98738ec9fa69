//! A short burst of traffic that goes right and wrong in every way.
//!
//! The burst comes from a plain client without instrumentation, as a browser's would.

use std::error::Error;
use std::time::Duration;

use axum::body::Body;
use axum::http::header::CONTENT_TYPE;
use axum::http::{Method, Request};
use http_body_util::BodyExt;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use tokio::time::timeout;

use crate::Addresses;

/// What the burst asks for, and what should come of it.
const REQUESTS: [(&str, &str, &str); 9] = [
    ("GET", "/healthz", "ok"),
    ("GET", "/orders/1", "ok, through the inventory"),
    ("POST", "/orders", "ok, a new order"),
    ("GET", "/orders/4711", "client_error: no such order"),
    (
        "GET",
        "/no/such/path",
        "client_error: no route, and no label for it",
    ),
    ("GET", "/fail?status=500", "server_error"),
    ("GET", "/slow?ms=300", "ok, after 300 ms"),
    (
        "GET",
        "/stream?chunks=5&bytes=64&ms=20",
        "ok, at the last chunk",
    ),
    ("GET", "/panic", "panic: no answer at all"),
];

pub(crate) async fn run(at: Addresses) -> Result<(), Box<dyn Error>> {
    let client: Client<HttpConnector, Body> = Client::builder(TokioExecutor::new()).build_http();
    eprintln!("\na burst of demo traffic:");
    for (method, target, expected) in REQUESTS {
        let got = match ask(&client, at, method, target).await {
            Ok(status) => status,
            Err(_) => "closed".to_owned(),
        };
        eprintln!("  {method:4} {target:34} {got:6}  {expected}");
    }
    let left = timeout(
        Duration::from_millis(50),
        ask(&client, at, "GET", "/slow?ms=5000"),
    );
    let got = if left.await.is_err() { "left" } else { "?" };
    let expected = "client_disconnect: it did not wait";
    eprintln!("  GET  {:34} {got:6}  {expected}\n", "/slow?ms=5000");
    Ok(())
}

async fn ask(
    client: &Client<HttpConnector, Body>,
    at: Addresses,
    method: &str,
    target: &str,
) -> Result<String, Box<dyn Error>> {
    let method = Method::from_bytes(method.as_bytes())?;
    let body = match method {
        Method::POST => Body::from(r#"{"item":"book","quantity":1}"#),
        _ => Body::empty(),
    };
    let request = Request::builder()
        .method(method)
        .uri(format!("http://{}{target}", at.http))
        .header(CONTENT_TYPE, "application/json")
        .body(body)?;
    let response = client.request(request).await?;
    let status = response.status().as_u16().to_string();
    response.into_body().collect().await?;
    Ok(status)
}
