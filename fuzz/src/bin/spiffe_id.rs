//! Any text as a SPIFFE ID and as a pattern of them.

use std::process::ExitCode;

use otel_core::identity::{SpiffeId, SpiffeIdRef, SpiffePattern};

const SEEDS: &[&[u8]] = &[
    b"spiffe://prod.example.org/ns/shop/sa/web",
    b"SPIFFE://TD/.../..x",
    b"spiffe://td/ns/*/sa/**",
];

const DICTIONARY: &[&[u8]] = &[
    b"spiffe://",
    b"/",
    b"//",
    b"..",
    b".",
    b"*",
    b"**",
    b":",
    b"%2e",
    b"?",
    b"#",
    b"@",
    b"\0",
    b"\xc3\xbc",
];

fn main() -> ExitCode {
    otel_fuzz::run(SEEDS, DICTIONARY, |input| {
        let Ok(text) = std::str::from_utf8(input) else {
            return;
        };
        let parsed = SpiffeIdRef::parse(text);
        assert_eq!(parsed.is_ok(), is_spiffe_id(text), "{text:?}");
        if let Ok(pattern) = text.parse::<SpiffePattern>() {
            assert_eq!(pattern.to_string().parse(), Ok(pattern.clone()));
            let Ok(id) = parsed else {
                return;
            };
            assert!(pattern.matches(id));
        }
        if let Ok(id) = parsed {
            let owned: SpiffeId = id.to_spiffe_id();
            assert_eq!(owned.as_str(), id.to_string());
            assert_eq!(owned.as_str().parse(), Ok(owned));
        }
    })
}

/// The standard once more, written for reading.
fn is_spiffe_id(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || ".-_".contains(c);
    let lower = text.to_ascii_lowercase();
    if text.len() > 2048 || !lower.starts_with("spiffe://") {
        return false;
    }
    let mut parts = text[9..].split('/');
    let domain = parts.next().unwrap_or_default();
    (1..256).contains(&domain.len())
        && domain.chars().all(plain)
        && parts.all(|s| !["", ".", ".."].contains(&s) && s.chars().all(plain))
}
