//! The closed list of shapes.

use super::profile::Profile;
use super::{network, path, task, timestamp, token};
use crate::cardinality::cut;

/// A kind of identifier that a label value can be.
///
/// ```
/// use otel_core::cardinality::ValueShape;
///
/// let shape = ValueShape::of("2f1e4c1a-7d58-4b55-9c39-6d8e4f0a1b2c");
/// assert_eq!(shape, Some(ValueShape::Uuid));
/// assert_eq!(ValueShape::of("404"), None);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ValueShape {
    /// `xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx` (RFC 9562), any version; a prefix may stand before it,
    /// `urn:uuid:` or `req-`.
    Uuid,
    /// 26 characters of Crockford's base 32.
    Ulid,
    /// A JSON Web Token (RFC 7519): three parts, the first an encoded JSON object.
    Jwt,
    /// At least 20 characters of letters and digits mixed as no word has them: base 62, base 64, the
    /// identifiers of cloud interfaces.
    Token,
    /// `0x` and at least six hexadecimal digits: an address in memory.
    HexPointer,
    /// At least twelve hexadecimal digits, letters and numbers among them: trace and container ids,
    /// hashes.
    LongHex,
    /// A thread or task with its number: `ThreadId(7)`, `task-1234`.
    TaskId,
    /// Six decimal digits or more; shorter numbers are codes, ports, years and sizes.
    NumericId,
    /// An e-mail address.
    Email,
    /// An IPv4 or IPv6 address, with or without a prefix length.
    Ip,
    /// An IP address with a port.
    SocketAddress,
    /// A date with a time (RFC 3339, a space for the `T` allowed), or seconds, milliseconds,
    /// microseconds or nanoseconds since 1970 for a time after 2001. A date alone is not: many
    /// interfaces name their versions so.
    Timestamp,
    /// A path or URL in which a segment has one of the other shapes or is a number.
    PathWithIds,
}

impl ValueShape {
    /// Every shape.
    pub const ALL: [Self; 13] = [
        Self::Uuid,
        Self::Ulid,
        Self::Jwt,
        Self::Token,
        Self::HexPointer,
        Self::LongHex,
        Self::TaskId,
        Self::NumericId,
        Self::Email,
        Self::Ip,
        Self::SocketAddress,
        Self::Timestamp,
        Self::PathWithIds,
    ];

    /// The shape of a value, by its first 4,096 bytes; `None` for anything that may be a word.
    #[must_use]
    pub fn of(value: &str) -> Option<Self> {
        let value = cut(value, MAX_BYTES);
        // Whatever identifies has a digit in it, or is an address for mail.
        let may_identify = |byte: u8| byte.is_ascii_digit() || byte == b'@';
        if !value.bytes().any(may_identify) {
            return None;
        }
        if path::is_path(value) {
            return path::has_ids(value).then_some(Self::PathWithIds);
        }
        if value.len() < SHORTEST {
            let address = || network::address(value);
            return value.contains(':').then(address).flatten();
        }
        let profile = Profile::of(value);
        if profile.digits == profile.len {
            return number(value);
        }
        if profile.is_hex() {
            return (profile.len >= 12).then_some(Self::LongHex);
        }
        if is_uuid(value, &profile) {
            return Some(Self::Uuid);
        }
        if is_pointer(value) {
            return Some(Self::HexPointer);
        }
        if profile.ats > 0 {
            return network::is_email(value, &profile).then_some(Self::Email);
        }
        if profile.dots == 3 || profile.colons >= 2 {
            let address = network::address(value);
            if address.is_some() {
                return address;
            }
            return timestamp::is_date_time(value).then_some(Self::Timestamp);
        }
        if profile.colons == 1 {
            return (timestamp::is_date_time(value).then_some(Self::Timestamp))
                .or_else(|| task::is_numbered(value).then_some(Self::TaskId));
        }
        if profile.dots == 2 {
            return token::is_jwt(value, &profile).then_some(Self::Jwt);
        }
        if token::is_ulid(value, &profile) {
            return Some(Self::Ulid);
        }
        if task::is_numbered(value) {
            return Some(Self::TaskId);
        }
        token::is_token(&profile).then_some(Self::Token)
    }

    /// What stands for every value of the shape: `{uuid}`.
    ///
    /// That of [`PathWithIds`](Self::PathWithIds) is rarely wanted; its segments have templates of
    /// their own.
    #[must_use]
    pub const fn template(self) -> &'static str {
        match self {
            Self::Uuid => "{uuid}",
            Self::Ulid => "{ulid}",
            Self::Jwt => "{jwt}",
            Self::Token => "{token}",
            Self::HexPointer => "{pointer}",
            Self::LongHex => "{hex}",
            Self::TaskId => "{task}",
            Self::NumericId => "{number}",
            Self::Email => "{email}",
            Self::Ip => "{ip}",
            Self::SocketAddress => "{address}",
            Self::Timestamp => "{time}",
            Self::PathWithIds => "{path}",
        }
    }

    /// The word a report uses: `uuid`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Uuid => "uuid",
            Self::Ulid => "ulid",
            Self::Jwt => "jwt",
            Self::Token => "token",
            Self::HexPointer => "hex_pointer",
            Self::LongHex => "long_hex",
            Self::TaskId => "task_id",
            Self::NumericId => "numeric_id",
            Self::Email => "email",
            Self::Ip => "ip",
            Self::SocketAddress => "socket_address",
            Self::Timestamp => "timestamp",
            Self::PathWithIds => "path_with_ids",
        }
    }

    /// Whether a value of the shape consists of digits alone.
    ///
    /// An epoch is a [`Timestamp`](Self::Timestamp) but a number as well, so the value decides.
    pub(crate) fn is_number(self, value: &str) -> bool {
        matches!(self, Self::NumericId | Self::Timestamp)
            && value.bytes().all(|byte| byte.is_ascii_digit())
    }
}

fn number(digits: &str) -> Option<ValueShape> {
    if timestamp::is_epoch(digits) {
        Some(ValueShape::Timestamp)
    } else {
        (digits.len() >= SHORTEST).then_some(ValueShape::NumericId)
    }
}

/// 8-4-4-4-12 hexadecimal digits, at the end of anything.
fn is_uuid(value: &str, profile: &Profile) -> bool {
    if profile.hyphens < 4 {
        return false;
    }
    let Some((before, uuid)) = value
        .len()
        .checked_sub(36)
        .and_then(|start| value.split_at_checked(start))
    else {
        return false;
    };
    let fits = |(at, byte): (usize, u8)| match at {
        8 | 13 | 18 | 23 => byte == b'-',
        _ => byte.is_ascii_hexdigit(),
    };
    !before.ends_with(|last: char| last.is_alphanumeric()) && uuid.bytes().enumerate().all(fits)
}

fn is_pointer(value: &str) -> bool {
    value
        .strip_prefix("0x")
        .or_else(|| value.strip_prefix("0X"))
        .is_some_and(|digits| digits.len() >= 6 && digits.bytes().all(|b| b.is_ascii_hexdigit()))
}

/// Bytes of a value that are looked at.
const MAX_BYTES: usize = 4_096;

/// Only an IPv6 address and a path may have fewer bytes.
const SHORTEST: usize = 6;
