//! Calls that compile.

use super::call::Call;
use super::words::{Operand, Part, Word};
use super::{Product, c, dotnet, go, java, node, python, rust};

/// A call that makes a program of sources.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Compile<'a> {
    /// Machine code of which compiler, or something that runs everywhere.
    pub product: Product,
    /// Whether it says itself that the program needs no libc: `CGO_ENABLED=0 go build`, `-static`, a musl target of Rust.
    pub statically: bool,
    /// Whether it says for which system it compiles: `GOARCH=`, `--target`, `-a $TARGETARCH`, `xx-go`.
    pub crossed: bool,
    /// That of .NET, or the target of Rust: `linux-musl-x64`.
    pub target: Option<Operand<'a>>,
    /// Whether a variable may hold flags that say more: `go build $FLAGS`, `CGO_ENABLED=$CGO`.
    pub unclear: bool,
    /// Whether .NET's own runtime is put in.
    pub self_contained: bool,
}

impl Compile<'_> {
    pub(super) fn of(product: Product) -> Self {
        Compile {
            product,
            statically: false,
            crossed: false,
            target: None,
            unclear: false,
            self_contained: false,
        }
    }
}

/// What a call compiles, if it does.
pub fn compiles<'a>(call: Call<'a>) -> Option<Compile<'a>> {
    match call.name {
        "go" | "xx-go" | "goreleaser" | "garble" | "gox" | "ko" => go::compiles(call),
        "cargo" | "xx-cargo" | "rustc" | "cross" | "wasm-pack" | "trunk" => rust::compiles(call),
        "dotnet" => dotnet::compiles(call),
        "mvn" | "mvnw" | "gradle" | "gradlew" | "javac" | "sbt" | "native-image" | "ant" => {
            java::compiles(call)
        }
        "build" => python::compiles(call),
        "cmake" | "ninja" | "meson" | "make" | "gmake" | "zig" => c::compiles(call),
        name if c::is_compiler(name) => c::compiles(call),
        _ => node::builds(call).then(|| Compile::of(Product::Neutral)),
    }
}

/// Whether what is behind a flag, or an operand, may hold flags that nobody sees here: a variable where a word begins. That
/// of `-X main.version=$VERSION` is none.
pub(super) fn may_hold_flags(word: Word) -> bool {
    let operand = match word {
        Word::Flag("o" | "C" | "p" | "c" | "a" | "arch" | "target", _) | Word::Flag(_, None) => return false,
        Word::Flag(_, Some(value)) => value,
        Word::Operand(operand) => operand,
    };
    let mut begins = true;
    operand.parts().any(|part| match part {
        Part::Text(text) => {
            begins = text.is_empty() && begins || text.ends_with([' ', '\t', '\n', ',']);
            false
        }
        Part::Variable(_) | Part::Unknown => begins,
    })
}
