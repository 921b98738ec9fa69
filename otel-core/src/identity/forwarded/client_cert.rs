//! `Client-Cert` and `Client-Cert-Chain` of RFC 9440.

#[cfg(feature = "x509")]
use super::base64;
use super::{ForwardedError, Kind, MAX_HEADER};

/// Certificates of a chain that are read.
const MAX_CHAIN: usize = 16;

/// The two headers, their certificates still encoded.
///
/// ```
/// use otel_core::identity::ClientCert;
///
/// let forwarded = ClientCert::parse([":AQID:"], [":BAUG:, :BwgJ:"]).unwrap();
/// assert_eq!(forwarded.chain_len(), 2);
/// assert!(ClientCert::parse([":AQID:", ":AQID:"], []).is_err());
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientCert<'a> {
    leaf: &'a str,
    chain: Vec<&'a str>,
}

impl<'a> ClientCert<'a> {
    /// Reads the lines of `Client-Cert`, of which there may be one, and of `Client-Cert-Chain`.
    ///
    /// # Errors
    ///
    /// When there is no line of the first or more than one, a value is not a byte sequence of RFC 8941,
    /// or there are more than 16 KiB or 16 certificates.
    pub fn parse(
        leaf: impl IntoIterator<Item = &'a str>,
        chain: impl IntoIterator<Item = &'a str>,
    ) -> Result<Self, ForwardedError> {
        let mut lines = leaf.into_iter();
        let line = lines.next().ok_or(ForwardedError::MALFORMED)?;
        if lines.next().is_some() {
            return Err(ForwardedError::new(Kind::Duplicate));
        }
        let mut bytes = line.len();
        let leaf = byte_sequence(line)?;
        let mut list = Vec::new();
        for line in chain {
            bytes += line.len();
            for member in line.split(',') {
                list.push(byte_sequence(member)?);
            }
        }
        if bytes > MAX_HEADER || list.len() >= MAX_CHAIN {
            return Err(ForwardedError::new(Kind::TooLarge));
        }
        Ok(Self { leaf, chain: list })
    }

    /// How many certificates stand above the leaf.
    #[must_use]
    pub const fn chain_len(&self) -> usize {
        self.chain.len()
    }

    /// The certificate of the client, base64.
    #[cfg(feature = "x509")]
    pub(in crate::identity) const fn leaf(&self) -> &'a str {
        self.leaf
    }
}

/// RFC 8941, 3.3.5: base64 between colons. Parameters are allowed and mean nothing here; they must
/// not hold what could be another member.
fn byte_sequence(text: &str) -> Result<&str, ForwardedError> {
    let text = text.trim_matches([' ', '\t']);
    let inner = text.strip_prefix(':').ok_or(ForwardedError::MALFORMED)?;
    let (encoded, parameters) = inner.split_once(':').ok_or(ForwardedError::MALFORMED)?;
    let is_base64 = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'=');
    let is_parameter = parameters.is_empty() || parameters.starts_with(';');
    if encoded.is_empty()
        || !encoded.bytes().all(is_base64)
        || !is_parameter
        || parameters.contains(':')
    {
        return Err(ForwardedError::MALFORMED);
    }
    Ok(encoded)
}

/// The DER of a byte sequence.
#[cfg(feature = "x509")]
pub(in crate::identity) fn decode(encoded: &str) -> Result<Vec<u8>, ForwardedError> {
    base64::decode(encoded.as_bytes()).ok_or(ForwardedError::MALFORMED)
}
