//! Baggage as the clients of Jaeger and of OpenTracing write it: one header for each key.
//!
//! The names are a prefix and the key, so all headers of a request are looked through: only where
//! such a format and baggage were both asked for. The limits are those of W3C Baggage, applied to
//! the raw headers before any of them is decoded; a key that `baggage` has already keeps its value.

use std::borrow::Cow;

use http::header::{HeaderMap, HeaderName, HeaderValue};

use super::baggage::Baggage;
use super::baggage_member;
use super::format::Format;

/// Whose baggage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum VendorBaggage {
    /// `uberctx-{key}`, percent-encoded, and `jaeger-baggage: {key}={value}, ...` of people.
    Jaeger,
    /// `ot-baggage-{key}`.
    OtTrace,
}

/// A list of pairs that is set by hand, on the command line or in a browser.
const JAEGER_LIST: &str = "jaeger-baggage";

impl VendorBaggage {
    pub(super) const fn of(format: Format) -> Option<Self> {
        match format {
            Format::Jaeger => Some(Self::Jaeger),
            Format::OtTrace => Some(Self::OtTrace),
            _ => None,
        }
    }

    const fn prefix(self) -> &'static str {
        match self {
            Self::Jaeger => "uberctx-",
            Self::OtTrace => "ot-baggage-",
        }
    }

    /// Whether the header, named in lower case, belongs to this baggage.
    pub(super) fn reads(self, name: &str) -> bool {
        name.starts_with(self.prefix()) || self == Self::Jaeger && name == JAEGER_LIST
    }

    /// Adds what the headers hold to the list; says whether some of it was left out.
    pub(super) fn extract(
        self,
        list: Option<Baggage>,
        headers: &HeaderMap,
    ) -> (Option<Baggage>, bool) {
        let (mut len, mut lines) = (0_usize, 0_usize);
        for (name, value) in headers.iter().filter(|(name, _)| self.reads(name.as_str())) {
            len += name.as_str().len() + value.len();
            lines += 1;
        }
        match lines {
            0 => (list, false),
            1..=Baggage::MAX_MEMBERS if len <= Baggage::MAX_LEN => {
                Baggage::extended(list.as_ref(), self.members(headers))
            }
            _ => (list, true),
        }
    }

    fn members(self, headers: &HeaderMap) -> impl Iterator<Item = (&str, Cow<'_, str>)> {
        headers
            .iter()
            .filter_map(move |(name, value)| Some((name.as_str(), value.to_str().ok()?)))
            .flat_map(move |(name, value)| {
                let named = name.strip_prefix(self.prefix()).map(|key| (key, value));
                let is_list = self == Self::Jaeger && name == JAEGER_LIST;
                let listed = value
                    .split(',')
                    .filter(move |_| is_list)
                    .filter_map(|pair| pair.trim().split_once('='));
                named.into_iter().chain(listed)
            })
            .map(|(key, value)| (key, baggage_member::decode(value)))
    }

    pub(super) fn inject(self, baggage: Option<&Baggage>, headers: &mut HeaderMap) {
        for member in baggage.into_iter().flat_map(Baggage::members) {
            let name = format!("{}{}", self.prefix(), member.key());
            if let Ok(name) = HeaderName::try_from(name)
                && let Ok(value) = HeaderValue::from_str(member.encoded_value())
            {
                // In a full map it stays away, as it would in `baggage`.
                let _ = headers.try_insert(name, value);
            }
        }
    }

    /// Removes what an earlier hop wrote.
    pub(super) fn clear(self, headers: &mut HeaderMap) {
        let is_stale = |name: &&HeaderName| self.reads(name.as_str());
        let stale: Vec<_> = headers.keys().filter(is_stale).cloned().collect();
        for name in stale {
            headers.remove(name);
        }
    }
}
