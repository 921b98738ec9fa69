//! What a callsite will write, decided when it is first seen.
//!
//! `tracing` knows the names of all fields statically, so escaping a key, checking it against the
//! reserved ones and finding it twice is done once for a callsite and not for each event. The table
//! has a fixed size: past it, plans are made for each event and counted.

use std::borrow::Cow;
use std::ptr;
use std::sync::OnceLock;

use tracing::Metadata;
use tracing::field::Field;

use crate::encode::keys;
use crate::severity::Severity;

/// Slots of the table: 16 bytes each.
const SLOTS: usize = 4096;
/// Slots that are tried for one callsite.
const PROBES: usize = 16;

/// How the events of one callsite are written.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) severity: Severity,
    /// An event of the OpenTelemetry libraries. They warn while the context is mutably borrowed,
    /// so nothing on the way of such an event may touch the context.
    pub(crate) is_internal: bool,
    pub(crate) declares_exception_message: bool,
    /// `,"event_name":"…"` or nothing.
    pub(crate) event_name: Box<[u8]>,
    /// `,"target":"…"`.
    pub(crate) target: Box<[u8]>,
    fields: Box<[FieldPlan]>,
}

/// What becomes of one field.
#[derive(Debug)]
pub(crate) enum FieldPlan {
    /// The body of the record.
    Body,
    /// A member of the line.
    Member(Member),
    /// The target of a record of the `log` crate, whose callsites all have the target `log`.
    LogTarget,
    /// The source location of a record of the `log` crate.
    Skip,
}

#[derive(Debug)]
pub(crate) struct Member {
    /// `,"key":`.
    pub(crate) key: Box<[u8]>,
    /// The key collided with one the bridge writes.
    pub(crate) is_renamed: bool,
    /// Index of the first field with this key, when there is more than one.
    pub(crate) repeats: Option<usize>,
    pub(crate) is_exception_message: bool,
}

impl Plan {
    pub(crate) fn new(metadata: &Metadata<'_>) -> Self {
        let of_log_crate = metadata.name() == "log event" && metadata.target() == "log";
        let has_own_name = !of_log_crate && !has_default_name(metadata);
        let mut fields: Vec<_> = metadata
            .fields()
            .iter()
            .map(|field| FieldPlan::new(field.name(), of_log_crate))
            .collect();
        mark_repeats(&mut fields);
        Self {
            severity: Severity::of(*metadata.level()),
            is_internal: metadata.target().starts_with("opentelemetry"),
            declares_exception_message: fields
                .iter()
                .any(|field| matches!(field, FieldPlan::Member(m) if m.is_exception_message)),
            event_name: if has_own_name {
                keys::text_member(keys::EVENT_NAME, metadata.name())
            } else {
                Box::default()
            },
            target: keys::text_member(keys::TARGET, metadata.target()),
            fields: fields.into(),
        }
    }

    pub(crate) fn field(&self, field: &Field) -> Option<&FieldPlan> {
        self.fields.get(field.index())
    }
}

impl FieldPlan {
    fn new(name: &str, of_log_crate: bool) -> Self {
        let name = name.strip_prefix("r#").unwrap_or(name);
        match name {
            "message" => Self::Body,
            "log.target" if of_log_crate => Self::LogTarget,
            "log.module_path" | "log.file" | "log.line" if of_log_crate => Self::Skip,
            _ => {
                let is_renamed = keys::is_reserved(name);
                let name = if is_renamed {
                    Cow::Owned(format!("field.{name}"))
                } else {
                    Cow::Borrowed(name)
                };
                Self::Member(Member {
                    is_exception_message: name == keys::EXCEPTION_MESSAGE,
                    key: keys::member(&name),
                    is_renamed,
                    repeats: None,
                })
            }
        }
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

fn mark_repeats(fields: &mut [FieldPlan]) {
    let key_at = |fields: &[FieldPlan], index: usize| match fields.get(index) {
        Some(FieldPlan::Member(member)) => Some(member.key.clone()),
        _ => None,
    };
    for index in 0..fields.len() {
        let key = key_at(fields, index);
        let Some(first) = (0..index).find(|&i| key.is_some() && key_at(fields, i) == key) else {
            continue;
        };
        for index in [first, index] {
            if let Some(FieldPlan::Member(member)) = fields.get_mut(index) {
                member.repeats = Some(first);
            }
        }
    }
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

impl PlanTable {
    pub(crate) fn new() -> Self {
        Self {
            slots: (0..SLOTS).map(|_| OnceLock::new()).collect(),
        }
    }

    pub(crate) fn plan(&self, metadata: &'static Metadata<'static>) -> Planned<'_> {
        let address = ptr::from_ref(metadata).addr();
        let start = spread(address);
        for probe in 0..PROBES {
            let Some(slot) = self.slots.get((start + probe) % SLOTS) else {
                break;
            };
            let entry = slot.get_or_init(|| {
                Box::new(Entry {
                    address,
                    plan: Plan::new(metadata),
                })
            });
            if entry.address == address {
                return Planned::Kept(&entry.plan);
            }
        }
        Planned::Made(Box::new(Plan::new(metadata)))
    }
}

/// Fibonacci hashing: addresses of statics differ in their middle bits.
fn spread(address: usize) -> usize {
    const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;
    let mixed = (address as u64).wrapping_mul(GOLDEN);
    (mixed >> (u64::BITS - SLOTS.ilog2())) as usize
}
