//! Markdown for clients that show plain text.
//!
//! Only what hover and completion texts contain: headings, emphasis, code, links, escapes. Other text stays as it is.

/// `markdown` without its marks.
pub fn text(markdown: &str) -> String {
    let mut plain = String::with_capacity(markdown.len());
    let mut fenced = false;
    for line in markdown.lines() {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
            continue;
        }
        if fenced {
            plain.push_str(line);
        } else {
            let heading = line.trim_start_matches('#');
            let is_heading = heading.len() < line.len() && heading.starts_with(' ');
            inline(if is_heading { heading.trim_start() } else { line }, &mut plain);
        }
        plain.push('\n');
    }
    plain.truncate(plain.trim_end().len());
    plain
}

/// Adds one line, without its marks.
fn inline(mut line: &str, plain: &mut String) {
    while let Some(at) = line.find(['`', '*', '[', '\\']) {
        plain.push_str(&line[..at]);
        let rest = &line[at..];
        line = if let Some((code, after)) = between(rest, "`` ", " ``") {
            plain.push_str(code);
            after
        } else if let Some((code, after)) = between(rest, "`", "`") {
            plain.push_str(code);
            after
        } else if let Some((strong, after)) = between(rest, "**", "**") {
            inline(strong, plain);
            after
        } else if let Some((label, address, after)) = link(rest) {
            inline(label, plain);
            plain.push_str(&format!(" ({address})"));
            after
        } else if let Some(after) = rest.strip_prefix('\\')
            && after.starts_with(|next: char| next.is_ascii_punctuation())
        {
            plain.push_str(&after[..1]);
            &after[1..]
        } else {
            plain.push_str(&rest[..1]);
            &rest[1..]
        };
    }
    plain.push_str(line);
}

/// What stands between `open` at the start of `text` and the next `close`, and what follows.
fn between<'a>(text: &'a str, open: &str, close: &str) -> Option<(&'a str, &'a str)> {
    let (inside, after) = text.strip_prefix(open)?.split_once(close)?;
    (!inside.is_empty()).then_some((inside, after))
}

/// Label and address of the link at the start of `text`, and what follows.
fn link(text: &str) -> Option<(&str, &str, &str)> {
    let (label, after) = between(text, "[", "]")?;
    let (address, after) = between(after, "(", ")")?;
    Some((label, address, after))
}

#[cfg(test)]
mod tests {
    use super::text;

    #[test]
    fn marks_go_and_text_stays() {
        for (markdown, plain) in [
            ("## Stage `builder`", "Stage builder"),
            ("**Base**: `golang:1.23` and *more*", "Base: golang:1.23 and *more*"),
            ("See [the docs](https://example.org/a).", "See the docs (https://example.org/a)."),
            ("```dockerfile\nCOPY *.go [\"a\"] # `x`\n```\nend", "COPY *.go [\"a\"] # `x`\nend"),
            ("a \\* b \\_c\\_ C:\\dir", "a * b _c_ C:\\dir"),
            ("`*.go` [not a link] `", "*.go [not a link] `"),
            ("#1 is no heading\n\nend\n\n", "#1 is no heading\n\nend"),
            ("é **😀** `漢`", "é 😀 漢"),
            ("either `\\` or `` ` ``, as said", "either \\ or `, as said"),
        ] {
            assert_eq!(text(markdown), plain, "{markdown}");
        }
    }
}
