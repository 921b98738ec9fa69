//! The server side: [`HttpServerLayer`].

mod attributes;
mod builder;
mod head;
mod hosts;
mod layer;
mod service;

pub use builder::HttpServerBuilder;
pub use head::ServerHead;
pub use layer::HttpServerLayer;
pub use service::HttpServer;
