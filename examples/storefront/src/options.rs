//! The command line.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use lexopt::prelude::{Long, Short, ValueExt};
use otel_core::identity::Forwards;

/// What `--help` prints.
pub(crate) const USAGE: &str = "\
usage: storefront [--http ADDR] [--grpc ADDR] [--admin ADDR] [--no-demo]
                  [--tls-dir DIR] [--xfcc none|set|append]

  --http ADDR   where the shop listens       (default 127.0.0.1:8080)
  --grpc ADDR   where the inventory listens  (default 127.0.0.1:50051)
  --admin ADDR  where /metrics is served     (default 127.0.0.1:9090)
  --no-demo     serve only, send no traffic of its own
  --tls-dir DIR serve over TLS as workloads of two trust domains; the shop asks
                clients for an SVID and the inventory requires one (see certs.sh);
                implies --no-demo
  --xfcc MODE   with --tls-dir: the shop listens without TLS behind a proxy on
                loopback that sets x-forwarded-client-cert, appends to it, or is
                not to be believed

An ADDR with port 0 takes a free port, which is printed. With
OTEL_EXPORTER_OTLP_ENDPOINT set, spans are sent there over OTLP/gRPC.";

/// What the command line asks for.
#[derive(Clone, Debug)]
pub(crate) struct Options {
    pub(crate) http: SocketAddr,
    pub(crate) grpc: SocketAddr,
    pub(crate) admin: SocketAddr,
    pub(crate) demo: bool,
    pub(crate) tls: Option<PathBuf>,
    /// Behind a proxy that shakes hands; what it forwards, if it is believed.
    pub(crate) xfcc: Option<Option<Forwards>>,
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
            tls: None,
            xfcc: None,
        };
        let mut arguments = lexopt::Parser::from_env();
        while let Some(argument) = arguments.next()? {
            match argument {
                Long("http") => options.http = arguments.value()?.parse()?,
                Long("grpc") => options.grpc = arguments.value()?.parse()?,
                Long("admin") => options.admin = arguments.value()?.parse()?,
                Long("no-demo") => options.demo = false,
                Long("tls-dir") => {
                    options.tls = Some(arguments.value()?.into());
                    options.demo = false;
                }
                Long("xfcc") => {
                    options.xfcc = Some(arguments.value()?.parse_with(|mode| match mode {
                        "none" => Ok(None),
                        "set" => Ok(Some(Forwards::XfccSet)),
                        "append" => Ok(Some(Forwards::XfccAppend)),
                        _ => Err("`none`, `set` or `append`"),
                    })?);
                }
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
