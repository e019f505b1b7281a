//! What an editor can show above each stage: who uses it, what builds it, and a command that does.

use std::ops::Range;

use super::{
    built::{Builds, Built, target_name},
    inlay_hints::short,
};
use crate::{document::Document, outside::User, settings::CodeLens};

/// What is shown above a stage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StageLens {
    /// By its index.
    pub stage: usize,
    /// Its keyword, in bytes.
    pub range: Range<usize>,
    /// "2 uses · built by default"; `None` if the settings hide it.
    pub title: Option<String>,
    /// The places of the file that name it, in bytes.
    pub uses: Vec<Range<usize>>,
    /// Whether the settings show a command that builds it.
    pub build: bool,
    /// Whether they show one that copies the command line.
    pub copy: bool,
}

/// The lenses of all stages, in file order.
pub fn lenses(doc: &Document) -> Vec<StageLens> {
    let CodeLens { uses: is_shown, build, copy_build_command } = doc.settings().code_lens;
    if !(is_shown || build || copy_build_command) {
        return Vec::new();
    }
    let stages = doc.stages();
    let builds = Builds::of(doc);
    let mut uses: Vec<Vec<Range<usize>>> = vec![Vec::new(); stages.all().len()];
    for reference in stages.references() {
        if let Some(stage) = reference.target() {
            uses[stage].push(reference.range.clone());
        }
    }
    let lens = |(stage, uses): (usize, Vec<Range<usize>>)| {
        let from = &doc.syntax().instructions()[stages.all()[stage].instructions.start];
        let is_buildable = can_be_built(doc, stage);
        StageLens {
            stage,
            range: from.at(from.instruction.word.range()),
            title: is_shown.then(|| title(doc, &builds, stage, uses.len())),
            uses,
            build: build && is_buildable,
            copy: copy_build_command && is_buildable,
        }
    };
    uses.into_iter().enumerate().map(lens).collect()
}

/// Whether a command line can ask for a stage: the last one, or by its name.
pub fn can_be_built(doc: &Document, stage: usize) -> bool {
    stage + 1 == doc.stages().all().len() || target_name(doc, stage).is_some()
}

/// The name to give to `--target` for a stage; `None` for the last one, which needs none.
pub fn target(doc: &Document, stage: usize) -> Option<&str> {
    if stage + 1 == doc.stages().all().len() { None } else { target_name(doc, stage) }
}

/// What is worth knowing about a stage in a few words.
fn title(doc: &Document, builds: &Builds<'_>, stage: usize, uses: usize) -> String {
    let (asking, perhaps) = builds.users(stage);
    let mut parts: Vec<String> = Vec::new();
    match uses {
        // Of most that nothing uses, what builds them is what counts.
        0 => {}
        1 => parts.push("1 use".into()),
        _ => parts.push(format!("{uses} uses")),
    }
    match builds.built(stage) {
        Built::Default => parts.push("the default target".into()),
        Built::ByDefault => parts.push("built by default".into()),
        Built::ByArguments => parts.push("built with other arguments".into()),
        Built::For(user) => parts.push(format!("built for {}", doc.stages().all()[user].title())),
        Built::ByTarget if !(asking.is_empty() && perhaps.is_empty()) => {}
        Built::ByTarget => {
            parts.push(format!("only by --target {}", target_name(doc, stage).unwrap_or_default()));
        }
        Built::Never => parts.push("never built".into()),
    }
    match (&asking[..], &perhaps[..]) {
        ([], []) => {}
        ([], perhaps) => parts.push(format!("perhaps the target of {}", first_of(perhaps))),
        (asking, _) => parts.push(format!("target of {}", first_of(asking))),
    }
    short(&parts.join(" · "))
}

/// "compose service web, 2 more". A lens shows its text as it is, so names have no marks of code.
fn first_of(users: &[&User]) -> String {
    let mut titles: Vec<&str> = Vec::new();
    for user in users {
        if !titles.contains(&user.title.as_str()) {
            titles.push(&user.title);
        }
    }
    let first = titles.first().map_or(String::new(), |first| first.replace('`', ""));
    match titles.len() {
        0 | 1 => first,
        count => format!("{first}, {} more", count - 1),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::{
        builds::Certainty,
        fixture::{Fixture, user},
        settings::Settings,
    };

    fn titles(text: &str, users: Vec<User>) -> Vec<String> {
        let fixture = Fixture::new(text).with_users(users);
        lenses(&fixture.doc).into_iter().filter_map(|lens| lens.title).collect()
    }

    #[test]
    fn a_stage_tells_how_often_it_is_used_and_what_builds_it() {
        assert_eq!(
            titles(
                "
                FROM a AS base
                FROM base AS builder
                FROM base AS test
                COPY --from=builder /a /a
                FROM a
                FROM scratch
                COPY --from=builder /a /a
                COPY --from=1 /b /b
                ",
                vec![]
            ),
            [
                "2 uses · built by default",
                "3 uses · built by default",
                "only by --target test",
                "never built",
                "the default target",
            ]
        );
    }

    #[test]
    fn builds_of_the_workspace_are_named() {
        let text = "FROM a AS deps\nFROM deps AS web\nFROM a AS x\nFROM b\n";
        let web = |title: &str| user(title).target("web");
        let perhaps = User { certainty: Certainty::Unknown, ..user("a script").target("x") };
        let users = vec![web("compose service `web`"), web("a"), web("b"), web("a"), perhaps, user("c")];
        assert_eq!(
            titles(text, users),
            [
                "1 use · built for web",
                "target of compose service web, 2 more",
                "perhaps the target of a script",
                "the default target · target of c",
            ]
        );
    }

    #[test]
    fn uses_stand_where_they_are_written() {
        let fixture = Fixture::new(
            "
            FROM a AS b
            ^^^^
            FROM b
                 ^
            ONBUILD COPY --from=b /x /x
                                ^
            ",
        );
        let lens = &lenses(&fixture.doc)[0];
        assert_eq!([&[lens.range.clone()][..], &lens.uses].concat(), fixture.marked);
    }

    #[test]
    fn only_what_a_command_line_can_ask_for_can_be_built() {
        let fixture = Fixture::new("FROM a AS x\nFROM a AS X\nFROM a\nFROM a\n");
        let lenses = lenses(&fixture.doc);
        assert_eq!(lenses.iter().map(|lens| lens.build).collect::<Vec<_>>(), [false, true, false, true]);
        assert_eq!((target(&fixture.doc, 1), target(&fixture.doc, 3)), (Some("X"), None));
    }

    #[test]
    fn each_kind_is_switched_off_on_its_own() {
        let shown = |code_lens| {
            let settings = Arc::new(Settings { code_lens, ..Settings::default() });
            let lenses = lenses(&Document::open("FROM a\n", 0).with_settings(settings));
            lenses.first().map(|lens| (lens.title.is_some(), lens.build, lens.copy))
        };
        let all = CodeLens::default();
        assert_eq!(shown(all), Some((true, true, true)));
        assert_eq!(shown(CodeLens { uses: false, ..all }), Some((false, true, true)));
        assert_eq!(shown(CodeLens { build: false, ..all }), Some((true, false, true)));
        assert_eq!(shown(CodeLens { copy_build_command: false, ..all }), Some((true, true, false)));
        assert_eq!(shown(CodeLens { uses: false, build: false, copy_build_command: false }), None);
    }

    #[test]
    fn a_text_without_stages_has_none() {
        assert_eq!(titles("", vec![user("a")]), [""; 0]);
        assert_eq!(titles("RUN x\n# c\n", vec![]), [""; 0]);
        assert_eq!(
            titles("FROM\nFROM a AS\nFROM $\n", vec![]),
            ["never built", "never built", "the default target"]
        );
    }
}
