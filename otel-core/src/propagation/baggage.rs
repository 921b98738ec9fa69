//! The `baggage` header: names and values of the application that travel with its requests.
//!
//! Anyone may send it, every hop repeats it, and properties that are decoded and not encoded again
//! would become members of their own. So the limits are applied to the raw bytes before any of them
//! is read, and the text of what is well formed goes on as it came.
//! A [`Baggage`] has 1 to 64 well-formed members and at most [`Baggage::MAX_LEN`] characters.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use http::header::{HeaderMap, HeaderName, HeaderValue};
use opentelemetry::baggage::Baggage as OtelBaggage;

use super::baggage_member::{self, BaggageMember};
use super::lines::{self, Field, Lines};

/// The header read and written.
pub(super) static FIELD: HeaderName = HeaderName::from_static("baggage");

/// The members of a `baggage` list, in order ([W3C Baggage](https://www.w3.org/TR/baggage/)).
///
/// Cloning shares the text. There is no empty list: it means the same as none.
///
/// ```
/// use otel_core::propagation::Baggage;
///
/// let received = Baggage::parse(b"user=J%C3%BCrgen;internal, plan=gold")?.expect("two members");
/// assert_eq!(received.get("user").as_deref(), Some("Jürgen"));
///
/// let sent = received.insert("plan", "50% off")?;
/// assert_eq!(sent.as_str(), "user=J%C3%BCrgen;internal,plan=50%25%20off");
/// # Ok::<(), otel_core::propagation::InvalidBaggage>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Baggage {
    text: Arc<str>,
}

impl Baggage {
    /// The longest list, in characters, with all header lines and the commas that join them
    /// ([section 3.3.2](https://www.w3.org/TR/baggage/#limits)).
    pub const MAX_LEN: usize = 8192;

    /// The most members of a list (the same section).
    pub const MAX_MEMBERS: usize = 64;

    /// A list of one member. The value is any text.
    ///
    /// # Errors
    ///
    /// See [`Baggage::insert`].
    pub fn new(key: &str, value: &str) -> Result<Self, InvalidBaggage> {
        let mut writer = Writer::default();
        writer.push_encoded(key, value, "")?;
        Ok(writer.into_baggage())
    }

    /// Reads the value of a header; `None` if it has no members. Members that are not well formed
    /// are left out: a comma cannot be part of any, so they do not reach their neighbours.
    ///
    /// # Errors
    ///
    /// If the value is longer than [`Baggage::MAX_LEN`] or has more than [`Baggage::MAX_MEMBERS`]:
    /// the whole list is refused, before anything of it is kept.
    pub fn parse(value: &[u8]) -> Result<Option<Self>, InvalidBaggage> {
        Self::parse_lines(|| std::iter::once(value)).map(|parsed| parsed.baggage)
    }

    /// Reads all lines of a header, more than once.
    fn parse_lines<'a, I: Iterator<Item = &'a [u8]>>(
        lines: impl Fn() -> I,
    ) -> Result<Parsed, InvalidBaggage> {
        let mut len = 0;
        for line in lines() {
            len += line.len() + usize::from(len > 0);
            if len > Self::MAX_LEN {
                return Err(InvalidBaggage(Kind::TooLong));
            }
        }
        let members = || {
            lines()
                .flat_map(|line| line.split(|byte| *byte == b','))
                .map(lines::trim_ows)
                .filter(|member| !member.is_empty())
        };
        if members().nth(Self::MAX_MEMBERS).is_some() {
            return Err(InvalidBaggage(Kind::TooManyMembers));
        }
        let mut parsed = Parsed::default();
        let mut writer = Writer::default();
        for member in members() {
            let is_kept = BaggageMember::parse(member)
                .is_some_and(|member| writer.push(&member, len).is_ok());
            parsed.is_cut |= !is_kept;
        }
        parsed.baggage = writer.finish();
        Ok(parsed)
    }

    /// The members the OTel API holds, ordered by key; `None` if there are none. What does not fit
    /// into the limits once it is encoded is left out, and so is a member whose metadata is no list
    /// of properties: it would be read as something else.
    #[must_use]
    pub fn from_otel(baggage: &OtelBaggage) -> Option<Self> {
        let mut members: Vec<_> = baggage.iter().collect();
        members.sort_unstable_by_key(|(key, _)| key.as_str());
        let mut writer = Writer::default();
        for (key, (value, metadata)) in members {
            // One that is refused may be followed by a shorter one that is not.
            let _ = writer.push_encoded(key.as_str(), value.as_str(), metadata.as_str());
        }
        writer.finish()
    }

    /// What goes out of a request that brought this list and holds `now` in the end: members that
    /// were not changed as they came and where they were, then those that are new, by key.
    #[must_use]
    pub fn relay(&self, now: &OtelBaggage) -> Option<Self> {
        let is_kept = |member: &BaggageMember<'_>| {
            now.get_with_metadata(member.key())
                .is_some_and(|(value, properties)| {
                    let last = self.members().filter(|other| other.key() == member.key());
                    last.last().is_some_and(|last| {
                        *last.value() == *value.as_str() && last.properties() == properties.as_str()
                    })
                })
        };
        let is_known = |key: &str| {
            let mut members = self.members().filter(is_kept);
            members.any(|member| member.key() == key)
        };
        let mut added: Vec<_> = now
            .iter()
            .filter(|(key, _)| !is_known(key.as_str()))
            .collect();
        if added.is_empty() && self.members().all(|member| is_kept(&member)) {
            return Some(self.clone());
        }
        added.sort_unstable_by_key(|(key, _)| key.as_str());
        let mut writer = Writer::default();
        for member in self.members().filter(is_kept) {
            let _ = writer.push(&member, self.text.len());
        }
        for (key, (value, properties)) in added {
            // One that is refused may be followed by a shorter one that is not.
            let _ = writer.push_encoded(key.as_str(), value.as_str(), properties.as_str());
        }
        writer.finish()
    }

    /// The members of some keys; `None` if there are none.
    #[must_use]
    pub(super) fn retain(self, is_kept: impl Fn(&str) -> bool) -> Option<Self> {
        if self.members().all(|member| is_kept(member.key())) {
            return Some(self);
        }
        let mut writer = Writer::default();
        for member in self.members().filter(|member| is_kept(member.key())) {
            let _ = writer.push(&member, self.text.len());
        }
        writer.finish()
    }

    /// The list with further members, whose values are plain text, as far as the limits allow. A key
    /// that is there already, in any case, keeps its value. Says whether a member was left out.
    pub(super) fn extended<'a>(
        list: Option<&Self>,
        members: impl Iterator<Item = (&'a str, Cow<'a, str>)>,
    ) -> (Option<Self>, bool) {
        let mut writer = Writer::default();
        let mut is_cut = false;
        for member in list.into_iter().flat_map(Self::members) {
            let _ = writer.push(&member, list.map_or(0, |list| list.text.len()));
        }
        for (key, value) in members {
            // A header name has no case: what comes back of `User` is `user`.
            let is_known = list
                .into_iter()
                .flat_map(Self::members)
                .any(|member| member.key().eq_ignore_ascii_case(key));
            is_cut |= !is_known && writer.push_encoded(key, &value, "").is_err();
        }
        (writer.finish(), is_cut)
    }

    /// The list as the OTel API holds it: without an order, and the last of equal keys.
    #[must_use]
    pub fn to_otel(&self) -> OtelBaggage {
        let mut baggage = OtelBaggage::new();
        for member in self.members() {
            let value = member.value().into_owned();
            baggage.insert_with_metadata(member.key().to_owned(), value, member.properties());
        }
        baggage
    }

    /// The header value: members joined by commas, without optional white space around their parts.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The value of `key`, decoded; the last, should a caller have sent several.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<Cow<'_, str>> {
        let last = self.members().filter(|member| member.key() == key).last()?;
        Some(last.value())
    }

    /// The members in order. Keys may be there more than once.
    pub fn members(&self) -> impl Iterator<Item = BaggageMember<'_>> {
        self.text
            .split(',')
            .filter_map(|member| BaggageMember::parse(member.as_bytes()))
    }

    /// The list with `key` set to `value`, without properties, at the end. The value is any text.
    ///
    /// # Errors
    ///
    /// If the key is not a token of RFC 9110, or the list would exceed a limit.
    pub fn insert(&self, key: &str, value: &str) -> Result<Self, InvalidBaggage> {
        let mut writer = Writer::default();
        for member in self.members().filter(|member| member.key() != key) {
            writer.push(&member, self.text.len())?;
        }
        writer.push_encoded(key, value, "")?;
        Ok(writer.into_baggage())
    }

    /// The list without `key`; `None` if no other is left.
    #[must_use]
    pub fn remove(&self, key: &str) -> Option<Self> {
        let mut writer = Writer::default();
        for member in self.members().filter(|member| member.key() != key) {
            // A part of a list is within the limits of the list.
            let _ = writer.push(&member, self.text.len());
        }
        writer.finish()
    }
}

impl fmt::Display for Baggage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// Tells the size only: what baggage holds is the application's, and often personal.
impl fmt::Debug for Baggage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Baggage")
            .field("members", &self.members().count())
            .field("len", &self.text.len())
            .finish()
    }
}

/// The baggage of a request, and whether some of it or all had to be left out.
pub(super) fn extract(lines: &Lines<'_>) -> (Option<Baggage>, bool) {
    if !lines.has(Field::Baggage) {
        return (None, false);
    }
    let all = || lines.headers().get_all(&FIELD).iter();
    match Baggage::parse_lines(|| all().map(HeaderValue::as_bytes)) {
        Ok(Parsed { baggage, is_cut }) => (baggage, is_cut),
        Err(_) => (None, true),
    }
}

/// Sets the header, or removes the one of an earlier hop.
pub(super) fn inject(baggage: Option<&Baggage>, headers: &mut HeaderMap) {
    headers.remove(&FIELD);
    if let Some(baggage) = baggage {
        let value = lines::visible(baggage.text.as_bytes());
        lines::set_together(headers, [(&FIELD, value)]);
    }
}

#[derive(Default)]
struct Parsed {
    baggage: Option<Baggage>,
    is_cut: bool,
}

/// A list in the making, which is never over a limit.
#[derive(Default)]
struct Writer {
    text: String,
    members: usize,
}

impl Writer {
    fn push_encoded(
        &mut self,
        key: &str,
        value: &str,
        properties: &str,
    ) -> Result<(), InvalidBaggage> {
        if !baggage_member::is_key(key.as_bytes()) {
            return Err(InvalidBaggage(Kind::Key));
        }
        let properties = properties.trim_matches([';', ' ', '\t']);
        if !baggage_member::is_properties(properties.as_bytes()) {
            return Err(InvalidBaggage(Kind::Properties));
        }
        let before = self.text.len();
        self.separate();
        self.text.push_str(key);
        self.text.push('=');
        baggage_member::encode(value, &mut self.text);
        self.push_properties(properties);
        self.commit(before)
    }

    /// Appends a member as it came. `capacity` is how long the list may become.
    fn push(&mut self, member: &BaggageMember<'_>, capacity: usize) -> Result<(), InvalidBaggage> {
        if self.text.capacity() == 0 {
            self.text.reserve_exact(capacity);
        }
        let before = self.text.len();
        self.separate();
        self.text.push_str(member.key());
        self.text.push('=');
        self.text.push_str(member.encoded_value());
        self.push_properties(member.properties());
        self.commit(before)
    }

    fn separate(&mut self) {
        if self.members > 0 {
            self.text.push(',');
        }
    }

    fn push_properties(&mut self, properties: &str) {
        if !properties.is_empty() {
            self.text.push(';');
            self.text.push_str(properties);
        }
    }

    fn commit(&mut self, before: usize) -> Result<(), InvalidBaggage> {
        let kind = if self.text.len() > Baggage::MAX_LEN {
            Kind::TooLong
        } else if self.members == Baggage::MAX_MEMBERS {
            Kind::TooManyMembers
        } else {
            self.members += 1;
            return Ok(());
        };
        self.text.truncate(before);
        Err(InvalidBaggage(kind))
    }

    fn finish(self) -> Option<Baggage> {
        (self.members > 0).then(|| self.into_baggage())
    }

    fn into_baggage(self) -> Baggage {
        Baggage {
            text: self.text.into(),
        }
    }
}

/// A `baggage` list, or a member for one, that must not be used.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct InvalidBaggage(Kind);

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Key,
    Properties,
    TooLong,
    TooManyMembers,
}

impl InvalidBaggage {
    /// Whether a key is not a token.
    #[must_use]
    pub const fn is_key(&self) -> bool {
        matches!(self.0, Kind::Key)
    }

    /// Whether the list has more than [`Baggage::MAX_LEN`] characters.
    #[must_use]
    pub const fn is_too_long(&self) -> bool {
        matches!(self.0, Kind::TooLong)
    }

    /// Whether the list has more than [`Baggage::MAX_MEMBERS`].
    #[must_use]
    pub const fn is_too_many_members(&self) -> bool {
        matches!(self.0, Kind::TooManyMembers)
    }
}

impl fmt::Display for InvalidBaggage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            Kind::Key => "malformed key in baggage",
            Kind::Properties => "malformed properties in baggage",
            Kind::TooLong => "baggage of more than 8192 characters",
            Kind::TooManyMembers => "baggage with more than 64 members",
        })
    }
}

impl fmt::Debug for InvalidBaggage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for InvalidBaggage {}
