//! The engine: one request from its arrival to its true end, finished exactly once.
//!
//! An [`Instrumentation`] is made once for a layer; an [`Operation`] once for each kind of request
//! it meets; an [`Exchange`] for every request. The exchange lives in the response future, moves
//! into the [`ExchangeBody`], and ends on whichever comes first: the last frame, trailers, an error,
//! a drop, a panic, an upgrade. Its `Drop` is the one place that cannot be missed, so nothing else
//! is relied on.
//!
//! ```
//! use otel_core::exchange::{Exchange, Instrumentation, OperationParts};
//! use otel_core::outcome::{Classify, Ending, Side};
//! use otel_core::registry::Descriptor;
//! use otel_core::telemetry::Telemetry;
//!
//! # fn main() -> Result<(), otel_core::ConfigError> {
//! let telemetry = Telemetry::builder().build()?;
//! let instrumentation = Instrumentation::builder(
//!     &telemetry,
//!     (Classify::Http, Side::Server),
//!     Descriptor::new("http.server.request.duration").with_help("Request time."),
//!     Descriptor::new("http.server.active_requests").with_help("Requests in flight."),
//!     |_variant, route| OperationParts::new("GET").with_label("http.route", route),
//! )
//! .with_scope("my-layer", "0.1.0")
//! .build();
//! let operation = instrumentation.operation(0, "/orders/{id}");
//! let mut exchange = Exchange::open(&instrumentation, operation).start(|_attributes| {});
//! let answer = exchange.scope(|| "the handler runs inside the context");
//! exchange.head(200);
//! exchange.end(Ending::Complete);
//! # let _ = answer;
//! # Ok(())
//! # }
//! ```

mod alias;
mod arrival;
mod at_end;
mod body;
mod call;
mod call_kind;
mod context_value;
mod covered;
mod declared;
mod end_series;
#[expect(
    clippy::module_inception,
    reason = "the file holds the type the module is named for"
)]
mod exchange;
mod future;
mod handle;
mod instrumentation;
mod log_line;
mod measure;
mod nesting;
mod observer;
mod opening;
mod operation;
mod parent_kind;
mod scope;
mod segment;

pub use alias::Alias;
pub use arrival::Arrival;
pub use at_end::{AtEnd, Detail};
pub use body::ExchangeBody;
pub use call::{Call, CallFuture, Calls};
pub use call_kind::CallKind;
pub use context_value::ExchangeContext;
pub use covered::Covered;
pub use declared::Declared;
pub use exchange::Exchange;
pub use future::{ExchangeFuture, OnHead};
pub use handle::ExchangeHandle;
use instrumentation::Instruments;
pub use instrumentation::{Instrumentation, InstrumentationBuilder, Signals};
pub use measure::Measure;
pub(crate) use observer::Observers;
pub use observer::{ExchangeEnd, ExchangeObserver, ExchangeStart};
pub use opening::Opening;
pub use operation::{Operation, OperationParts};
pub use parent_kind::ParentKind;
