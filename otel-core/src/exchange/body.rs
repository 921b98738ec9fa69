//! A response body that knows when the exchange is over.
//!
//! Servers do not always poll a body to `None`: hyper stops once the declared length is reached or
//! the body says it is ended, and never polls one that was ended at birth. So the end is the last
//! frame handed over, by whichever sign says that it was the last. What the inner body knows of its
//! size is forwarded; nothing is boxed.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Buf;
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;

use super::Exchange;
use crate::outcome::Ending;

pin_project! {
    /// A body wrapped in its exchange.
    pub struct ExchangeBody<B> {
        // `None` only while being dropped.
        #[pin]
        inner: Option<B>,
        exchange: Option<Exchange>,
        // Bytes still to come, where the head declared how many.
        remaining: Option<u64>,
    }

    impl<B> PinnedDrop for ExchangeBody<B> {
        fn drop(this: Pin<&mut Self>) {
            let mut this = this.project();
            let Some(exchange) = this.exchange else { return };
            // The destructor of the inner body is part of the exchange: it logs under its context,
            // and if it panics, that is how the exchange ended.
            exchange.scope(|| this.inner.set(None));
        }
    }
}

impl<B: Body> ExchangeBody<B> {
    /// Wraps the body of a response whose exchange ends with it.
    ///
    /// `declared` is the number of bytes after which the server stops polling, where the protocol
    /// has that rule. A body that is ended at birth ends the exchange here.
    pub fn new(inner: B, mut exchange: Exchange, declared: Option<u64>) -> Self {
        if inner.is_end_stream() || declared == Some(0) {
            exchange.end(Ending::Complete);
        }
        Self {
            inner: Some(inner),
            exchange: Some(exchange),
            remaining: declared,
        }
    }
}

impl<B> ExchangeBody<B> {
    /// Wraps a body that belongs to no exchange.
    pub const fn untracked(inner: B) -> Self {
        Self {
            inner: Some(inner),
            exchange: None,
            remaining: None,
        }
    }
}

impl<B: Body> Body for ExchangeBody<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        let mut this = self.project();
        let Some(mut inner) = this.inner.as_mut().as_pin_mut() else {
            return Poll::Ready(None);
        };
        let Some(exchange) = this.exchange else {
            return inner.poll_frame(cx);
        };
        let polled = ready!(exchange.scope(|| inner.as_mut().poll_frame(cx)));
        match &polled {
            Some(Ok(frame)) => {
                let last = observe(frame, exchange, this.remaining);
                if let Some(ending) = last {
                    exchange.end(ending);
                } else if inner.is_end_stream() {
                    exchange.end(Ending::Complete);
                }
            }
            Some(Err(_)) => exchange.end(Ending::BodyError),
            None => exchange.end(Ending::Complete),
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

/// Takes note of a frame; tells how the exchange ends if it was the last by its own sign.
fn observe<D: Buf>(
    frame: &Frame<D>,
    exchange: &mut Exchange,
    remaining: &mut Option<u64>,
) -> Option<Ending> {
    if let Some(trailers) = frame.trailers_ref() {
        exchange.trailers(trailers);
        return Some(Ending::Trailers);
    }
    let taken = frame.data_ref().map_or(0, Buf::remaining);
    let left = remaining.as_mut()?;
    *left = left.saturating_sub(u64::try_from(taken).unwrap_or(u64::MAX));
    (*left == 0).then_some(Ending::Complete)
}

impl<B: Default> Default for ExchangeBody<B> {
    fn default() -> Self {
        Self::untracked(B::default())
    }
}

impl<B> fmt::Debug for ExchangeBody<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ExchangeBody")
            .field("exchange", &self.exchange)
            .finish_non_exhaustive()
    }
}
