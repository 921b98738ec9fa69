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
    /// has that rule; a body that ends before that many ends in a body error. A body that is ended
    /// at birth ends the exchange here.
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
        let remaining = this.remaining;
        // Everything asked of the body is asked in here: it may panic wherever it is asked.
        let (polled, ending) = ready!(exchange.scope(|| {
            inner.as_mut().poll_frame(cx).map(|polled| {
                let is_last = || inner.is_end_stream();
                let ending = ending_of(&polled, remaining, is_last);
                (polled, ending)
            })
        }));
        if let Some(Ok(frame)) = &polled
            && let Some(trailers) = frame.trailers_ref()
        {
            exchange.trailers(trailers);
        }
        if let Some(ending) = ending {
            exchange.end(ending);
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

/// How an exchange ends with what its body yielded, if that was the last of it by any sign.
///
/// A body that ends short of the length its head declared has failed its reader, which gets an
/// incomplete message (RFC 9112, 6.3) or a malformed one (RFC 9113, 8.1.1).
fn ending_of<D: Buf, E>(
    polled: &Option<Result<Frame<D>, E>>,
    remaining: &mut Option<u64>,
    is_last: impl FnOnce() -> bool,
) -> Option<Ending> {
    let frame = match polled {
        Some(Ok(frame)) => frame,
        Some(Err(_)) => return Some(Ending::BodyError),
        None => return Some(whole_or_short(*remaining)),
    };
    if frame.is_trailers() {
        return Some(match whole_or_short(*remaining) {
            Ending::Complete => Ending::Trailers,
            short => short,
        });
    }
    if let Some(left) = remaining {
        let taken = frame.data_ref().map_or(0, Buf::remaining);
        *left = left.saturating_sub(u64::try_from(taken).unwrap_or(u64::MAX));
        if *left == 0 {
            return Some(Ending::Complete);
        }
    }
    is_last().then(|| whole_or_short(*remaining))
}

const fn whole_or_short(remaining: Option<u64>) -> Ending {
    match remaining {
        None | Some(0) => Ending::Complete,
        Some(_) => Ending::BodyError,
    }
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
