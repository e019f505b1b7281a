use super::{Findings, context::Context, new_lines::line_below, rule};
use crate::{
    flow::{Origin, StageFlow, path},
    stages::{ReferenceKind, expand::Piece},
    syntax::{Arguments, Keyword},
    tools,
    variables::{DeclarationKind, Mode},
};

rule! {
    /// Programs are copied from a stage that has them in its PATH, into one that has not.
    ///
    /// ## Why
    /// `COPY --from` brings files only. The ENV that puts their directory into the PATH stays behind, and the program that the image
    /// starts is not found, or it is another one: the `python` of the image, and not that of the virtual environment.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM python:3.12 AS build
    /// RUN python -m venv /venv
    /// ENV PATH=/venv/bin:$PATH
    /// RUN pip install gunicorn
    ///
    /// FROM python:3.12-slim
    /// COPY --from=build /venv /venv
    /// CMD ["gunicorn", "app:app"]
    /// ```
    ///
    /// ## Instead
    /// ```dockerfile
    /// FROM python:3.12 AS build
    /// RUN python -m venv /venv
    /// ENV PATH=/venv/bin:$PATH
    /// RUN pip install gunicorn
    ///
    /// FROM python:3.12-slim
    /// COPY --from=build /venv /venv
    /// ENV PATH=/venv/bin:$PATH
    /// CMD ["gunicorn", "app:app"]
    /// ```
    ENV_PATH_NOT_CARRIED: "env-path-not-carried", "Programs are copied without the ENV that puts them into the PATH", Warning, check
}

/// How many copies of a stage are looked at.
const MOST: usize = 100;

fn check(context: &Context<'_>, out: &mut Findings) {
    let declarations = context.doc.variables().declarations();
    let is_path = |stage: Option<usize>, name: &str| stage.is_some() && name == "PATH";
    if !declarations.iter().any(|declaration| is_path(declaration.stage, &declaration.name)) {
        return;
    }
    let Some(stage) = context.final_stage() else { return };
    let flow = context.flow().stage(stage);
    let Some(program) = program(context, flow) else { return };
    let copies = context.stages.references().iter().filter(|reference| {
        reference.stage == stage && reference.kind == ReferenceKind::Copy && !reference.onbuild
    });
    for reference in copies.take(MOST) {
        let Some(target) = reference.target().filter(|&target| target < stage) else { continue };
        let from = context.flow().stage(target);
        let Some(set) = search_path(context, target) else { continue };
        let placed = context.instruction(reference.instruction);
        let [source, destination] = placed.instruction.meant_words() else { continue };
        let (Some(source_path), Some(to)) =
            (context.value(reference.instruction, source), context.value(reference.instruction, destination))
        else {
            continue;
        };
        let number = reference.instruction - context.stages.all()[stage].instructions.start;
        let workdir = flow.before(number).workdir.in_any_build().map(|it| &**it);
        let (Some(source_path), Some(to)) = (path::join(Some("/"), &source_path), path::join(workdir, &to))
        else {
            continue;
        };
        let carried = set.entries.iter().find_map(|entry| {
            let rest = path::below(entry, &source_path)?;
            Some((entry, path::join(Some(&to), rest)?))
        });
        let Some((entry, directory)) = carried else { continue };
        if !is_missed(&program, is_environment(context, from, entry)) || is_known(context, flow, &directory) {
            continue;
        }
        let message =
            format!("\"{program}\" is not found in {directory}: the PATH of the other stage is not copied");
        let finding = out.report(&ENV_PATH_NOT_CARRIED, placed.at(source.range()), message);
        finding.related(set.range.clone(), "Set here, for that stage only");
        if let Some(by) = flow.end().entrypoint.or(flow.end().cmd) {
            finding.related(context.place_of(by), "Started here");
        }
        if context.fixes {
            let rest = format!("PATH=\"{directory}:$PATH\"");
            let edit = line_below(context, reference.instruction, Keyword::Env, &rest);
            finding.fix(format!("Add `ENV {rest}`"), edit.map(|edit| vec![edit])).prefer_single_fix();
        }
        return;
    }
}

/// The program that a container starts, if it is looked for in the PATH.
fn program(context: &Context<'_>, flow: &StageFlow) -> Option<String> {
    const WRAPPERS: [&str; 6] = ["tini", "dumb-init", "--", "-g", "env", "exec"];
    let end = flow.end();
    // What the base image starts is not seen here.
    let base = flow.image().is_some_and(|facts| matches!(facts.entrypoint, crate::images::Setting::NotSet));
    let words = |by: Origin| -> Option<Vec<String>> {
        let index = context.stages.all()[by.stage].instructions.start + by.instruction;
        match &context.instruction(index).instruction.arguments {
            Arguments::Words { words, .. } => Some(words.iter().map(|word| word.text().to_owned()).collect()),
            Arguments::Text(word) if !word.text().contains(['$', ';', '&', '|', '(', '`', '\n', '.']) => {
                Some(word.text().split_whitespace().map(str::to_owned).collect())
            }
            _ => None,
        }
    };
    let mut all = match end.entrypoint {
        Some(by) => words(by)?,
        None if base => Vec::new(),
        None => return None,
    };
    all.extend(end.cmd.and_then(words).into_iter().flatten());
    let is_wrapper = |word: &str| WRAPPERS.contains(&word.rsplit('/').next().unwrap_or_default());
    let program = all.into_iter().find(|word| !is_wrapper(word))?;
    (!program.is_empty() && !program.contains(['/', '$', '='])).then_some(program)
}

/// Whether a program is one that those who set the PATH want from there. `environment`: the directory is that of a virtual
/// environment of Python.
fn is_missed(program: &str, environment: bool) -> bool {
    const OTHERS: [&str; 26] = [
        "apache2-foreground",
        "bash",
        "bun",
        "bundle",
        "caddy",
        "catalina.sh",
        "composer",
        "deno",
        "dotnet",
        "erl",
        "httpd",
        "java",
        "nginx",
        "node",
        "npm",
        "npx",
        "php",
        "php-fpm",
        "pnpm",
        "ruby",
        "sh",
        "sleep",
        "supervisord",
        "tail",
        "uv",
        "yarn",
    ];
    let is_python = program.starts_with("python") || program.starts_with("pip");
    if is_python { environment } else { !OTHERS.contains(&program) }
}

/// Whether a directory belongs to a virtual environment of Python.
fn is_environment(context: &Context<'_>, from: &StageFlow, directory: &str) -> bool {
    let home = path::parent(directory);
    let makes = |stage: &StageFlow| {
        context.running_in(stage.index()).iter().any(|running| {
            matches!(running.name(), "venv" | "virtualenv" | "uv")
                && running
                    .line
                    .command
                    .words
                    .iter()
                    .any(|word| running.text(word).value.as_deref() == Some(home))
        })
    };
    path::name(home).contains("venv") || from.chain().any(makes)
}

/// Whether the image may find programs in a directory: it is in its PATH, or something in it names the directory, or brings
/// programs of its own.
fn is_known(context: &Context<'_>, flow: &StageFlow, directory: &str) -> bool {
    const SYSTEM: [&str; 6] = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"];
    let image = flow.certain_image();
    let in_image = image.is_none_or(|facts| facts.path.iter().any(|entry| entry == directory));
    let set = search_path(context, flow.index());
    let in_path = set.is_some_and(|set| !set.known || set.entries.iter().any(|entry| entry == directory));
    SYSTEM.contains(&directory)
        || in_image
        || in_path
        || flow.is_opaque()
        || flow.chain().any(|stage| names(context, stage, directory) || installs(context, stage))
}

/// Whether a stage names the directory, or one in it.
fn names(context: &Context<'_>, stage: &StageFlow, directory: &str) -> bool {
    let mut instructions = context.stages.all()[stage.index()].instructions.clone();
    instructions.any(|index| {
        let placed = context.instruction(index);
        let is_copy = matches!(placed.instruction.keyword, Keyword::Copy | Keyword::Add | Keyword::From);
        !is_copy && context.doc.text().slice(placed.range()).contains(directory)
    })
}

/// Whether a stage installs packages that may bring the program.
fn installs(context: &Context<'_>, stage: &StageFlow) -> bool {
    context.running_in(stage.index()).iter().any(|running| {
        running.call.is_some_and(|call| {
            tools::dependencies(call).is_some()
                || matches!(call.name, "pip" | "npm" | "gem" | "cargo" | "go" | "uv" | "poetry")
        })
    })
}

/// The PATH that a stage ends with.
struct SearchPath {
    /// Its absolute directories, with the defaults of ARGs.
    entries: Vec<String>,
    /// Whether these are all but those of the image.
    known: bool,
    /// The name in the ENV.
    range: std::ops::Range<usize>,
}

/// What ENVs put into the PATH of a stage; `None` if none does.
fn search_path(context: &Context<'_>, stage: usize) -> Option<SearchPath> {
    let variables = context.doc.variables();
    let visible = variables.visible(context.stages, Some(stage), usize::MAX);
    let is_path = |index: &usize| {
        let declaration = &variables.declarations()[*index];
        declaration.kind == DeclarationKind::Env && *declaration.name == *"PATH"
    };
    let index = visible.into_iter().find(is_path)?;
    let declaration = &variables.declarations()[index];
    let value = context.doc.value_of_declaration(index, Mode::Defaults)?;
    let mut text = String::new();
    for piece in value.pieces() {
        match piece {
            Piece::Text(part, _) => text.push_str(part),
            Piece::Any => text.push('\0'),
        }
    }
    let parts = text.split(':').map(|part| part.trim_matches('"'));
    // What else than the PATH of the image is not known.
    let written = context.doc.text().slice(declaration.value.clone()?);
    let own = written.matches("$PATH").count() + written.matches("${PATH").count();
    let known = text.matches('\0').count() <= own;
    let entries = parts.filter(|part| part.starts_with('/') && !part.contains('\0'));
    let entries = entries.filter_map(|part| path::join(None, part)).collect();
    Some(SearchPath { entries, known, range: declaration.range.clone() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{fires, fixed, silent};

    #[test]
    fn a_path_stays_in_its_stage() {
        fires(
            &ENV_PATH_NOT_CARRIED,
            "
            FROM python:3.12 AS base
            ENV VENV=/opt/app
            RUN python -m venv $VENV
            ENV PATH=\"$VENV/bin:$PATH\"
            FROM base AS b
            RUN pip install x
            FROM python:3.12-slim
            COPY --from=b /opt /opt
                          ^^^^ warning
            ENTRYPOINT [\"tini\", \"--\"]
            CMD [\"python\", \"app.py\"]
            ",
        );
    }

    #[test]
    fn programs_that_are_found_are_left_alone() {
        let file = |rest: &str| {
            format!(
                "FROM python:3.12 AS b\nRUN python -m venv /v\nENV PATH=/v/bin:$PATH\nFROM python:3.12-slim\nCOPY --from=b /v /v\n{rest}\n"
            )
        };
        for rest in [
            "CMD [\"/v/bin/gunicorn\"]",
            "ENV PATH=/v/bin:$PATH\nCMD [\"gunicorn\"]",
            "ENV PATH=$X\nCMD [\"gunicorn\"]",
            "CMD . /v/bin/activate && gunicorn",
            "ENTRYPOINT [\"/entrypoint.sh\"]\nCMD [\"gunicorn\"]",
            "RUN pip install gunicorn\nCMD [\"gunicorn\"]",
            "RUN ln -s /v/bin/gunicorn /usr/bin/gunicorn\nCMD [\"gunicorn\"]",
            "CMD [\"sh\"]",
            "",
        ] {
            silent(&ENV_PATH_NOT_CARRIED, &file(rest));
        }
        let gunicorn = file("CMD [\"gunicorn\"]");
        silent(&ENV_PATH_NOT_CARRIED, &gunicorn.replace("python:3.12-slim", "ghcr.io/a/b"));
        silent(&ENV_PATH_NOT_CARRIED, &gunicorn.replace("python:3.12-slim", "b"));
        silent(&ENV_PATH_NOT_CARRIED, &gunicorn.replace("/v /v", "/v/lib /v/lib"));
        silent(
            &ENV_PATH_NOT_CARRIED,
            "FROM node:20 AS b\nENV PATH=/app/node_modules/.bin:$PATH\nFROM node:20\nCOPY --from=b /app /app\nCMD [\"node\", \"x\"]\n",
        );
    }

    #[test]
    fn the_env_is_repeated() {
        let text = "FROM python:3.12 AS b\nENV PATH=/v/bin:$PATH\nFROM python:3.12-slim\nCOPY --from=b /v/ /w/\nCMD [\"gunicorn\"]\n";
        assert_eq!(
            fixed(&ENV_PATH_NOT_CARRIED, text, "Add `ENV PATH=\"/w/bin:$PATH\"`"),
            text.replace("CMD", "ENV PATH=\"/w/bin:$PATH\"\nCMD")
        );
    }
}
