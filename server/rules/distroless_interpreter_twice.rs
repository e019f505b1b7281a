use super::{
    Findings,
    bases::{root_name, root_place, root_stage},
    context::Context,
    rule,
    stage_edits::replace,
};
use crate::{
    flow::path,
    images::Setting,
    syntax::{Arguments, Instruction, Keyword, Placed, Word},
    text::Edit,
};

rule! {
    /// A CMD that starts with the interpreter, in an image whose ENTRYPOINT is that interpreter.
    ///
    /// ## Why
    /// Distroless images for a language have its interpreter as ENTRYPOINT, and CMD holds its arguments: `node node server.js`
    /// looks for a script `node`, and the container stops.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM gcr.io/distroless/nodejs20-debian12
    /// COPY server.js .
    /// CMD ["node", "server.js"]
    /// ```
    ///
    /// ## Instead
    /// ```dockerfile
    /// FROM gcr.io/distroless/nodejs20-debian12
    /// COPY server.js .
    /// CMD ["server.js"]
    /// ```
    DISTROLESS_INTERPRETER_TWICE: "distroless-interpreter-twice", "A CMD names the interpreter that the image's ENTRYPOINT is", Warning, check
}

/// What the ENTRYPOINT of an image may be to run scripts or archives with.
const INTERPRETERS: [&str; 8] = ["bun", "deno", "dotnet", "java", "node", "php", "python", "ruby"];

fn check(context: &Context<'_>, out: &mut Findings) {
    for (index, placed) in context.with(&[Keyword::Cmd]) {
        let Some(stage) = context.stages.of_instruction(index) else { continue };
        let Some((program, words)) = program(&placed.instruction) else { continue };
        let flow = context.flow().stage(stage.index);
        let end = flow.end();
        let is_last = end
            .cmd
            .is_some_and(|by| by.stage == stage.index && by.instruction == index - stage.instructions.start);
        if !is_last || end.entrypoint.is_some() {
            continue;
        }
        let Some(facts) = flow.certain_image() else { continue };
        let Setting::Words(entrypoint) = &facts.entrypoint else { continue };
        // Behind an init, such as `dumb-init --`.
        let Some(at) = entrypoint.iter().position(|word| interpreter(word) == Some(program)) else {
            continue;
        };
        let range = placed.at(words[0].range());
        let message = format!(
            "The ENTRYPOINT of {} is `{}` already: this runs `{} {} …`",
            root_name(context, flow),
            entrypoint.join(" "),
            entrypoint.join(" "),
            words[0].text()
        );
        let given = &entrypoint[at + 1..];
        let finding = out.report(&DISTROLESS_INTERPRETER_TWICE, range, message);
        if let Some(base) = root_place(context, flow).filter(|_| root_stage(flow) <= stage.index) {
            finding.related(base, "With an ENTRYPOINT of its own");
        }
        finding
            .fix(format!("Remove `{}`", words[0].text()), without(placed, words, given))
            .prefer_single_fix();
    }
}

/// The interpreter that a CMD in JSON form starts with, and its words.
fn program(instruction: &Instruction) -> Option<(&'static str, &[Word])> {
    match &instruction.arguments {
        Arguments::Words { words, json: true } if instruction.keyword == Keyword::Cmd => {
            Some((interpreter(words.first()?.text())?, words))
        }
        _ => None,
    }
}

/// The interpreter that a path names: `python` of `/usr/bin/python3.11`.
fn interpreter(path: &str) -> Option<&'static str> {
    let name = path::name(path).trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
    INTERPRETERS.into_iter().find(|interpreter| *interpreter == name)
}

/// Takes the interpreter away, and the flags behind it that the ENTRYPOINT has too.
fn without(placed: &Placed, words: &[Word], given: &[String]) -> Option<Vec<Edit>> {
    let behind = &words[1..];
    let same = behind.iter().zip(given).take_while(|(word, given)| word.text() == given.as_str()).count();
    // `java -Xmx1g -jar app.jar` takes more than that.
    if same < given.len() {
        return None;
    }
    let next = behind.get(same)?;
    // The quotes are no part of the words.
    let start = placed.at(words[0].range()).start.checked_sub(1)?;
    let end = placed.at(next.range()).start.checked_sub(1)?;
    Some(vec![replace(start..end, "")])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{fires, fixed, message, silent};

    #[test]
    fn the_image_starts_the_interpreter_itself() {
        fires(
            &DISTROLESS_INTERPRETER_TWICE,
            r#"
            FROM gcr.io/distroless/nodejs20-debian12
            CMD ["node", "s.js"]
                  ^^^^ warning
            FROM gcr.io/distroless/java21-debian12:nonroot AS j
            CMD ["java", "-jar", "/app.jar"]
                  ^^^^ warning
            FROM j
            CMD ["/usr/bin/java", "-Xmx1g", "-jar", "/app.jar"]
                  ^^^^^^^^^^^^^ warning
            FROM gcr.io/distroless/python3-debian12
            CMD ["python3", "app.py"]
                  ^^^^^^^ warning
            FROM mcr.microsoft.com/dotnet/aspnet:8.0-noble-chiseled
            CMD ["dotnet", "app.dll"]
                  ^^^^^^ warning
            "#,
        );
        assert_eq!(
            message(
                &DISTROLESS_INTERPRETER_TWICE,
                "FROM gcr.io/distroless/nodejs20-debian12\nCMD [\"node\", \"s.js\"]\n"
            ),
            "The ENTRYPOINT of `gcr.io/distroless/nodejs20-debian12` is `/nodejs/bin/node` already: this runs `/nodejs/bin/node node …`"
        );
    }

    #[test]
    fn other_images_and_an_entrypoint_of_ones_own_are_left_alone() {
        for lines in [
            "FROM gcr.io/distroless/nodejs20-debian12\nCMD [\"s.js\"]",
            "FROM gcr.io/distroless/nodejs20-debian12\nENTRYPOINT []\nCMD [\"node\", \"s.js\"]",
            "FROM gcr.io/distroless/nodejs20-debian12\nENTRYPOINT [\"/nodejs/bin/node\"]\nCMD [\"node\"]",
            "FROM node:20\nCMD [\"node\", \"s.js\"]",
            "FROM gcr.io/distroless/java-base-debian12\nCMD [\"java\", \"-jar\", \"a.jar\"]",
            "FROM gcr.io/distroless/nodejs20-debian12\nCMD [\"node\", \"s.js\"]\nCMD [\"s.js\"]",
            "ARG V=20\nFROM gcr.io/distroless/nodejs$V-debian12\nCMD [\"node\", \"s.js\"]",
        ] {
            silent(&DISTROLESS_INTERPRETER_TWICE, &format!("{lines}\n"));
        }
    }

    #[test]
    fn the_interpreter_goes() {
        let fix = |from: &str, cmd: &str, program: &str| {
            let text = format!("FROM {from}\nCMD {cmd}\n");
            let fixed = fixed(&DISTROLESS_INTERPRETER_TWICE, &text, &format!("Remove `{program}`"));
            fixed.lines().last().map(str::to_owned).unwrap_or_default()
        };
        assert_eq!(
            fix("gcr.io/distroless/nodejs20-debian12", "[ \"node\" , \"s.js\"]", "node"),
            "CMD [ \"s.js\"]"
        );
        assert_eq!(
            fix("gcr.io/distroless/java21-debian12", "[\"java\", \"-jar\", \"a.jar\", \"b\"]", "java"),
            "CMD [\"a.jar\", \"b\"]"
        );
    }
}
