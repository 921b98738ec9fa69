//! The service under axum, under hyper, and by itself.

use axum::Router;
use axum::body::Body;
use http::header::{ACCEPT, ALLOW, CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE, VARY};
use http::{Method, Request, Response, StatusCode};
use http_body_util::BodyExt;
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use otel_core::registry::Registry;
use otel_metrics_guard::MetricsService;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tower::ServiceExt;

use crate::expositions::resource;

const OPENMETRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";
const TEXT: &str = "text/plain; version=0.0.4; charset=utf-8";

#[tokio::test]
async fn the_answer_is_in_the_format_that_was_asked_for() {
    for (accept, content_type, has_end_mark) in [
        ("application/openmetrics-text", OPENMETRICS, true),
        ("*/*", TEXT, false),
    ] {
        let response = call(Method::GET, accept).await;
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(response.headers()[CONTENT_TYPE], content_type);
        assert_eq!(response.headers()[VARY], "Accept, Accept-Encoding");
        assert_eq!(response.headers()[CACHE_CONTROL], "no-store");
        let text = text(response).await;
        assert!(text.starts_with("# TYPE target"), "{text}");
        assert_eq!(text.ends_with("\n# EOF\n"), has_end_mark, "{text}");
    }
}

#[tokio::test]
async fn head_has_the_headers_and_no_body() {
    let response = call(Method::HEAD, "application/openmetrics-text").await;
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(response.headers()[CONTENT_TYPE], OPENMETRICS);
    // `GET` would not have this length.
    assert!(!response.headers().contains_key(CONTENT_LENGTH));
    let headers = response.headers().clone();
    assert_eq!(text(response).await, "");
    // RFC 9110, section 9.3.2: those of `GET`.
    let get = call(Method::GET, "application/openmetrics-text").await;
    assert_eq!(&headers, get.headers());
}

#[tokio::test]
async fn other_methods_are_refused() {
    for method in [Method::POST, Method::PUT, Method::DELETE, Method::OPTIONS] {
        let response = call(method, "*/*").await;
        assert_eq!(response.status(), StatusCode::METHOD_NOT_ALLOWED);
        assert_eq!(response.headers()[ALLOW], "GET, HEAD");
        assert_eq!(text(response).await, "");
    }
}

#[tokio::test]
async fn a_late_fact_of_the_resource_is_in_the_next_scrape() {
    let resource = resource();
    let service = MetricsService::new(&Registry::new(), &resource);
    for (late, expected) in [
        (
            None,
            r#"target_info{service_name="shop",service_version="1.2"} 1"#,
        ),
        (
            Some("a91f"),
            r#"target_info{host_id="a91f",service_name="shop",service_version="1.2"} 1"#,
        ),
    ] {
        if let Some(late) = late {
            resource.add_late("host.id", late);
        }
        let response = service.clone().oneshot(Request::new(())).await.unwrap();
        let body = response.into_body().collect().await.unwrap().to_bytes();
        let text = str::from_utf8(&body).unwrap();
        assert!(text.contains(expected), "{text}");
    }
}

#[tokio::test]
async fn plain_hyper_serves_it_in_chunks() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let server = async {
        let (stream, _) = listener.accept().await.unwrap();
        let service = TowerToHyperService::new(MetricsService::new(&Registry::new(), &resource()));
        hyper::server::conn::http1::Builder::new()
            .serve_connection(TokioIo::new(stream), service)
            .await
            .unwrap();
    };
    let client = async {
        let mut stream = TcpStream::connect(address).await.unwrap();
        let request = b"GET /metrics HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
        stream.write_all(request).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer
    };
    let ((), answer) = tokio::join!(server, client);
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    assert!(
        answer.contains("transfer-encoding: chunked\r\n"),
        "{answer}"
    );
    assert!(answer.contains("\ntarget_info{"), "{answer}");
    assert!(answer.ends_with("\r\n0\r\n\r\n"), "{answer}");
}

async fn call(method: Method, accept: &str) -> Response<Body> {
    let metrics = MetricsService::new(&Registry::new(), &resource());
    let app = Router::new().route_service("/metrics", metrics);
    let request = Request::builder()
        .method(method)
        .uri("/metrics")
        .header(ACCEPT, accept)
        .body(Body::empty())
        .unwrap();
    app.oneshot(request).await.unwrap()
}

async fn text(response: Response<Body>) -> String {
    let body = response.into_body().collect().await.unwrap().to_bytes();
    String::from_utf8(body.into()).unwrap()
}
