//! Collects what a set of Compose files says about each service.

use std::{
    collections::{HashMap, HashSet},
    path::{Path, PathBuf},
    sync::Arc,
};

use super::{
    super::{
        Files,
        files::join,
        node::{Content, Node, Scalar},
        value::{Spot, Value},
        yaml,
    },
    environment::Variables,
    interpolation,
    model::{Context, Invocation, Project, Refusal, Section, Service},
    section::{self, Layer},
};

/// How many services, those that others extend counted each time, are looked at in all.
const LAYERS: usize = 20_000;

/// How many files are included or extended in a chain.
const DEPTH: usize = 30;

/// What Compose or Bake makes of these files. Unfinished files have services, too; whatever would make the command refuse
/// them is in `refusals`.
pub fn load(invocation: &Invocation, files: &dyn Files) -> Project {
    let variables = Variables::of(&invocation.environment, &invocation.directory, files);
    let mut loader = Loader {
        files,
        texts: HashMap::new(),
        project: Project::default(),
        layers: 0,
        including: Vec::new(),
    };
    loader.load(&invocation.files, &invocation.directory, Arc::new(variables));
    let mut project = loader.project;
    check_services(&mut project);
    project
}

/// A context that is another service needs that one to be built (compose-go validate.go).
fn check_services(project: &mut Project) {
    let built: HashSet<&str> = project
        .services
        .iter()
        .filter(|service| service.build.is_some())
        .map(|service| service.name.as_str())
        .collect();
    let refusal = |service: &Service, context: &Context| {
        let named = context.named.value.text.as_deref()?.strip_prefix("service:")?;
        (!built.contains(named)).then(|| Refusal {
            file: context.named.value.spot.file.clone(),
            service: Some(service.name.clone()),
            why: format!("no image of service `{named}` is built"),
        })
    };
    let refusals: Vec<Refusal> = project
        .services
        .iter()
        .flat_map(|service| {
            let contexts = service.build.iter().flat_map(|build| &build.contexts);
            contexts.filter_map(move |context| refusal(service, context))
        })
        .collect();
    project.refusals.extend(refusals);
}

/// A file, with the values of its YAML documents.
struct Text {
    file: Arc<Path>,
    roots: Vec<Arc<Node>>,
}

struct Loader<'a> {
    files: &'a dyn Files,
    texts: HashMap<PathBuf, Option<Arc<Text>>>,
    project: Project,
    layers: usize,
    /// Files that are being included.
    including: Vec<PathBuf>,
}

/// What the files of one project, without included ones, say about a service.
struct Found {
    declared: Spot,
    layers: Vec<Layer>,
    lacks_base: bool,
}

/// Where a service is looked for.
#[derive(Clone)]
struct Scope<'a> {
    text: &'a Arc<Text>,
    base: &'a Path,
    variables: &'a Arc<Variables>,
}

impl Loader<'_> {
    fn text(&mut self, path: &Path) -> Option<Arc<Text>> {
        if let Some(known) = self.texts.get(path) {
            return known.clone();
        }
        let text = self.files.read(path).map(|source| {
            let file: Arc<Path> = Arc::from(path);
            let read = yaml::read(&source);
            if !read.whole {
                self.project.broken.push(file.clone());
            }
            if let Some(key) = read.roots.iter().find_map(duplicate) {
                let why = format!("key `{key}` is there twice");
                self.project.refusals.push(Refusal { file: file.clone(), service: None, why });
            }
            Arc::new(Text { file, roots: read.roots })
        });
        self.texts.insert(path.to_owned(), text.clone());
        text
    }

    fn refuse(&mut self, file: &Arc<Path>, service: Option<&str>, why: String) {
        self.project.refusals.push(Refusal { file: file.clone(), service: service.map(str::to_owned), why });
    }

    /// Adds the services of files that make up one project.
    fn load(&mut self, paths: &[PathBuf], directory: &Path, variables: Arc<Variables>) {
        let texts: Vec<Arc<Text>> = paths.iter().filter_map(|path| self.text(path)).collect();
        for text in &texts {
            for root in &text.roots {
                let scope = Scope { text, base: directory, variables: &variables };
                self.includes(root, &scope);
            }
        }
        let mut names: Vec<String> = Vec::new();
        let mut found: HashMap<String, Found> = HashMap::new();
        for text in &texts {
            let scope = Scope { text, base: directory, variables: &variables };
            for root in &text.roots {
                let Some(services) = root.get("services") else { continue };
                if matches!(services.tag.as_deref(), Some("!reset" | "!override")) {
                    names.clear();
                    found.clear();
                }
                for entry in services.entries() {
                    let service = found.entry(entry.key.text.clone()).or_insert_with(|| {
                        names.push(entry.key.text.clone());
                        Found {
                            declared: spot(&entry.key, &text.file),
                            layers: Vec::new(),
                            lacks_base: false,
                        }
                    });
                    service.declared = spot(&entry.key, &text.file);
                    self.layers_of(&entry.key.text, &entry.value, &scope, &mut Vec::new(), service);
                }
            }
        }
        for name in names {
            let Some(service) = found.remove(&name) else { continue };
            self.add(name, service, directory);
        }
    }

    fn add(&mut self, name: String, found: Found, directory: &Path) {
        let merged = section::merge(&found.layers, directory);
        for (file, why) in merged.refusals {
            self.refuse(&file, Some(&name), why);
        }
        if self.project.services.iter().any(|other| other.name == name) {
            self.refuse(
                &found.declared.file,
                Some(&name),
                "an included file has a service of that name".into(),
            );
        }
        let build = merged.section.map(|section| Section { lacks_base: found.lacks_base, ..section });
        self.project.services.push(Service { name, declared: found.declared, build });
    }

    /// The layers of one service in one document: what it extends first, then itself.
    fn layers_of(
        &mut self,
        name: &str,
        service: &Arc<Node>,
        scope: &Scope,
        extending: &mut Vec<(PathBuf, String)>,
        out: &mut Found,
    ) {
        self.layers += 1;
        if self.layers > LAYERS {
            out.lacks_base = true;
            if self.layers == LAYERS + 1 {
                self.refuse(&scope.text.file, Some(name), "services extend too many others".into());
            }
            return;
        }
        let here = (scope.text.file.to_path_buf(), name.to_owned());
        if extending.contains(&here) || extending.len() > DEPTH {
            out.lacks_base = true;
            self.refuse(&scope.text.file, Some(name), format!("service `{name}` extends itself"));
            return;
        }
        extending.push(here);
        if let Some(extends) =
            service.get("extends").filter(|extends| extends.tag.as_deref() != Some("!reset"))
        {
            self.extends(name, extends, scope, extending, out);
        }
        extending.pop();
        out.layers.push(Layer {
            file: scope.text.file.clone(),
            service: service.clone(),
            base: scope.base.to_owned(),
            variables: scope.variables.clone(),
        });
    }

    fn extends(
        &mut self,
        name: &str,
        extends: &Node,
        scope: &Scope,
        extending: &mut Vec<(PathBuf, String)>,
        out: &mut Found,
    ) {
        let value = |node: &Node| node.scalar().and_then(|scalar| self.known(scalar, scope));
        let (file, service) = match &extends.content {
            Content::Scalar(scalar) => (None, self.known(scalar, scope)),
            _ => (extends.get("file"), extends.get("service").and_then(|node| value(node))),
        };
        let path = file.map(|node| value(node));
        let Some(service) = service else {
            out.lacks_base = true;
            return;
        };
        let text = match path {
            None => Some(scope.text.clone()),
            Some(None) => None,
            Some(Some(path)) => self.text(&join(scope.base, &path)),
        };
        let Some(text) = text else {
            out.lacks_base = true;
            self.refuse(&scope.text.file, Some(name), "the file that it extends can't be read".into());
            return;
        };
        // Paths of another file start from the folder of that file (compose-go loader/extends.go).
        let folder = text.file.parent().unwrap_or(Path::new("/"));
        let base = if file.is_some() { folder } else { scope.base };
        let other = Scope { text: &text, base, variables: scope.variables };
        let mut is_found = false;
        for root in &text.roots {
            let Some(node) = root.get("services").and_then(|services| services.get(&service)) else {
                continue;
            };
            is_found = true;
            self.layers_of(&service, node, &other, extending, out);
        }
        if !is_found {
            out.lacks_base = true;
            self.refuse(&scope.text.file, Some(name), format!("there is no service `{service}` to extend"));
        }
    }

    fn known(&self, scalar: &Scalar, scope: &Scope) -> Option<String> {
        let part = 0..scalar.text.len();
        let (value, _): (Value, bool) = interpolation::value(scalar, part, &scope.text.file, scope.variables);
        value.text
    }

    /// The files that a document includes, each a project of its own (compose-go loader/include.go).
    fn includes(&mut self, root: &Node, scope: &Scope) {
        let Some(include) = root.get("include") else { return };
        for item in include.items() {
            let known = |node: &Node| node.scalar().and_then(|scalar| self.known(scalar, scope));
            let (paths, directory) = match &item.content {
                Content::Mapping(_) => {
                    let path = item.get("path");
                    let paths: Vec<Option<String>> = match path.map(|path| &path.content) {
                        Some(Content::Sequence(items)) => items.iter().map(|item| known(item)).collect(),
                        _ => path.map(|path| known(path)).into_iter().collect(),
                    };
                    (paths, item.get("project_directory").and_then(|directory| known(directory)))
                }
                _ => (vec![known(item)], None),
            };
            let paths: Vec<PathBuf> =
                paths.into_iter().flatten().map(|path| join(scope.base, &path)).collect();
            self.include(&paths, directory, scope);
        }
    }

    fn include(&mut self, paths: &[PathBuf], directory: Option<String>, scope: &Scope) {
        let Some(first) = paths.first() else { return };
        if self.including.contains(first) || self.including.len() > DEPTH {
            self.refuse(&scope.text.file, None, "a file includes itself".into());
            return;
        }
        if self.text(first).is_none() {
            self.refuse(&scope.text.file, None, format!("there is no `{}` to include", first.display()));
        }
        let directory = match directory {
            Some(directory) => join(scope.base, &directory),
            None => first.parent().unwrap_or(Path::new("/")).to_owned(),
        };
        self.including.push(first.clone());
        let variables = scope.variables.with(&directory, self.files);
        self.load(paths, &directory, Arc::new(variables));
        self.including.pop();
    }
}

fn spot(key: &Scalar, file: &Arc<Path>) -> Spot {
    key.value(file).spot
}

/// A key that one mapping has twice.
fn duplicate(root: &Arc<Node>) -> Option<String> {
    let mut seen = HashSet::new();
    let mut left = vec![root];
    while let Some(node) = left.pop() {
        if !seen.insert(Arc::as_ptr(node)) {
            continue;
        }
        match &node.content {
            Content::Null | Content::Scalar(_) => {}
            Content::Sequence(items) => left.extend(items),
            Content::Mapping(mapping) => {
                let mut keys = HashSet::new();
                let twice = mapping.own.iter().find(|entry| !keys.insert(entry.key.text.as_str()));
                if let Some(twice) = twice {
                    return Some(twice.key.text.clone());
                }
                left.extend(mapping.own.iter().map(|entry| &entry.value));
                left.extend(&mapping.merged);
            }
        }
    }
    None
}
