//! Lower-case hexadecimal, the alphabet of every identifier on the wire.
//!
//! The number parsers of the standard library also take upper case, signs and any length, which
//! the formats forbid, and they format digit by digit; a table is stricter and faster.
//! Nothing decodes but what `encode` can write.
#![expect(
    clippy::indexing_slicing,
    reason = "a byte cannot leave a table of 256, and the tables are built at compile time"
)]

/// Reads exactly `2 * N` digits.
pub(super) fn decode<const N: usize>(digits: &[u8]) -> Option<[u8; N]> {
    let (pairs, []) = digits.as_chunks::<2>() else {
        return None;
    };
    if pairs.len() != N {
        return None;
    }
    let mut bytes = [0; N];
    // One test after the loop instead of two for every byte in it.
    let mut union = 0;
    for (byte, &[high, low]) in bytes.iter_mut().zip(pairs) {
        let value = HIGH[high as usize] | LOW[low as usize];
        union |= value;
        *byte = value as u8;
    }
    (union & NO_DIGIT == 0).then_some(bytes)
}

/// Writes two digits a byte, as far as both slices reach.
pub(super) fn encode(bytes: &[u8], digits: &mut [u8]) {
    for (pair, &byte) in digits.as_chunks_mut::<2>().0.iter_mut().zip(bytes) {
        *pair = digits_of(byte);
    }
}

const fn digits_of(byte: u8) -> [u8; 2] {
    DIGITS[byte as usize]
}

/// A bit no byte has, so that it survives every `|`.
const NO_DIGIT: u16 = 0x100;

static HIGH: [u16; 256] = values(4);
static LOW: [u16; 256] = values(0);

/// What each character is worth as a digit in its place; `NO_DIGIT` for those that are none.
const fn values(shift: u32) -> [u16; 256] {
    let mut values = [NO_DIGIT; 256];
    let mut value = 0;
    while value < 16 {
        values[ALPHABET[value] as usize] = (value as u16) << shift;
        value += 1;
    }
    values
}

/// The two digits of each byte.
static DIGITS: [[u8; 2]; 256] = {
    let mut digits = [[0; 2]; 256];
    let mut byte = 0;
    while byte < 256 {
        digits[byte] = [ALPHABET[byte >> 4], ALPHABET[byte & 0x0f]];
        byte += 1;
    }
    digits
};

const ALPHABET: [u8; 16] = *b"0123456789abcdef";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_survives_and_nothing_else_decodes() {
        for high in u8::MIN..=u8::MAX {
            for low in u8::MIN..=u8::MAX {
                let is_digit = |c: u8| c.is_ascii_digit() || (b'a'..=b'f').contains(&c);
                match decode::<1>(&[high, low]) {
                    Some([byte]) => {
                        let mut digits = [0; 2];
                        encode(&[byte], &mut digits);
                        assert_eq!(digits, [high, low]);
                    }
                    None => assert!(!is_digit(high) || !is_digit(low), "{high:#x} {low:#x}"),
                }
            }
        }
    }

    #[test]
    fn the_length_is_exact() {
        assert_eq!(decode::<2>(b"0a1f"), Some([0x0a, 0x1f]));
        for digits in [&b""[..], b"0a", b"0a1", b"0a1f0", b"0a1f00"] {
            assert_eq!(decode::<2>(digits), None, "{digits:?}");
        }
    }
}
