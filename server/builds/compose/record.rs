//! Makes the record of a build from a service.

use std::{collections::HashSet, path::Path, sync::Arc};

use super::{
    super::{
        Build, Certainty, Dockerfile, Local, Tool,
        files::{default_dockerfiles, is_remote, join},
    },
    model::{Place, Project, Section, Service},
};

/// The builds of a project. `main` is the file that all is certain in; `None` if it is not known how files are combined.
pub fn builds(project: &Project, main: Option<&Path>) -> Vec<Build> {
    let is_refused = !project.refusals.is_empty() || !project.broken.is_empty();
    let mut builds: Vec<Build> = project
        .services
        .iter()
        .filter_map(|service| {
            let section = service.build.as_ref()?;
            Some(build(service, section, is_refused, main))
        })
        .collect();
    builds.sort_by(|a, b| {
        let place = |build: &Build| (build.declared.file.clone(), build.declared.range.start);
        place(a).cmp(&place(b))
    });
    builds
}

fn build(service: &Service, section: &Section, is_refused: bool, main: Option<&Path>) -> Build {
    let why = doubt(service, section, is_refused, main);
    Build {
        tool: Tool::BuildKit,
        title: format!("compose service `{}`", service.name),
        declared: service.declared.clone(),
        dockerfile: dockerfile(section, why),
        target: section.target.clone(),
        overridden: section.overridden.clone(),
        no_cache_filter: section
            .no_cache_filter
            .iter()
            .chain(&section.bake_no_cache_filter)
            .cloned()
            .collect(),
        args: section.args.clone(),
        contexts: section.contexts.iter().map(|context| context.named.clone()).collect(),
    }
}

/// Why it is not certain that the service is built like this; empty if it is.
fn doubt(service: &Service, section: &Section, is_refused: bool, main: Option<&Path>) -> &'static str {
    let Some(main) = main else { return "it depends on the other files of the command" };
    let values = [&section.context, &section.dockerfile, &section.target].into_iter().flatten();
    let mut files: HashSet<&Arc<Path>> = values.clone().map(|value| &value.spot.file).collect();
    files.insert(&service.declared.file);
    if is_refused {
        "Compose does not accept the files as they are"
    } else if files.iter().any(|file| ***file != *main) {
        "several files decide"
    } else if section.lacks_base {
        "a service that it extends can't be found"
    } else {
        let paths = [&section.context, &section.dockerfile].into_iter().flatten();
        paths
            .filter(|value| value.certainty != Certainty::Certain)
            .map(|value| value.why)
            .next()
            .unwrap_or("")
    }
}

fn dockerfile(section: &Section, why: &'static str) -> Dockerfile {
    if let Some((text, spot)) = &section.inline {
        return Dockerfile::Inline(text.clone(), spot.clone());
    }
    if section.lacks_base && (section.context.is_none() || section.dockerfile.is_none()) {
        return Dockerfile::Unknown("a service that it extends can't be found");
    }
    let folder = match section.place() {
        Place::Local(folder) => folder,
        Place::Remote => return Dockerfile::Remote,
        Place::Unknown(why) => return Dockerfile::Unknown(why),
    };
    let guess = match &section.dockerfile {
        None => default_dockerfiles(&folder),
        Some(value) => match value.text.as_deref() {
            None => return Dockerfile::Unknown(value.why),
            Some("") => default_dockerfiles(&folder),
            Some(path) if is_remote(path) => return Dockerfile::Remote,
            Some(path) => vec![join(&folder, path)],
        },
    };
    Dockerfile::Local(Local {
        guesses: vec![guess],
        context: Some(folder.clone()),
        written: section.dockerfile.clone(),
        base: folder,
        certainty: if why.is_empty() { Certainty::Certain } else { Certainty::Likely },
        why,
    })
}
