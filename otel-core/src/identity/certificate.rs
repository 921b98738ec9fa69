//! One X.509 certificate, read for what it says of identity.
//!
//! A certificate is a stranger's text: what is kept of it is bounded, and one pass over its
//! extensions finds the names and every rule of the X509-SVID standard it breaks. Whether it is
//! genuine is for the TLS library; nothing here verifies a signature.

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::{GeneralName, KeyUsage, ParsedExtension};
use x509_parser::oid_registry::{
    OID_X509_EXT_BASIC_CONSTRAINTS, OID_X509_EXT_EXTENDED_KEY_USAGE, OID_X509_EXT_KEY_USAGE,
    OID_X509_EXT_SUBJECT_ALT_NAME,
};
use x509_parser::prelude::FromDer;
use x509_parser::x509::X509Name;

use super::hex::to_hex;
use super::text::safe_text;
use super::{Fingerprint, SpiffeId, SpiffeIdRef, SvidViolation};

/// Longest certificate that is read, bytes: what fits into a message of the handshake.
const MAX_DER: usize = 64 * 1024;
/// Names of each sort that are kept; all are looked at.
const MAX_NAMES: usize = 16;
/// RFC 5280, 4.1.2.2: at most 20 bytes. A number this much longer is not kept.
const MAX_SERIAL: usize = 32;
/// The tag of a URI among the general names (RFC 5280, 4.2.1.6).
const URI_TAG: u32 = 6;

/// What a certificate says, apart from whether it may.
#[derive(Debug)]
pub(super) struct Certificate {
    pub(super) fingerprint: Fingerprint,
    pub(super) serial: Option<Arc<str>>,
    pub(super) issuer_hash: Fingerprint,
    pub(super) validity: Option<(SystemTime, SystemTime)>,
    pub(super) names: Names,
    pub(super) subject: Box<[u8]>,
    pub(super) issuer: Box<[u8]>,
    rules: Rules,
}

/// The alternative names.
#[derive(Debug, Default)]
pub(super) struct Names {
    pub(super) uris: Vec<Arc<str>>,
    pub(super) dns: Vec<Arc<str>>,
    pub(super) truncated: bool,
    /// URIs in the whole list, decodable or not.
    uri_count: usize,
    undecodable: bool,
    spiffe_id: Option<SpiffeId>,
}

/// What the rules of an X509-SVID depend on.
#[derive(Debug, Default)]
struct Rules {
    is_ca: bool,
    key_usage: Option<KeyUsage>,
    key_usage_critical: bool,
    bad_extended_key_usage: bool,
    san_critical: bool,
    subject_empty: bool,
    broken: Option<SvidViolation>,
}

impl Certificate {
    /// Reads a certificate.
    pub(super) fn parse(der: &[u8]) -> Result<Self, SvidViolation> {
        if der.len() > MAX_DER {
            return Err(SvidViolation::TooLarge);
        }
        let (rest, certificate) =
            X509Certificate::from_der(der).or(Err(SvidViolation::Malformed))?;
        if !rest.is_empty() {
            return Err(SvidViolation::Malformed);
        }
        let mut rules = Rules {
            subject_empty: certificate.subject().iter_rdn().next().is_none(),
            ..Rules::default()
        };
        let names = rules.read(&certificate);
        let validity = certificate.validity();
        Ok(Self {
            fingerprint: Fingerprint::of(der),
            serial: serial(certificate.raw_serial()),
            issuer_hash: Fingerprint::of(certificate.issuer().as_raw()),
            validity: time(validity.not_before.timestamp())
                .zip(time(validity.not_after.timestamp())),
            names,
            subject: certificate.subject().as_raw().into(),
            issuer: certificate.issuer().as_raw().into(),
            rules,
        })
    }

    /// The SPIFFE ID of the certificate as the leaf of a chain, if it keeps every rule.
    pub(super) fn leaf_id(&self) -> Result<SpiffeId, SvidViolation> {
        let rules = &self.rules;
        let id = self.bearer_id()?;
        if id.path().is_empty() {
            return Err(SvidViolation::RootPath);
        }
        if rules.is_ca {
            return Err(SvidViolation::CaLeaf);
        }
        let usage = rules.key_usage.as_ref();
        let usage = usage.ok_or(SvidViolation::KeyUsageMissing)?;
        for (broken, violation) in [
            (
                !rules.key_usage_critical,
                SvidViolation::KeyUsageNotCritical,
            ),
            (
                !usage.digital_signature(),
                SvidViolation::DigitalSignatureMissing,
            ),
            (usage.key_cert_sign(), SvidViolation::KeyCertSign),
            (usage.crl_sign(), SvidViolation::CrlSign),
            (
                rules.bad_extended_key_usage,
                SvidViolation::ExtendedKeyUsage,
            ),
            (
                rules.subject_empty && !rules.san_critical,
                SvidViolation::SanNotCritical,
            ),
        ] {
            if broken {
                return Err(violation);
            }
        }
        Ok(id)
    }

    /// The one SPIFFE ID among the names, wherever in a chain the certificate stands.
    pub(super) fn bearer_id(&self) -> Result<SpiffeId, SvidViolation> {
        let names = &self.names;
        match (self.rules.broken, names.uri_count) {
            (Some(broken), _) => Err(broken),
            (None, 0) => Err(SvidViolation::NoSpiffeId),
            (None, 2..) => Err(SvidViolation::MultipleUriSans),
            (None, 1) if names.undecodable => Err(SvidViolation::UndecodableSan),
            (None, 1) => names.spiffe_id.clone().ok_or(SvidViolation::NotSpiffe),
        }
    }

    /// Whether it may stand above another: an authority whose key signs certificates.
    pub(super) fn is_issuer(&self) -> bool {
        self.rules.is_ca
            && self
                .rules
                .key_usage
                .as_ref()
                .is_none_or(KeyUsage::key_cert_sign)
    }
}

impl Rules {
    /// One pass over the extensions.
    fn read(&mut self, certificate: &X509Certificate<'_>) -> Names {
        let mut names = Names::default();
        let mut seen = [false; 4];
        for extension in certificate.iter_extensions() {
            let which = match extension.parsed_extension() {
                ParsedExtension::BasicConstraints(constraints) => {
                    self.is_ca |= constraints.ca;
                    0
                }
                ParsedExtension::KeyUsage(usage) => {
                    self.key_usage = Some(*usage);
                    self.key_usage_critical = extension.critical;
                    1
                }
                ParsedExtension::ExtendedKeyUsage(usage) => {
                    self.bad_extended_key_usage = !(usage.server_auth && usage.client_auth);
                    2
                }
                ParsedExtension::SubjectAlternativeName(list) => {
                    self.san_critical = extension.critical;
                    names.read(&list.general_names);
                    3
                }
                ParsedExtension::ParseError { .. } => {
                    let matters = [
                        OID_X509_EXT_BASIC_CONSTRAINTS,
                        OID_X509_EXT_KEY_USAGE,
                        OID_X509_EXT_EXTENDED_KEY_USAGE,
                        OID_X509_EXT_SUBJECT_ALT_NAME,
                    ];
                    if matters.contains(&extension.oid) {
                        self.broken.get_or_insert(SvidViolation::Malformed);
                    }
                    continue;
                }
                _ => continue,
            };
            if let Some(seen) = seen.get_mut(which)
                && std::mem::replace(seen, true)
            {
                self.broken.get_or_insert(SvidViolation::DuplicateExtension);
            }
        }
        names
    }
}

impl Names {
    fn read(&mut self, list: &[GeneralName<'_>]) {
        for name in list {
            match name {
                GeneralName::URI(uri) => {
                    self.uri_count += 1;
                    if self.uris.len() >= MAX_NAMES {
                        // Too many for a SPIFFE ID among them to count.
                        self.truncated = true;
                        continue;
                    }
                    match SpiffeIdRef::parse(uri) {
                        Ok(id) if self.spiffe_id.is_none() => {
                            let id = id.to_spiffe_id();
                            self.uris.push(id.to_shared());
                            self.spiffe_id = Some(id);
                        }
                        _ => self.uris.push(safe_text(uri).into()),
                    }
                }
                GeneralName::DNSName(dns) if self.dns.len() < MAX_NAMES => {
                    self.dns.push(safe_text(dns).into());
                }
                GeneralName::DNSName(_) => self.truncated = true,
                // The parser goes on after a name it cannot read; a URI among these must not vanish.
                GeneralName::Invalid(tag, _) if tag.0 == URI_TAG => {
                    self.uri_count += 1;
                    self.undecodable = true;
                }
                _ => {}
            }
        }
    }
}

fn serial(bytes: &[u8]) -> Option<Arc<str>> {
    let leading = bytes.iter().take_while(|byte| **byte == 0).count();
    let significant = bytes.get(leading.min(bytes.len().saturating_sub(1))..)?;
    (significant.len() <= MAX_SERIAL).then(|| to_hex(significant).into())
}

fn time(seconds: i64) -> Option<SystemTime> {
    let distance = Duration::from_secs(seconds.unsigned_abs());
    match seconds {
        0.. => UNIX_EPOCH.checked_add(distance),
        _ => UNIX_EPOCH.checked_sub(distance),
    }
}

/// A name in DER as text, made fit for a log.
pub(super) fn name_text(der: &[u8]) -> Option<String> {
    let (_, name) = X509Name::from_der(der).ok()?;
    Some(safe_text(&name.to_string()))
}
