//! Names that seem to mean the same.

use std::iter::zip;

/// The pairs of names that differ in letter case, separators, a plural or one letter alone.
pub(super) fn similar<'n>(names: &'n [&'n str]) -> impl Iterator<Item = (&'n str, &'n str)> {
    let plain: Vec<String> = names.iter().map(|name| plain(name)).collect();
    let mut found = Vec::new();
    for (at, (name, ours)) in zip(names, &plain).enumerate() {
        for (other, theirs) in zip(names, &plain).skip(at + 1) {
            if ours == theirs || differs_in_one_letter(ours, theirs) {
                found.push((*name, *other));
            }
        }
    }
    found.into_iter()
}

/// Without what people write differently: separators, letter case, a plural.
fn plain(name: &str) -> String {
    let words = name.split(|c: char| !c.is_ascii_alphanumeric());
    let words = words.map(|word| word.strip_suffix('s').unwrap_or(word).to_ascii_lowercase());
    words.collect()
}

/// Whether one letter was added, lost or mistaken. Digits number things: they are not mistaken. Short
/// names differ in one letter often.
fn differs_in_one_letter(a: &str, b: &str) -> bool {
    let (short, long) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    if short.len() < SHORTEST || long.len() - short.len() > 1 {
        return false;
    }
    let (short, long) = (short.as_bytes(), long.as_bytes());
    let common = zip(short, long).take_while(|(a, b)| a == b).count();
    let is_letter = |text: &[u8]| text.get(common).is_some_and(u8::is_ascii_alphabetic);
    let rest = |text: &[u8], skip: usize| text.get(common + skip..).map(<[u8]>::to_vec);
    if short.len() == long.len() {
        is_letter(short) && is_letter(long) && rest(short, 1) == rest(long, 1)
    } else {
        is_letter(long) && rest(short, 0) == rest(long, 1)
    }
}

const SHORTEST: usize = 8;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_similar_if_people_would_take_one_for_the_other() {
        for (a, b) in [
            ("http_requests", "http_request"),
            ("status_code", "statusCode"),
            ("http.route", "http_route"),
            ("queue_length", "queue_lenght2"),
            ("cache_evictions", "cache_evictons"),
            ("db_connections", "db_connectionz"),
        ] {
            let found = similar(&[a, b]).count();
            assert_eq!(found, usize::from(a != "queue_length"), "{a} {b}");
        }
        for (a, b) in [
            ("http_client_duration", "http_server_duration"),
            ("shard_latency_1", "shard_latency_2"),
            ("read", "lead"),
            ("bytes_in", "bytes_on"),
        ] {
            assert_eq!(similar(&[a, b]).count(), 0, "{a} {b}");
        }
    }
}
