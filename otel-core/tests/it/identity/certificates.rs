//! Certificates of every kind, read as a peer.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use otel_core::identity::{
    AttributeProfile, Fingerprint, IdentityTrust, PeerIdentity, SvidViolation, Validity,
};
use proptest::prelude::*;
use testkit::pki::rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, KeyUsagePurpose,
    SerialNumber, date_time_ymd,
};
use testkit::pki::{Authority, CustomExtension, Leaf, dns_name, uri_name};

const WEB: &str = "spiffe://prod.example.org/ns/shop/sa/web";
const NOW: SystemTime = UNIX_EPOCH;

fn peer(leaf: &Leaf) -> PeerIdentity {
    PeerIdentity::of_chain(&leaf.chain, NOW).unwrap()
}

/// The alternative names as an extension of any content.
fn san(content: &[u8]) -> CustomExtension {
    CustomExtension::from_oid_content(&[2, 5, 29, 17], content.to_vec())
}

#[test]
fn an_svid_is_read_whole() {
    let authority = Authority::root("prod.example.org");
    let leaf = authority.leaf(WEB, |params| {
        params.serial_number = Some(SerialNumber::from_slice(&[0x00, 0x9a, 0x01, 0xff]));
        params.subject_alt_names.push(dns_name("web.test"));
        params.not_before = date_time_ymd(2026, 1, 2);
        params.not_after = date_time_ymd(2026, 1, 3);
    });
    let peer = peer(&leaf);
    assert_eq!(peer.spiffe_id().unwrap().as_str(), WEB);
    assert_eq!(peer.trust_domain(), Some("prod.example.org"));
    assert_eq!(peer.trust(), IdentityTrust::Verified);
    assert_eq!(peer.violation(), None);
    assert_eq!(peer.chain_depth(), Some(1));
    assert_eq!(peer.serial(), Some("9a01ff"));
    assert_eq!(peer.fingerprint(), Some(&Fingerprint::of(&leaf.chain[0])));
    assert_eq!(peer.san_uris().collect::<Vec<_>>(), [WEB]);
    assert_eq!(peer.san_dns().collect::<Vec<_>>(), ["web.test"]);
    assert_eq!(peer.subject().unwrap(), "O=test, CN=a workload");
    assert_eq!(
        peer.issuer().unwrap(),
        "O=test, CN=prod.example.org authority"
    );
    let begin = UNIX_EPOCH + Duration::from_secs(1_767_312_000);
    assert_eq!(peer.not_before(), Some(begin));
    assert_eq!(peer.not_after(), Some(begin + Duration::from_secs(86_400)));
}

#[test]
fn every_broken_rule_has_its_name_and_leaves_no_identity() {
    use SvidViolation as V;

    type Change = fn(&mut CertificateParams);
    let rows: &[(&str, Change, V)] = &[
        ("", |_| {}, V::NoSpiffeId),
        (
            "",
            |p| p.subject_alt_names.push(dns_name("a.test")),
            V::NoSpiffeId,
        ),
        (
            WEB,
            |p| p.subject_alt_names.push(uri_name("spiffe://other.org/a")),
            V::MultipleUriSans,
        ),
        (
            WEB,
            |p| p.subject_alt_names.push(uri_name("https://a.test/")),
            V::MultipleUriSans,
        ),
        ("https://a.test/", |_| {}, V::NotSpiffe),
        ("spiffe://host:1234/path", |_| {}, V::NotSpiffe),
        ("spiffe://td/a\0b", |_| {}, V::NotSpiffe),
        ("spiffe://prod.example.org", |_| {}, V::RootPath),
        (
            WEB,
            |p| p.is_ca = IsCa::Ca(BasicConstraints::Unconstrained),
            V::CaLeaf,
        ),
        (WEB, |p| p.key_usages.clear(), V::KeyUsageMissing),
        (
            WEB,
            |p| p.key_usages = vec![KeyUsagePurpose::KeyEncipherment],
            V::DigitalSignatureMissing,
        ),
        (
            WEB,
            |p| p.key_usages.push(KeyUsagePurpose::KeyCertSign),
            V::KeyCertSign,
        ),
        (
            WEB,
            |p| p.key_usages.push(KeyUsagePurpose::CrlSign),
            V::CrlSign,
        ),
        (
            WEB,
            |p| {
                p.key_usages.clear();
                // digitalSignature alone, not critical.
                let usage = CustomExtension::from_oid_content(&[2, 5, 29, 15], vec![3, 2, 7, 0x80]);
                p.custom_extensions.push(usage);
            },
            V::KeyUsageNotCritical,
        ),
        (
            WEB,
            |p| p.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth],
            V::ExtendedKeyUsage,
        ),
        (
            WEB,
            |p| p.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth],
            V::ExtendedKeyUsage,
        ),
        // One URI that is not text, alone and beside a good one.
        (
            "",
            |p| {
                p.custom_extensions
                    .push(san(&[0x30, 4, 0x86, 2, 0xff, 0xfe]))
            },
            V::UndecodableSan,
        ),
        (
            "",
            |p| {
                p.custom_extensions
                    .push(san(b"\x30\x13\x86\x02\xff\xfe\x86\x0dspiffe://td/a"))
            },
            V::MultipleUriSans,
        ),
        // A length that leads out of the extension.
        (
            "",
            |p| {
                p.custom_extensions
                    .push(san(&[0x30, 9, 0x86, 2, b'a', b'b']))
            },
            V::Malformed,
        ),
        (
            WEB,
            |p| {
                p.custom_extensions
                    .push(san(b"\x30\x0f\x86\x0dspiffe://td/a"))
            },
            V::DuplicateExtension,
        ),
        (
            "",
            |p| {
                p.distinguished_name = Default::default();
                p.custom_extensions
                    .push(san(b"\x30\x0f\x86\x0dspiffe://td/a"));
            },
            V::SanNotCritical,
        ),
    ];
    let authority = Authority::root("prod.example.org");
    for (uri, change, violation) in rows {
        let peer = peer(&authority.leaf(uri, change));
        assert_eq!(peer.violation(), Some(*violation), "{uri:?}");
        assert_eq!(peer.spiffe_id(), None, "{violation}");
        assert!(peer.fingerprint().is_some() && peer.serial().is_some());
    }
}

#[test]
fn what_the_rules_leave_open_is_accepted() {
    type Change = fn(&mut CertificateParams);
    let rows: &[(&str, Change)] = &[
        ("spiffe://Prod.Example.ORG/a", |_| {}),
        (WEB, |p| p.extended_key_usages.clear()),
        (WEB, |p| p.is_ca = IsCa::NoCa),
        (WEB, |p| p.key_usages.push(KeyUsagePurpose::KeyEncipherment)),
        // Undecodable, but no URI.
        ("", |p| {
            p.custom_extensions
                .push(san(b"\x30\x13\x82\x02\xff\xfe\x86\x0dspiffe://td/a"));
        }),
        ("", |p| {
            p.distinguished_name = Default::default();
            let mut names = san(b"\x30\x0f\x86\x0dspiffe://td/a");
            names.set_criticality(true);
            p.custom_extensions.push(names);
        }),
    ];
    let authority = Authority::root("prod.example.org");
    for (uri, change) in rows {
        let peer = peer(&authority.leaf(uri, change));
        assert_eq!(peer.violation(), None, "{uri:?}");
        assert!(peer.spiffe_id().is_some());
    }
}

#[test]
fn validity_is_a_matter_of_the_moment() {
    let authority = Authority::root("prod.example.org");
    let leaf = authority.leaf(WEB, |params| {
        params.not_before = date_time_ymd(2026, 1, 2);
        params.not_after = date_time_ymd(2026, 1, 3);
    });
    let peer = peer(&leaf);
    let (begin, end) = (peer.not_before().unwrap(), peer.not_after().unwrap());
    let second = Duration::from_secs(1);
    for (at, expected) in [
        (UNIX_EPOCH, Validity::NotYetValid),
        (begin - Duration::from_nanos(1), Validity::NotYetValid),
        (begin, Validity::Current),
        (end + Duration::from_nanos(999_999_999), Validity::Current),
        (end + second, Validity::Expired),
    ] {
        assert_eq!(peer.validity_at(at), expected);
    }
    let old = authority.leaf(WEB, |params| params.not_before = date_time_ymd(1950, 1, 1));
    assert!(self::peer(&old).not_before().unwrap() < UNIX_EPOCH);
}

#[test]
fn a_thousand_names_are_counted_and_sixteen_kept() {
    let authority = Authority::root("prod.example.org");
    let many = |params: &mut CertificateParams| {
        let names = (0..1000).map(|i| dns_name(&format!("host-{i}.test")));
        params.subject_alt_names.extend(names);
    };
    let crowded = peer(&authority.leaf(WEB, many));
    assert_eq!(crowded.spiffe_id().unwrap().as_str(), WEB);
    assert_eq!(crowded.san_dns().count(), 16);
    assert!(crowded.is_san_truncated());
    // A second URI behind all of them is still seen.
    let leaf = authority.leaf(WEB, |params| {
        many(params);
        params.subject_alt_names.push(uri_name("spiffe://b.org/b"));
    });
    assert_eq!(
        peer(&leaf).violation(),
        Some(SvidViolation::MultipleUriSans)
    );
    let uris = authority.leaf("", |params| {
        let names = (0..1000).map(|i| uri_name(&format!("spiffe://td/{i}")));
        params.subject_alt_names.extend(names);
    });
    assert_eq!(peer(&uris).san_uris().count(), 16);
    assert_eq!(
        peer(&uris).violation(),
        Some(SvidViolation::MultipleUriSans)
    );
}

#[test]
fn what_a_stranger_named_himself_cannot_forge_a_line() {
    let authority = Authority::root("prod.example.org");
    let leaf = authority.leaf(WEB, |params| {
        params.subject_alt_names.push(dns_name("a\nb"));
        let name = &mut params.distinguished_name;
        name.push(DnType::CommonName, "x\r\n{\"level\":\"info\"}\u{202e}");
    });
    let peer = peer(&leaf);
    assert_eq!(peer.san_dns().collect::<Vec<_>>(), ["a\\u{a}b"]);
    let subject = peer.subject().unwrap();
    assert!(!subject.contains(['\r', '\n', '\u{202e}']), "{subject:?}");
}

#[test]
fn the_chain_is_walked_to_the_first_bearer_of_an_id() {
    let root = Authority::root("prod.example.org");
    let bearer = root.intermediate("node", Some("spiffe://prod.example.org/node/7"));
    let plain = bearer.intermediate("plain", None);
    let leaf = plain.leaf("", |_| {});
    let peer = peer(&leaf);
    assert_eq!(
        peer.spiffe_id().unwrap().as_str(),
        "spiffe://prod.example.org/node/7"
    );
    assert_eq!(peer.trust(), IdentityTrust::Issuer);
    assert_eq!(peer.chain_depth(), Some(3));
    let path: Vec<_> = leaf.chain.iter().map(|der| Fingerprint::of(der)).collect();
    assert_eq!(peer.chain_path(), path);
    // The evidence is of the certificate the peer has the key of.
    assert_eq!(peer.fingerprint(), Some(&path[0]));
    // An ID in the leaf is the peer's, whatever stands above.
    let svid = self::peer(&bearer.svid(WEB));
    assert_eq!(
        (svid.trust(), svid.chain_depth()),
        (IdentityTrust::Verified, Some(1))
    );
    assert!(svid.chain_path().is_empty());
}

#[test]
fn the_walk_ends_where_the_chain_is_broken() {
    let root = Authority::root("prod.example.org");
    let bearer = root.intermediate("node", Some("spiffe://prod.example.org/node/7"));
    let two = root.intermediate("two", Some("spiffe://td/a"));
    let stranger =
        Authority::root("evil.org").intermediate("evil", Some("spiffe://prod.example.org/admin"));
    let mut leaf = bearer.leaf("", |_| {});
    leaf.chain[1] = stranger.leaf("", |_| {}).chain[1].clone();
    assert_eq!(peer(&leaf).violation(), Some(SvidViolation::NoSpiffeId));
    // A leaf is no issuer, even of the right name.
    let mut leaf = bearer.leaf("", |_| {});
    leaf.chain[1] = root
        .leaf("spiffe://prod.example.org/node/7", |params| {
            params
                .distinguished_name
                .push(DnType::CommonName, "node authority");
        })
        .chain[0]
        .clone();
    assert_eq!(peer(&leaf).violation(), Some(SvidViolation::NoSpiffeId));
    // A bearer that breaks a rule ends the walk: what stands above it is not asked.
    let mut names = two.leaf("", |_| {});
    names.chain[1] = b"not a certificate".to_vec();
    assert_eq!(peer(&names).violation(), Some(SvidViolation::Malformed));
    assert_eq!(
        PeerIdentity::of_chain::<Vec<u8>>(&[], NOW).map(|_| ()),
        None
    );
}

#[test]
fn a_chain_of_sixteen_is_read_and_one_of_seventeen_is_not() {
    let mut authority = Authority::root("prod.example.org")
        .intermediate("0", Some("spiffe://prod.example.org/node"));
    for number in 1..15 {
        authority = authority.intermediate(&number.to_string(), None);
    }
    let sixteen = peer(&authority.leaf("", |_| {}));
    assert_eq!(
        (sixteen.chain_depth(), sixteen.violation()),
        (Some(16), None)
    );
    let seventeen = authority.intermediate("15", None);
    for uri in ["", WEB] {
        let peer = peer(&seventeen.leaf(uri, |_| {}));
        assert_eq!(peer.violation(), Some(SvidViolation::ChainTooLong));
        assert_eq!(peer.spiffe_id(), None);
    }
}

#[test]
fn what_is_no_certificate_still_leaves_its_fingerprint() {
    let authority = Authority::root("prod.example.org");
    let mut trailing = authority.svid(WEB).chain[0].clone();
    trailing.push(0);
    for (der, violation) in [
        (&b""[..], SvidViolation::Malformed),
        (b"\x30\x03\x02\x01", SvidViolation::Malformed),
        (&trailing, SvidViolation::Malformed),
        (&[0x30; 64 * 1024 + 1], SvidViolation::TooLarge),
    ] {
        let peer = PeerIdentity::of_chain(&[der], NOW).unwrap();
        assert_eq!(peer.violation(), Some(violation));
        assert_eq!(peer.fingerprint(), Some(&Fingerprint::of(der)));
    }
}

#[test]
fn the_profile_chooses_the_names() {
    let authority = Authority::root("prod.example.org");
    let peer = peer(&authority.svid(WEB));
    let names = |profile| -> Vec<String> {
        let list = peer.attributes(profile).iter();
        list.map(|attribute| attribute.key.to_string()).collect()
    };
    let has = |profile, name: &str| names(profile).iter().any(|known| known == name);
    for (name, own, conventions) in [
        ("peer.spiffe_id", true, false),
        ("peer.trust_domain", true, false),
        ("cert.fingerprint.sha256", true, false),
        ("tls.client_certificate_serial", true, false),
        ("x509.issuer.hash.sha256", true, false),
        ("x509.san.uri", true, false),
        ("cert.chain.depth", true, false),
        ("identity.source", true, false),
        ("identity.trust", true, false),
        ("identity.assertion_time", true, false),
        ("tls.client.hash.sha256", false, true),
        ("tls.client.subject", false, true),
        ("tls.client.issuer", false, true),
        ("tls.client.not_before", false, true),
        ("tls.client.not_after", true, true),
    ] {
        assert_eq!(has(AttributeProfile::Own, name), own, "{name}");
        assert_eq!(
            has(AttributeProfile::Conventions, name),
            conventions,
            "{name}"
        );
        assert!(has(AttributeProfile::Both, name), "{name}");
    }
    for profile in [
        AttributeProfile::Own,
        AttributeProfile::Conventions,
        AttributeProfile::Both,
    ] {
        let mut unique = names(profile);
        unique.sort();
        unique.dedup();
        assert_eq!(unique.len(), names(profile).len(), "no attribute twice");
        assert!(
            std::ptr::eq(peer.attributes(profile), peer.attributes(profile)),
            "rendered once"
        );
    }
    let text = |name: &str| {
        let mut list = peer.attributes(AttributeProfile::Both).iter();
        list.find(|attribute| attribute.key.as_str() == name)
            .unwrap()
            .value
            .to_string()
    };
    assert_eq!(
        text("tls.client.hash.sha256"),
        text("cert.fingerprint.sha256").to_uppercase()
    );
    assert_eq!(
        text("identity.assertion_time"),
        "1970-01-01T00:00:00.000000000Z"
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn a_certificate_with_flipped_bytes_is_read_or_refused(
        flips in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
    ) {
        static DER: std::sync::LazyLock<Vec<u8>> = std::sync::LazyLock::new(|| {
            Authority::root("prod.example.org").svid(WEB).chain[0].clone()
        });
        let mut der = DER.clone();
        for (at, byte) in flips {
            *at.get_mut(&mut der) = byte;
        }
        let peer = PeerIdentity::of_chain(&[&der], NOW).unwrap();
        prop_assert_eq!(peer.spiffe_id().is_some(), peer.violation().is_none());
        for profile in [AttributeProfile::Own, AttributeProfile::Both] {
            prop_assert!(!peer.attributes(profile).is_empty());
        }
    }
}
