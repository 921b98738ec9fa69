//! Any header lines through a relay: extract, and inject what was extracted.
//!
//! A line of the input is a header line. One that names no header continues the input as the value
//! of a `tracestate`, so that most mutations still reach the propagator.

use std::process::ExitCode;

use http::header::{HeaderMap, HeaderName, HeaderValue};
use otel_core::propagation::{Propagator, TraceParent, TraceState};

const SEEDS: &[&[u8]] = &[
    b"traceparent:00-80e1afed08e019fc1110464cfa66635c-7a085853722dc6d2-03\n\
      tracestate:rojo=1 , congo@@a=2\n\
      tracestate:\n\
      tracestate:baz=3",
    b"TraceParent: cc-80e1afed08e019fc1110464cfa66635c-7a085853722dc6d2-01-more\n\
      x-request-id: 1\n\
      TRACESTATE: a=1,b=2,c=3,d=4,e=5,f=6,g=7,h=8,i=9,j=10,k=11,l=12,m=13,n=14,o=15,p=16\n\
      tracestate: q=17,r=18,s=19,t=20,u=21,v=22,w=23,x=24,y=25,z=26,0=27,1=28,2=29,3=30,4=31",
];

const DICTIONARY: &[&[u8]] = &[
    b"\n",
    b":",
    b",",
    b"=",
    b" ",
    b"\t",
    b"traceparent:",
    b"tracestate:",
    b"\ntracestate:a=1,",
    b"\ntraceparent:00-80e1afed08e019fc1110464cfa66635c-7a085853722dc6d2-00\n",
    b"-",
    b"\xff",
];

fn main() -> ExitCode {
    otel_fuzz::run(SEEDS, DICTIONARY, |input| {
        let headers = header_map(input);
        let propagator = Propagator::w3c();
        let received = propagator.extract(&headers);
        let parents: Vec<_> = headers.get_all("traceparent").iter().collect();
        let is_usable = matches!(parents[..], [one] if TraceParent::parse(one.as_bytes()).is_ok());
        assert_eq!(received.span_context().is_some(), is_usable);
        let Some(span_context) = received.span_context() else {
            assert!(received.tracestate().is_none() && received.format().is_none());
            assert_eq!(received.is_malformed(), !parents.is_empty());
            return;
        };
        assert!(span_context.is_valid() && span_context.is_remote());
        assert!(!received.is_malformed());

        let mut sent = headers.clone();
        propagator.inject(span_context, received.tracestate(), &mut sent);
        assert_eq!(sent["traceparent"].len(), TraceParent::LEN);
        let list = sent.get("tracestate");
        assert_eq!(list.is_some(), received.tracestate().is_some());
        assert!(list.is_none_or(|list| (1..=TraceState::MAX_LEN).contains(&list.len())));
        for field in propagator.fields() {
            assert!(sent.get_all(field).iter().count() <= 1);
        }

        let relayed = propagator.extract(&sent);
        assert_eq!(relayed.span_context(), received.span_context());
        assert_eq!(relayed.tracestate(), received.tracestate());
        assert!(!relayed.is_tracestate_discarded());
    })
}

fn header_map(input: &[u8]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for line in input.split(|byte| *byte == b'\n') {
        let colon = line.iter().position(|byte| *byte == b':').unwrap_or(0);
        let (name, value) = match HeaderName::from_bytes(&line[..colon]) {
            Ok(name) => (name, &line[colon + 1..]),
            Err(_) => (HeaderName::from_static("tracestate"), line),
        };
        if let Ok(value) = HeaderValue::from_bytes(value) {
            headers.append(name, value);
        }
    }
    headers
}
