//! A response future inside its exchange, up to the head.

use std::any::type_name;
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use http::Response;
use http_body::Body;
use pin_project_lite::pin_project;

use super::{Exchange, ExchangeBody};
use crate::outcome::Ending;

/// What a protocol does at the head of a response.
pub trait OnHead {
    /// Takes note of the head and hands the exchange on to the body, ended or not.
    fn respond<B: Body>(
        self,
        exchange: Exchange,
        response: Response<B>,
    ) -> Response<ExchangeBody<B>>;

    /// Takes note of an error that came instead of a head; the exchange ends after it.
    ///
    /// Names the error by its type: a message may be of any length and hold anything.
    fn fail<E: 'static>(self, exchange: &mut Exchange, error: &E)
    where
        Self: Sized,
    {
        let _ = error;
        exchange.error_type(type_name::<E>());
    }
}

pin_project! {
    /// The future of a response. Its exchange moves on into the [`ExchangeBody`].
    pub struct ExchangeFuture<F, H> {
        // `None` once it has resolved or is being dropped.
        #[pin]
        inner: Option<F>,
        tracked: Option<(Exchange, H)>,
    }

    impl<F, H> PinnedDrop for ExchangeFuture<F, H> {
        fn drop(this: Pin<&mut Self>) {
            let mut this = this.project();
            let Some((exchange, _)) = this.tracked else { return };
            // Destructors inside the handler run in its context, before the exchange ends.
            exchange.scope(|| this.inner.set(None));
        }
    }
}

impl<F, H> ExchangeFuture<F, H> {
    /// Wraps the future of a response.
    pub const fn new(inner: F, exchange: Exchange, on_head: H) -> Self {
        Self {
            inner: Some(inner),
            tracked: Some((exchange, on_head)),
        }
    }

    /// Wraps a future that belongs to no exchange.
    pub const fn untracked(inner: F) -> Self {
        Self {
            inner: Some(inner),
            tracked: None,
        }
    }
}

impl<F, H, B, E> Future for ExchangeFuture<F, H>
where
    F: Future<Output = Result<Response<B>, E>>,
    H: OnHead,
    B: Body,
    E: 'static,
{
    type Output = Result<Response<ExchangeBody<B>>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        let Some(inner) = this.inner.as_mut().as_pin_mut() else {
            // Polled again after it resolved, which `Future` leaves open; it must not panic here.
            return Poll::Pending;
        };
        let Some((exchange, _)) = this.tracked else {
            let resolved = ready!(inner.poll(cx));
            this.inner.set(None);
            return Poll::Ready(resolved.map(|response| response.map(ExchangeBody::untracked)));
        };
        let resolved = ready!(exchange.scope(|| inner.poll(cx)));
        exchange.scope(|| this.inner.set(None));
        let Some((mut exchange, on_head)) = this.tracked.take() else {
            return Poll::Pending;
        };
        Poll::Ready(match resolved {
            Ok(response) => Ok(on_head.respond(exchange, response)),
            Err(error) => {
                on_head.fail(&mut exchange, &error);
                exchange.end(Ending::ServiceError);
                Err(error)
            }
        })
    }
}

impl<F, H> fmt::Debug for ExchangeFuture<F, H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ExchangeFuture")
            .field(
                "exchange",
                &self.tracked.as_ref().map(|(exchange, _)| exchange),
            )
            .finish_non_exhaustive()
    }
}
