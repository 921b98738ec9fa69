//! One call as a layer follows it, from its head to its trailers.

use std::sync::Arc;
use std::time::{Duration, Instant};

use http::{HeaderMap, StatusCode};
use otel_core::exchange::Exchange;
use otel_core::opentelemetry::trace::{SpanContext, TraceContextExt};
use otel_core::outcome::{Ending, GrpcCode, Side};

use crate::call::{CallState, Direction};
use crate::error_message::Redact;
use crate::failure::Failure;
use crate::frames::{FrameScanner, Piece};
use crate::headers::{GRPC_MESSAGE, status_of};
use crate::metadata::Captured;
use crate::proof::proves_method;
use crate::web_trailers::WebTrailers;

/// What a layer looks at in its responses beyond the status. Shared by its calls.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) side: Side,
    pub(crate) response_metadata: Captured,
    pub(crate) redact: Option<Redact>,
    pub(crate) segment: Option<Duration>,
}

/// An exchange and what is kept to follow its response.
#[derive(Debug)]
pub(crate) struct Followed {
    exchange: Exchange,
    /// Absent where nothing is asked for beyond the status.
    more: Option<Box<More>>,
}

/// What few layers ask for.
#[derive(Debug)]
struct More {
    plan: Arc<Plan>,
    call: Option<Arc<CallState>>,
    scanner: FrameScanner,
    web: Option<WebTrailers>,
    segment: Option<Segment>,
}

#[derive(Debug)]
struct Segment {
    first: SpanContext,
    began: Instant,
    index: u32,
}

impl Followed {
    /// `plan` is absent where the layer looks at nothing but the status. `is_web` says that the
    /// trailers come in the body.
    pub(crate) fn new(
        exchange: Exchange,
        plan: Option<&Arc<Plan>>,
        call: Option<Arc<CallState>>,
        is_web: bool,
    ) -> Self {
        let more = plan.map(|plan| {
            Box::new(More {
                plan: Arc::clone(plan),
                call,
                scanner: FrameScanner::default(),
                web: is_web.then(WebTrailers::default),
                segment: None,
            })
        });
        Self { exchange, more }
    }

    pub(crate) const fn exchange(&mut self) -> &mut Exchange {
        &mut self.exchange
    }

    /// The head has come. One that has a status is the end.
    pub(crate) fn head(&mut self, status: StatusCode, headers: &HeaderMap) {
        let code = status_of(headers);
        if proves_method(status, code, headers) {
            self.exchange.prove();
        }
        self.exchange.head(status.as_u16());
        if let Some(more) = &self.more
            && !more.plan.response_metadata.is_empty()
        {
            let captured = &more.plan.response_metadata;
            self.exchange
                .add_attributes(|| captured.attributes(headers).collect::<Vec<_>>());
        }
        if let Some(code) = code {
            // The head is the trailers, and the body is dropped unread.
            self.status(code, headers);
            self.exchange.end(Ending::Trailers);
        } else {
            self.begin_segments(status);
        }
    }

    /// Trailers have come: the end, whatever they hold.
    pub(crate) fn trailers(&mut self, trailers: &HeaderMap) {
        if let Some(code) = status_of(trailers) {
            self.status(code, trailers);
        }
        self.exchange.end(Ending::Trailers);
    }

    pub(crate) fn data(&mut self, data: &[u8]) {
        let Some(more) = &mut self.more else { return };
        if more.call.is_none() && more.web.is_none() {
            return;
        }
        let direction = match more.plan.side {
            Side::Server => Direction::Sent,
            Side::Client => Direction::Received,
        };
        let (call, web) = (&more.call, &mut more.web);
        more.scanner.scan(data, |piece| match piece {
            Piece::Message { len, .. } => {
                if let Some(call) = call {
                    call.message(direction, len);
                }
            }
            Piece::Trailers(bytes) => {
                if let Some(web) = web {
                    web.take(bytes);
                }
            }
        });
    }

    /// The body is over without trailers.
    pub(crate) fn complete(&mut self) {
        let web = self.more.as_ref().and_then(|more| more.web.as_ref());
        match web.and_then(WebTrailers::headers) {
            Some(trailers) => self.trailers(&trailers),
            None => self.exchange.end(Ending::Complete),
        }
    }

    pub(crate) fn fail<E: 'static>(&mut self, error: &E, ending: Ending) {
        Failure::of(error).tell(&mut self.exchange);
        self.exchange.end(ending);
    }

    /// Starts a new segment if the time of this one is over.
    pub(crate) fn tick(&mut self) {
        let Some(more) = &mut self.more else { return };
        let (Some(every), Some(segment)) = (more.plan.segment, &mut more.segment) else {
            return;
        };
        let now = self.exchange.instrumentation().telemetry().clock().now();
        if now.saturating_duration_since(segment.began) < every {
            return;
        }
        segment.began = now;
        segment.index = segment.index.saturating_add(1);
        self.exchange.next_segment(&segment.first, segment.index);
        if let Some(call) = &more.call {
            call.enter(self.exchange.context());
        }
    }

    fn begin_segments(&mut self, status: StatusCode) {
        let Some(more) = &mut self.more else { return };
        if more.plan.segment.is_some() && status == StatusCode::OK {
            more.segment = Some(Segment {
                first: self.exchange.context().span().span_context().clone(),
                began: self.exchange.instrumentation().telemetry().clock().now(),
                index: 0,
            });
        }
    }

    /// Takes note of the status in a head or in trailers.
    fn status(&mut self, code: GrpcCode, headers: &HeaderMap) {
        self.exchange.grpc_status(code);
        let Some(more) = &self.more else { return };
        if code == GrpcCode::Internal && more.is_swallowed_reset(headers) {
            self.exchange.grpc_status(GrpcCode::Cancelled);
        } else if code != GrpcCode::Ok
            && let Some(message) = more.plan.redact.as_ref().and_then(|r| r.message(headers))
        {
            self.exchange.error_message(&message);
        }
    }
}

impl More {
    /// Whether a server failed for want of a message it was never sent.
    ///
    /// hyper hides that a client reset the stream and ends the request instead; tonic then answers
    /// that the message is missing, which would be an error of the server's.
    fn is_swallowed_reset(&self, headers: &HeaderMap) -> bool {
        let message = headers.get(&GRPC_MESSAGE).map(http::HeaderValue::as_bytes);
        self.plan.side == Side::Server
            && matches!(
                message,
                Some(b"Missing%20request%20message." | b"Missing request message.")
            )
            && self
                .call
                .as_ref()
                .is_some_and(|call| call.request_was_empty())
    }
}
