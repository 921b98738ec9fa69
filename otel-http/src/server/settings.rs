//! What a server layer was told of the requests it will meet.

use std::fmt;
use std::net::SocketAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use http::HeaderMap;
use http::header::CONTENT_TYPE;
use otel_core::diagnostics::Fault;
use otel_core::exchange::{Exchange, Measure, Signals};
use otel_core::opentelemetry::trace::TraceContextExt;
use otel_core::telemetry::Telemetry;

use crate::attributes::{Captured, Forwarded, Methods, Query};
use crate::forwarded_trust::ForwardedTrust;
use crate::peer_address::PeerAddress;
use crate::response_header::TraceHeader;
use crate::rollout::Rollout;
use crate::route::RequestHead;

/// Says for each request which signals are produced.
type Select = dyn Fn(RequestHead<'_>, Option<&str>) -> Signals + Send + Sync;

/// What a request is looked at for.
#[derive(Clone, Default)]
pub(super) struct Settings {
    pub(super) methods: Methods,
    pub(super) query: Query,
    pub(super) headers: Captured,
    pub(super) forwarded: ForwardedTrust,
    pub(super) peer: Option<fn(RequestHead<'_>) -> Option<SocketAddr>>,
    pub(super) select: Option<Arc<Select>>,
    pub(super) rollout: Option<Rollout>,
    pub(super) has_handle: bool,
    pub(super) counts_grpc: bool,
}

/// What a response is looked at for.
#[derive(Clone, Debug, Default)]
pub(super) struct ResponseSettings {
    pub(super) headers: Captured,
    pub(super) trace_headers: Vec<TraceHeader>,
    pub(super) streams: Measure,
}

impl Settings {
    /// The other end of the connection of a request, where it is known.
    pub(super) fn peer(&self, head: RequestHead<'_>) -> Option<SocketAddr> {
        match self.peer {
            Some(peer) => peer(head),
            None => Some(head.extensions().get::<PeerAddress>()?.get()),
        }
    }

    /// What proxies say of a request and can be believed.
    pub(super) fn forwarded<'a>(
        &self,
        head: RequestHead<'a>,
        peer: Option<SocketAddr>,
    ) -> Forwarded<'a> {
        self.forwarded
            .read(head.headers(), peer.map(|peer| peer.ip()))
    }

    /// The signals to produce for a request; all of them where nobody says otherwise, and where the
    /// one who says panics.
    pub(super) fn signals(
        &self,
        head: RequestHead<'_>,
        route: Option<&str>,
        telemetry: &Telemetry,
    ) -> Signals {
        let Some(select) = &self.select else {
            return Signals::ALL;
        };
        let selected = catch_unwind(AssertUnwindSafe(|| select(head, route)));
        selected.unwrap_or_else(|payload| {
            telemetry.diagnostics().count(Fault::HookPanicked);
            // What was thrown is foreign, and so is its destructor.
            let _ = catch_unwind(AssertUnwindSafe(|| drop(payload)));
            Signals::ALL
        })
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("forwarded", &self.forwarded)
            .field("rollout", &self.rollout)
            .finish_non_exhaustive()
    }
}

impl ResponseSettings {
    /// Looks at the head of a response, and adds to it.
    pub(super) fn apply(&self, exchange: &mut Exchange, headers: &mut HeaderMap) {
        if self.streams != Measure::Whole && is_stream(headers) {
            exchange.measure(self.streams);
        }
        exchange.add_attributes(|| self.headers.of(headers));
        if !self.trace_headers.is_empty() {
            let span = exchange.context().span();
            for header in &self.trace_headers {
                header.write(span.span_context(), headers);
            }
        }
    }

    /// Whether a response need not be looked at.
    pub(super) fn is_default(&self) -> bool {
        self.headers.is_empty()
            && self.trace_headers.is_empty()
            && self.streams == Measure::default()
    }
}

/// Whether a response has no end of its own, by its content type.
fn is_stream(headers: &HeaderMap) -> bool {
    const STREAMS: [&str; 5] = [
        "text/event-stream",
        "multipart/x-mixed-replace",
        "application/x-ndjson",
        "application/stream+json",
        "application/grpc",
    ];
    let content_type = headers.get(CONTENT_TYPE);
    let Some(content_type) = content_type.and_then(|value| value.to_str().ok()) else {
        return false;
    };
    let essence = content_type.split(';').next().unwrap_or_default().trim();
    STREAMS
        .iter()
        .any(|stream| essence.eq_ignore_ascii_case(stream))
}
