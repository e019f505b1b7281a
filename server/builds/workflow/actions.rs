//! Steps that build with an action.

use std::{
    ops::Range,
    path::{Path, PathBuf},
};

use super::{Home, Step, expressions, folder};
use crate::builds::{
    Build, BuildArg, Certainty, Dockerfile, Local, NamedContext, Quoting, Spot, Tool, Value, bake_calls,
    command::{BakeCall, Cwd, Set},
    files::{default_dockerfiles, is_remote, join},
    node::{Node, Scalar},
    written::{self, Sureness},
};

/// The context that means the repository itself, at the commit of the run (build-push-action src/context.ts).
const DEFAULT_CONTEXT: &str = "{{defaultContext}}";

/// The builds of a step with an action.
pub fn builds(step: &Step, uses: &Scalar) -> Vec<Build> {
    let name = uses.text.trim().split('@').next().unwrap_or_default().to_ascii_lowercase();
    let inputs = Inputs { node: step.node.get("with").map(|with| &**with), step };
    if name == "docker/bake-action" {
        return bake_calls::builds(&bake(&inputs, uses), step.home.files);
    }
    build(&name, &inputs, uses).into_iter().collect()
}

fn build(name: &str, inputs: &Inputs, uses: &Scalar) -> Option<Build> {
    let step = inputs.step;
    let sureness = match name {
        "docker/build-push-action" => step.around.sureness,
        _ if may_build(name, inputs) => {
            step.around.sureness.and(Sureness::likely("it depends on what this action does"))
        }
        _ => return None,
    };
    let dockerfile = dockerfile(inputs, sureness);
    let tool = if name.contains("kaniko") { Tool::Kaniko } else { Tool::BuildKit };
    let declared = Spot::new(step.home.file, uses.range.clone());
    let mut build = Build::new(tool, step.title.clone(), declared, dockerfile);
    build.target = inputs.value("target");
    build.no_cache_filter =
        inputs.list("no-cache-filters", &['\n', ',']).into_iter().map(|item| item.value()).collect();
    build.args = inputs.list("build-args", &['\n']).into_iter().filter_map(Item::arg).collect();
    build.contexts = inputs.list("build-contexts", &['\n']).into_iter().filter_map(Item::context).collect();
    Some(build)
}

/// A call of bake (bake-action src/context.ts). Its `targets` are those of bake, and only `set` can name a stage.
fn bake(inputs: &Inputs, uses: &Scalar) -> BakeCall {
    let step = inputs.step;
    let source = inputs.given(&["source", "workdir"]);
    let path = source.as_ref().map_or(Some("."), |source| source.text.as_deref());
    let is_remote = path.is_some_and(|path| is_remote(path) && !path.starts_with(DEFAULT_CONTEXT));
    let inside = path.and_then(|path| path.strip_prefix(DEFAULT_CONTEXT));
    let (guess, mut sureness) = match inside {
        Some(sub) => (join(step.home.root, sub.trim_start_matches([':', '/'])), Sureness::CERTAIN),
        None => folder(step.home, step.checkouts, path.unwrap_or(".")),
    };
    sureness = sureness.and(step.around.sureness);
    if let Some(source) = &source {
        sureness = sureness.with(source);
    }
    let values = |key: &str, separators: &[char]| -> Vec<Value> {
        inputs.list(key, separators).into_iter().map(|item| item.value()).collect()
    };
    BakeCall {
        title: step.title.clone(),
        declared: Spot::new(step.home.file, uses.range.clone()),
        cwd: Cwd { guesses: vec![guess], certainty: sureness.certainty, why: sureness.why },
        files: values("files", &['\n', ',']),
        targets: values("targets", &['\n', ',']),
        sets: inputs.list("set", &['\n']).into_iter().filter_map(Item::set).collect(),
        variables: inputs.list("vars", &['\n']).into_iter().filter_map(Item::variable).collect(),
        is_remote,
    }
}

/// The image of an action that is a container: no stage can be asked for (docs.github.com, "Metadata syntax", `runs.image`).
pub fn own_image(home: &Home, image: &Scalar) -> Option<Build> {
    let value = image.value(home.file);
    let path = value.text.clone().filter(|path| !path.is_empty() && !is_remote(path))?;
    let title = format!("action {}", home.file.file_name().unwrap_or_default().display());
    let dockerfile = Dockerfile::Local(Local {
        guesses: vec![vec![join(home.folder, &path)]],
        context: Some(home.folder.to_owned()),
        written: Some(value),
        base: home.folder.to_owned(),
        certainty: Certainty::Certain,
        why: "",
    });
    Some(Build::new(Tool::BuildKit, title, Spot::new(home.file, image.range.clone()), dockerfile))
}

/// Whether an action that is not known seems to build an image. Many others have a `target`, too: of a compiler, of a copy.
fn may_build(name: &str, inputs: &Inputs) -> bool {
    let has = |key: &str| inputs.node(key).is_some();
    // The targets of bake are no stages.
    if !has("target") || name.starts_with("docker://") || name.contains("bake") {
        return false;
    }
    let words = ["docker", "build-push", "buildx", "buildah", "podman", "kaniko", "image", "container"];
    has("context")
        || has("dockerfile")
        || (has("file") || has("path")) && words.iter().any(|it| name.contains(it))
}

/// `with` of a step. Names count in any case, values without blanks around them (actions/toolkit core.ts, `getInput`).
struct Inputs<'a> {
    node: Option<&'a Node>,
    step: &'a Step<'a>,
}

impl<'a> Inputs<'a> {
    fn node(&self, key: &str) -> Option<&'a Node> {
        expressions::get(self.node?, key).map(|node| &**node)
    }

    fn value(&self, key: &str) -> Option<Value> {
        let node = self.node(key)?;
        match node.scalar() {
            Some(scalar) => Some(self.step.scope.value(scalar)),
            None => written::value(node, self.step.home.file, Quoting::YamlPlain),
        }
    }

    /// The value of the first of these keys that has one.
    fn given(&self, keys: &[&str]) -> Option<Value> {
        keys.iter().find_map(|key| self.value(key).filter(|value| value.text.as_deref() != Some("")))
    }

    /// The parts of a list in one text.
    fn list(&self, key: &str, separators: &[char]) -> Vec<Item<'_>> {
        let Some(node) = self.node(key) else { return Vec::new() };
        let Some(scalar) = node.scalar() else {
            return Vec::new();
        };
        let (scalar, certainty, why) = self.step.scope.follow(scalar);
        let ranges = parts(&scalar.text, separators);
        ranges.into_iter().map(|range| Item { inputs: self, scalar, range, certainty, why }).collect()
    }
}

/// A part of a list.
struct Item<'a> {
    inputs: &'a Inputs<'a>,
    scalar: &'a Scalar,
    range: Range<usize>,
    certainty: Certainty,
    why: &'static str,
}

impl Item<'_> {
    fn value(&self) -> Value {
        self.part(self.range.clone())
    }

    fn part(&self, range: Range<usize>) -> Value {
        let value = self.inputs.step.scope.part(self.scalar, range);
        if self.certainty < value.certainty {
            return Value { certainty: self.certainty, why: self.why, ..value };
        }
        value
    }

    /// `KEY=VALUE` at its sign.
    fn pair(&self) -> (Range<usize>, Option<Range<usize>>) {
        let Range { start, end } = self.range;
        match self.scalar.text[self.range.clone()].find('=') {
            Some(at) => (start..start + at, Some(start + at + 1..end)),
            None => (start..end, None),
        }
    }

    fn arg(self) -> Option<BuildArg> {
        let (name, value) = self.pair();
        let name = self.part(name);
        // An expression may stand for any number of lines.
        name.known()?;
        Some(BuildArg { name, value: value.map(|value| self.part(value)) })
    }

    fn context(self) -> Option<NamedContext> {
        let (key, value) = self.pair();
        let value = value.map(|value| self.part(value));
        let key = self.part(key);
        key.text.as_ref()?;
        let end = Spot::new(&key.spot.file, key.spot.range.end..key.spot.range.end);
        Some(NamedContext { value: value.unwrap_or_else(|| Value::unknown(end, "it is not typed yet")), key })
    }
}

impl Item<'_> {
    /// `web.target=dev`
    fn set(self) -> Option<Set> {
        let (path, value) = self.pair();
        let path = self.part(path).text?;
        let (pattern, key) = path.split_once('.')?;
        Some(Set { pattern: pattern.to_owned(), key: key.to_owned(), value: self.part(value?) })
    }

    fn variable(self) -> Option<(String, Value)> {
        let (name, value) = self.pair();
        Some((self.part(name).text?, self.part(value?)))
    }
}

/// The parts of a list, in bytes: without blanks and quotes around, without those that are empty.
fn parts(text: &str, separators: &[char]) -> Vec<Range<usize>> {
    let inside = expressions::expressions(text);
    let mut all = Vec::new();
    let mut start = 0;
    let mut next = inside.iter().peekable();
    for (at, c) in text.char_indices().chain([(text.len(), '\n')]) {
        while next.next_if(|expression| expression.range.end <= at).is_some() {}
        let is_inside =
            next.peek().is_some_and(|expression| expression.range.contains(&at) && at < text.len());
        if is_inside || !separators.contains(&c) {
            continue;
        }
        let range = written::trimmed(text, start..at);
        start = (at + 1).min(text.len());
        let part = &text[range.clone()];
        let is_quoted = part.len() > 1 && part.starts_with('"') && part.ends_with('"');
        let range = if is_quoted { range.start + 1..range.end - 1 } else { range };
        if !range.is_empty() && !part.starts_with('#') {
            all.push(range);
        }
    }
    all
}

fn dockerfile(inputs: &Inputs, sureness: Sureness) -> Dockerfile {
    let home = inputs.step.home;
    let file = inputs.given(&["file", "dockerfile"]);
    let context = inputs.given(&["context", "path"]);
    let place = match &context {
        None => Place { context: home.root.to_owned(), base: None, sureness },
        Some(value) => {
            let Some(text) = &value.text else {
                return Dockerfile::Unknown("an expression decides about the context");
            };
            match text.strip_prefix(DEFAULT_CONTEXT) {
                Some(sub) => {
                    let sub = sub.trim_start_matches(':');
                    let folder = join(home.root, sub.trim_start_matches('/'));
                    Place { context: folder.clone(), base: Some(folder), sureness: sureness.with(value) }
                }
                None if is_remote(text) => return Dockerfile::Remote,
                None => {
                    let (folder, place) = folder(home, inputs.step.checkouts, text);
                    Place { context: folder, base: None, sureness: sureness.with(value).and(place) }
                }
            }
        }
    };
    let is_local = context.as_ref().and_then(Value::known).is_some_and(|it| !it.starts_with(DEFAULT_CONTEXT));
    match file {
        None => place.local(vec![default_dockerfiles(&place.context)], None, home.root, place.sureness),
        Some(value) => {
            let Some(text) = value.text.clone() else {
                return Dockerfile::Unknown("an expression decides about the Dockerfile");
            };
            if is_remote(&text) {
                return Dockerfile::Remote;
            }
            let sureness = place.sureness.with(&value);
            // buildx takes the file from where it is called; in a repository it is a path there (build/opt.go).
            let (path, sureness) = match is_local {
                true => {
                    let (path, found) = folder(home, inputs.step.checkouts, &text);
                    (path, sureness.and(found))
                }
                false => (join(place.base.as_deref().unwrap_or(home.root), &text), sureness),
            };
            let base = place.base.clone().unwrap_or_else(|| home.root.to_owned());
            // In a folder that the repository is checked out to, a path is not what is written.
            let quoting = value.quoting.filter(|_| join(&base, &text) == path);
            let written = Some(Value { quoting, ..value });
            place.local(vec![vec![path]], written, &base, sureness)
        }
    }
}

/// Where a build happens.
struct Place {
    context: PathBuf,
    /// What a path to a Dockerfile starts from, if not the root.
    base: Option<PathBuf>,
    sureness: Sureness,
}

impl Place {
    fn local(
        &self,
        guesses: Vec<Vec<PathBuf>>,
        written: Option<Value>,
        base: &Path,
        sureness: Sureness,
    ) -> Dockerfile {
        Dockerfile::Local(Local {
            guesses,
            context: Some(self.context.clone()),
            written,
            base: base.to_owned(),
            certainty: sureness.certainty,
            why: sureness.why,
        })
    }
}
