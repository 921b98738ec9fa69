//! The content codings of `Accept-Encoding`, RFC 9110, section 12.5.3.

use http::HeaderMap;
use http::header::ACCEPT_ENCODING;

use super::header_list::{Element, elements, is_token, thousandths};

/// Whether an answer to this request is compressed.
///
/// It is for who names gzip and does not weigh the plain text higher, and for who refuses plain text
/// and takes anything else. `*` is no request for gzip. Where nothing there is can be accepted, plain
/// text is sent: a scrape that can be read beats an error that cannot.
pub(crate) fn prefers_gzip(headers: &HeaderMap) -> bool {
    let (mut gzip, mut identity, mut any) = (None, None, None);
    for (coding, weight) in elements(headers, ACCEPT_ENCODING).filter_map(parse) {
        let named = |name| coding.eq_ignore_ascii_case(name);
        let place = if named("gzip") || named("x-gzip") {
            &mut gzip
        } else if named("identity") {
            &mut identity
        } else if coding == "*" {
            &mut any
        } else {
            continue;
        };
        place.get_or_insert(weight);
    }
    match gzip {
        // What weighs the same is sent in fewer bytes.
        Some(weight) => weight > 0 && weight >= identity.or(any).unwrap_or(0),
        None => identity == Some(0) && any.is_some_and(|weight| weight > 0),
    }
}

fn parse(element: &[u8]) -> Option<(&str, u16)> {
    let element = Element::parse(element)?;
    if !is_token(element.choice) {
        return None;
    }
    let mut weight = None;
    for parameter in element.parameters() {
        let (name, value) = parameter?;
        if !name.eq_ignore_ascii_case("q") || weight.replace(thousandths(value)?).is_some() {
            return None;
        }
    }
    Some((element.choice, weight.unwrap_or(1_000)))
}
