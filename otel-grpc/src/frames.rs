//! The messages in a gRPC body, counted as they pass.
//!
//! A message is a flag byte, its length in four bytes, and that many bytes (the gRPC protocol over
//! HTTP/2, "Length-Prefixed-Message"). HTTP/2 cuts them anywhere, so the scanner keeps what it needs
//! between two cuts: at most five bytes. It copies no message and looks into none.

/// Bytes before a message: a flag and the length.
const PREFIX: usize = 5;
/// Flag of a frame that holds trailers, in gRPC-Web.
const TRAILERS: u8 = 0x80;
/// Flag of a message that is compressed.
const COMPRESSED: u8 = 0x01;

/// What a scanner came upon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Piece<'a> {
    /// A message begins.
    Message {
        /// Its bytes as sent, without the five before it.
        len: u32,
        /// Whether they are compressed.
        is_compressed: bool,
    },
    /// Some of the trailers that gRPC-Web sends as the last frame of a body.
    Trailers(&'a [u8]),
}

/// Follows the messages of one direction of a call.
///
/// ```
/// use otel_grpc::frames::FrameScanner;
///
/// let mut scanner = FrameScanner::default();
/// scanner.scan(b"\0\0\0\0\x02h", |_| {});
/// scanner.scan(b"i\0\0\0\0\0", |_| {});
/// assert_eq!((scanner.messages(), scanner.bytes()), (2, 2));
/// assert!(scanner.is_between_messages());
/// ```
#[derive(Clone, Debug, Default)]
pub struct FrameScanner {
    prefix: [u8; PREFIX],
    filled: u8,
    remaining: u32,
    is_trailers: bool,
    messages: u64,
    bytes: u64,
}

impl FrameScanner {
    /// Takes the next bytes of the body, of any length.
    pub fn scan(&mut self, mut data: &[u8], mut on_piece: impl FnMut(Piece<'_>)) {
        while !data.is_empty() {
            if self.remaining > 0 {
                data = self.pass(data, &mut on_piece);
            } else if let (0, Some((prefix, rest))) = (self.filled, data.split_first_chunk()) {
                self.begin(*prefix, &mut on_piece);
                data = rest;
            } else if let Some((byte, rest)) = data.split_first() {
                self.fill(*byte, &mut on_piece);
                data = rest;
            }
        }
    }

    /// Messages that have begun.
    #[must_use]
    pub const fn messages(&self) -> u64 {
        self.messages
    }

    /// Bytes of these messages as their prefixes declare them: compressed, without the prefix.
    #[must_use]
    pub const fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Whether what was scanned ends with a whole message. A body that ends elsewhere was cut off.
    #[must_use]
    pub const fn is_between_messages(&self) -> bool {
        self.remaining == 0 && self.filled == 0
    }

    /// Lets go by what belongs to the frame that has begun; gives back the rest.
    fn pass<'a>(&mut self, data: &'a [u8], on_piece: &mut impl FnMut(Piece<'_>)) -> &'a [u8] {
        let len = u32::try_from(data.len()).unwrap_or(u32::MAX);
        let taken = len.min(self.remaining);
        self.remaining -= taken;
        let taken = usize::try_from(taken).unwrap_or(usize::MAX);
        let (frame, rest) = data.split_at_checked(taken).unwrap_or((data, &[]));
        if self.is_trailers {
            on_piece(Piece::Trailers(frame));
        }
        rest
    }

    /// Takes one byte of a prefix that was cut.
    fn fill(&mut self, byte: u8, on_piece: &mut impl FnMut(Piece<'_>)) {
        if let Some(slot) = self.prefix.get_mut(usize::from(self.filled)) {
            *slot = byte;
        }
        self.filled += 1;
        if usize::from(self.filled) == PREFIX {
            self.filled = 0;
            self.begin(self.prefix, on_piece);
        }
    }

    fn begin(&mut self, [flags, len @ ..]: [u8; PREFIX], on_piece: &mut impl FnMut(Piece<'_>)) {
        let len = u32::from_be_bytes(len);
        self.remaining = len;
        self.is_trailers = flags & TRAILERS != 0;
        if !self.is_trailers {
            self.messages += 1;
            self.bytes = self.bytes.saturating_add(u64::from(len));
            on_piece(Piece::Message {
                len,
                is_compressed: flags & COMPRESSED != 0,
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scan(pieces: &[&[u8]]) -> (FrameScanner, Vec<(u32, bool)>, Vec<u8>) {
        let mut scanner = FrameScanner::default();
        let (mut messages, mut trailers) = (Vec::new(), Vec::new());
        for piece in pieces {
            scanner.scan(piece, |piece| match piece {
                Piece::Message { len, is_compressed } => messages.push((len, is_compressed)),
                Piece::Trailers(bytes) => trailers.extend_from_slice(bytes),
            });
        }
        (scanner, messages, trailers)
    }

    const BODY: &[u8] = b"\0\0\0\0\x03abc\0\0\0\0\0\x01\0\0\0\x02zz\x80\0\0\0\x04a: b";

    #[test]
    fn a_body_cut_anywhere_holds_the_same_messages() {
        for first in 0..=BODY.len() {
            for second in first..=BODY.len() {
                let cut = [&BODY[..first], &BODY[first..second], &BODY[second..]];
                let (scanner, messages, trailers) = scan(&cut);
                assert_eq!(
                    messages,
                    [(3, false), (0, false), (2, true)],
                    "{first} {second}"
                );
                assert_eq!(trailers, b"a: b");
                assert_eq!((scanner.messages(), scanner.bytes()), (3, 5));
                assert!(scanner.is_between_messages());
            }
        }
    }

    #[test]
    fn a_body_that_is_cut_off_is_not_between_messages() {
        for (body, expected) in [
            (&b""[..], true),
            (b"\0", false),
            (b"\0\0\0\0", false),
            (b"\0\0\0\0\0", true),
            (b"\0\0\0\0\x01", false),
            (b"\0\0\0\0\x01a", true),
            (b"\0\xff\xff\xff\xffa", false),
        ] {
            assert_eq!(scan(&[body]).0.is_between_messages(), expected, "{body:?}");
        }
    }
}
