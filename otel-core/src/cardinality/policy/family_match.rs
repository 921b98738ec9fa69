//! Which families a policy is for.

use std::fmt;

use crate::ConfigError;

/// Names of families: one, those with a prefix, or those a glob describes.
///
/// The exposed name of the family counts: `http_server_request_duration_seconds`, and `requests` for
/// a counter whose samples are `requests_total`. A character that no exposed name has stands for
/// `_`, so `http.server.` is the prefix `http_server_`.
///
/// ```
/// use otel_core::cardinality::FamilyMatch;
///
/// assert_eq!(FamilyMatch::prefix("http.server."), FamilyMatch::prefix("http_server_"));
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct FamilyMatch {
    kind: Kind,
    name: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Kind {
    Exact,
    Prefix,
    Glob,
}

/// How closely a match describes a name; the greatest wins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Closeness {
    Glob,
    Prefix(usize),
    Exact,
}

impl FamilyMatch {
    /// The family of this name. Before any other match.
    #[must_use]
    pub fn exact(name: &str) -> Self {
        Self::new(Kind::Exact, name)
    }

    /// Families whose names start so. The longest prefix wins, before any glob.
    #[must_use]
    pub fn prefix(prefix: &str) -> Self {
        Self::new(Kind::Prefix, prefix)
    }

    /// Families whose names look so: `*` is any run of characters, `?` any single one. The first
    /// glob that was added wins.
    #[must_use]
    pub fn glob(glob: &str) -> Self {
        Self::new(Kind::Glob, glob)
    }

    pub(super) fn closeness(&self, family: &str) -> Option<Closeness> {
        match self.kind {
            Kind::Exact => (self.name == family).then_some(Closeness::Exact),
            Kind::Prefix => family
                .starts_with(&self.name)
                .then_some(Closeness::Prefix(self.name.len())),
            Kind::Glob => {
                is_like(self.name.as_bytes(), family.as_bytes()).then_some(Closeness::Glob)
            }
        }
    }

    pub(super) fn check(&self) -> Result<(), ConfigError> {
        if self.name.is_empty() {
            return Err(ConfigError::invalid("add", "a name that is not empty"));
        }
        Ok(())
    }

    fn new(kind: Kind, name: &str) -> Self {
        let mut exposed = String::with_capacity(name.len());
        for c in name.chars() {
            let wild = kind == Kind::Glob && matches!(c, '*' | '?');
            if c.is_ascii_alphanumeric() || c == ':' || wild {
                exposed.push(c);
            } else if !exposed.ends_with('_') {
                exposed.push('_');
            }
        }
        Self {
            kind,
            name: exposed,
        }
    }
}

impl fmt::Display for FamilyMatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)?;
        f.write_str(if self.kind == Kind::Prefix { "*" } else { "" })
    }
}

impl fmt::Debug for FamilyMatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FamilyMatch::{:?}({:?})", self.kind, self.name)
    }
}

/// Whether a glob describes a name. Returns to the last `*` only, so the work is at most the
/// product of their lengths.
fn is_like(mut glob: &[u8], mut name: &[u8]) -> bool {
    let mut star: Option<(&[u8], &[u8])> = None;
    loop {
        match (glob, name) {
            ([], []) => return true,
            ([b'*', after @ ..], _) => {
                star = Some((after, name));
                glob = after;
            }
            ([want, after @ ..], [found, rest @ ..]) if *want == b'?' || want == found => {
                (glob, name) = (after, rest);
            }
            _ => {
                let Some((after, [_, rest @ ..])) = star else {
                    return false;
                };
                star = Some((after, rest));
                (glob, name) = (after, rest);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn globs_describe_whole_names() {
        for (glob, name, expected) in [
            ("*", "", true),
            ("*", "anything", true),
            ("tmp_*", "tmp_x", true),
            ("tmp_*", "a_tmp_x", false),
            ("*_seconds", "a_seconds_b_seconds", true),
            ("*_seconds", "a_seconds_b", false),
            ("a?c", "abc", true),
            ("a?c", "ac", false),
            ("a*b*c", "a__b__bc", true),
            ("a*b*c", "a__c", false),
            ("**", "x", true),
            ("a", "", false),
        ] {
            let found = FamilyMatch::glob(glob).closeness(name).is_some();
            assert_eq!(found, expected, "{glob} {name}");
        }
    }
}
