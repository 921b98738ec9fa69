//! A response body that knows when its call is over.
//!
//! The end of a call is its trailers. A body that errs, that ends without them, or that is dropped
//! ends the call too, and each of these means something else. The call ends before the frame that
//! ends it is handed on, so that whoever has read the last frame finds every signal written.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use otel_core::outcome::Ending;
use pin_project_lite::pin_project;

use crate::tracking::Tracking;

pin_project! {
    /// The body of a response, in its call.
    pub struct GrpcBody<B> {
        // `None` only while being dropped.
        #[pin]
        inner: Option<B>,
        tracking: Tracking,
    }

    impl<B> PinnedDrop for GrpcBody<B> {
        fn drop(this: Pin<&mut Self>) {
            let mut this = this.project();
            // The destructor of the inner body is part of the call: it logs under its context, and
            // if it panics, that is how the call ended.
            this.tracking.scope(|| this.inner.set(None));
        }
    }
}

impl<B: Body<Data = Bytes>> GrpcBody<B> {
    /// Wraps the body that follows a head the call was told of.
    pub(crate) fn new(inner: B, mut tracking: Tracking) -> Self {
        if let Some(followed) = tracking.followed()
            && inner.is_end_stream()
        {
            followed.complete();
        }
        Self {
            inner: Some(inner),
            tracking,
        }
    }
}

impl<B> Body for GrpcBody<B>
where
    B: Body<Data = Bytes, Error: 'static>,
{
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        let mut this = self.project();
        let Some(mut inner) = this.inner.as_mut().as_pin_mut() else {
            return Poll::Ready(None);
        };
        if let Some(followed) = this.tracking.followed() {
            followed.tick();
        }
        // Everything asked of the body is asked in here: it may panic wherever it is asked.
        let (polled, is_last) = ready!(this.tracking.scope(|| {
            inner.as_mut().poll_frame(cx).map(|polled| {
                let is_last = inner.is_end_stream();
                (polled, is_last)
            })
        }));
        if let Some(followed) = this.tracking.followed() {
            match &polled {
                Some(Ok(frame)) => {
                    if let Some(data) = frame.data_ref() {
                        followed.data(data);
                    }
                    if let Some(trailers) = frame.trailers_ref() {
                        followed.trailers(trailers);
                    } else if is_last {
                        followed.complete();
                    }
                }
                Some(Err(error)) => followed.fail(error, Ending::BodyError),
                None => followed.complete(),
            }
        }
        Poll::Ready(polled)
    }

    fn is_end_stream(&self) -> bool {
        self.inner.as_ref().is_none_or(Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.inner
            .as_ref()
            .map_or_else(|| SizeHint::with_exact(0), Body::size_hint)
    }
}

impl<B: Default> Default for GrpcBody<B> {
    fn default() -> Self {
        Self {
            inner: Some(B::default()),
            tracking: Tracking::Untracked,
        }
    }
}

impl<B> fmt::Debug for GrpcBody<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GrpcBody")
            .field("tracking", &self.tracking)
            .finish_non_exhaustive()
    }
}
