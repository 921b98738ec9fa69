//! The body of an answer to a scrape.
//!
//! It does a bounded piece of work each time it is polled, so what a slow scraper has not taken yet has
//! not been formatted either, a scrape that is given up costs nothing more, and the requests that share
//! its thread wait for a piece and not for the whole.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};

use super::ScrapeError;
use super::deadline::Deadline;
use super::gzip::Gzip;
use crate::exposition::Exposition;

/// The body of a [`MetricsService`](crate::MetricsService) response: an
/// [`Exposition`], one chunk a frame.
#[derive(Debug)]
pub struct MetricsBody(Content);

#[derive(Debug)]
enum Content {
    Scrape(Box<Scrape>),
    Message(Bytes),
    Head,
    Empty,
}

#[derive(Debug)]
struct Scrape {
    exposition: Exposition,
    gzip: Option<Gzip>,
    deadline: Option<Deadline>,
    /// Bytes formatted since the thread was last given to others.
    since_pause: usize,
}

impl MetricsBody {
    pub(super) fn scrape(exposition: Exposition, gzip: bool, deadline: Option<Deadline>) -> Self {
        Self(Content::Scrape(Box::new(Scrape {
            exposition,
            gzip: gzip.then(Gzip::new),
            deadline,
            since_pause: 0,
        })))
    }

    /// Stands for an exposition that is not sent. Not known to be empty, lest a server take its
    /// size for the `Content-Length` that `GET` would have (RFC 9110, section 9.3.2).
    pub(super) const fn head() -> Self {
        Self(Content::Head)
    }

    /// A line for people.
    pub(super) fn message(text: &str) -> Self {
        Self(Content::Message(Bytes::from(format!("{text}\n"))))
    }

    pub(super) const fn empty() -> Self {
        Self(Content::Empty)
    }
}

impl Body for MetricsBody {
    type Data = Bytes;
    type Error = ScrapeError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, ScrapeError>>> {
        let next = match &mut self.0 {
            Content::Scrape(scrape) => match scrape.poll_chunk(cx) {
                Poll::Ready(next) => next,
                Poll::Pending => return Poll::Pending,
            },
            Content::Message(text) => Some(Ok(std::mem::take(text))),
            Content::Head | Content::Empty => None,
        };
        let is_over = match &self.0 {
            Content::Scrape(scrape) => scrape.exposition.is_finished(),
            Content::Message(_) => true,
            Content::Head | Content::Empty => false,
        };
        if is_over || matches!(next, Some(Err(_))) {
            self.0 = Content::Empty;
        }
        Poll::Ready(next.map(|chunk| chunk.map(Frame::data)))
    }

    fn is_end_stream(&self) -> bool {
        matches!(self.0, Content::Empty)
    }

    fn size_hint(&self) -> SizeHint {
        match &self.0 {
            Content::Scrape(_) | Content::Head => SizeHint::default(),
            Content::Message(text) => SizeHint::with_exact(text.len() as u64),
            Content::Empty => SizeHint::with_exact(0),
        }
    }
}

impl Scrape {
    fn poll_chunk(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, ScrapeError>>> {
        loop {
            if self.deadline.as_ref().is_some_and(Deadline::has_passed) {
                return Poll::Ready(Some(Err(ScrapeError::timeout())));
            }
            let bound = match self.gzip {
                Some(_) => COMPRESSED_BYTES,
                None => PLAIN_BYTES,
            };
            if self.since_pause >= bound {
                self.since_pause = 0;
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
            match self.chunk() {
                Ok(None) if !self.exposition.is_finished() => {}
                Ok(chunk) => return Poll::Ready(chunk.map(Ok)),
                Err(error) => return Poll::Ready(Some(Err(error))),
            }
        }
    }

    /// Writes a piece; `None` if nothing has come out of the compressor yet.
    fn chunk(&mut self) -> Result<Option<Bytes>, ScrapeError> {
        let (written, chunk) = match &mut self.gzip {
            Some(gzip) => gzip.write(&mut self.exposition)?,
            None => {
                let chunk = self.exposition.next();
                (chunk.as_ref().map_or(0, Bytes::len), chunk)
            }
        };
        self.since_pause += written;
        Ok(chunk)
    }
}

/// Between two pauses: some 50 µs of formatting,
const PLAIN_BYTES: usize = 128 * 1024;
/// or some 200 µs of compressing, a chunk.
const COMPRESSED_BYTES: usize = 16 * 1024;
