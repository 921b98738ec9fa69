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
        let parsed = TraceState::parse(input);
        assert_eq!(parsed.is_ok(), is_list(input));
        let Ok(Some(list)) = parsed else {
            return;
        };
        check(&list);
        let text = list.as_str();
        assert!(text.len() <= input.len());
        for (key, value) in list.members() {
            assert!(list.get(key).is_some());
            let changed = list.insert(key, value).expect("the member is well formed");
            check(&changed);
            let others = list.members().filter(|member| member.0 != key);
            assert!(
                changed
                    .members()
                    .eq([(key, value)].into_iter().chain(others))
            );
        }
        if let Some(kept) = TraceState::from_otel(&list.to_otel()) {
            check(&kept);
            assert!(
                kept.members()
                    .all(|member| list.members().any(|other| other == member))
            );
        }
        // Parts of the text are keys and values that other lists do not have.
        let (start, end) = text.split_at(text.len() / 2);
        for value in [start, end] {
            if let Ok(changed) = list.insert("rojo", value) {
                check(&changed);
                assert_eq!(changed.get("rojo"), Some(value));
            }
            if let Ok(changed) = list.insert(value, "1") {
                check(&changed);
                assert_eq!(changed.get(value), Some("1"));
            }
        }
    })
}

/// The grammar of section 3.3 once more, written for reading.
fn is_list(input: &[u8]) -> bool {
    let is_blank = |c: u8| c == b' ' || c == b'\t';
    let is_key_char = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit() || b"_-*/@".contains(&c);
    let is_value_char = |c: u8| c == b' ' || c.is_ascii_graphic() && c != b',' && c != b'=';
    let mut count = 0;
    input.split(|c| *c == b',').all(|member| {
        let Some(start) = member.iter().position(|c| !is_blank(*c)) else {
            return true;
        };
        let end = member.iter().rposition(|c| !is_blank(*c)).unwrap_or(start);
        let parts: Vec<&[u8]> = member[start..=end].split(|c| *c == b'=').collect();
        let [key, value] = parts[..] else {
            return false;
        };
        count += 1;
        count <= 32
            && (1..=256).contains(&key.len())
            && (1..=256).contains(&value.len())
            && !b"_-*/@".contains(&key[0])
            && key.iter().all(|c| is_key_char(*c))
            && value.iter().all(|c| is_value_char(*c))
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
