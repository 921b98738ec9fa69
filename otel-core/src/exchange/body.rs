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

use super::{Declared, Exchange};
use crate::outcome::Ending;

pin_project! {
    /// A body wrapped in its exchange.
    pub struct ExchangeBody<B> {
        // `None` only while being dropped.
        #[pin]
        inner: Option<B>,
        exchange: Option<Exchange>,
        declared: Option<Declared>,
    }

    impl<B> PinnedDrop for ExchangeBody<B> {
        fn drop(this: Pin<&mut Self>) {
            let mut this = this.project();
            let Some(exchange) = this.exchange else { return };
            // The destructor of the inner body is part of the exchange: it logs under its context,
            // and if it panics, that is how the exchange ended.
            exchange.scope(|| this.inner.set(None));
            if this.declared.is_some_and(|declared| declared.is_given()) {
                exchange.end(at_end(*this.declared));
            }
        }
    }
}

impl<B: Body> ExchangeBody<B> {
    /// Wraps the body of a response whose exchange ends with it.
    ///
    /// `declared` is the length its head announces; a body that does not keep it ends in a body
    /// error. A body that is ended at birth ends the exchange here.
    pub fn new(inner: B, mut exchange: Exchange, declared: Option<Declared>) -> Self {
        if inner.is_end_stream() || declared.is_some_and(|declared| declared.is_over()) {
            exchange.end(at_end(declared));
        }
        Self {
            inner: Some(inner),
            exchange: Some(exchange),
            declared,
        }
    }
}

impl<B> ExchangeBody<B> {
    /// Wraps a body that belongs to no exchange.
    pub const fn untracked(inner: B) -> Self {
        Self {
            inner: Some(inner),
            exchange: None,
            declared: None,
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
        let declared = this.declared;
        // Everything asked of the body is asked in here: it may panic wherever it is asked.
        let (polled, ending) = ready!(exchange.scope(|| {
            inner.as_mut().poll_frame(cx).map(|polled| {
                let is_last = || inner.is_end_stream();
                let ending = ending_of(&polled, declared, is_last);
                (polled, ending)
            })
        }));
        if let Some(Ok(frame)) = &polled
            && let Some(trailers) = frame.trailers_ref()
        {
            exchange.trailers(trailers);
        }
        if let Some(Ok(frame)) = &polled
            && let Some(data) = frame.data_ref()
        {
            exchange.add_sent(u64::try_from(data.remaining()).unwrap_or(u64::MAX));
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
fn ending_of<D: Buf, E>(
    polled: &Option<Result<Frame<D>, E>>,
    declared: &mut Option<Declared>,
    is_last: impl FnOnce() -> bool,
) -> Option<Ending> {
    let frame = match polled {
        Some(Ok(frame)) => frame,
        Some(Err(_)) => return Some(Ending::BodyError),
        None => return Some(at_end(*declared)),
    };
    if frame.is_trailers() {
        return Some(match at_end(*declared) {
            Ending::Complete => Ending::Trailers,
            failed => failed,
        });
    }
    if let Some(declared) = declared {
        let taken = frame.data_ref().map_or(0, Buf::remaining);
        declared.take(u64::try_from(taken).unwrap_or(u64::MAX));
        if declared.is_over() {
            return Some(Ending::Complete);
        }
    }
    is_last().then(|| at_end(*declared))
}

fn at_end(declared: Option<Declared>) -> Ending {
    declared.map_or(Ending::Complete, |declared| declared.at_end())
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
