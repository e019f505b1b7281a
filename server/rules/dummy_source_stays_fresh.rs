use super::{Findings, context::Context, rule, running::Running, stage_edits::insert};
use crate::{
    shell::Piece,
    syntax::{Arguments, Keyword},
    text::Edit,
    tools::{self, Compiler, Product},
};

rule! {
    /// Cargo may take the dummy sources for the real ones.
    ///
    /// ## Why
    /// A `main.rs` that does nothing lets Cargo build the dependencies first. COPY then gives the real file the time of its last
    /// change, which is before that build: to Cargo nothing has changed, and the image gets the program that does nothing.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM rust:1.83
    /// WORKDIR /app
    /// COPY Cargo.toml Cargo.lock ./
    /// RUN mkdir src && echo "fn main() {}" > src/main.rs
    /// RUN cargo build --release
    /// COPY src ./src
    /// RUN cargo build --release
    /// ```
    ///
    /// ## Instead
    /// ```dockerfile
    /// FROM rust:1.83
    /// WORKDIR /app
    /// COPY Cargo.toml Cargo.lock ./
    /// RUN mkdir src && echo "fn main() {}" > src/main.rs
    /// RUN cargo build --release
    /// COPY src ./src
    /// RUN touch src/main.rs && cargo build --release
    /// ```
    DUMMY_SOURCE_STAYS_FRESH: "dummy-source-stays-fresh", "Cargo may take dummy sources for the real ones", Information, check
}

/// What has happened so far in a stage.
#[derive(Default)]
struct Seen<'c> {
    stage: usize,
    /// The commands that write dummies.
    dummies: Vec<(&'c Running<'c>, String)>,
    /// The first build of them.
    built: Option<&'c Running<'c>>,
    done: bool,
}

fn check(context: &Context<'_>, out: &mut Findings) {
    let mut seen = Seen::default();
    for running in context.running() {
        if running.stage != seen.stage {
            seen = Seen { stage: running.stage, ..Seen::default() };
        }
        if seen.done {
            continue;
        }
        let is_build = builds(running);
        match seen.built {
            None if is_build && !seen.dummies.is_empty() => seen.built = Some(running),
            None => seen.dummies.extend(dummy(running).map(|path| (running, path))),
            Some(_) if renews(running) => seen.done = true,
            Some(built) if is_build && is_copied_between(context, built, running) => {
                seen.done = true;
                report(context, &seen, built, running, out);
            }
            Some(_) => {}
        }
    }
}

fn report(
    context: &Context<'_>,
    seen: &Seen<'_>,
    built: &Running<'_>,
    running: &Running<'_>,
    out: &mut Findings,
) {
    let [(first, path), ..] = &seen.dummies[..] else { return };
    let message = format!(
        "Cargo may find nothing to build: the copied sources can be older than the build of the dummy {path}"
    );
    let finding = out.report(&DUMMY_SOURCE_STAYS_FRESH, running.range(), message);
    finding.related(first.range(), "This writes the dummy").related(built.range(), "This builds it");
    if context.fixes {
        finding.fix("Touch the sources first", touched(seen, running)).prefer_single_fix();
    }
}

fn builds(running: &Running<'_>) -> bool {
    let call = running.call.filter(|call| matches!(call.name, "cargo" | "xx-cargo"));
    call.and_then(tools::compiles).is_some_and(|found| found.product == Product::Native(Compiler::Rust))
}

/// The source file that a command makes up.
fn dummy(running: &Running<'_>) -> Option<String> {
    let redirect = running.line.command.redirects.iter().find(|redirect| redirect.writes);
    let path = match redirect {
        Some(redirect) => running.text(&redirect.target),
        None if running.name() == "touch" => running.text(running.call?.arguments.first()?),
        None => return None,
    };
    path.value.filter(|path| path.ends_with(".rs"))
}

/// Whether a command makes Cargo build again: it touches sources, or takes away what was built.
fn renews(running: &Running<'_>) -> bool {
    let Some(call) = running.call else { return false };
    let says = |wanted: &[&str]| {
        call.arguments.iter().flat_map(|argument| &argument.pieces).any(
            |piece| matches!(piece, Piece::Text(text) | Piece::Pattern(text) if wanted.iter().any(|word| text.contains(word))),
        )
    };
    match call.name {
        "touch" => true,
        "find" | "xargs" => says(&["touch"]),
        "rm" => says(&["target", "deps", "fingerprint"]),
        "cargo" => says(&["clean"]),
        _ => false,
    }
}

/// Whether sources are copied between two commands.
fn is_copied_between(context: &Context<'_>, first: &Running<'_>, second: &Running<'_>) -> bool {
    (first.instruction + 1..second.instruction).any(|index| {
        let instruction = &context.instruction(index).instruction;
        instruction.keyword == Keyword::Copy && instruction.flag("from").is_none()
    })
}

fn touched(seen: &Seen<'_>, running: &Running<'_>) -> Option<Vec<Edit>> {
    let is_shell = matches!(running.placed().instruction.arguments, Arguments::Text(_));
    let plain = |path: &str| path.bytes().all(|b| b.is_ascii_alphanumeric() || b"/._-".contains(&b));
    let same = |other: &Running<'_>| other.directory() == running.directory();
    let all = seen.dummies.iter().all(|(other, path)| plain(path) && (path.starts_with('/') || same(other)));
    let paths: Vec<&str> = seen.dummies.iter().map(|(_, path)| path.as_str()).collect();
    (is_shell && all).then(|| vec![insert(running.range().start, format!("touch {} && ", paths.join(" ")))])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{fires, fixed, silent};

    const START: &str = "FROM rust:1.83\nWORKDIR /app\nCOPY Cargo.* ./\nRUN mkdir src && echo 'fn main() {}' > src/main.rs && touch src/lib.rs\n";

    #[test]
    fn a_second_build_that_may_find_nothing_new_is_told_of() {
        fires(
            &DUMMY_SOURCE_STAYS_FRESH,
            r#"
            FROM rust:1.77-alpine AS builder
            COPY Cargo.toml Cargo.lock ./
            RUN mkdir src && echo "fn main() {}" > src/main.rs
            RUN cargo build --release && rm -rf src
            COPY src ./src
            COPY . .
            RUN cargo build --release
                ^^^^^^^^^^^^^^^^^^^^^ information
            "#,
        );
    }

    #[test]
    fn who_renews_the_sources_is_left_alone() {
        for rest in [
            "RUN cargo build\nCOPY . .\nRUN touch src/main.rs && cargo build",
            "RUN cargo build && rm -f target/release/deps/app*\nCOPY . .\nRUN cargo build",
            "RUN cargo build\nCOPY . .\nRUN find src -name '*.rs' -exec touch {} + && cargo build",
            "RUN cargo build && cargo clean -p app\nCOPY . .\nRUN cargo build",
            "COPY . .\nRUN cargo build",
            "RUN cargo build && cargo build --release",
        ] {
            silent(&DUMMY_SOURCE_STAYS_FRESH, &format!("{START}{rest}\n"));
        }
        silent(&DUMMY_SOURCE_STAYS_FRESH, "FROM rust:1\nRUN cargo build\nCOPY . .\nRUN cargo build\n");
    }

    #[test]
    fn the_sources_can_be_touched() {
        assert_eq!(
            fixed(
                &DUMMY_SOURCE_STAYS_FRESH,
                &format!("{START}RUN cargo build\nCOPY . .\nRUN RUSTFLAGS=-g cargo build\n"),
                "Touch the sources first",
            ),
            format!(
                "{START}RUN cargo build\nCOPY . .\nRUN touch src/main.rs src/lib.rs && RUSTFLAGS=-g cargo build\n"
            )
        );
    }
}
