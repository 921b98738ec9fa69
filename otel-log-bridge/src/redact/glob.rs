//! Names by pattern.
//!
//! Names are compared in one spelling, so that `apiKey`, `X-Api-Key` and `api_key` are one name.

/// The spelling names are compared in: lower case, words joined by `_`, parts by `.`.
pub(crate) fn normal(name: &str) -> String {
    let mut out = String::with_capacity(name.len() + 4);
    let mut was_lower = false;
    for c in name.chars() {
        if c.is_ascii_uppercase() && was_lower {
            out.push('_');
        }
        was_lower = c.is_ascii_lowercase() || c.is_ascii_digit();
        match c {
            '-' | ' ' | '/' => out.push('_'),
            c => out.push(c.to_ascii_lowercase()),
        }
    }
    out
}

/// Whether a text matches a pattern in which `*` stands for any text and `?` for one character.
pub(crate) fn matches(pattern: &str, text: &str) -> bool {
    let (pattern, text) = (pattern.as_bytes(), text.as_bytes());
    let (mut p, mut t) = (0, 0);
    // Where to try again: behind the last star, one byte further in the text.
    let mut again = None;
    while t < text.len() {
        match pattern.get(p) {
            Some(b'*') => {
                again = Some((p + 1, t));
                p += 1;
            }
            Some(&c) if c == b'?' || Some(&c) == text.get(t) => {
                p += 1;
                t += 1;
            }
            _ => {
                let Some((after, from)) = again else {
                    return false;
                };
                again = Some((after, from + 1));
                p = after;
                t = from + 1;
            }
        }
    }
    pattern
        .get(p..)
        .unwrap_or_default()
        .iter()
        .all(|c| *c == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_spelling_for_a_name() {
        let cases = [
            ("apiKey", "api_key"),
            ("X-Api-Key", "x_api_key"),
            (
                "http.request.header.Set-Cookie",
                "http.request.header.set_cookie",
            ),
            ("SSN", "ssn"),
            ("userID2x", "user_id2x"),
        ];
        for (name, expected) in cases {
            assert_eq!(normal(name), expected);
        }
    }

    #[test]
    fn stars_and_question_marks() {
        let cases = [
            ("*", "", true),
            ("a*c", "abbbc", true),
            ("a*c", "abbbd", false),
            ("*token", "access_token", true),
            ("*token", "token_count", false),
            ("*.email", "user.email", true),
            ("h?2", "hx2", true),
            ("h?2", "h2", false),
            ("**a**b", "xxaxxb", true),
            ("", "a", false),
        ];
        for (pattern, text, expected) in cases {
            assert_eq!(matches(pattern, text), expected, "{pattern} {text}");
        }
    }
}
