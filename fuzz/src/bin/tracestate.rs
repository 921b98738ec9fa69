//! Any bytes as a `tracestate`, and any part of them as a member to insert.

use std::process::ExitCode;

use otel_core::propagation::TraceState;

const SEEDS: &[&[u8]] = &[
    b"rojo=00f067aa0ba902b7,congo=t61rcWkgMzE",
    b" rojo=1 \t , ,\t, congo@@a=  2 ~,,0*/-_=!\t",
    b"a=1,b=2,c=3,d=4,e=5,f=6,g=7,h=8,i=9,j=10,k=11,l=12,m=13,n=14,o=15,p=16,\
      q=17,r=18,s=19,t=20,u=21,v=22,w=23,x=24,y=25,z=26,0=27,1=28,2=29,3=30,4=31,5=32",
    b"zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz=\
      xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
];

const DICTIONARY: &[&[u8]] = &[
    b",", b"=", b" ", b"\t", b"@", b"a=1,", b",b= 2 ", b"A", b"==", b"\x7f", b"\xff", b"rojo",
];

fn main() -> ExitCode {
    otel_fuzz::run(SEEDS, DICTIONARY, |input| {
        let Ok(Some(list)) = TraceState::parse(input) else {
            return;
        };
        check(&list);
        let text = list.as_str();
        assert!(text.len() <= input.len());
        for (key, value) in list.members() {
            assert!(list.get(key).is_some());
            let changed = list.insert(key, value).expect("the member is well formed");
            check(&changed);
            assert_eq!(changed.members().next(), Some((key, value)));
            assert_eq!(
                changed.members().filter(|member| member.0 == key).count(),
                1
            );
        }
        if let Some(kept) = TraceState::from_otel(&list.to_otel()) {
            check(&kept);
            assert!(
                kept.members()
                    .all(|member| list.members().any(|other| other == member))
            );
        }
        let half = text.len() / 2;
        if let Ok(changed) = list.insert(&text[..half], &text[half..]) {
            check(&changed);
        }
    })
}

fn check(list: &TraceState) {
    assert!(list.as_str().len() <= TraceState::MAX_LEN);
    assert!((1..=32).contains(&list.members().count()));
    assert_eq!(
        TraceState::parse(list.as_str().as_bytes()),
        Ok(Some(list.clone()))
    );
}
