//! How much is held.

use tracing::Level;

/// Holds the quiet events of each request and writes them if it fails. Given to
/// [`with_request_buffer`](crate::LogBridgeBuilder::with_request_buffer).
///
/// A request is an exchange of the suite, or a trace, or the outermost `tracing` span. It fails with
/// the first event of level ERROR that is kept, and from then on its quiet events are written as
/// they come. It ends with the log line of its exchange.
///
/// ```
/// use otel_log_bridge::RequestBuffer;
/// use tracing::Level;
///
/// let buffer = RequestBuffer::new(Level::DEBUG)
///     .with_bytes_per_request(32 * 1024)
///     .with_total_bytes(4 << 20);
/// # let _ = buffer;
/// ```
#[derive(Clone, Copy, Debug)]
#[must_use = "a buffer is given to the builder of the bridge"]
pub struct RequestBuffer {
    pub(crate) level: Level,
    pub(crate) per_request: usize,
    pub(crate) total: usize,
    pub(crate) requests: usize,
}

impl RequestBuffer {
    /// Holds events down to this level: 16 KiB of each of 1,024 requests, 4 MiB in all.
    pub const fn new(least: Level) -> Self {
        Self {
            level: least,
            per_request: 16 * 1024,
            total: 4 << 20,
            requests: 1024,
        }
    }

    /// Memory for the events of one request, bytes. Past it, its oldest are forgotten.
    pub const fn with_bytes_per_request(mut self, bytes: usize) -> Self {
        self.per_request = bytes;
        self
    }

    /// Memory for all held events, bytes. Past it, the request that began to hold first is
    /// forgotten.
    pub const fn with_total_bytes(mut self, bytes: usize) -> Self {
        self.total = bytes;
        self
    }

    /// Requests that are held at a time.
    pub const fn with_requests(mut self, requests: usize) -> Self {
        self.requests = requests;
        self
    }
}
