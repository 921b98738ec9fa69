//! Any bytes as a `baggage` header, and through the type of the OTel API.

use std::process::ExitCode;

use http::HeaderValue;
use otel_core::propagation::Baggage;

const SEEDS: &[&[u8]] = &[
    b"rojo=1,congo=2;p=1;q,baz=%C3%BC",
    b" user\t= J%C3%BCrgen ; p = 1%2Cadmin=true ;; q , user=2,,\t",
    b"a=,b==,c=%zz%,d=%ff%c3%28,!#$%&'*+-.^_`|~=\"",
];

const DICTIONARY: &[&[u8]] = &[
    b",", b"=", b";", b"%", b"%2C", b"%0d%0a", b"%ff", b" ", b"\t", b"\"", b"\\", b"\xff", b"a=1,",
];

fn main() -> ExitCode {
    otel_fuzz::run(SEEDS, DICTIONARY, |input| {
        let parsed = Baggage::parse(input);
        let members = input
            .split(|c| *c == b',')
            .filter(|member| member.iter().any(|c| !b" \t".contains(c)))
            .count();
        let is_within = input.len() <= Baggage::MAX_LEN && members <= Baggage::MAX_MEMBERS;
        assert_eq!(parsed.is_ok(), is_within);
        let Ok(Some(baggage)) = parsed else {
            return;
        };
        let kept = check(&baggage);
        assert!(kept <= members && baggage.as_str().len() <= input.len());
        // Nothing becomes a member that was none.
        if let Some(through) = Baggage::from_otel(&baggage.to_otel()) {
            assert!(check(&through) <= kept);
            for member in through.members() {
                assert_eq!(baggage.get(member.key()), Some(member.value()));
            }
        }
        for member in baggage.members() {
            if let Ok(changed) = baggage.insert(member.key(), &member.value()) {
                check(&changed);
                assert_eq!(changed.get(member.key()), Some(member.value()));
            }
            if let Some(rest) = baggage.remove(member.key()) {
                assert!(check(&rest) < kept);
            }
        }
    })
}

fn check(baggage: &Baggage) -> usize {
    let text = baggage.as_str();
    assert!((1..=Baggage::MAX_LEN).contains(&text.len()));
    assert!(HeaderValue::from_str(text).is_ok());
    assert_eq!(Baggage::parse(text.as_bytes()), Ok(Some(baggage.clone())));
    let count = baggage.members().count();
    assert!((1..=Baggage::MAX_MEMBERS).contains(&count));
    assert_eq!(count, text.split(',').count());
    count
}
