//! Fields that every record has from its context: tenant, peer, baggage by declaration.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};

use otel_core::opentelemetry::Context;
use otel_core::opentelemetry::baggage::BaggageExt;

use crate::capture::{Scratch, Tally, settle_str};
use crate::name::Name;
use crate::record::{Added, MAX_VALUE_BYTES, Value};
use crate::redact::{Redaction, Treatment};

/// Reads a value of a context.
pub(crate) type Read = Box<dyn Fn(&Context) -> Option<String> + Send + Sync>;

/// A declared field and where it is read.
pub(crate) struct ContextField {
    pub(crate) name: &'static Name,
    pub(crate) treatment: Treatment,
    source: Source,
}

enum Source {
    /// An entry of the baggage. Only declared ones are written: baggage comes from callers.
    Baggage(String),
    Read(Read),
}

impl ContextField {
    /// The fields of these names, from entries of the baggage and by functions. A name that finds
    /// no room is left out.
    pub(crate) fn all(
        baggage: Vec<(String, String)>,
        context: Vec<(String, Read)>,
        redaction: &Redaction,
    ) -> Vec<Self> {
        let baggage = baggage
            .into_iter()
            .map(|(name, key)| (name, Source::Baggage(key)));
        let context = context
            .into_iter()
            .map(|(name, read)| (name, Source::Read(read)));
        let named = |(name, source): (String, Source)| {
            Some(Self {
                name: Name::intern(&name)?,
                treatment: redaction.treatment(&name),
                source,
            })
        };
        baggage.chain(context).filter_map(named).collect()
    }

    /// Adds the field to the record, unless the event or a span has one of its name.
    pub(crate) fn add(
        &self,
        cx: &Context,
        redaction: &Redaction,
        scratch: &mut Scratch,
        tally: &mut Tally,
    ) {
        let Scratch { record, work, .. } = scratch;
        if record.get(self.name).is_some() {
            return;
        }
        let made;
        let value = match &self.source {
            Source::Baggage(key) => cx.baggage().get(key).map(|value| value.as_str()),
            Source::Read(read) => {
                made = catch_unwind(AssertUnwindSafe(|| read(cx))).ok().flatten();
                made.as_deref()
            }
        };
        let Some(value) = value else {
            return;
        };
        let rules = (redaction, work);
        let settled = settle_str(record, MAX_VALUE_BYTES, self.treatment, rules, value);
        tally.redacted += u64::from(settled.is_none_or(|settled| settled.is_redacted));
        if let Some(settled) = settled {
            tally.truncated += u64::from(settled.is_cut);
            let added = record.add(self.name, Value::Text(settled.text));
            tally.dropped += u64::from(added == Added::NoRoom);
        }
    }
}

impl fmt::Debug for ContextField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ContextField").field(&self.name).finish()
    }
}
