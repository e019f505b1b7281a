use std::ops::Range;

use super::{
    Findings,
    context::Context,
    cross::{crossings, knows_target},
    new_lines::line_above,
    rule,
    running::Running,
    stage_edits::insert,
};
use crate::{
    flow::Product,
    syntax::{Arguments, Keyword},
    text::Edit,
    tools::{self, Compile, Compiler},
};

rule! {
    /// A stage on the platform of the builder compiles without asking for which platform.
    ///
    /// ## Why
    /// With `--platform=$BUILDPLATFORM` the compiler runs on the machine that builds, and makes programs for that machine unless
    /// it is told otherwise. An image that is built for arm64 on an amd64 machine then holds an amd64 program, and does not
    /// start.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM --platform=$BUILDPLATFORM golang:1.22 AS build
    /// RUN CGO_ENABLED=0 go build -o /app .
    ///
    /// FROM alpine:3.20
    /// COPY --from=build /app /app
    /// ```
    ///
    /// ## Instead
    /// ```dockerfile
    /// FROM --platform=$BUILDPLATFORM golang:1.22 AS build
    /// ARG TARGETOS TARGETARCH
    /// RUN CGO_ENABLED=0 GOOS=$TARGETOS GOARCH=$TARGETARCH go build -o /app .
    ///
    /// FROM alpine:3.20
    /// COPY --from=build /app /app
    /// ```
    CROSS_BUILD_IGNORES_TARGET: "cross-build-ignores-target", "A stage on the builder's platform compiles for that platform", Warning, check
}

fn check(context: &Context<'_>, out: &mut Findings) {
    let mut told = Vec::new();
    for crossing in crossings(context) {
        let native = crossing.facts(context).find(|fact| matches!(fact.product, Product::Native(_)));
        let Some(origin) = native.map(|fact| fact.origin).filter(|origin| !told.contains(origin)) else {
            continue;
        };
        told.push(origin);
        let mut running = context.running_in(origin.stage).iter();
        let Some(running) = running.find(|running| running.origin() == origin) else { continue };
        let Some(compile) = running.call.and_then(tools::compiles) else { continue };
        let there = context.flow().stage(origin.stage);
        if !is_for_builder(&compile) || knows_target(context, there) || knows_target(context, crossing.to) {
            continue;
        }
        let message = "This compiles for the platform that builds, whatever platform is asked for";
        let finding = out.report(&CROSS_BUILD_IGNORES_TARGET, command_name(running), message);
        let copy = context.instruction(crossing.instruction);
        finding
            .related(
                copy.at(crossing.source.range()),
                "Copied into a stage for the platform that is asked for",
            )
            .related(
                context.declaration(there.chain().last().map_or(origin.stage, |it| it.index())),
                "Runs on the platform that builds",
            );
        if compile.product == Product::Native(Compiler::Go) && context.fixes {
            finding
                .fix("Build for `$TARGETOS` and `$TARGETARCH`", for_target(context, running))
                .prefer_single_fix();
        }
    }
}

/// Whether a compiler certainly makes what runs on its own machine.
fn is_for_builder(compile: &Compile<'_>) -> bool {
    !compile.crossed
        && match compile.product {
            // Nothing but the environment tells it.
            Product::Native(Compiler::Go) => true,
            Product::Native(Compiler::Rust | Compiler::C) => !compile.unclear && compile.target.is_none(),
            Product::Native(Compiler::Dotnet) => compile.self_contained && compile.target.is_none(),
            _ => false,
        }
}

/// `go build`.
fn command_name(running: &Running<'_>) -> Range<usize> {
    let words = &running.line.command.words;
    match (words.first(), words.get(1)) {
        (Some(first), Some(second)) => running.place(first.range.start..second.range.end),
        _ => running.range(),
    }
}

fn for_target(context: &Context<'_>, running: &Running<'_>) -> Option<Vec<Edit>> {
    let is_text = matches!(running.placed().instruction.arguments, Arguments::Text(_));
    let start = command_name(running).start;
    is_text.then(|| {
        vec![
            line_above(context, running.instruction, Keyword::Arg, "TARGETOS TARGETARCH"),
            insert(start, "GOOS=$TARGETOS GOARCH=$TARGETARCH "),
        ]
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{fires, fixed, silent};

    #[test]
    fn programs_for_the_builder_are_found() {
        fires(
            &CROSS_BUILD_IGNORES_TARGET,
            "
            FROM --platform=$BUILDPLATFORM golang:1.22 AS base
            FROM base AS b
            WORKDIR /src
            RUN CGO_ENABLED=0 go build -o /out/ ./...
                              ^^^^^^^^ warning
            FROM alpine:3.20
            COPY --from=b /out/ /bin/
            ",
        );
        fires(
            &CROSS_BUILD_IGNORES_TARGET,
            "
            FROM --platform=${BUILDPLATFORM} rust:1.79 AS b
            WORKDIR /w
            RUN cargo build --release
                ^^^^^^^^^^^ warning
            FROM scratch
            COPY --from=b /w/target/release/app /app
            ",
        );
    }

    #[test]
    fn programs_for_the_target_and_neutral_ones_are_left_alone() {
        let file = |run: &str, last: &str| {
            format!(
                "FROM --platform=$BUILDPLATFORM golang:1.22 AS b\nWORKDIR /w\n{run}\nFROM {last}\nCOPY --from=b /w /w\n"
            )
        };
        for run in [
            "ARG TARGETARCH\nRUN GOARCH=$TARGETARCH go build -o /w/a",
            "ARG TARGETARCH\nRUN ./build.sh",
            "RUN xx-go build -o /w/a",
            "ENV GOARCH=arm64\nRUN go build -o /w/a",
            "RUN cargo build --release --target aarch64-unknown-linux-musl",
            "RUN make",
            "RUN npm run build",
            "RUN mvn package",
            "RUN go build -o /tool",
        ] {
            silent(&CROSS_BUILD_IGNORES_TARGET, &file(run, "alpine:3.20"));
        }
        let run = "RUN go build -o /w/a";
        silent(&CROSS_BUILD_IGNORES_TARGET, &file(run, "--platform=$BUILDPLATFORM alpine:3.20"));
        silent(&CROSS_BUILD_IGNORES_TARGET, &file(run, "--platform=linux/amd64 alpine:3.20"));
        silent(&CROSS_BUILD_IGNORES_TARGET, &file(run, "b"));
        // A tool that another stage on the builder runs.
        let tool = file(run, "scratch AS tool");
        silent(
            &CROSS_BUILD_IGNORES_TARGET,
            &format!("{tool}FROM b\nRUN --mount=from=tool,target=/t /t/w/a\n"),
        );
        silent(
            &CROSS_BUILD_IGNORES_TARGET,
            &file(run, "alpine:3.20").replace("--platform=$BUILDPLATFORM ", ""),
        );
    }

    #[test]
    fn the_go_compiler_is_told() {
        assert_eq!(
            fixed(
                &CROSS_BUILD_IGNORES_TARGET,
                "
                FROM --platform=$BUILDPLATFORM golang:1.22 AS b
                # Small.
                RUN cd /src && \\
                    CGO_ENABLED=0 go build -o /a
                FROM scratch
                COPY --from=b /a /a
                ",
                "Build for `$TARGETOS` and `$TARGETARCH`"
            ),
            "FROM --platform=$BUILDPLATFORM golang:1.22 AS b\nARG TARGETOS TARGETARCH\n# Small.\nRUN cd /src && \\\n    \
             CGO_ENABLED=0 GOOS=$TARGETOS GOARCH=$TARGETARCH go build -o /a\nFROM scratch\nCOPY --from=b /a /a\n"
        );
    }
}
