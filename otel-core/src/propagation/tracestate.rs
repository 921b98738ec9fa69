//! The `tracestate` header: what each tracing system on the way wants its own next hop to know.
//!
//! The text is kept as it came, because the type of the OTel API knows only the keys of level 1 and
//! would lose legal members of others. It is validated once, when it enters.
//! A [`TraceState`] has 1 to 32 well-formed members and at most [`TraceState::MAX_LEN`] characters.

use std::fmt;
use std::sync::Arc;

use opentelemetry::trace::TraceState as OtelTraceState;

use super::list_members::{self, ListMembers};

/// The members of a `tracestate` list, the most recently changed first
/// ([section 3.3](https://www.w3.org/TR/trace-context-2/#tracestate-header)).
///
/// Cloning shares the text. There is no empty list: an empty header means the same as none, and
/// ought not to be sent.
///
/// ```
/// use otel_core::propagation::TraceState;
///
/// let received = TraceState::parse(b"rojo=00f067aa0ba902b7, congo=t61rcWkgMzE,,")?;
/// let received = received.expect("two members");
/// assert_eq!(received.get("congo"), Some("t61rcWkgMzE"));
///
/// let sent = received.insert("congo", "ucfJifl5GOE")?;
/// assert_eq!(sent.as_str(), "congo=ucfJifl5GOE,rojo=00f067aa0ba902b7");
/// # Ok::<(), otel_core::propagation::InvalidTraceState>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct TraceState {
    text: Arc<str>,
}

impl TraceState {
    /// The longest list that is propagated, in characters.
    ///
    /// The standard asks for at least 512 and allows 16,447, which is more header than many peers
    /// accept: a caller could make every call of its callee fail. This is half of the 8 KiB that
    /// gRPC peers and common proxies take by default. Above it whole members are left out, those
    /// longer than 128 characters first and then from the right
    /// ([section 3.3.1.5](https://www.w3.org/TR/trace-context-2/#tracestate-limits)).
    pub const MAX_LEN: usize = 4096;

    /// A list of one member.
    ///
    /// # Errors
    ///
    /// If the key or the value is not well formed; see [`TraceState::insert`].
    pub fn new(key: &str, value: &str) -> Result<Self, InvalidTraceState> {
        list_members::check(key, value)?;
        Ok(Self {
            text: format!("{key}={value}").into(),
        })
    }

    /// Reads the value of a header; `None` if it has no members. Several header lines are one
    /// value, joined by commas.
    ///
    /// # Errors
    ///
    /// If any member is not well formed, or there are more than 32: the whole list is unusable.
    pub fn parse(value: &[u8]) -> Result<Option<Self>, InvalidTraceState> {
        Self::parse_line(value).map(|parsed| parsed.tracestate)
    }

    /// Reads the only line of a header.
    pub(super) fn parse_line(line: &[u8]) -> Result<Parsed, InvalidTraceState> {
        match list_members::as_sent(line, Self::MAX_LEN) {
            Some(text) => Ok(Parsed {
                tracestate: Some(Self { text: text.into() }),
                is_truncated: false,
            }),
            None => Self::parse_lines(std::iter::once(line)),
        }
    }

    /// Reads all lines of a header.
    pub(super) fn parse_lines<'a>(
        lines: impl Iterator<Item = &'a [u8]>,
    ) -> Result<Parsed, InvalidTraceState> {
        let mut members = ListMembers::new();
        for line in lines {
            let Ok(line) = std::str::from_utf8(line) else {
                return Err(InvalidTraceState::VALUE);
            };
            members.read(line)?;
        }
        let is_truncated = members.truncate(Self::MAX_LEN, 0);
        Ok(Parsed {
            tracestate: Self::join(&members),
            is_truncated,
        })
    }

    /// The members `state` holds that are well formed; `None` if there are none.
    #[must_use]
    pub fn from_otel(state: &OtelTraceState) -> Option<Self> {
        let header = state.header();
        let mut members = ListMembers::new();
        for member in header.split(',') {
            let (key, value) = list_members::split(member);
            if list_members::check(key, value).is_ok() && !members.push(member) {
                break;
            }
        }
        members.truncate(Self::MAX_LEN, 0);
        Self::join(&members)
    }

    /// The list as the OTel API can hold it: members are left out whose key it refuses, which it
    /// does with some that contain an `@`, by the rules of level 1.
    #[must_use]
    pub fn to_otel(&self) -> OtelTraceState {
        let accepted = |&(key, value): &(&str, &str)| {
            !key.contains('@') || OtelTraceState::from_key_value([(key, value)]).is_ok()
        };
        OtelTraceState::from_key_value(self.members().filter(accepted)).unwrap_or_default()
    }

    /// Whether `state` holds exactly what the OTel API can hold of this list, in this order.
    pub(crate) fn is_held_by(&self, state: &OtelTraceState) -> bool {
        let mut held = state.into_iter();
        let mut next = held.next();
        for member in self.members() {
            if next == Some(member) {
                next = held.next();
            } else if !member.0.contains('@') {
                return false;
            }
        }
        next.is_none()
    }

    /// The header value: members joined by commas, without optional white space.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The value of `key`; the left-most, should a caller have sent several.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&str> {
        let (_, value) = self.members().find(|(name, _)| *name == key)?;
        Some(value)
    }

    /// The keys and values, the most recently changed first.
    pub fn members(&self) -> impl Iterator<Item = (&str, &str)> {
        self.text.split(',').map(list_members::split)
    }

    /// The list with `key` set to `value` and moved to the left end. The right-most member leaves
    /// if there were 32 others; more leave if the text exceeds [`TraceState::MAX_LEN`].
    ///
    /// # Errors
    ///
    /// If the key is not a lower-case letter or digit followed by at most 255 of those and of
    /// `_-*/@`, or the value is not 1 to 256 characters of printable ASCII without comma and
    /// equals sign, the last no space.
    pub fn insert(&self, key: &str, value: &str) -> Result<Self, InvalidTraceState> {
        list_members::check(key, value)?;
        let inserted = format!("{key}={value}");
        let mut members = ListMembers::new();
        members.push(&inserted);
        for member in self.text.split(',') {
            if list_members::split(member).0 != key && !members.push(member) {
                break;
            }
        }
        members.truncate(Self::MAX_LEN, 1);
        Ok(Self {
            text: members.as_slice().join(",").into(),
        })
    }

    fn join(members: &ListMembers<'_>) -> Option<Self> {
        let members = members.as_slice();
        (!members.is_empty()).then(|| Self {
            text: members.join(",").into(),
        })
    }
}

impl fmt::Display for TraceState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for TraceState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("TraceState").field(&self.text).finish()
    }
}

/// What the lines of a header came to.
pub(super) struct Parsed {
    pub(super) tracestate: Option<TraceState>,
    pub(super) is_truncated: bool,
}

/// A `tracestate` list, or a member for one, that must not be used.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct InvalidTraceState(Kind);

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Key,
    Value,
    TooManyMembers,
}

impl InvalidTraceState {
    pub(super) const KEY: Self = Self(Kind::Key);
    pub(super) const VALUE: Self = Self(Kind::Value);
    pub(super) const TOO_MANY_MEMBERS: Self = Self(Kind::TooManyMembers);

    /// Whether a key is not well formed.
    #[must_use]
    pub const fn is_key(&self) -> bool {
        matches!(self.0, Kind::Key)
    }

    /// Whether a value is missing or not well formed.
    #[must_use]
    pub const fn is_value(&self) -> bool {
        matches!(self.0, Kind::Value)
    }

    /// Whether the list has more than 32 members.
    #[must_use]
    pub const fn is_too_many_members(&self) -> bool {
        matches!(self.0, Kind::TooManyMembers)
    }
}

impl fmt::Display for InvalidTraceState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            Kind::Key => "malformed key in tracestate",
            Kind::Value => "missing or malformed value in tracestate",
            Kind::TooManyMembers => "tracestate with more than 32 members",
        })
    }
}

impl fmt::Debug for InvalidTraceState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for InvalidTraceState {}
