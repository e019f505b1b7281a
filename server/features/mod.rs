//! What an editor can ask about a document. One file per question.
//!
//! Features take a [`Document`](crate::document::Document) and byte offsets and return plain values in bytes.
//! They do no I/O, never wait, and know nothing of LSP. Those in [`outside`] take a
//! [`Workspace`](crate::workspace::Workspace) instead.

mod built;
pub mod comments;
pub mod completion;
pub mod definition;
pub mod folding;
pub mod format;
mod given;
pub mod graph;
pub mod heredocs;
pub mod hierarchy;
pub mod hover;
pub mod inlay_hints;
pub mod lens;
pub mod links;
pub mod outside;
pub mod references;
pub mod rename;
pub mod selection;
pub mod signature;
pub mod symbols;
pub mod tokens;
pub mod topic;
