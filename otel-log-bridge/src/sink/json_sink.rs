//! The places a JSON line may go.

use std::fmt;
use std::io::{self, Write};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Where JSON lines are written. Given to
/// [`with_json`](crate::LogBridgeBuilder::with_json).
#[must_use = "a sink is given to the builder of the bridge"]
pub struct JsonSink {
    name: &'static str,
    out: Box<dyn Write + Send>,
}

impl JsonSink {
    /// The standard output of the process.
    pub fn stdout() -> Self {
        Self::named("stdout", io::stdout())
    }

    /// The standard error of the process.
    pub fn stderr() -> Self {
        Self::named("stderr", io::stderr())
    }

    /// Any writer. It is only used by the writer thread, so it may block.
    ///
    /// It need not take all it is given: a short write is resumed in the middle of the line,
    /// `Interrupted` is tried again, `WouldBlock` and other errors after a pause.
    pub fn writer(out: impl Write + Send + 'static) -> Self {
        Self::named("writer", out)
    }

    /// Memory that a test can read. It is not bounded.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use otel_core::resource::Resource;
    /// use otel_log_bridge::{JsonSink, LogBridge};
    /// use tracing_subscriber::layer::SubscriberExt;
    ///
    /// # fn main() -> Result<(), otel_core::ConfigError> {
    /// let (sink, lines) = JsonSink::memory();
    /// let resource = Resource::builder().build()?;
    /// let (layer, guard) = LogBridge::builder(&resource).with_json(sink).build()?;
    /// let subscriber = tracing_subscriber::registry().with(layer);
    /// tracing::subscriber::with_default(subscriber, || tracing::info!("hello"));
    ///
    /// guard.flush(Duration::from_secs(5));
    /// assert!(lines.text().contains(r#""body":"hello""#));
    /// # Ok(())
    /// # }
    /// ```
    pub fn memory() -> (Self, CapturedLines) {
        let lines = CapturedLines::default();
        (Self::named("memory", lines.clone()), lines)
    }

    pub(crate) fn into_writer(self) -> Box<dyn Write + Send> {
        self.out
    }

    fn named(name: &'static str, out: impl Write + Send + 'static) -> Self {
        Self {
            name,
            out: Box::new(out),
        }
    }
}

impl fmt::Debug for JsonSink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("JsonSink").field(&self.name).finish()
    }
}

/// The lines a [`JsonSink::memory`] has received. Clones share them.
#[derive(Clone, Debug, Default)]
pub struct CapturedLines {
    bytes: Arc<Mutex<Vec<u8>>>,
}

impl CapturedLines {
    /// Everything written so far, with newlines.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.lock()).into_owned()
    }

    /// Everything written so far, line by line.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        self.text().lines().map(str::to_owned).collect()
    }

    fn lock(&self) -> MutexGuard<'_, Vec<u8>> {
        self.bytes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Write for CapturedLines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.lock().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
