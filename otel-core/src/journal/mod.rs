//! What is happening, and what happened last, held in bounded memory.

mod in_flight;

pub(crate) use in_flight::Ticket;
pub use in_flight::{InFlight, Running};
