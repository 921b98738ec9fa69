//! Requests the shop makes itself.

use axum::Json;
use axum::body::Body;
use axum::extract::{Query, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::{Method, Request, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use otel_http::HttpClientLayer;
use otel_http::client::HttpClient;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tower::{Layer, ServiceExt};

use super::Shop;

/// An HTTP client whose requests are exchanges.
pub(super) type WebClient = HttpClient<Client<HttpConnector, Full<Bytes>>>;

/// Most bytes of an answer that are read.
const MAX_ANSWER: usize = 1024 * 1024;

pub(super) fn client(layer: HttpClientLayer) -> WebClient {
    layer.layer(Client::builder(TokioExecutor::new()).build_http())
}

#[derive(Debug, Deserialize)]
pub(super) struct Call {
    url: String,
}

#[derive(Debug, Serialize)]
struct CameBack {
    status: u16,
    body: Value,
}

/// `GET /call?url=`: fetches a URL and answers with what came back.
pub(super) async fn call(State(shop): State<Shop>, Query(call): Query<Call>) -> Response {
    let Ok(uri) = call.url.parse() else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    match send(&shop.web, Method::GET, uri, Bytes::new()).await {
        Ok((status, body)) => {
            let body = serde_json::from_slice(&body)
                .unwrap_or_else(|_| Value::String(String::from_utf8_lossy(&body).into_owned()));
            Json(CameBack {
                status: status.as_u16(),
                body,
            })
            .into_response()
        }
        Err(error) => {
            tracing::warn!(error = %error, "the call failed");
            StatusCode::BAD_GATEWAY.into_response()
        }
    }
}

#[derive(Debug, Deserialize)]
pub(super) struct Onward {
    url: String,
    arguments: Value,
}

/// `POST /test`: posts each item's arguments to its URL, as the W3C Trace Context suite asks of a
/// service under test.
pub(super) async fn test(State(shop): State<Shop>, Json(items): Json<Vec<Onward>>) -> StatusCode {
    for item in items {
        let Ok(uri) = item.url.parse() else {
            return StatusCode::BAD_REQUEST;
        };
        let body = item.arguments.to_string().into();
        if let Err(error) = send(&shop.web, Method::POST, uri, body).await {
            tracing::warn!(error = %error, "passing on failed");
            return StatusCode::BAD_GATEWAY;
        }
    }
    StatusCode::OK
}

type SendError = Box<dyn std::error::Error + Send + Sync>;

async fn send(
    client: &WebClient,
    method: Method,
    uri: Uri,
    body: Bytes,
) -> Result<(StatusCode, Bytes), SendError> {
    let request = Request::builder()
        .method(method)
        .uri(uri)
        .header(CONTENT_TYPE, "application/json")
        .body(Full::new(body))?;
    let response = client.clone().oneshot(request).await?;
    let status = response.status();
    let answer = Limited::new(Body::new(response.into_body()), MAX_ANSWER);
    Ok((status, answer.collect().await?.to_bytes()))
}
