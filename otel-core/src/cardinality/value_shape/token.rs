//! Identifiers without structure: what tells them from words is how their characters are mixed.

use super::profile::Profile;

/// Three parts of base 64 for URLs, the first beginning as `{"` does.
pub(super) fn is_jwt(value: &str, profile: &Profile) -> bool {
    let plain = profile.alphanumeric() + profile.hyphens + profile.underscores + profile.dots;
    let mut parts = value.split('.');
    value.starts_with("eyJ")
        && plain == profile.len
        && profile.len >= 20
        && parts.by_ref().take(2).all(|part| !part.is_empty())
}

/// 128 bits in Crockford's base 32, so the first of the 26 characters is at most `7`.
pub(super) fn is_ulid(value: &str, profile: &Profile) -> bool {
    let crockford = |byte: u8| {
        byte.is_ascii_alphanumeric()
            && !matches!(byte.to_ascii_uppercase(), b'I' | b'L' | b'O' | b'U')
    };
    profile.len == 26
        && (profile.lower == 0 || profile.upper == 0)
        && value.starts_with(|first| matches!(first, '0'..='7'))
        && value.bytes().all(crockford)
}

/// At least 20 characters in which digits, lower and upper case take turns as in no name.
///
/// Between random characters of all three classes a turn comes with a chance of 0.62, between
/// lower case and digits of 0.40. Camel case comes to 0.4 and has few digits; names of several
/// words have separators.
pub(super) fn is_token(profile: &Profile) -> bool {
    let separators = profile.hyphens + profile.underscores + profile.pluses + profile.slashes;
    let plain = profile.alphanumeric() + separators + profile.equals;
    if plain != profile.len || profile.len < 20 || profile.equals > 2 {
        return false;
    }
    let places = profile.alphanumeric().saturating_sub(1);
    let mixed = |percent: usize| profile.turns * 100 >= places * percent;
    if profile.lower >= 2 && profile.upper >= 2 {
        profile.digits >= 2 && separators * 8 <= profile.len && mixed(45)
    } else {
        profile.digits >= 3 && separators == 0 && mixed(30)
    }
}
