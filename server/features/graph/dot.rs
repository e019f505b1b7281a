//! The stage graph for Graphviz.

use std::{
    collections::HashMap,
    io::{self, Write},
};

use super::{BaseKind, EdgeKind, Graph, short_image};

pub fn write(out: &mut dyn Write, graph: &Graph) -> io::Result<()> {
    writeln!(out, "digraph stages {{")?;
    writeln!(out, "  rankdir=LR;")?;
    writeln!(out, "  node [shape=box, style=rounded, fontname=\"sans-serif\"];")?;
    writeln!(out, "  edge [fontname=\"sans-serif\", fontsize=10];")?;
    for stage in &graph.stages {
        let mut label = escape(&graph.title(stage.index));
        // That of another stage is an arrow.
        if stage.base.kind != BaseKind::Stage && !stage.base.value.is_empty() {
            label += &format!("\\n{}", escape(&stage.base.label()));
        }
        let look = match () {
            () if graph.target == Some(stage.index) => ", color=\"#1a7f37\", penwidth=2.5",
            () if !stage.built => ", style=\"rounded,dashed\", color=\"#8c959f\", fontcolor=\"#8c959f\"",
            () => "",
        };
        writeln!(out, "  s{} [label=\"{label}\"{look}];", stage.index)?;
    }
    let mut images: HashMap<&str, usize> = HashMap::new();
    for source in &graph.sources {
        let id = images.len();
        if !images.contains_key(source.image.as_str()) {
            images.insert(&source.image, id);
            let label = escape(&short_image(&source.image));
            writeln!(out, "  i{id} [label=\"{label}\", shape=ellipse, style=solid, color=\"#bf9b30\"];")?;
        }
    }
    for (edge, count) in graph.bundles() {
        let look = look(edge.kind, &times(count), edge.is_backwards());
        writeln!(out, "  s{} -> s{} [{look}];", edge.from, edge.to)?;
    }
    for (source, count) in graph.source_bundles() {
        let look = look(source.kind, &times(count), false);
        writeln!(out, "  i{} -> s{} [{look}];", images[source.image.as_str()], source.to)?;
    }
    writeln!(out, "}}")
}

fn times(count: usize) -> String {
    if count > 1 { format!(" ×{count}") } else { String::new() }
}

/// `failing`: a build that gets there fails.
fn look(kind: EdgeKind, times: &str, failing: bool) -> String {
    let (colour, style) = match kind {
        EdgeKind::From => ("#57606a", "bold"),
        EdgeKind::Copy => ("#0969da", "solid"),
        EdgeKind::Mount => ("#8250df", "dashed"),
        EdgeKind::Onbuild => ("#0969da", "dotted"),
    };
    let colour = if failing { "#cf222e" } else { colour };
    // That of a FROM says nothing that its look does not.
    let label = if kind == EdgeKind::From { "" } else { kind.title() };
    format!("label=\"{label}{times}\", color=\"{colour}\", style={style}")
}

/// Text inside double quotes. Graphviz reads `\` in a label as the start of a code, and `&` as that of an HTML entity.
fn escape(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            c if c.is_control() => out.push(' '),
            '"' | '\\' => out.extend(['\\', c]),
            '&' => out += "&amp;",
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::features::graph::sample;

    #[test]
    fn stages_images_and_kinds_of_edges_are_told_apart() {
        let mut out = Vec::new();
        write(&mut out, &sample()).expect("memory takes everything");
        insta::assert_snapshot!(String::from_utf8_lossy(&out), @r##"
        digraph stages {
          rankdir=LR;
          node [shape=box, style=rounded, fontname="sans-serif"];
          edge [fontname="sans-serif", fontsize=10];
          s0 [label="deps\nnode:22"];
          s1 [label="web"];
          s2 [label="API\ngolang@sha256:0123456…"];
          s3 [label="stage 3", style="rounded,dashed", color="#8c959f", fontcolor="#8c959f"];
          s4 [label="\"odd\"\nscratch", color="#1a7f37", penwidth=2.5];
          s5 [label="late\n${NOTHING}"];
          i0 [label="busybox:latest", shape=ellipse, style=solid, color="#bf9b30"];
          i1 [label="nginx:1.29", shape=ellipse, style=solid, color="#bf9b30"];
          s0 -> s1 [label="", color="#57606a", style=bold];
          s0 -> s1 [label="mount", color="#8250df", style=dashed];
          s1 -> s3 [label="", color="#57606a", style=bold];
          s1 -> s4 [label="COPY", color="#0969da", style=solid];
          s2 -> s4 [label="COPY ×2", color="#0969da", style=solid];
          s5 -> s4 [label="COPY", color="#cf222e", style=solid];
          i0 -> s1 [label="ONBUILD", color="#0969da", style=dotted];
          i1 -> s4 [label="COPY", color="#0969da", style=solid];
        }
        "##);
    }

    #[test]
    fn labels_cannot_leave_their_quotes() {
        assert_eq!(escape("a\"]; \\x\n&lt;"), "a\\\"]; \\\\x &amp;lt;");
    }
}
