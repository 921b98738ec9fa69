//! Any text as one of the headers a proxy forwards an identity in.

use std::process::ExitCode;

use otel_core::identity::{ClientCert, L5dClientId, Xfcc, XfccElement};

const SEEDS: &[&[u8]] = &[
    b"By=spiffe://a.org/proxy;Hash=468ed33be74eee6556d90c0149c1309e9ba61d6425303443c0748a02dd8de688;Subject=\"/C=US/L=SF/CN=Test Client\";URI=spiffe://a.org/web",
    b"By=p;URI=a,By=q;Subject=\"O=\\\"x\\\\\";DNS=a;DNS=b",
    b":MIIBqDCCAU6gAwIBAgIBBzAK:",
    b"web.shop.serviceaccount.identity.linkerd.cluster.local",
];

const DICTIONARY: &[&[u8]] = &[
    b"By=",
    b"Hash=",
    b"Cert=",
    b"Chain=",
    b"Subject=",
    b"Issuer=",
    b"URI=",
    b"DNS=",
    b"\"",
    b"\\\"",
    b"\\",
    b"\\\\",
    b",",
    b";",
    b"=",
    b" ",
    b":",
    b"spiffe://",
    b".",
];

fn main() -> ExitCode {
    otel_fuzz::run(SEEDS, DICTIONARY, |input| {
        let Ok(text) = std::str::from_utf8(input) else {
            return;
        };
        if let Ok(xfcc) = Xfcc::parse(text) {
            assert!(text.len() <= 16 * 1024);
            let elements = xfcc.elements().count();
            assert!((1..=8).contains(&elements));
            // Written with quotes around everything, it says the same.
            let written: Vec<_> = xfcc.elements().map(write).collect();
            let written = written.join(",");
            if written.len() <= 16 * 1024 && xfcc.elements().all(|e| e.unknown_pairs() == 0) {
                assert_eq!(Xfcc::parse(&written).as_ref(), Ok(&xfcc), "{written}");
            }
        }
        if let Ok(client_cert) = ClientCert::parse([text], []) {
            assert_eq!(client_cert.chain_len(), 0);
        }
        let _ = ClientCert::parse([":AQID:"], [text]);
        if let Ok(id) = L5dClientId::parse(text) {
            assert_eq!(id.name(), text);
        }
    })
}

fn write(element: &XfccElement<'_>) -> String {
    let quote = |text: &str| text.replace('\\', "\\\\").replace('"', "\\\"");
    let mut pairs = Vec::new();
    let mut add = |key: &str, value: &str| pairs.push(format!("{key}=\"{}\"", quote(value)));
    element.by().for_each(|by| add("By", by));
    if let Some(hash) = element.hash() {
        add("Hash", &hash.to_string());
    }
    for (key, value) in [
        ("Cert", element.cert()),
        ("Chain", element.chain()),
        ("Subject", element.subject()),
        ("Issuer", element.issuer()),
    ] {
        if let Some(value) = value {
            add(key, value);
        }
    }
    element.uris().for_each(|uri| add("URI", uri));
    element.dns().for_each(|dns| add("DNS", dns));
    if pairs.is_empty() {
        // All that was written was an empty URI.
        pairs.push("URI=".to_owned());
    }
    pairs.join(";")
}
