//! Trace context on the wire: read from the headers of a request, written to those of the next.
//!
//! Every accepted header becomes part of a trace somebody has to trust, so reading is as strict as
//! the standard and writing is always in the newest version known here, [Trace Context level 2].
//! What a header says is handed over as plain values; who may be believed is not decided here.
//!
//! The invariant: whatever is injected, extracts to the same values.
//!
//! ```
//! use http::HeaderMap;
//! use otel_core::propagation::Propagator;
//!
//! let mut incoming = HeaderMap::new();
//! incoming.insert(
//!     "traceparent",
//!     "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-03".parse()?,
//! );
//! incoming.insert("tracestate", "rojo=00f067aa0ba902b7 , congo=t61rcWkgMzE".parse()?);
//!
//! let propagator = Propagator::w3c();
//! let extracted = propagator.extract(&incoming);
//! let span_context = extracted.span_context().expect("both headers are well formed");
//! assert!(span_context.is_sampled());
//!
//! let mut outgoing = HeaderMap::new();
//! propagator.inject(span_context, extracted.tracestate(), &mut outgoing);
//! assert_eq!(outgoing["traceparent"], incoming["traceparent"]);
//! assert_eq!(outgoing["tracestate"], "rojo=00f067aa0ba902b7,congo=t61rcWkgMzE");
//! # Ok::<(), http::header::InvalidHeaderValue>(())
//! ```
//!
//! [Trace Context level 2]: https://www.w3.org/TR/trace-context-2/

mod admission;
mod allowed;
mod b3;
mod baggage;
mod baggage_member;
mod boundary;
mod caller;
mod carrier;
mod datadog;
mod extracted;
mod format;
mod grpc_trace_bin;
mod hex;
mod ids;
mod jaeger;
mod lines;
mod list_members;
mod ordered;
mod ot_trace;
mod outgoing;
mod propagator;
mod reconstruct;
mod release;
mod sampling_state;
mod text_map;
mod traceparent;
mod tracestate;
mod vendor_baggage;
mod w3c;
mod xray;

pub use admission::{Admission, Crossing};
pub use baggage::{Baggage, InvalidBaggage};
pub use baggage_member::BaggageMember;
pub use boundary::{Boundary, BoundaryBuilder, CallerPolicy};
pub(crate) use boundary::{apply, released, strip_identity};
pub use caller::Caller;
pub use carrier::{Carrier, Limit};
pub use extracted::Extracted;
pub use format::Format;
pub use ordered::PropagatorBuilder;
pub use outgoing::Outgoing;
pub use propagator::Propagator;
pub use reconstruct::{Reconstructed, Reconstruction, ReconstructionScope, ReconstructionSource};
pub use release::Release;
pub use sampling_state::SamplingState;
pub use text_map::TextMap;
pub(crate) use text_map::{Received, outgoing_baggage};
pub use traceparent::{InvalidTraceParent, TraceParent};
pub use tracestate::{InvalidTraceState, TraceState};
