//! `tracestate` as a table: section 3.3 of Trace Context level 2.

use opentelemetry::trace::TraceState as OtelTraceState;
use otel_core::propagation::{InvalidTraceState, TraceState};

fn parse(text: &str) -> Result<Option<TraceState>, InvalidTraceState> {
    TraceState::parse(text.as_bytes())
}

fn parsed(text: &str) -> TraceState {
    parse(text).unwrap().unwrap()
}

/// What is propagated; an empty text stands for no list at all.
#[rustfmt::skip] // One case a line.
pub(super) const ACCEPTED: &[(&str, &str, &str)] = &[
    ("one member", "rojo=1", "rojo=1"),
    ("order is kept", "rojo=1,congo=2,baz=3", "rojo=1,congo=2,baz=3"),
    ("a list without members", "", ""),
    ("white space only", " \t ", ""),
    ("empty members only", ",, ,\t,", ""),
    ("empty members are dropped", ",rojo=1,, \t,congo=2,", "rojo=1,congo=2"),
    ("white space around members", " \trojo=1 \t , \t congo=2\t", "rojo=1,congo=2"),
    ("white space the other way round", "rojo=1\t \t,\t \tcongo=2", "rojo=1,congo=2"),
    ("a space before", " rojo=1", "rojo=1"),
    ("a tab before", "\trojo=1", "rojo=1"),
    ("a space after", "rojo=1 ", "rojo=1"),
    ("a tab after", "rojo=1\t", "rojo=1"),
    ("white space after a value is not part of it", "rojo=1  ,congo=2", "rojo=1,congo=2"),
    ("spaces before a value are part of it", "rojo=  1", "rojo=  1"),
    ("spaces inside a value", "rojo=1 2", "rojo=1 2"),
    ("a key of one digit", "0=1", "0=1"),
    ("every character of a key", "abcdefghijklmnopqrstuvwxyz0123456789_-*/@=1", "abcdefghijklmnopqrstuvwxyz0123456789_-*/@=1"),
    ("every character of a value", "a= !\"#$%&'()*+-./0123456789:;<>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~", "a= !\"#$%&'()*+-./0123456789:;<>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~"),
    ("a key that ends with an at sign", "rojo@=1,congo=2", "rojo@=1,congo=2"),
    ("two at signs side by side", "rojo@@a=1", "rojo@@a=1"),
    ("two at signs apart", "rojo@a@b=1", "rojo@a@b=1"),
    ("a digit after the at sign", "rojo@1=1", "rojo@1=1"),
    ("a key twice is kept twice", "rojo=1,rojo=2", "rojo=1,rojo=2"),
    ("the same member twice", "rojo=1,rojo=1", "rojo=1,rojo=1"),
];

#[test]
fn accepted_lists_are_propagated_without_optional_parts() {
    for &(why, value, propagated) in ACCEPTED {
        let list = parse(value).unwrap_or_else(|error| panic!("{why}: {error}"));
        let text = list.as_ref().map_or("", TraceState::as_str);
        assert_eq!(text, propagated, "{why}");
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Refusal {
    Key,
    Value,
}
use Refusal::{Key, Value};

#[rustfmt::skip] // One case a line.
pub(super) const REFUSED: &[(&str, Refusal, &str)] = &[
    ("no equals sign", Value, "rojo"),
    ("no value", Value, "rojo="),
    ("no value but white space", Value, "rojo= \t"),
    ("no value, with a good member after", Value, "rojo=,congo=2"),
    ("a value with an equals sign", Value, "rojo=1=2"),
    ("a value that starts with an equals sign", Value, "rojo==1"),
    ("a tab inside a value", Value, "rojo=1\t2"),
    ("a control character in a value", Value, "rojo=\u{1}"),
    ("delete in a value", Value, "rojo=\u{7f}"),
    ("a line end after a value", Value, "rojo=1\r\n"),
    ("no ASCII in a value", Value, "rojo=é"),
    ("no key", Key, "=1"),
    ("an equals sign alone", Key, "="),
    ("a space after the key", Key, "rojo =1"),
    ("an upper-case key", Key, "ROJO=1"),
    ("a capital in a key", Key, "rOjo=1"),
    ("a dot in a key", Key, "rojo.a=1"),
    ("a key that starts with an at sign", Key, "@rojo=1,congo=2"),
    ("a key that starts with an underscore", Key, "_rojo=1"),
    ("a key that starts with a dash", Key, "-rojo=1"),
    ("no ASCII in a key", Key, "rojó=1"),
    ("a bad member after good ones", Key, "rojo=1,congo=2,Baz=3"),
];

#[test]
fn one_bad_member_refuses_the_list() {
    for &(why, refusal, value) in REFUSED {
        let error = parse(value).expect_err(&format!("{why}: {value:?}"));
        assert_eq!(error.is_key(), refusal == Key, "{why}: {error}");
        assert_eq!(error.is_value(), refusal == Value, "{why}: {error}");
        assert!(!error.is_too_many_members(), "{why}: {error}");
    }
    assert!(TraceState::parse(b"rojo=\xff").unwrap_err().is_value());
}

#[test]
fn keys_and_values_have_256_characters_at_most() {
    let part = |length: usize| "z".repeat(length);
    for (key, value) in [(256, 1), (1, 256), (256, 256)] {
        let member = format!("{}={}", part(key), part(value));
        assert_eq!(parsed(&member).as_str(), member);
    }
    assert!(parse(&format!("{}=1", part(257))).unwrap_err().is_key());
    assert!(parse(&format!("a={}", part(257))).unwrap_err().is_value());

    // Level 1 divided these between a tenant of 241 and a system of 14.
    for key in [
        format!("{}@{}", part(241), part(14)),
        format!("{}@v", part(242)),
        format!("t@{}", part(15)),
    ] {
        assert_eq!(parsed(&format!("{key}=1")).get(&key), Some("1"));
    }
}

fn numbered(count: usize) -> String {
    let members: Vec<_> = (0..count).map(|n| format!("key{n}={n}")).collect();
    members.join(",")
}

#[test]
fn a_list_has_32_members_at_most() {
    assert_eq!(parsed(&numbered(32)).members().count(), 32);
    assert!(parse(&numbered(33)).unwrap_err().is_too_many_members());

    let with_empty_ones = numbered(32).replace(',', " ,, ,");
    assert_eq!(parsed(&with_empty_ones).as_str(), numbered(32));
}

fn member(key: &str, length: usize) -> String {
    format!("{key}={}", "x".repeat(length - key.len() - 1))
}

#[test]
fn large_members_leave_a_long_list_before_small_ones() {
    let mut members = vec![member("small1", 128)];
    members.extend((0..17).map(|n| member(&format!("large{n}"), 250)));
    members.push(member("small2", 128));

    let list = parsed(&members.join(","));
    members.drain(16..18);
    assert_eq!(list.as_str(), members.join(","));
    assert!(list.as_str().len() <= TraceState::MAX_LEN);
}

#[test]
fn small_members_leave_a_long_list_from_the_right() {
    let mut members: Vec<_> = (0..32).map(|n| member(&format!("m{n}"), 128)).collect();
    let list = parsed(&members.join(","));
    members.pop();
    assert_eq!(list.as_str(), members.join(","));
}

/// Before, the member to set, after.
#[rustfmt::skip] // One case a line.
const INSERTED: &[(&str, &str, (&str, &str), &str)] = &[
    ("a new key", "rojo=1,congo=2", ("baz", "3"), "baz=3,rojo=1,congo=2"),
    ("a changed key", "rojo=1,congo=2,baz=3", ("congo", "9"), "congo=9,rojo=1,baz=3"),
    ("the first key", "rojo=1,congo=2", ("rojo", "9"), "rojo=9,congo=2"),
    ("the same value", "rojo=1,congo=2", ("congo", "2"), "congo=2,rojo=1"),
    ("a key that was there twice", "rojo=1,congo=2,rojo=3", ("rojo", "9"), "rojo=9,congo=2"),
    ("a key that others begin with", "roj=1,rojo=2,rojos=3", ("rojo", "9"), "rojo=9,roj=1,rojos=3"),
];

#[test]
fn a_changed_member_goes_to_the_left() {
    for &(why, before, (key, value), after) in INSERTED {
        let list = parsed(before).insert(key, value).unwrap();
        assert_eq!(list.as_str(), after, "{why}");
        assert_eq!(list.get(key), Some(value), "{why}");
    }
}

#[test]
fn a_full_list_gives_up_its_right_most_member() {
    let full = parsed(&numbered(32));
    let list = full.insert("rojo", "1").unwrap();
    assert_eq!(list.as_str(), format!("rojo=1,{}", numbered(31)));
    let changed = full.insert("key31", "1").unwrap();
    assert_eq!(changed.as_str(), format!("key31=1,{}", numbered(31)));
}

#[test]
fn the_inserted_member_stays_however_large() {
    let others: Vec<_> = (0..31).map(|n| member(&format!("m{n}"), 128)).collect();
    let value = "x".repeat(256);
    let list = parsed(&others.join(",")).insert("rojo", &value).unwrap();
    assert_eq!(list.get("rojo"), Some(value.as_str()));
    assert_eq!(
        list.as_str(),
        format!("rojo={value},{}", others[..29].join(","))
    );
}

#[test]
fn only_well_formed_members_are_inserted() {
    let list = parsed("rojo=1");
    assert!(list.insert("Congo", "2").unwrap_err().is_key());
    assert!(list.insert("", "2").unwrap_err().is_key());
    for value in ["", "2 ", "2,baz=3", "2=3", "2\n", "é"] {
        assert!(list.insert("congo", value).unwrap_err().is_value());
        assert!(TraceState::new("congo", value).unwrap_err().is_value());
    }
    assert_eq!(TraceState::new("congo", " 2").unwrap().as_str(), "congo= 2");
}

#[test]
fn the_left_most_of_equal_keys_counts() {
    assert_eq!(parsed("rojo=1,rojo=2").get("rojo"), Some("1"));
    assert_eq!(parsed("rojo=1").get("roj"), None);
    assert_eq!(parsed("rojo=1").get(""), None);
}

#[test]
fn the_otel_type_gets_what_it_can_hold() {
    let list = parsed("rojo@@a=1,congo= 2,fw529a3039@dt=3,rojo@a@b=4,baz=5");
    assert_eq!(list.to_otel().header(), "congo= 2,fw529a3039@dt=3,baz=5");
    assert_eq!(parsed("rojo@@a=1").to_otel(), OtelTraceState::NONE);
    assert_eq!(parsed(&numbered(32)).to_otel().header(), numbered(32));
}

#[test]
fn what_the_otel_type_should_not_hold_stays_behind() {
    let state = OtelTraceState::from_key_value([("rojo", "1"), ("congo", ""), ("baz", "\u{1}")]);
    let list = TraceState::from_otel(&state.unwrap()).unwrap();
    assert_eq!(list.as_str(), "rojo=1");
    assert_eq!(TraceState::from_otel(&OtelTraceState::NONE), None);
}
