//! Which proxies are believed.
//!
//! The conventions take client, scheme and host from forwarding headers, and anybody can send those.
//! So none of them is read until it is said who stands in front of the service.

use std::net::IpAddr;
use std::num::NonZeroU8;

use http::HeaderMap;
use otel_core::ConfigError;

use crate::attributes::{Forwarded, Hops};

/// Which proxies' word is taken for the client, the scheme and the host of a request.
///
/// ```
/// use otel_http::ForwardedTrust;
///
/// let one_load_balancer = ForwardedTrust::hops(1)?;
/// let mesh = ForwardedTrust::networks(["10.0.0.0/8", "fd00::/8"])?.with_forwarded_header();
/// # let _ = (one_load_balancer, mesh);
/// # Ok::<(), otel_core::ConfigError>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct ForwardedTrust {
    trusted: Trusted,
    is_standard: bool,
}

#[derive(Clone, Debug, Default)]
enum Trusted {
    #[default]
    Nobody,
    Hops(usize),
    Networks(Box<[Network]>),
}

impl ForwardedTrust {
    /// Nobody is believed: the client is the peer of the connection.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// So many proxies, one behind the other, stand in front of the service on every way to it.
    ///
    /// A request with a shorter list has come another way: of it nothing is believed.
    ///
    /// # Errors
    ///
    /// When `proxies` is 0.
    pub fn hops(proxies: u8) -> Result<Self, ConfigError> {
        let proxies = NonZeroU8::new(proxies)
            .ok_or_else(|| ConfigError::invalid("ForwardedTrust::hops", "at least 1"))?;
        Ok(Self {
            trusted: Trusted::Hops(usize::from(proxies.get())),
            is_standard: false,
        })
    }

    /// Proxies have addresses in these networks, such as `10.0.0.0/8` or `fd00::/8`; the client is
    /// the last address in the list that has not.
    ///
    /// The peer of the connection has to be one of them, so its address must be
    /// [known](crate::server::HttpServerBuilder::with_peer_address).
    ///
    /// # Errors
    ///
    /// When one of them is not a network, or there is none.
    pub fn networks<'a>(networks: impl IntoIterator<Item = &'a str>) -> Result<Self, ConfigError> {
        let refused = || ConfigError::invalid("ForwardedTrust::networks", "such as `10.0.0.0/8`");
        let networks: Box<[Network]> = networks
            .into_iter()
            .map(|text| Network::parse(text).ok_or_else(refused))
            .collect::<Result<_, _>>()?;
        if networks.is_empty() {
            return Err(refused());
        }
        Ok(Self {
            trusted: Trusted::Networks(networks),
            is_standard: false,
        })
    }

    /// Reads `Forwarded` (RFC 7239) in place of `X-Forwarded-For`, `-Proto` and `-Host`.
    ///
    /// Only one of the two is ever read: a proxy that writes one passes the other on as the caller
    /// sent it.
    #[must_use]
    pub fn with_forwarded_header(mut self) -> Self {
        self.is_standard = true;
        self
    }

    /// Whether nobody is believed.
    pub(crate) const fn is_none(&self) -> bool {
        matches!(self.trusted, Trusted::Nobody)
    }

    /// What can be believed of these headers, which came from this peer.
    pub(crate) fn read<'a>(&self, headers: &'a HeaderMap, peer: Option<IpAddr>) -> Forwarded<'a> {
        if matches!(self.trusted, Trusted::Nobody) {
            return Forwarded::default();
        }
        let hops = match self.is_standard {
            true => Hops::of_forwarded(headers),
            false => Hops::of_x_forwarded(headers),
        };
        let Some(hops) = hops else {
            return Forwarded::default();
        };
        match &self.trusted {
            Trusted::Nobody => Forwarded::default(),
            Trusted::Hops(proxies) if hops.clients().count() < *proxies => Forwarded::default(),
            Trusted::Hops(proxies) => hops.at(*proxies),
            Trusted::Networks(networks) => {
                let is_proxy = |address: Option<IpAddr>| {
                    let address = address.map(|address| address.to_canonical());
                    address.is_some_and(|address| {
                        networks.iter().any(|network| network.contains(address))
                    })
                };
                if !is_proxy(peer) {
                    return Forwarded::default();
                }
                let behind = hops
                    .clients()
                    .take_while(|client| is_proxy(*client))
                    .count();
                // Where all of them are proxies, the first is the client.
                hops.at((behind + 1).min(hops.clients().count().max(1)))
            }
        }
    }
}

/// Addresses that begin alike.
#[derive(Clone, Copy, Debug)]
struct Network {
    address: IpAddr,
    prefix: u8,
}

impl Network {
    fn parse(text: &str) -> Option<Self> {
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix.parse().ok()?)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().ok()?;
        let longest = if address.is_ipv4() { 32 } else { 128 };
        let prefix = prefix.unwrap_or(longest);
        (prefix <= longest).then_some(Self { address, prefix })
    }

    fn contains(self, address: IpAddr) -> bool {
        let differing = match (self.address, address) {
            (IpAddr::V4(own), IpAddr::V4(other)) => {
                u128::from(own.to_bits() ^ other.to_bits()) << 96
            }
            (IpAddr::V6(own), IpAddr::V6(other)) => own.to_bits() ^ other.to_bits(),
            _ => return false,
        };
        differing.leading_zeros() >= u32::from(self.prefix)
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn client(trust: &ForwardedTrust, list: &'static str, peer: &str) -> Option<String> {
        let mut headers = HeaderMap::new();
        headers.insert("x-forwarded-for", HeaderValue::from_static(list));
        headers.insert("forwarded", HeaderValue::from_static("for=66.66.66.66"));
        let seen = trust.read(&headers, peer.parse().ok());
        seen.client.map(|client| client.to_string())
    }

    #[test]
    fn who_is_believed() {
        let networks = ForwardedTrust::networks(["10.0.0.0/8", "fd00::/8", "192.0.2.7"]).unwrap();
        let hops = |proxies| ForwardedTrust::hops(proxies).unwrap();
        for (trust, list, peer, expected) in [
            (ForwardedTrust::none(), "1.1.1.1", "10.0.0.1", None),
            (hops(1), "6.6.6.6, 1.1.1.1", "", Some("1.1.1.1")),
            (hops(2), "6.6.6.6, 1.1.1.1, 10.0.0.1", "", Some("1.1.1.1")),
            // A caller that came past the outer proxy.
            (hops(2), "6.6.6.6", "", None),
            (
                networks.clone(),
                "6.6.6.6, 1.1.1.1, 10.9.9.9",
                "10.0.0.1",
                Some("1.1.1.1"),
            ),
            (networks.clone(), "1.1.1.1", "fd00::1", Some("1.1.1.1")),
            (
                networks.clone(),
                "1.1.1.1, 192.0.2.7",
                "::ffff:10.0.0.1",
                Some("1.1.1.1"),
            ),
            (
                networks.clone(),
                "10.1.1.1, 10.2.2.2",
                "10.0.0.1",
                Some("10.1.1.1"),
            ),
            // What is not an address ends the chain: nobody vouches for what is left of it.
            (networks.clone(), "1.1.1.1, junk", "10.0.0.1", None),
            // A caller that says it is a proxy, from outside.
            (networks.clone(), "1.1.1.1", "203.0.113.9", None),
            (networks, "1.1.1.1", "", None),
        ] {
            let what = format!("{trust:?}, {list}, {peer}");
            assert_eq!(client(&trust, list, peer).as_deref(), expected, "{what}");
        }
    }

    #[test]
    fn only_one_kind_of_header_is_read() {
        let standard = ForwardedTrust::hops(1).unwrap().with_forwarded_header();
        assert_eq!(
            client(&standard, "1.1.1.1", "").as_deref(),
            Some("66.66.66.66")
        );
    }

    #[test]
    fn what_is_no_network_is_refused() {
        for bad in ["", "10.0.0.0/33", "fd00::/129", "10.0.0/8", "10.0.0.0/x"] {
            assert!(ForwardedTrust::networks([bad]).is_err(), "{bad}");
        }
        assert!(ForwardedTrust::networks([]).is_err());
        assert!(ForwardedTrust::hops(0).is_err());
    }
}
