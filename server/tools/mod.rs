//! What well-known programs do: which install, compile, test, and what they write where.
//!
//! A closed list. A command goes in, and what is certain of it comes out; of any other program nothing is known. Nothing here
//! knows of the environment of a stage: `NODE_ENV=production npm ci` is read, an `ENV NODE_ENV` is for the caller.

mod accounts;
mod c;
mod call;
mod compile;
mod dependencies;
mod deprecated;
mod dotnet;
mod files;
mod go;
mod java;
mod node;
mod packages;
mod php;
mod python;
mod ruby;
mod rust;
#[cfg(test)]
mod table;
mod testing;
mod words;
mod writes;

pub use accounts::{Account, AccountKind, accounts};
pub use call::{Call, call};
pub use compile::{Compile, compiles};
pub use dependencies::{Dependencies, Dev, Manifest, dependencies, prunes};
pub use deprecated::{Deprecated, deprecated};
pub use node::builds as bundles;
pub use packages::{Action, Package, Packages, packages};
pub use testing::tests;
pub use words::{Operand, Part, Value};
pub use writes::{redirected, writes};

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
    /// As the command says, such as the argument of `-o`, and, if not empty, what the program adds to it behind a slash.
    Argument(Operand<'a>, &'a str),
    /// Where the program writes unless it is told otherwise; empty for the directory itself.
    Default(&'a str),
}

/// What of a path is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scope {
    /// This file or directory.
    Exact,
    /// This, or any files below it.
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

impl<'a> OutputPath<'a> {
    /// What it is put together of.
    pub fn parts(&self) -> impl Iterator<Item = Part<'a>> {
        let (operand, slash, more) = match *self {
            OutputPath::Argument(operand, "") => (Some(operand), "", ""),
            OutputPath::Argument(operand, more) if operand.trailing().ends_with('/') => {
                (Some(operand), "", more)
            }
            OutputPath::Argument(operand, more) => (Some(operand), "/", more),
            OutputPath::Default(path) => (None, "", path),
        };
        let added = [slash, more].into_iter().filter(|text| !text.is_empty()).map(Part::Text);
        operand.into_iter().flat_map(Operand::parts).chain(added)
    }
}

impl<'a> Output<'a> {
    /// A file or directory that the command names.
    fn exact(operand: Operand<'a>, product: Product) -> Output<'a> {
        Output { path: OutputPath::Argument(operand, ""), scope: Scope::Exact, product }
    }

    /// What the command names, or files below it.
    fn under(operand: Operand<'a>, product: Product) -> Output<'a> {
        Output { path: OutputPath::Argument(operand, ""), scope: Scope::Under, product }
    }

    /// `more` in a directory that the command names.
    fn inside(operand: Operand<'a>, more: &'a str, scope: Scope, product: Product) -> Output<'a> {
        Output { path: OutputPath::Argument(operand, more), scope, product }
    }

    /// Files below where the program writes by itself.
    fn usual(path: &'a str, product: Product) -> Output<'a> {
        Output { path: OutputPath::Default(path), scope: Scope::Under, product }
    }
}
