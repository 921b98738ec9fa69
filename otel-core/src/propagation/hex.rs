//! Lower-case hexadecimal, the alphabet of every identifier on the wire.
//!
//! The number parsers of the standard library also take upper case, signs and any length, which
//! the formats forbid, and they go digit by digit; eight at a time is stricter and faster.
//! Nothing decodes but what `encode` can write.
#![expect(
    clippy::indexing_slicing,
    reason = "a byte cannot leave a table of 256, which is built at compile time"
)]

/// Reads exactly `2 * N` digits.
pub(super) fn decode<const N: usize>(digits: &[u8]) -> Option<[u8; N]> {
    if digits.len() != 2 * N {
        return None;
    }
    let mut bytes = [0; N];
    let mut is_valid = true;
    let (eights, rest) = digits.as_chunks::<8>();
    let (fours, last) = bytes.as_chunks_mut::<4>();
    for (eight, four) in eights.iter().zip(fours) {
        let (value, is_hex) = decode_eight(u64::from_be_bytes(*eight));
        *four = value.to_be_bytes();
        is_valid &= is_hex;
    }
    if !rest.is_empty() {
        // Filled up in front with zeros, so that the value is at the end.
        let mut eight = [b'0'; 8];
        eight.get_mut(8 - rest.len()..)?.copy_from_slice(rest);
        let (value, is_hex) = decode_eight(u64::from_be_bytes(eight));
        let value = value.to_be_bytes();
        last.copy_from_slice(value.get(4 - last.len()..)?);
        is_valid &= is_hex;
    }
    is_valid.then_some(bytes)
}

/// The value of eight digits, and whether they are digits: those that write to the same again.
const fn decode_eight(digits: u64) -> (u32, bool) {
    const EACH: u64 = 0x0101_0101_0101_0101;
    // Letters have bit 6, and a low nibble that is 9 less than their value; those behind `f` exceed it.
    let nibbles = (digits & (0x0f * EACH)) + 9 * (digits >> 6 & EACH);
    // Above 9, and only there, 6 more carries into bit 4.
    let is_letter = (nibbles.wrapping_add(6 * EACH)) >> 4 & EACH;
    let again = nibbles
        .wrapping_add(0x30 * EACH)
        .wrapping_add(0x27 * is_letter);
    let is_hex = again == digits && nibbles & (0xf0 * EACH) == 0;
    let pairs = (nibbles | nibbles >> 4) & 0x00ff_00ff_00ff_00ff;
    let fours = (pairs | pairs >> 8) & 0x0000_ffff_0000_ffff;
    ((fours | fours >> 16) as u32, is_hex)
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
    fn every_place_is_looked_at() {
        let good = *b"00f067aa0ba902b7";
        assert_eq!(decode(&good), Some(0x00f0_67aa_0ba9_02b7_u64.to_be_bytes()));
        for at in 0..good.len() {
            for bad in (u8::MIN..=u8::MAX).filter(|c| !matches!(c, b'0'..=b'9' | b'a'..=b'f')) {
                let mut digits = good;
                digits[at] = bad;
                assert_eq!(decode::<8>(&digits), None, "{at} {bad:#x}");
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
