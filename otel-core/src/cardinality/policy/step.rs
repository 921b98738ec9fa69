//! A normalizer, compiled.

use std::sync::Arc;

use super::Text;
use super::derived::look_up;
use super::normalizer::{Kind, NormalizeFn, Normalizer};
use super::replacement::Replacement;
use crate::contained::contained;
use crate::ConfigError;
use crate::cardinality::cut;
use crate::cardinality::value_shape::write_template;

/// One step of a [`ValueRules`](super::value_rules::ValueRules).
pub(super) enum Step {
    Map(Arc<[(Text, Text)]>),
    Closure(Arc<NormalizeFn>),
    Replace(Replacement),
    LowerCase,
    Trim,
    StatusClass,
    RouteIds,
    Truncate(usize),
}

/// What a step made of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Made {
    /// It stays as it was.
    Nothing,
    /// Another, which was written.
    Another,
    /// The closure panicked.
    Panic,
}

impl Step {
    pub(super) fn new(normalizer: &Normalizer) -> Result<Self, ConfigError> {
        Ok(match &normalizer.0 {
            Kind::Map(entries) => Self::Map(Arc::clone(entries)),
            Kind::Closure(closure) => Self::Closure(Arc::clone(&closure.0)),
            Kind::Replace { pattern, template } => {
                Self::Replace(Replacement::new("Normalizer::replace", pattern, template)?)
            }
            Kind::LowerCase => Self::LowerCase,
            Kind::Trim => Self::Trim,
            Kind::StatusClass => Self::StatusClass,
            Kind::RouteIds => Self::RouteIds,
            Kind::Truncate(bytes) if (16..=MAX_VALUE).contains(bytes) => Self::Truncate(*bytes),
            Kind::Truncate(_) => {
                let range = format!("from 16 to {MAX_VALUE}");
                return Err(ConfigError::invalid("Normalizer::truncate", range));
            }
        })
    }

    /// Writes what becomes of `value` to the end of `to`, which is empty, unless it stays.
    pub(super) fn apply(&self, value: &str, to: &mut String) -> Made {
        match self {
            Self::Map(entries) => match look_up(entries, value) {
                Some(result) => to.push_str(result),
                None => return Made::Nothing,
            },
            Self::Closure(normalize) => {
                let Some(result) = contained(|| normalize(value)) else {
                    return Made::Panic;
                };
                to.push_str(cut(&result, MAX_VALUE));
            }
            Self::Replace(replacement) => {
                if !replacement.apply(value, to) {
                    return Made::Nothing;
                }
                to.truncate(cut(to, MAX_VALUE).len());
            }
            Self::LowerCase => {
                to.push_str(value);
                to.make_ascii_lowercase();
            }
            Self::Trim => to.push_str(value.trim()),
            Self::StatusClass => match value.as_bytes() {
                [class @ b'1'..=b'5', b'0'..=b'9', b'0'..=b'9'] => {
                    to.push(char::from(*class));
                    to.push_str("xx");
                }
                _ => return Made::Nothing,
            },
            Self::RouteIds => {
                write_template(value, to);
                to.truncate(cut(to, MAX_VALUE).len());
            }
            Self::Truncate(bytes) if value.len() > *bytes => write_cut(value, *bytes, to),
            Self::Truncate(_) => return Made::Nothing,
        }
        if to == value {
            Made::Nothing
        } else {
            Made::Another
        }
    }
}

impl std::fmt::Debug for Step {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Step")
    }
}

fn write_cut(value: &str, bytes: usize, to: &mut String) {
    // FNV-1a, 32 bits: the same in every process, as the name of a series has to be.
    let hash = value.bytes().fold(0x811c_9dc5_u32, |hash, byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    });
    to.push_str(cut(value, bytes - "~00000000".len()));
    to.push('~');
    for shift in (0..32).step_by(4).rev() {
        let digit = char::from_digit((hash >> shift) & 0xf, 16);
        to.push(digit.unwrap_or_default());
    }
}

/// Bytes of a value that rules look at and make.
pub(super) const MAX_VALUE: usize = 4_096;
