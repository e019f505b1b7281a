use super::{
    Findings, Severity,
    context::Context,
    rule,
    stage_edits::{newline, replace},
};
use crate::{
    syntax::{Arguments, Instruction, Keyword, Placed, Word},
    text::Edit,
};

rule! {
    /// A COPY of directories that puts their contents side by side.
    ///
    /// ## Why
    /// COPY takes what is in a directory, and not the directory itself. With several sources the files of all of them end up in
    /// one place, and nothing of their names is left.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM node:20 AS build
    /// FROM node:20-slim
    /// COPY --from=build /w/dist /w/node_modules ./
    /// ```
    ///
    /// ## Instead
    /// ```dockerfile
    /// FROM node:20 AS build
    /// FROM node:20-slim
    /// COPY --from=build /w/dist ./dist
    /// COPY --from=build /w/node_modules ./node_modules
    /// ```
    DIRECTORIES_FLATTENED: "directories-flattened", "A COPY mixes the contents of directories", Warning, check
}

/// Directories that programs look for by their names.
const TELLING: [&str; 7] = ["bin", "dist", "lib", "node_modules", "public", "static", "vendor"];

/// Of these nobody wants the contents among other files.
const NEVER_FLAT: [&str; 2] = ["node_modules", "vendor"];

/// Other names that files don't have.
const DIRECTORIES: [&str; 22] = [
    "__tests__",
    "app",
    "assets",
    "cmd",
    "config",
    "configs",
    "docs",
    "include",
    "internal",
    "locales",
    "migrations",
    "packages",
    "pkg",
    "prisma",
    "scripts",
    "share",
    "site-packages",
    "src",
    "templates",
    "test",
    "tests",
    "views",
];

fn check(context: &Context<'_>, out: &mut Findings) {
    // The last WORKDIR so far of this stage.
    let mut directory: Option<&Word> = None;
    for (index, placed) in context.doc.syntax().instructions().iter().enumerate() {
        let instruction = placed.instruction.effective();
        match instruction.keyword {
            Keyword::From => directory = None,
            Keyword::Workdir => directory = instruction.words().first(),
            Keyword::Copy | Keyword::Add if instruction.flag("parents").is_none() => {
                copy(context, out, index, placed, directory);
            }
            _ => {}
        }
    }
}

fn copy(context: &Context<'_>, out: &mut Findings, index: usize, placed: &Placed, directory: Option<&Word>) {
    let instruction = placed.instruction.effective();
    let Some((target, sources)) = instruction.meant_words().split_last() else { return };
    let is_here = matches!(target.text(), "." | "./");
    // Nearly all that stand alone have other places to go to.
    if sources.len() < 2 && !is_here {
        return;
    }
    let into = if is_here { directory.map(Word::text) } else { Some(target.text()) };
    let into = into.map(name).unwrap_or_default();
    let flat: Vec<usize> = (0..sources.len())
        .filter(|&at| {
            let text = sources[at].text();
            // What goes into a directory of its name goes where it belongs.
            !text.contains(['$', '"', '\'', '*', '?', '[']) && is_directory(text) && name(text) != into
        })
        .collect();
    let has = |list: &[&str]| flat.iter().any(|&at| list.contains(&name(sources[at].text())));
    let is_mixed = flat.len() >= 2 || has(&NEVER_FLAT);
    // One that ends in a slash and stands alone says that its contents are meant.
    let is_meant = sources.len() == 1 && sources[0].text().ends_with('/');
    let Some(&first) = flat.first().filter(|_| is_mixed && !is_meant) else { return };
    let names: Vec<String> =
        flat.iter().take(3).map(|&at| format!("\"{}\"", name(sources[at].text()))).collect();
    let (list, more) = (names.join(", "), if flat.len() > names.len() { ", …" } else { "" });
    let what = if flat.len() == 1 { "not the directory itself" } else { "not the directories themselves" };
    let message = format!("Only the contents of {list}{more} are copied to {}, {what}", target.text());
    let severity = if has(&TELLING) { Severity::Warning } else { Severity::Hint };
    let finding =
        out.report(&DIRECTORIES_FLATTENED, placed.at(sources[first].range()), message).severity(severity);
    if context.fixes && context.stages.of_instruction(index).is_some() {
        let title =
            if flat.len() == 1 { "Keep the directory" } else { "Copy each directory to its own place" };
        finding.fix(title, split(context, placed, instruction, &flat)).prefer_single_fix();
    }
}

/// The last part of a path.
fn name(path: &str) -> &str {
    path.trim_end_matches('/').rsplit('/').next().unwrap_or_default()
}

/// Whether a path has a name that directories have.
pub(super) fn is_directory(path: &str) -> bool {
    let name = name(path);
    !matches!(name, "" | "." | "..")
        && (TELLING.contains(&name) || DIRECTORIES.contains(&name) || path.ends_with('/'))
}

/// A line for each directory, below one for what is left.
fn split(
    context: &Context<'_>,
    placed: &Placed,
    instruction: &Instruction,
    flat: &[usize],
) -> Option<Vec<Edit>> {
    let Arguments::Words { words, json: false } = &instruction.arguments else { return None };
    // What follows the destination goes to its own line first.
    if words.len() > instruction.meant_words().len() {
        return None;
    }
    let (target, sources) = words.split_last()?;
    let text = context.doc.text();
    let all = text.slice(placed.range());
    // Lines and comments between the words would have to go somewhere.
    if all.contains(['\n', '\r']) || target.text().contains(['"', '\'', '\\']) {
        return None;
    }
    let start = text.slice(placed.start..placed.at(sources.first()?.range()).start);
    let into = target.text().trim_end_matches('/');
    let rest: Vec<&str> =
        (0..sources.len()).filter(|at| !flat.contains(at)).map(|at| sources[at].text()).collect();
    let mut lines = Vec::new();
    if !rest.is_empty() {
        lines.push(format!("{start}{} {into}/", rest.join(" ")));
    }
    lines.extend(flat.iter().map(|&at| {
        let source = sources[at].text();
        format!("{start}{source} {into}/{}", name(source))
    }));
    let between = format!("{}{}", newline(context), super::stage_edits::indent(context, placed.start));
    Some(vec![replace(placed.range(), lines.join(&between))])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{fires, fixed, message, silent};

    #[test]
    fn directories_that_are_mixed_are_found() {
        fires(
            &DIRECTORIES_FLATTENED,
            "
            FROM a:1 AS b
            COPY src tests ./
                 ^^^ hint
            COPY package.json node_modules ./
                              ^^^^^^^^^^^^ warning
            FROM a:1
            COPY --from=b /w/dist /w/node_modules ./
                          ^^^^^^^ warning
            COPY --from=b /w/node_modules .
                          ^^^^^^^^^^^^^^^ warning
            ",
        );
        assert_eq!(
            message(&DIRECTORIES_FLATTENED, "FROM a:1\nCOPY dist lib /x/\n"),
            "Only the contents of \"dist\", \"lib\" are copied to /x/, not the directories themselves"
        );
    }

    #[test]
    fn directories_with_a_place_of_their_own_and_files_are_left_alone() {
        silent(
            &DIRECTORIES_FLATTENED,
            "
            FROM a:1 AS b
            WORKDIR /app/node_modules
            COPY --from=x /w/dist ./dist
            COPY --from=x /w/dist/ /usr/share/nginx/html/
            COPY --from=x /app/node_modules .
            COPY --from=x /app/vendor/ .
            COPY --parents src lib ./
            COPY package.json yarn.lock ./
            COPY src .
            COPY a/public/. b/static/* ./
            COPY --from=x /usr/local/bin/a /usr/local/bin/b /usr/local/bin/
            COPY $A/lib $A/bin ./
            ",
        );
    }

    #[test]
    fn each_directory_gets_a_line() {
        assert_eq!(
            fixed(
                &DIRECTORIES_FLATTENED,
                "FROM a:1\r\n  COPY --chown=1 a.json /w/dist lib/ ./\r\n",
                "Copy each directory to its own place"
            ),
            "FROM a:1\r\n  COPY --chown=1 a.json ./\r\n  COPY --chown=1 /w/dist ./dist\r\n  COPY --chown=1 lib/ ./lib\r\n"
        );
        assert_eq!(
            fixed(&DIRECTORIES_FLATTENED, "FROM a:1\nCOPY x/vendor .\n", "Keep the directory"),
            "FROM a:1\nCOPY x/vendor ./vendor\n"
        );
    }
}
