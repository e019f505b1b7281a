//! What is worth knowing about the stage, image, variable or word of the language under the cursor.

pub(super) mod flow;
mod place;
mod variable;
mod word;

use std::{fmt::Write, ops::Range};

use super::{
    built::{Builds, Built, target_name},
    comments, given,
    topic::Topic,
};
use crate::{
    document::Document,
    language::words::SpecialWord,
    outside::titles,
    stages::{Mention, Reference, ReferenceKind, Resolution},
};

/// The text of a hover.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hover {
    /// What it is about, in bytes.
    pub range: Range<usize>,
    /// Markdown that also reads well as plain text.
    pub markdown: String,
}

/// What to show for `offset` (bytes).
pub fn hover(doc: &Document, offset: usize) -> Option<Hover> {
    if let Some(symbol) = doc.variables().at(offset) {
        return variable::hover(doc, symbol);
    }
    let stages = doc.stages();
    let Some(mention) = stages.at(offset) else {
        return flow::hover(doc, offset)
            .or_else(|| word::hover(doc, offset))
            .or_else(|| place::hover(doc, offset))
            .or_else(|| comments::hover(doc, offset));
    };
    let range = match mention {
        Mention::Declaration(stage) => stages.selection(stage),
        Mention::Reference(index) => stages.references()[index].range.clone(),
    };
    let mut markdown = match (stages.meant(mention), mention) {
        (Some(stage), _) => stage_text(doc, stage),
        (None, Mention::Reference(index)) => reference_text(doc, &stages.references()[index])?,
        (None, Mention::Declaration(_)) => return None,
    };
    if let Mention::Reference(index) = mention {
        let reference = &stages.references()[index];
        let bases = given::lines(&given::Builds::of(doc).bases(doc, reference));
        if !bases.is_empty() {
            markdown.push_str("\n\nWith the arguments of the workspace's builds:");
            bases.iter().for_each(|line| markdown.push_str(&format!("\n- {line}")));
        }
    }
    if let Mention::Reference(index) = mention
        && let Some(more) = flow_text(doc, &stages.references()[index])
    {
        let _ = write!(markdown, "\n\n---\n\n{more}");
    }
    Some(Hover { range, markdown })
}

fn stage_text(doc: &Document, index: usize) -> String {
    let stages = doc.stages();
    let stage = &stages.all()[index];
    let mut text = match &stage.name {
        Some(name) => format!("**{}** · stage {index}", name.text),
        None => format!("**stage {index}** · without a name"),
    };
    if let Some(description) = doc.description(index) {
        let _ = write!(text, "\n\n{description}");
    }
    let _ = write!(text, "\n\nBase: {}", base_chain(doc, index));
    let users = users(doc, index);
    match users.as_slice() {
        [] => text.push_str("\n\nUsed by no other stage"),
        users => {
            text.push_str("\n\nUsed by:");
            users.iter().for_each(|user| text.push_str(&format!("\n- {user}")));
        }
    }
    let builds = Builds::of(doc);
    let (asking, perhaps) = builds.users(index);
    if !asking.is_empty() {
        let _ = write!(text, "\n\nTarget of {}", titles(asking));
    }
    if !perhaps.is_empty() {
        let _ = write!(text, "\n\nPerhaps the target of {}", titles(perhaps));
    }
    let name = stage.name.as_ref().map(|name| name.text.to_lowercase());
    let replacing = titles(name.iter().flat_map(|name| doc.outside().with_context(name)));
    if !replacing.is_empty() {
        let _ = write!(text, "\n\nA build context takes its place in {replacing}");
    }
    text.push_str("\n\n");
    text.push_str(&built_text(doc, index, builds.built(index)));
    text
}

/// What comes with a reference: what a FROM inherits, what a COPY takes and where it puts it.
fn flow_text(doc: &Document, reference: &Reference) -> Option<String> {
    match reference.kind {
        _ if reference.onbuild => None,
        ReferenceKind::From => flow::inherited(doc, reference.stage),
        ReferenceKind::Copy => {
            let placed = &doc.syntax().instructions()[reference.instruction];
            flow::copied(doc, reference, placed, None).or_else(|| flow::image(doc, reference))
        }
        ReferenceKind::Mount => flow::image(doc, reference),
    }
}

/// `builder ← base ← golang:1.22`.
fn base_chain(doc: &Document, index: usize) -> String {
    let stages = doc.stages();
    let mut chain: Vec<String> = Vec::new();
    let mut at = index;
    // A stage builds on one above it, so this ends.
    while let Some(base) = stages.base(at) {
        let written = doc.base_text(at).unwrap_or_default();
        match &base.resolution {
            Resolution::Stage(next) => {
                chain.push(format!("`{}`", stages.all()[*next].title()));
                at = *next;
                continue;
            }
            Resolution::NamedContext(name) => chain.push(format!("the build context `{name}`")),
            Resolution::Scratch => chain.push("`scratch`, the empty file system".into()),
            Resolution::Image(image) if base.variable.is_some() => {
                chain.push(format!("`{image}` by default (`{written}`)"));
            }
            _ => chain.push(format!("`{written}`")),
        }
        break;
    }
    if chain.is_empty() { "none yet".into() } else { chain.join(" ← ") }
}

/// Who needs a stage, a line each.
fn users(doc: &Document, index: usize) -> Vec<String> {
    let stages = doc.stages();
    let line = |offset| doc.text().line_of(offset) + 1;
    let describe = |reference: &Reference| {
        let user = stages.all()[reference.stage].title();
        let how = match (reference.kind, reference.onbuild) {
            (ReferenceKind::From, _) => "builds on it",
            (ReferenceKind::Copy, false) => "copies from it",
            (ReferenceKind::Mount, false) => "mounts it",
            (_, true) => "has a trigger that uses it",
        };
        format!("`{user}` {how}, line {}", line(reference.range.start))
    };
    stages.references_to(index).map(describe).collect()
}

fn built_text(doc: &Document, index: usize, built: Built) -> String {
    let alone = target_name(doc, index).map(|name| format!("`docker build --target {name} .`"));
    match (built, alone) {
        (Built::Default, _) => "The default build produces this stage: `docker build .`".into(),
        (Built::ByDefault, Some(alone)) => format!("Part of the default build; alone: {alone}"),
        (Built::ByDefault, None) => "Part of the default build".into(),
        (Built::ByArguments, Some(alone)) => {
            format!("Part of the default build with other arguments; alone: {alone}")
        }
        (Built::ByArguments, None) => "Part of the default build with other arguments".into(),
        (Built::For(_) | Built::ByTarget, Some(alone)) => {
            format!("Not part of the default build; built by {alone}")
        }
        (Built::For(user), None) => {
            format!("Not part of the default build; built for `{}`", doc.stages().all()[user].title())
        }
        (Built::ByTarget, None) => "Not part of the default build".into(),
        (Built::Never, _) => match doc.stages().all()[index].name {
            None => "Never built: it has no name, and no stage with one needs it".into(),
            Some(_) => "Never built: a later stage has its name, and no stage needs it".into(),
        },
    }
}

/// What a reference means that is no stage.
fn reference_text(doc: &Document, reference: &Reference) -> Option<String> {
    Some(match &reference.resolution {
        Resolution::Image(image) if reference.variable.is_some() => {
            format!("Image `{image}` with the default values; no stage above has that name")
        }
        Resolution::Image(image) => format!("Image `{image}`; no stage {} has that name", place(reference)),
        Resolution::Scratch => Topic::Word(SpecialWord::Scratch).markdown()?,
        Resolution::BuildContext => "The build context".into(),
        Resolution::NamedContext(name) => {
            let givers = titles(doc.outside().with_context(name));
            format!("The build context `{name}` of {givers}; no stage {} has that name", place(reference))
        }
        Resolution::NumberedImage(image) => {
            format!("Image `{image}`: the number counts the images that earlier instructions copy from")
        }
        Resolution::Unknown => {
            let variable = reference.variable.as_ref()?;
            let stages = doc.stages();
            let names = variable.candidates.iter().map(|&stage| format!("`{}`", stages.all()[stage].title()));
            let names: Vec<String> = names.collect();
            if names.is_empty() {
                "Depends on the values that the build is called with".into()
            } else {
                format!("Depends on the values that the build is called with; can be {}", names.join(", "))
            }
        }
        Resolution::Stage(_)
        | Resolution::NoSuchNumber(_)
        | Resolution::Variable
        | Resolution::Invalid(_) => return None,
    })
}

fn place(reference: &Reference) -> &'static str {
    match reference.kind {
        ReferenceKind::From => "above",
        ReferenceKind::Copy | ReferenceKind::Mount => "of this file",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::builds::Certainty;
    use crate::fixture::Fixture;
    use crate::fixture::user;
    use crate::outside::User;

    /// What the hover at `$0` says.
    pub(super) fn text(text: &str) -> String {
        let fixture = Fixture::new(text);
        hover(&fixture.doc, fixture.cursor).map(|hover| hover.markdown).unwrap_or_default()
    }

    #[test]
    fn a_stage_tells_what_it_is_who_needs_it_and_how_to_build_it() {
        insta::assert_snapshot!(text("
            ARG GO=1.22
            FROM golang:${GO} AS base
            # builder compiles the server
            FROM base AS builder
            FROM alpine AS run
            COPY --from=buil$0der /a /b
            RUN --mount=from=builder,target=/x true
        "), @r"
        **builder** · stage 1

        compiles the server

        Base: `base` ← `golang:1.22` by default (`golang:${GO}`)

        Used by:
        - `run` copies from it, line 6
        - `run` mounts it, line 7

        Part of the default build; alone: `docker build --target builder .`

        ---

        `/a` of `builder`

        Nothing in the stage is known to write it

        Copied to `/b`
        ");
    }

    #[test]
    fn a_stage_that_nothing_needs_says_so() {
        insta::assert_snapshot!(text("
            FROM golang AS te$0st
            FROM alpine
        "), @r"
        **test** · stage 0

        Base: `golang`

        Used by no other stage

        Not part of the default build; built by `docker build --target test .`
        ");
        assert!(
            text("FROM a AS x\nFROM b AS la$0st\n")
                .ends_with("The default build produces this stage: `docker build .`")
        );
    }

    #[test]
    fn what_is_no_stage_says_what_it_is() {
        assert_eq!(
            text("FROM a\nCOPY --from=bul$0der /a /b\n"),
            "Image `bulder:latest`; no stage of this file has that name"
        );
        assert!(text("FROM scra$0tch\n").starts_with("**scratch** · The empty file system\n\n"));
        assert_eq!(
            text("ARG V\nFROM a AS x-1\nFROM a AS x-2\nFROM x-$0$V\n"),
            "Depends on the values that the build is called with; can be `x-1`, `x-2`"
        );
        assert_eq!(text("FROM a\nRUN $0x\n"), "");
    }

    fn among(text: &str, users: Vec<User>) -> String {
        let fixture = Fixture::new(text).with_users(users);
        hover(&fixture.doc, fixture.cursor).map(|hover| hover.markdown).unwrap_or_default()
    }

    #[test]
    fn a_stage_names_the_builds_that_ask_for_it() {
        let web = user("compose service `web`").target("Dev");
        let perhaps = User { certainty: Certainty::Unknown, ..user("a script").target("dev") };
        let bake = user("bake target `dev`").context("dev");
        insta::assert_snapshot!(among("FROM a AS d$0ev\nFROM b\n", vec![web, perhaps, bake]), @r"
        **dev** · stage 0

        Base: `a`

        Used by no other stage

        Target of compose service `web`

        Perhaps the target of a script

        A build context takes its place in bake target `dev`

        Not part of the default build; built by `docker build --target dev .`
        ");
        assert!(among("FROM a AS dev\nFROM b AS la$0st\n", vec![user("w")]).contains("\n\nTarget of w\n\n"));
        assert!(
            among("FROM a\nFROM b AS x\nCOPY --from=$00 /a /a\nFROM c\n", vec![user("w").target("x")])
                .contains("\n\nNot part of the default build; built for `x`\n\n")
        );
    }

    #[test]
    fn a_build_context_says_who_gives_it() {
        let users = || vec![user("bake target `x`").context("base")];
        assert_eq!(
            among("FROM ba$0se AS y\n", users()),
            "The build context `base` of bake target `x`; no stage above has that name"
        );
        assert!(among("FROM base AS y$0\n", users()).contains("Base: the build context `base`"));
    }

    #[test]
    fn a_base_with_variables_tells_what_builds_make_of_it() {
        assert!(
            among("ARG V=1\nFROM go$0lang:$V\n", vec![user("w").arg("V", "2"), user("x").arg("V", "2")])
                .contains("With the arguments of the workspace's builds:\n- `golang:2` in w, x")
        );
        assert!(
            among("ARG V$0=1\nFROM golang:$V\n", vec![user("w").arg("V", "2"), user("x").arg("V", "3")])
                .ends_with("Builds of the workspace give it:\n- `2` in w\n- `3` in x")
        );
    }
}
