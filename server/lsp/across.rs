//! Answers that concern several files.

use std::{
    collections::BTreeMap,
    ops::Range,
    path::{Path, PathBuf},
    sync::Arc,
};

use tower_lsp::ls_types::{self as lsp, Uri};

use super::{
    capabilities::ClientFeatures,
    convert::{Sheet, View},
    index::Index,
    sources::Source,
    store::file,
};
use crate::{
    document::Document,
    features::{
        self,
        outside::{
            self,
            embedded::{self, Embedded},
            rename::{Left, OutsideEdit, Renamed},
        },
        rename::RenameError,
    },
    stages::{Mention, Resolution},
    text::Edit,
    workspace::{
        Workspace,
        disk::{self, MAX_DOCKERFILE},
        mentions::{self, Home},
    },
};

/// A stage that is named somewhere, with the Dockerfile that has it.
#[derive(Debug)]
pub struct Named {
    pub dockerfile: PathBuf,
    pub uri: Uri,
    pub document: Arc<Document>,
    /// Its index.
    pub stage: usize,
}

/// The stage that a file names at `offset` (bytes), if it is one of a Dockerfile on the disk.
pub fn named(index: &Index, source: &Source, offset: usize) -> Option<(mentions::Mention, Named)> {
    let mentions = index.with(|workspace| workspace.mentions_in(&source.path));
    let mut here = mentions.into_iter().filter(|mention| mention.spot.touches(offset));
    let mention = here.find(|mention| mention.stage.is_some())?;
    let Home::File(path) = &mention.dockerfile else { return None };
    let (uri, document) = index.dockerfile(path)?;
    let named = Named { dockerfile: path.clone(), uri, document, stage: mention.stage? };
    Some((mention, named))
}

/// The place at which features of a Dockerfile know a stage.
fn place_of(document: &Document, stage: usize) -> Option<usize> {
    (stage < document.stages().all().len()).then(|| document.stages().selection(stage).start)
}

/// `textDocument/definition` in a file that says what is built.
pub fn definition(
    index: &Index,
    uri: &Uri,
    source: &Source,
    client: &ClientFeatures,
    position: lsp::Position,
) -> Option<lsp::GotoDefinitionResponse> {
    let sheet = source.sheet(uri, client);
    let offset = sheet.offset(position);
    let found = index.with(|workspace| outside::definition::definition(workspace, &source.path, offset));
    let Some(found) = found else { return embedded_definition(index, &sheet, source, offset) };
    let links = found.targets.iter().filter_map(|target| {
        let selection = index.location(&target.file, &target.selection, client)?;
        let full = index.location(&target.file, &target.full, client)?;
        Some((selection, full))
    });
    if !client.definition_links {
        return Some(links.map(|(selection, _)| selection).collect::<Vec<_>>().into());
    }
    let origin = sheet.range(&found.origin);
    let link = |(selection, full): (lsp::Location, lsp::Location)| lsp::LocationLink {
        origin_selection_range: Some(origin),
        target_uri: selection.uri,
        target_range: full.range,
        target_selection_range: selection.range,
    };
    Some(links.map(link).collect::<Vec<_>>().into())
}

fn embedded_definition(
    index: &Index,
    sheet: &Sheet<'_>,
    source: &Source,
    offset: usize,
) -> Option<lsp::GotoDefinitionResponse> {
    index.with(|workspace| {
        let (embedded, inner) = embedded::at(workspace, &source.path, offset)?;
        let found = features::definition::definition(&embedded.doc, inner)?;
        let places = found.targets.iter().filter_map(|target| embedded.place(&target.selection));
        let locations: Vec<_> = places.map(|place| sheet.location(&place)).collect();
        (!locations.is_empty()).then(|| locations.into())
    })
}

/// `textDocument/references` in such a file.
pub fn references(
    index: &Index,
    uri: &Uri,
    source: &Source,
    client: &ClientFeatures,
    params: &lsp::ReferenceParams,
) -> Option<Vec<lsp::Location>> {
    let sheet = source.sheet(uri, client);
    let offset = sheet.offset(params.text_document_position.position);
    let Some((_, named)) = named(index, source, offset) else {
        return embedded_references(index, source, client, offset, params.context.include_declaration);
    };
    let view = View { uri: &named.uri, document: &named.document, client };
    let at = place_of(&named.document, named.stage)?;
    let mut all: Vec<_> = features::references::references(&named.document, at)
        .into_iter()
        .filter(|(_, kind)| {
            params.context.include_declaration || *kind != features::references::Use::Declaration
        })
        .map(|(range, _)| view.location(&range))
        .collect();
    all.extend(outside_references(index, &named.dockerfile, named.stage, client));
    Some(all)
}

fn embedded_references(
    index: &Index,
    source: &Source,
    client: &ClientFeatures,
    offset: usize,
    include_declaration: bool,
) -> Option<Vec<lsp::Location>> {
    let places: Vec<(Arc<Path>, Range<usize>)> = index.with(|workspace| {
        let inner = inner(workspace, source, offset)?;
        let found = features::references::references(&inner.embedded.doc, inner.at).into_iter();
        let wanted =
            found.filter(|(_, kind)| include_declaration || *kind != features::references::Use::Declaration);
        let inside = wanted.filter_map(|(range, _)| inner.embedded.place(&range));
        let inside = inside.map(|range| (inner.file.clone(), range));
        let outside = inner.mentions(workspace).into_iter();
        Some(inside.chain(outside.map(|mention| (mention.spot.file, mention.spot.range))).collect())
    })?;
    Some(places.iter().filter_map(|(file, range)| index.location(file, range, client)).collect())
}

/// A place of a Dockerfile that stands in another file.
struct Inner<'a> {
    file: Arc<Path>,
    embedded: Embedded<'a>,
    /// In bytes of its text.
    at: usize,
}

/// What a file has at `offset` (bytes): a target of such a Dockerfile, or a place in one.
fn inner<'a>(workspace: &'a Workspace, source: &Source, offset: usize) -> Option<Inner<'a>> {
    for mention in workspace.mentions_in(&source.path) {
        if !mention.spot.touches(offset) {
            continue;
        }
        if let (Home::Inline(file, start), Some(stage)) = (mention.dockerfile, mention.stage) {
            let embedded = embedded::starting_at(workspace, &file, start)?;
            let at = place_of(&embedded.doc, stage)?;
            return Some(Inner { file, embedded, at });
        }
    }
    let (embedded, at) = embedded::at(workspace, &source.path, offset)?;
    Some(Inner { file: source.path.clone(), embedded, at })
}

impl Inner<'_> {
    /// The mentions of the stage at this place.
    fn mentions(&self, workspace: &Workspace) -> Vec<mentions::Mention> {
        let doc = &self.embedded.doc;
        let is_variable = doc.variables().at(self.at).is_some();
        let meant = doc.stages().at(self.at).and_then(|mention| doc.stages().meant(mention));
        let Some(stage) = meant.filter(|_| !is_variable) else { return Vec::new() };
        let home = Home::Inline(self.file.clone(), self.embedded.scalar.range.start);
        let mut all = workspace.mentions();
        all.retain(|mention| mention.dockerfile == home && mention.stage == Some(stage));
        all
    }
}

/// The places outside of a Dockerfile that name its stage.
pub fn outside_references(
    index: &Index,
    dockerfile: &Path,
    stage: usize,
    client: &ClientFeatures,
) -> Vec<lsp::Location> {
    let mentions = index.with(|workspace| workspace.mentions_of(dockerfile, stage));
    mentions
        .iter()
        .filter_map(|mention| index.location(&mention.spot.file, &mention.spot.range, client))
        .collect()
}

/// The places outside that name the stage under `offset` (bytes) of a Dockerfile.
pub fn outside_references_at(index: &Index, view: &View<'_>, offset: usize) -> Vec<lsp::Location> {
    let stages = view.document.stages();
    let is_variable = view.document.variables().at(offset).is_some();
    let stage = stages.at(offset).and_then(|mention| stages.meant(mention)).filter(|_| !is_variable);
    let Some((stage, path)) = stage.zip(file(view.uri)) else { return Vec::new() };
    outside_references(index, &path, stage, view.client)
}

/// Where the files of the workspace give a context the name that stands at `offset` (bytes) of a Dockerfile.
pub fn contexts(index: &Index, view: &View<'_>, offset: usize) -> Vec<lsp::Location> {
    let stages = view.document.stages();
    let Some(Mention::Reference(reference)) = stages.at(offset) else { return Vec::new() };
    let reference = &stages.references()[reference];
    let Resolution::NamedContext(name) = &reference.resolution else { return Vec::new() };
    let Some(path) = file(view.uri) else { return Vec::new() };
    let spots = index.with(|workspace| workspace.contexts_of(&path, name));
    spots.iter().filter_map(|spot| index.location(&spot.file, &spot.range, view.client)).collect()
}

/// `textDocument/hover` in such a file.
pub fn hover(index: &Index, source: &Source, offset: usize) -> Option<features::hover::Hover> {
    index.with(|workspace| {
        outside::hover::hover(workspace, &source.path, offset).or_else(|| {
            let (embedded, inner) = embedded::at(workspace, &source.path, offset)?;
            let hover = features::hover::hover(&embedded.doc, inner)?;
            Some(features::hover::Hover { range: embedded.place(&hover.range)?, ..hover })
        })
    })
}

/// `textDocument/completion` in such a file.
pub fn completion(index: &Index, source: &Source, offset: usize) -> Vec<features::completion::Completion> {
    index.with(|workspace| {
        let found = outside::completion::completion(workspace, &source.path, &source.text, offset);
        if !found.is_empty() {
            return found;
        }
        let Some((embedded, inner)) = embedded::at(workspace, &source.path, offset) else { return found };
        let items =
            features::completion::completion(&embedded.doc, inner, &features::completion::Alone).into_iter();
        let moved = items.filter_map(|item| {
            // Lines below the first would lack the indentation of the file around.
            if item.text.contains('\n') || item.snippet.as_ref().is_some_and(|text| text.contains('\n')) {
                return None;
            }
            let (replace, insert) = (embedded.place(&item.replace)?, embedded.place(&item.insert)?);
            Some(features::completion::Completion { replace, insert, ..item })
        });
        moved.collect()
    })
}

/// Edits of several files, and what could not be edited.
#[derive(Debug, Default)]
pub struct Changes {
    /// By file: the edits with why somebody should look at each; empty for certain ones.
    files: BTreeMap<PathBuf, Vec<(Edit, &'static str)>>,
    left: Vec<Left>,
}

impl Changes {
    /// Adds edits of the Dockerfile itself.
    pub fn add(&mut self, file: &Path, edits: impl IntoIterator<Item = Edit>) {
        self.files.entry(file.to_owned()).or_default().extend(edits.into_iter().map(|edit| (edit, "")));
    }

    pub fn extend(&mut self, renamed: Renamed) {
        for OutsideEdit { file, edit, why } in renamed.edits {
            let edits = self.files.entry(file).or_default();
            if !edits.iter().any(|(other, _)| other.range == edit.range) {
                edits.push((edit, why));
            }
        }
        self.left.extend(renamed.left);
    }

    /// One edit of the workspace. What is not certain waits for a confirmation, where the client has people give one.
    pub fn edit(&self, index: &Index, client: &ClientFeatures) -> lsp::WorkspaceEdit {
        let mut annotations = std::collections::HashMap::new();
        let mut plain = std::collections::HashMap::new();
        let mut documents = Vec::new();
        for (path, edits) in &self.files {
            let (Some((uri, version)), Some(text)) = (index.uri(path), index.text(path)) else { continue };
            let sheet = Sheet { uri: &uri, text: &text, version, client };
            let mut sorted: Vec<_> = edits.iter().collect();
            sorted.sort_by_key(|(edit, _)| edit.range.start);
            let change =
                |edit: &Edit| lsp::TextEdit { range: sheet.range(&edit.range), new_text: edit.text.clone() };
            if !client.document_changes {
                plain.insert(uri.clone(), sorted.iter().map(|(edit, _)| change(edit)).collect());
                continue;
            }
            let edits = sorted.into_iter().map(|(edit, why)| {
                let text_edit = change(edit);
                if why.is_empty() || !client.confirmed_edits {
                    return lsp::OneOf::Left(text_edit);
                }
                let annotation = lsp::ChangeAnnotation {
                    label: "Likely".into(),
                    needs_confirmation: Some(true),
                    description: Some((*why).to_owned()),
                };
                let id = format!("likely: {why}");
                annotations.insert(id.clone(), annotation);
                lsp::OneOf::Right(lsp::AnnotatedTextEdit { text_edit, annotation_id: id })
            });
            let text_document = lsp::OptionalVersionedTextDocumentIdentifier { uri: uri.clone(), version };
            documents.push(lsp::TextDocumentEdit { text_document, edits: edits.collect() });
        }
        if !client.document_changes {
            return lsp::WorkspaceEdit::new(plain);
        }
        lsp::WorkspaceEdit {
            document_changes: Some(lsp::DocumentChanges::Edits(documents)),
            change_annotations: (!annotations.is_empty()).then_some(annotations),
            changes: None,
        }
    }

    /// What to tell the person: the places that stay as they are, and those that were changed without being certain.
    pub fn remark(&self, index: &Index, client: &ClientFeatures, what: &str) -> Option<String> {
        let place = |file: &Path, offset: usize| {
            let line = index.text(file).map_or(0, |text| text.line_of(offset.min(text.len())) + 1);
            format!("{}:{line}", index.with(|workspace| workspace.title(file)))
        };
        let mut lines = Vec::new();
        if !self.left.is_empty() {
            lines.push(format!("These places name {what} in a way that no edit can change:"));
            lines.extend(
                self.left.iter().map(|left| format!("{} ({})", place(&left.file, left.offset), left.why)),
            );
        }
        let unsure: Vec<_> = self
            .files
            .iter()
            .flat_map(|(file, edits)| edits.iter().map(move |(edit, why)| (file, edit, why)))
            .filter(|(_, _, why)| !why.is_empty() && !client.confirmed_edits)
            .collect();
        if !unsure.is_empty() {
            lines.push(format!("These places were changed and likely name {what}:"));
            lines.extend(
                unsure.iter().map(|(file, edit, why)| format!("{} ({why})", place(file, edit.range.start))),
            );
        }
        (!lines.is_empty()).then(|| lines.join("\n"))
    }
}

/// What a new name of a stage of an open Dockerfile changes, here and elsewhere.
pub fn rename_stage(
    index: &Index,
    uri: &Uri,
    document: &Document,
    offset: usize,
    name: &str,
) -> Result<Changes, RenameError> {
    let edits = features::rename::rename(document, offset, name)?;
    let mut changes = Changes::default();
    let Some(path) = file(uri) else {
        return Ok(changes);
    };
    changes.add(&path, edits);
    let stages = document.stages();
    let is_variable = document.variables().at(offset).is_some();
    if let Some(stage) = stages.at(offset).and_then(|mention| stages.meant(mention)).filter(|_| !is_variable)
    {
        index.reread_mentions(&path, stage);
        changes.extend(index.with(|workspace| outside::rename::rename(workspace, &path, stage, name)));
    }
    Ok(changes)
}

/// What a new name of the stage changes that a file names at `offset` (bytes).
pub fn rename_from_source(
    index: &Index,
    source: &Source,
    offset: usize,
    name: &str,
) -> Result<Changes, RenameError> {
    let found = named(index, source, offset).and_then(|(_, before)| {
        // The Dockerfile, too, may have changed without a word.
        index.reread([before.dockerfile]);
        named(index, source, offset)
    });
    if let Some((_, named)) = found {
        let at = place_of(&named.document, named.stage).ok_or(RenameError::Nothing)?;
        return rename_stage(index, &named.uri, &named.document, at, name);
    }
    index.with(|workspace| {
        let inner = inner(workspace, source, offset).ok_or(RenameError::Nothing)?;
        let edits = features::rename::rename(&inner.embedded.doc, inner.at, name)?;
        let mut changes = Changes::default();
        for edit in edits {
            let range = inner.embedded.scalar.place(edit.range).ok_or(RenameError::Nothing)?;
            changes.add(&inner.file, [Edit { range, text: edit.text }]);
        }
        changes.extend(outside::rename::renamed(inner.mentions(workspace), name));
        Ok(changes)
    })
}

/// The part of a file that a rename at `offset` (bytes) is about, and the name.
pub fn prepare_rename(
    index: &Index,
    source: &Source,
    offset: usize,
) -> Result<features::rename::Renamable, RenameError> {
    let mentions = index.with(|workspace| workspace.mentions_in(&source.path));
    if let Some(mention) =
        mentions.iter().find(|mention| mention.spot.touches(offset) && mention.stage.is_some())
    {
        let name = mention.name.clone().unwrap_or_default();
        return match mention.quoting {
            Some(_) => Ok(features::rename::Renamable { range: mention.spot.range.clone(), name }),
            None => Err(RenameError::Variable),
        };
    }
    index.with(|workspace| {
        let (embedded, inner) = embedded::at(workspace, &source.path, offset).ok_or(RenameError::Nothing)?;
        let renamable = features::rename::prepare(&embedded.doc, inner)?;
        let range = embedded.scalar.place(renamable.range).ok_or(RenameError::Nothing)?;
        Ok(features::rename::Renamable { range, ..renamable })
    })
}

/// `workspace/willRenameFiles`.
pub fn moved(index: &Index, files: &[lsp::FileRename]) -> Changes {
    let mut changes = Changes::default();
    let path = |uri: &str| uri.parse::<Uri>().ok().and_then(|uri| file(&uri));
    for moved in files {
        if let (Some(old), Some(new)) = (path(&moved.old_uri), path(&moved.new_uri)) {
            changes.extend(index.with(|workspace| outside::moved::moved(workspace, &old, &new)));
        }
    }
    changes
}

impl Changes {
    pub fn is_empty(&self) -> bool {
        self.files.values().all(Vec::is_empty)
    }
}

impl Index {
    /// What a URI means as a Dockerfile: as it is open, else from the disk.
    pub fn document(&self, uri: &Uri) -> Option<Arc<Document>> {
        self.open_dockerfile(uri).or_else(|| Some(self.dockerfile(&file(uri)?)?.1))
    }

    /// A Dockerfile as it is open, else from the disk.
    pub fn dockerfile(&self, path: &Path) -> Option<(Uri, Arc<Document>)> {
        let (uri, _) = self.uri(path)?;
        if let Some(document) = self.open_dockerfile(&uri) {
            return Some((uri, document));
        }
        let text = disk::read(path, MAX_DOCKERFILE).ok()?;
        let outside = Arc::new(self.with(|workspace| workspace.outside(path)));
        Some((uri, Arc::new(Document::open(&text, 0).with_outside(outside))))
    }
}
