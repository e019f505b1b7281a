use std::collections::HashSet;

use super::{
    Findings, context::Context, directories_flattened::is_directory, rule, stage_edits::insert,
    unknown_flag::lacks_value,
};
use crate::syntax::{Arguments, Instruction, Keyword, Word};

rule! {
    /// A COPY or ADD of several sources to what is written like a file.
    ///
    /// ## Why
    /// Without a `/` at its end the destination is a file, unless there is a directory of that name already. Each source
    /// replaces the one before, and only the last one is left.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM alpine:3.20
    /// COPY a.conf b.conf /conf
    /// ```
    ///
    /// ## Instead
    /// ```dockerfile
    /// FROM alpine:3.20
    /// COPY a.conf b.conf /conf/
    /// ```
    MANY_SOURCES_ONE_FILE: "many-sources-one-file", "Several sources are copied to one file", Warning, check
}

fn check(context: &Context<'_>, out: &mut Findings) {
    let mut known = None;
    for (index, placed) in context.with(&[Keyword::Copy, Keyword::Add]) {
        let instruction = placed.instruction.effective();
        let Some((target, sources)) = instruction.meant_words().split_last() else { continue };
        if sources.len() < 2 || !is_as_meant(instruction) {
            continue;
        }
        let Some(path) = context.value(index, target) else { continue };
        let path = path.strip_prefix("./").unwrap_or(&path);
        if is_written_as_directory(path)
            // The first of them makes it one.
            || sources.iter().any(|source| is_directory(source.text()))
            || !is_linked(instruction) && known.get_or_insert_with(|| directories(context)).contains(path)
        {
            continue;
        }
        let message =
            format!("{} sources go to one file \"{path}\": a directory needs a / at its end", sources.len());
        let range = placed.at(target.range());
        let slash = (!range.is_empty()).then(|| vec![insert(range.end, "/")]);
        let finding = out.report(&MANY_SOURCES_ONE_FILE, range, message);
        // The range of a JSON string, or of a quoted word, does not end where its text does.
        let is_plain = matches!(&instruction.arguments, Arguments::Words { json: false, .. })
            && !target.text().contains(['"', '\'', '$']);
        finding.fix("Write a `/` at its end", slash.filter(|_| is_plain)).prefer_single_fix();
    }
}

/// Whether the words are what they seem: not a comment, a heredoc, broken JSON or a flag in the wrong place, and not `--parents`, which
/// makes directories.
fn is_as_meant(instruction: &Instruction) -> bool {
    let odd = |text: &str| text.starts_with(['#', '[']) || text.starts_with("--");
    instruction.flag("parents").is_none()
        && !(has_open_flag(instruction) && lacks_value(instruction))
        && !instruction.meant_words().iter().any(|word| odd(word.text()))
        && instruction.meant_words().last().is_some_and(|target| !target.text().contains("<<"))
}

/// Whether the last flag is one that needs a value, and has none.
fn has_open_flag(instruction: &Instruction) -> bool {
    let needs = |name| matches!(name, "from" | "chown" | "chmod" | "checksum" | "exclude");
    instruction.flags.last().is_some_and(|flag| flag.value.is_none() && needs(flag.name.text()))
}

/// Whether the files go into a layer where there are no directories yet.
fn is_linked(instruction: &Instruction) -> bool {
    let flag = instruction.flag("link").filter(|_| instruction.flag("chmod").is_none());
    flag.is_some_and(|flag| flag.value.as_ref().is_none_or(|value| value.text() == "true"))
}

/// Directories that nearly every image has.
const COMMON: [&str; 30] = [
    "/bin",
    "/boot",
    "/dev",
    "/etc",
    "/etc/nginx",
    "/etc/nginx/conf.d",
    "/home",
    "/lib",
    "/media",
    "/mnt",
    "/opt",
    "/root",
    "/run",
    "/sbin",
    "/srv",
    "/tmp",
    "/usr",
    "/usr/bin",
    "/usr/lib",
    "/usr/local",
    "/usr/local/bin",
    "/usr/local/lib",
    "/usr/local/sbin",
    "/usr/sbin",
    "/usr/share",
    "/usr/src",
    "/var",
    "/var/lib",
    "/var/log",
    "/var/www/html",
];

/// What is, or may be, a directory: what some RUN or WORKDIR of the file speaks of, in whichever stage.
fn directories<'a>(context: &Context<'a>) -> HashSet<&'a str> {
    let mut known: HashSet<&str> = COMMON.into();
    for placed in context.doc.syntax().instructions() {
        let instruction = placed.instruction.effective();
        let words: &[Word] = match (instruction.keyword, &instruction.arguments) {
            (Keyword::Run, Arguments::Text(text)) => std::slice::from_ref(text),
            (Keyword::Run | Keyword::Workdir | Keyword::Volume, Arguments::Words { words, .. }) => words,
            // All but the last one may be files.
            (Keyword::Copy | Keyword::Add, Arguments::Words { words, .. }) => match words.split_last() {
                Some((target, _)) if target.text().ends_with('/') => std::slice::from_ref(target),
                _ => continue,
            },
            _ => continue,
        };
        for word in words {
            let parts = word.text().split(|c: char| c.is_whitespace() || "\"';&|(){},=:".contains(c));
            parts.for_each(|part| add(&mut known, part));
        }
    }
    known
}

/// The longest path in bytes (`PATH_MAX`).
const LONGEST: usize = 4096;

/// Adds a path and the directories that it is in.
fn add<'a>(known: &mut HashSet<&'a str>, path: &'a str) {
    let path = path.strip_prefix("./").unwrap_or(path).trim_end_matches('/');
    if path.is_empty() || path.len() > LONGEST || !known.insert(path) {
        return;
    }
    let mut rest = path;
    while let Some((above, _)) = rest.rsplit_once('/') {
        if above.is_empty() || !known.insert(above) {
            return;
        }
        rest = above;
    }
}

/// Whether a path is written like a directory.
fn is_written_as_directory(path: &str) -> bool {
    path.is_empty()
        || path.ends_with(['/', '\\'])
        || matches!(path.rsplit(['/', '\\']).next(), Some("." | ".."))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{fires, fixed, message, silent};

    #[test]
    fn several_sources_need_a_directory() {
        fires(
            &MANY_SOURCES_ONE_FILE,
            "
            FROM a:1
            COPY a b /c
                     ^^ warning
            ADD [\"a\", \"b\", \"/c\"]
                            ^^ warning
            ",
        );
        assert_eq!(
            message(&MANY_SOURCES_ONE_FILE, "FROM a:1\nCOPY a b /c\n"),
            "2 sources go to one file \"/c\": a directory needs a / at its end"
        );
    }

    #[test]
    fn directories_single_sources_and_variables_are_left_alone() {
        silent(
            &MANY_SOURCES_ONE_FILE,
            "
            FROM a:1
            ARG D
            COPY a b /c/
            COPY [\"a\", \"b\", \"/c/\"]
            COPY [\"a b\", \"/c\"]
            COPY a b .
            COPY a b ..
            COPY a b /x/.
            COPY a b $D
            COPY a b ${D}/x
            COPY --parents a b /c
            COPY a* /c
            COPY a /c # why
            COPY a --from=x /c
            COPY src a.json /app
            COPY a.sh b.sh /usr/local/bin
            ",
        );
        silent(
            &MANY_SOURCES_ONE_FILE,
            "FROM a:1\nRUN mkdir -p /d/e && x\nWORKDIR /w/v\nCOPY a b /d\nCOPY a b /w/v\nCOPY a b /d/e\n",
        );
    }

    #[test]
    fn a_linked_layer_has_no_directories() {
        fires(
            &MANY_SOURCES_ONE_FILE,
            "
            FROM a:1
            COPY --link a.sh b.sh /usr/local/bin
                                  ^^^^^^^^^^^^^^ warning
            ",
        );
    }

    #[test]
    fn a_slash_makes_it_a_directory() {
        let fix = |text| fixed(&MANY_SOURCES_ONE_FILE, text, "Write a `/` at its end");
        assert_eq!(fix("FROM a:1\nCOPY a \\\n  b \\\n  /c\n"), "FROM a:1\nCOPY a \\\n  b \\\n  /c/\n");
    }
}
