//! `*.build` units of podman (podman-build.unit(5)).

use std::{ops::Range, path::Path, sync::Arc};

use super::{
    Build, Certainty, Dockerfile, Files, Found, Local, Quoting, Spot, Tool, Value,
    command::{flags, literal_words},
    files::{is_remote, join},
};

/// What a unit has built.
pub fn builds(path: &Path, files: &dyn Files) -> Found {
    let Some(text) = files.read(path).filter(|text| text.contains("[Build]")) else {
        return Found::default();
    };
    let file: Arc<Path> = Arc::from(path);
    let Some(unit) = unit(&text) else { return Found::default() };
    let value = |key: &str| {
        let range = unit.all(key).next_back()?;
        Some(value(&text, &file, range))
    };
    let arguments: Vec<_> = unit.all("PodmanArgs").flat_map(|range| literal_words(&text, range)).collect();
    let (arguments, _) = flags::BUILDAH.read(&arguments, false, &|_| None);
    let all = 0..text.len();
    let target = value("Target");
    let from_arguments = arguments.all("target").filter_map(|word| word.literal(&file, &all));
    let mut targets: Vec<Value> = target.into_iter().chain(from_arguments).collect();
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let build = Build {
        tool: Tool::Buildah,
        title: format!("unit {name}"),
        declared: Spot::new(&file, unit.section.clone()),
        dockerfile: dockerfile(path, value("File"), value("SetWorkingDirectory")),
        target: targets.pop(),
        overridden: targets,
        no_cache_filter: Vec::new(),
        args: Vec::new(),
        contexts: Vec::new(),
    };
    Found { builds: vec![build], ..Found::default() }
}

/// A unit with its section `[Build]`.
struct Unit<'a> {
    /// The name of the section, in bytes of the file.
    section: Range<usize>,
    /// Keys with where their values stand.
    keys: Vec<(&'a str, Range<usize>)>,
}

impl Unit<'_> {
    fn all(&self, key: &str) -> impl DoubleEndedIterator<Item = Range<usize>> {
        self.keys.iter().filter(move |(name, _)| *name == key).map(|(_, range)| range.clone())
    }
}

fn unit(text: &str) -> Option<Unit<'_>> {
    let mut unit: Option<Unit> = None;
    let (mut at, mut is_inside) = (0, false);
    for line in text.split_inclusive('\n') {
        let start = at;
        at += line.len();
        let content = line.trim_end_matches(['\n', '\r']);
        if content.starts_with('[') {
            is_inside = content.trim_end() == "[Build]";
            if is_inside && unit.is_none() {
                unit = Some(Unit { section: start + 1..start + "[Build".len(), keys: Vec::new() });
            }
            continue;
        }
        let Some((key, value)) =
            content.split_once('=').filter(|_| is_inside && !content.starts_with(['#', ';']))
        else {
            continue;
        };
        let blanks = value.len() - value.trim_start().len();
        let from = start + content.len() - value.len() + blanks;
        if let Some(unit) = &mut unit {
            unit.keys.push((key.trim(), from..from + value.trim().len()));
        }
    }
    unit
}

/// `%` begins what systemd puts in, and a backslash goes on in the next line.
fn value(text: &str, file: &Arc<Path>, range: Range<usize>) -> Value {
    let written = &text[range.clone()];
    let spot = Spot::new(file, range);
    match written.contains(['%', '\\', '"', '\'']) {
        true => Value::unknown(spot, "systemd makes another text of it"),
        false => Value::literal(written, spot, Quoting::Bare),
    }
}

fn dockerfile(path: &Path, file: Option<Value>, folder: Option<Value>) -> Dockerfile {
    let own = path.parent().map(Path::to_owned).unwrap_or_default();
    let text = file.as_ref().map(|file| file.text.as_deref());
    if text == Some(None) {
        return Dockerfile::Unknown("the path of the Dockerfile is not known");
    }
    let written = text.flatten().filter(|text| !text.is_empty());
    if written.is_some_and(is_remote) {
        return Dockerfile::Remote;
    }
    let sure = (Certainty::Certain, "");
    let (base, (certainty, why)) = match folder.as_ref().map(|folder| folder.text.as_deref()) {
        Some(Some("unit")) => (own.clone(), sure),
        Some(Some("file")) => (own.clone(), sure),
        Some(Some(folder)) if is_remote(folder) => return Dockerfile::Remote,
        Some(Some(folder)) => (join(&own, folder), sure),
        Some(None) => return Dockerfile::Unknown("the context is not known"),
        None if written.is_some_and(|written| Path::new(written).is_absolute()) => (own.clone(), sure),
        None => (own.clone(), (Certainty::Likely, "the unit does not say what its paths start from")),
    };
    let guess = match written {
        Some(written) => vec![join(&base, written)],
        None => vec![base.join("Containerfile"), base.join("Dockerfile")],
    };
    let is_beside = folder.as_ref().and_then(Value::known) == Some("file");
    let context = match guess.first().and_then(|file| file.parent()) {
        Some(parent) if is_beside => parent.to_owned(),
        _ => base.clone(),
    };
    let written = file.clone().filter(|_| written.is_some());
    Dockerfile::Local(Local { guesses: vec![guess], context: Some(context), written, base, certainty, why })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::builds::files::Memory;

    fn read(text: &str) -> Build {
        let mut found = builds("/project/q/a.build".as_ref(), &Memory::new(&[("q/a.build", text)]));
        let build = found.builds.pop().unwrap();
        for value in build.target.iter() {
            assert_eq!(text.get(value.spot.range.clone()), value.text.as_deref());
        }
        build
    }

    fn files(build: &Build) -> Vec<&Path> {
        let Dockerfile::Local(local) = &build.dockerfile else { panic!() };
        local.guesses[0].iter().map(|path| path.as_path()).collect()
    }

    #[test]
    fn keys_of_a_unit() {
        let build = read(
            "[Unit]\nTarget=no\n[Build]\r\nImageTag=x\nFile=x/D\nSetWorkingDirectory=unit\nTarget=dev\r\n",
        );
        assert_eq!(build.target.as_ref().and_then(Value::known), Some("dev"));
        assert_eq!(files(&build), [Path::new("/project/q/x/D")]);
        let build = read("[Build]\nSetWorkingDirectory=../y\nTarget=a\nPodmanArgs=--no-cache --target b\n");
        assert_eq!(build.target.as_ref().and_then(Value::known), Some("b"));
        assert_eq!(build.overridden.len(), 1);
        assert_eq!(
            files(&build),
            [Path::new("/project/y/Containerfile"), Path::new("/project/y/Dockerfile")]
        );
    }

    #[test]
    fn a_value_that_is_being_typed() {
        let build = read("[Build]\nFile=/x/D\nTarget=");
        assert_eq!(build.target.unwrap().spot.range, 25..25);
    }
}
