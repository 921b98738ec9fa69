//! What is taken for an identifier, and what is not.

use otel_core::cardinality::{MaskedValue, ValueShape};
use proptest::prelude::*;

use ValueShape::{
    Email, HexPointer, Ip, Jwt, LongHex, NumericId, PathWithIds, SocketAddress, TaskId, Timestamp,
    Token, Ulid, Uuid,
};

const IDENTIFIERS: [(&str, ValueShape); 63] = [
    ("2f1e4c1a-7d58-4b55-9c39-6d8e4f0a1b2c", Uuid),
    ("2F1E4C1A-7D58-4B55-9C39-6D8E4F0A1B2C", Uuid),
    ("00000000-0000-0000-0000-000000000000", Uuid),
    ("01932f5e-8b7a-7c3d-9e1f-2a3b4c5d6e7f", Uuid),
    ("urn:uuid:2f1e4c1a-7d58-4b55-9c39-6d8e4f0a1b2c", Uuid),
    ("req-2f1e4c1a-7d58-4b55-9c39-6d8e4f0a1b2c", Uuid),
    ("größe_2f1e4c1a-7d58-4b55-9c39-6d8e4f0a1b2c", Uuid),
    ("01ARZ3NDEKTSV4RRFFQ69G5FAV", Ulid),
    ("01arz3ndektsv4rrffq69g5fav", Ulid),
    (
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U",
        Jwt,
    ),
    ("eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.", Jwt),
    ("0ujtsYcgvSTl8PAuAdqWYSMnLOv", Token),
    ("dBjftJeZ4CVPmB92K27uhbUJU1p1r0wW1gFWFOEjXk4", Token),
    ("aGVsbG8gd29ybGQgMTIzNDU2Nzg5MA==", Token),
    ("cjld2cjxh0000qzrmn831i7rn", Token),
    ("V1StGXR8_Z5jdHi6B-myT", Token),
    ("0x7ffd1234", HexPointer),
    ("0x00007f8a1c003f40", HexPointer),
    ("0XDEADBEEF", HexPointer),
    ("80e1afed08e019fc1110464cfa66635c", LongHex),
    ("7a085853722dc6d2", LongHex),
    ("4f5e7a9b1c2d", LongHex),
    ("da39a3ee5e6b4b0d3255bfef95601890afd80709", LongHex),
    ("ThreadId(7)", TaskId),
    ("thread-12", TaskId),
    ("task-1234", TaskId),
    ("Task 17", TaskId),
    ("task_id=5", TaskId),
    ("goroutine 88", TaskId),
    ("tid:4711", TaskId),
    ("Thread[3]", TaskId),
    ("123456", NumericId),
    ("99887766554433", NumericId),
    ("000000001", NumericId),
    ("alice@example.org", Email),
    ("a.b+c@mail.example.co.uk", Email),
    ("jürgen@example.de", Email),
    ("10.0.0.1", Ip),
    ("255.255.255.255", Ip),
    ("10.0.0.0/8", Ip),
    ("::1", Ip),
    ("fe80::1", Ip),
    ("2001:db8:0:0:0:0:2:1", Ip),
    ("2001:db8::/32", Ip),
    ("10.0.0.1:8080", SocketAddress),
    ("[::1]:443", SocketAddress),
    ("[2001:db8::1]:50051", SocketAddress),
    ("2026-11-21T04:01:07Z", Timestamp),
    ("2026-11-21T04:01:07.123456+01:00", Timestamp),
    ("2026-11-21 04:01:07", Timestamp),
    ("2026-11-21T04:01", Timestamp),
    ("1700000000", Timestamp),
    ("1700000000123", Timestamp),
    ("1700000000123456789", Timestamp),
    ("/users/42", PathWithIds),
    ("/7", PathWithIds),
    (
        "/v1/users/2f1e4c1a-7d58-4b55-9c39-6d8e4f0a1b2c/orders",
        PathWithIds,
    ),
    ("/blob/80e1afed08e019fc1110464cfa66635c", PathWithIds),
    ("/u/alice@example.org", PathWithIds),
    ("/host/10.0.0.1/status", PathWithIds),
    ("https://example.org/users/42", PathWithIds),
    ("/orders/99?page=2", PathWithIds),
    ("/s/01ARZ3NDEKTSV4RRFFQ69G5FAV", PathWithIds),
];

const WORDS: [&str; 96] = [
    "",
    "a",
    "GET",
    "POST",
    "_OTHER",
    "__other__",
    "200",
    "404",
    "503",
    "12345",
    "8080",
    "65535",
    "2026",
    "0",
    "-1",
    "3.14159",
    "1e10",
    "+Inf",
    "99.9",
    "1.2.3",
    "v1.2.3",
    "1.2.3-beta.4",
    "120.0.6099.109",
    "1.2.3-beta.4+build5114f85",
    "256.1.1.1",
    "1.2.3.4.5",
    "2026-11-21",
    "2024-06-01-preview",
    "12:30:45",
    "/v1/users",
    "/",
    "/v1/users/{id}",
    "/healthz",
    "/api/v2beta1",
    "/static/app.js",
    "/users?id=42",
    "//",
    "/a#1",
    "deadbeef",
    "cafe",
    "c0ffee",
    "deadbeefdeadbeef",
    "facade",
    "0x1F",
    "0xZZ1234567",
    "9f86d08",
    "eu-west-1",
    "us-east-1a",
    "ap-southeast-2",
    "http2",
    "h2c",
    "HTTP/1.1",
    "HTTP/2",
    "HTTP/3",
    "text/html",
    "application/json",
    "application/vnd.api+json; version=2",
    "text/plain; version=0.0.4",
    "std::io",
    "a::b",
    "::",
    "core::fmt::Display",
    "tokio-runtime-worker",
    "worker-3",
    "thread-pool",
    "task",
    "thread",
    "task1",
    "main",
    "ThreadPool(big)",
    "multitask-7",
    "user@host",
    "@handle",
    "lodash@4.17.21",
    "a@b@example.org",
    "foo@",
    "@example.org",
    "TLSv1.3",
    "TLS_AES_128_GCM_SHA256",
    "ECDHE-RSA-AES256-GCM-SHA384",
    "aes-256-gcm",
    "SHA256withRSA",
    "utf-8",
    "x86_64",
    "amd64",
    "aarch64-unknown-linux-gnu",
    "x86_64-unknown-linux-gnu",
    "MyVeryLongServiceNameV2Handler",
    "com.example.orders.OrderServiceV2",
    "grpc.health.v1.Health",
    "ThreadPoolExecutor2Worker17",
    "DEADLINE_EXCEEDED",
    "http_server_request_duration_seconds",
    "checkout-service-v2-canary",
    "größe-12",
    "数据库-1",
];

#[test]
fn identifiers_are_recognised() {
    for (value, shape) in IDENTIFIERS {
        assert_eq!(ValueShape::of(value), Some(shape), "{value}");
    }
    for shape in ValueShape::ALL {
        assert!(
            IDENTIFIERS.iter().any(|(_, found)| *found == shape),
            "{shape:?}"
        );
    }
}

#[test]
fn words_versions_codes_and_routes_are_not_identifiers() {
    for value in WORDS {
        assert_eq!(ValueShape::of(value), None, "{value}");
    }
}

#[test]
fn only_the_head_of_a_long_value_is_looked_at() {
    let path = |words: usize| format!("/{}42", "é/".repeat(words));
    assert_eq!(ValueShape::of(&path(100)), Some(PathWithIds));
    assert_eq!(ValueShape::of(&path(2_000)), None);
}

#[test]
fn templates_have_no_shape_and_are_told_apart() {
    let templates = ValueShape::ALL.map(ValueShape::template);
    for (at, template) in templates.iter().enumerate() {
        assert_eq!(ValueShape::of(template), None, "{template}");
        assert!(!templates[..at].contains(template), "{template} twice");
    }
    let words = ValueShape::ALL.map(ValueShape::as_str);
    assert!((0..words.len()).all(|at| !words[..at].contains(&words[at])));
}

#[test]
fn masks_show_how_a_value_is_built() {
    for (value, expected) in [
        ("", ""),
        ("alice@example.org", "xxxx@xxxx.xxx"),
        ("10.0.0.17:8080", "00.0.0.00:0000"),
        ("/users/42", "/xxxx/00"),
        (
            "2f1e4c1a-7d58-4b55-9c39-6d8e4f0a1b2c",
            "xxxx-xxxx-xxxx-xxxx-xxxx",
        ),
        ("Müller, 7", "xxxx, 0"),
        ("a\nb\u{2028}", "x?x?"),
        (
            "........................................",
            "................................",
        ),
    ] {
        assert_eq!(MaskedValue::of(value).as_str(), expected, "{value}");
    }
}

proptest! {
    #[test]
    fn any_text_has_one_shape_or_none_and_a_mask(value in "\\PC{0,300}|[0-9a-fA-FTZ:./@x()_ -]{0,60}") {
        prop_assert_eq!(ValueShape::of(&value), ValueShape::of(&value.clone()));
        let masked = MaskedValue::of(&value);
        prop_assert!(masked.as_str().len() <= MaskedValue::MAX_BYTES);
        let tells = |c: char| c.is_alphanumeric() && c != 'x' && c != '0';
        prop_assert!(!masked.as_str().contains(tells), "{masked}");
    }

    #[test]
    fn every_uuid_and_address_is_one(uuid in any::<u128>(), ip in any::<u32>(), port in any::<u16>()) {
        let hex = format!("{uuid:032x}");
        let parts = [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]];
        prop_assert_eq!(ValueShape::of(&parts.join("-")), Some(Uuid));
        let ip = std::net::Ipv4Addr::from(ip);
        prop_assert_eq!(ValueShape::of(&ip.to_string()), Some(Ip));
        prop_assert_eq!(ValueShape::of(&format!("{ip}:{port}")), Some(SocketAddress));
        let six = std::net::Ipv6Addr::from(uuid | 1);
        prop_assert_eq!(ValueShape::of(&format!("[{six}]:{port}")), Some(SocketAddress));
    }
}
