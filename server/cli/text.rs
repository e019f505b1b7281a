//! Findings for people: excerpts with marks under them, and a last line that counts.

use std::{
    io::{self, Write},
    ops::Range,
};

use annotate_snippets::{Annotation, AnnotationKind, Group, Level, Origin, Renderer, Snippet};

use super::{
    check::{Checked, severity_name},
    place::Span,
};
use crate::{
    rules::{Finding, Severity},
    text::{Encoding, Text, one_line},
};

/// Whether standard output shows colours: it is a terminal, and neither `NO_COLOR` nor the like says otherwise.
pub fn colours() -> bool {
    anstream::AutoStream::choice(&io::stdout()) != anstream::ColorChoice::Never
}

/// Writes the findings from `least` on, and a summary.
pub fn write(out: &mut dyn Write, files: &[Checked], least: Severity, colours: bool) -> io::Result<()> {
    let renderer = if colours { Renderer::styled() } else { Renderer::plain() };
    for file in files {
        for finding in file.findings.iter().filter(|finding| finding.severity >= least) {
            writeln!(out, "{}\n", renderer.render(&[group(file, finding)]))?;
        }
    }
    if files.is_empty() {
        return Ok(());
    }
    writeln!(out, "{}", summary(files, least))
}

fn group<'a>(file: &'a Checked, finding: &'a Finding) -> Group<'a> {
    let level = match finding.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Information => Level::INFO,
        Severity::Hint => Level::NOTE.with_name(severity_name(Severity::Hint)),
    };
    let mut title = level.primary_title(finding.message.as_str()).id(finding.code);
    if let Some(page) = finding.page {
        title = title.id_url(page);
    }
    let mut group = Group::with_title(title);
    let excerpt = Excerpt::of(&file.text, finding);
    group = match excerpt.snippet(&file.file) {
        Some(snippet) => group.element(snippet),
        None => {
            let start = Span::of(&file.text, &finding.range).start;
            group.element(
                Origin::path(&file.file).line(start.line as usize).char_column(start.column as usize),
            )
        }
    };
    for (line, message) in excerpt.elsewhere {
        group = group.element(Level::NOTE.message(one_line(&format!("line {line}: {message}"))));
    }
    let mut fixes: Vec<_> = finding.fixes.iter().collect();
    fixes.sort_by_key(|fix| !fix.preferred);
    group.elements(fixes.into_iter().map(|fix| Level::HELP.message(one_line(&fix.title))))
}

/// The lines that a finding is about.
#[derive(Debug)]
struct Excerpt<'a> {
    /// The first line, from 1.
    first: usize,
    /// The lines with a place in them and those just between; empty ones for what is left out.
    text: String,
    /// The finding's own place first, in bytes of `text`; empty if there is nothing sensible to show.
    places: Vec<(Range<usize>, Option<&'a str>)>,
    /// Related places that are too far away, with their lines from 1.
    elsewhere: Vec<(usize, &'a str)>,
}

impl<'a> Excerpt<'a> {
    /// Places farther apart than this are not shown in one excerpt: each line between costs a little.
    const FAR: usize = 5_000;
    /// So many lines between two places are shown rather than left out.
    const BETWEEN: usize = 2;
    /// What follows a place on its line is cut behind so many bytes.
    const AFTER: usize = 200;
    /// A place farther right than this is in no text that was made to be read.
    const RIGHT: usize = 10_000;

    fn of(text: &Text, finding: &'a Finding) -> Excerpt<'a> {
        let own = text.line_of(finding.range.start);
        let mut excerpt =
            Excerpt { first: 0, text: String::new(), places: Vec::new(), elsewhere: Vec::new() };

        // Line, bytes on that line, label.
        let mut places = vec![(own, on_line(text, &finding.range), None)];
        for related in &finding.related {
            let line = text.line_of(related.range.start);
            let place = on_line(text, &related.range);
            if line.abs_diff(own) > Self::FAR || place.end > Self::RIGHT {
                excerpt.elsewhere.push((line + 1, &related.message));
            } else {
                places.push((line, place, Some(related.message.as_str())));
            }
        }
        if places[0].1.end > Self::RIGHT {
            return excerpt;
        }

        let mut lines: Vec<usize> = places.iter().map(|(line, ..)| *line).collect();
        lines.sort_unstable();
        lines.dedup();
        excerpt.first = lines[0] + 1;
        let mut starts = Vec::with_capacity(lines.len());
        let mut above = lines[0];
        for &line in &lines {
            for between in above + 1..line {
                excerpt.text.push('\n');
                if line - above - 1 <= Self::BETWEEN {
                    excerpt.text.push_str(&start_of_line(text, between, 0));
                }
            }
            if line > lines[0] {
                excerpt.text.push('\n');
            }
            starts.push(excerpt.text.len());
            let ends = places.iter().filter(|(of, ..)| *of == line).map(|(_, place, _)| place.end);
            excerpt.text.push_str(&start_of_line(text, line, ends.max().unwrap_or(0)));
            above = line;
        }
        excerpt.places = places
            .into_iter()
            .map(|(line, place, label)| {
                let start = starts[lines.partition_point(|&other| other < line)];
                (start + place.start..start + place.end, label)
            })
            .collect();
        excerpt
    }

    fn snippet(&self, path: &'a str) -> Option<Snippet<'a, Annotation<'a>>> {
        let (own, related) = self.places.split_first()?;
        let related =
            related.iter().map(|(place, label)| AnnotationKind::Context.span(place.clone()).label(*label));
        Some(
            Snippet::source(self.text.clone())
                .line_start(self.first)
                .path(path)
                .annotation(AnnotationKind::Primary.span(own.0.clone()))
                .annotations(related),
        )
    }
}

/// The part of `range` on the line where it starts, in bytes of that line.
fn on_line(text: &Text, range: &Range<usize>) -> Range<usize> {
    let line = text.line_range(text.line_of(range.start));
    let start = range.start.min(line.end);
    start - line.start..range.end.clamp(start, line.end) - line.start
}

/// A line (from 0) up to and somewhat beyond `end` (bytes of the line).
fn start_of_line(text: &Text, line: usize, end: usize) -> String {
    let range = text.line_range(line);
    let cut = range.start + end + Excerpt::AFTER;
    if cut >= range.end {
        return text.slice(range).into_owned();
    }
    // A position is always on a character boundary.
    let utf8 = Encoding::Utf8;
    let cut = text.offset(text.position(cut, utf8), utf8);
    format!("{}…", text.slice(range.start..cut))
}

/// `2 errors, 1 warning in 3 files`.
fn summary(files: &[Checked], least: Severity) -> String {
    let count = |severity| {
        files.iter().flat_map(|file| &file.findings).filter(|finding| finding.severity == severity).count()
    };
    let shown: Vec<String> = [Severity::Error, Severity::Warning, Severity::Information, Severity::Hint]
        .into_iter()
        .filter(|severity| *severity >= least)
        .filter_map(|severity| match (count(severity), severity) {
            (0, _) => None,
            // It has no plural.
            (number, Severity::Information) => Some(format!("{number} information")),
            (number, _) => Some(plural(number, severity_name(severity))),
        })
        .collect();
    let found = if shown.is_empty() { "nothing found".to_owned() } else { shown.join(", ") };
    let mut summary = format!("{found} in {}", plural(files.len(), "file"));
    let hints = if least > Severity::Hint { count(Severity::Hint) } else { 0 };
    if hints > 0 {
        summary += &format!(" ({} left out: see them with --hints)", plural(hints, "hint"));
    }
    summary
}

fn plural(number: usize, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{cli::check::sample, rules::Related};

    fn render(files: &[Checked], least: Severity, colours: bool) -> String {
        let mut out = Vec::new();
        write(&mut out, files, least, colours).expect("memory takes everything");
        String::from_utf8(out).expect("it is text")
    }

    fn one(source: &str, range: Range<usize>, related: Vec<Related>) -> String {
        let finding = Finding {
            code: "x",
            page: None,
            severity: Severity::Error,
            range,
            message: "m".into(),
            elsewhere: Vec::new(),
            related,
            tags: Vec::new(),
            fixes: Vec::new(),
            also: None,
        };
        let file = Checked { file: "D".into(), text: Text::new(source), findings: vec![finding], ..sample() };
        render(&[file], Severity::Hint, false)
    }

    #[test]
    fn findings_are_shown_with_their_lines() {
        insta::assert_snapshot!(render(&[sample()], Severity::Information, false), @r##"
        error[broken]: an error
         --> web/Dockerfile:2:11
          |
        2 | RUN make é😀
          |           ^^

        warning[unknown-stage-reference]: no stage named `bulder`
         --> web/Dockerfile:5:13
          |
        1 | FROM node:22 AS builder
          |                 ------- this name is near
        ...
        5 | COPY --from=bulder /a /b
          |             ^^^^^^
          |
          = help: Use `builder`
          = help: Do nothing

        info[at-the-end]: and nothing after it
         --> web/Dockerfile:6:1
          |
        6 |
          | ^

        1 error, 1 warning, 1 information in 1 file (1 hint left out: see them with --hints)
        "##);
    }

    #[test]
    fn hints_are_shown_on_request() {
        let all = render(&[sample()], Severity::Hint, false);
        assert!(all.starts_with("hint[StageNameCasing]: a hint"), "{all}");
        assert!(all.ends_with("1 error, 1 warning, 1 information, 1 hint in 1 file\n"), "{all}");
    }

    #[test]
    fn colours_and_links_are_there_only_where_asked_for() {
        assert!(!render(&[sample()], Severity::Hint, false).contains('\x1b'));
        let coloured = render(&[sample()], Severity::Hint, true);
        assert!(coloured.contains("\x1b[") && coloured.contains("https://example.org/casing"), "{coloured}");
    }

    #[test]
    fn nothing_found_is_said() {
        let clean = || Checked { findings: Vec::new(), ..sample() };
        assert_eq!(render(&[clean(), clean()], Severity::Information, false), "nothing found in 2 files\n");
    }

    #[test]
    fn places_far_apart_leave_out_what_is_between() {
        let source = format!("FROM a AS b\n{}FROM c\n", "RUN x\n".repeat(100));
        let related = vec![Related { range: 10..11, message: "first".into() }];
        let at = source.len() - 2;
        insta::assert_snapshot!(one(&source, at..at + 1, related), @r##"
        error[x]: m
           --> D:102:6
            |
          1 | FROM a AS b
            |           - first
        ...
        102 | FROM c
            |      ^

        1 error in 1 file
        "##);
    }

    #[test]
    fn places_very_far_apart_are_told_by_their_lines() {
        let source = format!("FROM a AS b\n{}FROM c\n", "RUN x\n".repeat(10_000));
        let related = vec![Related { range: 10..11, message: "fi\x1brst".into() }];
        let at = source.len() - 2;
        let text = one(&source, at..at + 1, related);
        assert!(text.contains("note: line 1: fi rst"), "{text}");
    }

    #[test]
    fn long_lines_are_cut_and_longer_ones_left_out() {
        let line = |before: usize| format!("RUN {}x{}", "é".repeat(before), "y".repeat(1_000_000));
        let text = one(&line(500), 1004..1005, Vec::new());
        assert!(text.len() < 2_000 && text.contains("D:1:505"), "{text}");
        let text = one(&line(500_000), 1_000_004..1_000_005, Vec::new());
        assert!(text.len() < 200 && text.contains("D:1:500005"), "{text}");
    }

    #[test]
    fn any_place_in_any_text_can_be_shown() {
        for source in ["", "\n", "\r\n\r\n", "FROM", "a\rb\rc", "\0\x1b[31m\u{202e}", "é\u{2028}é\n"] {
            let bounds: Vec<usize> = (0..=source.len()).filter(|&at| source.is_char_boundary(at)).collect();
            for &start in &bounds {
                for &end in bounds.iter().filter(|&&end| end >= start) {
                    let related = vec![Related { range: end..source.len(), message: "r".into() }];
                    let text = one(source, start..end, related);
                    assert!(!text.contains(['\x1b', '\u{202e}']), "{text}");
                }
            }
        }
    }
}
