use std::borrow::Cow;

use super::{Findings, context::Context, rule};
use crate::{
    dockerignore::{Ignore, clean},
    stages::expand::{Expanded, Variables, expand},
    syntax::{Keyword, Word},
};

rule! {
    /// A COPY or ADD of what the `.dockerignore` leaves out of the build context.
    ///
    /// ## Why
    /// The builder never gets to see the file, and the build fails. `<Dockerfile>.dockerignore` beside the Dockerfile decides
    /// what is left out, or else the `.dockerignore` of the build context. One that takes something back with a `!` is not
    /// judged. This is BuildKit's check CopyIgnoredFile.
    ///
    /// ## Example
    /// With a `.dockerignore` that holds `*.log`:
    /// ```dockerfile
    /// FROM alpine:3.20
    /// COPY build.log /build.log
    /// ```
    ///
    /// ## Instead
    /// ```dockerfile
    /// FROM alpine:3.20
    /// COPY build.txt /build.log
    /// ```
    COPY_IGNORED_FILE: "CopyIgnoredFile", "A COPY or ADD names what the .dockerignore leaves out", Warning, check
}

fn check(context: &Context<'_>, out: &mut Findings) {
    let Some(ignore) = context.doc.ignore().filter(|ignore| !ignore.has_exclusions()) else { return };
    for command in context.commands(&[Keyword::Copy, Keyword::Add]) {
        let instruction = command.instruction;
        let verb = match instruction.keyword {
            Keyword::Copy => "Copy",
            Keyword::Add => "Add",
            _ => continue,
        };
        // Without anything behind its `=` it copies from the build context (dockerfile2llb/convert.go, `dispatch`).
        let from = instruction.flag("from").and_then(|flag| flag.value.as_ref());
        let Some((_, sources)) = instruction.meant_words().split_last() else { continue };
        if from.is_some_and(|from| !from.text().is_empty()) {
            continue;
        }
        for word in sources.iter().filter(|word| !is_elsewhere(word.text(), instruction.heredocs.is_empty()))
        {
            let Some(path) = path(word, context.doc.syntax().escape()) else { continue };
            if !is_elsewhere(&path, true) && is_ignored(ignore, &path) {
                let message =
                    format!("Attempting to {verb} file {:?} that is excluded by .dockerignore", clean(&path));
                out.report(&COPY_IGNORED_FILE, command.placed.at(word.range()), message);
            }
        }
    }
}

/// The path that a word means; `None` if that depends on variables.
fn path<'a>(word: &'a Word, escape: char) -> Option<Cow<'a, str>> {
    if !word.text().contains(['$', '"', '\'', escape]) {
        return Some(word.text().into());
    }
    expand(word.text(), escape, &|part| part, &Any).ok()?.text().map(Cow::Owned)
}

/// No value of a variable is known.
struct Any;

impl Variables for Any {
    fn value(&self, _name: &str) -> Option<Expanded> {
        Some(Expanded::any())
    }
}

/// Whether a source is a heredoc, a URL or a git repository (dfgitutil/git_ref.go, `ParseGitRef`).
fn is_elsewhere(source: &str, no_heredocs: bool) -> bool {
    const SCHEMES: [&str; 5] = ["http://", "https://", "git://", "ssh://", "git@"];
    (!no_heredocs && source.contains("<<"))
        || SCHEMES.iter().any(|scheme| source.starts_with(scheme))
        || (source.starts_with("github.com/") && source.matches('/').count() > 1)
}

/// As BuildKit asks (dockerfile2llb/validations.go, `validateCopySourcePath`).
fn is_ignored(ignore: &Ignore, path: &str) -> bool {
    let path = clean(path);
    let is_root = path == "." || path == "/";
    (!is_root || ignore.leaves_out_everything()) && ignore.matches(&path) == Ok(true)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::{document::Document, rules};

    /// What is found in a Dockerfile beside a `.dockerignore`.
    fn found(ignore: &str, lines: &str) -> Vec<String> {
        let ignore = Arc::new(Ignore::parse(ignore).expect("good patterns"));
        let text = format!("FROM a:1 AS a\n{lines}\n");
        let doc = Document::open(&text, 0).with_ignore(Some(ignore));
        let findings = rules::check(&doc).into_iter().filter(|finding| finding.code == "CopyIgnoredFile");
        findings.map(|finding| text[finding.range].to_owned()).collect()
    }

    #[test]
    fn sources_that_are_left_out_are_found() {
        assert_eq!(
            found("*.log\ntmp", "COPY a.log b tmp/x /\nADD [\"tmp\", \"/x\"]"),
            ["a.log", "tmp/x", "tmp"]
        );
        assert_eq!(found("a", "COPY ./a/../a \"a\" b /"), ["./a/../a", "\"a\""]);
        assert_eq!(found("a", "COPY --from= a b"), ["a"]);
        assert_eq!(found("*", "COPY . /"), ["."]);
    }

    #[test]
    fn targets_stages_urls_heredocs_and_variables_are_left_alone() {
        for line in [
            "COPY b a",
            "COPY --from=a a /",
            "ADD https://example.com/a git@example.com:a /",
            "COPY <<a /\nx\na",
            "COPY $a ${b:-a} /",
            "COPY /a /",
            "COPY . /",
            "ONBUILD COPY a /",
            "COPY a",
        ] {
            assert_eq!(found("a", line), [""; 0], "{line}");
        }
        assert_eq!(found("*\n!b", "COPY a /"), [""; 0]);
    }
}
