//! Conversations with the real server, from outside.

mod client;
mod commands;
mod diagnostics;
mod editor;
mod edits;
mod handshake;
mod hierarchy;
mod hints;
mod lens;
mod lifecycle;
mod malformed;
mod requests;
mod robustness;
mod settings;
mod signatures;
mod sync;
mod variables;
mod workspace;
