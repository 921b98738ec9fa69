//! What a callsite will write, decided when it is first seen.
//!
//! `tracing` knows the names of all fields statically, so escaping a key, checking it against the
//! reserved ones, against the rules of redaction and against the schema is done once for a callsite
//! and not for each event. The table has a fixed size: past it, plans are made for each event and
//! counted.

use std::collections::HashMap;
use std::ptr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use otel_core::semconv;
use tracing::field::Field;
use tracing::{Level, Metadata};

use crate::encode::keys;
use crate::name::Name;
use crate::record::Target;
use crate::redact::{Redaction, Treatment};
use crate::schema::{Drift, DriftLog, SchemaField, SchemaRules};
use crate::severity::Severity;
use crate::span_fields::SpanFields;

/// Slots of the table: 16 bytes each.
pub(crate) const SLOTS: usize = 4096;
/// Slots that are tried for one callsite.
const PROBES: usize = 16;

/// What plans are made by. Fixed once the bridge is built.
#[derive(Debug)]
pub(crate) struct Rules {
    pub(crate) redaction: Redaction,
    pub(crate) schema: Option<SchemaRules>,
    pub(crate) drift: DriftLog,
    /// Names that are written under another, by the name in the code.
    pub(crate) renames: HashMap<String, String>,
    pub(crate) has_code_location: bool,
    pub(crate) span_fields: SpanFields,
    /// What becomes of a derived `exception.message` and `exception.stacktrace`.
    pub(crate) exception: [Treatment; 2],
    /// A set of [`Name::bit`]s of the fields that spans and contexts lend.
    pub(crate) lent: AtomicU64,
}

impl Rules {
    /// The schema that events of this callsite are held to.
    fn schema_for(&self, metadata: &Metadata<'_>) -> Option<&SchemaRules> {
        let schema = self.schema.as_ref();
        schema.filter(|rules| rules.schema.is_for(metadata.target()))
    }
}

/// How the events of one callsite are written, or the fields of one kind of span kept.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) metadata: &'static Metadata<'static>,
    /// Its place in the table; `None` for one made for an event alone.
    pub(crate) slot: Option<usize>,
    pub(crate) severity: Severity,
    /// An event of the OpenTelemetry libraries. They warn while the context is mutably borrowed,
    /// so nothing on the way of such an event may touch the context.
    pub(crate) is_internal: bool,
    pub(crate) event_name: Option<&'static Name>,
    pub(crate) target: Target,
    pub(crate) own_exception: OwnException,
    pub(crate) has_audit: bool,
    /// The log line of a server's exchange that did not fail: it ends what is held for it. A
    /// client's is DEBUG.
    pub(crate) ends_exchange: bool,
    /// Names that the schema wants of each event.
    pub(crate) required: Box<[&'static Name]>,
    pub(crate) callsite: Callsite,
    fields: Box<[FieldPlan]>,
}

/// Which of the derived `exception.*` fields a callsite has as its own.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct OwnException {
    pub(crate) message: bool,
    pub(crate) kind: bool,
    pub(crate) stacktrace: bool,
}

/// What sampling remembers of a callsite.
#[derive(Debug, Default)]
pub(crate) struct Callsite {
    /// Events left out so far.
    pub(crate) left_out: AtomicU64,
    /// How many of them an event that was kept has told.
    pub(crate) told: AtomicU64,
    /// Start of the window, milliseconds of the wall clock.
    pub(crate) window: AtomicU64,
    /// Events in the window.
    pub(crate) count: AtomicU64,
}

/// What becomes of one field.
#[derive(Debug)]
pub(crate) enum FieldPlan {
    /// The body of the record.
    Body,
    /// A field of the record.
    Field(FieldSpec),
    /// A severity number that the event claims.
    SeverityNumber,
    /// The target of a record of the `log` crate, whose callsites all have the target `log`.
    LogTarget,
    /// The source location of a record of the `log` crate, where it is asked for.
    LogLocation(&'static Name),
    /// Not written: the location of a record of the `log` crate, or what the rules leave out.
    Skip,
    /// There is no room for its name.
    NoRoom,
}

#[derive(Debug)]
pub(crate) struct FieldSpec {
    pub(crate) name: &'static Name,
    pub(crate) treatment: Treatment,
    /// The key collided with one the bridge writes.
    pub(crate) is_renamed: bool,
    pub(crate) declared: Option<Arc<SchemaField>>,
    /// Nothing is to be done about a value that is no text.
    pub(crate) is_plain: bool,
}

impl Plan {
    fn new(
        metadata: &'static Metadata<'static>,
        slot: Option<usize>,
        rules: &Rules,
        is_new: bool,
    ) -> Self {
        let of_log_crate = metadata.name() == "log event" && metadata.target() == "log";
        let is_event = metadata.is_event();
        let has_own_name = is_event && !of_log_crate && !has_default_name(metadata);
        let event = if has_own_name { metadata.name() } else { "" };
        let make = Make {
            metadata,
            rules,
            event,
            of_log_crate,
            is_new,
        };
        let fields: Box<[FieldPlan]> = metadata
            .fields()
            .iter()
            .map(|f| make.field(f.name()))
            .collect();
        let has = |wanted: &str| {
            fields
                .iter()
                .any(|field| matches!(field, FieldPlan::Field(spec) if spec.name.text() == wanted))
        };
        let required = rules.schema_for(metadata).filter(|_| is_event);
        Self {
            metadata,
            slot,
            severity: Severity::of(*metadata.level()),
            is_internal: metadata.target().starts_with("opentelemetry"),
            event_name: has_own_name
                .then(|| Name::intern(metadata.name()))
                .flatten(),
            target: Name::intern(metadata.target()).map_or(Target::Unknown, Target::Static),
            own_exception: OwnException {
                message: has(semconv::EXCEPTION_MESSAGE),
                kind: has(semconv::EXCEPTION_TYPE),
                stacktrace: has(semconv::EXCEPTION_STACKTRACE),
            },
            has_audit: has(keys::AUDIT),
            ends_exchange: has(semconv::EXCHANGE_OUTCOME)
                && matches!(*metadata.level(), Level::INFO | Level::WARN),
            required: required.map_or_else(Box::default, |rules| {
                rules
                    .schema
                    .required(event)
                    .filter_map(Name::intern)
                    .collect()
            }),
            callsite: Callsite::default(),
            fields,
        }
    }

    pub(crate) fn field(&self, field: &Field) -> Option<&FieldPlan> {
        self.fields.get(field.index())
    }

    /// Whether a span of this kind has no field for the events inside it.
    pub(crate) fn lends_nothing(&self) -> bool {
        let is_lent = |field: &FieldPlan| matches!(field, FieldPlan::Field(_));
        !self.fields.iter().any(is_lent)
    }

    /// Whether a field of the event is written under this name.
    pub(crate) fn has_field(&self, name: &str) -> bool {
        let is_it =
            |field: &FieldPlan| matches!(field, FieldPlan::Field(spec) if spec.name.text() == name);
        self.fields.iter().any(is_it)
    }
}

struct Make<'a> {
    metadata: &'static Metadata<'static>,
    rules: &'a Rules,
    event: &'a str,
    of_log_crate: bool,
    is_new: bool,
}

impl Make<'_> {
    fn field(&self, given: &str) -> FieldPlan {
        let given = given.strip_prefix("r#").unwrap_or(given);
        let is_event = self.metadata.is_event();
        match given {
            "message" if is_event => return FieldPlan::Body,
            "severity_number" if is_event => return FieldPlan::SeverityNumber,
            "log.target" if self.of_log_crate => return FieldPlan::LogTarget,
            "log.module_path" | "log.file" | "log.line" if self.of_log_crate => {
                let name = match given {
                    "log.file" => semconv::CODE_FILE_PATH,
                    "log.line" => semconv::CODE_LINE_NUMBER,
                    _ => semconv::CODE_FUNCTION_NAME,
                };
                let name = self.rules.has_code_location.then(|| Name::intern(name));
                return name
                    .flatten()
                    .map_or(FieldPlan::Skip, FieldPlan::LogLocation);
            }
            _ => {}
        }
        let written = self.rules.renames.get(given).map_or(given, String::as_str);
        let is_renamed = keys::is_reserved(written);
        let name = if is_renamed {
            Name::intern(&format!("field.{written}"))
        } else {
            Name::intern(written)
        };
        let Some(name) = name else {
            return FieldPlan::NoRoom;
        };
        if self.metadata.is_span() {
            if !self.rules.span_fields.has(written) {
                return FieldPlan::Skip;
            }
            self.rules.lent.fetch_or(name.bit(), Ordering::Relaxed);
        }
        // By the name in the code and by the one that is written: either may be told of.
        let treatment = match self.rules.redaction.treatment(given) {
            Treatment::Search => self.rules.redaction.treatment(written),
            found => found,
        };
        let mut declared = None;
        if let Some(schema) = self.rules.schema_for(self.metadata).filter(|_| is_event) {
            declared = schema
                .schema
                .field(self.event, written)
                .cloned()
                .map(Arc::new);
            if declared.is_none() && !schema.schema.is_open() && !keys::is_own_field(written) {
                if self.is_new {
                    self.rules
                        .drift
                        .note(Drift::UnknownField, written, "", self.metadata);
                }
                if schema.denies_unknown() {
                    return FieldPlan::Skip;
                }
            }
        }
        FieldPlan::Field(FieldSpec {
            name,
            treatment,
            is_renamed,
            is_plain: declared.is_none() && !is_renamed && treatment.shows_numbers(),
            declared,
        })
    }
}

/// Whether the event was not named: `tracing` then calls it by its source location, which is no
/// event name in the sense of the log data model.
fn has_default_name(metadata: &Metadata<'_>) -> bool {
    let location = metadata.name().strip_prefix("event ");
    let location = location.and_then(|location| location.rsplit_once(':'));
    location.is_some_and(|(file, line)| {
        metadata.file() == Some(file) && metadata.line() == line.parse().ok()
    })
}

/// The plans of the callsites seen so far.
#[derive(Debug)]
pub(crate) struct PlanTable {
    slots: Box<[OnceLock<Box<Entry>>]>,
}

#[derive(Debug)]
struct Entry {
    /// Metadata is static, so its address names the callsite for ever.
    address: usize,
    plan: Plan,
}

/// A plan out of the table, or one made for this event alone.
#[derive(Debug)]
pub(crate) enum Planned<'a> {
    Kept(&'a Plan),
    Made(Box<Plan>),
}

impl Planned<'_> {
    pub(crate) fn plan(&self) -> &Plan {
        match self {
            Self::Kept(plan) => plan,
            Self::Made(plan) => plan,
        }
    }
}

impl PlanTable {
    pub(crate) fn new() -> Self {
        Self {
            slots: (0..SLOTS).map(|_| OnceLock::new()).collect(),
        }
    }

    pub(crate) fn plan(&self, metadata: &'static Metadata<'static>, rules: &Rules) -> Planned<'_> {
        let address = ptr::from_ref(metadata).addr();
        let start = spread(address);
        for probe in 0..PROBES {
            let at = (start + probe) % SLOTS;
            let Some(slot) = self.slots.get(at) else {
                break;
            };
            let entry = slot.get_or_init(|| {
                Box::new(Entry {
                    address,
                    plan: Plan::new(metadata, Some(at), rules, true),
                })
            });
            if entry.address == address {
                return Planned::Kept(&entry.plan);
            }
        }
        Planned::Made(Box::new(Plan::new(metadata, None, rules, false)))
    }
}

impl PlanTable {
    /// Events left out at all callsites that have a place.
    pub(crate) fn left_out(&self) -> u64 {
        let entries = self.slots.iter().filter_map(OnceLock::get);
        let callsites = entries.map(|entry| &entry.plan.callsite);
        callsites
            .map(|callsite| callsite.left_out.load(Ordering::Relaxed))
            .sum()
    }
}

/// Fibonacci hashing: addresses of statics differ in their middle bits.
fn spread(address: usize) -> usize {
    const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;
    let mixed = (address as u64).wrapping_mul(GOLDEN);
    (mixed >> (u64::BITS - SLOTS.ilog2())) as usize
}
