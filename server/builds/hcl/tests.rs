use crate::builds::node::Style;

use super::*;

/// `kind label: attribute=text` of all blocks, with the texts of literals and `?` for anything else.
fn shown(text: &str) -> String {
    let file = parse(text);
    let blocks = file.body.blocks.iter().map(|block| {
        let labels: Vec<&str> = block.labels.iter().map(|label| label.text.as_str()).collect();
        let attributes = block.body.attributes.iter().map(|attribute| {
            let value = match &attribute.value.kind {
                Kind::Text { scalar, is_closed: true } => format!("{:?}", scalar.text),
                Kind::Text { scalar, is_closed: false } => format!("{:?}…", scalar.text),
                Kind::Missing => format!("missing at {}", attribute.value.range.start),
                Kind::List(items) => format!("list of {}", items.len()),
                Kind::Object(entries) => format!("object of {}", entries.len()),
                _ => "?".to_owned(),
            };
            format!("{}={value}", attribute.name)
        });
        format!("{} {}: {}", block.kind, labels.join(","), attributes.collect::<Vec<_>>().join(" "))
    });
    blocks.collect::<Vec<_>>().join("; ")
}

fn value(text: &str) -> Expr {
    let file = parse(&format!("x = {text}\n"));
    assert!(file.broken.is_empty(), "{text}");
    file.body.attributes[0].value.clone()
}

#[test]
fn blocks_have_labels_in_quotes_or_bare() {
    assert_eq!(
        shown("target \"a\" {\n target = \"x\"\n}\ntarget b {}\n"),
        "target a: target=\"x\"; target b: "
    );
    assert_eq!(shown("\u{feff}target \"a\" { target = \"x\" }\r\n"), "target a: target=\"x\"");
    let file = parse("target \"web-${N}\" {\n}\n");
    assert!(file.body.blocks[0].labels[0].is_template);
}

#[test]
fn comments_are_skipped() {
    let text =
        "# a\n// b\n/* c\n d */\ntarget \"a\" { # d\n  target = \"x\" // e\n  /* f */ pull = true\n}\n";
    assert_eq!(shown(text), "target a: target=\"x\" pull=?");
    assert!(parse(text).broken.is_empty());
}

#[test]
fn texts_know_where_they_stand() {
    let text = "x = \" bu\\u0069ld \"\n";
    let Kind::Text { scalar, .. } = &parse(text).body.attributes[0].value.kind else { panic!() };
    assert_eq!(scalar.text, " build ");
    assert_eq!(&text[scalar.range.clone()], " bu\\u0069ld ");
    assert_eq!(scalar.place(0..3).map(|place| &text[place]), Some(" bu"));
    assert_eq!(scalar.place(0..7), None);
    let Kind::Text { scalar, .. } = value("\"$${x} %%{y} $5 100%\"").kind else { panic!() };
    assert_eq!(scalar.text, "${x} %{y} $5 100%");
}

#[test]
fn heredocs_are_texts_or_templates() {
    let text = "x = <<-EOT\n    FROM a\n      RUN b\n    EOT\ny = 1\n";
    let file = parse(text);
    assert!(file.broken.is_empty());
    let Kind::Text { scalar, .. } = &file.body.attributes[0].value.kind else { panic!() };
    assert_eq!((scalar.text.as_str(), scalar.style), ("FROM a\n  RUN b\n", Style::Literal));
    assert_eq!(scalar.place(9..14).map(|place| &text[place]), Some("RUN b"));
    assert_eq!(file.body.attributes[1].name, "y");
    let Kind::Template(parts) = value("<<EOT\na ${b}\nEOT").kind else { panic!() };
    assert_eq!(parts.len(), 3);
}

#[test]
fn operators_bind_by_their_strength() {
    let Kind::Conditional(three) = value("a == b.c && !d ? \"x\" : f(1, [2]...)").kind else { panic!() };
    let Kind::Binary(Operator::And, two) = &three[0].kind else { panic!() };
    let Kind::Binary(Operator::Equal, equal) = &two[0].kind else { panic!() };
    assert!(matches!(&equal[1].kind, Kind::Attribute(_, name) if name == "c"));
    assert!(matches!(&two[1].kind, Kind::Not(_)));
    assert!(matches!(&three[2].kind, Kind::Call { expands: true, .. }));
}

#[test]
fn what_is_not_worked_out_is_still_read() {
    let rest = "target \"b\" {\n target = \"x\"\n}\n";
    for odd in [
        "[for a in b : \"${a}-x\" if a != \"\"]",
        "{for k, v in b : k => v}",
        "a[*].b",
        "a.*.b",
        "\"%{ if a }b%{ endif }\"",
    ] {
        let text = format!("target \"a\" {{\n tags = {odd}\n}}\n{rest}");
        assert_eq!(shown(&text), "target a: tags=?; target b: target=\"x\"", "{odd}");
    }
}

#[test]
fn a_missing_value_is_where_one_types() {
    let text = "target \"a\" {\n  target = \n}\ntarget \"b\" {\n}\n";
    assert_eq!(shown(text), "target a: target=missing at 24; target b: ");
    assert_eq!(shown("target \"a\" {\n  target =\n}\n"), "target a: target=missing at 23");
    assert_eq!(shown("target \"a\" {\n  target = # c\n}\n"), "target a: target=missing at 24");
    assert_eq!(shown("target \"a\" { target = }"), "target a: target=missing at 22");
    assert_eq!(shown("target \"a\" {\n  target = "), "target a: target=missing at 24");
}

#[test]
fn an_open_quote_ends_with_its_line() {
    let text =
        "target \"a\" {\n  target = \"bu\r\n  context = \".\"\n}\ntarget \"b\" {\n  target = \"x\"\n}\n";
    assert_eq!(shown(text), "target a: target=\"bu\"… context=\".\"; target b: target=\"x\"");
    let text = text.replace("\"bu", "\"${bu");
    assert_eq!(shown(&text), "target a: target=? context=\".\"; target b: target=\"x\"");
}

#[test]
fn open_brackets_end_where_something_else_begins() {
    let rest = "  target = \"x\"\n}\ntarget \"b\" {\n  target = \"y\"\n}\n";
    for open in ["l = [", "l = [\"a\",", "l = [\n    \"a\",\n    \"b\"", "l = f(\"a\", [1"] {
        let text = format!("target \"a\" {{\n  {open}\n{rest}");
        let shown = shown(&text);
        assert!(shown.ends_with("target=\"x\"; target b: target=\"y\""), "{open}: {shown}");
    }
    let text = format!("target \"a\" {{\n  args = {{\n    A = 1\n{rest}");
    assert_eq!(shown(&text), "target a: args=object of 1 target=\"x\"; target b: target=\"y\"");
}

#[test]
fn broken_lines_do_not_take_their_neighbours_with_them() {
    for broken in [
        "targ",
        "targ =",
        "= x",
        "@",
        "}}",
        "\"x\"",
        "target \"c",
        "target \"c\"",
        "x = a +",
        "x = <<EOT",
        "/* x",
        "inherits = [\"a, \"b\"]",
        "x = y z",
        "é = \"é",
    ] {
        let text =
            format!("target \"a\" {{\n target = \"x\"\n}}\n{broken}\ntarget \"b\" {{\n target = \"y\"\n}}\n");
        let shown = shown(&text);
        assert!(shown.starts_with("target a: target=\"x\"; "), "{broken}: {shown}");
        assert!(shown.ends_with("target b: target=\"y\""), "{broken}: {shown}");
        assert!(!parse(&text).broken.is_empty(), "{broken}");
    }
}

#[test]
fn a_block_that_is_not_closed_ends_where_the_next_one_begins() {
    let text = "target \"a\" {\n  target = \"x\"\ntarget \"b\" {\n  target = \"y\"\n}\n";
    assert_eq!(shown(text), "target a: target=\"x\"; target b: target=\"y\"");
    // A header without its brace is none.
    assert_eq!(shown("target \"c\"\ntarget \"d\" {\n}\n"), "target d: ");
}

#[test]
fn json_is_read_as_blocks_and_templates() {
    let text = r#"{"target": {"a": [{"target": "${S}-x"}, {"target": "bu\u0069ld"}], "b": {"target": "${f(\"q\")}"}}, "S": "1"}"#;
    let file = json::parse(text, &["target"]);
    assert!(file.broken.is_empty());
    let labels: Vec<&str> = file.body.blocks.iter().map(|block| block.labels[0].text.as_str()).collect();
    assert_eq!(labels, ["a", "a", "b"]);
    let target = |index: usize| &file.body.blocks[index].body.attribute("target").unwrap().value;
    let Kind::Template(parts) = &target(0).kind else { panic!() };
    let Part::Value(variable) = &parts[0] else { panic!() };
    assert_eq!(&text[variable.range.clone()], "S");
    assert!(matches!(&target(1).kind, Kind::Text { scalar, .. } if scalar.text == "build"));
    let Kind::Call { arguments, .. } = &target(2).kind else { panic!() };
    let Kind::Text { scalar, .. } = &arguments[0].kind else { panic!() };
    assert_eq!(scalar.place(0..1).map(|place| &text[place]), Some("q"));
    assert_eq!(file.body.attribute("S").map(|attribute| attribute.name.as_str()), Some("S"));
    assert!(!json::parse("{\"target\": {} /* c */}", &["target"]).broken.is_empty());
}
