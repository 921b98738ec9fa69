//! Several formats at once, in an order.
//!
//! A fleet that changes its format speaks two for years, and a request that passed both halves
//! carries both. The first valid context wins; the loser of a disagreement is kept as a link instead
//! of vanishing, and nothing stale is left beside what is written.

use http::header::{HeaderMap, HeaderName};

use super::b3;
use super::extracted::Extracted;
use super::format::Format;
use super::outgoing::Outgoing;
use super::propagator::Propagator;
use super::w3c;
use crate::environment::Environment;
use crate::error::ConfigError;

/// The formats to read and those to write.
#[derive(Debug, Default)]
pub(super) struct Ordered {
    read: Vec<Format>,
    written: Vec<Format>,
    fields: Vec<HeaderName>,
}

impl Ordered {
    pub(super) fn extract(&self, headers: &HeaderMap) -> Extracted {
        let mut extracted = Extracted::default();
        for format in &self.read {
            extracted.merge(match format {
                Format::W3c => w3c::extract(headers),
                Format::B3Single | Format::B3Multi => b3::extract(headers),
            });
        }
        extracted
    }

    pub(super) fn inject(&self, outgoing: &Outgoing<'_>, headers: &mut HeaderMap) {
        if !outgoing.span_context().is_valid() {
            return;
        }
        // Also of the formats that are not written: a callee would take them for the caller's.
        for field in &self.fields {
            headers.remove(field);
        }
        for format in &self.written {
            match format {
                Format::W3c => w3c::inject(outgoing, headers),
                Format::B3Single => b3::inject_single(outgoing, headers),
                Format::B3Multi => b3::inject_multi(outgoing, headers),
            }
        }
    }

    pub(super) fn fields(&self) -> &[HeaderName] {
        &self.fields
    }
}

/// Collects the formats of a [`Propagator`], in order of precedence.
///
/// ```
/// use otel_core::propagation::{Format, Propagator};
///
/// // While a fleet moves from B3 to W3C: understand both, write the new one.
/// let propagator = Propagator::builder()
///     .add_format(Format::W3c)
///     .add_read_only_format(Format::B3Single)
///     .build();
/// ```
#[derive(Debug, Default)]
#[must_use = "a builder does nothing until `build` is called"]
pub struct PropagatorBuilder {
    ordered: Ordered,
}

impl PropagatorBuilder {
    /// Reads and writes a format.
    pub fn add_format(mut self, format: Format) -> Self {
        if !self.ordered.written.contains(&format) {
            self.ordered.written.push(format);
        }
        self.add_read_only_format(format)
    }

    /// Reads a format and does not write it. Its headers are still removed from what is sent.
    ///
    /// Both ways of B3 are read together.
    pub fn add_read_only_format(mut self, format: Format) -> Self {
        let is_read = |read: &Format| fields_of(*read) == fields_of(format);
        if !self.ordered.read.iter().any(is_read) {
            self.ordered.read.push(format);
            self.ordered.fields.extend_from_slice(fields_of(format));
        }
        self
    }

    /// Finishes the propagator. Without a format it reads and writes nothing.
    #[must_use]
    pub fn build(self) -> Propagator {
        match (
            self.ordered.read.as_slice(),
            self.ordered.written.as_slice(),
        ) {
            ([Format::W3c], [Format::W3c]) => Propagator::w3c(),
            _ => Propagator::of(self.ordered),
        }
    }
}

/// The propagators named by `OTEL_PROPAGATORS`.
pub(super) fn from_environment(environment: &Environment) -> Result<Propagator, ConfigError> {
    let names = environment.get(VARIABLE).unwrap_or("tracecontext");
    let mut builder = PropagatorBuilder::default();
    let mut is_none = false;
    for name in names.split(',').map(str::trim) {
        builder = match name {
            "tracecontext" => builder.add_format(Format::W3c),
            "b3" => builder.add_format(Format::B3Single),
            "b3multi" => builder.add_format(Format::B3Multi),
            "none" => {
                is_none = true;
                builder
            }
            _ => return Err(unknown()),
        };
    }
    if is_none && names.trim() != "none" {
        return Err(ConfigError::invalid(VARIABLE, "`none` stands alone"));
    }
    Ok(builder.build())
}

const VARIABLE: &str = "OTEL_PROPAGATORS";

fn unknown() -> ConfigError {
    ConfigError::invalid(
        VARIABLE,
        "a list, separated by commas, of tracecontext, b3, b3multi; or none",
    )
}

fn fields_of(format: Format) -> &'static [HeaderName] {
    match format {
        Format::W3c => &w3c::FIELDS,
        Format::B3Single | Format::B3Multi => &b3::FIELDS,
    }
}
