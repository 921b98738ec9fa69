//! The server side: [`HttpServerLayer`].

mod attributes;
mod builder;
mod head;
mod hosts;
mod layer;
mod request_body;
mod service;
mod settings;

pub use builder::HttpServerBuilder;
pub use head::ServerHead;
pub use layer::HttpServerLayer;
pub use request_body::{CountedBody, CountsRequestBody, RequestBodyLayer};
pub use service::HttpServer;
