//! Futures and streams with the context they belong to.
//!
//! Whatever runs of them, their destructors included, runs in their context; and on the thread that
//! happened to run it nothing stays behind.

use std::fmt;
use std::pin::Pin;
use std::task::{Context as Waker, Poll, ready};

use futures_core::Stream;
use opentelemetry::Context;
use pin_project_lite::pin_project;

use super::lifecycle::Tracked;
use super::place::Place;

pin_project! {
    /// A future or a stream that is polled and dropped inside its context. Made by
    /// [`Carry`](super::Carry).
    #[must_use = "futures and streams do nothing unless polled"]
    #[project = CarriedProjection]
    pub struct Carried<T> {
        // `None` once it has ended or is being dropped.
        #[pin]
        inner: Option<T>,
        place: Place,
        tracked: Option<Box<Tracked>>,
    }

    impl<T> PinnedDrop for Carried<T> {
        fn drop(this: Pin<&mut Self>) {
            this.project().finish();
        }
    }
}

impl<T> Carried<T> {
    pub(super) const fn new(inner: T, place: Place, tracked: Option<Box<Tracked>>) -> Self {
        Self {
            inner: Some(inner),
            place,
            tracked,
        }
    }

    /// The context it is carried in.
    #[must_use]
    pub const fn context(&self) -> &Context {
        self.place.context()
    }
}

impl<T> CarriedProjection<'_, T> {
    /// Destroys what is carried, in its context, and forgets it.
    fn finish(&mut self) {
        if self.inner.is_some() {
            let _entered = self.place.enter();
            self.inner.set(None);
            *self.tracked = None;
        }
    }
}

impl<F: Future> Future for Carried<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, waker: &mut Waker<'_>) -> Poll<F::Output> {
        let mut this = self.project();
        let Some(inner) = this.inner.as_mut().as_pin_mut() else {
            // Polled again after it resolved, which `Future` leaves open; it must not panic here.
            return Poll::Pending;
        };
        let _entered = this.place.enter();
        let output = ready!(inner.poll(waker));
        this.inner.set(None);
        *this.tracked = None;
        Poll::Ready(output)
    }
}

impl<S: Stream> Stream for Carried<S> {
    type Item = S::Item;

    fn poll_next(self: Pin<&mut Self>, waker: &mut Waker<'_>) -> Poll<Option<S::Item>> {
        let mut this = self.project();
        let Some(inner) = this.inner.as_mut().as_pin_mut() else {
            return Poll::Ready(None);
        };
        let next = {
            let _entered = this.place.enter();
            ready!(inner.poll_next(waker))
        };
        if next.is_none() {
            this.finish();
        }
        Poll::Ready(next)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.inner.as_ref().map_or((0, Some(0)), Stream::size_hint)
    }
}

impl<T> fmt::Debug for Carried<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Carried")
            .field("place", &self.place)
            .finish_non_exhaustive()
    }
}
