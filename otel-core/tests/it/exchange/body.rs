//! What the wrapped body tells its server about itself.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use http_body_util::{BodyExt, Full};
use otel_core::exchange::{Declared, ExchangeBody};
use otel_core::telemetry::Telemetry;

use super::exchange;

/// A body that only knows how large it is.
struct Sized(SizeHint, bool);

impl Body for Sized {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        _cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Pending
    }

    fn is_end_stream(&self) -> bool {
        self.1
    }

    fn size_hint(&self) -> SizeHint {
        self.0
    }
}

#[test]
fn size_and_end_are_forwarded() {
    let telemetry = Telemetry::builder().build().unwrap();
    let mut range = SizeHint::new();
    range.set_lower(3);
    range.set_upper(9);
    for (hint, ended) in [
        (SizeHint::default(), false),
        (SizeHint::with_exact(17), false),
        (SizeHint::with_exact(0), true),
        (range, false),
    ] {
        let told = |body: &ExchangeBody<Sized>| {
            let hint = body.size_hint();
            (hint.lower(), hint.upper(), body.is_end_stream())
        };
        let expected = (hint.lower(), hint.upper(), ended);
        let tracked = ExchangeBody::new(Sized(hint, ended), exchange(&telemetry), None);
        assert_eq!(told(&tracked), expected);
        assert_eq!(told(&ExchangeBody::untracked(Sized(hint, ended))), expected);
    }
}

#[tokio::test]
async fn every_byte_passes() {
    let telemetry = Telemetry::builder().build().unwrap();
    let body = Full::<Bytes>::from("all of it");
    let wrapped = ExchangeBody::new(body, exchange(&telemetry), Some(Declared::final_at(9)));
    assert_eq!(wrapped.collect().await.unwrap().to_bytes(), "all of it");
}
