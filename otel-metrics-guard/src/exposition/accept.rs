//! The media ranges of `Accept`, RFC 9110, section 12.5.1.

use http::HeaderMap;
use http::header::ACCEPT;

use super::Escaping;
use super::header_list::{Element, elements, is_token, thousandths};

/// One media range, such as `text/*;q=0.5`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct MediaRange<'a> {
    type_: &'a str,
    subtype: &'a str,
    version: Option<&'a str>,
    /// How names are to be escaped; one that is not known is as good as none.
    pub(super) escaping: Option<Escaping>,
    /// In thousandths; 0 is a refusal.
    pub(super) weight: u16,
}

impl MediaRange<'_> {
    /// How closely this range describes a media type, if it does. A range without a version
    /// describes the default version only.
    pub(super) fn specificity(&self, offered: &Offered) -> Option<u8> {
        let named = |range: &str, name: &str| range.eq_ignore_ascii_case(name);
        let version = match self.version {
            Some(version) => (version == offered.version).then_some(1)?,
            None => offered.is_default.then_some(0)?,
        };
        if self.type_ == "*" {
            Some(version)
        } else if !named(self.type_, offered.type_) {
            None
        } else if self.subtype == "*" {
            Some(2 + version)
        } else {
            named(self.subtype, offered.subtype).then_some(4 + version)
        }
    }
}

/// A media type that can be answered with.
pub(super) struct Offered {
    pub(super) type_: &'static str,
    pub(super) subtype: &'static str,
    pub(super) version: &'static str,
    /// Whether it is meant where no version is asked for.
    pub(super) is_default: bool,
}

/// The well-formed ranges of all `Accept` lines, in the order they came.
pub(super) fn ranges(headers: &HeaderMap) -> impl Iterator<Item = MediaRange<'_>> {
    elements(headers, ACCEPT).filter_map(parse)
}

fn parse(element: &[u8]) -> Option<MediaRange<'_>> {
    let element = Element::parse(element)?;
    let (type_, subtype) = element.choice.split_once('/')?;
    if !is_token(type_) || !is_token(subtype) || (type_ == "*" && subtype != "*") {
        return None;
    }
    let (mut version, mut escaping, mut weight) = (None, None, None);
    for parameter in element.parameters() {
        let (name, value) = parameter?;
        // The weight may stand anywhere. A parameter given twice contradicts itself.
        let twice = if name.eq_ignore_ascii_case("q") {
            weight.replace(thousandths(value)?).is_some()
        } else if name.eq_ignore_ascii_case("version") {
            version.replace(value).is_some()
        } else if name.eq_ignore_ascii_case("escaping") {
            escaping.replace(Escaping::parse(value)).is_some()
        } else {
            false
        };
        if twice {
            return None;
        }
    }
    Some(MediaRange {
        type_,
        subtype,
        version,
        escaping: escaping.flatten(),
        weight: weight.unwrap_or(1_000),
    })
}
