//! A language server for multi-stage Dockerfiles.
//!
//! The layers, each of which knows only those above it in this list:
//!
//! - [`text`]: a rope, byte offsets, LSP positions.
//! - [`syntax`]: the tree and the typed view of each instruction.
//! - [`language`]: the words of the language, and what they mean.
//! - [`stages`]: what names mean: stages, references, the graph.
//! - [`variables`]: ARG and ENV, what each use of one means, and values.
//! - [`shell`] and [`tools`]: the commands of a RUN, and what well-known ones do.
//! - [`images`]: facts about base images.
//! - [`document`]: one version of one file, with everything above.
//! - [`flow`]: what stages produce and inherit.
//! - [`builds`]: what files outside of a Dockerfile have built from it.
//! - [`outside`]: what other files of a workspace do with a Dockerfile.
//! - [`switches`]: comments that switch rules off.
//! - [`features`] and [`rules`]: questions about a document, answered in bytes.
//! - [`configuration`]: where the [`settings`] of a file come from.
//! - [`workspace`]: the stages of many Dockerfiles, and all that names them.
//! - [`lsp`] and [`cli`]: the two ways to ask them.

pub mod builds;
pub mod cli;
pub mod configuration;
pub mod context_files;
pub mod dockerignore;
pub mod document;
pub mod features;
#[cfg(test)]
mod fixture;
pub mod flow;
pub mod images;
pub mod language;
pub mod lsp;
pub mod outside;
pub mod rules;
pub mod settings;
pub mod shell;
pub mod stages;
pub mod switches;
pub mod syntax;
pub mod text;
pub mod tools;
pub mod variables;
pub mod workspace;
