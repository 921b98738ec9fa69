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

/// Whether two strings of equal length are equal.
#[inline(always)]
fn same(a: &[u8], b: &[u8]) -> bool {
    if let (Some(a_first), Some(b_first)) = (a.first_chunk::<8>(), b.first_chunk::<8>()) {
        a_first == b_first
            && a.last_chunk::<8>() == b.last_chunk::<8>()
            && (a.len() <= 16 || a == b)
    } else if let (Some(a_first), Some(b_first)) = (a.first_chunk::<4>(), b.first_chunk::<4>()) {
        a_first == b_first && a.last_chunk::<4>() == b.last_chunk::<4>()
    } else {
        a.first() == b.first() && a.get(a.len() / 2) == b.get(b.len() / 2) && a.last() == b.last()
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
