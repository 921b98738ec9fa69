//! The headers of proxies, as tables.

use otel_core::identity::{ClientCert, ForwardedError, L5dClientId, Xfcc, XfccElement};

const HASH: &str = "468ed33be74eee6556d90c0149c1309e9ba61d6425303443c0748a02dd8de688";

fn text(element: &XfccElement<'_>) -> String {
    let list = |values: Vec<&str>| values.join("|");
    format!(
        "by={} hash={} subject={} issuer={} uri={} dns={} unknown={}",
        list(element.by().collect()),
        element.hash().map(|_| "yes").unwrap_or_default(),
        element.subject().unwrap_or("-"),
        element.issuer().unwrap_or("-"),
        list(element.uris().collect()),
        list(element.dns().collect()),
        element.unknown_pairs(),
    )
}

#[test]
fn what_xfcc_says() {
    let hash = format!("By=p;Hash={HASH};URI=u");
    let loud = format!("BY=p;hash={};uri=u", HASH.to_uppercase());
    let rows: &[(&str, &[&str])] = &[
        (
            &hash,
            &["by=p hash=yes subject=- issuer=- uri=u dns= unknown=0"],
        ),
        (
            &loud,
            &["by=p hash=yes subject=- issuer=- uri=u dns= unknown=0"],
        ),
        (
            "Subject=\"\"",
            &["by= hash= subject= issuer=- uri= dns= unknown=0"],
        ),
        (
            "Subject=\"/C=US/L=SF/CN=Test\";URI=",
            &["by= hash= subject=/C=US/L=SF/CN=Test issuer=- uri= dns= unknown=0"],
        ),
        // Separators and quotes within quotes.
        (
            "Subject=\"a;b,c=d\";DNS=x;DNS=y",
            &["by= hash= subject=a;b,c=d issuer=- uri= dns=x|y unknown=0"],
        ),
        (
            r#"Subject="O=\"a, b\"";URI=u"#,
            &[r#"by= hash= subject=O="a, b" issuer=- uri=u dns= unknown=0"#],
        ),
        (
            r#"Subject="a\\";URI=u"#,
            &[r"by= hash= subject=a\ issuer=- uri=u dns= unknown=0"],
        ),
        (
            r#"Subject="a\nb""#,
            &[r"by= hash= subject=a\nb issuer=- uri= dns= unknown=0"],
        ),
        (
            r#"Subject="\"\\\"";URI="u""#,
            &[r#"by= hash= subject="\" issuer=- uri=u dns= unknown=0"#],
        ),
        // A value may hold what it should have quoted, as long as it is read one way only.
        (
            "URI=spiffe://a/b=c",
            &["by= hash= subject=- issuer=- uri=spiffe://a/b=c dns= unknown=0"],
        ),
        // Several hops, the nearest last; blanks where lines were joined.
        (
            "By=p;URI=a,By=q;URI=p , By=r;URI=q",
            &[
                "by=p hash= subject=- issuer=- uri=a dns= unknown=0",
                "by=q hash= subject=- issuer=- uri=p dns= unknown=0",
                "by=r hash= subject=- issuer=- uri=q dns= unknown=0",
            ],
        ),
        (
            "By=p;By=q;URI=a;URI=b",
            &["by=p|q hash= subject=- issuer=- uri=a|b dns= unknown=0"],
        ),
        (
            "Issuer=\"CN=ca\";Color=red",
            &["by= hash= subject=- issuer=CN=ca uri= dns= unknown=1"],
        ),
        (
            "Subject=\"ü\"",
            &["by= hash= subject=ü issuer=- uri= dns= unknown=0"],
        ),
    ];
    for (header, expected) in rows {
        let xfcc = Xfcc::parse(header).unwrap();
        let read: Vec<_> = xfcc.elements().map(text).collect();
        assert_eq!(read, *expected, "{header}");
    }
}

#[test]
fn what_xfcc_refuses() {
    type Is = fn(&ForwardedError) -> bool;
    let malformed: Is = ForwardedError::is_malformed;
    let duplicate: Is = ForwardedError::is_duplicate;
    let large: Is = ForwardedError::is_too_large;
    let twice = format!("Hash={HASH};Hash={HASH}");
    let long = format!("Subject=\"{}\"", "a".repeat(16 * 1024));
    let hops = ["By=p"; 9].join(",");
    let pairs = ["By=p"; 33].join(";");
    let names = ["DNS=p"; 65].join(";");
    for (header, is) in [
        ("", malformed),
        (",", malformed),
        (";", malformed),
        ("By", malformed),
        ("=p", malformed),
        ("By=p,", malformed),
        (",By=p", malformed),
        ("By=p;", malformed),
        ("By=p;;URI=u", malformed),
        ("By=p,,URI=u", malformed),
        (" By=p;B y=q", malformed),
        ("Subject=\"", malformed),
        ("Subject=\"a", malformed),
        (r#"Subject="a\""#, malformed),
        ("Subject=\"a\"b", malformed),
        ("Subject=a\"b\"", malformed),
        ("Subject=\"a\" ;URI=b", malformed),
        ("Hash=00", malformed),
        ("Hash=", malformed),
        // A proxy that does not quote lets its client write pairs: some of them cannot be missed.
        ("URI=spiffe://a/b;c;Hash=00", malformed),
        ("Cert=\"a\";URI=u;Cert=\"b\"", duplicate),
        ("Chain=a;chain=b", duplicate),
        ("Subject=\"a\";SUBJECT=\"b\"", duplicate),
        ("Issuer=a;Issuer=b", duplicate),
        (r#"[{"By":"p"}]"#, malformed),
        (&twice, duplicate),
        (&long, large),
        (&hops, large),
        (&pairs, large),
        (&names, large),
    ] {
        let error = Xfcc::parse(header).unwrap_err();
        assert!(is(&error), "{header:?}: {error}");
    }
}

#[test]
fn client_cert_is_one_byte_sequence() {
    for (leaf, chain, expected) in [
        (&[":AQID:"][..], &[][..], Some(0)),
        (&[" :AQID: "], &[":AQID:"], Some(1)),
        (&[":AQID:;a=1"], &[":AQID:, :AQID:", ":AQ==:"], Some(3)),
        (&[], &[], None),
        (&[], &[":AQID:"], None),
        (&[":AQID:", ":AQID:"], &[], None),
        (&[":AQID:,:AQID:"], &[], None),
        (&[":AQID:;a=:AQID:"], &[], None),
        (&["::"], &[], None),
        (&["AQID"], &[], None),
        (&[":AQ ID:"], &[], None),
        (&[":AQID"], &[], None),
        (&["\"AQID\""], &[], None),
        (&[":AQID:x"], &[], None),
        (&[":AQID:"], &[""], None),
        (&[":AQID:"], &[":AQID:,"], None),
        (&[":AQID:"], &[":AQID:,,:AQID:"], None),
        (&[":AQID:"], &[":A:"; 16], None),
    ] {
        let parsed = ClientCert::parse(leaf.iter().copied(), chain.iter().copied());
        assert_eq!(
            parsed.ok().map(|c| c.chain_len()),
            expected,
            "{leaf:?} {chain:?}"
        );
    }
    let long = format!(":{}:", "A".repeat(16 * 1024));
    assert!(ClientCert::parse([&*long], []).unwrap_err().is_too_large());
}

#[test]
fn l5d_is_a_name_or_an_id() {
    let long = ["a"; 127].join(".");
    for (header, expected) in [
        (
            "web.shop.serviceaccount.identity.linkerd.cluster.local",
            Some(false),
        ),
        ("spiffe://td/web", Some(true)),
        (&*long, Some(false)),
        ("", None),
        ("a..b", None),
        ("a.", None),
        ("a b", None),
        ("a,b", None),
        ("spiffe://td:1/web", None),
        ("https://td/web", None),
        (&format!("{long}.a"), None),
        (&"a".repeat(64), None),
    ] {
        let parsed = L5dClientId::parse(header);
        assert_eq!(
            parsed.ok().map(|id| id.spiffe_id().is_some()),
            expected,
            "{header}"
        );
    }
}
