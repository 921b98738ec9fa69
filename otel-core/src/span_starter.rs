//! The tracer, erased above the span.
//!
//! A tracer's span type would make every layer generic. What the engine needs is only a [`Context`]
//! in which a span was started, so that is where the type is erased: no span is boxed.

use std::sync::Arc;

use opentelemetry::trace::{SpanBuilder, TraceContextExt, Tracer, TracerProvider};
use opentelemetry::{Context, InstrumentationScope};

/// Starts spans of one instrumentation scope.
pub(crate) trait SpanStarter: Send + Sync {
    /// Starts a span under the span of `parent` and returns `parent` with the new span in it.
    fn start(&self, builder: SpanBuilder, parent: &Context) -> Context;

    /// Starts the root of a new trace and returns `around` with it: all its values, another span.
    fn start_root(&self, builder: SpanBuilder, around: &Context) -> Context;
}

impl<T> SpanStarter for T
where
    T: Tracer + Send + Sync,
    T::Span: Send + Sync + 'static,
{
    fn start(&self, builder: SpanBuilder, parent: &Context) -> Context {
        parent.with_span(self.build_with_context(builder, parent))
    }

    fn start_root(&self, builder: SpanBuilder, around: &Context) -> Context {
        // A context with an invalid span in it would do for the tracer and not for its samplers:
        // some take any span for a parent, and one without flags for a refusal.
        around.with_span(self.build_with_context(builder, &Context::new()))
    }
}

/// Makes a [`SpanStarter`] for each scope that asks.
pub(crate) trait SpanSource: Send + Sync {
    fn starter(&self, scope: InstrumentationScope) -> Arc<dyn SpanStarter>;
}

/// Gives any tracer provider that shape.
pub(crate) struct Provided<P>(pub(crate) P);

impl<P> SpanSource for Provided<P>
where
    P: TracerProvider + Send + Sync,
    P::Tracer: Send + Sync + 'static,
    <P::Tracer as Tracer>::Span: Send + Sync + 'static,
{
    fn starter(&self, scope: InstrumentationScope) -> Arc<dyn SpanStarter> {
        Arc::new(self.0.tracer_with_scope(scope))
    }
}
