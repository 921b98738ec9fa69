//! How values are typed, and what becomes of names that collide.

use std::error::Error;
use std::fmt;
use std::io;

use serde_json::{Value, json};

use crate::support::{PATIENCE, builder, lines_of, parse, record_of, stack};

#[test]
fn each_type_has_its_json() {
    macro_rules! cases {
        ($($value:expr => $expected:expr),+ $(,)?) => {{
            $(
                let line = lines_of(|| tracing::info!(value = $value)).remove(0);
                let expected = format!(r#","value":{},"#, $expected);
                assert!(line.contains(&expected), "{expected} in {line}");
            )+
        }};
    }
    cases! {
        i64::MIN => "-9223372036854775808",
        i64::MAX as u64 => "9223372036854775807",
        i64::MAX as u64 + 1 => "\"9223372036854775808\"",
        u64::MAX => "\"18446744073709551615\"",
        7_i128 => "7",
        i128::MIN => "\"-170141183460469231731687303715884105728\"",
        7_u128 => "7",
        u128::MAX => "\"340282366920938463463374607431768211455\"",
        -7_i8 => "-7",
        7_usize => "7",
        0.1 => "0.1",
        1.0 => "1.0",
        -0.0 => "-0.0",
        f64::MAX => "1.7976931348623157e+308",
        5e-324 => "5e-324",
        f64::NAN => "\"NaN\"",
        f64::INFINITY => "\"Infinity\"",
        f64::NEG_INFINITY => "\"-Infinity\"",
        true => "true",
        "text" => "\"text\"",
        "a\"b\\c\n\u{1b}[0m\u{7f}\u{9b}\u{2028}é" =>
            r#""a\"b\\c\n\u001b[0m\u007f\u009b\u2028é""#,
        tracing::field::debug("quoted") => r#""\"quoted\"""#,
        tracing::field::display("plain") => r#""plain""#,
        tracing::field::debug(vec![1, 2]) => r#""[1, 2]""#,
    }
}

#[test]
fn a_message_is_text_whatever_its_type() {
    let cases: [(Value, &dyn Fn()); 5] = [
        (json!("5"), &|| tracing::info!(message = 5)),
        (json!("NaN"), &|| tracing::info!(message = f64::NAN)),
        (json!("true"), &|| tracing::info!(message = true)),
        (json!("a \"b\""), &|| tracing::info!("a \"b\"")),
        (json!("a 1"), &|| tracing::info!("a {}", 1)),
    ];
    for (expected, log) in cases {
        assert_eq!(record_of(log)["body"], expected);
    }
}

#[derive(Debug)]
struct Outer(io::Error);

impl fmt::Display for Outer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("outer failed")
    }
}

impl Error for Outer {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&self.0)
    }
}

#[test]
fn an_error_keeps_its_key_and_is_the_exception() {
    let first = Outer(io::Error::other("inner"));
    let second = io::Error::other("second");
    let record = record_of(|| {
        tracing::error!(
            cause = &first as &(dyn Error + 'static),
            also = &second as &(dyn Error + 'static),
            "failed"
        );
    });
    assert_eq!(record["cause"], "outer failed");
    assert_eq!(record["also"], "second");
    assert_eq!(record["exception.message"], "outer failed");
}

#[test]
fn an_exception_message_of_the_users_own_wins() {
    let error = io::Error::other("derived");
    let record = record_of(|| {
        tracing::error!(
            cause = &error as &(dyn Error + 'static),
            exception.message = "own",
        );
    });
    assert_eq!(record["exception.message"], "own");
    assert_eq!(record["cause"], "derived");
}

#[test]
fn a_reserved_key_cannot_be_taken() {
    let (stack, guard, lines) = stack(builder());
    tracing::subscriber::with_default(stack, || {
        tracing::info!(
            timestamp = "x",
            trace_id = "forged",
            body = "x",
            request_id = "x",
            service.name = "x",
            r#target = "x",
            "real"
        );
    });
    let report = guard.flush(PATIENCE);
    let record = parse(&lines.lines()[0]);
    assert_eq!(record["body"], "real");
    assert_eq!(record["service.name"], "shop");
    assert_eq!(record.get("trace_id"), None);
    for key in [
        "timestamp",
        "trace_id",
        "body",
        "request_id",
        "service.name",
        "target",
    ] {
        assert!(record.get(format!("field.{key}")).is_some(), "{key}");
    }
    assert_eq!(report.stats().renamed_fields(), 6);
}

#[test]
fn of_repeated_keys_the_last_value_stands_in_the_first_place() {
    let cases: [(&str, &dyn Fn()); 6] = [
        (r#","a":3,"b":2,"#, &|| tracing::info!(a = 1, b = 2, a = 3)),
        (r#","a":"longer","b":2,"c":4,"#, &|| {
            tracing::info!(a = 1, b = 2, a = "longer", c = 4);
        }),
        (r#","a":5,"b":4,"c":0,"#, &|| {
            tracing::info!(a = "longest", b = "long", c = 0, b = 4, a = 5);
        }),
        (r#","a":1,"b":2,"#, &|| {
            tracing::info!(a = 1, b = 2, a = tracing::field::Empty);
        }),
        (r#","field.body":2,"service.name""#, &|| {
            tracing::info!(body = 1, field.body = 2);
        }),
        (r#","body":"last","#, &|| {
            tracing::info!(message = "first", message = "last");
        }),
    ];
    for (expected, log) in cases {
        let line = lines_of(log).remove(0);
        assert!(line.contains(expected), "{expected} in {line}");
        assert!(!line.contains("first"), "{line}");
    }
}
