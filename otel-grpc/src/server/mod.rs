//! The server side: [`GrpcServerLayer`].

mod builder;
mod hosts;
mod layer;
mod service;

pub use builder::GrpcServerBuilder;
pub use layer::GrpcServerLayer;
pub use service::GrpcServer;
