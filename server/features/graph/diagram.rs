//! What a picture of the stages shows: boxes, and lines between them.

use std::{collections::HashMap, ops::Range};

use super::{Edge, EdgeKind, Graph, Place};

/// Most lines whose paths are written beside them.
pub const LABELLED_LINES: usize = 25;
/// Most places where stages say what they need. With more nothing is drawn.
pub const PLACES: usize = 100_000;
/// Most stages that are drawn where nobody says whether those that the target does not need are wanted.
pub const DRAWN_STAGES: usize = 25;
/// Most stages among which other stages that a base may mean are shown.
const STAGES_WITH_ALTERNATIVES: usize = 20;

/// Boxes and lines. Every line leads from a box to a later one.
#[derive(Debug, Default)]
pub struct Diagram {
    /// In file order; what is no stage stands before the first that needs it.
    pub boxes: Vec<Node>,
    pub lines: Vec<Line>,
    /// The first line that leads from each box.
    pub first: Vec<Option<usize>>,
    /// Whether a build of the target builds each box, or what needs it.
    pub is_built: Vec<bool>,
}

/// A box.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Node {
    /// A stage, by its index.
    Stage(usize),
    /// An image that is copied from or mounted.
    Image(String),
    /// A build context with a name.
    Context(String),
    /// A stage that stands below, by its index, or is the very stage that needs it.
    Later(usize),
    /// Something that isn't there.
    Missing(String),
}

/// One or more places where a stage needs the same in the same way.
#[derive(Debug)]
pub struct Line {
    /// The box that is needed.
    pub from: usize,
    /// The box that needs it.
    pub to: usize,
    pub kind: LineKind,
    /// What is copied or mounted, each once.
    pub paths: Vec<String>,
    /// The references, in bytes.
    pub places: Vec<Range<usize>>,
    /// Whether a build of the target gets there.
    pub is_built: bool,
}

/// What a line says, in the order in which lines leave a box, from its top.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LineKind {
    From,
    /// Another stage that a base with variables may mean.
    Alternative,
    Copy,
    Onbuild,
    Mount,
    /// A build that gets there fails.
    Failing,
}

impl LineKind {
    /// As a word in names of the picture and in texts for people.
    pub fn name(self) -> &'static str {
        match self {
            LineKind::From => "from",
            LineKind::Alternative => "alternative",
            LineKind::Copy => "copy",
            LineKind::Onbuild => "onbuild",
            LineKind::Mount => "mount",
            LineKind::Failing => "failing",
        }
    }
}

impl From<EdgeKind> for LineKind {
    fn from(kind: EdgeKind) -> LineKind {
        match kind {
            EdgeKind::From => LineKind::From,
            EdgeKind::Copy => LineKind::Copy,
            EdgeKind::Mount => LineKind::Mount,
            EdgeKind::Onbuild => LineKind::Onbuild,
        }
    }
}

impl Diagram {
    /// Draws all stages, or only those that the target needs.
    pub fn of(graph: &Graph, needed: bool) -> Diagram {
        let drawn: Vec<bool> = graph.stages.iter().map(|stage| !needed || stage.built).collect();
        let mut drawing = Drawing {
            drawn: &drawn,
            boxes: Vec::new(),
            numbers: HashMap::new(),
            lines: Vec::new(),
            known: HashMap::new(),
        };
        let mut edges: Vec<&Edge> = graph.edges.iter().collect();
        edges.sort_by_key(|edge| edge.to);
        let mut edges = edges.into_iter().peekable();
        let mut sources = graph.sources.iter().peekable();
        let mut unresolved = graph.unresolved.iter().peekable();
        let with_alternatives = !needed && graph.stages.len() <= STAGES_WITH_ALTERNATIVES;
        let mut alternatives = graph.alternatives.iter().filter(|_| with_alternatives).peekable();
        for stage in &graph.stages {
            let to = stage.index;
            let mut lines: Vec<(Node, LineKind, &Place)> = Vec::new();
            while let Some(edge) = edges.next_if(|edge| edge.to == to) {
                // A line never leads back: what isn't there yet is a thing of its own.
                match edge.is_backwards() {
                    true => lines.push((Node::Later(edge.from), LineKind::Failing, &edge.place)),
                    false => lines.push((Node::Stage(edge.from), edge.kind.into(), &edge.place)),
                }
            }
            while let Some(source) = sources.next_if(|source| source.to == to) {
                let name = source.image.clone();
                let node = if source.is_context { Node::Context(name) } else { Node::Image(name) };
                lines.push((node, source.kind.into(), &source.place));
            }
            while let Some(missing) = unresolved.next_if(|missing| missing.to == to) {
                lines.push((Node::Missing(missing.name.clone()), LineKind::Failing, &missing.place));
            }
            while let Some(other) = alternatives.next_if(|other| other.to == to) {
                lines.push((Node::Stage(other.from), LineKind::Alternative, &other.place));
            }
            drawing.stage(to, stage.built, lines);
        }
        let Drawing { boxes, lines, .. } = drawing;
        let mut first = vec![None; boxes.len()];
        let built = |node: &Node| matches!(node, Node::Stage(index) if graph.stages[*index].built);
        let mut is_built: Vec<bool> = boxes.iter().map(built).collect();
        for (number, line) in lines.iter().enumerate() {
            first[line.from].get_or_insert(number);
            is_built[line.from] |= line.is_built && !matches!(boxes[line.from], Node::Stage(_));
        }
        Diagram { boxes, lines, first, is_built }
    }
}

struct Drawing<'a> {
    /// The stages that are drawn, by their indices.
    drawn: &'a [bool],
    boxes: Vec<Node>,
    numbers: HashMap<Node, usize>,
    lines: Vec<Line>,
    /// The lines by their boxes and kind.
    known: HashMap<(usize, usize, LineKind), usize>,
}

impl Drawing<'_> {
    fn stage(&mut self, stage: usize, is_built: bool, lines: Vec<(Node, LineKind, &Place)>) {
        if !self.drawn[stage] {
            return;
        }
        let froms: Vec<Option<usize>> = lines.iter().map(|(node, ..)| self.number(node)).collect();
        let to = self.add(Node::Stage(stage));
        for (from, (_, kind, place)) in froms.into_iter().zip(lines) {
            let Some(from) = from else { continue };
            let index = *self.known.entry((from, to, kind)).or_insert_with(|| {
                let (paths, places) = (Vec::new(), Vec::new());
                self.lines.push(Line { from, to, kind, paths, places, is_built });
                self.lines.len() - 1
            });
            let line = &mut self.lines[index];
            line.places.push(place.range.clone());
            for path in place.paths.iter() {
                if line.paths.len() < LABELLED_LINES && !line.paths.contains(path) {
                    line.paths.push(path.clone());
                }
            }
        }
    }

    /// The number of a box; of a stage that is not drawn, none.
    fn number(&mut self, node: &Node) -> Option<usize> {
        match (self.numbers.get(node), node) {
            (Some(&number), _) => Some(number),
            (None, Node::Stage(_)) => None,
            (None, Node::Image(_) | Node::Context(_) | Node::Later(_) | Node::Missing(_)) => {
                Some(self.add(node.clone()))
            }
        }
    }

    fn add(&mut self, node: Node) -> usize {
        self.numbers.insert(node.clone(), self.boxes.len());
        self.boxes.push(node);
        self.boxes.len() - 1
    }
}
