//! A response future inside its call, up to the head.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http::Response;
use http_body::Body;
use otel_core::outcome::Ending;
use pin_project_lite::pin_project;

use crate::body::GrpcBody;
use crate::tracking::Tracking;

pin_project! {
    /// The future of a response. Its call goes on in the [`GrpcBody`].
    pub struct GrpcFuture<F> {
        // `None` once it has resolved or is being dropped.
        #[pin]
        inner: Option<F>,
        tracking: Tracking,
    }

    impl<F> PinnedDrop for GrpcFuture<F> {
        fn drop(this: Pin<&mut Self>) {
            let mut this = this.project();
            // Destructors inside the handler run in its context, before the exchange ends.
            this.tracking.scope(|| this.inner.set(None));
        }
    }
}

impl<F> GrpcFuture<F> {
    pub(crate) const fn new(inner: F, tracking: Tracking) -> Self {
        Self {
            inner: Some(inner),
            tracking,
        }
    }
}

impl<F, B, E> Future for GrpcFuture<F>
where
    F: Future<Output = Result<Response<B>, E>>,
    B: Body<Data = Bytes>,
    E: 'static,
{
    type Output = Result<Response<GrpcBody<B>>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        let Some(inner) = this.inner.as_mut().as_pin_mut() else {
            // Polled again after it resolved, which `Future` leaves open; it must not panic here.
            return Poll::Pending;
        };
        let resolved = ready!(this.tracking.scope(|| inner.poll(cx)));
        this.tracking.scope(|| this.inner.set(None));
        let mut tracking = std::mem::take(this.tracking);
        Poll::Ready(match resolved {
            Ok(response) => {
                if let Some(followed) = tracking.followed() {
                    followed.head(response.status(), response.headers());
                }
                Ok(response.map(|body| GrpcBody::new(body, tracking)))
            }
            Err(error) => {
                if let Some(followed) = tracking.followed() {
                    followed.fail(&error, Ending::ServiceError);
                }
                Err(error)
            }
        })
    }
}

impl<F> fmt::Debug for GrpcFuture<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GrpcFuture")
            .field("tracking", &self.tracking)
            .finish_non_exhaustive()
    }
}
