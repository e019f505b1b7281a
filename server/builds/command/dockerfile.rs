//! Which Dockerfile a call builds, from the folder that it is called in.

use std::path::{Path, PathBuf};

use super::{Cwd, Script, call::Call, excerpt::Excerpt, heads::Program};
use crate::builds::{
    Certainty, Dockerfile, Files, Local, Spot, Value,
    files::{default_dockerfiles, is_remote, join},
    node::{Scalar, Style},
    words::Input,
};

/// The Dockerfile of a call.
pub fn dockerfile(call: &Call, cwd: &Cwd, script: &Script, files: &dyn Files) -> Dockerfile {
    let file = match call.files.as_slice() {
        [] => None,
        [file] => Some(file),
        // podman and buildah put all of them together.
        _ => return Dockerfile::Unknown("it is made of several files"),
    };
    let path = match file.map(|file| (file, file.text.as_deref())) {
        Some((_, None)) => return Dockerfile::Unknown("the path of the Dockerfile is not known"),
        Some((_, Some("-"))) => return input(call, cwd, script),
        Some((_, Some(path))) if path.starts_with("http://") || path.starts_with("https://") => {
            return Dockerfile::Remote;
        }
        Some((file, Some(path))) if !path.is_empty() => Some((file, path)),
        _ => None,
    };
    let context = match &call.context {
        Some(context) => context.text.as_deref(),
        None => Some("."),
    };
    let context = match context {
        Some("-") if path.is_none() => return input(call, cwd, script),
        Some(remote) if is_elsewhere(call.program, remote) => {
            return match path {
                Some((file, path)) if Path::new(path).is_absolute() => {
                    local(call, cwd, Some(file), vec![vec![PathBuf::from(path)]], None)
                }
                _ => Dockerfile::Remote,
            };
        }
        Some(context) => Some(strip_scheme(call.program, context)),
        None if path.is_none() => return Dockerfile::Unknown("the context is not known"),
        None => None,
    };
    let sub = call.sub_path.as_ref().and_then(|sub| sub.text.as_deref()).unwrap_or("");
    let folder = |cwd: &Path| match (&call.context, call.program, path) {
        // Without a context podman takes the folder of the Dockerfile.
        (None, Program::Podman, Some((_, path))) => join(cwd, path).parent().map(Path::to_owned),
        _ => context.map(|context| join(&join(cwd, context), sub)),
    };
    let candidates = |cwd: &PathBuf| {
        let context = folder(cwd).filter(|_| call.context.is_some() || path.is_none());
        candidates(call.program, cwd, context, path.map(|(_, path)| path))
    };
    let mut guesses: Vec<Vec<PathBuf>> = cwd.guesses.iter().map(candidates).collect();
    guesses.dedup();
    // buildah takes a Dockerfile as its context, too.
    if call.program == Program::Buildah && path.is_none() {
        for (guess, cwd) in guesses.iter_mut().zip(&cwd.guesses) {
            if let Some(file) = folder(cwd).filter(|file| files.exists(file)) {
                *guess = vec![file];
            }
        }
    }
    let context_folder = cwd.guesses.first().and_then(|cwd| folder(cwd));
    let mut dockerfile = local(call, cwd, path.map(|(file, _)| file), guesses, context_folder.clone());
    if let Dockerfile::Local(local) = &mut dockerfile {
        local.base = match path {
            Some(_) => cwd.guesses.first().cloned().unwrap_or_default(),
            None => context_folder.unwrap_or_default(),
        };
    }
    dockerfile
}

/// Whether a context is not on this disk.
fn is_elsewhere(program: Program, context: &str) -> bool {
    match program {
        Program::Kaniko => is_remote(context) && !context.starts_with("dir://"),
        _ => is_remote(context),
    }
}

fn strip_scheme(program: Program, context: &str) -> &str {
    match program {
        Program::Kaniko => context.strip_prefix("dir://").unwrap_or(context),
        _ => context,
    }
}

/// The files that are tried, the first that exists counts.
fn candidates(program: Program, cwd: &Path, context: Option<PathBuf>, path: Option<&str>) -> Vec<PathBuf> {
    let names =
        |names: [&str; 2]| context.iter().flat_map(|context| names.map(|name| context.join(name))).collect();
    match (program, path) {
        (Program::Docker | Program::Nerdctl | Program::Bake, Some(path)) => vec![join(cwd, path)],
        (Program::Podman | Program::Buildah | Program::Kaniko, Some(path)) => {
            let mut all = vec![join(cwd, path)];
            all.extend(context.map(|context| join(&context, path)).filter(|second| *second != all[0]));
            all
        }
        (Program::Podman | Program::Buildah, None) => names(["Containerfile", "Dockerfile"]),
        (Program::Nerdctl, None) => names(["Dockerfile", "Containerfile"]),
        (Program::Docker | Program::Bake, None) => {
            context.as_deref().map(default_dockerfiles).unwrap_or_default()
        }
        (Program::Kaniko, None) => context.map(|context| context.join("Dockerfile")).into_iter().collect(),
    }
}

fn local(
    call: &Call,
    cwd: &Cwd,
    file: Option<&Value>,
    guesses: Vec<Vec<PathBuf>>,
    context: Option<PathBuf>,
) -> Dockerfile {
    let mut sure = (Certainty::Certain, "");
    let mut doubt = |certainty: Certainty, why: &'static str| {
        if certainty < sure.0 {
            sure = (certainty, why);
        }
    };
    doubt(cwd.certainty, cwd.why);
    if !call.doubt.is_empty() {
        doubt(Certainty::Likely, call.doubt);
    }
    for value in file.iter().copied().chain(&call.context) {
        match value.text {
            Some(_) => doubt(value.certainty, value.why),
            None => doubt(Certainty::Likely, "the context is not known"),
        }
    }
    if file.and_then(Value::known).is_some_and(|path| path.ends_with(".in")) {
        doubt(Certainty::Likely, "a preprocessor goes over it");
    }
    Dockerfile::Local(Local {
        guesses,
        context,
        written: file.cloned(),
        base: cwd.guesses.first().cloned().unwrap_or_default(),
        certainty: sure.0,
        why: sure.1,
    })
}

/// A Dockerfile from standard input.
fn input(call: &Call, cwd: &Cwd, script: &Script) -> Dockerfile {
    match &call.input {
        Some(Input::Heredoc { body, is_literal: true, strips_tabs }) => {
            let (scalar, spot) = heredoc(script, body.clone(), *strips_tabs);
            Dockerfile::Inline(scalar, spot)
        }
        Some(Input::Heredoc { is_literal: false, .. }) => {
            Dockerfile::Unknown("the shell puts variables into the Dockerfile")
        }
        Some(Input::File(word)) => match word.literal(script.file, &script.range) {
            Some(file) => {
                let path = file.text.clone().unwrap_or_default();
                let guesses = cwd.guesses.iter().map(|cwd| vec![join(cwd, &path)]).collect();
                local(call, cwd, Some(&file), guesses, None)
            }
            None => Dockerfile::Unknown("the path of the Dockerfile is not known"),
        },
        Some(Input::Pipe) | None => Dockerfile::Remote,
    }
}

/// The lines of a heredoc as a text with its places.
fn heredoc(script: &Script, body: std::ops::Range<usize>, strips_tabs: bool) -> (Scalar, Spot) {
    let mut excerpt = Excerpt::default();
    let mut at = body.start;
    for line in script.text[body].split_inclusive('\n') {
        let kept = if strips_tabs { line.trim_start_matches('\t') } else { line };
        let start = at + line.len() - kept.len();
        match (script.place)(start..start + kept.len()) {
            Some(place) => excerpt.push(kept, place.start),
            None => excerpt.push_foreign(kept),
        }
        at += line.len();
    }
    let range = excerpt.range().unwrap_or(script.range.start..script.range.start);
    let Excerpt { text, pieces } = excerpt;
    let scalar = Scalar { text, range: range.clone(), style: Style::Literal, is_text: true, pieces };
    (scalar, Spot::new(script.file, range))
}
