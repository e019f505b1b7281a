//! Conversations with the real server, from outside.

mod client;
mod diagnostics;
mod edits;
mod handshake;
mod lifecycle;
mod malformed;
mod requests;
mod robustness;
mod sync;
mod variables;
