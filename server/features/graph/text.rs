//! The stage graph for a terminal: a tree from the target down to what it needs, then the rest.

use std::io::{self, Write};

use super::{BaseKind, Edge, Graph, Source, StageNode, short_image};
use crate::text::one_line;

pub fn write(out: &mut dyn Write, graph: &Graph, file: &str) -> io::Result<()> {
    let file = one_line(file);
    let Some(target) = graph.target else { return writeln!(out, "{file}: no stages") };
    let built = graph.stages.iter().filter(|stage| stage.built).count();
    writeln!(out, "{file}: {built} of {} stages built\n", graph.stages.len())?;

    let needs = needs(graph);
    let mut tree = Tree { graph, needs: &needs, shown: vec![false; graph.stages.len()], rows: Vec::new() };
    tree.rows
        .push((format!("{} (target)", one_line(&graph.title(target))), from_line(&graph.stages[target])));
    tree.below(target, &mut String::new(), 0);
    write_rows(out, &tree.rows)?;

    let unbuilt = unbuilt_roots(graph);
    if !unbuilt.is_empty() {
        writeln!(out, "\nnot built:")?;
        tree.rows.clear();
        for stage in unbuilt {
            // One in a circle is below another already.
            if !tree.shown[stage] {
                let title = format!("  {}", one_line(&graph.title(stage)));
                tree.rows.push((title, from_line(&graph.stages[stage])));
                tree.below(stage, &mut "  ".to_owned(), 0);
            }
        }
        write_rows(out, &tree.rows)?;
    }
    let used: Vec<&StageNode> = graph.stages.iter().filter(|stage| !stage.users.is_empty()).collect();
    if !used.is_empty() {
        writeln!(out, "\nbuilt by:")?;
        let row = |stage: &&StageNode| {
            (format!("  {}", one_line(&graph.title(stage.index))), one_line(&stage.users.join(", ")))
        };
        write_rows(out, &used.iter().map(row).collect::<Vec<_>>())?;
    }
    match graph.images.as_slice() {
        [] => writeln!(out, "\nimages pulled: none"),
        images => {
            writeln!(out, "\nimages pulled:")?;
            images.iter().try_for_each(|image| writeln!(out, "  {}", one_line(image)))
        }
    }
}

/// The stages that are not built: first those that no other of them needs.
fn unbuilt_roots(graph: &Graph) -> Vec<usize> {
    let mut needed = vec![false; graph.stages.len()];
    for edge in graph.edges.iter().filter(|edge| edge.from != edge.to) {
        needed[edge.from] |= !graph.stages[edge.to].built;
    }
    let mut roots: Vec<usize> =
        graph.stages.iter().filter(|stage| !stage.built).map(|stage| stage.index).collect();
    roots.sort_by_key(|&stage| needed[stage]);
    roots
}

/// A line of output, in two columns.
type Row = (String, String);

struct Tree<'a> {
    graph: &'a Graph,
    needs: &'a [Vec<Need<'a>>],
    /// The stages whose needs are above.
    shown: Vec<bool>,
    rows: Vec<Row>,
}

/// One thing that a stage needs.
enum Need<'a> {
    /// An edge, and how often it is there.
    Stage(&'a Edge, usize),
    /// An image or a build context.
    Source(&'a Source),
}

/// What each stage needs: stages first.
fn needs(graph: &Graph) -> Vec<Vec<Need<'_>>> {
    let mut needs: Vec<Vec<Need<'_>>> = graph.stages.iter().map(|_| Vec::new()).collect();
    for (edge, count) in graph.bundles() {
        needs[edge.to].push(Need::Stage(edge, count));
    }
    for source in &graph.sources {
        needs[source.to].push(Need::Source(source));
    }
    needs
}

impl Tree<'_> {
    /// Deeper than this the tree would be all indentation.
    const DEPTH: usize = 50;

    fn below(&mut self, stage: usize, indent: &mut String, depth: usize) {
        self.shown[stage] = true;
        let needs = &self.needs[stage];
        for (index, need) in needs.iter().enumerate() {
            let (branch, trunk) =
                if index + 1 == needs.len() { ("└─ ", "   ") } else { ("├─ ", "│  ") };
            let mut title = format!("{indent}{branch}{}", need.title(self.graph));
            let edge = match need {
                Need::Stage(edge, _) => edge,
                Need::Source(source) => {
                    let kind = if source.is_context { "build context" } else { "image" };
                    self.rows.push((title, kind.into()));
                    continue;
                }
            };
            let from = &self.graph.stages[edge.from];
            let seen = self.shown[edge.from];
            title += match () {
                () if edge.is_backwards() => " (not above: the build fails)",
                () if seen && !self.needs[edge.from].is_empty() => " (see above)",
                () if depth == Self::DEPTH => " …",
                () => "",
            };
            self.rows.push((title, from_line(from)));
            if !seen && depth < Self::DEPTH {
                indent.push_str(trunk);
                self.below(edge.from, indent, depth + 1);
                indent.truncate(indent.len() - trunk.len());
            }
        }
    }
}

impl Need<'_> {
    fn title(&self, graph: &Graph) -> String {
        match self {
            Need::Stage(edge, count) => {
                let times = if *count > 1 { format!(" ×{count}") } else { String::new() };
                format!("{} {}{times}", edge.kind.title(), one_line(&graph.title(edge.from)))
            }
            Need::Source(source) => format!("{} {}", source.kind.title(), short_image(&source.image)),
        }
    }
}

/// Where a stage starts, and on what.
fn from_line(stage: &StageNode) -> String {
    let what = match stage.base.kind {
        BaseKind::Context => " (build context)",
        BaseKind::Unknown => " (unknown)",
        BaseKind::Stage | BaseKind::Image | BaseKind::Scratch => "",
    };
    format!("line {}: FROM {}{what}", stage.line, stage.base.label())
}

fn write_rows(out: &mut dyn Write, rows: &[Row]) -> io::Result<()> {
    /// One long name does not push all others' second column away.
    const WIDEST: usize = 48;
    let width = rows.iter().map(|(left, _)| left.chars().count()).filter(|&width| width <= WIDEST).max();
    let width = width.unwrap_or(0);
    rows.iter().try_for_each(|(left, right)| writeln!(out, "{left:width$}   {right}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{document::Document, features::graph::sample};

    fn render(graph: &Graph) -> String {
        let mut out = Vec::new();
        write(&mut out, graph, "Dockerfile").expect("memory takes everything");
        String::from_utf8(out).expect("it is text")
    }

    #[test]
    fn build_contexts_are_no_images() {
        let users = [crate::fixture::user("x").context("base").context("tools")];
        let text = "FROM base\nCOPY --from=tools /a /a\n";
        let doc = crate::document::Document::open(text, 0).with_outside(crate::fixture::outside(users));
        let mut out = Vec::new();
        write(&mut out, &Graph::of(&doc), "Dockerfile").unwrap();
        let text = String::from_utf8(out).unwrap();
        for line in ["FROM base (build context)\n", "COPY tools      build context\n", "images pulled: none"]
        {
            assert!(text.contains(line), "{text}");
        }
    }

    #[test]
    fn the_target_is_the_root() {
        insta::assert_snapshot!(render(&sample()), @r##"
        Dockerfile: 5 of 6 stages built

        "odd" (target)                              line 8: FROM scratch
        ├─ COPY web                                 line 4: FROM deps
        │  ├─ FROM deps                             line 2: FROM node:22
        │  ├─ mount deps                            line 2: FROM node:22
        │  └─ ONBUILD busybox:latest                image
        ├─ COPY API ×2                              line 6: FROM golang@sha256:0123456…
        ├─ COPY late (not above: the build fails)   line 14: FROM ${NOTHING} (unknown)
        └─ COPY nginx:1.29                          image

        not built:
          stage 3                   line 7: FROM web
          └─ FROM web (see above)   line 4: FROM deps

        images pulled:
          busybox:latest
          golang@sha256:0123456789012345678901234567890123456789012345678901234567890123
          nginx:1.29
          node:22
        "##);
    }

    #[test]
    fn a_file_without_stages_is_no_error() {
        assert_eq!(render(&Graph::of(&Document::open("# nothing\n", 0))), "Dockerfile: no stages\n");
    }

    #[test]
    fn a_long_chain_is_cut() {
        let chain: String = (1..3_000).map(|index| format!("FROM s{} AS s{index}\n", index - 1)).collect();
        let text = render(&Graph::of(&Document::open(&format!("FROM a AS s0\n{chain}"), 0)));
        assert!(text.len() < 20_000, "{}", text.len());
    }

    #[test]
    fn cycles_end() {
        let source =
            "FROM a AS x\nCOPY --from=y /a /a\nCOPY --from=x /a /a\nFROM x AS y\nCOPY --from=x /b /b\n";
        let text = render(&Graph::of(&Document::open(source, 0)));
        assert!(text.contains("COPY y (not above: the build fails)   line 4: FROM x"), "{text}");
    }
}
