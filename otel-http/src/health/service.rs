//! The services that answer probes.

use std::convert::Infallible;
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use http::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, VARY};
use http::{HeaderValue, Method, Request, Response, StatusCode};
use tower_service::Service;

use super::accept::wants_json;
use super::{Health, HealthBody, HealthReport};

/// Answers `GET` and `HEAD`, whatever the path: `200` with `ok`, or `503` with what is not, as JSON
/// where `Accept` prefers it. Made by [`Health::liveness`] and [`Health::readiness`].
#[derive(Clone, Debug)]
pub struct HealthService {
    health: Option<Health>,
}

impl HealthService {
    pub(super) const fn new(health: Option<Health>) -> Self {
        Self { health }
    }
}

impl<B> Service<Request<B>> for HealthService {
    type Response = Response<HealthBody>;
    type Error = Infallible;
    type Future = HealthFuture;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> HealthFuture {
        let asked = Asked {
            is_head: request.method() == Method::HEAD,
            wants_json: wants_json(request.headers()),
        };
        if !asked.is_head && request.method() != Method::GET {
            return HealthFuture(Box::pin(async { not_allowed() }));
        }
        let health = self.health.clone();
        HealthFuture(Box::pin(async move {
            match health {
                Some(health) => {
                    let report = health.report().await;
                    asked.answer(report.is_ready(), &written(&report, &health, asked))
                }
                None if asked.wants_json => asked.answer(true, "{\"status\":\"ok\"}\n"),
                None => asked.answer(true, "ok\n"),
            }
        }))
    }
}

#[derive(Clone, Copy)]
struct Asked {
    is_head: bool,
    wants_json: bool,
}

impl Asked {
    fn answer(self, is_ok: bool, text: &str) -> Response<HealthBody> {
        let text = if self.is_head { "" } else { text };
        let mut response = Response::new(HealthBody::new(text.to_owned()));
        if !is_ok {
            *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
        }
        let content_type = match self.wants_json {
            true => "application/json",
            false => "text/plain; charset=utf-8",
        };
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
        headers.insert(VARY, HeaderValue::from_static("Accept"));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        response
    }
}

fn written(report: &HealthReport, health: &Health, asked: Asked) -> String {
    match asked.wants_json {
        true => report.to_json(health.shows_errors()),
        false => report.to_text(health.shows_errors()),
    }
}

fn not_allowed() -> Response<HealthBody> {
    let mut response = Response::new(HealthBody::default());
    *response.status_mut() = StatusCode::METHOD_NOT_ALLOWED;
    let allowed = HeaderValue::from_static("GET, HEAD");
    response.headers_mut().insert(ALLOW, allowed);
    response
}

/// The future of an answer.
pub struct HealthFuture(Pin<Box<dyn Future<Output = Response<HealthBody>> + Send>>);

impl Future for HealthFuture {
    type Output = Result<Response<HealthBody>, Infallible>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.0.as_mut().poll(cx).map(Ok)
    }
}

impl fmt::Debug for HealthFuture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HealthFuture").finish_non_exhaustive()
    }
}
