//! What well-known programs do: which install, compile, test, and what they write where.
//!
//! A closed list. A command goes in, and what is certain of it comes out; of any other program nothing is known.

use crate::shell::{Argument, Command};

/// The program that a command calls, behind `sudo`, `env A=1`, `exec`, `time` and the like.
#[derive(Debug, Clone, Copy)]
pub struct Call<'a> {
    pub command: &'a Command,
    /// The program without its folder: `npm` of `/usr/bin/npm`.
    pub name: &'a str,
    pub arguments: &'a [Argument],
}

/// What one call writes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Output<'a> {
    /// Where, relative to the directory that the command runs in.
    pub path: OutputPath<'a>,
    pub scope: Scope,
    pub product: Product,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OutputPath<'a> {
    /// As the command says, such as the argument of `-o`, and what the program adds behind it.
    Argument(&'a Argument, &'static str),
    /// Where the program writes unless it is told otherwise; empty for the directory itself.
    Default(&'static str),
}

/// What of a path is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scope {
    /// This file or directory.
    Exact,
    /// Any files below it.
    Under,
}

/// What kind of files they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Product {
    /// A program or library of machine code.
    Native(Compiler),
    /// Installed dependencies that may hold machine code: `node_modules`, `site-packages`, `vendor/bundle`.
    Dependencies(Ecosystem),
    /// Text, byte code, archives: the same on every system.
    Neutral,
    /// From the build context.
    Context,
    /// Copied or downloaded: as what it came from.
    Other,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Compiler {
    Go,
    Rust,
    C,
    Dotnet,
    Other,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Ecosystem {
    Node,
    Python,
    Ruby,
    Php,
    Go,
    Rust,
    Java,
    Dotnet,
    Elixir,
}

/// What is known of what a call writes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Writes<'a> {
    /// These, and nothing else that anybody would copy.
    Only(Vec<Output<'a>>),
    /// These at least, and perhaps anything below the directory that it runs in.
    AtLeast(Vec<Output<'a>>),
    /// Nobody knows.
    Anything,
}

/// Reads a command; `None` for one without a literal name.
pub fn call(_command: &Command) -> Option<Call<'_>> {
    None
}

/// What a call writes.
pub fn writes<'a>(_call: Call<'a>) -> Writes<'a> {
    Writes::Anything
}

/// What the redirections of a command write.
pub fn redirected(_command: &Command) -> Vec<Output<'_>> {
    Vec::new()
}
