//! A language server for multi-stage Dockerfiles.
//!
//! The layers, each of which knows only those above it in this list:
//!
//! - [`text`]: a rope, byte offsets, LSP positions.
//! - [`syntax`]: the tree and the typed view of each instruction.
//! - [`stages`]: what names mean: stages, references, the graph.
//! - [`document`]: one version of one file, with everything above.
//! - [`features`] and [`rules`]: questions about a document, answered in bytes.
//! - [`lsp`] and [`cli`]: the two ways to ask them.

pub mod cli;
pub mod context_files;
pub mod dockerignore;
pub mod document;
pub mod features;
#[cfg(test)]
mod fixture;
pub mod lsp;
pub mod rules;
pub mod stages;
pub mod syntax;
pub mod text;
