//! Bodies that are not what they say.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use http::HeaderMap;
use http_body::{Body, Frame};
use otel_core::exchange::ExchangeBody;
use otel_core::outcome::Outcome;
use testkit::Probe;

use super::exchange;

/// Yields its frames; panics when asked for its end after the first one, if told to.
struct Frames {
    left: VecDeque<Frame<Bytes>>,
    panics_at: Option<usize>,
}

impl Frames {
    fn of(frames: impl IntoIterator<Item = Frame<Bytes>>) -> Self {
        Self {
            left: frames.into_iter().collect(),
            panics_at: None,
        }
    }
}

impl Body for Frames {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Ready(self.left.pop_front().map(Ok))
    }

    fn is_end_stream(&self) -> bool {
        assert_ne!(Some(self.left.len()), self.panics_at, "asked to panic");
        false
    }
}

fn data(bytes: &'static [u8]) -> Frame<Bytes> {
    Frame::data(Bytes::from_static(bytes))
}

/// Reads a body as a server does that knows no length: to `None` or to trailers.
fn read_whole(body: &mut ExchangeBody<Frames>) {
    let mut cx = Context::from_waker(Waker::noop());
    while let Poll::Ready(Some(Ok(frame))) = Pin::new(&mut *body).poll_frame(&mut cx) {
        if frame.is_trailers() {
            return;
        }
    }
}

#[tokio::test]
async fn a_body_keeps_the_length_it_declared_or_has_failed() {
    let trailers = || Frame::trailers(HeaderMap::new());
    let cases = [
        ("as long", vec![data(b"hello")], Outcome::Ok),
        (
            "in pieces, some of them empty",
            vec![data(b""), data(b"hel"), data(b""), data(b"lo"), data(b"")],
            Outcome::Ok,
        ),
        ("longer", vec![data(b"hello, you")], Outcome::Ok),
        ("shorter", vec![data(b"hell")], Outcome::BodyError),
        ("nothing", vec![], Outcome::BodyError),
        (
            "shorter, with trailers",
            vec![data(b"hell"), trailers()],
            Outcome::BodyError,
        ),
        (
            "as long, with trailers",
            vec![data(b"hello"), trailers()],
            Outcome::Ok,
        ),
    ];
    for (name, frames, outcome) in cases {
        let mut probe = Probe::new();
        let mut exchange = exchange(probe.telemetry());
        exchange.head(200);
        let mut body = ExchangeBody::new(Frames::of(frames), exchange, Some(5));
        read_whole(&mut body);
        drop(body);
        assert_eq!(probe.next_end().await.unwrap().outcome, outcome, "{name}");
        assert_eq!(probe.further_ends(), 0, "{name}");
    }
}

#[tokio::test]
async fn a_body_that_panics_when_asked_for_its_end_has_panicked() {
    let mut probe = Probe::new();
    let frames = Frames {
        panics_at: Some(1),
        ..Frames::of([data(b"a"), data(b"b")])
    };
    let mut body = ExchangeBody::new(frames, exchange(probe.telemetry()), None);
    let unwound = catch_unwind(AssertUnwindSafe(|| read_whole(&mut body)));
    assert!(unwound.is_err());
    // Dropped later, when the thread panics no more.
    drop(body);
    assert_eq!(probe.next_end().await.unwrap().outcome, Outcome::Panic);
}
