//! Takes together what several places say about the build of one service.

use std::{
    ops::Range,
    path::{Path, PathBuf},
    sync::Arc,
};

use super::{
    super::{
        BuildArg, NamedContext,
        node::{Content, Node, Scalar},
        value::{Quoting, Spot, Value},
    },
    environment::Variables,
    interpolation,
    model::{Context, Section},
};

/// One place that has a service: later layers go over earlier ones.
#[derive(Debug, Clone)]
pub struct Layer {
    pub file: Arc<Path>,
    pub service: Arc<Node>,
    /// What relative paths start from.
    pub base: PathBuf,
    pub variables: Arc<Variables>,
}

/// Keys that may stand under `build` (compose-spec's schema).
const KEYS: [&str; 25] = [
    "additional_contexts",
    "args",
    "cache_from",
    "cache_to",
    "context",
    "dockerfile",
    "dockerfile_inline",
    "entitlements",
    "extra_hosts",
    "isolation",
    "labels",
    "network",
    "no_cache",
    "no_cache_filter",
    "platforms",
    "privileged",
    "provenance",
    "pull",
    "sbom",
    "secrets",
    "shm_size",
    "ssh",
    "tags",
    "target",
    "ulimits",
];

/// What the layers come to, and why Compose would refuse them.
#[derive(Debug, Default)]
pub struct Merged {
    pub section: Option<Section>,
    pub refusals: Vec<(Arc<Path>, String)>,
    /// Targets that something takes the place of: they still name something.
    overridden: Vec<Value>,
}

/// Folds the layers of a service, the weakest first. `base` is what a path starts from that is left out.
pub fn merge(layers: &[Layer], base: &Path) -> Merged {
    let mut merged = Merged::default();
    for layer in layers {
        match layer.service.tag.as_deref() {
            Some("!reset") => {
                merged.clear();
                continue;
            }
            Some("!override") => merged.clear(),
            _ => {}
        }
        if let Some(build) = layer.service.get("build") {
            merged.apply(layer, build, base);
        }
    }
    let Some(section) = &mut merged.section else { return merged };
    let is_used = |value: &Value| section.target.as_ref().is_some_and(|target| target.spot == value.spot);
    section.overridden = std::mem::take(&mut merged.overridden);
    section.overridden.retain(|value| !is_used(value));
    if let (Some(dockerfile), Some(_)) = (&section.dockerfile, &section.inline) {
        let file = dockerfile.spot.file.clone();
        merged.refusals.push((file, "`dockerfile` and `dockerfile_inline` exclude each other".into()));
    }
    merged
}

impl Merged {
    fn clear(&mut self) {
        self.overridden.extend(self.section.take().and_then(|section| section.target));
    }

    fn apply(&mut self, layer: &Layer, build: &Arc<Node>, base: &Path) {
        let is_reset = build.tag.as_deref() == Some("!reset");
        if is_reset || build.tag.as_deref() == Some("!override") {
            self.clear();
        }
        if is_reset {
            return;
        }
        let mut reader = Reader { layer, refusals: &mut self.refusals, overridden: &mut self.overridden };
        let nothing = || Section { base: base.to_owned(), ..Section::default() };
        let section = self.section.get_or_insert_with(nothing);
        match &build.content {
            Content::Scalar(scalar) => {
                section.context = Some(reader.text(scalar, "build"));
                section.base = layer.base.clone();
            }
            Content::Mapping(mapping) => {
                for entry in mapping.entries() {
                    reader.key(section, &entry.key, &entry.value);
                }
            }
            Content::Null | Content::Sequence(_) => {
                reader.refuse("`build` is neither a string nor a mapping".into())
            }
        }
    }
}

struct Reader<'a> {
    layer: &'a Layer,
    refusals: &'a mut Vec<(Arc<Path>, String)>,
    overridden: &'a mut Vec<Value>,
}

impl Reader<'_> {
    fn refuse(&mut self, why: String) {
        self.refusals.push((self.layer.file.clone(), why));
    }

    fn key(&mut self, section: &mut Section, key: &Scalar, value: &Arc<Node>) {
        let name = key.text.as_str();
        let is_reset = value.tag.as_deref() == Some("!reset");
        let replaces = is_reset || value.tag.as_deref() == Some("!override");
        match name {
            "context" => {
                section.context = self.string(name, value);
                section.base = self.layer.base.clone();
            }
            "dockerfile" => section.dockerfile = self.string(name, value),
            "dockerfile_inline" => section.inline = self.inline(value),
            "target" => {
                let new = if is_reset { None } else { self.target(value) };
                self.overridden.extend(std::mem::replace(&mut section.target, new));
            }
            "no_cache_filter" => {
                if replaces {
                    section.no_cache_filter.clear();
                }
                if !is_reset {
                    self.names(value, ',', &mut section.no_cache_filter);
                }
            }
            // What Bake reads in its place (buildx bake/compose.go, `xbake`).
            "x-bake" => {
                if let Some(names) = value.get("no-cache-filter") {
                    self.names(names, ' ', &mut section.bake_no_cache_filter);
                }
            }
            "args" => {
                if replaces {
                    section.args.clear();
                }
                let pairs = if is_reset { Vec::new() } else { self.pairs(value) };
                for (name, value) in pairs {
                    let arg = BuildArg { name, value };
                    match section.args.iter_mut().find(|other| other.name.text == arg.name.text) {
                        Some(other) => *other = arg,
                        None => section.args.push(arg),
                    }
                }
            }
            "additional_contexts" => {
                if replaces {
                    section.contexts.clear();
                }
                let pairs = if is_reset { Vec::new() } else { self.pairs(value) };
                for (key, value) in pairs {
                    let Some(value) = value else { continue };
                    let context =
                        Context { named: NamedContext { key, value }, base: self.layer.base.clone() };
                    let is_same = |other: &&mut Context| other.named.key.text == context.named.key.text;
                    match section.contexts.iter_mut().find(is_same) {
                        Some(other) => *other = context,
                        None => section.contexts.push(context),
                    }
                }
            }
            known if known.starts_with("x-") || KEYS.contains(&known) => {}
            unknown => self.refuse(format!("`build` has no key `{unknown}`")),
        }
    }

    /// The text of a key that has to be a string; `None` if it is taken back, or not there yet.
    fn string(&mut self, name: &str, value: &Node) -> Option<Value> {
        if value.tag.as_deref() == Some("!reset") {
            return None;
        }
        match &value.content {
            Content::Scalar(scalar) => Some(self.text(scalar, name)),
            Content::Null | Content::Sequence(_) | Content::Mapping(_) => {
                self.refuse(format!("`{name}` must be a string"));
                None
            }
        }
    }

    /// A target; an empty one where a target could be typed.
    fn target(&mut self, value: &Node) -> Option<Value> {
        if value.is_null() && value.range.is_empty() {
            self.refuse("`target` must be a string".into());
            let spot = Spot::new(&self.layer.file, value.range.clone());
            return Some(Value::literal("", spot, Quoting::YamlPlain));
        }
        self.string("target", value)
    }

    fn text(&mut self, scalar: &Scalar, name: &str) -> Value {
        if !scalar.is_text {
            self.refuse(format!("`{name}` must be a string"));
        }
        self.part(scalar, 0..scalar.text.len())
    }

    fn part(&mut self, scalar: &Scalar, part: Range<usize>) -> Value {
        let (value, is_fine) = interpolation::value(scalar, part, &self.layer.file, &self.layer.variables);
        if !is_fine {
            self.refuse(format!("`{}` can't be expanded", scalar.text));
        }
        value
    }

    fn inline(&mut self, value: &Node) -> Option<(Scalar, Spot)> {
        self.string("dockerfile_inline", value)?;
        let written = value.scalar()?;
        let (scalar, _) = interpolation::scalar(written, &self.layer.variables);
        Some((scalar, Spot::new(&self.layer.file, written.range.clone())))
    }

    /// A text of names or a list of them, which goes behind what is there.
    fn names(&mut self, value: &Node, separator: char, names: &mut Vec<Value>) {
        let mut read = |reader: &mut Self, scalar: &Scalar| {
            for (start, name) in split(&scalar.text, separator) {
                names.push(reader.part(scalar, start..start + name.len()));
            }
        };
        match &value.content {
            Content::Scalar(scalar) => read(self, scalar),
            Content::Sequence(items) => {
                items.iter().filter_map(|item| item.scalar()).for_each(|scalar| read(self, scalar));
            }
            Content::Null | Content::Mapping(_) => {}
        }
    }

    /// A mapping, or a list of `KEY=VALUE`.
    fn pairs(&mut self, value: &Node) -> Vec<(Value, Option<Value>)> {
        match &value.content {
            Content::Mapping(mapping) => mapping
                .entries()
                .into_iter()
                .map(|entry| {
                    let value = entry.value.scalar().map(|scalar| self.part(scalar, 0..scalar.text.len()));
                    (entry.key.value(&self.layer.file), value)
                })
                .collect(),
            Content::Sequence(items) => {
                items.iter().filter_map(|item| item.scalar()).map(|scalar| self.pair(scalar)).collect()
            }
            Content::Null => Vec::new(),
            Content::Scalar(_) => {
                self.refuse("neither a mapping nor a list".into());
                Vec::new()
            }
        }
    }

    fn pair(&mut self, scalar: &Scalar) -> (Value, Option<Value>) {
        let len = scalar.text.len();
        match scalar.text.find('=') {
            Some(equals) => (self.part(scalar, 0..equals), Some(self.part(scalar, equals + 1..len))),
            None => (self.part(scalar, 0..len), None),
        }
    }
}

/// The parts of a text that are not blank, each with its start.
fn split(text: &str, separator: char) -> impl Iterator<Item = (usize, &str)> {
    let start = move |part: &str| part.as_ptr() as usize - text.as_ptr() as usize;
    text.split(separator).map(str::trim).filter(|part| !part.is_empty()).map(move |part| (start(part), part))
}
