use super::{
    Findings,
    context::{Context, has_finished_end},
    rule,
    running::Running,
    stage_edits::{free_name, insert, newline},
};
use crate::{
    flow::{Point, Product, path},
    images::{Facts, Libc, Role},
    syntax::{Arguments, Keyword, Word},
    text::Edit,
    tools,
};

rule! {
    /// The image that people run is the one that compiles.
    ///
    /// ## Why
    /// With a single stage the compiler, its caches and the sources stay in the image: hundreds of megabytes that are pulled, scanned
    /// and open to attacks, and that the program does not need.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM golang:1.26-alpine
    /// WORKDIR /src
    /// COPY . .
    /// RUN go build -o /app .
    /// CMD ["/app"]
    /// ```
    ///
    /// ## Instead
    /// ```dockerfile
    /// FROM golang:1.26-alpine AS build
    /// WORKDIR /src
    /// COPY . .
    /// RUN go build -o /app .
    ///
    /// FROM alpine:3.22
    /// COPY --from=build /app /app
    /// CMD ["/app"]
    /// ```
    SINGLE_STAGE_WITH_TOOLCHAIN: "single-stage-with-toolchain", "The image that compiles is the one that runs", Hint, check
}

fn check(context: &Context<'_>, out: &mut Findings) {
    let [stage] = context.stages.all() else { return };
    let Some(from) = base(context).filter(|_| has_finished_end(context)) else { return };
    let flow = context.flow().stage(stage.index);
    let end = flow.end();
    // Without a program of its own it is an image to work with.
    let Some(facts) = flow.image().filter(|_| end.cmd.or(end.entrypoint).is_some()) else { return };
    if context.final_stage().is_none()
        || facts.repository.contains("devcontainer")
        || starts_development(context, end)
    {
        return;
    }
    let is_toolchain = |running: &&Running<'_>| {
        running.call.is_some_and(|call| {
            tools::compiles(call).is_some()
                && (facts.role == Role::Builder || (tools::bundles(call) && facts.role == Role::Both))
        })
    };
    let Some(compiles) = context.running().iter().rev().find(is_toolchain) else { return };
    let message = format!(
        "The image holds what only {} needs, tools and sources: build in one stage, and copy the result to another",
        compiles.name()
    );
    let range = context.opening(stage.index).at(from.range());
    let finding = out.report(&SINGLE_STAGE_WITH_TOOLCHAIN, range, message);
    finding.related(compiles.range(), "This builds");
    if context.fixes {
        finding.fix("Split it into a stage that builds and one that runs", split(context, facts, compiles));
    }
}

fn base<'a>(context: &Context<'a>) -> Option<&'a Word> {
    match &context.opening(0).instruction.arguments {
        Arguments::From(from) => from.base.as_ref(),
        _ => None,
    }
}

/// Whether it starts what rebuilds on each change, or tests.
fn starts_development(context: &Context<'_>, end: &Point) -> bool {
    [end.entrypoint, end.cmd].into_iter().flatten().any(|origin| {
        let text = context.doc.text().slice(context.place_of(origin)).to_lowercase();
        let mut words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '-');
        words.any(|word| {
            matches!(word, "dev" | "test" | "watch" | "nodemon" | "air" | "bash" | "sh" | "sleep")
        })
    })
}

/// Puts what runs the program into a stage of its own, if the program is one file of machine code and nothing else is needed.
fn split(context: &Context<'_>, facts: &Facts, compiles: &Running<'_>) -> Option<Vec<Edit>> {
    let stage = &context.stages.all()[0];
    let first = compiles.instruction + 1;
    let is_setting = |index: usize| {
        matches!(
            context.instruction(index).instruction.keyword,
            Keyword::Cmd
                | Keyword::Entrypoint
                | Keyword::Expose
                | Keyword::Label
                | Keyword::Healthcheck
                | Keyword::StopSignal
        )
    };
    let has_settings_above = context
        .with(&[Keyword::Env, Keyword::User, Keyword::Expose, Keyword::Volume])
        .any(|(index, _)| index < first);
    if stage.name.is_some() || has_settings_above || !(first..stage.instructions.end).all(is_setting) {
        return None;
    }
    let program = program(context)?;
    let flow = context.flow().stage(0);
    let is_native = |product: Product| matches!(product, Product::Native(_));
    if !flow.writers(&program).any(|fact| is_native(fact.product) && fact.origin == compiles.origin()) {
        return None;
    }
    let runtime = match (facts.libc, facts.glibc) {
        (Libc::Musl, _) => "alpine:3.22",
        (Libc::Glibc, Some((2, 41))) => "debian:trixie-slim",
        (Libc::Glibc, Some((2, 36))) => "debian:bookworm-slim",
        _ => return None,
    };
    let newline = newline(context);
    let name = free_name(context, "build");
    let base = context.opening(0).at(base(context)?.range());
    let text = format!("FROM {runtime}{newline}COPY --from={name} {program} {program}{newline}");
    let start = context.doc.text().line_start(context.doc.text().line_of(context.instruction(first).start));
    Some(vec![insert(base.end, format!(" AS {name}")), insert(start, format!("{newline}{text}"))])
}

/// The program that the image starts, as an absolute path.
fn program(context: &Context<'_>) -> Option<String> {
    let end = context.flow().stage(0).end();
    let origin = end.entrypoint.or(end.cmd)?;
    let instruction = &context.instruction(origin.instruction).instruction;
    match &instruction.arguments {
        Arguments::Words { words, json: true } => {
            let word = words.first()?.text();
            // A name without a slash is looked for in PATH; one that starts where WORKDIR is would not be there any more.
            word.starts_with('/').then(|| path::join(None, word)).flatten()
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{fires, fixed, silent};

    #[test]
    fn an_image_that_compiles_and_runs_gets_a_hint() {
        fires(
            &SINGLE_STAGE_WITH_TOOLCHAIN,
            r#"
            FROM golang:1.22
                 ^^^^^^^^^^^ hint
            COPY . .
            RUN go build -o /a .
            CMD ["/a"]
            "#,
        );
        fires(
            &SINGLE_STAGE_WITH_TOOLCHAIN,
            r#"
            FROM node:20
                 ^^^^^^^ hint
            WORKDIR /app
            COPY package*.json ./
            RUN npm install
            COPY . .
            RUN npm run build
            CMD ["node", "dist/index.js"]
            "#,
        );
    }

    #[test]
    fn an_image_to_build_with_and_two_stages_are_left_alone() {
        let build = "COPY . .\nRUN go build -o /a .\n";
        silent(&SINGLE_STAGE_WITH_TOOLCHAIN, &format!("FROM golang:1.22\n{build}"));
        silent(&SINGLE_STAGE_WITH_TOOLCHAIN, &format!("FROM golang-ci\n{build}CMD [\"/a\"]\n"));
        silent(&SINGLE_STAGE_WITH_TOOLCHAIN, &format!("FROM golang:1.22 AS dev\n{build}CMD [\"/a\"]\n"));
        silent(&SINGLE_STAGE_WITH_TOOLCHAIN, "FROM python:3.12\nRUN pip install -r x.txt\nCMD [\"x\"]\n");
        silent(
            &SINGLE_STAGE_WITH_TOOLCHAIN,
            &format!("FROM golang:1.22 AS b\n{build}FROM alpine:3.20\nCOPY --from=b /a /a\nCMD [\"/a\"]\n"),
        );
    }

    #[test]
    fn a_program_of_one_file_gets_a_stage_of_its_own() {
        assert_eq!(
            fixed(
                &SINGLE_STAGE_WITH_TOOLCHAIN,
                "FROM golang:1.26-bookworm\nCOPY . .\nRUN go build -o /a .\nEXPOSE 80\nCMD [\"/a\"]\n",
                "Split it into a stage that builds and one that runs",
            ),
            "FROM golang:1.26-bookworm AS build\nCOPY . .\nRUN go build -o /a .\n\nFROM debian:bookworm-slim\nCOPY --from=build /a \
             /a\nEXPOSE 80\nCMD [\"/a\"]\n"
        );
    }
}
