//! One pass over a text, and which detectors it calls for.
//!
//! Most texts hold nothing that any detector needs, so a text is read once, a table look-up for each
//! byte, and a detector runs only when all it needs was seen. The same pass says whether the text
//! has anything to escape.

use crate::encode::escape;

/// A kind of personal data or secret that is recognised in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Detector {
    /// `alice@example.com`.
    Email,
    /// The user and password of `https://user:password@host`.
    UrlCredentials,
    /// 13 to 19 digits of a card network with a valid check digit (ISO/IEC 7812).
    CardNumber,
    /// A JSON Web Token (RFC 7519).
    Jwt,
    /// What follows `Bearer` or `Basic`.
    Authorization,
    /// A key of a well-known service, known by its prefix, such as `AKIA…` or `ghp_…`.
    ServiceKey,
    /// A private key in PEM.
    PrivateKey,
    /// An IBAN with valid check digits (ISO 13616).
    Iban,
    /// A telephone number in international form: `+` and 8 to 15 digits (E.164).
    Phone,
    /// The value of `password=…`, `"api_key": "…"` and the like.
    Assignment,
    /// An IPv4 or IPv6 address. Not among the defaults.
    IpAddress,
}

/// Bits of what a text holds.
const DIGIT: u8 = 1;
const AT: u8 = 2;
const ASSIGN: u8 = 4;
const PLUS: u8 = 8;
const DASH: u8 = 16;
const UPPER: u8 = 32;
const COLON: u8 = 64;
const ESCAPE: u8 = 128;

static CLASS: [u8; 256] = classes();

const fn classes() -> [u8; 256] {
    let mut table = [0; 256];
    let mut at = 0;
    while at < 256 {
        let byte = at as u8;
        let class = match byte {
            b'0'..=b'9' => DIGIT,
            b'@' => AT,
            b'=' => ASSIGN,
            b':' => ASSIGN | COLON,
            b'+' => PLUS,
            b'-' | b'_' => DASH,
            b'A'..=b'Z' => UPPER,
            _ => 0,
        };
        let class = if escape::may_escape(byte) {
            class | ESCAPE
        } else {
            class
        };
        #[expect(
            clippy::indexing_slicing,
            reason = "below the length, and at compile time"
        )]
        {
            table[at] = class;
        }
        at += 1;
    }
    table
}

/// What one pass over a text has seen.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scan {
    seen: u8,
    digits: u32,
    len: usize,
}

impl Scan {
    pub(crate) fn of(text: &str) -> Self {
        let mut seen = 0;
        let mut digits = 0;
        for &byte in text.as_bytes() {
            let class = CLASS.get(usize::from(byte)).copied().unwrap_or_default();
            seen |= class;
            digits += u32::from(class & DIGIT);
        }
        Self {
            seen,
            digits,
            len: text.len(),
        }
    }

    pub(crate) const fn may_escape(self) -> bool {
        self.seen & ESCAPE != 0
    }

    /// Whether the detector may find anything.
    pub(super) const fn calls_for(self, detector: Detector) -> bool {
        let (needs, digits, len) = match detector {
            Detector::Email => (AT, 0, 6),
            Detector::UrlCredentials => (AT | COLON, 0, 8),
            Detector::CardNumber => (DIGIT, 13, 13),
            Detector::Jwt => (UPPER, 1, 30),
            Detector::Authorization => (UPPER, 0, 14),
            Detector::ServiceKey => (DIGIT, 1, 20),
            Detector::PrivateKey => (DASH | UPPER, 0, 30),
            Detector::Iban => (UPPER | DIGIT, 10, 15),
            Detector::Phone => (PLUS | DIGIT, 8, 9),
            Detector::Assignment => (ASSIGN, 0, 5),
            Detector::IpAddress => (0, 0, 3),
        };
        self.seen & needs == needs && self.digits >= digits && self.len >= len
    }

    /// Whether any detector may find anything, by the cheapest test.
    pub(super) const fn is_suspicious(self) -> bool {
        self.len >= 3 && (self.seen & (AT | ASSIGN | DASH | PLUS) != 0 || self.digits > 0)
    }
}
