//! A listener of TLS connections whose handshakes do not wait for each other.
//!
//! A task of its own accepts and shakes hands; the server is handed what is done. Handshakes have a
//! time limit and a bounded number: past it the one that has taken longest is given up, for a silent
//! client waits longest and an honest one for no time at all.

use std::collections::VecDeque;
use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use rustls::ServerConfig;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::task::{AbortHandle, JoinSet};

use super::{Handshaker, PeerStream};
use crate::identity::Connection;
use crate::telemetry::Telemetry;

/// Handshakes at once unless told otherwise.
const DEFAULT_HANDSHAKES: NonZeroUsize = NonZeroUsize::new(1024).unwrap();
/// Connections that wait for the server to take them.
const READY: usize = 64;

/// Accepts TCP connections and shakes hands on all of them at once.
///
/// Dropping it stops listening and gives up the handshakes that are not over.
pub struct TlsListener {
    ready: mpsc::Receiver<PeerStream<TcpStream>>,
    local_addr: SocketAddr,
    pump: AbortHandle,
}

impl TlsListener {
    /// A listener with good defaults. Call it inside a Tokio runtime.
    ///
    /// # Errors
    ///
    /// When the socket does not know its address.
    pub fn new(
        telemetry: &Telemetry,
        listener: TcpListener,
        config: Arc<ServerConfig>,
    ) -> io::Result<Self> {
        Self::builder(listener, Handshaker::new(telemetry, config)).listen()
    }

    /// Starts a listener.
    pub const fn builder(listener: TcpListener, handshaker: Handshaker) -> TlsListenerBuilder {
        TlsListenerBuilder {
            listener,
            handshaker,
            max_handshakes: DEFAULT_HANDSHAKES,
        }
    }

    /// The next connection; `None` only when the runtime is shutting down.
    pub async fn accept(&mut self) -> Option<PeerStream<TcpStream>> {
        self.ready.recv().await
    }

    /// Polls for the next connection.
    pub fn poll_accept(&mut self, cx: &mut Context<'_>) -> Poll<Option<PeerStream<TcpStream>>> {
        self.ready.poll_recv(cx)
    }

    /// The address it listens on.
    #[must_use]
    pub const fn local_addr(&self) -> SocketAddr {
        self.local_addr
    }
}

impl Drop for TlsListener {
    fn drop(&mut self) {
        self.pump.abort();
    }
}

impl fmt::Debug for TlsListener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TlsListener")
            .field("local_addr", &self.local_addr)
            .finish_non_exhaustive()
    }
}

/// Collects what a [`TlsListener`] needs.
#[derive(Debug)]
#[must_use = "a builder does nothing until `listen` is called"]
pub struct TlsListenerBuilder {
    listener: TcpListener,
    handshaker: Handshaker,
    max_handshakes: NonZeroUsize,
}

impl TlsListenerBuilder {
    /// How many handshakes may run at once; 1,024 otherwise. Past it the oldest is given up.
    pub const fn with_max_handshakes(mut self, max: NonZeroUsize) -> Self {
        self.max_handshakes = max;
        self
    }

    /// Begins to accept, on a task of its own. Call it inside a Tokio runtime.
    ///
    /// # Errors
    ///
    /// When the socket does not know its address.
    pub fn listen(self) -> io::Result<TlsListener> {
        let local_addr = self.listener.local_addr()?;
        let (done, ready) = mpsc::channel(READY);
        let pump = Pump {
            listener: self.listener,
            handshaker: self.handshaker,
            max: self.max_handshakes.get(),
            done,
            tasks: JoinSet::new(),
            shaking: VecDeque::new(),
        };
        Ok(TlsListener {
            ready,
            local_addr,
            pump: tokio::spawn(pump.run()).abort_handle(),
        })
    }
}

struct Pump {
    listener: TcpListener,
    handshaker: Handshaker,
    max: usize,
    done: mpsc::Sender<PeerStream<TcpStream>>,
    /// Handshakes, and connections that wait to be taken. Dropped with the pump, which ends them.
    tasks: JoinSet<()>,
    /// Handshakes by age.
    shaking: VecDeque<Shaking>,
}

struct Shaking {
    task: AbortHandle,
    over: Arc<AtomicBool>,
}

impl Pump {
    async fn run(mut self) {
        loop {
            self.make_room().await;
            match self.listener.accept().await {
                Ok((tcp, remote)) => self.shake(tcp, remote),
                Err(error) => pause(&error).await,
            }
        }
    }

    /// Leaves room for one more. Connections that are ready hold up the acceptance of others only
    /// when the server has not taken as many as there may be handshakes.
    async fn make_room(&mut self) {
        while self.tasks.try_join_next().is_some() {}
        while self.shaking.front().is_some_and(Shaking::is_over) {
            self.shaking.pop_front();
        }
        if self.tasks.len() < self.max {
            return;
        }
        self.shaking.retain(|shaking| !shaking.is_over());
        if let Some(oldest) = self.shaking.pop_front() {
            oldest.task.abort();
        }
        let _ = self.tasks.join_next().await;
    }

    fn shake(&mut self, tcp: TcpStream, remote: SocketAddr) {
        let (handshaker, done) = (self.handshaker.clone(), self.done.clone());
        let over = Arc::new(AtomicBool::new(false));
        let told = Arc::clone(&over);
        let task = self.tasks.spawn(async move {
            let shaken = handshaker.accept(tcp, Connection::tcp(remote)).await;
            told.store(true, Ordering::Release);
            if let Ok(stream) = shaken {
                let _ = done.send(stream).await;
            }
        });
        self.shaking.push_back(Shaking { task, over });
    }
}

impl Shaking {
    fn is_over(&self) -> bool {
        self.over.load(Ordering::Acquire) || self.task.is_finished()
    }
}

/// An error of one connection is the client's affair; any other, such as no file descriptor left,
/// passes only with time.
async fn pause(error: &io::Error) {
    if !matches!(
        error.kind(),
        io::ErrorKind::ConnectionRefused
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionReset
    ) {
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}
