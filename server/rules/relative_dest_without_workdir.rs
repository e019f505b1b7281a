use super::{
    Findings,
    context::Context,
    copies::destination,
    rule,
    stage_edits::{indent, insert, newline, replace},
};
use crate::{
    flow::RootKind,
    syntax::{Keyword, Placed, Word},
};

rule! {
    /// A `COPY` or `ADD` to a relative place in a stage without a `WORKDIR`.
    ///
    /// ## Why
    /// The files land in the directory that the base image starts in. For most images that is the root of the file system, where
    /// they lie among those of the system, and a new version of the image may start elsewhere. Images with a working directory
    /// of their own, such as `golang` and `php:fpm`, are left alone.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM node:22-alpine
    /// COPY dist ./dist
    /// CMD ["node", "dist/server.js"]
    /// ```
    ///
    /// ## Instead
    /// ```dockerfile
    /// FROM node:22-alpine
    /// WORKDIR /app
    /// COPY dist ./dist
    /// CMD ["node", "dist/server.js"]
    /// ```
    RELATIVE_DEST_WITHOUT_WORKDIR: "relative-dest-without-workdir", "A relative destination in a stage without a `WORKDIR`", Hint, check
}

fn check(context: &Context<'_>, out: &mut Findings) {
    let mut copies: Vec<_> = context
        .with(&[Keyword::Copy, Keyword::Add])
        .filter_map(|(index, _)| landing(context, index))
        .collect();
    copies.sort_unstable_by_key(|landing| landing.index);
    // One missing WORKDIR is one finding: the first of a stage.
    for landings in copies.chunk_by(|a, b| a.stage == b.stage) {
        let [first, more @ ..] = landings else { continue };
        let Landing { placed, word, path, .. } = first;
        let range = placed.at(word.range());
        let text = word.text().trim_matches(['"', '\'']);
        let message = format!("{text:?} is {path:?} here: no WORKDIR is set");
        let finding = out.report(&RELATIVE_DEST_WITHOUT_WORKDIR, range.clone(), message);
        if !context.fixes {
            continue;
        }
        let blanks = indent(context, placed.start);
        let workdir = insert(placed.start, format!("WORKDIR /app{}{blanks}", newline(context)));
        finding.fix("Set `WORKDIR /app` above", Some(vec![workdir]));
        let is_plain =
            !word.text().contains(['"', '\'', '$']) && path != "/" && !path.contains(char::is_whitespace);
        let slash = if word.text().ends_with('/') { "/" } else { "" };
        let absolute = (is_plain && more.is_empty()).then(|| vec![replace(range, format!("{path}{slash}"))]);
        finding.fix(format!("Write `{path}{slash}`"), absolute);
    }
}

/// A COPY or ADD to a relative place where no WORKDIR is set.
struct Landing<'a> {
    index: usize,
    stage: usize,
    placed: &'a Placed,
    word: &'a Word,
    /// Where it lands.
    path: String,
}

/// The COPY or ADD with this index, if it is one.
fn landing<'a>(context: &Context<'a>, index: usize) -> Option<Landing<'a>> {
    let placed = context.instruction(index);
    let instruction = &placed.instruction;
    let (word, sources) = instruction.meant_words().split_last()?;
    // That of an ONBUILD lands in the stages that build on this one.
    if sources.is_empty() || !is_relative(word.text()) || instruction.keyword == Keyword::Onbuild {
        return None;
    }
    let stage = context.stages.of_instruction(index)?;
    let number = index - stage.instructions.start;
    let flow = context.flow().stage(stage.index);
    let point = flow.before(number);
    // Of the empty file system the root is the usual place.
    if point.workdir_by.is_some()
        || point.workdir.value.as_deref() != Some("/")
        || flow.root().kind == RootKind::Scratch
        || flow.is_windows()
    {
        return None;
    }
    let path = destination(context, index, stage.index, number, word).value?;
    Some(Landing { index, stage: stage.index, placed, word, path })
}

/// Whether a destination is certainly relative.
fn is_relative(text: &str) -> bool {
    let text = text.trim_start_matches(['"', '\'']);
    let drive = text.as_bytes().get(1) == Some(&b':');
    !text.is_empty() && !drive && !text.starts_with(['/', '\\', '$', '<'])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{fires, fixed, message, silent};

    #[test]
    fn files_land_in_the_root() {
        fires(
            &RELATIVE_DEST_WITHOUT_WORKDIR,
            "
            FROM node:20-alpine AS build
            WORKDIR /app
            COPY . .
            FROM node:20-alpine
            COPY --from=build /app/dist ./dist
                                        ^^^^^^ hint
            COPY --from=build /app/node_modules ./node_modules
            FROM debian:12 AS base
            FROM base
            ADD [\"a\", \"b\", \"x/\"]
                            ^^ hint
            ",
        );
        let text = "FROM nginx:alpine\nCOPY a ./usr/share/nginx/html\n";
        assert_eq!(
            message(&RELATIVE_DEST_WITHOUT_WORKDIR, text),
            "\"./usr/share/nginx/html\" is \"/usr/share/nginx/html\" here: no WORKDIR is set"
        );
        assert_eq!(
            fixed(&RELATIVE_DEST_WITHOUT_WORKDIR, text, "Write `/usr/share/nginx/html`"),
            "FROM nginx:alpine\nCOPY a /usr/share/nginx/html\n"
        );
        assert_eq!(
            fixed(
                &RELATIVE_DEST_WITHOUT_WORKDIR,
                "FROM node:22\r\n  COPY a b\r\n",
                "Set `WORKDIR /app` above"
            ),
            "FROM node:22\r\n  WORKDIR /app\r\n  COPY a b\r\n"
        );
    }

    #[test]
    fn a_working_directory_of_the_file_or_the_image_is_followed() {
        for text in [
            "FROM node:22 AS base\nWORKDIR /app\nFROM base\nCOPY . .\n",
            "FROM golang:1.22\nCOPY . .\n",
            "FROM php:8.3-fpm\nCOPY . .\n",
            "FROM composer:2\nCOPY . .\n",
            "FROM ghcr.io/a/b\nCOPY . .\n",
            "ARG B\nFROM $B\nCOPY . .\n",
            "FROM scratch\nCOPY a .\n",
            "FROM node:22\nCOPY a /b\nCOPY a $X\nCOPY a C:\\\\x\nONBUILD COPY . .\n",
            "FROM mcr.microsoft.com/windows/nanoserver:ltsc2022\nCOPY a b\n",
        ] {
            silent(&RELATIVE_DEST_WITHOUT_WORKDIR, text);
        }
    }
}
