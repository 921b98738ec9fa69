//! A shop and its inventory, instrumented by the suite alone.
//!
//! `cargo run --release -p storefront` serves, sends itself a short burst of traffic that goes right
//! and wrong in every way, and says where to look. Nothing else is needed: no collector, no account.

mod admin;
mod demo;
mod inventory;
mod observability;
mod options;
mod shop;
mod trust;

use std::error::Error;
use std::net::SocketAddr;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::observability::Observability;
use crate::options::Options;
use crate::trust::Trust;

/// How long requests in flight may take to finish once the process is told to stop.
const GRACE: Duration = Duration::from_secs(5);

#[tokio::main]
async fn main() -> ExitCode {
    let options = match Options::from_arguments() {
        Ok(Some(options)) => options,
        Ok(None) => return ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("storefront: {error}\n{}", options::USAGE);
            return ExitCode::from(2);
        }
    };
    match run(options).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("storefront: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(options: Options) -> Result<(), Box<dyn Error>> {
    let observability = Observability::start()?;
    let telemetry = observability.telemetry();
    let trust = options.tls.as_deref().map(Trust::read).transpose();
    let trust = trust.map_err(|error| error.to_string())?;

    let http = TcpListener::bind(options.http).await?;
    let grpc = TcpListener::bind(options.grpc).await?;
    let admin = TcpListener::bind(options.admin).await?;
    let at = Addresses {
        http: http.local_addr()?,
        grpc: grpc.local_addr()?,
        admin: admin.local_addr()?,
    };
    eprintln!(
        "listening: http={} grpc={} admin={}",
        at.http, at.grpc, at.admin
    );

    let (stop, stopped) = watch::channel(());
    let mut servers = JoinSet::new();
    servers.spawn(inventory::serve(
        grpc,
        telemetry.clone(),
        trust.clone().map(|trust| trust.inventory),
        stopped.clone(),
    ));
    let storefront = trust.map(|trust| (trust.storefront, options.xfcc));
    servers.spawn(shop::serve(
        http,
        telemetry.clone(),
        at.grpc,
        storefront,
        stopped.clone(),
    ));
    servers.spawn(admin::serve(admin, telemetry.clone(), stopped));

    if options.demo {
        demo::run(at).await?;
    }
    tell_where_to_look(at, options.tls.as_deref());

    interrupted().await;
    drop(stop);
    let drained = tokio::time::timeout(GRACE, servers.join_all()).await;
    if drained.is_err() {
        eprintln!("some requests were still running after {GRACE:?} and are dropped");
    }
    let report = tokio::task::spawn_blocking(move || observability.finish()).await?;
    eprintln!("{report}");
    Ok(())
}

/// Where the three servers listen.
#[derive(Clone, Copy, Debug)]
struct Addresses {
    http: SocketAddr,
    grpc: SocketAddr,
    admin: SocketAddr,
}

fn tell_where_to_look(at: Addresses, tls: Option<&Path>) {
    match tls {
        None => eprintln!("the shop:     curl -i http://{}/orders/1", at.http),
        Some(dir) => eprintln!(
            "the shop:     curl -k --cert {dir}/client.pem --key {dir}/client.key https://{}/echo",
            at.http,
            dir = dir.display()
        ),
    }
    eprintln!("its metrics:  curl http://{}/metrics", at.admin);
    eprintln!("its logs:     the JSON lines on standard output");
    eprintln!("Ctrl-C flushes and says what was written and what was lost");
}

/// Waits for Ctrl-C or a request to terminate.
async fn interrupted() {
    let interrupt = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        match signal(SignalKind::terminate()) {
            Ok(mut terminate) => {
                tokio::select! {
                    _ = interrupt => {}
                    _ = terminate.recv() => {}
                }
            }
            Err(_) => {
                let _ = interrupt.await;
            }
        }
    }
    #[cfg(not(unix))]
    {
        let _ = interrupt.await;
    }
}

/// Resolves when the other end of the channel is gone.
async fn until_stopped(mut stopped: watch::Receiver<()>) {
    while stopped.changed().await.is_ok() {}
}
