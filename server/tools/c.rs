//! Compilers and builders of C and its like.

use super::compile::may_hold_flags;
use super::words::{Operand, Part, Word, leading, words};
use super::writes::{nothing, usual};
use super::{Call, Compile, Compiler, Output, Product, Writes};

const PROGRAM: Product = Product::Native(Compiler::C);

/// Whether a program is a compiler of C, C++, Fortran or assembler, also one for another system.
pub(super) fn is_compiler(name: &str) -> bool {
    let base = match name.rsplit_once('-') {
        Some((_, "cc" | "clang")) if name.starts_with("xx-") => return true,
        Some((triple, base)) if triple.contains('-') => base,
        _ => name,
    };
    matches!(
        base,
        "gcc"
            | "g++"
            | "cc"
            | "c++"
            | "clang"
            | "clang++"
            | "gfortran"
            | "nasm"
            | "musl-gcc"
            | "tcc"
            | "nvcc"
            | "ghc"
            | "crystal"
            | "nim"
    )
}

pub(super) fn compiles<'a>(call: Call<'a>) -> Option<Compile<'a>> {
    let word = |index| call.word(index).unwrap_or_default();
    let builds = match call.name {
        "cmake" => call.says("--build"),
        "meson" => matches!(word(0), "compile" | "install"),
        "make" | "gmake" | "ninja" => !call.says("--version"),
        "zig" => matches!(word(0), "build" | "build-exe" | "cc" | "c++"),
        _ => !call.says("--version") && !call.says("-v") && !call.says("-E") && call.arguments.len() > 1,
    };
    if !builds {
        return None;
    }
    let mut found = Compile::of(PROGRAM);
    if matches!(call.name, "cmake" | "meson" | "make" | "gmake" | "ninja" | "zig") {
        // Their files decide everything else.
        found.unclear = true;
        found.crossed = call.name == "zig";
        return Some(found);
    }
    found.statically = call.name == "musl-gcc";
    found.crossed = call.name.starts_with("xx-") || call.name.matches('-').count() > 1;
    for argument in call.arguments {
        match leading(argument) {
            "-static" | "-static-pie" | "--static" => found.statically = true,
            "-target" => found.crossed = true,
            flag if flag.starts_with("--target") => found.crossed = true,
            _ => {
                found.unclear |=
                    may_hold_flags(Word::Operand(argument.into())) && flags_variable(argument.into())
            }
        }
    }
    Some(found)
}

/// `$CFLAGS`, alone in its word.
fn flags_variable(word: Operand) -> bool {
    matches!(word.parts().next(), Some(Part::Variable(_) | Part::Unknown)) && word.argument.pieces.len() == 1
}

pub(super) fn writes<'a>(call: Call<'a>) -> Writes<'a> {
    let value = |valued: &'static [&'static str], wanted: &[&str]| {
        words(call.arguments, valued).find_map(|word| match word {
            Word::Flag(name, value) if wanted.contains(&name) => value,
            _ => None,
        })
    };
    match call.name {
        // What it installs, and where, stands in its files.
        "make" | "gmake" | "ninja" if call.says("--version") => nothing(),
        "make" | "gmake" | "ninja" => Writes::Anything,
        "cmake" if call.says("--install") || call.says("install") || call.says("-P") || call.says("-E") => {
            Writes::Anything
        }
        "cmake" if call.says("--build") => {
            match value(&["build", "target", "config", "j", "parallel"], &["build"]) {
                Some(folder) if !call.says("--target") && !call.says("-t") => {
                    Writes::AtLeast(vec![Output::under(folder, PROGRAM)])
                }
                _ => Writes::Anything,
            }
        }
        "cmake" => {
            let folder = value(&["B", "S", "G", "D", "C", "A", "T"], &["B"]);
            Writes::AtLeast(folder.map(|folder| Output::under(folder, PROGRAM)).into_iter().collect())
        }
        "meson" => match call.word(0) {
            Some("setup") => Writes::AtLeast(Vec::new()),
            _ => Writes::Anything,
        },
        "ar" | "ld" | "strip" | "objcopy" | "upx" => match value(&["o"], &["o"]) {
            Some(file) => Writes::Only(vec![Output::exact(file, PROGRAM)]),
            None => nothing(),
        },
        "autoreconf" | "autoconf" | "automake" | "libtoolize" | "aclocal" => Writes::AtLeast(Vec::new()),
        _ => match value(&["o", "I", "L", "l", "D", "x", "MF", "isystem"], &["o"]) {
            Some(file) => Writes::Only(vec![Output::exact(file, PROGRAM)]),
            None if call.says("--version") => nothing(),
            None => Writes::AtLeast(vec![usual("", PROGRAM)]),
        },
    }
}
