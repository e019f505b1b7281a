//! What the grammar promises: trees that a person expects, no text without a tree, and edited trees equal to fresh ones.

mod corpus;
mod edits;
mod limits;
mod nodes;
