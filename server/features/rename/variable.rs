//! Renaming a variable: its declarations, every use that can mean one of them, and what a command does with it.
//!
//! What goes together says [`Variables::group`](crate::variables::Variables::group). In a RUN that sees the variable all of
//! its names change, those that the shell sets too, and so does quoted text that looks like a use, which something may run
//! later. Comments that describe it follow. Whether the file means the same afterwards is not assumed but checked, on the
//! edited document.

use std::{collections::HashSet, ops::Range};

use super::{Renamable, RenameError};
use crate::{
    document::Document,
    rules::{self, Finding},
    syntax::{
        Keyword,
        variables::{Reader, is_name},
    },
    text::Edit,
    variables::{Group, Meaning, Mode, Symbol, Use, Variables, well_known},
};

/// Whether the variable can be renamed.
pub fn prepare(doc: &Document, symbol: Symbol) -> Result<Renamable, RenameError> {
    let variables = doc.variables();
    renamable(doc, symbol)?;
    let range = match symbol {
        Symbol::Declaration(index) => variables.declarations()[index].range.clone(),
        Symbol::Use(index) => variables.uses()[index].range.clone(),
    };
    Ok(Renamable { range, name: variables.name(symbol).to_string() })
}

/// The edits that give the variable a new name. They do not overlap and are in file order.
pub fn rename(doc: &Document, symbol: Symbol, new_name: &str) -> Result<Vec<Edit>, RenameError> {
    let variables = doc.variables();
    let mut group = renamable(doc, symbol)?;
    let name = variables.name(symbol);
    group.uses.extend(meant(doc, &group, name));
    group.uses.sort_unstable();
    if **name == *new_name {
        return Ok(Vec::new());
    }
    check_name(doc, &group, name, new_name)?;
    let declared = group.declarations.iter().map(|&index| variables.declarations()[index].range.clone());
    let used = group.uses.iter().map(|&index| variables.uses()[index].range.clone());
    let comments = group.declarations.iter().flat_map(|&index| {
        let instruction = variables.declarations()[index].instruction;
        doc.described(instruction, name).map(|(range, _)| range)
    });
    let ranges = declared.chain(used).chain(comments);
    let mut edits: Vec<Edit> = ranges.map(|range| Edit { range, text: new_name.to_owned() }).collect();
    edits.sort_by_key(|edit| edit.range.start);
    // Two pairs of one instruction share its comment.
    edits.dedup();
    means_the_same(doc, &group, &edits, new_name)?;
    Ok(edits)
}

/// What goes with a symbol, if it may have another name.
fn renamable(doc: &Document, symbol: Symbol) -> Result<Group, RenameError> {
    let variables = doc.variables();
    let name = variables.name(symbol);
    let group = variables.group(doc.stages(), symbol);
    if means_something_outside(doc, &group, name) {
        return Err(RenameError::WellKnown(name.to_string()));
    }
    if !is_name(name) {
        return Err(RenameError::InvalidVariable(name.to_string()));
    }
    if group.declarations.is_empty() {
        let of_command = match symbol {
            Symbol::Use(index) => variables.set_by_command(&variables.uses()[index]).is_some(),
            Symbol::Declaration(_) => false,
        };
        let name = name.to_string();
        return Err(if of_command { RenameError::OfCommand(name) } else { RenameError::Undeclared(name) });
    }
    Ok(group)
}

/// Uses in stages that don't see the variable where a rule says that it is meant: what is wrong there stays as easy to see.
fn meant(doc: &Document, group: &Group, name: &str) -> Vec<usize> {
    let variables = doc.variables();
    let of_group = |range: &Range<usize>| {
        let mut declared = group.declarations.iter().map(|&index| &variables.declarations()[index].range);
        declared.any(|declared| range.start <= declared.start && declared.end <= range.end)
    };
    let stage_at = |offset: usize| {
        let instruction = doc.syntax().instruction_at(offset)?;
        Some(doc.stages().of_instruction(instruction)?.index)
    };
    let findings = rules::check_only(doc).into_iter().filter(|finding| {
        let mut uses = variables.uses_in(finding.range.clone()).iter();
        finding.related.iter().any(|related| of_group(&related.range))
            && uses.any(|used| *used.name == *name && used.meaning == Meaning::Undeclared)
    });
    let stages: HashSet<usize> = findings.filter_map(|finding| stage_at(finding.range.start)).collect();
    let is_meant = |used: &Use| {
        *used.name == *name
            && used.meaning == Meaning::Undeclared
            && !matches!(used.reader, Reader::Container(_))
            && used.stage.is_some_and(|stage| stages.contains(&stage))
    };
    let uses = variables.uses().iter().enumerate().filter(|(_, used)| !stages.is_empty() && is_meant(used));
    let uses = uses.filter(|(index, used)| {
        group.uses.binary_search(index).is_err() && variables.set_by_command(used).is_none()
    });
    uses.map(|(index, _)| index).collect()
}

/// Whether others than this file set or read a variable of that name, if it stands where those of `group` do.
fn means_something_outside(doc: &Document, group: &Group, name: &str) -> bool {
    let is_global = |&index: &usize| doc.variables().declarations()[index].stage.is_none();
    // FROM lines see nothing of what an image sets.
    let is_for_bases = !group.declarations.is_empty() && group.declarations.iter().all(is_global);
    well_known::is_well_known(name) && !(is_for_bases && well_known::is_of_base_image(name))
}

/// Refuses what can't be the new name.
fn check_name(doc: &Document, group: &Group, name: &str, new_name: &str) -> Result<(), RenameError> {
    let variables = doc.variables();
    let line = |range: &Range<usize>| doc.text().line_of(range.start) + 1;
    if !is_name(new_name) {
        return Err(RenameError::InvalidVariable(new_name.to_owned()));
    }
    if means_something_outside(doc, group, new_name) {
        return Err(RenameError::WellKnown(new_name.to_owned()));
    }
    let declared = variables.declarations().iter().map(|declaration| (&declaration.name, &declaration.range));
    let used = variables.uses().iter().map(|used| (&used.name, &used.range));
    if let Some((_, range)) = declared.chain(used).find(|(other, _)| ***other == *new_name) {
        return Err(RenameError::VariableTaken { name: new_name.to_owned(), line: line(range) });
    }
    match unclear(doc, name).or_else(|| unclear(doc, new_name)) {
        Some((name, range)) => Err(RenameError::Unclear { name: name.to_owned(), line: line(&range) }),
        None => Ok(()),
    }
}

/// An ENV that may set `name` by a name that is put together.
fn unclear<'n>(doc: &Document, name: &'n str) -> Option<(&'n str, Range<usize>)> {
    for (index, placed) in doc.syntax().instructions().iter().enumerate() {
        let instruction = placed.instruction.effective();
        let pairs = if instruction.keyword == Keyword::Env { instruction.pairs() } else { &[] };
        for pair in pairs.iter().filter(|pair| !is_name(pair.name.text())) {
            let range = placed.at(pair.name.range());
            let declared = doc.variables().declarations();
            let is_spelled =
                declared.iter().any(|it| range.start <= it.range.start && it.range.end <= range.end);
            if !is_spelled && doc.expand(index, &pair.name, Mode::Open).is_ok_and(|value| value.matches(name))
            {
                return Some((name, range));
            }
        }
    }
    None
}

/// Makes sure that after the edits every stage and every use means what it meant, and that nothing new is wrong.
fn means_the_same(doc: &Document, group: &Group, edits: &[Edit], new_name: &str) -> Result<(), RenameError> {
    let mut draft = doc.draft();
    for edit in edits.iter().rev() {
        draft.replace(edit.range.clone(), &edit.text);
    }
    let edited = draft.finish(doc.version());
    let same = same_stages(doc, &edited)
        && same_variables(doc.variables(), edited.variables(), group, new_name)
        && findings(doc, edits) == findings(&edited, &[]);
    same.then_some(()).ok_or_else(|| RenameError::ChangesVariables(new_name.to_owned()))
}

fn same_stages(doc: &Document, edited: &Document) -> bool {
    let (before, after) = (doc.stages(), edited.stages());
    let candidates = |reference: &crate::stages::Reference| {
        reference.variable.as_ref().map(|variable| variable.candidates.clone())
    };
    before.all().len() == after.all().len()
        && before.references().len() == after.references().len()
        && before.edges() == after.edges()
        && before.references().iter().zip(after.references()).all(|(before, after)| {
            before.resolution == after.resolution
                && before.instruction == after.instruction
                && candidates(before) == candidates(after)
        })
}

fn same_variables(before: &Variables, after: &Variables, group: &Group, new_name: &str) -> bool {
    let is_renamed = |indices: &[usize], index: usize| indices.binary_search(&index).is_ok();
    let meaning = |variables: &Variables, index: usize| {
        let used = &variables.uses()[index];
        // Sets may be numbered otherwise.
        let meaning = match used.meaning {
            Meaning::Declared(_) => None,
            other => Some(other),
        };
        (meaning, variables.meant(used).to_vec(), used.reader, used.operator, used.instruction)
    };
    let declarations = before.declarations().iter().zip(after.declarations()).enumerate();
    let uses = before.uses().iter().zip(after.uses()).enumerate();
    before.declarations().len() == after.declarations().len()
        && before.uses().len() == after.uses().len()
        && declarations.into_iter().all(|(index, (before, after))| {
            let renamed = is_renamed(&group.declarations, index);
            let expected = if renamed { new_name } else { &before.name };
            *after.name == *expected
                && (before.kind, before.stage, before.instruction, before.pair)
                    == (after.kind, after.stage, after.instruction, after.pair)
        })
        && uses.into_iter().all(|(index, (used, now))| {
            let expected = if is_renamed(&group.uses, index) { new_name } else { &used.name };
            *now.name == *expected && meaning(before, index) == meaning(after, index)
        })
}

/// Findings that look at what a name says, or at where else the word stands, rather than at what it means: they may come and
/// go with it.
const ABOUT_NAMES: [&str; 2] = ["SecretsUsedInArgOrEnv", "unused-arg"];

/// What is wrong, as codes and places after the edits. What rules say of a variable from outside may hang on the names
/// around, one of which it may be meant to be: that is left out.
fn findings(doc: &Document, edits: &[Edit]) -> Vec<(&'static str, usize)> {
    let is_outside = |finding: &Finding| {
        let uses = doc.variables().uses_in(finding.range.clone());
        uses.iter().any(|used| {
            used.meaning == Meaning::Undeclared && finding.range.len() <= used.range.len() + "${}".len()
        })
    };
    let mut found: Vec<(&'static str, usize)> = rules::check_only(doc)
        .iter()
        .filter(|finding| !ABOUT_NAMES.contains(&finding.code) && !is_outside(finding))
        .map(|finding| (finding.code, moved(finding.range.start, edits)))
        .collect();
    found.sort_unstable();
    found
}

/// Where an offset is after the edits.
fn moved(offset: usize, edits: &[Edit]) -> usize {
    let before = edits.iter().take_while(|edit| edit.range.end <= offset && edit.range.start < offset);
    before.fold(offset, |offset, edit| offset + edit.text.len() - edit.range.len())
}

#[cfg(test)]
mod tests {
    use super::super::rename;
    use crate::fixture::{Fixture, apply};

    fn renamed(text: &str, new_name: &str) -> Result<String, String> {
        let fixture = Fixture::new(text);
        let edits = rename(&fixture.doc, fixture.cursor, new_name).map_err(|error| error.to_string())?;
        Ok(apply(&fixture.doc.text().to_string(), &edits))
    }

    /// Renames `X` to `NEW`; all that is to change is written `X`, other things of that name `~X`.
    fn check(text: &str) {
        let text = Fixture::new(text).doc.text().to_string();
        let written = text.replace('~', "");
        let expected = text.replace("~X", "\u{0}").replace('X', "NEW").replace('\u{0}', "X");
        let at =
            ["ARG X", "ENV X"].iter().filter_map(|name| written.find(name)).min().expect("a declaration") + 4;
        let cursor = format!("{}$0{}", &written[..at], &written[at..]);
        assert_eq!(renamed(&cursor, "NEW").as_deref(), Ok(expected.as_str()), "{cursor}");
    }

    fn check_no(text: &str, new_name: &str, reason: &str) {
        assert_eq!(renamed(text, new_name).err().as_deref(), Some(reason), "{text}");
    }

    #[test]
    fn global_arguments_and_their_redeclarations_change_together() {
        check(
            "
            # X is what is built
            ARG X=1 Y=${X}
            FROM a:${X:-2} AS x
            RUN echo ~X
            # X again
            ARG X
            LABEL X=\"$X ${X%.*}\" x='$~X'
            FROM x
            COPY --chown=$X a /${X}/b
            ONBUILD RUN $X
            FROM --platform=$X c
            ARG X=3
            ENV A=$X
        "
            .replace("LABEL X", "LABEL ~X")
            .as_str(),
        );
    }

    /// A rule says of these that the global argument is meant.
    #[test]
    fn uses_that_miss_their_declaration_keep_missing_it() {
        check(
            "ARG X=1\nFROM a:$X\nRUN echo $X ${X}\nFROM b\nRUN X=2 && echo $~X\n"
                .replace("RUN X", "RUN ~X")
                .as_str(),
        );
    }

    #[test]
    fn inherited_uses_follow_and_others_of_the_name_stay() {
        check(
            "
            FROM a AS x
            ENV X=1
            ENV X=$X:2 Z=\\$~X
            FROM b
            ENV ~X=1
            RUN $~X
            FROM x
            WORKDIR $X
            CMD serve ${X}
            ENV X=$X:3
        ",
        );
    }

    #[test]
    fn all_of_a_command_that_sees_the_variable_changes() {
        check(
            "
            FROM a
            ARG X
            RUN --mount=type=secret,id=s,env=X X=${X:-y} && export X && echo \"$X\" '$X' ~X \\
                && cat <<E > /f && sh -c 'echo $X'
            $X
            E
            RUN <<'E'
            for X in a; do echo $X; done
            E
            COPY <<'E' <<F /
            $X
            E
            ${X}
            F
        ",
        );
    }

    #[test]
    fn a_name_may_be_quoted_or_over_two_lines() {
        assert_eq!(
            renamed("FROM a\nENV \"A$0B\"=1\nRUN $A\\\nB\n", "C").as_deref(),
            Ok("FROM a\nENV \"C\"=1\nRUN $C\n")
        );
    }

    #[test]
    fn a_secret_s_variable_that_is_no_other_s_stays() {
        check("FROM a\nENV X=1\nFROM b\nRUN --mount=type=secret,id=s,env=~X echo $~X\n");
    }

    #[test]
    fn what_a_base_that_is_chosen_may_declare_changes_with_it() {
        check("ARG B=c\nFROM a AS b\nENV X=1\nFROM a AS c\nFROM $B\nRUN $X\n");
    }

    #[test]
    fn names_that_mean_something_outside_are_refused() {
        let outside = |name: &str| {
            format!(
                "\"{name}\" means something to others: BuildKit, the system or base images set it or read it"
            )
        };
        check_no("FROM a\nARG TARGET$0ARCH\n", "X", &outside("TARGETARCH"));
        check_no("FROM a:$TARGET$0ARCH\n", "X", &outside("TARGETARCH"));
        check_no("FROM a\nENV PA$0TH=$PATH:/x\n", "X", &outside("PATH"));
        check_no("FROM a\nARG HTTP_PR$0OXY\n", "X", &outside("HTTP_PROXY"));
        check_no("FROM a\nARG X$0\n", "HOME", &outside("HOME"));
        check_no("ARG NODE_VERSION$0\nFROM a\nARG NODE_VERSION\n", "X", &outside("NODE_VERSION"));
        assert!(renamed("ARG NODE_VERSION$0\nFROM node:$NODE_VERSION\n", "X").is_ok());
        let undeclared = "Nothing in this file declares \"X\" here: its value comes from outside";
        check_no("ARG X=1\nFROM a\nRUN echo $$0X\n", "Y", undeclared);
        let of_command = "\"X\" is a variable of this command, which no ARG or ENV declares";
        check_no("FROM a\nRUN X=1 && echo $$0X\n", "Y", of_command);
        check_no("FROM a\nRUN X$0=1 && echo $X\n", "Y", of_command);
    }

    #[test]
    fn names_that_are_taken_or_none_are_refused() {
        for (rest, line) in [("ARG Y\n", 3), ("RUN x\nRUN Y=1\n", 4), ("FROM b\nRUN echo '${Y}'\n", 4)] {
            let taken = format!("Line {line} already declares or uses a variable \"Y\"");
            check_no(&format!("FROM a\nENV X$0=1\n{rest}"), "Y", &taken);
        }
        for name in ["2X", "A-B", "", "é", "A B"] {
            let reason = format!(
                "\"{name}\" is no valid name of a variable: it may hold the letters a to z, digits and \"_\" only, and must not start with a digit"
            );
            check_no("FROM a\nARG X$0\n", name, &reason);
        }
        assert_eq!(renamed("FROM a\nARG X$0\n", "X").as_deref(), Ok("FROM a\nARG X\n"));
    }

    #[test]
    fn an_env_that_may_set_the_name_is_left_alone() {
        let text = "FROM a\nARG S\nENV X$0=1\nENV X$S=1\n";
        check_no(text, "Y", "The ENV in line 4 may set \"X\", too, but does not spell that name");
        assert!(renamed(&text.replace("X$S", "Z$S"), "Y").is_ok());
    }
}
