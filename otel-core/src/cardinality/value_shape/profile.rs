//! What the bytes of a value are, counted in one pass.

/// Counts that rule most shapes out, so that at most a few are looked at closely.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Profile {
    pub(super) len: usize,
    pub(super) digits: usize,
    pub(super) lower: usize,
    pub(super) upper: usize,
    /// Letters from a to f, of either case.
    pub(super) hex_letters: usize,
    pub(super) dots: usize,
    pub(super) colons: usize,
    pub(super) hyphens: usize,
    pub(super) underscores: usize,
    pub(super) slashes: usize,
    pub(super) pluses: usize,
    pub(super) equals: usize,
    pub(super) ats: usize,
    /// Bytes of no other count.
    pub(super) other: usize,
    /// How often digits, lower and upper case take turns, whatever stands between them.
    pub(super) turns: usize,
}

impl Profile {
    pub(super) fn of(value: &str) -> Self {
        let mut profile = Self::default();
        let mut before = Class::None;
        for byte in value.bytes() {
            profile.len += 1;
            let class = match byte {
                b'0'..=b'9' => {
                    profile.digits += 1;
                    Class::Digit
                }
                b'a'..=b'z' => {
                    profile.lower += 1;
                    profile.hex_letters += usize::from(byte <= b'f');
                    Class::Lower
                }
                b'A'..=b'Z' => {
                    profile.upper += 1;
                    profile.hex_letters += usize::from(byte <= b'F');
                    Class::Upper
                }
                _ => {
                    *profile.mark(byte) += 1;
                    continue;
                }
            };
            profile.turns += usize::from(before != Class::None && before != class);
            before = class;
        }
        profile
    }

    /// Whether it is hexadecimal digits, with letters and numbers among them.
    pub(super) const fn is_hex(&self) -> bool {
        self.digits + self.hex_letters == self.len && self.digits > 0 && self.hex_letters > 0
    }

    pub(super) const fn alphanumeric(&self) -> usize {
        self.digits + self.lower + self.upper
    }

    fn mark(&mut self, byte: u8) -> &mut usize {
        match byte {
            b'.' => &mut self.dots,
            b':' => &mut self.colons,
            b'-' => &mut self.hyphens,
            b'_' => &mut self.underscores,
            b'/' => &mut self.slashes,
            b'+' => &mut self.pluses,
            b'=' => &mut self.equals,
            b'@' => &mut self.ats,
            _ => &mut self.other,
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    None,
    Digit,
    Lower,
    Upper,
}
