//! Envoy's `x-forwarded-client-cert`.
//!
//! A list of elements, one for each proxy that appended its client, joined by commas; an element is
//! `key=value` pairs joined by semicolons. The last element is of the nearest proxy.

use std::borrow::Cow;
use std::str::FromStr;

use super::xfcc_scan::{Scanner, Token};
use super::{ForwardedError, Kind, MAX_HEADER};
use crate::identity::Fingerprint;

/// Elements that are read: more hops than a request has.
const MAX_ELEMENTS: usize = 8;
/// Pairs of an element, DNS names apart.
const MAX_PAIRS: usize = 32;
/// DNS names of an element.
const MAX_DNS: usize = 64;

/// The header, read.
///
/// ```
/// use otel_core::identity::Xfcc;
///
/// let header = r#"By=spiffe://a.org/proxy;Subject="CN=web;O=\"x\"";URI=spiffe://a.org/web"#;
/// let xfcc = Xfcc::parse(header).unwrap();
/// let element = xfcc.elements().next().unwrap();
/// assert_eq!(element.subject(), Some(r#"CN=web;O="x""#));
/// assert_eq!(element.uris().collect::<Vec<_>>(), ["spiffe://a.org/web"]);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Xfcc<'a> {
    elements: Vec<XfccElement<'a>>,
}

/// What one proxy says of its client.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct XfccElement<'a> {
    by: Vec<Cow<'a, str>>,
    hash: Option<Fingerprint>,
    cert: Option<Cow<'a, str>>,
    chain: Option<Cow<'a, str>>,
    subject: Option<Cow<'a, str>>,
    issuer: Option<Cow<'a, str>>,
    uris: Vec<Cow<'a, str>>,
    dns: Vec<Cow<'a, str>>,
    unknown: usize,
}

impl<'a> Xfcc<'a> {
    /// Reads the text form of the header, several lines joined by commas.
    ///
    /// # Errors
    ///
    /// When a quote is not closed, a pair has no key or no `=`, `Hash`, `Cert`, `Chain`, `Subject` or
    /// `Issuer` occurs twice in an element, `Hash` is no SHA-256, or the header is larger than 16 KiB,
    /// 8 elements, 32 pairs or 64 DNS names an element. The JSON form is refused.
    pub fn parse(header: &'a str) -> Result<Self, ForwardedError> {
        if header.len() > MAX_HEADER {
            return Err(ForwardedError::new(Kind::TooLarge));
        }
        let mut scanner = Scanner::new(header.trim_matches([' ', '\t']));
        let mut elements = Vec::with_capacity(1);
        let mut element = XfccElement::default();
        let mut pairs = 0;
        while let Some(token) = scanner.next()? {
            match token {
                Token::Pair(key, value) => {
                    pairs += 1;
                    element.add(key, value)?;
                    if pairs - element.dns.len() > MAX_PAIRS || element.dns.len() > MAX_DNS {
                        return Err(ForwardedError::new(Kind::TooLarge));
                    }
                }
                Token::Comma => {
                    elements.push(std::mem::take(&mut element));
                    pairs = 0;
                    if elements.len() >= MAX_ELEMENTS {
                        return Err(ForwardedError::new(Kind::TooLarge));
                    }
                }
            }
        }
        elements.push(element);
        Ok(Self { elements })
    }

    /// From the proxy farthest away to the nearest one.
    #[must_use]
    pub fn elements(&self) -> impl DoubleEndedIterator<Item = &XfccElement<'a>> {
        self.elements.iter()
    }
}

impl<'a> XfccElement<'a> {
    fn add(&mut self, key: &str, value: Cow<'a, str>) -> Result<(), ForwardedError> {
        let once = |slot: &mut Option<Cow<'a, str>>, value| match slot.replace(value) {
            None => Ok(()),
            Some(_) => Err(ForwardedError::new(Kind::Duplicate)),
        };
        let is = |name: &str| key.eq_ignore_ascii_case(name);
        if is("By") {
            self.by.push(value);
        } else if is("URI") {
            // Envoy writes an empty one for a certificate without.
            self.uris.extend(Some(value).filter(|uri| !uri.is_empty()));
        } else if is("DNS") {
            self.dns.push(value);
        } else if is("Hash") {
            let hash = Fingerprint::from_str(&value).or(Err(ForwardedError::MALFORMED))?;
            if self.hash.replace(hash).is_some() {
                return Err(ForwardedError::new(Kind::Duplicate));
            }
        } else if is("Cert") {
            once(&mut self.cert, value)?;
        } else if is("Chain") {
            once(&mut self.chain, value)?;
        } else if is("Subject") {
            once(&mut self.subject, value)?;
        } else if is("Issuer") {
            once(&mut self.issuer, value)?;
        } else {
            self.unknown += 1;
        }
        Ok(())
    }

    /// `By`: the URIs of the proxy's own certificate.
    pub fn by(&self) -> impl Iterator<Item = &str> {
        self.by.iter().map(AsRef::as_ref)
    }

    /// `Hash`: SHA-256 of the client's certificate.
    #[must_use]
    pub const fn hash(&self) -> Option<&Fingerprint> {
        self.hash.as_ref()
    }

    /// `Cert`: the client's certificate, percent-encoded PEM.
    #[must_use]
    pub fn cert(&self) -> Option<&str> {
        self.cert.as_deref()
    }

    /// `Chain`: the client's chain with its leaf, percent-encoded PEM.
    #[must_use]
    pub fn chain(&self) -> Option<&str> {
        self.chain.as_deref()
    }

    /// `Subject` of the client's certificate.
    #[must_use]
    pub fn subject(&self) -> Option<&str> {
        self.subject.as_deref()
    }

    /// `Issuer` of the client's certificate.
    #[must_use]
    pub fn issuer(&self) -> Option<&str> {
        self.issuer.as_deref()
    }

    /// `URI`: the URIs of the client's certificate.
    pub fn uris(&self) -> impl Iterator<Item = &str> {
        self.uris.iter().map(AsRef::as_ref)
    }

    /// `DNS`: the DNS names of the client's certificate.
    pub fn dns(&self) -> impl Iterator<Item = &str> {
        self.dns.iter().map(AsRef::as_ref)
    }

    /// Pairs whose key is none of these.
    #[must_use]
    pub const fn unknown_pairs(&self) -> usize {
        self.unknown
    }
}
