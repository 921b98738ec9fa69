//! How the values of a label are brought into fewer.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use super::Text;
use super::derived::sorted_table;

/// One step from a label value as it was sent to the one that is counted.
///
/// Steps of a label run in the order they were added, on at most the first 4,096 bytes of a value.
///
/// ```
/// use otel_core::cardinality::{FamilyMatch, LabelPolicy, Normalizer, Policy, PolicySet};
///
/// let route = LabelPolicy::new()
///     .add_normalizer(Normalizer::route_ids())
///     .add_normalizer(Normalizer::replace("/static/.*", "/static/{file}"));
/// let policies = PolicySet::builder()
///     .add(FamilyMatch::prefix("http."), Policy::new().add_label("http.route", route))
///     .build()?;
/// let labels = policies.preview("http_requests", &[("http.route", "/users/42")]);
/// assert_eq!(labels, Some(vec![("http_route".to_owned(), "/users/{id}".to_owned())]));
/// # Ok::<_, otel_core::ConfigError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[must_use = "a normalizer does nothing until it is added to a label policy"]
pub struct Normalizer(pub(super) Kind);

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Kind {
    /// Sorted by value.
    Map(Arc<[(Text, Text)]>),
    Closure(Closure),
    Replace {
        pattern: Text,
        template: Text,
    },
    LowerCase,
    Trim,
    StatusClass,
    RouteIds,
    Truncate(usize),
}

impl Normalizer {
    /// Replaces the values in the table and leaves others.
    pub fn map<V, R>(entries: impl IntoIterator<Item = (V, R)>) -> Self
    where
        V: Into<Cow<'static, str>>,
        R: Into<Cow<'static, str>>,
    {
        Self(Kind::Map(sorted_table(entries)))
    }

    /// Calls a function with the value; it may return it borrowed, or a part of it.
    ///
    /// The closure runs on the thread of the write. Should it panic, the value folds to the sentinel,
    /// and the panic is counted.
    pub fn from_fn<F>(normalize: F) -> Self
    where
        F: for<'a> Fn(&'a str) -> Cow<'a, str> + Send + Sync + 'static,
    {
        Self(Kind::Closure(Closure(Arc::new(normalize))))
    }

    /// Replaces a value that the pattern matches as a whole by the template, in which `$1`,
    /// `${name}` and `$$` mean a group, a named group and a dollar sign. Other values stay.
    pub fn replace(
        pattern: impl Into<Cow<'static, str>>,
        template: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self(Kind::Replace {
            pattern: pattern.into(),
            template: template.into(),
        })
    }

    /// Makes ASCII letters lower case.
    pub const fn lower_case() -> Self {
        Self(Kind::LowerCase)
    }

    /// Takes white space off both ends.
    pub const fn trim() -> Self {
        Self(Kind::Trim)
    }

    /// Reduces an HTTP status code to its class: `404` is `4xx`. Leaves what is none.
    pub const fn status_class() -> Self {
        Self(Kind::StatusClass)
    }

    /// Replaces the segments of a path that look like identifiers (`/users/42` is `/users/{id}`,
    /// other shapes become their [template](crate::cardinality::ValueShape::template)) and takes off its query
    /// and fragment.
    pub const fn route_ids() -> Self {
        Self(Kind::RouteIds)
    }

    /// Cuts a longer value to this many bytes, at a character boundary, the last nine of them `~`
    /// and a 32-bit hash (FNV-1a) of the whole, so that two long values stay two. From 16 to 4,096.
    pub const fn truncate(bytes: usize) -> Self {
        Self(Kind::Truncate(bytes))
    }
}

/// The same only if it is the same allocation.
#[derive(Clone)]
pub(super) struct Closure(pub(super) Arc<NormalizeFn>);

pub(super) type NormalizeFn = dyn for<'a> Fn(&'a str) -> Cow<'a, str> + Send + Sync;

impl PartialEq for Closure {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl fmt::Debug for Closure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("..")
    }
}
