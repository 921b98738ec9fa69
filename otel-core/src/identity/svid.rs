//! What can be wrong with a certificate as an X509-SVID.

use std::fmt;

/// The first rule of the X509-SVID standard that a certificate breaks.
///
/// A certificate that breaks one names nobody: its SPIFFE ID is not looked at further.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SvidViolation {
    /// No certificate of the chain has a URI among its names.
    NoSpiffeId,
    /// More than one URI among the names, of whatever scheme (X509-SVID 2).
    MultipleUriSans,
    /// The URI is not a SPIFFE ID.
    NotSpiffe,
    /// A leaf has the ID of a trust domain, without a path (X509-SVID 3.1).
    RootPath,
    /// The leaf is a certificate authority (X509-SVID 4.1).
    CaLeaf,
    /// A leaf without a key usage (X509-SVID 4.3).
    KeyUsageMissing,
    /// The key usage is not critical (X509-SVID 4.3).
    KeyUsageNotCritical,
    /// The key usage does not include `digitalSignature` (X509-SVID 4.3).
    DigitalSignatureMissing,
    /// The key of a leaf may sign certificates (X509-SVID 4.3).
    KeyCertSign,
    /// The key of a leaf may sign revocation lists (X509-SVID 4.3).
    CrlSign,
    /// The extended key usage lacks `serverAuth` or `clientAuth` (X509-SVID 4.4).
    ExtendedKeyUsage,
    /// The subject is empty and the alternative names are not critical (RFC 5280, 4.2.1.6).
    SanNotCritical,
    /// A URI among the names cannot be decoded.
    UndecodableSan,
    /// An extension occurs twice (RFC 5280, 4.2).
    DuplicateExtension,
    /// The bytes are not a certificate, or one of the extensions above cannot be read.
    Malformed,
    /// A certificate of more than 64 KiB.
    TooLarge,
    /// A chain of more than 16 certificates.
    ChainTooLong,
}

impl SvidViolation {
    /// The word written to attributes.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NoSpiffeId => "no_spiffe_id",
            Self::MultipleUriSans => "multiple_uri_sans",
            Self::NotSpiffe => "not_spiffe",
            Self::RootPath => "root_path",
            Self::CaLeaf => "ca_leaf",
            Self::KeyUsageMissing => "key_usage_missing",
            Self::KeyUsageNotCritical => "key_usage_not_critical",
            Self::DigitalSignatureMissing => "digital_signature_missing",
            Self::KeyCertSign => "key_cert_sign",
            Self::CrlSign => "crl_sign",
            Self::ExtendedKeyUsage => "extended_key_usage",
            Self::SanNotCritical => "san_not_critical",
            Self::UndecodableSan => "undecodable_san",
            Self::DuplicateExtension => "duplicate_extension",
            Self::Malformed => "malformed",
            Self::TooLarge => "too_large",
            Self::ChainTooLong => "chain_too_long",
        }
    }
}

impl fmt::Display for SvidViolation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl std::error::Error for SvidViolation {}
