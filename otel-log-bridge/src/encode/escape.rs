//! The inside of a JSON string, bounded.
//!
//! Beyond what JSON demands, DEL, the C1 controls and the two Unicode line separators are escaped,
//! so that a hostile value can neither drive a terminal (RUSTSEC-2025-0055) nor look like a second
//! line. The limit is on bytes as written, so no text can grow past it by being escaped.

use std::fmt;

/// Longest `…[truncated N bytes]`.
pub(crate) const MARK_BYTES: usize = "…[truncated  bytes]".len() + 20;

/// Escapes text into a buffer until a limit, and counts what came after.
#[derive(Debug)]
pub(crate) struct Escaped<'a> {
    out: &'a mut Vec<u8>,
    left: usize,
    cut: usize,
}

/// Whether a text was cut short.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cut {
    Whole,
    Truncated,
}

impl<'a> Escaped<'a> {
    pub(crate) fn new(out: &'a mut Vec<u8>, limit: usize) -> Self {
        Self {
            out,
            left: limit,
            cut: 0,
        }
    }

    pub(crate) fn push(&mut self, text: &str) {
        let mut rest = text;
        while !rest.is_empty() {
            if self.cut > 0 {
                self.cut += rest.len();
                return;
            }
            let plain = plain_prefix(rest.as_bytes());
            let kept = floor_char_boundary(rest, plain.min(self.left));
            let (run, after) = rest.split_at_checked(kept).unwrap_or((rest, ""));
            self.out.extend_from_slice(run.as_bytes());
            self.left -= run.len();
            rest = after;
            if kept < plain {
                self.cut += rest.len();
                return;
            }
            if let Some(special) = rest.chars().next() {
                self.push_char(special);
                rest = rest.get(special.len_utf8()..).unwrap_or_default();
            }
        }
    }

    /// Writes the mark of truncation if there is something to mark.
    pub(crate) fn finish(self) -> Cut {
        if self.cut == 0 {
            return Cut::Whole;
        }
        self.out.extend_from_slice("…[truncated ".as_bytes());
        let mut digits = itoa::Buffer::new();
        self.out
            .extend_from_slice(digits.format(self.cut).as_bytes());
        self.out.extend_from_slice(b" bytes]");
        Cut::Truncated
    }

    fn push_char(&mut self, c: char) {
        let mut bytes = [0; 6];
        let written: &[u8] = match c {
            '"' => b"\\\"",
            '\\' => b"\\\\",
            '\n' => b"\\n",
            '\r' => b"\\r",
            '\t' => b"\\t",
            c if is_escaped(c) => {
                bytes = unicode_escape(c);
                &bytes
            }
            c => c.encode_utf8(&mut bytes).as_bytes(),
        };
        if written.len() > self.left {
            self.cut += c.len_utf8();
        } else {
            self.out.extend_from_slice(written);
            self.left -= written.len();
        }
    }
}

impl fmt::Write for Escaped<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        // Never an error, not even past the limit: a `Debug` that is refused may panic.
        self.push(text);
        Ok(())
    }
}

const fn is_escaped(c: char) -> bool {
    matches!(c, '\0'..='\x1f' | '\x7f'..='\u{9f}' | '\u{2028}' | '\u{2029}')
}

/// `\uXXXX`; every escaped character is below U+10000.
fn unicode_escape(c: char) -> [u8; 6] {
    let code = u32::from(c);
    let digit = |shift: u32| {
        let nibble = (code >> shift & 0xf) as u8;
        if nibble < 10 {
            b'0' + nibble
        } else {
            b'a' + nibble - 10
        }
    };
    [b'\\', b'u', digit(12), digit(8), digit(4), digit(0)]
}

/// Bytes up to the first that may begin a character to escape.
fn plain_prefix(bytes: &[u8]) -> usize {
    // Whole blocks first: testing sixteen bytes without a branch compiles to vector code.
    const BLOCK: usize = 16;
    let blocks = bytes
        .chunks_exact(BLOCK)
        .take_while(|block| !block.iter().fold(false, |any, &b| any | may_escape(b)));
    let clean = blocks.count() * BLOCK;
    let rest = bytes.get(clean..).unwrap_or_default();
    let found = rest.iter().position(|&b| may_escape(b));
    clean + found.unwrap_or(rest.len())
}

/// 0xC2 leads the C1 controls, 0xE2 the line separators; most of what they lead is plain.
const fn may_escape(byte: u8) -> bool {
    byte < 0x20 || byte == b'"' || byte == b'\\' || byte == 0x7f || byte == 0xc2 || byte == 0xe2
}

fn floor_char_boundary(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    fn escaped(text: &str, limit: usize) -> String {
        let mut out = Vec::new();
        let mut escaped = Escaped::new(&mut out, limit);
        escaped.push(text);
        escaped.finish();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn what_is_escaped_and_what_is_not() {
        let cases = [
            ("plain text", "plain text"),
            ("\"\\\n\r\t", r#"\"\\\n\r\t"#),
            ("\0\x1b[31m\x07", r"\u0000\u001b[31m\u0007"),
            ("\x7f\u{80}\u{9b}\u{9f}", r"\u007f\u0080\u009b\u009f"),
            ("\u{2028}\u{2029}", r"\u2028\u2029"),
            ("\u{a0}é£€…漢🦀", "\u{a0}é£€…漢🦀"),
            ("sixteen bytes ok\"and on", "sixteen bytes ok\\\"and on"),
        ];
        for (text, expected) in cases {
            assert_eq!(escaped(text, 100), expected, "{text:?}");
        }
    }

    #[test]
    fn a_cut_is_marked_and_falls_between_characters() {
        let cases = [
            ("abcdef", 6, "abcdef"),
            ("abcdef", 4, "abcd…[truncated 2 bytes]"),
            ("ab漢字", 4, "ab…[truncated 6 bytes]"),
            ("ab漢字", 5, "ab漢…[truncated 3 bytes]"),
            ("ab€c", 4, "ab…[truncated 4 bytes]"),
            ("a\u{1b}bc", 6, "a…[truncated 3 bytes]"),
            ("a\u{1b}bc", 7, "a\\u001b…[truncated 2 bytes]"),
            ("x", 0, "…[truncated 1 bytes]"),
        ];
        for (text, limit, expected) in cases {
            assert_eq!(escaped(text, limit), expected, "{text:?} to {limit}");
        }
    }

    #[test]
    fn the_longest_mark_fits_its_bound() {
        let mark = format!("…[truncated {} bytes]", u64::MAX);
        assert!(mark.len() <= MARK_BYTES);
    }
}
