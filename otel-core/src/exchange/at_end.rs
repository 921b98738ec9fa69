//! What a protocol adds to the end of its exchanges.
//!
//! The engine knows spans, durations and verdicts; messages, attempts and older names are a matter
//! of one protocol. Its layer gives the engine one value that speaks at every end, before any signal
//! is written, so that all of them carry what it says.

use std::any::Any;
use std::fmt;

use opentelemetry::KeyValue;

use super::ExchangeEnd;
use crate::outcome::{Facts, Judgement};

/// Speaks at the end of every exchange of a layer.
///
/// Both methods run on the request path, possibly while the thread is unwinding. A panic is caught;
/// what was to be added is then left out.
pub trait AtEnd: fmt::Debug + Send + Sync + 'static {
    /// Reconsiders the verdict.
    fn judge(&self, judgement: Judgement, facts: &Facts) -> Judgement {
        let _ = facts;
        judgement
    }

    /// Records what the protocol measures besides the duration, and adds the last attributes of the
    /// span. `is_recorded` says whether there is one to add to.
    fn end(&self, end: &ExchangeEnd<'_>, is_recorded: bool, attributes: &mut Vec<KeyValue>);
}

/// What a layer keeps of one exchange, for [`AtEnd`] and for observers.
pub type Detail = dyn Any + Send + Sync;
