use super::{
    Findings, Severity,
    context::Context,
    copies::{self, Copying, Mentions, is_of_system, stage_title},
    rule,
    stage_edits::replace,
};
use crate::{
    flow::{self, Known, path},
    stages::{ReferenceKind, Resolution, image::looks_like_image},
    syntax::Word,
    text::Edit,
};

rule! {
    /// A `COPY --from` takes a relative path from a stage that has a working directory.
    ///
    /// ## Why
    /// The path starts at the root of the stage, never at its `WORKDIR`: `dist` is `/dist` there. Most often nothing is at that
    /// place, and the build fails. Of an image a relative path starts at its root as well.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM node:22 AS build
    /// WORKDIR /app
    /// COPY . .
    /// RUN npm ci && npm run build
    /// FROM nginx:1.27
    /// COPY --from=build dist /usr/share/nginx/html
    /// ```
    ///
    /// ## Instead
    /// ```dockerfile
    /// FROM node:22 AS build
    /// WORKDIR /app
    /// COPY . .
    /// RUN npm ci && npm run build
    /// FROM nginx:1.27
    /// COPY --from=build /app/dist /usr/share/nginx/html
    /// ```
    RELATIVE_COPY_SOURCE: "relative-copy-source", "A relative source of `COPY --from` does not follow the `WORKDIR`", Warning, check
}

fn check(context: &Context<'_>, out: &mut Findings) {
    let mut mentions = Mentions::default();
    for copying in copies::all(context) {
        for word in copying.sources.iter().filter(|word| is_relative(word.text())) {
            of_stage(context, &mut mentions, &copying, word, out);
        }
    }
    for reference in context.stages.references() {
        // A bare name was meant as that of a stage, which another rule says.
        if reference.kind == ReferenceKind::Copy
            && matches!(reference.resolution, Resolution::Image(_))
            && looks_like_image(&reference.text)
        {
            of_image(context, reference.instruction, out);
        }
    }
}

fn of_stage(
    context: &Context<'_>,
    mentions: &mut Mentions,
    copying: &Copying<'_>,
    word: &Word,
    out: &mut Findings,
) {
    let flow = copying.flow;
    let Some(directory) = flow.end().workdir.value.as_deref().filter(|directory| *directory != "/") else {
        return;
    };
    let text = flow::text_of(context.doc, copying.index, word);
    let Some(path) = text.value.as_deref().and_then(|text| path::join(Some("/"), text)) else { return };
    let Some(meant) = text.value.as_deref().and_then(|text| path::join(Some(directory), text)) else {
        return;
    };
    let certain = text.certain && flow.end().workdir.certain;
    let range = copying.placed.at(word.range());
    let title = stage_title(context, copying.from);
    let mut message = format!(
        "{:?} means {path:?} in {title} (its WORKDIR is {directory})",
        text.value.unwrap_or_default()
    );
    // Something may well be there: then only the spelling is odd.
    let is_there = match path.as_str() {
        "/" => copying.target(context).value.as_deref() == Some("/"),
        _ => is_of_system(&path) || flow.writers(&path).any(|fact| *fact.path != *"/"),
    };
    let is_there = is_there || path != "/" && mentions.name(context, copying.from, &path);
    if !is_there {
        message += &format!(". Did you mean {meant:?}?");
    }
    let finding = out.report(&RELATIVE_COPY_SOURCE, range, message);
    finding.severity(match (is_there, certain) {
        (true, _) => Severity::Hint,
        (false, true) => Severity::Warning,
        (false, false) => Severity::Information,
    });
    if let Some(by) = flow.end().workdir_by {
        finding.related(context.place_of(by), format!("The WORKDIR of {title}"));
    }
    let (prefix, path) = if is_there { ("/", path) } else { (directory, meant) };
    finding.fix(format!("Write `{path}`"), absolute(copying.placed, word, prefix)).prefer_single_fix();
}

/// Images have no working directory that anybody sees here, so the path says what it means, only not plainly.
fn of_image(context: &Context<'_>, index: usize, out: &mut Findings) {
    let placed = context.instruction(index);
    let Some((_, sources)) = placed.instruction.meant_words().split_last() else { return };
    if context.doc.syntax().escape() == '`' {
        return;
    }
    for word in sources.iter().filter(|word| is_relative(word.text())) {
        let text = flow::text_of(context.doc, index, word);
        let Known { value: Some(text), .. } = text else { continue };
        let Some(path) = path::join(Some("/"), &text) else { continue };
        let message = format!("{text:?} means {path:?}: a source counts from the root of the image");
        out.report(&RELATIVE_COPY_SOURCE, placed.at(word.range()), message)
            .severity(Severity::Hint)
            .fix(format!("Write `{path}`"), absolute(placed, word, "/"))
            .prefer_single_fix();
    }
}

/// Whether a source is certainly relative, and no path of Windows or a heredoc.
fn is_relative(text: &str) -> bool {
    let text = text.trim_start_matches(['"', '\'']);
    let drive = text.as_bytes().get(1) == Some(&b':');
    !text.is_empty() && !drive && !text.starts_with(['/', '\\', '$']) && !text.starts_with("<<")
}

/// Puts `directory` in front of a relative path.
fn absolute(placed: &crate::syntax::Placed, word: &Word, directory: &str) -> Option<Vec<Edit>> {
    let text = word.text();
    let quotes = text.len() - text.trim_start_matches(['"', '\'']).len();
    let path = &text[quotes..];
    let rest = path.trim_start_matches("./");
    let rest = if rest == "." { "" } else { rest };
    let is_plain = |c: char| c.is_alphanumeric() || matches!(c, '/' | '.' | '_' | '-' | '@' | '+');
    if rest.starts_with("..") || !directory.chars().all(is_plain) {
        return None;
    }
    let slash = if directory.ends_with('/') || rest.is_empty() { "" } else { "/" };
    let end = text.len() - rest.len();
    let end = if rest.is_empty() { text.trim_end_matches(['"', '\'']).len() } else { end };
    let range = placed.at(word.source(quotes..end));
    Some(vec![replace(range, format!("{directory}{slash}"))])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{fires, fixed, message, silent};

    #[test]
    fn a_relative_source_does_not_follow_the_workdir() {
        fires(
            &RELATIVE_COPY_SOURCE,
            "
            FROM a:1 AS b
            WORKDIR /w
            RUN mk
            FROM c:1
            COPY --from=b out /o
                          ^^^ warning
            COPY --from=b --chown=1 [\"./x\", \"/y\", \"/o/\"]
                                      ^^^ warning
            COPY --from=b . /srv
                          ^ warning
            ",
        );
        let text = "
            FROM node:22 AS b
            WORKDIR /app
            FROM c:1
            COPY --from=b dist /o
            ";
        assert_eq!(
            message(&RELATIVE_COPY_SOURCE, text),
            "\"dist\" means \"/dist\" in stage \"b\" (its WORKDIR is /app). Did you mean \"/app/dist\"?"
        );
        assert!(fixed(&RELATIVE_COPY_SOURCE, text, "Write `/app/dist`").ends_with("--from=b /app/dist /o\n"));
    }

    #[test]
    fn what_is_at_the_root_is_only_spelt_oddly() {
        fires(
            &RELATIVE_COPY_SOURCE,
            "
            FROM a:1 AS b
            WORKDIR /w
            RUN build --into /dist
            COPY x /conf/
            FROM c:1
            COPY --from=b usr/bin/x dist conf/x /o/
                          ^^^^^^^^^ hint
                                    ^^^^ hint
                                         ^^^^^^ hint
            FROM scratch
            COPY --from=b . /
                          ^ hint
            COPY --from=nginx:1.27 etc/nginx /n
                                   ^^^^^^^^^ hint
            ",
        );
    }

    #[test]
    fn a_workdir_that_an_argument_moves_is_information() {
        fires(
            &RELATIVE_COPY_SOURCE,
            "
            FROM a:1 AS b
            ARG D=/w
            WORKDIR $D
            FROM c:1
            COPY --from=b out /o
                          ^^^ information
            ",
        );
    }

    #[test]
    fn absolute_unknown_and_windows_paths_are_left_alone() {
        for text in [
            "FROM a:1 AS b\nRUN mk\nFROM c:1\nCOPY --from=b out /o\n",
            "FROM node:22 AS b\nFROM c:1\nCOPY --from=b out /o\n",
            "FROM a:1 AS b\nWORKDIR /w\nFROM c:1\nCOPY --from=b /w/out /o\n",
            "FROM a:1 AS b\nWORKDIR /w\nFROM c:1\nCOPY --from=b C:\\out /o\nCOPY --from=b $X/y /o\n",
            "FROM a:1 AS b\nARG D\nWORKDIR $D\nFROM c:1\nCOPY --from=b out /o\n",
            "# escape=`\nFROM a:1 AS b\nWORKDIR C:\\w\nFROM c:1\nCOPY --from=b out C:\\o\n",
            "FROM a:1 AS b\nWORKDIR /w\nCOPY out /o\nFROM c:1\nCOPY out /o\n",
            "FROM a:1 AS builder\nWORKDIR /w\nFROM c:1\nCOPY --from=biulder out /o\n",
        ] {
            silent(&RELATIVE_COPY_SOURCE, text);
        }
    }

    #[test]
    fn quotes_and_dots_are_kept_in_order() {
        for (source, expected) in
            [("./dist/*.js", "/w/dist/*.js"), ("\"dist\"", "\"/w/dist\""), (".", "/w"), ("./", "/w")]
        {
            let text =
                format!("FROM a:1 AS b\r\nWORKDIR /w\r\nFROM c:1\r\ncopy --from=b {source} \\\r\n  /o/\r\n");
            let doc = crate::document::Document::open(&text, 0);
            let findings = crate::rules::check(&doc);
            let found = findings.iter().find(|f| f.code == "relative-copy-source").expect("it fires");
            let after = fixed(&RELATIVE_COPY_SOURCE, &text, &found.fixes[0].title);
            assert!(after.contains(&format!("--from=b {expected} \\")), "{after}");
        }
    }
}
