//! Any bytes as the body of a gRPC call, cut anywhere.

use std::process::ExitCode;

use otel_grpc::frames::{FrameScanner, Piece};

const SEEDS: &[&[u8]] = &[
    b"\0\0\0\0\x03abc\0\0\0\0\0\x01\0\0\0\x02zz",
    b"\0\0\0\0\x01a\x80\0\0\0\x0fgrpc-status:0\r\n",
    b"\xff\xff\xff\xff\xff",
    b"\0\0\0",
];

const DICTIONARY: &[&[u8]] = &[
    b"\0\0\0\0\0",
    b"\0\0\0\0\x01a",
    b"\x01\0\0\0\x02",
    b"\x80\0\0\0\x04",
    b"\xff\xff\xff\xff",
];

fn main() -> ExitCode {
    otel_fuzz::run(SEEDS, DICTIONARY, |input| {
        let (messages, trailers, is_whole) = frames(input);
        let whole = scan([input].into_iter());
        // The first byte chooses where the rest is cut.
        let step = usize::from(input.first().copied().unwrap_or(0) % 7) + 1;
        let cut = scan(input.chunks(step));
        for (scanner, found, found_trailers) in [whole, cut] {
            assert_eq!(found, messages);
            assert_eq!(found_trailers, trailers);
            assert_eq!(scanner.messages(), messages.len() as u64);
            let bytes: u64 = messages.iter().map(|len| u64::from(*len)).sum();
            assert_eq!(scanner.bytes(), bytes);
            assert_eq!(scanner.is_between_messages(), is_whole);
        }
    })
}

fn scan<'a>(pieces: impl Iterator<Item = &'a [u8]>) -> (FrameScanner, Vec<u32>, Vec<u8>) {
    let mut scanner = FrameScanner::default();
    let (mut messages, mut trailers) = (Vec::new(), Vec::new());
    for piece in pieces {
        scanner.scan(piece, |piece| match piece {
            Piece::Message { len, .. } => messages.push(len),
            Piece::Trailers(bytes) => trailers.extend_from_slice(bytes),
            _ => {}
        });
    }
    (scanner, messages, trailers)
}

/// The frames of a whole body, read in one go: the lengths of its messages, its trailers, and
/// whether it ends where a frame ends.
fn frames(mut body: &[u8]) -> (Vec<u32>, Vec<u8>, bool) {
    let (mut messages, mut trailers) = (Vec::new(), Vec::new());
    while body.len() >= 5 {
        let len = u32::from_be_bytes([body[1], body[2], body[3], body[4]]);
        let is_trailers = body[0] & 0x80 != 0;
        body = &body[5..];
        let taken = body.len().min(len as usize);
        if is_trailers {
            trailers.extend_from_slice(&body[..taken]);
        } else {
            messages.push(len);
        }
        if taken < len as usize {
            return (messages, trailers, false);
        }
        body = &body[taken..];
    }
    (messages, trailers, body.is_empty())
}
