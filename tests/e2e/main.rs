//! Conversations with the real server, from outside.

mod client;
mod diagnostics;
mod handshake;
mod lifecycle;
mod malformed;
mod requests;
mod sync;
