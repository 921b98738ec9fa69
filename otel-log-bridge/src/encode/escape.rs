//! The inside of a JSON string, bounded.
//!
//! Beyond what JSON demands, DEL, the C1 controls and the two Unicode line separators are escaped,
//! so that a hostile value can neither drive a terminal (RUSTSEC-2025-0055) nor look like a second
//! line. Limits are on bytes as written, so no text can grow past one by being escaped.

/// Longest `…[truncated N bytes]`.
pub(crate) const MARK_BYTES: usize = "…[truncated  bytes]".len() + 20;

/// Appends `text`, escaped.
pub(crate) fn push(out: &mut Vec<u8>, text: &str) {
    let mut rest = text;
    while !rest.is_empty() {
        let plain = plain_prefix(rest.as_bytes());
        let (run, after) = rest.split_at_checked(plain).unwrap_or((rest, ""));
        out.extend_from_slice(run.as_bytes());
        rest = after;
        if let Some(special) = rest.chars().next() {
            let (bytes, len) = written(special);
            out.extend_from_slice(bytes.get(..len).unwrap_or_default());
            rest = rest.get(special.len_utf8()..).unwrap_or_default();
        }
    }
}

/// Bytes that [`push`] would append.
pub(crate) fn len(text: &str) -> usize {
    text.chars().map(|c| written(c).1).sum()
}

/// Cuts the text that begins at `start` to `limit` bytes as written and marks the cut. `lost` bytes
/// of it are not there any more. Says whether there was anything to cut.
pub(crate) fn cut(text: &mut String, start: usize, limit: usize, lost: usize) -> bool {
    let value = text.get(start..).unwrap_or_default();
    let fits = if value.len() * 6 <= limit {
        value.len()
    } else {
        fit(value, limit)
    };
    let lost = lost + value.len() - fits;
    if lost == 0 {
        return false;
    }
    text.truncate(start + fits);
    text.push_str("…[truncated ");
    text.push_str(itoa::Buffer::new().format(lost));
    text.push_str(" bytes]");
    true
}

/// Bytes of the longest start of `text` that is written in `limit` bytes.
fn fit(text: &str, limit: usize) -> usize {
    let mut left = limit;
    for (at, c) in text.char_indices() {
        let len = written(c).1;
        if len > left {
            return at;
        }
        left -= len;
    }
    text.len()
}

/// Whether a byte may begin a character to escape. 0xC2 leads the C1 controls, 0xE2 the line
/// separators; most of what they lead is plain.
pub(crate) const fn may_escape(byte: u8) -> bool {
    byte < 0x20 || byte == b'"' || byte == b'\\' || byte == 0x7f || byte == 0xc2 || byte == 0xe2
}

/// A character as it is written, and how many bytes that is.
fn written(c: char) -> ([u8; 6], usize) {
    let short = |second| ([b'\\', second, 0, 0, 0, 0], 2);
    match c {
        '"' => short(b'"'),
        '\\' => short(b'\\'),
        '\n' => short(b'n'),
        '\r' => short(b'r'),
        '\t' => short(b't'),
        c if is_escaped(c) => (unicode_escape(c), 6),
        c => {
            let mut bytes = [0; 6];
            let len = c.encode_utf8(&mut bytes).len();
            (bytes, len)
        }
    }
}

/// Whether a terminal or a reader of lines could take the character for a command.
pub(crate) const fn is_escaped(c: char) -> bool {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn escaped(text: &str) -> String {
        let mut out = Vec::new();
        push(&mut out, text);
        assert_eq!(out.len(), len(text), "{text:?}");
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
            assert_eq!(escaped(text), expected, "{text:?}");
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
            ("a\u{1b}bc", 7, "a\u{1b}…[truncated 2 bytes]"),
            ("x", 0, "…[truncated 1 bytes]"),
        ];
        for (text, limit, expected) in cases {
            let mut kept = format!("before{text}");
            assert_eq!(cut(&mut kept, 6, limit, 0), text != expected);
            assert_eq!(kept, format!("before{expected}"), "{text:?} to {limit}");
        }
        let mut kept = "abc".to_owned();
        assert!(cut(&mut kept, 0, 100, 7));
        assert_eq!(kept, "abc…[truncated 7 bytes]");
    }

    #[test]
    fn the_longest_mark_fits_its_bound() {
        let mark = format!("…[truncated {} bytes]", u64::MAX);
        assert!(mark.len() <= MARK_BYTES);
    }
}
