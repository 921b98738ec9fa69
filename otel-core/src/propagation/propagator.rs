//! The propagator: which formats are read and written.
//!
//! One concrete type for servers and clients alike, so that no layer has a type parameter for it.
//! W3C Trace Context alone, the usual case, takes a path without a list.

use std::sync::Arc;

use http::{HeaderMap, HeaderName};
use opentelemetry::trace::SpanContext;

use super::extracted::Extracted;
use super::format::Format;
use super::lines::Lines;
use super::ordered::{self, Ordered, PropagatorBuilder};
use super::outgoing::Outgoing;
use super::tracestate::TraceState;
use super::w3c;
use crate::environment::Environment;
use crate::error::ConfigError;

/// Reads trace contexts from headers and writes them to headers. A clone shares the list of formats.
#[derive(Clone, Debug)]
pub struct Propagator {
    /// `None` stands for W3C Trace Context.
    ordered: Option<Arc<Ordered>>,
}

impl Propagator {
    /// Reads and writes [W3C Trace Context](https://www.w3.org/TR/trace-context-2/) only.
    #[must_use]
    pub const fn w3c() -> Self {
        Self { ordered: None }
    }

    /// Reads several formats, the first valid context being the caller's, and writes all of them.
    ///
    /// A context of another trace in a later format becomes a [link](Extracted::links).
    ///
    /// ```
    /// use http::HeaderMap;
    /// use otel_core::propagation::{Format, Propagator};
    ///
    /// let propagator = Propagator::ordered([Format::W3c, Format::B3Single]);
    /// let mut headers = HeaderMap::new();
    /// headers.insert("b3", "4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-1".parse()?);
    /// assert_eq!(propagator.extract(&headers).format(), Some(Format::B3Single));
    /// # Ok::<(), http::header::InvalidHeaderValue>(())
    /// ```
    #[must_use]
    pub fn ordered(formats: impl IntoIterator<Item = Format>) -> Self {
        formats
            .into_iter()
            .fold(Self::builder(), PropagatorBuilder::add_format)
            .build()
    }

    /// Starts without any format.
    pub fn builder() -> PropagatorBuilder {
        PropagatorBuilder::default()
    }

    /// What `OTEL_PROPAGATORS` names, in its order: `tracecontext`, `baggage`, `b3`, `b3multi`,
    /// `jaeger`, `xray`, `ottrace`; or `none`. Unset, it means `tracecontext,baggage`
    /// ([specification](https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/)).
    ///
    /// # Errors
    ///
    /// If the list has a name that is not known, or `none` beside others.
    pub fn from_environment(environment: &Environment) -> Result<Self, ConfigError> {
        ordered::from_environment(environment)
    }

    /// Reads the caller's context. Headers that are malformed, or given twice where one is allowed,
    /// yield no context; the answer says so.
    ///
    /// Nothing is allocated unless there is a `tracestate`, baggage or a conflict.
    #[must_use]
    pub fn extract(&self, headers: &HeaderMap) -> Extracted {
        match &self.ordered {
            None => w3c::extract(&Lines::of(headers)),
            Some(ordered) => ordered.extract(headers),
        }
    }

    /// Makes `span_context` the parent of whoever receives `headers`, in place of any context
    /// already in them. An invalid context changes nothing.
    ///
    /// `tracestate` is the complete list as extracted, possibly changed since. Without it the trace
    /// state of `span_context` is written.
    pub fn inject(
        &self,
        span_context: &SpanContext,
        tracestate: Option<&TraceState>,
        headers: &mut HeaderMap,
    ) {
        let outgoing = Outgoing::new(span_context).with_tracestate(tracestate);
        self.inject_all(&outgoing, headers);
    }

    /// The same with all that the formats can carry.
    pub fn inject_all(&self, outgoing: &Outgoing<'_>, headers: &mut HeaderMap) {
        match &self.ordered {
            None => w3c::inject(outgoing, headers),
            Some(ordered) => ordered.inject(outgoing, headers),
        }
    }

    /// Whether baggage is read and written.
    #[must_use]
    pub fn has_baggage(&self) -> bool {
        self.ordered
            .as_ref()
            .is_some_and(|ordered| ordered.has_baggage())
    }

    /// The headers that [`inject`](Self::inject) may set or remove.
    #[must_use]
    pub fn fields(&self) -> &[HeaderName] {
        match &self.ordered {
            None => &w3c::FIELDS,
            Some(ordered) => ordered.fields(),
        }
    }

    /// Removes every header that could be taken for a context or for baggage.
    pub(crate) fn clear(&self, headers: &mut HeaderMap) {
        match &self.ordered {
            None => w3c::FIELDS.iter().for_each(|field| {
                headers.remove(field);
            }),
            Some(ordered) => ordered.clear(headers),
        }
    }

    /// Whether headers are read whose names are only known by how they begin.
    pub(super) fn has_prefixes(&self) -> bool {
        self.ordered
            .as_ref()
            .is_some_and(|ordered| ordered.has_prefixes())
    }

    /// Whether a header of this name, in lower case, may be read.
    pub(super) fn reads(&self, name: &str) -> bool {
        match &self.ordered {
            None => w3c::FIELDS.iter().any(|field| field == name),
            Some(ordered) => ordered.reads(name),
        }
    }

    pub(super) fn of(ordered: Ordered) -> Self {
        Self {
            ordered: Some(Arc::new(ordered)),
        }
    }
}

impl Default for Propagator {
    fn default() -> Self {
        Self::w3c()
    }
}
