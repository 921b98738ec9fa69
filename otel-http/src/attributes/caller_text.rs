//! Text a caller sent, cut to what a span may carry.
//!
//! A server accepts heads of hundreds of kilobytes and a span processor holds thousands of spans:
//! uncut, callers would decide how much memory telemetry takes.

/// Longest text that is written, bytes.
const MAX_LEN: usize = 2048;

/// A copy of the text up to that length, cut between characters.
pub(crate) fn caller_text(text: &str) -> String {
    let mut end = text.len().min(MAX_LEN);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_text_is_cut_between_characters() {
        for (text, expected) in [
            (String::new(), 0),
            ("a".repeat(2048), 2048),
            ("a".repeat(2049), 2048),
            (format!("a{}", "ü".repeat(2000)), 2047),
        ] {
            let cut = caller_text(&text);
            assert_eq!(cut.len(), expected);
            assert!(text.starts_with(&cut));
        }
    }
}
