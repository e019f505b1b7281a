//! From blocks to targets: expressions are worked out, a matrix becomes one target per combination, blocks of one name are
//! merged.

use std::{
    collections::{BTreeMap, HashMap},
    path::{Path, PathBuf},
    sync::Arc,
};

use crate::builds::{
    BuildArg, NamedContext,
    hcl::{
        self, Block, Kind,
        eval::{At, Evaluator},
        val::{Data, Field, Val},
    },
    value::{Certainty, Spot, Value},
};

use super::{Context, Error, Inline, layer::Layer, sources::Source};

/// More combinations of a matrix are not taken apart.
const MAX_COMBINATIONS: usize = 1_000;

/// How much the combinations of a matrix may hold together.
const MAX_WEIGHT: usize = 200_000;

/// The attributes of a target; others are not read (bake/bake.go, `Target`).
pub const TARGET: [&str; 30] = [
    "annotations",
    "args",
    "attest",
    "cache-from",
    "cache-to",
    "call",
    "context",
    "contexts",
    "description",
    "dockerfile",
    "dockerfile-inline",
    "entitlements",
    "extra-hosts",
    "inherits",
    "labels",
    "matrix",
    "name",
    "network",
    "no-cache",
    "no-cache-filter",
    "output",
    "platforms",
    "policy",
    "pull",
    "secret",
    "shm-size",
    "ssh",
    "tags",
    "target",
    "ulimits",
];

/// The blocks of a file; others are not read.
pub const BLOCKS: [&str; 4] = ["function", "group", "target", "variable"];

/// All that the files of a run define.
#[derive(Debug, Default)]
pub(super) struct Definitions {
    /// Each name once, in the order in which they first appear.
    pub targets: Vec<Definition>,
    pub groups: Vec<Group>,
    /// Why bake would refuse the files.
    pub errors: Vec<Error>,
    /// The places of attributes and blocks that nobody reads.
    pub ignored: Vec<Spot>,
    places: HashMap<String, usize>,
    group_places: HashMap<String, usize>,
}

#[derive(Debug)]
pub(super) struct Definition {
    pub name: String,
    /// Labels of blocks; the name of a Compose service.
    pub declared: Vec<Spot>,
    /// Whether a bake file has a block for it.
    pub has_block: bool,
    pub layer: Layer,
    /// The folder of the file that a missing context is relative to, if not to the working directory.
    pub base: Option<Arc<PathBuf>>,
}

#[derive(Debug)]
pub(super) struct Group {
    pub name: String,
    pub targets: Vec<String>,
}

/// How definitions are read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reading<'a> {
    /// `None` if it is not known which variables are set.
    pub env: Option<&'a BTreeMap<String, String>>,
    /// Whether paths are relative to their file (`BUILDX_BAKE_FILE_RELATIVE_PATHS`).
    pub by_file: bool,
}

impl Definitions {
    pub fn target(&self, name: &str) -> Option<&Definition> {
        self.places.get(name).map(|place| &self.targets[*place])
    }

    pub fn group(&self, name: &str) -> Option<&Group> {
        self.group_places.get(name).map(|place| &self.groups[*place])
    }

    /// Adds a target, or what a later block says of it.
    pub fn add(&mut self, later: Definition) {
        match self.places.get(&later.name) {
            Some(place) => {
                let definition = &mut self.targets[*place];
                definition.layer.merge_own(&later.layer);
                definition.declared.extend(later.declared);
                definition.has_block |= later.has_block;
            }
            None => {
                self.places.insert(later.name.clone(), self.targets.len());
                self.targets.push(later);
            }
        }
    }

    /// Adds a group; a later one of the name takes its place.
    pub fn add_group(&mut self, name: String, targets: Vec<String>) {
        match self.group_places.get(&name) {
            Some(place) => self.groups[*place].targets = targets,
            None => {
                self.group_places.insert(name.clone(), self.groups.len());
                self.groups.push(Group { name, targets });
            }
        }
    }

    /// Reads the HCL and JSON files among the sources.
    pub fn read(&mut self, sources: &[Source], reading: Reading) {
        let files: Vec<(&Arc<Path>, &hcl::File, usize)> = sources
            .iter()
            .filter_map(|source| match source {
                Source::Hcl { path, file, size } => Some((path, file, *size)),
                Source::Compose(_) => None,
            })
            .collect();
        let mut evaluator = Evaluator::new(reading.env, files.iter().map(|(_, _, size)| size).sum());
        for (path, file, _) in &files {
            evaluator.add(path, &file.body);
            self.errors.extend(file.broken.first().map(|at| Error::Syntax(Spot::new(path, at.clone()))));
        }
        evaluator.work_out_all();
        for (path, file, _) in &files {
            let mut reader = Reader { evaluator: &evaluator, file: path, reading, definitions: self };
            for block in &file.body.blocks {
                reader.block(block);
            }
        }
        self.errors.extend(evaluator.problems().into_iter().map(Error::Problem));
    }
}

struct Reader<'a, 'd> {
    evaluator: &'a Evaluator<'a>,
    file: &'a Arc<Path>,
    reading: Reading<'a>,
    definitions: &'d mut Definitions,
}

impl<'a> Reader<'a, '_> {
    fn spot(&self, range: &std::ops::Range<usize>) -> Spot {
        Spot::new(self.file, range.clone())
    }

    fn block(&mut self, block: &'a Block) {
        if !BLOCKS.contains(&block.kind.as_str()) {
            let spot = self.spot(&block.kind_range);
            self.definitions.ignored.push(spot);
        }
        if !matches!(block.kind.as_str(), "target" | "group") {
            return;
        }
        let Some(label) = block.labels.first() else {
            let spot = self.spot(&block.kind_range);
            self.definitions.errors.push(Error::Syntax(spot));
            return;
        };
        let spot = self.spot(&label.range);
        if label.is_template {
            self.definitions.errors.push(Error::TemplateInLabel(spot));
        } else if !is_name(&label.text) {
            self.definitions.errors.push(Error::InvalidName(label.text.clone(), spot));
        }
        if block.kind == "group" { self.group(block, &label.text) } else { self.target(block, &label.text) }
    }

    fn group(&mut self, block: &'a Block, name: &str) {
        let targets = block.body.attribute("targets").map(|targets| {
            let val = self.evaluator.eval(&targets.value, At { file: self.file, locals: &[] });
            val.as_list().unwrap_or_default().iter().filter_map(Val::as_text).collect()
        });
        self.definitions.add_group(name.to_owned(), targets.unwrap_or_default());
    }

    fn target(&mut self, block: &'a Block, label: &str) {
        for attribute in &block.body.attributes {
            if !TARGET.contains(&attribute.name.as_str()) {
                let spot = self.spot(&attribute.name_range);
                self.definitions.ignored.push(spot);
            }
        }
        let name = block.body.attribute("name");
        let Some(matrix) = block.body.attribute("matrix") else {
            if let Some(name) = name {
                let spot = self.spot(&name.name_range);
                self.definitions.errors.push(Error::NameWithoutMatrix(spot));
            }
            self.child(block, label.to_owned(), &[]);
            return;
        };
        let spot = self.spot(&matrix.name_range);
        let val = self.evaluator.eval(&matrix.value, At { file: self.file, locals: &[] });
        let combinations = combinations(&val);
        let is_odd = |val: &Val| !val.is_unknown() && val.as_list().is_none();
        let is_invalid = match &val.data {
            Data::Object(fields) => fields.iter().any(|field| is_odd(&field.value)),
            other => *other != Data::Unknown,
        };
        if is_invalid {
            self.definitions.errors.push(Error::InvalidMatrix(spot.clone()));
        } else if name.is_none() {
            self.definitions.errors.push(Error::MatrixWithoutName(spot.clone()));
        }
        let name_of = |locals: &[(String, Val)]| {
            self.evaluator.eval(&name?.value, At { file: self.file, locals }).as_text()
        };
        let children: Option<Vec<_>> = combinations.and_then(|combinations| {
            let children = combinations.into_iter().map(|locals| Some((name_of(&locals)?, locals)));
            children.collect()
        });
        let Some(children) = children else {
            // Its children are not known, but what they have in common is.
            let fields = val.as_object().unwrap_or_default();
            let unknown = |field: &Field| (field.name.clone(), Val::unknown("a matrix that nobody can know"));
            self.child(block, label.to_owned(), &fields.iter().map(unknown).collect::<Vec<_>>());
            return;
        };
        let mut names: Vec<String> = Vec::new();
        for (name, locals) in children {
            if self.evaluator.spend(10).is_none() {
                break;
            }
            if !is_name(&name) {
                self.definitions.errors.push(Error::InvalidName(name.clone(), spot.clone()));
            }
            self.child(block, name.clone(), &locals);
            names.push(name);
        }
        let mut seen = std::collections::HashSet::new();
        names.retain(|name| seen.insert(name.clone()));
        if names.len() != 1 || names[0] != label {
            self.definitions.add_group(label.to_owned(), names);
        }
    }

    fn child(&mut self, block: &'a Block, name: String, locals: &[(String, Val)]) {
        let declared = block.labels.first().map(|label| self.spot(&label.range));
        let base = self.base();
        let layer = self.layer(block, locals);
        let declared = declared.into_iter().collect();
        self.definitions.add(Definition { name, declared, has_block: true, layer, base });
    }

    fn base(&self) -> Option<Arc<PathBuf>> {
        let folder = self.file.parent().filter(|_| self.reading.by_file)?;
        Some(Arc::new(folder.to_owned()))
    }

    fn layer(&mut self, block: &'a Block, locals: &[(String, Val)]) -> Layer {
        let at = At { file: self.file, locals };
        let mut layer = Layer::default();
        for attribute in &block.body.attributes {
            let name = attribute.name.as_str();
            if !TARGET.contains(&name) || matches!(name, "matrix" | "name") {
                continue;
            }
            let val = self.evaluator.eval(&attribute.value, at);
            let spot = self.spot(&attribute.value.range);
            match name {
                "context" => {
                    layer.context = self.value(&val, spot);
                    layer.context_base = self.base();
                }
                "dockerfile" => layer.dockerfile = self.value(&val, spot),
                "dockerfile-inline" => {
                    layer.inline = self.value(&val, spot).map(|value| {
                        let scalar = match &attribute.value.kind {
                            Kind::Text { scalar, .. } => Some(scalar.clone()),
                            _ => None,
                        };
                        Inline { value, scalar }
                    });
                }
                "target" => layer.target = self.value(&val, spot),
                "no-cache-filter" => {
                    let items = val.as_list().unwrap_or_default();
                    layer.no_cache_filter =
                        items.iter().filter_map(|item| self.value(item, spot.clone())).collect();
                }
                "inherits" => {
                    layer.inherits = match val.as_list() {
                        Some(items) => items.iter().map(Val::as_text).collect(),
                        None if val.is_unknown() => vec![None],
                        None => Vec::new(),
                    };
                }
                "contexts" => {
                    layer.contexts = val
                        .as_object()
                        .unwrap_or_default()
                        .iter()
                        .filter_map(|field| {
                            let key = key(field);
                            let value = self.value(&field.value, key.spot.clone())?;
                            Some(Context { named: NamedContext { key, value }, base: self.base() })
                        })
                        .collect();
                }
                "args" => {
                    layer.args = val
                        .as_object()
                        .unwrap_or_default()
                        .iter()
                        .filter_map(|field| {
                            let name = key(field);
                            let value = self.value(&field.value, name.spot.clone())?;
                            Some(BuildArg { name, value: Some(value) })
                        })
                        .collect();
                }
                _ => {}
            }
        }
        layer
    }

    /// A single value; `None` for `null`, which is as if it were not there.
    fn value(&self, val: &Val, spot: Spot) -> Option<Value> {
        let is_unset = val.data == Data::Null && self.reading.env.is_some();
        if is_unset { None } else { val.value(spot) }
    }
}

fn key(field: &Field) -> Value {
    let literal = &field.key;
    let certain = Value::computed(&field.name, literal.spot.clone(), Certainty::Certain, "");
    match literal.quoting {
        Some(quoting) => Value { quoting: Some(quoting), ..certain },
        None => Value { certainty: Certainty::Likely, why: "an expression", ..certain },
    }
}

/// What the names of a matrix mean in each of its children; `None` if it is no object of lists that are known, or too large.
fn combinations(matrix: &Val) -> Option<Vec<Vec<(String, Val)>>> {
    let mut all: Vec<Vec<(String, Val)>> = vec![Vec::new()];
    let weight = matrix.weight();
    for field in matrix.as_object()? {
        let items = field.value.as_list()?;
        let len = all.len().saturating_mul(items.len());
        if len > MAX_COMBINATIONS || len.saturating_mul(weight) > MAX_WEIGHT {
            return None;
        }
        let with = |item: &Val| {
            let item = item.clone().at_most_likely("an element of the matrix");
            all.iter()
                .map(|locals| {
                    let mut locals = locals.clone();
                    locals.push((field.name.clone(), item.clone()));
                    locals
                })
                .collect::<Vec<_>>()
        };
        all = items.iter().flat_map(with).collect();
    }
    Some(all)
}

/// Whether bake takes a name for a target or a group (bake/bake.go, `validateTargetName`).
fn is_name(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'))
}
