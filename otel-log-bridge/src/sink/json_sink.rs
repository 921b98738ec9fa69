//! The places a line may go.

use std::fmt;
use std::io::{self, Write};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tracing::level_filters::LevelFilter;

use super::file::{LogFile, RotatingFile};
use super::lines::Levels;
use super::writer::Out;
use crate::encode::Profile;

/// Where lines are written, and how. Given to
/// [`with_json`](crate::LogBridgeBuilder::with_json) or
/// [`add_sink`](crate::LogBridgeBuilder::add_sink).
#[must_use = "a sink is given to the builder of the bridge"]
pub struct JsonSink {
    pub(crate) name: &'static str,
    pub(crate) out: Out,
    pub(crate) profile: Profile,
    pub(crate) levels: Levels,
    pub(crate) queue_bytes: Option<usize>,
}

impl JsonSink {
    /// The standard output of the process.
    pub fn stdout() -> Self {
        Self::named("stdout", Out::Write(Box::new(io::stdout())))
    }

    /// The standard error of the process.
    pub fn stderr() -> Self {
        Self::named("stderr", Out::Write(Box::new(io::stderr())))
    }

    /// A file that is rotated and cleared away.
    pub fn file(file: LogFile) -> Self {
        Self::named("file", Out::File(Box::new(RotatingFile::new(file))))
    }

    /// Any writer. It is only used by the writer thread, so it may block.
    ///
    /// It need not take all it is given: a short write is resumed in the middle of the line,
    /// `Interrupted` is tried again, `WouldBlock` and other errors after a pause.
    pub fn writer(out: impl Write + Send + 'static) -> Self {
        Self::named("writer", Out::Write(Box::new(out)))
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
        (
            Self::named("memory", Out::Write(Box::new(lines.clone()))),
            lines,
        )
    }

    /// How a line looks; [`Profile::otel`] otherwise.
    pub fn with_profile(mut self, profile: Profile) -> Self {
        self.profile = profile;
        self
    }

    /// Takes events from `least` severe to `most` severe, both inclusive; all otherwise.
    ///
    /// So that a level has a sink, and a file of an age and size, of its own: `DEBUG` to `DEBUG`, or
    /// `WARN` to `ERROR`. Which events are written at all is decided by
    /// [`with_level`](crate::LogBridgeBuilder::with_level).
    pub const fn with_levels(mut self, least: LevelFilter, most: LevelFilter) -> Self {
        self.levels = Levels { least, most };
        self
    }

    /// Memory for the lines of this sink, bytes; that of the
    /// [bridge](crate::LogBridgeBuilder::with_queue_bytes) otherwise.
    pub const fn with_queue_bytes(mut self, bytes: usize) -> Self {
        self.queue_bytes = Some(bytes);
        self
    }

    fn named(name: &'static str, out: Out) -> Self {
        Self {
            name,
            out,
            profile: Profile::otel(),
            levels: Levels::ALL,
            queue_bytes: None,
        }
    }
}

impl fmt::Debug for JsonSink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JsonSink")
            .field("name", &self.name)
            .field("profile", &self.profile)
            .field("levels", &self.levels)
            .finish_non_exhaustive()
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

    /// Which of these secrets the lines hold. A test of what a service logs asserts that it is none.
    ///
    /// ```
    /// # use otel_log_bridge::JsonSink;
    /// let (_sink, lines) = JsonSink::memory();
    /// // … run the service against the sink …
    /// assert_eq!(lines.leaks(["alice@example.com", "hunter2"]), Vec::<String>::new());
    /// ```
    #[must_use]
    pub fn leaks<T: AsRef<str>>(&self, secrets: impl IntoIterator<Item = T>) -> Vec<String> {
        let text = self.text();
        let mut escaped = Vec::new();
        secrets
            .into_iter()
            .map(|secret| secret.as_ref().to_owned())
            .filter(|secret| {
                // A secret may stand there as it is, or as JSON writes it.
                escaped.clear();
                crate::encode::escape::push(&mut escaped, secret);
                text.contains(secret.as_str()) || text.contains(&*String::from_utf8_lossy(&escaped))
            })
            .collect()
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
