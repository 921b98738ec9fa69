//! What takes the place of a value.

use super::hash::HashKey;

/// Takes the place of a masked value.
const MASK: &str = "[REDACTED]";
/// Characters of the end that a partial mask keeps.
const KEPT_LAST: usize = 4;
/// Characters of the start that a partial mask keeps, as the country code of `+8613812345678`.
const KEPT_FIRST: usize = 3;

/// What becomes of a value that a rule names or finds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Redact {
    /// It is written as it is, and not searched either.
    Keep,
    /// The field is left out, or the found part is cut out of the text.
    Drop,
    /// `[REDACTED]`.
    Mask,
    /// A start and the last four characters: `+86****5678`. Less is kept of a short value, nothing
    /// of one under eight characters.
    Partial,
    /// `h1:<key id>:<24 hexadecimal digits>` of an HMAC-SHA-256, so that equal values can be
    /// joined. [`Mask`](Self::Mask) where the redaction has no key.
    Hash,
}

/// Appends what stands for `secret`.
pub(super) fn push(out: &mut String, secret: &str, redact: Redact, key: Option<&HashKey>) {
    match (redact, key) {
        (Redact::Keep, _) => out.push_str(secret),
        (Redact::Drop, _) => {}
        (Redact::Partial, _) => push_partial(out, secret),
        (Redact::Hash, Some(key)) => key.push(out, secret.as_bytes()),
        (Redact::Mask | Redact::Hash, _) => out.push_str(MASK),
    }
}

fn push_partial(out: &mut String, secret: &str) {
    let count = secret.chars().count();
    if count < 2 * KEPT_LAST {
        out.push_str(MASK);
        return;
    }
    if count >= KEPT_FIRST + 2 * KEPT_LAST {
        out.extend(secret.chars().take(KEPT_FIRST));
    }
    out.push_str("****");
    out.extend(secret.chars().skip(count - KEPT_LAST));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_partial_mask_keeps_a_start_and_the_last_four() {
        let cases = [
            ("+8613812345678", "+86****5678"),
            ("4111 1111 1111 1111", "411****1111"),
            ("12345678", "****5678"),
            ("1234567", "[REDACTED]"),
            ("漢字漢字漢字漢字漢字漢", "漢字漢****漢字漢"),
            ("", "[REDACTED]"),
        ];
        for (secret, expected) in cases {
            let mut out = String::new();
            push(&mut out, secret, Redact::Partial, None);
            let expected = expected.replace("漢****漢字漢", "漢****字漢字漢");
            assert_eq!(out, expected, "{secret}");
        }
    }
}
