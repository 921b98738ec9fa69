//! Which families are written.
//!
//! `?name[]=` is the parameter of the client libraries for Go and Java. It comes from whoever can reach
//! the port, so its number and length are bounded, and what is over the bound is refused rather than
//! cut: half a selection is an exposition that lacks families without saying so.

use std::fmt;

use otel_core::registry::FamilySnapshot;

use super::Format;

/// The families to be written: all, or those that are named.
///
/// A family is named by its exposed name, by the name in its metadata, or by that of one of its
/// samples: `orders` and `orders_total` name the same counter. The resource is `target_info`.
///
/// ```
/// use otel_metrics_guard::exposition::Selection;
///
/// let selection = Selection::from_query("name[]=orders_total&name%5B%5D=load")?;
/// assert_eq!(selection, Selection::of(["load", "orders_total"]));
/// # Ok::<(), otel_metrics_guard::exposition::SelectionError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    /// Sorted; `None` for all.
    names: Option<Vec<String>>,
}

impl Selection {
    /// At most so many names are taken from a query.
    pub const MAX_NAMES: usize = 64;
    /// At most so many bytes of names, as they are encoded, are taken from a query.
    pub const MAX_BYTES: usize = 4 * 1024;

    /// All families.
    #[must_use]
    pub const fn all() -> Self {
        Self { names: None }
    }

    /// The families of these names. A name that no family has selects nothing.
    #[must_use]
    pub fn of<N: Into<String>>(names: impl IntoIterator<Item = N>) -> Self {
        let mut names: Vec<String> = names.into_iter().map(Into::into).collect();
        names.sort_unstable();
        Self { names: Some(names) }
    }

    /// The families that the `name[]` parameters of a query name; all when there is none. Other
    /// parameters are not looked at.
    ///
    /// # Errors
    ///
    /// When there are more names than [`MAX_NAMES`](Self::MAX_NAMES), more bytes than
    /// [`MAX_BYTES`](Self::MAX_BYTES), or one is not percent-encoded UTF-8.
    pub fn from_query(query: &str) -> Result<Self, SelectionError> {
        let mut names = Vec::new();
        let mut bytes = 0;
        for pair in query.split('&') {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            // No encoding of the key is longer.
            if key.len() > 3 * PARAMETER.len() || decoded(key).as_deref() != Some(PARAMETER) {
                continue;
            }
            bytes += value.len();
            if names.len() == Self::MAX_NAMES || bytes > Self::MAX_BYTES {
                return Err(SelectionError(Fault::TooMany));
            }
            names.push(decoded(value).ok_or(SelectionError(Fault::Encoding))?);
        }
        Ok(if names.is_empty() {
            Self::all()
        } else {
            Self::of(names)
        })
    }

    pub(super) fn has_target(&self, format: Format) -> bool {
        let marks = format.dialect().info;
        self.has("target", marks.sample_suffixes, marks.family_suffix)
    }

    pub(super) fn has_family(&self, family: &FamilySnapshot, format: Format) -> bool {
        let marks = (format.dialect().marks)(family.kind());
        self.has(family.name(), marks.sample_suffixes, marks.family_suffix)
    }

    fn has(&self, family: &str, sample_suffixes: &[&str], family_suffix: &str) -> bool {
        let Some(names) = &self.names else {
            return true;
        };
        // All names that begin with that of the family are in one place.
        let first = names.partition_point(|name| name.as_str() < family);
        names
            .iter()
            .skip(first)
            .map_while(|name| name.strip_prefix(family))
            .any(|rest| rest.is_empty() || rest == family_suffix || sample_suffixes.contains(&rest))
    }
}

/// A query that selects families in a way that is not answered.
#[derive(Clone, PartialEq, Eq)]
pub struct SelectionError(Fault);

#[derive(Clone, PartialEq, Eq)]
enum Fault {
    TooMany,
    Encoding,
}

impl SelectionError {
    /// Whether there were too many names, or too long ones.
    #[must_use]
    pub const fn is_too_many(&self) -> bool {
        matches!(self.0, Fault::TooMany)
    }

    /// Whether a name was not percent-encoded UTF-8.
    #[must_use]
    pub const fn is_encoding(&self) -> bool {
        matches!(self.0, Fault::Encoding)
    }
}

impl fmt::Display for SelectionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Fault::TooMany => write!(
                f,
                "at most {} families can be named with name[], in at most {} bytes",
                Selection::MAX_NAMES,
                Selection::MAX_BYTES,
            ),
            Fault::Encoding => f.write_str("a value of name[] is not percent-encoded UTF-8"),
        }
    }
}

impl fmt::Debug for SelectionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for SelectionError {}

/// `application/x-www-form-urlencoded`, as the URL standard decodes it, but for what is malformed.
fn decoded(text: &str) -> Option<String> {
    let mut plain = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        plain.push(match byte {
            b'+' => b' ',
            b'%' => hex(bytes.next()?)? << 4 | hex(bytes.next()?)?,
            byte => byte,
        });
    }
    String::from_utf8(plain).ok()
}

fn hex(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}

const PARAMETER: &str = "name[]";
