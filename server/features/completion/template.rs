//! Texts with places to fill in: `{{1:value}}`, and `{{1}}` where the same stands again.

/// What is written of a template by clients that can't fill anything in: each place has its value.
pub(super) fn plain(template: &str) -> String {
    let mut values: Vec<(&str, &str)> = Vec::new();
    let mut out = String::with_capacity(template.len());
    parts(template, |part| match part {
        Part::Text(text) => out.push_str(text),
        Part::Value(number, value) => {
            values.push((number, value));
            out.push_str(value);
        }
        Part::Again(number) => {
            let same = values.iter().find(|(other, _)| *other == number);
            out.push_str(same.map_or("", |(_, value)| value));
        }
    });
    out
}

/// The template as LSP writes it ("Snippet Syntax").
pub(super) fn snippet(template: &str) -> String {
    let mut out = String::with_capacity(template.len());
    parts(template, |part| match part {
        Part::Text(text) => escape(&mut out, text),
        Part::Value(number, value) => {
            out.push_str("${");
            out.push_str(number);
            out.push(':');
            escape(&mut out, value);
            out.push('}');
        }
        Part::Again(number) => {
            out.push('$');
            out.push_str(number);
        }
    });
    out
}

enum Part<'t> {
    Text(&'t str),
    Value(&'t str, &'t str),
    Again(&'t str),
}

fn parts<'t>(template: &'t str, mut take: impl FnMut(Part<'t>)) {
    let mut rest = template;
    while let Some((text, (place, behind))) =
        rest.split_once("{{").and_then(|(text, rest)| Some((text, rest.split_once("}}")?)))
    {
        take(Part::Text(text));
        match place.split_once(':') {
            Some((number, value)) => take(Part::Value(number, value)),
            None => take(Part::Again(place)),
        }
        rest = behind;
    }
    take(Part::Text(rest));
}

/// The three characters that mean something in a snippet.
fn escape(out: &mut String, text: &str) {
    for c in text.chars() {
        if matches!(c, '$' | '}' | '\\') {
            out.push('\\');
        }
        out.push(c);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_is_a_text_and_a_snippet() {
        let template = "RUN {{1:a}} \\\n  ${X} {{2:b}/$c}} {{1}}";
        assert_eq!(plain(template), "RUN a \\\n  ${X} b}/$c a");
        assert_eq!(snippet(template), "RUN ${1:a} \\\\\n  \\${X\\} ${2:b\\}/\\$c} $1");
        assert_eq!((plain("a {{b"), snippet("a {{b")), ("a {{b".into(), "a {{b".into()));
    }
}
