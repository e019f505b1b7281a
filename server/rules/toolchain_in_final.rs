use super::{
    Findings, Severity,
    bases::{is_copied, root_name, root_place, root_word},
    context::Context,
    rule,
    stage_edits::replace,
};
use crate::{
    flow::StageFlow,
    images::{self, Facts, Role, Shell},
    stages::Image,
    syntax::{Arguments, Instruction, Keyword},
    tools,
};

rule! {
    /// The last stage copies what another one built, and still stands on an image with the tools to build it.
    ///
    /// ## Why
    /// Compilers and build tools make an image hundreds of megabytes larger, and are of use to whoever breaks in. What is
    /// copied runs on a smaller image. Where all builds that the workspace's files describe ask for another stage than the last,
    /// that one is looked at.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM golang:1.22 AS build
    /// WORKDIR /src
    /// COPY . .
    /// RUN CGO_ENABLED=0 go build -o /app .
    ///
    /// FROM golang:1.22
    /// COPY --from=build /app /app
    /// CMD ["/app"]
    /// ```
    ///
    /// ## Instead
    /// ```dockerfile
    /// FROM golang:1.22 AS build
    /// WORKDIR /src
    /// COPY . .
    /// RUN CGO_ENABLED=0 go build -o /app .
    ///
    /// FROM gcr.io/distroless/static-debian13:nonroot
    /// COPY --from=build /app /app
    /// CMD ["/app"]
    /// ```
    TOOLCHAIN_IN_FINAL: "toolchain-in-final", "The last stage stands on an image with build tools that it does not use", Warning, check
}

/// Images for building, with what they have for it; a stage that calls one of these uses it.
const TOOLS: [(&str, &[&str]); 9] = [
    ("golang", &["go", "gofmt", "dlv", "air", "make"]),
    ("rust", &["cargo", "rustc", "rustup", "make"]),
    ("maven", &["mvn", "javac"]),
    ("gradle", &["gradle", "gradlew", "javac"]),
    ("gcc", &["gcc", "g++", "cc", "make", "cmake"]),
    ("haskell", &["ghc", "cabal", "stack"]),
    ("mcr.microsoft.com/dotnet/sdk", &["dotnet"]),
    ("composer", &["composer"]),
    ("nvidia/cuda", &["nvcc", "make", "cmake"]),
];

/// What `dotnet` needs its SDK for.
const SDK: [&str; 12] = [
    "run", "watch", "test", "build", "publish", "restore", "ef", "tool", "msbuild", "new", "workload",
    "nuget",
];

fn check(context: &Context<'_>, out: &mut Findings) {
    let Some(last) = context.final_stage().filter(|_| context.stages.all().len() > 1) else { return };
    let flow = context.flow().stage(last);
    let Some(facts) = flow.image().filter(|_| flow.root().certain) else { return };
    let is_jre = root_word(context, flow).is_none_or(|word| word.text().contains("jre"));
    let Some((words, severity)) = toolchain(facts).filter(|_| !is_jre) else { return };
    // What another stage made, and something that runs it.
    let mut made = flow.facts().filter(|fact| fact.by.stage != fact.origin.stage && is_copied(context, fact));
    let end = flow.end();
    if made.next().is_none() || uses(context, flow, words) {
        return;
    }
    let has_command = end.cmd.is_some() || end.entrypoint.is_some();
    let severity = if has_command { severity } else { severity.min(Severity::Information) };
    let base = root_name(context, flow);
    let Some(range) = root_place(context, flow) else { return };
    let what = if facts.language.as_ref().is_some_and(|language| language.name == "java") && words == JDK {
        "The image keeps a whole JDK, and only runs what another stage built"
    } else {
        "The image keeps build tools, and only runs what another stage built"
    };
    let finding = out.report(&TOOLCHAIN_IN_FINAL, range.clone(), format!("{what}: {base} is for building"));
    finding.severity(severity);
    let is_literal = root_word(context, flow).is_some_and(|word| !word.text().contains('$'));
    if !context.fixes || !is_literal {
        return;
    }
    let needs_shell = flow.chain().any(|stage| {
        let instructions = context.stages.all()[stage.index()].instructions.clone();
        instructions.into_iter().any(|index| needs_shell(context.instruction(index).instruction.effective()))
    });
    for sibling in &facts.siblings {
        let new = Image::parse(&sibling.image).ok().and_then(|image| images::facts(&image, false));
        let has_none = sibling.image == "scratch" || new.is_some_and(|facts| facts.shell == Shell::None);
        if !(needs_shell && has_none) {
            let title = format!("Build on `{}`: {}", sibling.image, sibling.when);
            finding.fix(title, Some(vec![replace(range.clone(), sibling.image.as_str())]));
        }
    }
}

const JDK: &[&str] =
    &["javac", "jlink", "jdeps", "mvn", "mvnw", "gradle", "gradlew", "sbt", "jar", "keytool"];

/// What an image has for building, and how bad it is to ship that.
fn toolchain(facts: &Facts) -> Option<(&'static [&'static str], Severity)> {
    let certain = if facts.is_certain() { Severity::Warning } else { Severity::Information };
    if let Some((_, words)) = TOOLS.iter().find(|(name, _)| *name == facts.repository) {
        return (facts.role == Role::Builder).then_some((*words, certain));
    }
    // A JDK also runs programs, so only where there is one that does nothing else.
    let is_java = facts.language.as_ref().is_some_and(|language| language.name == "java");
    let has_jre = facts.siblings.iter().any(|sibling| sibling.image.contains("jre"));
    (is_java && has_jre && facts.is_certain()).then_some((JDK, Severity::Information))
}

/// Whether a stage calls one of these programs, in a RUN or when it is run.
fn uses(context: &Context<'_>, flow: &StageFlow, words: &[&str]) -> bool {
    let is_tool = |name: &str, first: Option<&str>| match name {
        "dotnet" if words.contains(&name) => first.is_none_or(|first| SDK.contains(&first)),
        _ => words.contains(&name),
    };
    let runs = flow.chain().flat_map(|stage| context.running_in(stage.index())).any(|running| {
        running.call.is_some_and(|call| {
            let first = call.arguments.first().and_then(|argument| argument.literal());
            is_tool(call.name, first.as_deref()) || tools::compiles(call).is_some()
        })
    });
    // What a script does is not known.
    let end = flow.end();
    let starts = [end.cmd, end.entrypoint].into_iter().flatten().any(|by| {
        let index = context.stages.all()[by.stage].instructions.start + by.instruction;
        match &context.instruction(index).instruction.effective().arguments {
            Arguments::Words { words: given, .. } => {
                let mut given = given.iter().map(|word| word.text());
                let program = given.next().unwrap_or_default();
                let shell = matches!(crate::flow::path::name(program), "sh" | "bash" | "ash" | "zsh");
                shell || is_tool(crate::flow::path::name(program), given.next())
            }
            Arguments::Text(text) => {
                let mut given = text.text().split_ascii_whitespace();
                let program = given.next().unwrap_or_default();
                let shell = matches!(crate::flow::path::name(program), "sh" | "bash" | "ash" | "zsh");
                shell || is_tool(crate::flow::path::name(program), given.next())
            }
            _ => false,
        }
    });
    runs || starts || flow.is_opaque()
}

/// Whether an instruction needs programs of the image.
fn needs_shell(instruction: &Instruction) -> bool {
    match instruction.keyword {
        Keyword::Run => true,
        Keyword::Cmd | Keyword::Entrypoint | Keyword::Healthcheck => {
            matches!(instruction.arguments, Arguments::Text(_))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{fires, fixed, silent};

    const BUILT: &str = "FROM golang:1.22 AS b\nRUN CGO_ENABLED=0 go build -o /a .\n";

    #[test]
    fn what_another_stage_built_needs_no_tools() {
        fires(
            &TOOLCHAIN_IN_FINAL,
            "
            FROM golang:1.22 AS b
            RUN CGO_ENABLED=0 go build -o /a .
            FROM golang:1.22
                 ^^^^^^^^^^^ warning
            COPY --from=b /a /a
            ENTRYPOINT [\"/a\"]
            ",
        );
        fires(
            &TOOLCHAIN_IN_FINAL,
            "
            FROM maven:3.9-eclipse-temurin-21 AS b
            RUN mvn package
            FROM eclipse-temurin:21-jdk
                 ^^^^^^^^^^^^^^^^^^^^^^ information
            COPY --from=b /app/target/app.jar /app.jar
            CMD [\"java\", \"-jar\", \"/app.jar\"]
            ",
        );
        fires(
            &TOOLCHAIN_IN_FINAL,
            "
            FROM mcr.microsoft.com/dotnet/sdk:8.0 AS b
            RUN dotnet publish -o /out
            FROM mcr.microsoft.com/dotnet/sdk:8.0
                 ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ warning
            COPY --from=b /out /app
            CMD [\"dotnet\", \"/app/a.dll\"]
            ",
        );
    }

    #[test]
    fn tools_that_are_used_are_left_alone() {
        for lines in [
            "FROM golang:1.22\nCOPY --from=b /a /a\nRUN go install ./cmd\nCMD [\"/a\"]",
            "FROM golang:1.22 AS dev\nCOPY --from=b /a /a\nCMD [\"/a\"]",
            "FROM golang:1.22\nCOPY --from=b /a /a\nCMD [\"go\", \"test\", \"./...\"]",
            "FROM golang:1.22\nCOPY . .\nCMD [\"/a\"]",
            "FROM alpine:3.20\nCOPY --from=b /a /a\nCMD [\"/a\"]",
            "FROM openjdk:8-jre-slim\nCOPY --from=b /a /a\nCMD [\"java\", \"-jar\", \"/a\"]",
            "ARG V\nFROM golang:$V\nCOPY --from=b /a /a\nCMD [\"/a\"]",
            "FROM mcr.microsoft.com/dotnet/sdk:8.0\nCOPY --from=b /a /a\nCMD [\"dotnet\", \"watch\"]",
            "FROM golang:1.22\nCOPY --from=b /a /a\nRUN ./generate.sh\nCMD [\"/a\"]",
        ] {
            silent(&TOOLCHAIN_IN_FINAL, &format!("{BUILT}{lines}\n"));
        }
        silent(&TOOLCHAIN_IN_FINAL, "FROM golang:1.22\nCMD [\"/a\"]\n");
    }

    #[test]
    fn smaller_images_are_offered() {
        let text = format!("{BUILT}FROM golang:1.22\nCOPY --from=b /a /a\nCMD [\"/a\"]\n");
        let title = "Build on `gcr.io/distroless/static-debian13:nonroot`: statically linked binary";
        assert_eq!(
            fixed(&TOOLCHAIN_IN_FINAL, &text, title),
            format!(
                "{BUILT}FROM gcr.io/distroless/static-debian13:nonroot\nCOPY --from=b /a /a\nCMD [\"/a\"]\n"
            )
        );
    }
}
