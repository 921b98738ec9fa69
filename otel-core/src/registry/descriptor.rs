//! What a family is declared with.

use std::borrow::Cow;

use super::Unit;

/// The name of a family and the facts about it.
///
/// The name is an OTel name, `http.server.request.duration`; the exposed name follows from it and
/// from the unit. A name that cannot be exposed is found out when the family is registered: the
/// family then works, is not exposed, and is listed in [`Registry::report`](super::Registry::report).
///
/// ```
/// use otel_core::registry::{Descriptor, Unit};
///
/// let duration = Descriptor::new("http.server.request.duration")
///     .with_unit(Unit::SECONDS)
///     .with_help("Duration of HTTP server requests.")
///     .with_label_budget("http.route", 200)
///     .with_protected_labels(["http.response.status_code"]);
/// # let _ = duration;
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "a descriptor does nothing until a family is registered with it"]
pub struct Descriptor {
    pub(crate) name: Cow<'static, str>,
    pub(crate) unit: Unit,
    pub(crate) help: Cow<'static, str>,
    pub(crate) scope: Cow<'static, str>,
    pub(crate) scope_version: Cow<'static, str>,
    pub(crate) series: Option<usize>,
    pub(crate) rules: LabelRules,
}

/// What a descriptor says of single labels, by the name its author used.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct LabelRules {
    pub(crate) budgets: Vec<(Cow<'static, str>, usize)>,
    pub(crate) protected: Vec<Cow<'static, str>>,
}

impl Descriptor {
    /// A family of this name, without unit or help, under the budget of its registry.
    pub fn new(name: impl Into<Cow<'static, str>>) -> Self {
        Self {
            name: name.into(),
            unit: Unit::NONE,
            help: Cow::Borrowed(""),
            scope: Cow::Borrowed(""),
            scope_version: Cow::Borrowed(""),
            series: None,
            rules: LabelRules::default(),
        }
    }

    /// The unit of its values.
    pub fn with_unit(mut self, unit: Unit) -> Self {
        self.unit = unit;
        self
    }

    /// One line for the reader of the exposition. The first family of a name that brings one wins.
    pub fn with_help(mut self, help: impl Into<Cow<'static, str>>) -> Self {
        self.help = help.into();
        self
    }

    /// The instrumentation scope: the library that measures.
    pub fn with_scope(mut self, name: impl Into<Cow<'static, str>>) -> Self {
        self.scope = name.into();
        self
    }

    /// The version of that library.
    pub fn with_scope_version(mut self, version: impl Into<Cow<'static, str>>) -> Self {
        self.scope_version = version.into();
        self
    }

    /// Distinct values of one label before further ones fold to
    /// [`OTHER`](crate::cardinality::OTHER), in place of the registry's default.
    pub fn with_label_budget(mut self, label: impl Into<Cow<'static, str>>, values: usize) -> Self {
        self.rules.budgets.push((label.into(), values));
        self
    }

    /// Series of this family, its overflow series included, in place of the registry's default.
    /// At least 1, at most 524,288.
    pub const fn with_series_budget(mut self, series: usize) -> Self {
        self.series = Some(series);
        self
    }

    /// Labels that keep their value when the family is over its series budget, as long as the
    /// room set aside for them lasts: one sixteenth of the budget, at most 64 series.
    ///
    /// Choose labels with few values that alerts depend on, such as a status code. Their own value
    /// budget still applies.
    pub fn with_protected_labels<L>(mut self, labels: impl IntoIterator<Item = L>) -> Self
    where
        L: Into<Cow<'static, str>>,
    {
        self.rules
            .protected
            .extend(labels.into_iter().map(Into::into));
        self
    }
}

impl From<&'static str> for Descriptor {
    fn from(name: &'static str) -> Self {
        Self::new(name)
    }
}
