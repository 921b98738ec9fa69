//! Bodies that are not what they say.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use http::HeaderMap;
use http_body::{Body, Frame};
use otel_core::exchange::{Declared, ExchangeBody};
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
        // body, where its length is final, where it is checked
        ("as long", vec![data(b"hello")], Outcome::Ok, Outcome::Ok),
        (
            "in pieces, some of them empty",
            vec![data(b""), data(b"hel"), data(b""), data(b"lo"), data(b"")],
            Outcome::Ok,
            Outcome::Ok,
        ),
        (
            "longer",
            vec![data(b"hello, you")],
            Outcome::Ok,
            Outcome::BodyError,
        ),
        (
            "shorter",
            vec![data(b"hell")],
            Outcome::BodyError,
            Outcome::BodyError,
        ),
        ("nothing", vec![], Outcome::BodyError, Outcome::BodyError),
        (
            "shorter, with trailers",
            vec![data(b"hell"), trailers()],
            Outcome::BodyError,
            Outcome::BodyError,
        ),
        (
            "as long, with trailers",
            vec![data(b"hello"), trailers()],
            Outcome::Ok,
            Outcome::Ok,
        ),
    ];
    for (name, frames, if_final, if_checked) in cases {
        for (declared, outcome) in [
            (Declared::final_at(5), if_final),
            (Declared::checked(5), if_checked),
        ] {
            let mut probe = Probe::new();
            let mut exchange = exchange(probe.telemetry());
            exchange.head(200);
            let frames = Frames::of(frames.iter().map(copy));
            let mut body = ExchangeBody::new(frames, exchange, Some(declared));
            read_whole(&mut body);
            drop(body);
            let end = probe.next_end().await.unwrap();
            assert_eq!(end.outcome, outcome, "{name}, {declared:?}");
            assert_eq!(probe.further_ends(), 0, "{name}, {declared:?}");
        }
    }
}

#[tokio::test]
async fn a_reader_that_leaves_with_all_it_was_promised_has_not_left_early() {
    for (given, outcome) in [
        (&b"hello"[..], Outcome::Ok),
        (b"hell", Outcome::ClientDisconnect),
    ] {
        let mut probe = Probe::new();
        let mut exchange = exchange(probe.telemetry());
        exchange.head(200);
        let frames = Frames::of([data(given), data(b"")]);
        let mut body = ExchangeBody::new(frames, exchange, Some(Declared::checked(5)));
        let mut cx = Context::from_waker(Waker::noop());
        assert!(Pin::new(&mut body).poll_frame(&mut cx).is_ready());
        drop(body);
        assert_eq!(probe.next_end().await.unwrap().outcome, outcome);
    }
}

/// Frames are not `Clone`.
fn copy(frame: &Frame<Bytes>) -> Frame<Bytes> {
    match frame.data_ref() {
        Some(bytes) => Frame::data(bytes.clone()),
        None => Frame::trailers(HeaderMap::new()),
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
