//! Any bytes as the certificate of a peer.

use std::process::ExitCode;
use std::time::UNIX_EPOCH;

use otel_core::identity::{AttributeProfile, PeerIdentity, Validity};

/// An SVID of a P-256 key, and an authority with the ID of a trust domain.
const SEEDS: &[&[u8]] = &[
    include_bytes!("../../seeds/svid.der"),
    include_bytes!("../../seeds/authority.der"),
];

const DICTIONARY: &[&[u8]] = &[
    b"\x30\x82",
    b"\x86\x0dspiffe://td/a",
    b"\x82\x01a",
    b"\x06\x03\x55\x1d\x11",
    b"\x06\x03\x55\x1d\x0f\x01\x01\xff\x04\x04\x03\x02\x07\x80",
    b"\x06\x03\x55\x1d\x13",
    b"\xa3",
    b"\x00",
    b"\xff",
    b"\x80",
];

fn main() -> ExitCode {
    otel_fuzz::run(SEEDS, DICTIONARY, |input| {
        // A chain of what is there, cut where the first one ends.
        let (leaf, issuer) = input.split_at(input.len().min(600));
        for chain in [&[input][..], &[leaf, issuer], &[issuer, leaf, input]] {
            let peer = PeerIdentity::of_chain(chain, UNIX_EPOCH).expect("a chain");
            assert_eq!(peer.spiffe_id().is_some(), peer.violation().is_none());
            assert_eq!(peer.chain_depth().is_some(), peer.spiffe_id().is_some());
            assert!(peer.san_uris().count() <= 16 && peer.san_dns().count() <= 16);
            assert!(
                peer.san_dns()
                    .all(|name| !name.contains(['\n', '\r', '\0']))
            );
            assert!(peer.fingerprint().is_some());
            if let (Some(begin), Some(end)) = (peer.not_before(), peer.not_after())
                && begin <= end
            {
                assert_eq!(peer.validity_at(begin), Validity::Current);
            }
            for profile in [AttributeProfile::Own, AttributeProfile::Both] {
                assert!(!peer.attributes(profile).is_empty());
            }
        }
    })
}
