//! A label set put together at the call site.

use std::fmt;
use std::ops::Deref;

/// Labels of one call, on the stack; whatever takes pairs takes these.
///
/// ```
/// use otel_core::registry::{Labels, Registry};
///
/// # let (method, route, user) = ("GET", "/orders/{id}", "alice");
/// let registry = Registry::new();
/// let requests = registry.counter("requests");
/// let labels = Labels::builder()
///     .with("method", method)
///     .with("route", route)
///     .with("user", user)
///     .without(["user"])
///     .build();
/// requests.add(&labels, 1);
/// # let snapshot = registry.collect();
/// # let series = snapshot.family("requests").unwrap().series().next().unwrap();
/// # assert_eq!(series.labels(), r#"method="GET",route="/orders/{id}""#);
/// ```
#[derive(Clone, Copy)]
pub struct Labels<'a> {
    pairs: [(&'a str, &'a str); Labels::MOST],
    len: usize,
}

impl Labels<'_> {
    /// Pairs there is room for; more are left out, last ones first, as the registry leaves out what
    /// is beyond its own limit.
    pub const MOST: usize = 32;

    /// No labels yet.
    pub const fn builder<'a>() -> LabelsBuilder<'a> {
        LabelsBuilder(Labels {
            pairs: [("", ""); Self::MOST],
            len: 0,
        })
    }
}

impl<'a> Deref for Labels<'a> {
    type Target = [(&'a str, &'a str)];

    fn deref(&self) -> &Self::Target {
        self.pairs.get(..self.len).unwrap_or_default()
    }
}

impl fmt::Debug for Labels<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter().copied()).finish()
    }
}

/// Puts [`Labels`] together without allocating.
#[derive(Clone, Copy, Debug)]
#[must_use = "a builder does nothing until it is built"]
pub struct LabelsBuilder<'a>(Labels<'a>);

impl<'a> LabelsBuilder<'a> {
    /// One more label. Of a name given twice the later value counts.
    #[inline]
    pub const fn with(mut self, name: &'a str, value: &'a str) -> Self {
        if self.0.len < Labels::MOST {
            let (_, free) = self.0.pairs.split_at_mut(self.0.len);
            if let [pair, ..] = free {
                *pair = (name, value);
                self.0.len += 1;
            }
        }
        self
    }

    /// Takes labels away that were given so far.
    #[inline]
    pub fn without<'n>(self, names: impl IntoIterator<Item = &'n str>) -> Self {
        let mut labels = self;
        for name in names {
            labels.retain(|given| given != name);
        }
        labels
    }

    /// Takes every label away that was given so far, but these.
    #[inline]
    pub fn keep_keys<'n, N>(mut self, names: N) -> Self
    where
        N: IntoIterator<Item = &'n str>,
        N::IntoIter: Clone,
    {
        let names = names.into_iter();
        self.retain(|given| names.clone().any(|name| name == given));
        self
    }

    /// The labels.
    #[must_use]
    pub const fn build(self) -> Labels<'a> {
        self.0
    }

    fn retain(&mut self, keep: impl Fn(&str) -> bool) {
        let Labels { pairs, len } = &mut self.0;
        let mut kept = 0;
        for at in 0..*len {
            if pairs.get(at).is_some_and(|(name, _)| keep(name)) {
                pairs.swap(kept, at);
                kept += 1;
            }
        }
        *len = kept;
    }
}
