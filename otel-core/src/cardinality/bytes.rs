//! Comparing short byte strings.

/// What follows `prefix` in `bytes`, if they start so.
///
/// Names and values of labels are short, and the two ends of a short string overlap: up to sixteen
/// bytes it takes two comparisons, where a call to `memcmp` costs more than it saves.
#[inline(always)]
pub(crate) fn strip<'b>(bytes: &'b [u8], prefix: &[u8]) -> Option<&'b [u8]> {
    let (head, rest) = bytes.split_at_checked(prefix.len())?;
    same(head, prefix).then_some(rest)
}

/// Whether two strings are equal.
#[inline(always)]
pub(crate) fn same(a: &[u8], b: &[u8]) -> bool {
    if a.len() != b.len() {
        false
    } else if let (Some(first), Some(same)) = (a.first_chunk::<8>(), b.first_chunk()) {
        first == same && a.last_chunk::<8>() == b.last_chunk() && (a.len() <= 16 || a == b)
    } else if let (Some(first), Some(same)) = (a.first_chunk::<4>(), b.first_chunk()) {
        first == same && a.last_chunk::<4>() == b.last_chunk()
    } else if let (Some(first), Some(same)) = (a.first_chunk::<2>(), b.first_chunk()) {
        first == same && a.last_chunk::<2>() == b.last_chunk()
    } else {
        a.first() == b.first()
    }
}

/// The first and the last eight bytes, which overlap in a short string: with its length they are all
/// there is to know of up to sixteen bytes.
#[inline(always)]
pub(crate) fn ends(bytes: &[u8]) -> (u64, u64) {
    if let (Some(first), Some(last)) = (bytes.first_chunk(), bytes.last_chunk()) {
        (u64::from_le_bytes(*first), u64::from_le_bytes(*last))
    } else if let (Some(first), Some(last)) = (bytes.first_chunk(), bytes.last_chunk()) {
        let word = |chunk: &[u8; 4]| u64::from(u32::from_le_bytes(*chunk));
        (word(first), word(last))
    } else if let (Some(first), Some(last)) = (bytes.first_chunk(), bytes.last_chunk()) {
        let word = |chunk: &[u8; 2]| u64::from(u16::from_le_bytes(*chunk));
        (word(first), word(last))
    } else {
        let byte = bytes.first().copied().unwrap_or_default();
        (byte.into(), byte.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_is_stripped_whatever_its_length() {
        let text = b"abcdefghijklmnopqrstuvwxyz";
        for length in 0..text.len() {
            let (prefix, rest) = text.split_at(length);
            assert_eq!(strip(text, prefix), Some(rest));
            for wrong in 0..length {
                let mut prefix = prefix.to_vec();
                prefix[wrong] = b'#';
                assert_eq!(strip(text, &prefix), None, "{length} {wrong}");
            }
        }
        assert_eq!(strip(b"abc", b"abcd"), None);
    }
}
