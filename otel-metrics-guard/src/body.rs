//! The body of an answer to a scrape.
//!
//! It formats one chunk each time it is polled, so what a slow scraper has not taken yet has not
//! been formatted either, and a scrape that is given up costs nothing more.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};

use crate::exposition::Exposition;

/// The body of a [`MetricsService`](crate::MetricsService) response: an
/// [`Exposition`], one chunk a frame.
#[derive(Debug)]
pub struct MetricsBody(Content);

#[derive(Debug)]
enum Content {
    Exposition(Box<Exposition>),
    Head,
    Empty,
}

impl MetricsBody {
    pub(crate) fn new(exposition: Exposition) -> Self {
        Self(Content::Exposition(Box::new(exposition)))
    }

    /// Stands for an exposition that is not sent. Not known to be empty, lest a server take its
    /// size for the `Content-Length` that `GET` would have (RFC 9110, section 9.3.2).
    pub(crate) const fn head() -> Self {
        Self(Content::Head)
    }

    pub(crate) const fn empty() -> Self {
        Self(Content::Empty)
    }
}

impl Body for MetricsBody {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Ready(match &mut self.0 {
            Content::Exposition(exposition) => {
                exposition.next().map(|chunk| Ok(Frame::data(chunk)))
            }
            Content::Head | Content::Empty => None,
        })
    }

    fn is_end_stream(&self) -> bool {
        match &self.0 {
            Content::Exposition(exposition) => exposition.is_finished(),
            Content::Head => false,
            Content::Empty => true,
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.0 {
            Content::Exposition(_) | Content::Head => SizeHint::default(),
            Content::Empty => SizeHint::with_exact(0),
        }
    }
}
