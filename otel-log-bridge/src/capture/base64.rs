//! Bytes as text, since lines are text (RFC 4648, section 4).

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Gives `push` the text of `bytes`, four characters at a time.
pub(crate) fn encode(bytes: &[u8], mut push: impl FnMut(&str)) {
    for chunk in bytes.chunks(3) {
        let byte = |at| u32::from(chunk.get(at).copied().unwrap_or_default());
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        let mut text = [b'='; 4];
        for (at, place) in text.iter_mut().enumerate().take(chunk.len() + 1) {
            let six = (bits >> (18 - 6 * at)) & 0x3f;
            *place = ALPHABET.get(six as usize).copied().unwrap_or(b'=');
        }
        push(std::str::from_utf8(&text).unwrap_or_default());
    }
}

/// The bytes of a text that [`encode`] made.
pub(crate) fn decode(text: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    for chunk in text.as_bytes().chunks(4) {
        let known = chunk
            .iter()
            .filter_map(|c| ALPHABET.iter().position(|a| a == c));
        let (bits, count) = known.fold((0_u32, 0_u32), |(bits, count), six| {
            (bits << 6 | six as u32, count + 1)
        });
        let bits = bits << (6 * (4 - count.min(4)));
        let whole = bits.to_be_bytes();
        let count = (count as usize * 6) / 8;
        bytes.extend(whole.iter().skip(1).take(count));
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_test_vectors_of_the_standard_and_back() {
        let cases = [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("foobar", "Zm9vYmFy"),
        ];
        for (bytes, text) in cases {
            let mut out = String::new();
            encode(bytes.as_bytes(), |part| out.push_str(part));
            assert_eq!(out, text);
            assert_eq!(decode(text), bytes.as_bytes());
        }
    }
}
