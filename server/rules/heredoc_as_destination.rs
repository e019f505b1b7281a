use super::{Findings, context::Context, rule, stage_edits::replace};
use crate::{
    syntax::{Arguments, Instruction, Keyword, Placed, Word},
    text::Edit,
};

rule! {
    /// A heredoc where `COPY` or `ADD` needs a destination.
    ///
    /// ## Why
    /// A heredoc is a file to copy; the last word says where to. With a heredoc there the build stops.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM alpine:3.20
    /// COPY /etc/motd <<EOF
    /// Hello
    /// EOF
    /// ```
    ///
    /// ## Instead
    /// ```dockerfile
    /// FROM alpine:3.20
    /// COPY <<EOF /etc/motd
    /// Hello
    /// EOF
    /// ```
    HEREDOC_AS_DESTINATION: "heredoc-as-destination", "A heredoc in place of a destination", Error, check
}

fn check(context: &Context<'_>, out: &mut Findings) {
    for (index, placed) in context.with(&[Keyword::Copy, Keyword::Add]) {
        let instruction = placed.instruction.effective();
        let Some(word) = destination(instruction) else { continue };
        let message = format!("{} needs a destination, which can't be a heredoc", instruction.keyword.name());
        out.report(&HEREDOC_AS_DESTINATION, placed.at(word.range()), message)
            .severity(context.refused(index))
            .fix("Put the destination last", swap(context, placed, instruction))
            .prefer_single_fix();
    }
}

/// The last of several words, if it is a heredoc.
fn destination(instruction: &Instruction) -> Option<&Word> {
    let Arguments::Words { words, json } = &instruction.arguments else { return None };
    let last = words.last().filter(|_| words.len() > 1)?;
    let is_heredoc = match json {
        true => is_marker(last.text()),
        // Behind a blank in the marker another word starts.
        false => instruction.heredoc_markers.contains(last) && !last.text().contains([' ', '\t']),
    };
    is_heredoc.then_some(last)
}

/// Whether a string would be a heredoc if it were a word (parser/parser.go, `reHeredoc`).
fn is_marker(text: &str) -> bool {
    let text = text.trim_start_matches(|c: char| c.is_ascii_digit());
    let Some(name) = text.strip_prefix("<<") else { return false };
    let name = name.strip_prefix('-').unwrap_or(name).trim_start();
    !name.is_empty() && !name.contains(['<', '"', '\'', '\\', '$']) && !name.contains(char::is_whitespace)
}

/// Changes the heredoc and the one path in front of it.
fn swap(context: &Context<'_>, placed: &Placed, instruction: &Instruction) -> Option<Vec<Edit>> {
    let [path, heredoc] = instruction.words() else { return None };
    if instruction.heredoc_markers != [heredoc.clone()] {
        return None;
    }
    let text = |word: &Word| context.doc.text().slice(placed.at(word.range())).into_owned();
    let edits = vec![
        replace(placed.at(path.range()), text(heredoc)),
        replace(placed.at(heredoc.range()), text(path)),
    ];
    (!text(path).contains('\n')).then_some(edits)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{fires, fixed, only, silent};

    #[test]
    fn a_heredoc_is_no_destination() {
        fires(
            &HEREDOC_AS_DESTINATION,
            "
            FROM a:1
            COPY /x <<EOF
                    ^^^^^ error
            EOF
            ADD <<A <<'B'
                    ^^^^^ error
            A
            B
            COPY [\"a\", \"<<b\"]
                        ^^^ error
            ONBUILD COPY /x <<EOF
                            ^^^^^ warning
            EOF
            ",
        );
    }

    #[test]
    fn what_is_copied_may_be_one() {
        silent(
            &HEREDOC_AS_DESTINATION,
            "FROM a:1\nCOPY a <<EOF /x\nEOF\nRUN cat <<EOF\nEOF\nCOPY [\"a\", \"<b\"]\n",
        );
        only("FROM a:1\nCOPY <<EOF\nEOF\n", &["missing-arguments"]);
    }

    #[test]
    fn the_path_comes_last() {
        assert_eq!(
            fixed(&HEREDOC_AS_DESTINATION, "FROM a:1\nCOPY  /x  <<EOF\na\nEOF\n", "Put the destination last"),
            "FROM a:1\nCOPY  <<EOF  /x\na\nEOF\n"
        );
    }
}
