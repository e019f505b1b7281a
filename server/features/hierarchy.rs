//! Who needs a stage, and what it needs: a call hierarchy in which stages are what is called.

use std::{collections::BTreeMap, ops::Range};

use crate::{
    document::Document,
    stages::{EdgeKind, Reference, Resolution},
};

/// Something in the hierarchy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Node {
    /// A stage of the file, by its index.
    Stage(usize),
    /// An image or a build context with a name, where this reference (by its index) names it. Nothing is known of what it
    /// needs.
    Source(usize),
}

/// Something that a stage needs or is needed by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    pub node: Node,
    /// The places that say so, in bytes: in the stage that needs, ascending.
    pub ranges: Vec<Range<usize>>,
}

/// How a node is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    pub name: String,
    pub detail: Option<String>,
    /// All of it, in bytes.
    pub range: Range<usize>,
    /// What to select, inside `range`, in bytes.
    pub selection: Range<usize>,
}

/// The stage whose name or reference stands at `offset` (bytes), or on whose FROM it is.
pub fn stage_at(doc: &Document, offset: usize) -> Option<usize> {
    let stages = doc.stages();
    if doc.variables().at(offset).is_some() {
        return None;
    }
    if let Some(stage) = stages.at(offset).and_then(|mention| stages.meant(mention)) {
        return Some(stage);
    }
    let instruction = doc.instruction_on_line_of(offset)?;
    let stage = stages.of_instruction(instruction)?;
    (stage.instructions.start == instruction).then_some(stage.index)
}

/// The stage that an earlier version of the file knew by its name, its index, and how many stages there were: by its name,
/// for stages come and go above it. One that has none, or has it no more, is the one at that index if no others came or went.
pub fn found_again(doc: &Document, name: Option<&str>, index: usize, count: usize) -> Option<usize> {
    let all = doc.stages().all();
    let named = name.map(|name| doc.stages().names().with_name(name)).unwrap_or_default();
    if named.contains(&index) {
        return Some(index);
    }
    if let [.., last] = named {
        return Some(*last);
    }
    (all.len() == count && index < count).then_some(index)
}

/// How a node is shown.
pub fn shown(doc: &Document, node: Node) -> Shown {
    let stages = doc.stages();
    match node {
        Node::Stage(stage) => Shown {
            name: stages.all()[stage].title(),
            detail: doc.base_text(stage).map(str::to_owned),
            range: stages.all()[stage].range.clone(),
            selection: stages.selection(stage),
        },
        Node::Source(reference) => {
            let reference = &stages.references()[reference];
            let detail = match reference.resolution {
                Resolution::NamedContext(_) => "build context",
                _ => "image",
            };
            let range = reference.range.clone();
            Shown {
                name: reference.text.clone(),
                detail: Some(detail.into()),
                range: range.clone(),
                selection: range,
            }
        }
    }
}

/// Who needs a stage, in file order.
pub fn incoming(doc: &Document, stage: usize) -> Vec<Call> {
    let stages = doc.stages();
    let mut found = Calls::default();
    for edge in stages.edges().iter().filter(|edge| edge.from == stage) {
        found.extend(Node::Stage(edge.to), places(doc, edge));
    }
    // A stage with a trigger needs nothing itself, but that is where it is written.
    for reference in stages.references_to(stage).filter(|reference| reference.onbuild) {
        found.extend(Node::Stage(reference.stage), [reference.range.clone()]);
    }
    found.finish()
}

/// What a stage needs: stages in file order, then images and contexts.
pub fn outgoing(doc: &Document, stage: usize) -> Vec<Call> {
    let stages = doc.stages();
    let mut found = Calls::default();
    for edge in stages.edges().iter().filter(|edge| edge.to == stage) {
        found.extend(Node::Stage(edge.from), places(doc, edge));
    }
    // By their text: one image is one source, wherever it is named.
    let mut sources: BTreeMap<&str, usize> = BTreeMap::new();
    let start = stages.references().partition_point(|reference| reference.stage < stage);
    let own = stages.references().iter().enumerate().skip(start);
    for (index, reference) in own.take_while(|(_, reference)| reference.stage == stage) {
        match (&reference.resolution, reference.onbuild) {
            (Resolution::Stage(needed), true) => {
                found.extend(Node::Stage(*needed), [reference.range.clone()]);
            }
            (Resolution::Image(_) | Resolution::NumberedImage(_) | Resolution::NamedContext(_), _) => {
                let source = *sources.entry(&reference.text).or_insert(index);
                found.extend(Node::Source(source), [reference.range.clone()]);
            }
            (
                Resolution::Stage(_)
                | Resolution::Scratch
                | Resolution::BuildContext
                | Resolution::NoSuchNumber(_)
                | Resolution::Variable
                | Resolution::Invalid(_)
                | Resolution::Unknown,
                _,
            ) => {}
        }
    }
    found.finish()
}

/// Where it is written, in the stage that needs, that one needs another.
fn places(doc: &Document, edge: &crate::stages::Edge) -> Vec<Range<usize>> {
    let stages = doc.stages();
    // Its trigger stands elsewhere; its own FROM sets it off.
    if edge.kind == EdgeKind::Onbuild {
        return stages.base(edge.to).map(|base| base.range.clone()).into_iter().collect();
    }
    let means = |reference: &&Reference| reference.target() == Some(edge.from);
    let named = stages.references_in(edge.instruction).iter().filter(means);
    let named: Vec<_> = named.map(|reference| reference.range.clone()).collect();
    if !named.is_empty() {
        return named;
    }
    // A mount that names no source.
    let placed = &doc.syntax().instructions()[edge.instruction];
    vec![placed.at(placed.instruction.word.range())]
}

/// Calls by who is called.
#[derive(Default)]
struct Calls(BTreeMap<Node, Vec<Range<usize>>>);

impl Calls {
    fn extend(&mut self, node: Node, ranges: impl IntoIterator<Item = Range<usize>>) {
        self.0.entry(node).or_default().extend(ranges);
    }

    fn finish(self) -> Vec<Call> {
        let call = |(node, mut ranges): (Node, Vec<Range<usize>>)| {
            ranges.sort_by_key(|range| (range.start, range.end));
            ranges.dedup();
            Call { node, ranges }
        };
        self.0.into_iter().map(call).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::Fixture;

    /// `name: text@line …` for each call.
    fn described(doc: &Document, calls: Vec<Call>) -> Vec<String> {
        let describe = |call: Call| {
            let place = |range: &Range<usize>| {
                let line = doc.text().line_of(range.start) + 1;
                format!("{}@{line}", doc.text().slice(range.clone()))
            };
            let places: Vec<String> = call.ranges.iter().map(place).collect();
            format!("{}: {}", shown(doc, call.node).name, places.join(" "))
        };
        calls.into_iter().map(describe).collect()
    }

    fn calls(text: &str) -> (Vec<String>, Vec<String>) {
        let fixture = Fixture::new(text);
        let doc = &fixture.doc;
        let stage = stage_at(doc, fixture.cursor).expect("a stage");
        (described(doc, incoming(doc, stage)), described(doc, outgoing(doc, stage)))
    }

    #[test]
    fn a_stage_is_called_by_those_that_need_it_and_calls_what_it_needs() {
        let (incoming, outgoing) = calls(
            "
            FROM golang:1 AS base
            FROM base AS buil$0der
            COPY --from=nginx /a /a
            RUN --mount=from=nginx,target=/n --mount=from=base,target=/b true
            FROM scratch
            COPY --from=builder /a /a
            COPY --from=1 /b /b
            FROM builder AS test
            ",
        );
        assert_eq!(incoming, ["stage 2: builder@6 1@7", "test: builder@8"]);
        assert_eq!(outgoing, ["base: base@2 base@4", "nginx: nginx@3 nginx@4"]);
    }

    #[test]
    fn triggers_count_where_they_are_written_and_where_they_act() {
        let text = "FROM a AS tool\nFROM b AS base\nONBUILD COPY --from=tool /x /x\nFROM base AS run\n";
        let at = |name: &str| text.replacen(&format!("AS {name}"), &format!("AS $0{name}"), 1);
        assert_eq!(calls(&at("tool")).0, ["base: tool@3", "run: base@4"]);
        assert_eq!(calls(&at("base")).1, ["tool: tool@3", "b: b@2"]);
        assert_eq!(calls(&at("run")).1, ["tool: base@4", "base: base@4"]);
    }

    #[test]
    fn a_reference_and_a_from_lead_to_their_stage() {
        let stage = |text: &str| {
            let fixture = Fixture::new(text);
            stage_at(&fixture.doc, fixture.cursor)
        };
        assert_eq!(stage("FROM a\nFROM b\nCOPY --from=$00 /a /a\n"), Some(0));
        assert_eq!(stage("FROM a AS x\nFR$0OM x\n"), Some(1));
        assert_eq!(stage("FROM a AS x\nFROM x$0\n"), Some(0));
        assert_eq!(stage("FROM a AS x\nFROM im$0age\n"), Some(1));
        assert_eq!(stage("FROM a\nRUN $0x\n"), None);
        assert_eq!(stage("ARG V=x\nFROM a AS x\nFROM $$0V\n"), None);
        assert_eq!(stage("$0"), None);
    }

    #[test]
    fn a_stage_that_was_known_before_is_found_by_its_name() {
        let doc = Document::open("FROM a\nFROM a AS b\nFROM a AS B\n", 0);
        assert_eq!(found_again(&doc, Some("b"), 0, 2), Some(2));
        assert_eq!(found_again(&doc, Some("b"), 1, 3), Some(1));
        assert_eq!(found_again(&doc, Some("renamed"), 1, 3), Some(1));
        assert_eq!(found_again(&doc, Some("gone"), 1, 4), None);
        assert_eq!(found_again(&doc, None, 0, 3), Some(0));
        assert_eq!(found_again(&doc, None, 7, 3), None);
        assert_eq!(found_again(&Document::open("", 0), None, 0, 0), None);
    }

    #[test]
    fn half_a_file_has_half_a_hierarchy() {
        let (incoming, outgoing) =
            calls("FROM $0\nCOPY --from= a b\nRUN --mount=from= x\nCOPY --from=0 a b\n");
        assert_eq!((incoming.len(), outgoing.len()), (1, 1), "it copies from itself");
    }
}
