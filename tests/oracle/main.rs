//! What BuildKit says of real and of made-up files, against what we say of them.
//!
//! The data lies beside the project and is not part of it. Where it is absent each test that needs it says so and passes.

mod bake;
mod catalogue;
mod comments;
mod format;
mod links;
mod parsing;
mod picture;
mod rename;
mod resolution;
mod seeds;
mod shared;
mod tokens;
mod typing;
mod variables;
mod verdicts;
mod workspaces;
