//! Conversations with the real server, from outside.

mod client;
mod commands;
mod completion;
mod diagnostics;
mod editor;
mod edits;
mod format;
mod handshake;
mod hierarchy;
mod hints;
mod lens;
mod lifecycle;
mod malformed;
mod picture;
mod places;
mod requests;
mod robustness;
mod settings;
mod signatures;
mod sync;
mod tokens;
mod variables;
mod workspace;
