use super::{
    Findings,
    context::Context,
    rule,
    stage_edits::replace,
    values::remote::{Source, source},
};
use crate::{
    language::flags,
    syntax::{Arguments, Instruction, Keyword, Placed},
    text::Edit,
};

rule! {
    /// A `COPY` from a URL or a Git repository.
    ///
    /// ## Why
    /// `COPY` takes files of the build context, of a stage or of an image. Only `ADD` downloads.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM alpine:3.20
    /// COPY https://example.com/app.conf /etc/
    /// ```
    ///
    /// ## Instead
    /// ```dockerfile
    /// FROM alpine:3.20
    /// ADD https://example.com/app.conf /etc/
    /// ```
    REMOTE_COPY_SOURCE: "remote-copy-source", "A `COPY` from a URL or a Git repository", Error, check
}

fn check(context: &Context<'_>, out: &mut Findings) {
    for (index, placed) in context.with(&[Keyword::Copy]) {
        let instruction = placed.instruction.effective();
        let Some((_, sources)) = instruction.words().split_last() else { continue };
        for word in sources.iter().filter(|word| word.text().contains(':')) {
            let is_url = |text: &str| text.starts_with("http://") || text.starts_with("https://");
            // What a URL goes on with does not matter.
            let kind = match context.value(index, word) {
                Some(value) => source(&value),
                None if is_url(word.text()) => Source::Url,
                None => continue,
            };
            let what = match kind {
                Source::Url => "a URL",
                Source::Git => "a Git repository",
                Source::Path | Source::Unknown => continue,
            };
            let message = format!("COPY can't read from {what}. ADD can");
            out.report(&REMOTE_COPY_SOURCE, placed.at(word.range()), message)
                .severity(context.build_error(index))
                .fix("Use ADD", use_add(placed, instruction))
                .prefer_single_fix();
        }
    }
}

fn use_add(placed: &Placed, instruction: &Instruction) -> Option<Vec<Edit>> {
    let fits = instruction.flags.iter().all(|flag| flags::flag(Keyword::Add, flag.name.text()).is_some());
    let is_complete = matches!(&instruction.arguments, Arguments::Words { words, .. } if words.len() >= 2);
    let word = &instruction.word;
    let add = if word.text().starts_with('c') { "add" } else { "ADD" };
    (fits && is_complete).then(|| vec![replace(placed.at(word.range()), add)])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{fires, fixed, silent};

    #[test]
    fn copy_does_not_download() {
        fires(
            &REMOTE_COPY_SOURCE,
            "
            FROM a:1
            COPY a https://b/c /d/
                   ^^^^^^^^^^^ error
            COPY [\"git@b.c:d/e.git\", \"/d/\"]
                   ^^^^^^^^^^^^^^^ error
            COPY https://b/$V /d/
                 ^^^^^^^^^^^^ error
            ",
        );
        silent(
            &REMOTE_COPY_SOURCE,
            "FROM a:1\nADD https://b/c /d/\nCOPY a:b c\nCOPY https://b\nCOPY $V:x /d\nCOPY ftp://b /d\nCOPY a https://b/c\n",
        );
    }

    #[test]
    fn add_does() {
        let after = fixed(&REMOTE_COPY_SOURCE, "FROM a:1\ncopy --chown=1 https://b/c /d\n", "Use ADD");
        assert_eq!(after, "FROM a:1\nadd --chown=1 https://b/c /d\n");
    }
}
