//! A response body that does what a row of a table says.

use std::collections::VecDeque;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::HeaderMap;
use http_body::{Body, Frame, SizeHint};

/// One poll of the body.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Step {
    Data(&'static [u8]),
    Trailers,
    Error,
    Panic,
    /// Nothing more, ever; the body waits until it is dropped.
    Hang,
}

/// How a body behaves besides its steps.
#[derive(Clone, Debug, Default)]
pub(crate) struct Script {
    pub(crate) steps: Vec<Step>,
    /// Says it is ended as soon as its last step was taken, as a body of known length does.
    pub(crate) flags_its_end: bool,
    /// The length it declares by its size hint.
    pub(crate) hint: Option<u64>,
    pub(crate) panics_when_dropped: bool,
}

#[derive(Debug)]
pub(crate) struct ScriptedBody {
    steps: VecDeque<Step>,
    script: Script,
}

impl From<Script> for ScriptedBody {
    fn from(script: Script) -> Self {
        Self {
            steps: script.steps.clone().into(),
            script,
        }
    }
}

impl Body for ScriptedBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        tracing::info!("inside the body");
        match self.steps.pop_front() {
            None => Poll::Ready(None),
            Some(Step::Data(data)) => Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(data))))),
            Some(Step::Trailers) => {
                let mut trailers = HeaderMap::new();
                trailers.insert("x-checksum", "1".parse().unwrap());
                Poll::Ready(Some(Ok(Frame::trailers(trailers))))
            }
            Some(Step::Error) => Poll::Ready(Some(Err(io::Error::other("the disk is gone")))),
            Some(Step::Panic) => panic!("asked to panic"),
            Some(Step::Hang) => {
                self.steps.push_front(Step::Hang);
                Poll::Pending
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.script.flags_its_end && self.steps.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        self.script
            .hint
            .map_or_else(SizeHint::default, SizeHint::with_exact)
    }
}

impl Drop for ScriptedBody {
    fn drop(&mut self) {
        tracing::info!("the body is dropped");
        if self.script.panics_when_dropped && !std::thread::panicking() {
            panic!("asked to panic when dropped");
        }
    }
}
