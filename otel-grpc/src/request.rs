//! What becomes of the body of a request.
//!
//! To count the messages of a request its body has to be wrapped, which changes its type; a layer
//! that does not count leaves it alone. So the choice is a type, and costs nothing where it is not
//! made.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use otel_core::opentelemetry::Context as TelemetryContext;
use pin_project_lite::pin_project;

use crate::call::{CallState, Direction};
use crate::frames::{FrameScanner, Piece};
use crate::tracking::attach;

/// How a layer passes request bodies on: [`AsSent`], [`Counted`] or, with the feature `tonic`,
/// `CountedBoxed`. Sealed.
pub trait RequestBodies<A>: Sealed + Clone {
    /// The body the wrapped service gets.
    type Body;

    #[doc(hidden)]
    fn pass(&self, body: A, watch: Option<BodyWatch>) -> Self::Body;
}

/// Seals [`RequestBodies`] and says whether a layer of its kind counts.
pub trait Sealed {
    #[doc(hidden)]
    const COUNTS: bool;
}

/// Request bodies pass untouched; nobody counts messages.
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct AsSent;

/// Request bodies are wrapped in a [`CountedBody`].
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct Counted;

/// Request bodies are wrapped and become a [`tonic::body::Body`] again, which costs an allocation
/// and is what a `Channel` takes.
#[cfg(feature = "tonic")]
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct CountedBoxed;

impl Sealed for AsSent {
    const COUNTS: bool = false;
}

impl<A> RequestBodies<A> for AsSent {
    type Body = A;

    fn pass(&self, body: A, _watch: Option<BodyWatch>) -> A {
        body
    }
}

impl Sealed for Counted {
    const COUNTS: bool = true;
}

impl<A> RequestBodies<A> for Counted {
    type Body = CountedBody<A>;

    fn pass(&self, body: A, watch: Option<BodyWatch>) -> CountedBody<A> {
        CountedBody { inner: body, watch }
    }
}

#[cfg(feature = "tonic")]
impl Sealed for CountedBoxed {
    const COUNTS: bool = true;
}

#[cfg(feature = "tonic")]
impl RequestBodies<tonic::body::Body> for CountedBoxed {
    type Body = tonic::body::Body;

    fn pass(&self, body: tonic::body::Body, watch: Option<BodyWatch>) -> tonic::body::Body {
        match watch {
            // A body that is ended at birth would be dropped unread.
            Some(watch) if body.is_end_stream() => {
                watch.call.request_ended();
                body
            }
            Some(watch) => tonic::body::Body::new(CountedBody {
                inner: body,
                watch: Some(watch),
            }),
            None => body,
        }
    }
}

/// What the body of a request tells its call.
#[doc(hidden)]
pub struct BodyWatch {
    call: Arc<CallState>,
    direction: Direction,
    scanner: FrameScanner,
    /// Made current where the body is polled by a task of the connection's, as a client's is.
    cx: Option<TelemetryContext>,
}

impl BodyWatch {
    pub(crate) fn at_server(call: &Arc<CallState>) -> Self {
        Self {
            call: Arc::clone(call),
            direction: Direction::Received,
            scanner: FrameScanner::default(),
            cx: None,
        }
    }

    pub(crate) fn at_client(call: &Arc<CallState>, cx: Option<&TelemetryContext>) -> Self {
        Self {
            call: Arc::clone(call),
            direction: Direction::Sent,
            scanner: FrameScanner::default(),
            cx: cx.cloned(),
        }
    }

    fn see<E>(&mut self, polled: Option<&Result<Frame<Bytes>, E>>) {
        match polled {
            None => self.call.request_ended(),
            Some(Ok(frame)) => {
                let (call, direction) = (&self.call, self.direction);
                let data = frame.data_ref().map(Bytes::as_ref);
                self.scanner.scan(data.unwrap_or_default(), |piece| {
                    if let Piece::Message { len, .. } = piece {
                        call.message(direction, len);
                    }
                });
            }
            Some(Err(_)) => {}
        }
    }
}

impl fmt::Debug for BodyWatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BodyWatch")
            .field("direction", &self.direction)
            .finish_non_exhaustive()
    }
}

pin_project! {
    /// The body of a request whose messages are counted as they pass.
    #[derive(Debug)]
    pub struct CountedBody<A> {
        #[pin]
        inner: A,
        watch: Option<BodyWatch>,
    }
}

impl<A: Body<Data = Bytes>> Body for CountedBody<A> {
    type Data = Bytes;
    type Error = A::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, A::Error>>> {
        let this = self.project();
        let Some(watch) = this.watch else {
            return this.inner.poll_frame(cx);
        };
        let current = watch.cx.as_ref().and_then(attach);
        let polled = ready!(this.inner.poll_frame(cx));
        drop(current);
        watch.see(polled.as_ref());
        Poll::Ready(polled)
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}
