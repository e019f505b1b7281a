//! The files of a run, read.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use crate::builds::{
    Files, compose,
    hcl::{self, json},
    value::{Certainty, Value},
};

use super::{
    Context, Error, Inline,
    define::{Definition, Definitions, Reading},
    layer::Layer,
};

/// The blocks of a bake file that have a label.
const BLOCKS: [&str; 4] = ["variable", "function", "group", "target"];

/// A file that was read.
pub(super) enum Source {
    Hcl { path: Arc<Path>, file: hcl::File, size: usize },
    Compose(PathBuf),
}

impl Source {
    /// Reads a file as what its name or its text makes of it; `None` if there is no such file (bake/bake.go, `ParseFiles`).
    pub fn read(path: &Path, files: &dyn Files) -> Option<Source> {
        let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or("");
        if matches!(extension, "yml" | "yaml") {
            return files.exists(path).then(|| Source::Compose(path.to_owned()));
        }
        let text = files.read(path)?;
        let parsed = match extension {
            "json" => json::parse(&text, &BLOCKS),
            "hcl" => hcl::parse(&text),
            // Compose comes first, then HCL, then JSON.
            _ if has_services(&text) => return Some(Source::Compose(path.to_owned())),
            _ if text.trim_start().starts_with('{') => json::parse(&text, &BLOCKS),
            _ => hcl::parse(&text),
        };
        Some(Source::Hcl { path: Arc::from(path), file: parsed, size: text.len() })
    }

    fn compose(&self) -> Option<&Path> {
        match self {
            Source::Compose(path) => Some(path),
            Source::Hcl { .. } => None,
        }
    }
}

/// Whether a text without a telling name has a Compose file's services.
fn has_services(text: &str) -> bool {
    text.lines().any(|line| line.starts_with("services:"))
}

/// Adds the services of the Compose files among the sources, which come before all else, and their default group (bake/compose.go,
/// `ParseCompose`). Without a known environment, defaults count. An error is for a refusal: what could be read is there anyway.
pub(super) fn add_compose(
    definitions: &mut Definitions,
    sources: &[Source],
    cwd: &Path,
    reading: Reading,
    files: &dyn Files,
) -> Result<(), Error> {
    let paths: Vec<PathBuf> = sources.iter().filter_map(Source::compose).map(Path::to_owned).collect();
    let Some(first) = paths.first() else { return Ok(()) };
    let directory = first.parent().filter(|_| reading.by_file).unwrap_or(cwd).to_owned();
    let environment = match reading.env {
        Some(env) => compose::Environment::Exact(env.clone()),
        None => compose::Environment::Unknown,
    };
    let project = compose::load(&compose::Invocation { files: paths, directory, environment }, files);
    let mut names = Vec::new();
    for service in project.services {
        let Some(section) = service.build else { continue };
        let name = target_name(&service.name);
        names.push(name.clone());
        let declared = vec![service.declared];
        definitions.add(Definition { name, declared, has_block: false, layer: layer(section), base: None });
    }
    definitions.add_group("default".to_owned(), names);
    match project.refusals.into_iter().next() {
        Some(refusal) => Err(Error::Compose(refusal.why)),
        None => Ok(()),
    }
}

/// The target's name of a service.
fn target_name(service: &str) -> String {
    service.replace('.', "_")
}

fn layer(section: compose::Section) -> Layer {
    // A text that a variable leaves empty is none.
    let set = |value: Option<Value>| value.filter(|value| value.text.as_deref() != Some(""));
    let contexts = section.contexts.into_iter().map(|context| {
        let compose::Context { mut named, base } = context;
        let service = named.value.text.as_deref().and_then(|text| text.strip_prefix("service:"));
        if let Some(service) = service {
            let text = format!("target:{}", target_name(service));
            named.value = Value { text: Some(text), quoting: None, ..named.value };
        }
        Context { named, base: Some(Arc::new(base)) }
    });
    Layer {
        context: set(section.context),
        context_base: Some(Arc::new(section.base)),
        dockerfile: set(section.dockerfile),
        inline: section.inline.map(|(scalar, spot)| {
            let value = Value::computed(scalar.text.clone(), spot, Certainty::Certain, "");
            Inline { value, scalar: Some(scalar) }
        }),
        target: set(section.target),
        contexts: contexts.collect(),
        no_cache_filter: section.bake_no_cache_filter,
        args: section.args,
        inherits: Vec::new(),
        overridden: section.overridden,
    }
}
