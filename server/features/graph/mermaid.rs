//! The stage graph as a Mermaid flowchart.

use std::{
    collections::HashMap,
    io::{self, Write},
};

use super::{BaseKind, EdgeKind, Graph, short_image};

pub fn write(out: &mut dyn Write, graph: &Graph) -> io::Result<()> {
    writeln!(out, "flowchart LR")?;
    for stage in &graph.stages {
        let class = match () {
            () if graph.target == Some(stage.index) => ":::target",
            () if !stage.built => ":::unbuilt",
            () => "",
        };
        let mut label = escape(&graph.title(stage.index));
        // That of another stage is an arrow.
        if stage.base.kind != BaseKind::Stage && !stage.base.value.is_empty() {
            label += &format!("<br/>{}", escape(&stage.base.label()));
        }
        writeln!(out, "  s{}[\"{label}\"]{class}", stage.index)?;
    }
    let mut images: HashMap<&str, usize> = HashMap::new();
    for source in &graph.sources {
        let id = images.len();
        if !images.contains_key(source.image.as_str()) {
            images.insert(&source.image, id);
            writeln!(out, "  i{id}([\"{}\"]):::image", escape(&short_image(&source.image)))?;
        }
    }
    let mut failing = Vec::new();
    for (number, (edge, count)) in graph.bundles().into_iter().enumerate() {
        writeln!(out, "  s{} {} s{}", edge.from, arrow(edge.kind, count), edge.to)?;
        if edge.is_backwards() {
            failing.push(number.to_string());
        }
    }
    for (source, count) in graph.source_bundles() {
        writeln!(out, "  i{} {} s{}", images[source.image.as_str()], arrow(source.kind, count), source.to)?;
    }
    // Mermaid counts the edges from 0.
    if !failing.is_empty() {
        writeln!(out, "  linkStyle {} stroke:#cf222e", failing.join(","))?;
    }
    writeln!(out, "  classDef target stroke:#1a7f37,stroke-width:3px")?;
    writeln!(out, "  classDef unbuilt stroke-dasharray:5 4,opacity:0.5")?;
    writeln!(out, "  classDef image stroke:#bf9b30")
}

fn arrow(kind: EdgeKind, count: usize) -> String {
    let times = if count > 1 { format!(" x{count}") } else { String::new() };
    match kind {
        EdgeKind::From => "==>".to_owned(),
        EdgeKind::Copy => format!("-->|\"COPY{times}\"|"),
        EdgeKind::Mount => format!("-.->|\"mount{times}\"|"),
        EdgeKind::Onbuild => format!("-->|\"ONBUILD{times}\"|"),
    }
}

/// Text for a quoted label: what Mermaid or HTML would read as something else is written as a code.
fn escape(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            c if c.is_control() => out.push(' '),
            '"' | '#' | '$' | '%' | '&' | '\'' | '*' | '<' | '>' | '[' | '\\' | ']' | '`' | '{' | '|'
            | '}' | '~' => {
                out += &format!("#{};", c as u32);
            }
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
        flowchart LR
          s0["deps<br/>node:22"]
          s1["web"]
          s2["API<br/>golang@sha256:0123456…"]
          s3["stage 3"]:::unbuilt
          s4["#34;odd#34;<br/>scratch"]:::target
          s5["late<br/>#36;#123;NOTHING#125;"]
          i0(["busybox:latest"]):::image
          i1(["nginx:1.29"]):::image
          s0 ==> s1
          s0 -.->|"mount"| s1
          s1 ==> s3
          s1 -->|"COPY"| s4
          s2 -->|"COPY x2"| s4
          s5 -->|"COPY"| s4
          i0 -->|"ONBUILD"| s1
          i1 -->|"COPY"| s4
          linkStyle 5 stroke:#cf222e
          classDef target stroke:#1a7f37,stroke-width:3px
          classDef unbuilt stroke-dasharray:5 4,opacity:0.5
          classDef image stroke:#bf9b30
        "##);
    }

    #[test]
    fn labels_cannot_leave_their_quotes() {
        assert_eq!(escape("a\"]\n--> ${b#c}"), "a#34;#93; --#62; #36;#123;b#35;c#125;");
    }
}
