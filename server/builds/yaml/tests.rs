use super::*;

fn texts(source: &str, keys: &[&str]) -> Option<String> {
    read(source).roots.first()?.at(keys)?.text().map(str::to_owned)
}

/// The text of `a: …`, which has to be read as a whole; and each piece has to stand where it says.
fn scalar(source: &str) -> Scalar {
    let read = read(source);
    assert!(read.whole, "{source:?}");
    let scalar = read.roots[0].get("a").unwrap().scalar().unwrap().clone();
    for piece in &scalar.pieces {
        let text = &scalar.text[piece.text..piece.text + piece.len];
        assert_eq!(&source[piece.file..piece.file + piece.len], text, "{source:?}");
    }
    scalar
}

fn text(source: &str) -> String {
    scalar(source).text
}

#[test]
fn flow_scalars_are_decoded() {
    assert_eq!(text("a: bu-1 # c\n"), "bu-1");
    assert_eq!(text("a: two\n  words\n\n  more\n"), "two words\nmore");
    assert_eq!(text("a: 'it''s'"), "it's");
    assert_eq!(text("a: 'x \n  y\r\n\r\n  z'"), "x y\nz");
    assert_eq!(text("a: \"bu\\x69ld\\t\\\"\\u00e9\""), "build\t\"é");
    assert_eq!(text("a: \"x\\\n   y\\ \n  z\""), "xy  z");
    assert_eq!(text("a: \"é\\\n\n  ü\""), "é\nü");
    assert_eq!(text("a: ''"), "");
    assert_eq!(text("\u{feff}a: ü\r\n"), "ü");
}

#[test]
fn block_scalars_are_decoded() {
    assert_eq!(text("a: |\n  x\n   y\n\n  z\n\n"), "x\n y\n\nz\n");
    assert_eq!(text("a: |-\n  x\n"), "x");
    assert_eq!(text("a: |+\n  x\n\n\nb: 1\n"), "x\n\n\n");
    assert_eq!(text("a: >-\n  run\n"), "run");
    assert_eq!(text("a: >\n  x\n  y\n\n  z\n    more\n  end\n"), "x y\nz\n  more\nend\n");
    assert_eq!(text("a: |2\n   x\n  y\n"), " x\ny\n");
    assert_eq!(text("a: |-2 # c\n   x\n"), " x");
    assert_eq!(text("a: |\r\n  x\r\n  y\r\nb: 1\r\n"), "x\ny\n");
    assert_eq!(text("a: |\n\n  x\n"), "\nx\n");
    assert_eq!(text("a: |\n"), "");
    assert_eq!(text("a: |\n  x"), "x");
    let nested = "services:\n  w:\n    build:\n      dockerfile_inline: |1\n        FROM a\n";
    assert_eq!(texts(nested, &["services", "w", "build", "dockerfile_inline"]).unwrap(), " FROM a\n");
    let listed = read("run:\n- |2\n   x\n- >\n  y\n");
    let items: Vec<&str> =
        listed.roots[0].get("run").unwrap().items().iter().filter_map(|item| item.text()).collect();
    assert_eq!(items, [" x\n", "y\n"]);
}

#[test]
fn places_lead_back_to_the_file() {
    let source = "a: \"bu\\x69ld\"";
    let escaped = scalar(source);
    assert_eq!(escaped.quoting(), None);
    assert_eq!(&source[escaped.range.clone()], "bu\\x69ld");
    assert_eq!(&source[escaped.place(3..5).unwrap()], "ld");
    let source = "a: |\n  one\n  two\n";
    let block = scalar(source);
    assert_eq!(&source[block.place(4..7).unwrap()], "two");
    assert_eq!(block.offset(source.find("wo").unwrap()), Some(5));
    let source = "a: 'x'\n";
    assert_eq!(&source[scalar(source).range], "x");
    assert_eq!(&source[read(source).roots[0].get("a").unwrap().range.clone()], "'x'");
}

#[test]
fn what_is_text_follows_the_core_schema() {
    assert!(scalar("a: yes").is_text);
    assert!(scalar("a: \"0\"").is_text);
    assert!(scalar("a: !!str 0").is_text);
    assert!(!scalar("a: 0").is_text);
    assert!(!scalar("a: True").is_text);
    assert!(read("a: ~").roots[0].get("a").unwrap().is_null());
    assert!(!read("a: '~'").roots[0].get("a").unwrap().is_null());
}

#[test]
fn aliases_are_shared() {
    let read = read("x: &b\n  c: 1\n  d: &s one\ny: *b\nz: *s\nw: *none\n&k key: *k\n");
    assert!(read.whole);
    let root = &read.roots[0];
    assert!(Arc::ptr_eq(root.get("x").unwrap(), root.get("y").unwrap()));
    assert_eq!(root.get("z").unwrap().text(), Some("one"));
    assert!(root.get("w").unwrap().is_null());
    assert_eq!(root.get("key").unwrap().text(), Some("key"));
}

#[test]
fn an_alias_to_what_is_around_it_is_nothing() {
    let read = read("a: &a\n  b: *a\n  <<: *a\n");
    assert!(read.roots[0].at(&["a", "b"]).unwrap().is_null());
}

#[test]
fn own_keys_win_over_merged_ones_and_the_first_of_these() {
    let source =
        "x: &x {a: 1, b: 1}\ny: &y\n  b: 2\n  c: 2\nz:\n  <<: [*x, *y]\n  a: 0\nw:\n  <<: *y\n  '<<': q\n";
    let read = read(source);
    let z = read.roots[0].get("z").unwrap();
    let all: Vec<(&str, &str)> =
        z.entries().iter().map(|entry| (entry.key.text.as_str(), entry.value.text().unwrap())).collect();
    assert_eq!(all, [("a", "0"), ("b", "1"), ("c", "2")]);
    assert_eq!(read.roots[0].at(&["w", "<<"]).unwrap().text(), Some("q"));
    assert_eq!(read.roots[0].at(&["w", "c"]).unwrap().text(), Some("2"));
}

#[test]
fn documents_have_a_root_each() {
    let read = read("%YAML 1.2\n---\na: &x 1\n...\n---\nb: *x\n---\n- c\n");
    assert!(read.whole);
    assert_eq!(read.roots.len(), 3);
    assert!(read.roots[1].get("b").unwrap().is_null());
    assert_eq!(read.roots[2].items().len(), 1);
    assert!(super::read("").roots.is_empty());
}

#[test]
fn tags_stay_on_their_values() {
    let read = read("a: !reset null\nb: !override\n  c: 1\nd: !reference [x, y]\ne: !reset\nf: &f !t {}\n");
    let tag = |key: &str| read.roots[0].get(key).unwrap().tag.clone().unwrap();
    assert_eq!(tag("a"), "!reset");
    assert_eq!(tag("b"), "!override");
    assert_eq!(tag("d"), "!reference");
    assert_eq!(tag("e"), "!reset");
    assert_eq!(tag("f"), "!t");
}

#[test]
fn flow_collections_of_every_form() {
    let read = read("a: {b: 1, c, d:, \"e\":2}\nl: [x, y: z, [], \"q\": r]\n");
    assert!(read.whole);
    let a = read.roots[0].get("a").unwrap();
    assert!(a.get("c").unwrap().is_null() && a.get("d").unwrap().is_null());
    assert_eq!(a.get("e").unwrap().text(), Some("2"));
    let l = read.roots[0].get("l").unwrap().items();
    assert_eq!(l.len(), 4);
    assert_eq!(l[1].get("y").unwrap().text(), Some("z"));
}

#[test]
fn nothing_stands_where_it_would_be_typed() {
    for (source, behind) in [
        ("a:\n  target:\n  b: 1\n", "target:"),
        ("a:\n  target: \n  b: 1\n", "target: "),
        ("a:\n  target:  # c\n  b: 1\n", "target: "),
        ("a:\n  target:", "target:"),
        ("a: {target: , b: 1}", "target: "),
        ("a: {target:}", "target:"),
        ("a:\n  target: {b: 1\n", ""),
    ] {
        let read = read(source);
        let target = read.roots[0].at(&["a", "target"]).unwrap();
        if !behind.is_empty() {
            let at = source.find(behind).unwrap() + behind.len();
            assert_eq!(target.range, at..at, "{source:?}");
        }
    }
}

/// Reads a service with `<line>` among its keys, between two others, and gives the root.
fn around(line: &str) -> (String, Read) {
    let source = format!(
        "services:\n  a:\n    build:\n      context: .\n{line}\n      args: {{q: \"r\"}}\n    image: \"x y\"\n  c:\n    \
         image: 'z'\n"
    );
    let read = read(&source);
    (source, read)
}

#[test]
fn a_value_that_is_being_typed_is_cut_at_the_end_of_its_line() {
    for (line, expected) in [
        ("      target: \"bu", "bu"),
        ("      target: 'bu", "bu"),
        ("      target: \"", ""),
        ("      target: @x", "@x"),
        ("      target: `x", "`x"),
        ("      target: b: c", "b: c"),
        ("      target: \"x\" y", "x"),
        ("      target: ${ST", "${ST"),
    ] {
        let (source, read) = around(line);
        let target = read.roots[0].at(&["services", "a", "build", "target"]).unwrap();
        let scalar = target.scalar().unwrap_or_else(|| panic!("{line}"));
        assert_eq!(scalar.text, expected, "{line}");
        assert_eq!(&source[scalar.range.clone()], expected, "{line}");
        assert_eq!(read.roots[0].at(&["services", "c", "image"]).unwrap().text(), Some("z"), "{line}");
        assert_eq!(read.roots[0].at(&["services", "a", "image"]).unwrap().text(), Some("x y"), "{line}");
    }
}

#[test]
fn what_is_broken_does_not_take_its_neighbours_along() {
    for line in [
        "      targ",
        "      <<: *",
        "      <<: *none",
        "      - x",
        "      - x: y",
        "\ttarget: x",
        "      \ttarget: x",
        "       target: x",
        "        target: x",
        "     target: x",
        "   target: x",
        "      target: *",
        "      target: &",
        "      target: ]",
        "      target: }",
        "      target: {a: 1",
        "      target: [a, \"b",
        "      target: %",
        "      ? ",
        "      \"targ",
        "      \"a\": \"b",
        "      @",
        "      é\"",
        "      target: !reset",
        "      :",
        "      : :",
        "      {",
        "      ]",
        "      - - -",
        "      target: |x",
        "      target: >5x",
    ] {
        let (_, read) = around(line);
        let at =
            |keys: &[&str]| read.roots.first().and_then(|root| root.at(keys)).and_then(|node| node.text());
        assert_eq!(at(&["services", "a", "build", "context"]), Some("."), "{line}");
        assert_eq!(at(&["services", "a", "image"]), Some("x y"), "{line}");
        assert_eq!(at(&["services", "c", "image"]), Some("z"), "{line}");
    }
}

#[test]
fn an_open_flow_collection_is_closed() {
    let source = "services:\n  a:\n    build: {context: ., target: \"bu\n  c:\n    image: z\n";
    let read = read(source);
    assert!(!read.whole);
    let target = read.roots[0].at(&["services", "a", "build", "target"]).unwrap();
    assert_eq!(target.text(), Some("bu"));
    assert_eq!(&source[target.scalar().unwrap().range.clone()], "bu");
    assert_eq!(read.roots[0].at(&["services", "c", "image"]).unwrap().text(), Some("z"));
    let source = "a: {context: ., target:\nb: 1\n";
    let read = super::read(source);
    let target = read.roots[0].at(&["a", "target"]).unwrap();
    assert_eq!(target.range, source.find("\nb").unwrap()..source.find("\nb").unwrap());
}

#[test]
fn an_alias_bomb_does_not_go_off() {
    let mut source = String::from("a0: &a0 [x, x]\n");
    for i in 1..60 {
        source += &format!("a{i}: &a{i} [*a{0}, *a{0}, *a{0}]\n", i - 1);
    }
    let read = read(&source);
    assert!(!read.whole);
    // Comparing walks all of it.
    assert_eq!(read.roots, read.roots.clone());
    let mut chain = String::from("a0: &a0 {k: v}\n");
    for i in 1..5000 {
        chain += &format!("a{i}: &a{i} {{<<: *a{}}}\n", i - 1);
    }
    assert!(!super::read(&chain).whole);
}

#[test]
fn nesting_has_a_limit() {
    for deep in ["[", "{a: ", "- ", "? ", "[a, ", ": ", "{\n", "!t\n"] {
        let read = read(&deep.repeat(20_000));
        assert!(!read.whole, "{deep}");
    }
    let mut source = String::new();
    for i in 0..1000 {
        source += &format!("{}k:\n", " ".repeat(i));
    }
    assert!(!read(&source).whole);
    let source = "[".repeat(2000) + &"]".repeat(2000);
    assert!(!read(&source).whole);
}

#[test]
fn long_lines_take_no_long_time() {
    let started = std::time::Instant::now();
    for part in [
        "a, ", "{a: b}, ", "'a', ", "a: \"x, ", "[", "- ", "a ", ": ", "*a ", "&a ", "!t ", "\"", "' ",
        "a\n ",
    ] {
        for start in ["a: [", "a: {", "a: ", "- ", "\"", "a: |\n  ", ""] {
            read(&(start.to_owned() + &part.repeat(50_000)));
        }
    }
    // It takes half a second, where quadratic work would take minutes.
    assert!(started.elapsed().as_secs() < 20);
}

#[test]
fn every_prefix_has_a_value_with_its_places() {
    let source = "# c\n%x\n--- # d\nä: &é !t {b: [\"ü\\x41\", 'ö''', *é], c}\r\nd:\r\n- |+2\r\n   ß\r\n\r\n- >-\r\n  ï\r\n? k\r\n: v\r\n\
                  <<: *é\r\ne: plain\r\n  more # é\r\n...\r\n--- x";
    for end in (0..=source.len()).filter(|end| source.is_char_boundary(*end)) {
        let text = &source[..end];
        let mut left = read(text).roots;
        while let Some(node) = left.pop() {
            assert!(text.get(node.range.clone()).is_some(), "{text}");
            let keys = node.entries().into_iter().map(|entry| &entry.key);
            for scalar in keys.chain(node.scalar()) {
                assert!(text.get(scalar.range.clone()).is_some(), "{text}");
                for piece in &scalar.pieces {
                    let part = &scalar.text[piece.text..piece.text + piece.len];
                    assert_eq!(text.get(piece.file..piece.file + piece.len), Some(part), "{text}");
                }
            }
            left.extend(node.items().iter().cloned());
            left.extend(node.entries().into_iter().map(|entry| entry.value.clone()));
        }
    }
}
