//! JSON as far as a schema needs it (RFC 8259), read into a tree.
//!
//! Bounded in size and depth, since a schema may come from anywhere.

/// Longest text that is read, bytes.
const MAX_BYTES: usize = 1 << 20;
const MAX_DEPTH: usize = 64;

/// A value. Members of an object stay in their order.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Json {
    Null,
    Bool(bool),
    Number(f64),
    Text(String),
    List(Vec<Self>),
    Object(Vec<(String, Self)>),
}

impl Json {
    /// Reads one value and nothing after it.
    pub(super) fn parse(text: &str) -> Option<Self> {
        if text.len() > MAX_BYTES {
            return None;
        }
        let mut reader = Reader { text, at: 0 };
        let value = reader.value(0)?;
        reader.space();
        (reader.at == text.len()).then_some(value)
    }

    pub(super) fn get(&self, name: &str) -> Option<&Self> {
        self.members()
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value)
    }

    pub(super) fn members(&self) -> &[(String, Self)] {
        match self {
            Self::Object(members) => members,
            _ => &[],
        }
    }

    pub(super) fn items(&self) -> &[Self] {
        match self {
            Self::List(items) => items,
            _ => &[],
        }
    }

    pub(super) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    pub(super) const fn number(&self) -> Option<f64> {
        match self {
            Self::Number(number) => Some(*number),
            _ => None,
        }
    }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl Reader<'_> {
    fn value(&mut self, depth: usize) -> Option<Json> {
        if depth > MAX_DEPTH {
            return None;
        }
        self.space();
        match self.peek()? {
            b'{' => self.object(depth),
            b'[' => self.list(depth),
            b'"' => self.string().map(Json::Text),
            b't' => self.word("true").map(|()| Json::Bool(true)),
            b'f' => self.word("false").map(|()| Json::Bool(false)),
            b'n' => self.word("null").map(|()| Json::Null),
            _ => self.number(),
        }
    }

    fn object(&mut self, depth: usize) -> Option<Json> {
        let mut members: Vec<(String, Json)> = Vec::new();
        self.take(b'{')?;
        self.space();
        if self.take(b'}').is_some() {
            return Some(Json::Object(members));
        }
        loop {
            self.space();
            let name = self.string()?;
            self.space();
            self.take(b':')?;
            members.push((name, self.value(depth + 1)?));
            self.space();
            if self.take(b'}').is_some() {
                return Some(Json::Object(members));
            }
            self.take(b',')?;
        }
    }

    fn list(&mut self, depth: usize) -> Option<Json> {
        let mut items = Vec::new();
        self.take(b'[')?;
        self.space();
        if self.take(b']').is_some() {
            return Some(Json::List(items));
        }
        loop {
            items.push(self.value(depth + 1)?);
            self.space();
            if self.take(b']').is_some() {
                return Some(Json::List(items));
            }
            self.take(b',')?;
        }
    }

    fn string(&mut self) -> Option<String> {
        self.take(b'"')?;
        let mut out = String::new();
        loop {
            let rest = self.text.get(self.at..)?;
            let plain = rest.find(|c: char| c == '"' || c == '\\' || c < ' ')?;
            out.push_str(rest.get(..plain)?);
            self.at += plain;
            if self.take(b'"').is_some() {
                return Some(out);
            }
            self.take(b'\\')?;
            let escape = self.peek()?;
            self.at += 1;
            out.push(match escape {
                b'"' | b'\\' | b'/' => char::from(escape),
                b'b' => '\u{8}',
                b'f' => '\u{c}',
                b'n' => '\n',
                b'r' => '\r',
                b't' => '\t',
                b'u' => self.unicode()?,
                _ => return None,
            });
        }
    }

    fn unicode(&mut self) -> Option<char> {
        let first = self.hex4()?;
        if !(0xd800..0xdc00).contains(&first) {
            return char::from_u32(first);
        }
        self.word("\\u")?;
        let second = self
            .hex4()
            .filter(|second| (0xdc00..0xe000).contains(second))?;
        char::from_u32(0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00))
    }

    fn hex4(&mut self) -> Option<u32> {
        let digits = self.text.get(self.at..self.at + 4)?;
        if !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
            return None;
        }
        self.at += 4;
        u32::from_str_radix(digits, 16).ok()
    }

    fn number(&mut self) -> Option<Json> {
        let rest = self.text.get(self.at..)?;
        let is_part = |b: u8| b.is_ascii_digit() || b"+-.eE".contains(&b);
        let len = rest.bytes().position(|b| !is_part(b)).unwrap_or(rest.len());
        let digits = rest.get(..len)?;
        // Rust reads more than JSON writes: a sign in front, a point at either end, leading zeros.
        let unsigned = digits.strip_prefix('-').unwrap_or(digits);
        let mut bytes = unsigned.bytes();
        let first = bytes.next().filter(u8::is_ascii_digit)?;
        let second = bytes.next().unwrap_or(b'.');
        let is_padded = first == b'0' && second.is_ascii_digit();
        let has_bare_point = unsigned.split_once('.').is_some_and(|(_, fraction)| {
            !fraction.bytes().next().is_some_and(|b| b.is_ascii_digit())
        });
        if is_padded || has_bare_point {
            return None;
        }
        let number: f64 = digits.parse().ok()?;
        self.at += len;
        number.is_finite().then_some(Json::Number(number))
    }

    fn word(&mut self, word: &str) -> Option<()> {
        self.text.get(self.at..)?.strip_prefix(word)?;
        self.at += word.len();
        Some(())
    }

    fn take(&mut self, byte: u8) -> Option<()> {
        (self.peek()? == byte).then(|| self.at += 1)
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn space(&mut self) {
        while self.peek().is_some_and(|b| b" \t\r\n".contains(&b)) {
            self.at += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_agrees_with_the_reference_on_what_is_json() {
        let cases = [
            "null",
            "true",
            " false ",
            "0",
            "-0",
            "1.5e3",
            "1E-2",
            "\"a\\u00e9\\n\\ud83e\\udd80\"",
            "[]",
            "[1,2]",
            "{}",
            "{\"a\":{\"b\":[null]},\"c\":\"d\"}",
            "",
            "01",
            "+1",
            ".5",
            "1.",
            "1.e3",
            "[1,]",
            "{\"a\"}",
            "{a:1}",
            "\"\\x\"",
            "\"\\ud800\"",
            "\"\t\"",
            "1 2",
            "nul",
            "[",
            "\"",
            "{\"a\":1,}",
            "1e999",
            "--1",
            "1e",
            "\"\\u+123\"",
        ];
        for text in cases {
            let reference: Result<serde_json::Value, _> = serde_json::from_str(text);
            assert_eq!(Json::parse(text).is_some(), reference.is_ok(), "{text}");
        }
        let parsed = Json::parse("\"a\\u00e9\\n\\ud83e\\udd80\"").unwrap();
        assert_eq!(parsed.text(), Some("aé\n🦀"));
    }

    #[test]
    fn depth_is_bounded() {
        let nested = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
        assert!(Json::parse(&nested(60)).is_some());
        assert!(Json::parse(&nested(100_000)).is_none());
    }
}
