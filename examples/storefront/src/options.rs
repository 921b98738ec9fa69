//! The command line.

use std::net::{Ipv4Addr, SocketAddr};

use lexopt::prelude::{Long, Short, ValueExt};

/// What `--help` prints.
pub(crate) const USAGE: &str = "\
usage: storefront [--http ADDR] [--grpc ADDR] [--admin ADDR] [--no-demo]

  --http ADDR   where the shop listens       (default 127.0.0.1:8080)
  --grpc ADDR   where the inventory listens  (default 127.0.0.1:50051)
  --admin ADDR  where /metrics is served     (default 127.0.0.1:9090)
  --no-demo     serve only, send no traffic of its own

An ADDR with port 0 takes a free port, which is printed. With
OTEL_EXPORTER_OTLP_ENDPOINT set, spans are sent there over OTLP/gRPC.";

/// What the command line asks for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Options {
    pub(crate) http: SocketAddr,
    pub(crate) grpc: SocketAddr,
    pub(crate) admin: SocketAddr,
    pub(crate) demo: bool,
}

impl Options {
    /// Reads the arguments of the process; `None` when they only asked for help.
    pub(crate) fn from_arguments() -> Result<Option<Self>, lexopt::Error> {
        let loopback = |port| SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let mut options = Self {
            http: loopback(8080),
            grpc: loopback(50051),
            admin: loopback(9090),
            demo: true,
        };
        let mut arguments = lexopt::Parser::from_env();
        while let Some(argument) = arguments.next()? {
            match argument {
                Long("http") => options.http = arguments.value()?.parse()?,
                Long("grpc") => options.grpc = arguments.value()?.parse()?,
                Long("admin") => options.admin = arguments.value()?.parse()?,
                Long("no-demo") => options.demo = false,
                Long("help") | Short('h') => {
                    println!("{USAGE}");
                    return Ok(None);
                }
                unexpected => return Err(unexpected.unexpected()),
            }
        }
        Ok(Some(options))
    }
}
