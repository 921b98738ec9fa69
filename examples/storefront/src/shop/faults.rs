//! Requests that go wrong, or on, as asked.

use std::convert::Infallible;
use std::time::Duration;

use axum::body::Body;
use axum::extract::Query;
use axum::http::StatusCode;
use bytes::Bytes;
use futures_util::stream;
use serde::Deserialize;

/// Longest wait a caller may ask for, milliseconds.
const MAX_MS: u64 = 60_000;
/// Longest stream and largest chunk a caller may ask for.
const MAX_CHUNKS: u32 = 100_000;
const MAX_BYTES: usize = 1024 * 1024;

#[derive(Debug, Deserialize)]
pub(super) struct Slow {
    #[serde(default)]
    ms: u64,
}

/// `GET /slow?ms=`: answers late.
pub(super) async fn slow(Query(slow): Query<Slow>) -> &'static str {
    wait(slow.ms).await;
    "slow"
}

#[derive(Debug, Deserialize)]
#[serde(default)]
pub(super) struct Streamed {
    chunks: u32,
    bytes: usize,
    ms: u64,
}

impl Default for Streamed {
    fn default() -> Self {
        Self {
            chunks: 10,
            bytes: 16,
            ms: 10,
        }
    }
}

/// `GET /stream?chunks=&bytes=&ms=`: a body in pieces, with a pause before each.
pub(super) async fn stream(Query(streamed): Query<Streamed>) -> Body {
    let chunk = Bytes::from(vec![b'.'; streamed.bytes.min(MAX_BYTES)]);
    let chunks = stream::unfold(streamed.chunks.min(MAX_CHUNKS), move |left| {
        let chunk = chunk.clone();
        async move {
            let left = left.checked_sub(1)?;
            wait(streamed.ms).await;
            Some((Ok::<_, Infallible>(chunk), left))
        }
    });
    Body::from_stream(chunks)
}

/// `GET /panic`: a bug in a handler.
pub(super) async fn panic() -> &'static str {
    panic!("asked to panic")
}

#[derive(Debug, Deserialize)]
pub(super) struct Fail {
    #[serde(default = "internal_server_error")]
    status: u16,
}

const fn internal_server_error() -> u16 {
    500
}

/// `GET /fail?status=`: any status from 200 to 599.
pub(super) async fn fail(Query(fail): Query<Fail>) -> StatusCode {
    StatusCode::from_u16(fail.status)
        .ok()
        .filter(|status| (200..600).contains(&status.as_u16()))
        .unwrap_or(StatusCode::BAD_REQUEST)
}

async fn wait(ms: u64) {
    tokio::time::sleep(Duration::from_millis(ms.min(MAX_MS))).await;
}
