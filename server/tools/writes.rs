//! What a call writes.

use super::words::Operand;
use super::{Call, Output, OutputPath, Product, Scope, Writes};
use super::{accounts, c, dotnet, files, go, java, node, packages, php, python, ruby, rust};
use crate::shell::Command;

/// What a call writes, the files that it redirects to included.
pub fn writes<'a>(call: Call<'a>) -> Writes<'a> {
    let mut writes = of_program(call);
    match &mut writes {
        Writes::Only(outputs) | Writes::AtLeast(outputs) => outputs.extend(redirected(call.command)),
        Writes::Anything => {}
    }
    writes
}

/// The files that a command redirects to, whatever its program does: `> file`.
pub fn redirected(command: &Command) -> impl Iterator<Item = Output<'_>> {
    let written = command.redirects.iter().filter(|redirect| redirect.writes);
    let target = written.map(|redirect| Operand::from(&redirect.target));
    let is_file =
        |target: &Operand| !matches!(target.text(), Some("/dev/null" | "/dev/stdout" | "/dev/stderr"));
    target.filter(is_file).map(|target| Output::exact(target, Product::Other))
}

/// Only these directories of the system, as a package manager does.
pub(super) fn system() -> Writes<'static> {
    let roots = ["/usr", "/etc", "/var", "/lib", "/lib64", "/bin", "/sbin", "/opt"];
    Writes::Only(roots.map(|root| Output::usual(root, Product::Other)).into())
}

/// Nothing that anybody would copy.
pub(super) fn nothing() -> Writes<'static> {
    Writes::Only(Vec::new())
}

/// Files in places that the program knows by itself.
pub(super) fn usual(path: &'static str, product: Product) -> Output<'static> {
    Output { path: OutputPath::Default(path), scope: Scope::Under, product }
}

fn of_program<'a>(call: Call<'a>) -> Writes<'a> {
    match call.name {
        "npm" | "yarn" | "pnpm" | "bun" | "node" | "tsc" | "vite" | "webpack" | "next" | "nuxt" | "ng"
        | "rollup" | "esbuild" | "parcel" | "babel" | "gulp" | "grunt" | "turbo" | "nx" | "lerna"
        | "astro" | "gatsby" | "vue-cli-service" | "react-scripts" | "tsup" | "swc" | "ncc" | "prisma"
        | "corepack" | "nest" | "docusaurus" | "vitepress" | "tailwindcss" | "hugo" | "jekyll" | "mkdocs"
        | "sphinx-build" | "mdbook" | "zola" | "@angular/cli" | "svelte-kit" | "svelte-package" | "remix"
        | "quasar" | "ember" | "elm" | "sass" | "eslint" | "tsx" | "expo" | "lein" | "eleventy"
        | "@11ty/eleventy" | "hexo" | "playwright" => node::writes(call),
        "pip" | "poetry" | "uv" | "pdm" | "pipenv" | "pipx" | "conda" | "mamba" | "micromamba" | "venv"
        | "virtualenv" | "build" | "ensurepip" | "compileall" | "rye" | "easy_install" | "pex"
        | "pip-compile" => python::writes(call),
        "go" | "xx-go" | "goreleaser" | "garble" | "gox" | "ko" => go::writes(call),
        "cargo" | "xx-cargo" | "rustc" | "rustup" | "cross" | "cargo-binstall" | "wasm-pack" | "trunk"
        | "rustup-init" => rust::writes(call),
        "mvn" | "mvnw" | "gradle" | "gradlew" | "javac" | "jar" | "jlink" | "jdeps" | "java" | "sbt"
        | "native-image" | "ant" | "keytool" => java::writes(call),
        "dotnet" | "msbuild" | "nuget" => dotnet::writes(call),
        "cmake" | "ninja" | "meson" | "ar" | "ld" | "strip" | "objcopy" | "upx" | "autoreconf"
        | "autoconf" | "automake" | "libtoolize" | "aclocal" | "make" | "gmake" => c::writes(call),
        "composer"
        | "php"
        | "docker-php-ext-install"
        | "docker-php-ext-enable"
        | "docker-php-ext-configure"
        | "docker-php-source"
        | "pecl"
        | "install-php-extensions"
        | "artisan"
        | "phpize" => php::writes(call),
        "bundle" | "gem" | "rails" | "rake" | "bin/rails" | "ruby" | "bootsnap" | "mix" | "rebar3" => {
            ruby::writes(call)
        }
        "useradd" | "adduser" | "groupadd" | "addgroup" | "usermod" | "groupmod" | "deluser" | "delgroup"
        | "userdel" | "groupdel" | "gpasswd" | "passwd" | "chpasswd" => accounts::writes(call),
        name if packages::is_manager(name) => packages::writes(call),
        name if c::is_compiler(name) => c::writes(call),
        _ => files::writes(call),
    }
}
