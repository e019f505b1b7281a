//! Renaming a stage: its declaration and every place that spells its name. Renaming a variable: see [`variable`].
//!
//! A number keeps being a number. Where a FROM reaches the stage through a variable, the name is edited where it is
//! written: in the ARG's default, or behind the operator of the variable. Whether the file means the same afterwards is
//! not assumed but checked, on the edited document.

mod variable;

use std::{fmt, ops::Range};

use crate::{
    document::Document,
    stages::{
        Found, GlobalArg, Lookup, Mention, Names, Reference, ReferenceKind, Resolution, Stages, VariableBase,
        expand::Piece,
        globals::is_platform_value,
        names::{is_reserved_name, is_valid_name},
    },
    text::Edit,
};

/// Why a stage or variable can't be renamed, as a sentence for the person who asked. Lines count from 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RenameError {
    /// Nothing at this place names a stage or a variable.
    Nothing,
    /// It names an image.
    Image(String),
    /// It names a build context that another file gives.
    Context(String),
    /// It is reached through a variable, which is another thing to rename.
    Variable,
    /// The stage has no name yet, only a number.
    Unnamed(usize),
    /// BuildKit takes no such name.
    Invalid(String),
    /// `scratch` and `context` mean something else.
    Reserved(String),
    /// Another stage has the name.
    Taken { name: String, line: usize },
    /// A FROM finds names in lower case only.
    UpperCase { name: String, line: usize },
    /// The name is pulled as an image elsewhere, and would mean the stage afterwards.
    HidesImage { name: String, line: usize },
    /// A FROM chooses the stage by a pattern that the new name does not fit.
    Pattern { name: String, pattern: String, line: usize },
    /// The name is the value of an ARG that something else uses as well.
    Argument { name: String, line: usize },
    /// A build gives a context that name, which would take the place of the stage.
    GivenContext { name: String, by: String },
    /// Something else would mean something else.
    ChangesBuild(String),
    /// Nothing in the file declares the variable where it is used.
    Undeclared(String),
    /// The command sets the variable itself, which concerns nothing else in the file.
    OfCommand(String),
    /// BuildKit, the system or base images set or read a variable of that name.
    WellKnown(String),
    /// No shell could read a variable of that name.
    InvalidVariable(String),
    /// Another variable has the name, or something that a command sets. Wherever in the file that is: who reads it, at some
    /// time, is not for the file alone to tell.
    VariableTaken { name: String, line: usize },
    /// An ENV whose name is put together from variables or quotes may set the variable.
    Unclear { name: String, line: usize },
    /// Some use would mean another variable, or the build would be another.
    ChangesVariables(String),
}

impl fmt::Display for RenameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            RenameError::Nothing => f.write_str("There is no name of a stage or variable here"),
            RenameError::Image(name) => write!(f, "\"{name}\" is an image, not a stage of this file"),
            RenameError::Context(name) => {
                write!(f, "\"{name}\" is a build context that another file gives, not a stage of this file")
            }
            RenameError::Variable => f.write_str(
                "The stage is reached through a variable here; rename it where its name is written",
            ),
            RenameError::Unnamed(index) => {
                write!(f, "Stage {index} has no name yet: give it one with AS behind its FROM")
            }
            RenameError::Invalid(name) => write!(
                f,
                "\"{name}\" is no valid stage name: it must start with a letter and may hold letters, digits, \"-\", \"_\" and \".\" only"
            ),
            RenameError::Reserved(name) => write!(f, "\"{name}\" is reserved and can't be a stage's name"),
            RenameError::Taken { name, line } => {
                write!(f, "The stage in line {line} is already called \"{name}\"")
            }
            RenameError::UpperCase { name, line } => write!(
                f,
                "\"{name}\" has upper case letters, but the FROM in line {line} finds stages by their name in lower case only"
            ),
            RenameError::HidesImage { name, line } => {
                write!(f, "Line {line} uses the image \"{name}\"; a stage of that name would take its place")
            }
            RenameError::GivenContext { name, by } => {
                write!(
                    f,
                    "{by} gives a build context the name \"{name}\", which would take the place of the stage"
                )
            }
            RenameError::Pattern { name, pattern, line } => write!(
                f,
                "The FROM in line {line} finds this stage by the pattern \"{pattern}\", which \"{name}\" does not fit with the same values"
            ),
            RenameError::Argument { name, line } => write!(
                f,
                "A FROM finds this stage by the value of ARG {name}, which line {line} uses for something else"
            ),
            RenameError::ChangesBuild(name) => {
                write!(f, "Called \"{name}\", the stage would change what the build does")
            }
            RenameError::Undeclared(name) => {
                write!(f, "Nothing in this file declares \"{name}\" here: its value comes from outside")
            }
            RenameError::OfCommand(name) => {
                write!(f, "\"{name}\" is a variable of this command, which no ARG or ENV declares")
            }
            RenameError::WellKnown(name) => write!(
                f,
                "\"{name}\" means something to others: BuildKit, the system or base images set it or read it"
            ),
            RenameError::InvalidVariable(name) => write!(
                f,
                "\"{name}\" is no valid name of a variable: it may hold the letters a to z, digits and \"_\" only, and must not start with a digit"
            ),
            RenameError::VariableTaken { name, line } => {
                write!(f, "Line {line} already declares or uses a variable \"{name}\"")
            }
            RenameError::Unclear { name, line } => {
                write!(f, "The ENV in line {line} may set \"{name}\", too, but does not spell that name")
            }
            RenameError::ChangesVariables(name) => {
                write!(f, "Called \"{name}\", the variable would change what the build does")
            }
        }
    }
}

impl std::error::Error for RenameError {}

/// What a client may offer for editing before it sends the new name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Renamable {
    /// The text that the new name replaces at the cursor, in bytes.
    pub range: Range<usize>,
    /// The name as it should stand in the input box.
    pub name: String,
}

/// Whether the stage or variable at `offset` (bytes) can be renamed.
pub fn prepare(doc: &Document, offset: usize) -> Result<Renamable, RenameError> {
    if let Some(symbol) = doc.variables().at(offset) {
        return variable::prepare(doc, symbol);
    }
    let stages = doc.stages();
    let mention = stages.at(offset).ok_or(RenameError::Nothing)?;
    let stage = stage_of(stages, mention)?;
    let range = match mention {
        Mention::Declaration(stage) => stages.selection(stage),
        Mention::Reference(index) => stages.references()[index].range.clone(),
    };
    Ok(Renamable { range, name: stages.all()[stage].title() })
}

/// The edits that give the stage or variable at `offset` (bytes) a new name. They do not overlap and are in file order; all ranges
/// are in the text as it is.
pub fn rename(doc: &Document, offset: usize, new_name: &str) -> Result<Vec<Edit>, RenameError> {
    if let Some(symbol) = doc.variables().at(offset) {
        return variable::rename(doc, symbol, new_name);
    }
    let stages = doc.stages();
    let stage = stage_of(stages, stages.at(offset).ok_or(RenameError::Nothing)?)?;
    rename_stage(doc, stage, new_name)
}

/// The edits that give a named stage a new name.
pub fn rename_stage(doc: &Document, stage: usize, new_name: &str) -> Result<Vec<Edit>, RenameError> {
    let stages = doc.stages();
    let name = stages.all()[stage].name.as_ref().ok_or(RenameError::Unnamed(stage))?;
    check_name(doc, stage, new_name)?;
    let mut edits = vec![Edit { range: name.range.clone(), text: new_name.to_owned() }];
    for reference in stages.references_to(stage).filter(|reference| !reference.is_number()) {
        edits.push(edit(doc, reference, new_name)?);
    }
    // The description that `docker build --call=targets` shows.
    let comments = doc.described(stages.all()[stage].instructions.start, &name.text.to_lowercase());
    edits.extend(comments.map(|(range, _)| Edit { range, text: new_name.to_lowercase() }));
    edits.sort_by_key(|edit| edit.range.start);
    // Two FROMs may reach the stage through the same ARG.
    edits.dedup();
    means_the_same(doc, stage, &edits, new_name)?;
    Ok(edits)
}

fn stage_of(stages: &Stages, mention: Mention) -> Result<usize, RenameError> {
    let stage = match mention {
        Mention::Declaration(stage) => stage,
        Mention::Reference(index) => {
            let reference = &stages.references()[index];
            if reference.variable.is_some() {
                return Err(RenameError::Variable);
            }
            match &reference.resolution {
                Resolution::Stage(stage) => *stage,
                Resolution::Image(_) | Resolution::Scratch => {
                    return Err(RenameError::Image(reference.text.clone()));
                }
                Resolution::NamedContext(_) => return Err(RenameError::Context(reference.text.clone())),
                _ => return Err(RenameError::Nothing),
            }
        }
    };
    if stages.all()[stage].name.is_some() { Ok(stage) } else { Err(RenameError::Unnamed(stage)) }
}

/// Refuses what can't be a name of this stage.
fn check_name(doc: &Document, stage: usize, new_name: &str) -> Result<(), RenameError> {
    let stages = doc.stages();
    let name = || new_name.to_owned();
    let line = |range: &Range<usize>| doc.text().line_of(range.start) + 1;
    if !is_valid_name(new_name) {
        return Err(RenameError::Invalid(name()));
    }
    if is_reserved_name(new_name) {
        return Err(RenameError::Reserved(name()));
    }
    if let Some(&other) = stages.names().with_name(new_name).iter().find(|&&other| other != stage) {
        return Err(RenameError::Taken { name: name(), line: line(&stages.all()[other].range) });
    }
    let lower = new_name.to_lowercase();
    if new_name != lower
        && let Some(from) =
            stages.references_to(stage).find(|reference| reference.kind == ReferenceKind::From)
    {
        return Err(RenameError::UpperCase { name: name(), line: line(&from.range) });
    }
    let is_new = stages.all()[stage].name.as_ref().is_none_or(|name| name.text.to_lowercase() != lower);
    if let Some(user) = doc.outside().with_context(&lower).next().filter(|_| is_new) {
        return Err(RenameError::GivenContext { name: name(), by: user.title.clone() });
    }
    let is_hidden = |reference: &&Reference| {
        matches!(reference.resolution, Resolution::Image(_))
            && match reference.kind {
                ReferenceKind::From => reference.text == lower && reference.stage > stage,
                ReferenceKind::Copy | ReferenceKind::Mount => reference.text.to_lowercase() == lower,
            }
    };
    match stages.references().iter().find(is_hidden) {
        Some(image) => Err(RenameError::HidesImage { name: name(), line: line(&image.range) }),
        None => Ok(()),
    }
}

/// The edit that makes a reference spell the new name.
fn edit(doc: &Document, reference: &Reference, new_name: &str) -> Result<Edit, RenameError> {
    let Some(variable) = &reference.variable else {
        return Ok(Edit { range: reference.range.clone(), text: new_name.to_owned() });
    };
    // One piece that is written somewhere has to make up for the whole difference.
    let pieces = variable.default.pieces();
    let text_of = |pieces: &[Piece]| -> String {
        pieces
            .iter()
            .filter_map(|piece| if let Piece::Text(text, _) = piece { Some(text.as_str()) } else { None })
            .collect()
    };
    // The value of a variable rather than the text beside it, which other values use as well.
    let mut order: Vec<usize> = (0..pieces.len()).collect();
    order
        .sort_by_key(|&at| pieces[at].source().is_some_and(|source| reference.range.contains(&source.start)));
    for at in order {
        let (before, after) = (text_of(&pieces[..at]), text_of(&pieces[at + 1..]));
        let middle =
            new_name.strip_prefix(before.as_str()).and_then(|rest| rest.strip_suffix(after.as_str()));
        if let (Some(range), Some(middle)) = (pieces[at].source(), middle)
            && !middle.is_empty()
        {
            return Ok(Edit { range, text: middle.to_owned() });
        }
    }
    Err(RenameError::Pattern {
        name: new_name.to_owned(),
        pattern: variable.open.pattern(),
        line: doc.text().line_of(reference.range.start) + 1,
    })
}

/// Refuses edits of an ARG's default that more depends on than the bases that mean the stage: other bases, the stages'
/// own commands, a platform.
fn argument_serves_nothing_else(doc: &Document, stage: usize, edits: &[Edit]) -> Result<(), RenameError> {
    let stages = doc.stages();
    let is_edited = |arg: &&GlobalArg| {
        arg.default_range.as_ref().is_some_and(|default| {
            edits.iter().any(|edit| default.start <= edit.range.start && edit.range.end <= default.end)
        })
    };
    let bases: Vec<Range<usize>> =
        stages.references_to(stage).map(|reference| reference.range.clone()).collect();
    for arg in stages.globals().args.iter().filter(is_edited) {
        let served = |range: &Range<usize>| {
            *range == arg.name_range
                || bases.iter().any(|base| base.start <= range.start && range.end <= base.end)
        };
        for placed in doc.syntax().instructions() {
            let text = doc.text().slice(placed.range());
            let mut words = text.match_indices(arg.name.as_str());
            let other = words.find(|(at, name)| {
                let is_part = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
                let range = placed.start + at..placed.start + at + name.len();
                !is_part(text[..*at].chars().next_back())
                    && !is_part(text[at + name.len()..].chars().next())
                    && !served(&range)
            });
            if let Some((at, _)) = other {
                let line = doc.text().line_of(placed.start + at) + 1;
                return Err(RenameError::Argument { name: arg.name.clone(), line });
            }
        }
    }
    Ok(())
}

/// Makes sure that after the edits every reference means what it meant, with the values of now and with any others.
fn means_the_same(doc: &Document, stage: usize, edits: &[Edit], new_name: &str) -> Result<(), RenameError> {
    let stages = doc.stages();
    // A value may serve other FROMs too, and `TARGETSTAGE` is the name of the last stage: what they come to is for the
    // stage table of the new text to say.
    let by_value = stages.references().iter().any(|reference| {
        let follows = reference.target() == Some(stage);
        reference.variable.is_some()
            && (follows || doc.base_text(reference.stage).is_some_and(|base| base.contains("TARGETSTAGE")))
    });
    argument_serves_nothing_else(doc, stage, edits)?;
    let edited = by_value.then(|| {
        let mut draft = doc.draft();
        for edit in edits.iter().rev() {
            draft.replace(edit.range.clone(), &edit.text);
        }
        draft.finish(doc.version())
    });
    let same_reference =
        |index: usize| edited.as_ref().and_then(|edited| edited.stages().references().get(index));
    let names = match &edited {
        Some(edited) => edited.stages().names().clone(),
        None => Names::new(stages.all().iter().map(|other| match &other.name {
            Some(_) if other.index == stage => Some(new_name),
            name => name.as_ref().map(|name| name.text.as_str()),
        })),
    };
    let changed = || RenameError::ChangesBuild(new_name.to_owned());
    if names.look_up(Lookup::Target, new_name) != Found::Stage(stage) || names.len() != stages.all().len() {
        return Err(changed());
    }
    for (index, reference) in stages.references().iter().enumerate() {
        let follows = reference.target() == Some(stage) && !reference.is_number();
        let text = match same_reference(index) {
            Some(reference) => &reference.text,
            None if follows => new_name,
            None => &reference.text,
        };
        let found = match names.look_up(reference.lookup(), text) {
            Found::Stage(found) if !text.is_empty() => Some(found),
            _ => None,
        };
        if found != reference.target() || (!follows && *text != reference.text) {
            return Err(changed());
        }
        let Some(variable) = &reference.variable else { continue };
        let same = match same_reference(index).and_then(|reference| reference.variable.as_ref()) {
            Some(edited) => variable.candidates.iter().all(|stage| edited.candidates.contains(stage)),
            None => keeps_candidates(stages, stage, new_name, reference, variable),
        };
        if !same {
            return Err(RenameError::Pattern {
                name: new_name.to_owned(),
                pattern: variable.open.pattern(),
                line: doc.text().line_of(reference.range.start) + 1,
            });
        }
    }
    Ok(())
}

/// Whether a variable base can still mean the stages that it could, when the stage has its new name, which no other stage
/// has. (That it could then mean one more is no harm: its value would have to be the new name.)
fn keeps_candidates(
    stages: &Stages,
    stage: usize,
    new_name: &str,
    reference: &Reference,
    variable: &VariableBase,
) -> bool {
    let Some(name) = stages.all()[stage].name.as_ref().filter(|_| stage < reference.stage) else {
        return true;
    };
    // A base that is by default an image with its registry or tag is not meant to be a stage.
    if reference.text.contains(['/', ':', '@']) {
        return true;
    }
    let old = name.text.to_lowercase();
    let new = new_name.to_lowercase();
    // A later stage of its name hides it, and goes on doing so.
    let hidden = stages.names().look_up(reference.lookup(), &old) != Found::Stage(stage);
    let by_platform = variable.is_platform && is_platform_value(&old) && !is_platform_value(&new);
    hidden || !variable.open.matches(&old) || (variable.open.matches(&new) && !by_platform)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{Fixture, apply, user};

    fn check(text: &str, new_name: &str, expected: &str) {
        let fixture = Fixture::new(text);
        let edits = rename(&fixture.doc, fixture.cursor, new_name).expect("it can be renamed");
        let result = apply(&fixture.doc.text().to_string(), &edits);
        assert_eq!(result, Fixture::new(expected).doc.text().to_string());
    }

    fn check_no(text: &str, new_name: &str, expected: &str) {
        let fixture = Fixture::new(text);
        let error = rename(&fixture.doc, fixture.cursor, new_name).expect_err("it must be refused");
        assert_eq!(error.to_string(), expected);
    }

    #[test]
    fn every_kind_of_reference_follows() {
        check(
            "
            FROM golang AS Bui$0ld
            FROM build AS next
            COPY --link --from=BUILD --chown=é😀 /a /b
            COPY --chown=é😀 --from=\"build\" /build /b
            RUN --mount=type=cache,target=/x \\
                # build
                --mount=from=build,target=/build true
            ONBUILD COPY --from=build /a /b
            COPY --from=0 /a /b
            COPY --from=build:1 /a /b
            RUN <<build
            COPY --from=build
            build
        ",
            "compile",
            "
            FROM golang AS compile
            FROM compile AS next
            COPY --link --from=compile --chown=é😀 /a /b
            COPY --chown=é😀 --from=\"compile\" /build /b
            RUN --mount=type=cache,target=/x \\
                # build
                --mount=from=compile,target=/build true
            ONBUILD COPY --from=compile /a /b
            COPY --from=0 /a /b
            COPY --from=build:1 /a /b
            RUN <<build
            COPY --from=build
            build
        ",
        );
    }

    #[test]
    fn the_description_follows() {
        check(
            "# build compiles it\nFROM a AS Bui$0ld\n# build is first\nFROM b AS run\nCOPY --from=build /a /b\n",
            "Compile",
            "# compile compiles it\nFROM a AS Compile\n# build is first\nFROM b AS run\nCOPY --from=Compile /a /b\n",
        );
    }

    #[test]
    fn a_name_that_is_split_by_a_continuation_is_replaced_whole() {
        check(
            "FROM a AS bu\\\nild\nFROM b\nCOPY --from=bu$0ild /a /b\n",
            "y",
            "FROM a AS y\nFROM b\nCOPY --from=y /a /b\n",
        );
    }

    #[test]
    fn a_number_stays_a_number() {
        check(
            "FROM a AS x\nFROM b\nCOPY --from=$00 /a /b\n",
            "y",
            "FROM a AS y\nFROM b\nCOPY --from=0 /a /b\n",
        );
    }

    #[test]
    fn of_duplicates_only_what_means_the_stage_follows() {
        check(
            "FROM a AS $0d\nFROM d\nFROM b AS d\nFROM c\nCOPY --from=d /a /b\n",
            "e",
            "FROM a AS e\nFROM e\nFROM b AS d\nFROM c\nCOPY --from=d /a /b\n",
        );
    }

    #[test]
    fn a_name_that_an_argument_holds_is_edited_there() {
        check(
            "ARG BASE=prod\nFROM a AS dev\nFROM a AS pro$0d\nFROM ${BASE}\n",
            "release",
            "ARG BASE=release\nFROM a AS dev\nFROM a AS release\nFROM ${BASE}\n",
        );
        check(
            "FROM a AS pro$0d\nFROM ${BASE:-prod}\n",
            "release",
            "FROM a AS release\nFROM ${BASE:-release}\n",
        );
        check(
            "ARG V=debug\nFROM a AS base-$0debug\nFROM base-${V}\n",
            "base-trace",
            "ARG V=trace\nFROM a AS base-trace\nFROM base-${V}\n",
        );
    }

    #[test]
    fn a_name_that_a_pattern_chooses_keeps_fitting_it() {
        check_no(
            "FROM a AS base-$0amd64\nFROM a AS base-arm64\nFROM base-${TARGETARCH}\n",
            "fresh",
            "The FROM in line 3 finds this stage by the pattern \"base-*\", which \"fresh\" does not fit with the same values",
        );
        check_no(
            "FROM a AS base-amd64\nFROM a AS base-$0arm64\nFROM base-${TARGETARCH}\n",
            "fresh",
            "The FROM in line 3 finds this stage by the pattern \"base-*\", which \"fresh\" does not fit with the same values",
        );
    }

    #[test]
    fn an_argument_that_serves_something_else_is_left_alone() {
        let argument = |line: usize| {
            format!(
                "A FROM finds this stage by the value of ARG V, which line {line} uses for something else"
            )
        };
        for (rest, line) in [
            ("FROM img:${V}\nFROM base-${V}\n", 3),
            ("FROM base-${V}\nARG V\nRUN make TYPE=$V\n", 4),
            ("FROM --platform=linux/${V} base-$V\n", 3),
        ] {
            check_no(&format!("ARG V=debug\nFROM a AS base-$0debug\n{rest}"), "base-dev", &argument(line));
        }
        check_no(
            "ARG V=a\nARG W=img-${V}\nFROM a AS base-$0a\nFROM base-$V\nFROM $W\n",
            "base-b",
            &argument(2),
        );
    }

    #[test]
    fn the_name_that_target_stage_stands_for_is_kept() {
        check_no(
            "FROM a AS prod-base\nFROM ${TARGETSTAGE}-base AS pro$0d\n",
            "release",
            "Called \"release\", the stage would change what the build does",
        );
    }

    #[test]
    fn a_name_that_the_platform_chooses_is_kept() {
        check_no(
            "FROM a AS linux\nFROM a AS win$0dows\nFROM ${TARGETOS}\n",
            "fresh",
            "The FROM in line 3 finds this stage by the pattern \"*\", which \"fresh\" does not fit with the same values",
        );
        check(
            "FROM a AS $0go\nFROM a AS linux\nFROM $TARGETOS\n",
            "x",
            "FROM a AS x\nFROM a AS linux\nFROM $TARGETOS\n",
        );
    }

    #[test]
    fn a_name_may_come_to_fit_a_pattern() {
        check("FROM a AS fet$0ch\nFROM $A-$B\n", "fetch-it", "FROM a AS fetch-it\nFROM $A-$B\n");
    }

    #[test]
    fn what_cannot_be_a_name_is_refused_with_the_reason() {
        let text = "FROM a AS $0x\nFROM b AS other\nFROM x\nCOPY --from=nginx /a /b\n";
        check_no(text, "OTHER", "The stage in line 2 is already called \"OTHER\"");
        check_no(text, "Scratch", "\"Scratch\" is reserved and can't be a stage's name");
        check_no(text, "nginx", "Line 4 uses the image \"nginx\"; a stage of that name would take its place");
        check_no(
            text,
            "Big",
            "\"Big\" has upper case letters, but the FROM in line 3 finds stages by their name in lower case only",
        );
        check_no(
            text,
            "2nd",
            "\"2nd\" is no valid stage name: it must start with a letter and may hold letters, digits, \"-\", \"_\" and \".\" only",
        );
        check(
            "FROM a AS $0x\nFROM b\nCOPY --from=x /a /b\n",
            "Big",
            "FROM a AS Big\nFROM b\nCOPY --from=Big /a /b\n",
        );
    }

    #[test]
    fn images_and_numbers_of_unnamed_stages_are_refused() {
        check_no("FROM a AS x\nFROM ngi$0nx\n", "y", "\"nginx\" is an image, not a stage of this file");
        check_no("FROM sc$0ratch\n", "y", "\"scratch\" is an image, not a stage of this file");
        check_no(
            "FROM a\nFROM b\nCOPY --from=$00 /a /b\n",
            "y",
            "Stage 0 has no name yet: give it one with AS behind its FROM",
        );
        check_no("FROM a AS x\nRUN $0x\n", "y", "There is no name of a stage or variable here");
    }

    #[test]
    fn the_new_name_may_differ_in_case_only() {
        check(
            "FROM a AS Bui$0ld\nFROM b\nCOPY --from=BUILD /a /b\n",
            "build",
            "FROM a AS build\nFROM b\nCOPY --from=build /a /b\n",
        );
    }

    #[test]
    fn build_contexts_are_other_files_matter() {
        let users = [user("bake target `x`").context("base")];
        let fixture = Fixture::new("FROM a AS y\nFROM ba$0se\n").with_users(users);
        let refused = prepare(&fixture.doc, fixture.cursor).unwrap_err().to_string();
        assert_eq!(refused, "\"base\" is a build context that another file gives, not a stage of this file");
        let refused = rename_stage(&fixture.doc, 0, "Base").unwrap_err().to_string();
        assert_eq!(
            refused,
            "bake target `x` gives a build context the name \"Base\", which would take the place of the stage"
        );
    }
}
