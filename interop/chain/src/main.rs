//! The Rust part of the chain that `interop/run.sh` sends requests through.
//!
//! `front` is an axum service that hands its work to a spawned task; the task walks a stream, and each
//! item of it is a gRPC call to `back`, which calls on over HTTP to whatever comes next. `side` is a
//! second HTTP service, to see that both make the same of a request without a context.

mod back;
mod front;
mod telemetry;

use std::error::Error;
use std::net::{Ipv4Addr, SocketAddr};
use std::process::ExitCode;

use tokio::net::TcpListener;

use crate::telemetry::Pipeline;

/// Where the services listen, and where the last of them calls on to.
struct Options {
    front: u16,
    side: u16,
    back: u16,
    collector: String,
    next: String,
}

impl Options {
    fn of_arguments() -> Option<Self> {
        let mut arguments = std::env::args().skip(1);
        let mut port = || arguments.next()?.parse().ok();
        let (front, side, back) = (port()?, port()?, port()?);
        Some(Self {
            front,
            side,
            back,
            collector: arguments.next()?,
            next: arguments.next()?,
        })
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    let Some(options) = Options::of_arguments() else {
        eprintln!("chain FRONT-PORT SIDE-PORT BACK-PORT COLLECTOR-URL NEXT-URL");
        return ExitCode::from(2);
    };
    match run(options).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("chain: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(options: Options) -> Result<(), Box<dyn Error>> {
    let front = Pipeline::start("front", &options.collector)?;
    let side = Pipeline::start("side", &options.collector)?;
    let back = Pipeline::start("back", &options.collector)?;

    let at = |port| SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let grpc = TcpListener::bind(at(options.back)).await?;
    tokio::spawn(back::serve(grpc, back.telemetry().clone(), options.next));
    for (port, pipeline) in [(options.front, &front), (options.side, &side)] {
        let listener = TcpListener::bind(at(port)).await?;
        let router = front::router(pipeline.telemetry(), at(options.back))?;
        tokio::spawn(async { axum::serve(listener, router).await });
    }
    eprintln!("ready");
    tokio::signal::ctrl_c().await?;
    for pipeline in [front, side, back] {
        tokio::task::spawn_blocking(|| pipeline.finish()).await?;
    }
    Ok(())
}
