//! An outgoing call that no layer wraps: a database, a cache, a library with a socket of its own.
//!
//! Without it the trace has a hole as long as the call, and the callee's time looks like ours. A call
//! is an exchange like any other: a span, a duration, a number in flight, one outcome.

use std::any::type_name;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context as Waker, Poll, ready};

use opentelemetry::{Context, KeyValue};
use pin_project_lite::pin_project;

use super::call_kind::CallKind;
use super::{Exchange, Instrumentation};
use crate::error::ConfigError;
use crate::outcome::Ending;
use crate::telemetry::Telemetry;

/// Calls of one kind to one system. Made once, by
/// [`Telemetry::operation`](crate::telemetry::Telemetry::operation), and cloned freely.
///
/// ```
/// use otel_core::exchange::CallKind;
/// use otel_core::telemetry::Telemetry;
///
/// # async fn select() -> Result<u32, std::io::Error> { Ok(17) }
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let telemetry = Telemetry::builder().build()?;
/// let orders = telemetry.operation(
///     CallKind::database("postgresql")
///         .with_namespace("shop")
///         .with_server("db.internal", 5432),
/// )?;
/// let rows = orders.call("SELECT orders").run(select()).await?;
/// # let _ = rows;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Calls {
    instrumentation: Arc<Instrumentation>,
}

impl Calls {
    pub(crate) fn new(telemetry: &Telemetry, kind: CallKind) -> Result<Self, ConfigError> {
        Ok(Self {
            instrumentation: kind.instrument(telemetry)?,
        })
    }

    /// Begins a call named by what it does and what it does it to, such as `SELECT orders`.
    ///
    /// Both become labels: give names that are declared, never text with values in it. Of a name past
    /// the bound of a layer's operations the call is counted without it.
    #[track_caller]
    pub fn call(&self, name: &str) -> Call {
        self.call_with(name, |_attributes| {})
    }

    /// The same with attributes of this call alone, such as `db.query.text`. They are asked for only
    /// when a span is recorded.
    #[track_caller]
    pub fn call_with(&self, name: &str, attributes: impl FnOnce(&mut Vec<KeyValue>)) -> Call {
        let operation = self.instrumentation.operation(0, name);
        Call {
            exchange: Exchange::open(&self.instrumentation, operation).start(attributes),
        }
    }
}

/// One call. Ends with its result; dropped before, as a caller that changed its mind.
#[derive(Debug)]
#[must_use = "a call that is dropped at once ends as given up"]
pub struct Call {
    exchange: Exchange,
}

impl Call {
    /// The context of the call, for what is sent with it.
    #[must_use]
    pub const fn context(&self) -> &Context {
        self.exchange.context()
    }

    /// Makes the call with a future, in its context. An error names itself by its type.
    pub fn run<F, T, E>(self, future: F) -> CallFuture<F>
    where
        F: Future<Output = Result<T, E>>,
    {
        CallFuture {
            inner: Some(future),
            exchange: self.exchange,
        }
    }

    /// Makes the call with a closure, in its context.
    ///
    /// # Errors
    ///
    /// Those of the closure.
    pub fn run_blocking<T, E>(mut self, call: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
        let result = self.exchange.scope(call);
        end(&mut self.exchange, &result);
        result
    }

    /// Ends a call that went well and was made by other means.
    pub fn finish(mut self) {
        self.exchange.end(Ending::Complete);
    }

    /// Ends a call that failed, for a reason of low cardinality, such as an SQLSTATE.
    pub fn fail(mut self, error_type: &'static str) {
        self.exchange.error_type(error_type);
        self.exchange.end(Ending::ServiceError);
    }
}

fn end<T, E>(exchange: &mut Exchange, result: &Result<T, E>) {
    match result {
        Ok(_) => exchange.end(Ending::Complete),
        Err(_) => {
            exchange.error_type(type_name::<E>());
            exchange.end(Ending::ServiceError);
        }
    }
}

pin_project! {
    /// A call on its way. Made by [`Call::run`].
    #[must_use = "futures do nothing unless polled"]
    pub struct CallFuture<F> {
        // `None` once it has resolved or is being dropped.
        #[pin]
        inner: Option<F>,
        exchange: Exchange,
    }

    impl<F> PinnedDrop for CallFuture<F> {
        fn drop(this: Pin<&mut Self>) {
            let mut this = this.project();
            if this.inner.is_some() {
                this.exchange.scope(|| this.inner.set(None));
            }
        }
    }
}

impl<F, T, E> Future for CallFuture<F>
where
    F: Future<Output = Result<T, E>>,
{
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, waker: &mut Waker<'_>) -> Poll<F::Output> {
        let mut this = self.project();
        let Some(inner) = this.inner.as_mut().as_pin_mut() else {
            // Polled again after it resolved, which `Future` leaves open; it must not panic here.
            return Poll::Pending;
        };
        let result = ready!(this.exchange.scope(|| inner.poll(waker)));
        this.exchange.scope(|| this.inner.set(None));
        end(this.exchange, &result);
        Poll::Ready(result)
    }
}

impl<F> fmt::Debug for CallFuture<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CallFuture")
            .field("exchange", &self.exchange)
            .finish_non_exhaustive()
    }
}
