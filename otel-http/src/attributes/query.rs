//! Queries without the values of parameters that are credentials.

/// Query parameters whose values are credentials, as the HTTP conventions list them. The comparison
/// is case-sensitive, as theirs is.
const STANDARD: [&str; 7] = [
    "X-Amz-Signature",
    "X-Amz-Credential",
    "X-Amz-Security-Token",
    "AWSAccessKeyId",
    "Signature",
    "sig",
    "X-Goog-Signature",
];

/// What of a query is written.
#[derive(Clone, Debug)]
pub(crate) enum Query {
    /// Nothing of it.
    Omit,
    /// All but the values of these parameters.
    Redact(Box<[Box<str>]>),
}

impl Default for Query {
    fn default() -> Self {
        Self::redacting(STANDARD)
    }
}

impl Query {
    pub(crate) fn redacting<P: Into<Box<str>>>(parameters: impl IntoIterator<Item = P>) -> Self {
        Self::Redact(parameters.into_iter().map(Into::into).collect())
    }

    /// Appends what may be seen of a query; nothing if nothing of it may be.
    pub(crate) fn push(&self, text: &mut String, query: &str) {
        let Self::Redact(sensitive) = self else {
            return;
        };
        for (index, pair) in query.split('&').enumerate() {
            if index > 0 {
                text.push('&');
            }
            match pair.split_once('=') {
                Some((name, _)) if sensitive.iter().any(|known| **known == *name) => {
                    text.push_str(name);
                    text.push_str("=REDACTED");
                }
                _ => text.push_str(pair),
            }
        }
    }

    /// Whether nothing of a query is written.
    pub(crate) const fn is_omitted(&self) -> bool {
        matches!(self, Self::Omit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_replaces_the_standard_one() {
        for (query, standard, own) in [
            ("a=1&b=2", "a=1&b=2", "a=1&b=2"),
            (
                "sig=x&token=y",
                "sig=REDACTED&token=y",
                "sig=x&token=REDACTED",
            ),
            ("sig", "sig", "sig"),
            ("sig=&&a", "sig=REDACTED&&a", "sig=&&a"),
            ("SIG=x", "SIG=x", "SIG=x"),
        ] {
            let written = |policy: &Query| {
                let mut text = String::new();
                policy.push(&mut text, query);
                text
            };
            assert_eq!(written(&Query::default()), standard);
            assert_eq!(written(&Query::redacting(["token"])), own);
            assert_eq!(written(&Query::Omit), "");
        }
    }
}
