//! The rules of the SPIFFE ID standard, as a table and as properties.

use otel_core::identity::{SpiffeId, SpiffeIdError, SpiffeIdRef, SpiffePattern, TrustDomain};
use proptest::prelude::*;

type Is = fn(&SpiffeIdError) -> bool;

#[test]
fn what_is_refused_and_why() {
    let long_domain = format!("spiffe://{}", "a".repeat(256));
    let long = format!("spiffe://td/{}", "a".repeat(2037));
    let rows: &[(&str, Is)] = &[
        ("", SpiffeIdError::is_scheme),
        ("spiffe", SpiffeIdError::is_scheme),
        ("spiffe:/td/a", SpiffeIdError::is_scheme),
        ("https://td/a", SpiffeIdError::is_scheme),
        ("xspiffe://td/a", SpiffeIdError::is_scheme),
        (" spiffe://td/a", SpiffeIdError::is_scheme),
        ("spiffe\u{0}://td", SpiffeIdError::is_scheme),
        ("spiffé://td", SpiffeIdError::is_scheme),
        ("spiffe://", SpiffeIdError::is_trust_domain),
        ("spiffe:///path", SpiffeIdError::is_trust_domain),
        ("spiffe://host:1234/path", SpiffeIdError::is_trust_domain),
        ("spiffe://user@td/path", SpiffeIdError::is_trust_domain),
        ("spiffe://[::1]/path", SpiffeIdError::is_trust_domain),
        ("spiffe://t%64/path", SpiffeIdError::is_trust_domain),
        ("spiffe://td?query", SpiffeIdError::is_trust_domain),
        ("spiffe://td#fragment", SpiffeIdError::is_trust_domain),
        ("spiffe://td\u{0}/path", SpiffeIdError::is_trust_domain),
        ("spiffe://\u{1F92F}/path", SpiffeIdError::is_trust_domain),
        ("spiffe://td/", SpiffeIdError::is_path),
        ("spiffe://td//a", SpiffeIdError::is_path),
        ("spiffe://td/a/", SpiffeIdError::is_path),
        ("spiffe://td/a//b", SpiffeIdError::is_path),
        ("spiffe://td/.", SpiffeIdError::is_path),
        ("spiffe://td/../a", SpiffeIdError::is_path),
        ("spiffe://td/a/..", SpiffeIdError::is_path),
        ("spiffe://td/%61", SpiffeIdError::is_path),
        ("spiffe://td/a?b", SpiffeIdError::is_path),
        ("spiffe://td/a#b", SpiffeIdError::is_path),
        ("spiffe://td/a b", SpiffeIdError::is_path),
        ("spiffe://td/a\\b", SpiffeIdError::is_path),
        ("spiffe://td/\u{fc}", SpiffeIdError::is_path),
        (&long_domain, SpiffeIdError::is_too_long),
        (&long, SpiffeIdError::is_too_long),
    ];
    for (text, is) in rows {
        let error = SpiffeIdRef::parse(text).unwrap_err();
        assert!(is(&error), "{text:?}: {error}");
        assert!(text.parse::<SpiffeId>().is_err());
    }
}

#[test]
fn what_is_accepted_and_how_it_is_read() {
    let longest_domain = "a".repeat(255);
    let domain_only = format!("spiffe://{longest_domain}");
    let longest = format!("spiffe://td/{}", "a".repeat(2036));
    for (text, domain, path) in [
        ("spiffe://td", "td", ""),
        ("SpIfFe://TD/A", "td", "/A"),
        ("spiffe://1.2.3.4/a", "1.2.3.4", "/a"),
        ("spiffe://-_./a", "-_.", "/a"),
        ("spiffe://td/.../.x/..x/-/_", "td", "/.../.x/..x/-/_"),
        (&*domain_only, &*longest_domain, ""),
        (&*longest, "td", &longest[11..]),
    ] {
        let id: SpiffeId = text.parse().unwrap();
        assert_eq!((id.trust_domain(), id.path()), (domain, path), "{text}");
        assert_eq!(id.as_str(), SpiffeIdRef::parse(text).unwrap().to_string());
    }
}

#[test]
fn every_ascii_character_in_each_part() {
    for c in (0_u8..128).map(char::from) {
        let in_domain = c.is_ascii_alphanumeric() || ".-_".contains(c);
        let text = format!("spiffe://t{c}d/p");
        assert_eq!(
            SpiffeIdRef::parse(&text).is_ok(),
            in_domain || c == '/',
            "{text:?}"
        );
        assert_eq!(format!("t{c}d").parse::<TrustDomain>().is_ok(), in_domain);
        let text = format!("spiffe://td/a{c}b");
        assert_eq!(
            SpiffeIdRef::parse(&text).is_ok(),
            in_domain || c == '/',
            "{text:?}"
        );
    }
}

#[test]
fn patterns_match_whole_segments() {
    for (pattern, yes, no) in [
        (
            "spiffe://td",
            &["spiffe://td", "spiffe://TD"][..],
            &["spiffe://td/a", "spiffe://te"][..],
        ),
        (
            "spiffe://td/ns/a",
            &["spiffe://td/ns/a"],
            &[
                "spiffe://td/ns/ab",
                "spiffe://td/ns/a/b",
                "spiffe://td/ns/A",
            ],
        ),
        (
            "spiffe://td/ns/*/sa/x",
            &["spiffe://td/ns/q/sa/x"],
            &["spiffe://td/ns/q/r/sa/x", "spiffe://td/ns/sa/x"],
        ),
        (
            "spiffe://td/ns/**",
            &["spiffe://td/ns", "spiffe://td/ns/a/b"],
            &["spiffe://td/nsx", "spiffe://td"],
        ),
        (
            "spiffe://td/*/**",
            &["spiffe://td/a", "spiffe://td/a/b"],
            &["spiffe://td"],
        ),
        (
            "spiffe://td/**",
            &["spiffe://td", "spiffe://td/a/b"],
            &["spiffe://tdx/a"],
        ),
    ] {
        let parsed: SpiffePattern = pattern.parse().unwrap();
        assert_eq!(parsed.to_string(), pattern);
        for id in yes {
            assert!(
                parsed.matches(SpiffeIdRef::parse(id).unwrap()),
                "{pattern} {id}"
            );
        }
        for id in no {
            assert!(
                !parsed.matches(SpiffeIdRef::parse(id).unwrap()),
                "{pattern} {id}"
            );
        }
    }
    for bad in [
        "spiffe://*",
        "spiffe://*/a",
        "spiffe://t*/a",
        "spiffe://td/a*",
        "spiffe://td/*a",
        "spiffe://td/**/a",
        "spiffe://td/***",
        "spiffe://td/*/",
        "spiffe://td/*//a",
        "spiffe://td/*/..",
        "**",
        "*",
        "td/**",
    ] {
        assert!(bad.parse::<SpiffePattern>().is_err(), "{bad}");
    }
}

fn id() -> impl Strategy<Value = String> {
    let segment = "[A-Za-z0-9_-][A-Za-z0-9._-]{0,9}";
    ("[a-z0-9._-]{1,20}", prop::collection::vec(segment, 0..5)).prop_map(|(domain, path)| {
        let path: String = path.iter().map(|segment| format!("/{segment}")).collect();
        format!("spiffe://{domain}{path}")
    })
}

proptest! {
    #[test]
    fn a_normalised_id_is_read_back_as_it_is(text in id()) {
        let id: SpiffeId = text.parse().unwrap();
        prop_assert_eq!(id.as_str(), &text);
        prop_assert!(id.to_ref() == id);
        let shouted = text.replace("spiffe", "SPIFFE");
        prop_assert_eq!(shouted.parse::<SpiffeId>().unwrap(), id);
    }

    #[test]
    fn an_id_without_stars_is_a_pattern_of_itself_alone(text in id(), other in id()) {
        let pattern: SpiffePattern = text.parse().unwrap();
        prop_assert!(pattern.matches(SpiffeIdRef::parse(&text).unwrap()));
        prop_assert_eq!(pattern.matches(SpiffeIdRef::parse(&other).unwrap()), text == other);
    }

    #[test]
    fn no_text_is_too_strange(text in ".{0,80}") {
        if let Ok(id) = SpiffeIdRef::parse(&text) {
            prop_assert_eq!(id.to_spiffe_id().to_string(), id.to_string());
        }
        let _ = text.parse::<SpiffePattern>();
    }
}
