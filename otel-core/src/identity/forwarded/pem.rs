//! The certificate in a percent-encoded PEM text, as Envoy writes it.

use super::base64;

const BEGIN: &[u8] = b"-----BEGIN CERTIFICATE-----";
const END: &[u8] = b"-----END CERTIFICATE-----";

/// The DER of the first certificate of a percent-encoded PEM text.
pub(in crate::identity) fn first_certificate(encoded: &str) -> Option<Vec<u8>> {
    let text = percent_decode(encoded)?;
    let text = text.trim_ascii().strip_prefix(BEGIN)?;
    let end = text.windows(END.len()).position(|window| window == END)?;
    let base64: Vec<u8> = text
        .get(..end)?
        .iter()
        .copied()
        .filter(|byte| !matches!(byte, b'\n' | b'\r'))
        .collect();
    base64::decode(&base64)
}

/// RFC 3986, 2.1. A plus sign is a plus sign.
fn percent_decode(text: &str) -> Option<Vec<u8>> {
    let mut decoded = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        if byte == b'%' {
            let high = char::from(bytes.next()?).to_digit(16)?;
            let low = char::from(bytes.next()?).to_digit(16)?;
            decoded.push(u8::try_from(high * 16 + low).ok()?);
        } else {
            decoded.push(byte);
        }
    }
    Some(decoded)
}
