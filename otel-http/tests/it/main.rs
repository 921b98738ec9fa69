//! HTTP layers over real connections.

mod ending_matrix;
mod routes;
mod scripted_body;
mod wire;
