//! What the service saw of a request's context.

use axum::Json;
use otel_core::exchange::ExchangeContext;
use otel_core::identity::PeerIdentity;
use otel_core::opentelemetry::Context;
use otel_core::opentelemetry::trace::TraceContextExt;
use serde::Serialize;

#[derive(Debug, Serialize)]
pub(super) struct Echo {
    trace_id: String,
    span_id: String,
    parent_span_id: Option<String>,
    sampled: bool,
    format: Option<&'static str>,
    tracestate: Option<String>,
    request_id: Option<String>,
    peer: Option<Peer>,
}

/// Who sent the request, as far as there is evidence.
#[derive(Debug, Serialize)]
struct Peer {
    spiffe_id: Option<String>,
    source: &'static str,
    trust: &'static str,
    fingerprint: Option<String>,
    serial: Option<String>,
    asserted_by: Option<String>,
    violation: Option<&'static str>,
}

impl Peer {
    fn of(peer: &PeerIdentity) -> Self {
        Self {
            spiffe_id: peer.spiffe_id().map(ToString::to_string),
            source: peer.source().as_str(),
            trust: peer.trust().as_str(),
            fingerprint: peer.fingerprint().map(ToString::to_string),
            serial: peer.serial().map(str::to_owned),
            asserted_by: peer.asserted_by().map(ToString::to_string),
            violation: peer.violation().map(|violation| violation.as_str()),
        }
    }
}

/// `GET /echo`: the ids, the caller's context and who the caller is, as the layers read them.
pub(super) async fn echo() -> Json<Echo> {
    Json(Context::map_current(|cx| {
        let own = cx.span().span_context().clone();
        let exchange = ExchangeContext::of(cx);
        let remote = exchange.and_then(ExchangeContext::remote);
        Echo {
            trace_id: own.trace_id().to_string(),
            span_id: own.span_id().to_string(),
            parent_span_id: remote.map(|remote| remote.span_id().to_string()),
            sampled: own.is_sampled(),
            format: exchange
                .and_then(ExchangeContext::format)
                .map(|format| format.as_str()),
            tracestate: exchange
                .and_then(ExchangeContext::tracestate)
                .map(|state| state.as_str().to_owned()),
            request_id: exchange.map(|exchange| exchange.request_id().to_string()),
            peer: exchange
                .and_then(ExchangeContext::peer)
                .map(|peer| Peer::of(peer)),
        }
    }))
}
