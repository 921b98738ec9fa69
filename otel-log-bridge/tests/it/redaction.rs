//! What must not leave the process, and what must not be taken for it.

use std::error::Error;
use std::fmt;

use otel_core::opentelemetry::baggage::BaggageExt;
use otel_core::opentelemetry::{Context, KeyValue};
use otel_log_bridge::{Detector, HashKey, Redact, Redaction};
use serde_json::Value;

use crate::support::{PATIENCE, builder, parse, stack};

fn records(redaction: Redaction, log: impl FnOnce()) -> Vec<Value> {
    let (stack, guard, lines) = stack(builder().with_redaction(redaction));
    tracing::subscriber::with_default(stack, log);
    guard.flush(PATIENCE);
    lines.lines().iter().map(|line| parse(line)).collect()
}

/// The body that a message comes out as.
fn body(message: &str) -> String {
    let records = records(Redaction::default(), || tracing::info!("{message}"));
    records[0]["body"].as_str().unwrap().to_owned()
}

#[test]
fn secrets_in_texts_are_found() {
    let jwt =
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbGljZSJ9.SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c";
    let github = format!("ghp_{}", "a1B2".repeat(9));
    let cases = [
        ("mail to alice@example.com now", "mail to [REDACTED] now"),
        ("<a.b+c@mail.example.co.uk>", "<[REDACTED]>"),
        ("alice@example.com.", "[REDACTED]."),
        ("card 4111 1111 1111 1111 ok", "card 411****1111 ok"),
        ("card=5500-0000-0000-0004", "card=550****0004"),
        ("378282246310005", "378****0005"),
        ("call +8613812345678", "call +86****5678"),
        ("call +1 (415) 555-2671.", "call +1 ****2671."),
        (
            "Authorization: Bearer abc123DEF456",
            "Authorization: Bearer [REDACTED]",
        ),
        ("basic dXNlcjpwYXNzdzByZA== X", "basic [REDACTED] X"),
        (
            "https://bob:hunter2@db.example/x?A=1",
            "https://[REDACTED][REDACTED]/x?A=1",
        ),
        ("key AKIAIOSFODNN7EXAMPLE used", "key [REDACTED] used"),
        ("password=hunter2 user=bob", "password=[REDACTED] user=bob"),
        (
            "Login { password: \"p w\", n: 1 }",
            "Login { password: \"[REDACTED]\", n: 1 }",
        ),
        (
            "{\"api_key\":\"abc\",\"n\":1}",
            "{\"api_key\":\"[REDACTED]\",\"n\":1}",
        ),
        ("refresh_token: a1b2c3d4", "refresh_token: [REDACTED]"),
        ("?token=abc&x=1", "?token=[REDACTED]&x=1"),
        ("to DE89370400440532013000 today", "to DE8****3000 today"),
        ("IBAN GB82 WEST 1234 5698 7654 32", "IBAN GB8****4 32"),
        (jwt, "[REDACTED]"),
        (github.as_str(), "[REDACTED]"),
        (
            "-----BEGIN RSA PRIVATE KEY-----\nMIIEow\n-----END RSA PRIVATE KEY----- rest",
            "[REDACTED] rest",
        ),
        ("-----BEGIN PRIVATE KEY-----\ncut off", "[REDACTED]"),
    ];
    for (message, expected) in cases {
        assert_eq!(body(message), expected, "{message}");
    }
}

#[test]
fn what_only_looks_like_a_secret_is_left_alone() {
    let cases = [
        "user @alice mentioned @bob",
        "npm install left-pad@1.3.0",
        "git clone git@github.com:tower-rs/tower",
        "order 4111111111111112 has no valid check digit",
        "at 1700000000123456789 ns, id 1234567890123456",
        "sha 4111111111111111abc",
        "trace 0af7651916cd43dd8448eb211c80319c",
        "version 1.2.3+build.5678901234",
        "UTC+08:00, offset +1234567 and 3e+12",
        "the bearer of bad news",
        "Basic subscription: 12 Months",
        "token: invalid, password: must not be empty",
        "password= ",
        "secret=null token=none",
        "https://example.com/path?q=a:b@c",
        "https://alice@host/only-a-user",
        "DE89370400440532013001 fails its check",
        "std::collections::HashMap::<u8, u8>::new()",
        "2026-11-21T04:00:00.000000000Z",
        "127.0.0.1:8080 and ::1",
        "eyJhbGciOiJIUzI1NiJ9 alone",
        "550e8400-e29b-41d4-a716-446655440000",
        "max_tokens=4096 and token_count: 12a3b4c5",
    ];
    for message in cases {
        assert_eq!(body(message), message);
    }
}

#[test]
fn fields_are_judged_by_their_names() {
    macro_rules! cases {
        ($($name:literal: $value:expr => $expected:expr),+ $(,)?) => {{
            $(
                let found = records(Redaction::default(), || tracing::info!({ $name } = $value));
                assert_eq!(found[0].get($name), Some(&serde_json::json!($expected)), $name);
            )+
        }};
    }
    cases! {
        "password": "hunter2" => "[REDACTED]",
        "db.passwordHash": "x" => "[REDACTED]",
        "clientSecret": "x" => "[REDACTED]",
        "http.request.header.authorization": "Basic x" => "[REDACTED]",
        "http.request.header.set-cookie": "a=b" => "[REDACTED]",
        "X-Api-Key": "k" => "[REDACTED]",
        "access_token": "t" => "[REDACTED]",
        "ssn": 123_456_789 => "[REDACTED]",
        "pin": 1234_u64 => "[REDACTED]",
        "has_password": true => true,
        "phone": "+8613812345678" => "+86****5678",
        "card_number": "4111111111111111" => "411****1111",
        "user.email": "not even an address" => "[REDACTED]",
        "client.address": "10.1.2.3" => "[REDACTED]",
        // Harmless, though it speaks of secrets.
        "token_count": 7 => 7,
        "max_tokens": 4096 => 4096,
        "token_type": "bearer" => "bearer",
        "next_page_token": "abc" => "abc",
        "password_policy": "strict" => "strict",
        "email_sent": "yes" => "yes",
        "spinning": "yes" => "yes",
        "shipping": "fast" => "fast",
        "author": "bob" => "bob",
        "compass": "north" => "north",
        // Searched like any text.
        "note": "write to bob@example.org" => "write to [REDACTED]",
    }
}

#[derive(Debug)]
struct Refused;

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("login of alice@example.com refused")
    }
}

impl Error for Refused {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&Cause)
    }
}

#[derive(Debug)]
struct Cause;

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("password=hunter2 is wrong")
    }
}

impl Error for Cause {}

#[test]
fn nothing_leaks_by_any_way_into_a_line() {
    let (stack, guard, lines) = stack(builder().add_baggage_field("customer.email", "mail"));
    tracing::subscriber::with_default(stack, || {
        let cx = Context::new().with_baggage([KeyValue::new("mail", "carol@example.com")]);
        let _attached = cx.attach();
        let span = tracing::info_span!(
            "request",
            user = "alice@example.com",
            later = tracing::field::Empty
        );
        span.record("later", "password=hunter2");
        let _entered = span.entered();
        let error = Refused;
        tracing::error!(
            error = &error as &(dyn Error + 'static),
            debug = ?("alice@example.com", 1),
            bytes = &b"hunter2"[..],
            password = &b"hunter2"[..],
            "bob@example.com: {error}"
        );
    });
    guard.flush(PATIENCE);
    let secrets = ["alice@", "bob@", "carol@", "hunter2"];
    assert_eq!(
        lines.leaks(secrets),
        Vec::<String>::new(),
        "{}",
        lines.text()
    );
    let record = parse(&lines.lines()[0]);
    assert_eq!(record["user"], "[REDACTED]");
    assert_eq!(record["later"], "password=[REDACTED]");
    assert_eq!(record["customer.email"], "[REDACTED]");
    assert_eq!(record["exception.message"], "login of [REDACTED] refused");
    assert_eq!(
        record["exception.stacktrace"],
        "0: login of [REDACTED] refused\n1: password=[REDACTED] is wrong"
    );
    assert_eq!(record["bytes"], "aHVudGVyMg==");
    assert!(guard.stats().redacted_values() >= 7);
}

#[test]
fn the_leak_helper_finds_what_leaks() {
    let (stack, guard, lines) = stack(builder().with_redaction(Redaction::danger_none()));
    tracing::subscriber::with_default(stack, || {
        tracing::info!(password = "hunter2", text = "a \"b\"", "alice@example.com");
    });
    guard.flush(PATIENCE);
    let secrets = ["hunter2", "alice@example.com", "a \"b\"", "absent"];
    assert_eq!(
        lines.leaks(secrets),
        ["hunter2", "alice@example.com", "a \"b\""]
    );
}

#[test]
fn with_a_key_equal_values_stay_equal() {
    let key = |id: &str, byte| HashKey::new(id, &[byte; 32]).unwrap();
    let keyed = |key| Redaction::builder().with_key(key).build().unwrap();
    let log = || {
        tracing::info!(
            user.email = "alice@example.com",
            "mail to alice@example.com"
        );
        tracing::info!(user.email = "bob@example.com");
    };
    let one = records(keyed(key("k1", 1)), log);
    let hash = one[0]["user.email"].as_str().unwrap();
    assert!(hash.starts_with("h1:k1:") && hash.len() == 6 + 24, "{hash}");
    assert_eq!(one[0]["body"], format!("mail to {hash}"));
    assert_ne!(one[0]["user.email"], one[1]["user.email"]);
    let rotated = records(keyed(key("k2", 2).with_previous(key("k1", 1))), log);
    let both = rotated[0]["user.email"].as_str().unwrap();
    assert!(both.starts_with("h1:k2:") && both.ends_with(&format!("|{hash}")));
}

#[test]
fn rules_of_the_service_precede_the_defaults() {
    let redaction = Redaction::builder()
        .add_name("user.*", Redact::Drop)
        .add_name("user.email", Redact::Keep)
        .with_detector(Detector::Email, Redact::Keep)
        .with_detector(Detector::IpAddress, Redact::Mask)
        .add_detector(|text| text.find("magic").map(|at| at..at + 5), Redact::Drop)
        .add_detector(|text| Some(0..text.len() + 1), Redact::Mask)
        .add_detector(|_| panic!("on purpose"), Redact::Mask)
        .build()
        .unwrap();
    let found = records(redaction, || {
        tracing::info!(
            user.email = "alice@example.com",
            user.id = 7,
            "bob@example.com from 10.0.0.1:80 or fe80::1, magic and magic"
        );
    });
    assert_eq!(found[0]["user.email"], "alice@example.com");
    assert_eq!(found[0].get("user.id"), None);
    assert_eq!(
        found[0]["body"],
        "bob@example.com from [REDACTED]:80 or [REDACTED],  and "
    );
}

#[test]
fn an_allow_list_drops_what_nobody_thought_of() {
    let redaction = Redaction::builder()
        .with_only(["order.*", "amount"])
        .build()
        .unwrap();
    let found = records(redaction, || {
        let _span = tracing::info_span!("s", tenant = "north").entered();
        tracing::info!(order.id = 1, amount = 2.5, note = "free text", "placed");
    });
    assert_eq!(found[0]["order.id"], 1);
    assert_eq!(found[0]["amount"], 2.5);
    assert_eq!((found[0].get("note"), found[0].get("tenant")), (None, None));
}

#[test]
fn a_long_hostile_text_is_searched_in_time_that_grows_with_its_length() {
    // Each made to be read again and again by one of the detectors.
    let patterns = [
        "a@",
        "eyJ",
        "://",
        "AA00",
        "password:",
        "password=",
        "+1",
        "4 ",
        "bearer ",
        "AKIA1",
        "-----BEGIN ",
        "1:",
        "\"password\": ",
    ];
    for pattern in patterns {
        let hostile = pattern.repeat(16 * 1024 / pattern.len());
        let found = records(Redaction::default(), || {
            for _ in 0..3 {
                tracing::info!("{hostile}");
            }
        });
        assert_eq!(found.len(), 3);
    }
}
