//! JSON or a word, by `Accept` (RFC 9110, 12.5.1).

use http::HeaderMap;
use http::header::ACCEPT;

/// Whether JSON is wanted more than plain text. Without a wish it is not.
pub(super) fn wants_json(headers: &HeaderMap) -> bool {
    let (mut json, mut text) = (Weight::default(), Weight::default());
    for line in headers.get_all(ACCEPT) {
        let Ok(line) = line.to_str() else { continue };
        for range in line.split(',') {
            let mut parts = range.split(';').map(str::trim);
            let media = parts.next().unwrap_or_default().to_ascii_lowercase();
            let quality = parts.find_map(|part| part.strip_prefix("q=")?.parse::<f32>().ok());
            let quality = quality.unwrap_or(1.0);
            match media.as_str() {
                "application/json" => json.set(2, quality),
                "application/*" => json.set(1, quality),
                "text/plain" => text.set(2, quality),
                "text/*" => text.set(1, quality),
                "*/*" => {
                    json.set(0, quality);
                    text.set(0, quality);
                }
                _ => {}
            }
        }
    }
    json.quality > text.quality
}

/// The quality of a type, by the most specific range that names it.
#[derive(Default)]
struct Weight {
    quality: f32,
    specificity: u8,
}

impl Weight {
    fn set(&mut self, specificity: u8, quality: f32) {
        if specificity >= self.specificity {
            *self = Self {
                quality,
                specificity,
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn who_wants_json() {
        for (accept, expected) in [
            ("application/json", true),
            ("Application/JSON; charset=utf-8", true),
            ("text/plain, application/json;q=0.5", false),
            ("text/plain;q=0.1, application/json", true),
            ("application/*", true),
            ("*/*", false),
            ("*/*, text/plain;q=0", true),
            ("text/html", false),
            ("application/json;q=0", false),
            ("", false),
            ("\u{7f}", false),
        ] {
            let mut headers = HeaderMap::new();
            if let Ok(accept) = HeaderValue::from_str(accept) {
                headers.insert(ACCEPT, accept);
            }
            assert_eq!(wants_json(&headers), expected, "{accept:?}");
        }
    }
}
