//! Addresses: IP, IP with a port, e-mail.

use std::net::{IpAddr, SocketAddr};

use super::ValueShape;
use super::profile::Profile;

/// The shape of an IP address, with a port or a prefix length or neither.
///
/// A bare `::` is left alone, and so is `a::b`, which is a path in several languages: an address has
/// a digit, and the caller has seen one.
pub(super) fn address(value: &str) -> Option<ValueShape> {
    if value.parse::<IpAddr>().is_ok() {
        return Some(ValueShape::Ip);
    }
    if value.parse::<SocketAddr>().is_ok() {
        return Some(ValueShape::SocketAddress);
    }
    let (address, length) = value.split_once('/')?;
    let address: IpAddr = address.parse().ok()?;
    let longest = if address.is_ipv4() { 32 } else { 128 };
    (length.parse::<u8>().ok()? <= longest).then_some(ValueShape::Ip)
}

/// `local@domain`, the domain with a dot and a top level of letters: `lodash@4.17.21` is a package.
pub(super) fn is_email(value: &str, profile: &Profile) -> bool {
    let Some((local, domain)) = value.split_once('@') else {
        return false;
    };
    let Some((domain, top)) = domain.rsplit_once('.') else {
        return false;
    };
    let is_host = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.');
    // RFC 5322 atext, and dots.
    let is_local = |byte: u8| {
        byte.is_ascii_alphanumeric() || byte >= 0x80 || b".!#$%&'*+/=?^_`{|}~-".contains(&byte)
    };
    profile.ats == 1
        && profile.slashes == 0
        && !local.is_empty()
        && local.bytes().all(is_local)
        && !domain.is_empty()
        && domain.bytes().all(is_host)
        && top.len() >= 2
        && top.bytes().all(|byte| byte.is_ascii_alphabetic())
}
