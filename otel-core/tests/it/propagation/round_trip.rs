//! What holds for every input.

use http::{HeaderMap, HeaderValue};
use opentelemetry::trace::{SpanContext, TraceState as OtelTraceState};
use opentelemetry::{SpanId, TraceFlags, TraceId};
use otel_core::propagation::{Propagator, TraceParent, TraceState};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

fn trace_parent() -> impl Strategy<Value = TraceParent> {
    (1..=u128::MAX, 1..=u64::MAX, any::<u8>()).prop_map(|(trace, parent, flags)| {
        TraceParent::new(trace.into(), parent.into(), TraceFlags::new(flags)).unwrap()
    })
}

/// One well-formed member, with any legal key and value.
pub(super) fn member(key: &'static str) -> impl Strategy<Value = String> {
    (key, "[ -+\\--<>-~]{0,9}[!-+\\--<>-~]").prop_map(|(key, value)| format!("{key}={value}"))
}

fn list() -> impl Strategy<Value = TraceState> {
    vec(member("[a-z0-9][a-z0-9_*/@-]{0,9}"), 1..=32).prop_map(|members| {
        TraceState::parse(members.join(",").as_bytes())
            .unwrap()
            .unwrap()
    })
}

/// Text that is close to a list, so that some of it is one.
fn list_like() -> impl Strategy<Value = String> {
    vec("[ \t]?[a-c@A]{0,2}=?[x= ]{0,2}[ \t]?", 0..40).prop_map(|members| members.join(","))
}

/// A `traceparent` with a few bytes changed, cut off or added.
fn parent_like() -> impl Strategy<Value = Vec<u8>> {
    let change = (
        0..80_usize,
        prop::sample::select(b"0af-F+. \t\xff".as_slice()),
    );
    (
        trace_parent(),
        any::<bool>(),
        vec(change, 0..3),
        50..60_usize,
    )
        .prop_map(|(parent, is_later, changes, len)| {
            let mut text = parent.encode().to_vec();
            if is_later {
                text[..2].copy_from_slice(b"0f");
            }
            text.resize(len, b'-');
            for (at, byte) in changes {
                if let Some(place) = text.get_mut(at) {
                    *place = byte;
                }
            }
            text
        })
}

/// The rules of section 3.2 once more, written for reading and not for speed.
fn is_trace_parent(text: &[u8]) -> bool {
    let is_blank = |c: &u8| *c == b' ' || *c == b'\t';
    let start = text.iter().position(|c| !is_blank(c)).unwrap_or(text.len());
    let end = text
        .iter()
        .rposition(|c| !is_blank(c))
        .map_or(start, |last| last + 1);
    let fields: Vec<&[u8]> = text[start..end].split(|c| *c == b'-').collect();
    let [version, trace, parent, flags, more @ ..] = fields.as_slice() else {
        return false;
    };
    let is_hex = |field: &[u8], len| {
        field.len() == len && field.iter().all(|c| b"0123456789abcdef".contains(c))
    };
    let is_id = |field: &[u8], len| is_hex(field, len) && field.iter().any(|c| *c != b'0');
    is_hex(version, 2)
        && *version != b"ff"
        && is_id(trace, 32)
        && is_id(parent, 16)
        && is_hex(flags, 2)
        && (*version != b"00" || more.is_empty())
}

proptest! {
    #[test]
    fn an_encoded_parent_parses_to_itself(parent in trace_parent()) {
        prop_assert_eq!(TraceParent::parse(&parent.encode()), Ok(parent));
        prop_assert_eq!(TraceParent::parse(parent.to_header_value().as_bytes()), Ok(parent));
    }

    #[test]
    fn a_parent_is_accepted_by_the_rules_alone(text in parent_like()) {
        let parsed = TraceParent::parse(&text);
        prop_assert_eq!(parsed.is_ok(), is_trace_parent(&text), "{:?}", text.escape_ascii());
    }

    #[test]
    fn no_bytes_are_too_strange_for_a_parent(bytes in vec(any::<u8>(), 0..80)) {
        prop_assert_eq!(TraceParent::parse(&bytes).is_ok(), is_trace_parent(&bytes));
    }

    #[test]
    fn an_accepted_list_parses_to_itself(text in list_like()) {
        if let Ok(Some(list)) = TraceState::parse(text.as_bytes()) {
            prop_assert_eq!(TraceState::parse(list.as_str().as_bytes()), Ok(Some(list)));
        }
    }

    #[test]
    fn no_bytes_are_too_strange_for_a_list(bytes in vec(any::<u8>(), 0..80)) {
        if let Ok(Some(list)) = TraceState::parse(&bytes) {
            prop_assert_eq!(TraceState::parse(list.as_str().as_bytes()), Ok(Some(list)));
        }
    }

    #[test]
    fn an_inserted_member_is_first_and_alone(
        list in list(),
        key in "[a-z0-9][a-z0-9_*/@-]{0,9}",
        value in "[!-+]{1,256}",
    ) {
        let changed = list.insert(&key, &value).unwrap();
        let members: Vec<_> = changed.members().collect();
        prop_assert_eq!(members[0], (key.as_str(), value.as_str()));
        let others: Vec<_> = list.members().filter(|member| member.0 != key).take(31).collect();
        prop_assert_eq!(&members[1..], others.as_slice());
    }

    #[test]
    fn what_is_injected_is_extracted(parent in trace_parent(), list in option::of(list())) {
        let sent = SpanContext::new(
            parent.trace_id(),
            parent.parent_id(),
            parent.flags(),
            true,
            list.as_ref().map_or(OtelTraceState::NONE, TraceState::to_otel),
        );
        let mut headers = HeaderMap::new();
        Propagator::w3c().inject(&sent, list.as_ref(), &mut headers);
        prop_assert_eq!(headers.len(), 1 + usize::from(list.is_some()));

        let received = Propagator::w3c().extract(&headers);
        prop_assert_eq!(received.to_parent(), Some(sent));
        prop_assert_eq!(received.tracestate(), list.as_ref());
        prop_assert!(!received.is_malformed() && !received.is_tracestate_discarded());
    }

    #[test]
    fn lines_mean_the_same_as_their_combination(
        parent in trace_parent(),
        split in vec(list_like(), 0..4),
    ) {
        let mut joined = HeaderMap::new();
        joined.insert("traceparent", parent.to_header_value());
        let mut apart = joined.clone();
        for line in &split {
            apart.append("tracestate", HeaderValue::from_str(line).unwrap());
        }
        joined.insert("tracestate", HeaderValue::from_str(&split.join(",")).unwrap());

        let joined = Propagator::w3c().extract(&joined);
        let apart = Propagator::w3c().extract(&apart);
        prop_assert_eq!(joined.tracestate(), apart.tracestate());
        prop_assert_eq!(joined.span_context(), apart.span_context());
    }

    #[test]
    fn an_invalid_id_is_never_injected(is_trace in any::<bool>(), id in 1..=u64::MAX) {
        let (trace, span) = match is_trace {
            true => (TraceId::from(u128::from(id)), SpanId::INVALID),
            false => (TraceId::INVALID, SpanId::from(id)),
        };
        let state = OtelTraceState::NONE;
        let span_context = SpanContext::new(trace, span, TraceFlags::SAMPLED, false, state);
        let mut headers = HeaderMap::new();
        Propagator::w3c().inject(&span_context, None, &mut headers);
        prop_assert!(headers.is_empty());
    }
}
