//! What counting a message costs: the frame scanner beside one reading of the clock.

use std::hint::black_box;
use std::time::Instant;

use otel_grpc::frames::FrameScanner;

use crate::harness::{Case, Comparison};

const JOB: &str = "a message";

pub(crate) fn comparison() -> Comparison {
    Comparison {
        name: "frames",
        operation: "one message of a gRPC body, counted",
        parts: 1,
        has_reference: false,
        counted: 2_000,
        cases: vec![
            scanned("otel-grpc, 100 bytes in a frame", 100, 105),
            scanned("otel-grpc, 16 KiB in a frame", 16_384, 16_389),
            scanned("otel-grpc, 100 bytes, prefix cut in two", 100, 3),
            Case::new(JOB, "Instant::now", |meter| {
                meter.run(|| {
                    #[expect(clippy::disallowed_methods, reason = "it is what is measured")]
                    let now = Instant::now();
                    black_box(now);
                });
            }),
        ],
    }
}

/// A message of `len` bytes whose first piece is `first` bytes, prefix included.
fn scanned(name: &'static str, len: u32, first: usize) -> Case {
    let mut body = vec![0];
    body.extend(len.to_be_bytes());
    body.resize(body.len() + len as usize, b'a');
    Case::new(JOB, name, move |meter| {
        let mut scanner = FrameScanner::default();
        let mut seen = 0_u64;
        meter.run(|| {
            let (head, rest) = black_box(&body).split_at(first);
            scanner.scan(head, |_| seen += 1);
            scanner.scan(rest, |_| seen += 1);
        });
        black_box(seen);
        assert!(scanner.is_between_messages());
    })
}
