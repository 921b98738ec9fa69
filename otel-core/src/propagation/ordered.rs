//! Several formats at once, in an order.
//!
//! A fleet that changes its format speaks two for years, and a request that passed both halves
//! carries both. The first valid context wins; the loser of a disagreement is kept as a link instead
//! of vanishing, and nothing stale is left beside what is written.

use http::header::{HeaderMap, HeaderName};

use super::b3;
use super::baggage;
use super::extracted::Extracted;
use super::format::Format;
use super::lines::Lines;
use super::outgoing::Outgoing;
use super::propagator::Propagator;
use super::vendor_baggage::VendorBaggage;
use super::w3c;
use super::{datadog, grpc_trace_bin, jaeger, ot_trace, xray};
use crate::environment::Environment;
use crate::error::ConfigError;

/// The formats to read and those to write.
#[derive(Debug, Default)]
pub(super) struct Ordered {
    read: Vec<Format>,
    written: Vec<Format>,
    fields: Vec<HeaderName>,
    vendors: Vec<VendorBaggage>,
    has_baggage: bool,
}

impl Ordered {
    pub(super) fn extract(&self, headers: &HeaderMap) -> Extracted {
        let lines = Lines::of(headers);
        let mut found = self.read.iter().map(|format| match format {
            Format::W3c => w3c::extract(&lines),
            Format::B3Single | Format::B3Multi => b3::extract(&lines),
            Format::Jaeger => jaeger::extract(&lines),
            Format::XRay => xray::extract(&lines),
            Format::OtTrace => ot_trace::extract(&lines),
            Format::GrpcTraceBin => grpc_trace_bin::extract(&lines),
            Format::Datadog => datadog::extract(&lines),
        });
        let mut extracted = found.next().unwrap_or_default();
        found.for_each(|other| extracted.take(other));
        if self.has_baggage {
            let (mut list, mut is_cut) = baggage::extract(&lines);
            for &vendor in &self.vendors {
                let (extended, is_cut_too) = vendor.extract(list, headers);
                (list, is_cut) = (extended, is_cut || is_cut_too);
            }
            extracted = extracted.with_baggage((list, is_cut));
        }
        extracted
    }

    pub(super) fn inject(&self, outgoing: &Outgoing<'_>, headers: &mut HeaderMap) {
        if self.has_baggage {
            baggage::inject(outgoing.baggage(), headers);
            for &vendor in &self.vendors {
                vendor.clear(headers);
            }
        }
        if !outgoing.span_context().is_valid() {
            return;
        }
        // Also of the formats that are not written: a callee would take them for the caller's.
        for field in self.fields.iter().filter(|field| **field != baggage::FIELD) {
            headers.remove(field);
        }
        for format in &self.written {
            match format {
                Format::W3c => w3c::inject(outgoing, headers),
                Format::B3Single => b3::inject_single(outgoing, headers),
                Format::B3Multi => b3::inject_multi(outgoing, headers),
                Format::Jaeger => jaeger::inject(outgoing, headers),
                Format::XRay => xray::inject(outgoing, headers),
                Format::OtTrace => ot_trace::inject(outgoing, headers),
                Format::GrpcTraceBin => grpc_trace_bin::inject(outgoing, headers),
                Format::Datadog => {}
            }
            if self.has_baggage
                && let Some(vendor) = VendorBaggage::of(*format)
            {
                vendor.inject(outgoing.baggage(), headers);
            }
        }
    }

    /// Removes all that any format of the list reads.
    pub(super) fn clear(&self, headers: &mut HeaderMap) {
        for field in &self.fields {
            headers.remove(field);
        }
        for &vendor in &self.vendors {
            vendor.clear(headers);
        }
    }

    pub(super) const fn has_prefixes(&self) -> bool {
        self.has_baggage && !self.vendors.is_empty()
    }

    /// Whether a header of this name may be read.
    pub(super) fn reads(&self, name: &str) -> bool {
        self.fields.iter().any(|field| field == name)
            || self.has_baggage && self.vendors.iter().any(|vendor| vendor.reads(name))
    }

    pub(super) const fn has_baggage(&self) -> bool {
        self.has_baggage
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
    /// Reads and writes a format; Datadog's is only read.
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
            self.ordered.vendors.extend(VendorBaggage::of(format));
        }
        self
    }

    /// Reads and writes [W3C Baggage](https://www.w3.org/TR/baggage/); with Jaeger or OT trace among
    /// the formats also `uberctx-*`, `jaeger-baggage` (read only) and `ot-baggage-*`.
    pub fn with_baggage(mut self) -> Self {
        if !self.ordered.has_baggage {
            self.ordered.has_baggage = true;
            self.ordered.fields.push(baggage::FIELD.clone());
        }
        self
    }

    /// Finishes the propagator. Without a format it reads and writes nothing.
    #[must_use]
    pub fn build(self) -> Propagator {
        let Ordered {
            read,
            written,
            has_baggage,
            ..
        } = &self.ordered;
        match (read.as_slice(), written.as_slice(), has_baggage) {
            ([Format::W3c], [Format::W3c], false) => Propagator::w3c(),
            _ => Propagator::of(self.ordered),
        }
    }
}

/// The propagators named by `OTEL_PROPAGATORS`.
pub(super) fn from_environment(environment: &Environment) -> Result<Propagator, ConfigError> {
    let names = environment.get(VARIABLE).unwrap_or("tracecontext,baggage");
    let mut builder = PropagatorBuilder::default();
    let mut is_none = false;
    for name in names.split(',').map(str::trim) {
        builder = match name {
            "tracecontext" => builder.add_format(Format::W3c),
            "baggage" => builder.with_baggage(),
            "b3" => builder.add_format(Format::B3Single),
            "b3multi" => builder.add_format(Format::B3Multi),
            "jaeger" => builder.add_format(Format::Jaeger),
            "xray" => builder.add_format(Format::XRay),
            "ottrace" => builder.add_format(Format::OtTrace),
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
        "a list, separated by commas, of tracecontext, baggage, b3, b3multi, jaeger, xray, ottrace; or none",
    )
}

fn fields_of(format: Format) -> &'static [HeaderName] {
    match format {
        Format::W3c => &w3c::FIELDS,
        Format::B3Single | Format::B3Multi => &b3::FIELDS,
        Format::Jaeger => &jaeger::FIELDS,
        Format::XRay => &xray::FIELDS,
        Format::OtTrace => &ot_trace::FIELDS,
        Format::GrpcTraceBin => &grpc_trace_bin::FIELDS,
        Format::Datadog => &datadog::FIELDS,
    }
}
