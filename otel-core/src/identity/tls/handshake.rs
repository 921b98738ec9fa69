//! How a handshake ended, in the words of gRPC proposal A118.

use std::io;

use rustls::{AlertDescription, CertificateError, Error, PeerIncompatible};

/// The end of a TLS handshake at a server. The values are labels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(
    clippy::exhaustive_enums,
    reason = "the list of the proposal, which has a value for the rest"
)]
pub enum HandshakeResult {
    /// It failed for a reason that has no word here.
    UnknownFailure,
    /// It succeeded.
    Success,
    /// The peer's certificate was refused for a reason that has no word here, or there was none.
    CertificateVerificationFailed,
    /// The peer's certificate is revoked.
    CertificateRevoked,
    /// The peer's certificate has expired.
    CertificateExpired,
    /// The peer's certificate is not valid yet.
    CertificateNotYetValid,
    /// No trusted authority issued the peer's certificate.
    CertificateAuthorityInvalid,
    /// The peer's certificate is for another name.
    CertificateHostnameMismatch,
    /// The peer's certificate cannot be read.
    CertificateMalformed,
    /// No cipher suite in common.
    CipherSuiteMismatch,
    /// No version of the protocol in common.
    ProtocolVersionUnsupported,
    /// The peer fell back to an older version than it needs.
    InappropriateFallback,
    /// No application protocol in common.
    NoApplicationProtocol,
    /// A signature does not hold.
    SignatureVerificationFailed,
    /// A record could not be decrypted.
    DecryptionFailed,
    /// No key exchange in common.
    KeyExchangeFailure,
    /// A message out of its turn, or none of TLS at all.
    UnexpectedMessage,
    /// It took too long, or was given up for newer ones.
    HandshakeTimeout,
    /// The peer went away.
    PeerConnectionClosed,
}

impl HandshakeResult {
    pub(super) const ALL: [Self; 19] = [
        Self::UnknownFailure,
        Self::Success,
        Self::CertificateVerificationFailed,
        Self::CertificateRevoked,
        Self::CertificateExpired,
        Self::CertificateNotYetValid,
        Self::CertificateAuthorityInvalid,
        Self::CertificateHostnameMismatch,
        Self::CertificateMalformed,
        Self::CipherSuiteMismatch,
        Self::ProtocolVersionUnsupported,
        Self::InappropriateFallback,
        Self::NoApplicationProtocol,
        Self::SignatureVerificationFailed,
        Self::DecryptionFailed,
        Self::KeyExchangeFailure,
        Self::UnexpectedMessage,
        Self::HandshakeTimeout,
        Self::PeerConnectionClosed,
    ];

    /// The word of the proposal.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::UnknownFailure => "UNKNOWN_FAILURE",
            Self::Success => "SUCCESS",
            Self::CertificateVerificationFailed => "CERTIFICATE_VERIFICATION_FAILED",
            Self::CertificateRevoked => "CERTIFICATE_REVOKED",
            Self::CertificateExpired => "CERTIFICATE_EXPIRED",
            Self::CertificateNotYetValid => "CERTIFICATE_NOT_YET_VALID",
            Self::CertificateAuthorityInvalid => "CERTIFICATE_AUTHORITY_INVALID",
            Self::CertificateHostnameMismatch => "CERTIFICATE_HOSTNAME_MISMATCH",
            Self::CertificateMalformed => "CERTIFICATE_MALFORMED",
            Self::CipherSuiteMismatch => "CIPHER_SUITE_MISMATCH",
            Self::ProtocolVersionUnsupported => "PROTOCOL_VERSION_UNSUPPORTED",
            Self::InappropriateFallback => "INAPPROPRIATE_FALLBACK",
            Self::NoApplicationProtocol => "NO_APPLICATION_PROTOCOL",
            Self::SignatureVerificationFailed => "SIGNATURE_VERIFICATION_FAILED",
            Self::DecryptionFailed => "DECRYPTION_FAILED",
            Self::KeyExchangeFailure => "KEY_EXCHANGE_FAILURE",
            Self::UnexpectedMessage => "UNEXPECTED_MESSAGE",
            Self::HandshakeTimeout => "HANDSHAKE_TIMEOUT",
            Self::PeerConnectionClosed => "PEER_CONNECTION_CLOSED",
        }
    }

    /// The result of an error that ended a handshake.
    #[must_use]
    pub fn of(error: &io::Error) -> Self {
        let cause = error.get_ref().and_then(|cause| cause.downcast_ref());
        match (cause, error.kind()) {
            (Some(error), _) => of_rustls(error),
            (None, io::ErrorKind::TimedOut) => Self::HandshakeTimeout,
            (
                None,
                io::ErrorKind::UnexpectedEof
                | io::ErrorKind::ConnectionReset
                | io::ErrorKind::ConnectionAborted
                | io::ErrorKind::BrokenPipe,
            ) => Self::PeerConnectionClosed,
            (None, _) => Self::UnknownFailure,
        }
    }
}

fn of_rustls(error: &Error) -> HandshakeResult {
    use HandshakeResult as R;

    match error {
        Error::InvalidCertificate(error) => of_certificate(error),
        Error::NoCertificatesPresented => R::CertificateVerificationFailed,
        Error::InvalidCertRevocationList(_) => R::CertificateVerificationFailed,
        Error::PeerIncompatible(why) => of_incompatible(why),
        Error::AlertReceived(alert) => of_alert(*alert),
        Error::NoApplicationProtocol => R::NoApplicationProtocol,
        Error::DecryptError => R::DecryptionFailed,
        Error::InappropriateMessage { .. }
        | Error::InappropriateHandshakeMessage { .. }
        | Error::InvalidMessage(_)
        | Error::PeerSentOversizedRecord => R::UnexpectedMessage,
        _ => R::UnknownFailure,
    }
}

const fn of_certificate(error: &CertificateError) -> HandshakeResult {
    use HandshakeResult as R;

    match error {
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
            R::CertificateExpired
        }
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            R::CertificateNotYetValid
        }
        CertificateError::Revoked => R::CertificateRevoked,
        CertificateError::UnknownIssuer => R::CertificateAuthorityInvalid,
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            R::CertificateHostnameMismatch
        }
        CertificateError::BadEncoding => R::CertificateMalformed,
        CertificateError::BadSignature => R::SignatureVerificationFailed,
        _ => R::CertificateVerificationFailed,
    }
}

const fn of_incompatible(why: &PeerIncompatible) -> HandshakeResult {
    use HandshakeResult as R;

    match why {
        PeerIncompatible::NoCipherSuitesInCommon => R::CipherSuiteMismatch,
        PeerIncompatible::NoKxGroupsInCommon
        | PeerIncompatible::KeyShareExtensionRequired
        | PeerIncompatible::NamedGroupsExtensionRequired => R::KeyExchangeFailure,
        PeerIncompatible::ServerDoesNotSupportTls12Or13
        | PeerIncompatible::ServerTlsVersionIsDisabledByOurConfig
        | PeerIncompatible::SupportedVersionsExtensionRequired
        | PeerIncompatible::Tls12NotOffered
        | PeerIncompatible::Tls12NotOfferedOrEnabled => R::ProtocolVersionUnsupported,
        _ => R::UnknownFailure,
    }
}

/// What the peer did not like: of our certificate, or of the agreement.
const fn of_alert(alert: AlertDescription) -> HandshakeResult {
    use HandshakeResult as R;

    match alert {
        AlertDescription::BadCertificate
        | AlertDescription::UnsupportedCertificate
        | AlertDescription::CertificateUnknown
        | AlertDescription::CertificateRequired => R::CertificateVerificationFailed,
        AlertDescription::CertificateRevoked => R::CertificateRevoked,
        AlertDescription::CertificateExpired => R::CertificateExpired,
        AlertDescription::UnknownCA => R::CertificateAuthorityInvalid,
        AlertDescription::ProtocolVersion => R::ProtocolVersionUnsupported,
        AlertDescription::InappropriateFallback => R::InappropriateFallback,
        AlertDescription::NoApplicationProtocol => R::NoApplicationProtocol,
        AlertDescription::DecryptError => R::SignatureVerificationFailed,
        AlertDescription::DecryptionFailed | AlertDescription::BadRecordMac => R::DecryptionFailed,
        AlertDescription::UnexpectedMessage => R::UnexpectedMessage,
        AlertDescription::CloseNotify | AlertDescription::UserCanceled => R::PeerConnectionClosed,
        _ => R::UnknownFailure,
    }
}
