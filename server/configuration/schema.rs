//! Every setting there is: the one table that reading, complaints, the JSON schema and the documentation are made from.
//!
//! A new setting is a field in [`settings`](crate::settings) with its default there, and a line in [`GROUPS`] here.
//! Names are in kebab case; sources may write them in camel case as well.

use std::ops::RangeInclusive;

use crate::settings::{Continuation, Indent, KeywordCase, Settings};

/// A table of settings.
#[derive(Debug)]
pub struct Group {
    pub name: &'static str,
    /// What its settings are about: a sentence without its full stop.
    pub summary: &'static str,
    pub keys: Keys,
}

/// What stands in a group.
#[derive(Debug)]
pub enum Keys {
    /// Names of rules, each with a [`Level`](crate::settings::Level).
    Rules,
    Settings(&'static [Setting]),
}

/// One setting.
#[derive(Debug)]
pub struct Setting {
    pub name: &'static str,
    /// What it does: a sentence without its full stop.
    pub meaning: &'static str,
    pub kind: Kind,
}

/// What a setting can be, and where it goes.
#[derive(Debug)]
pub enum Kind {
    /// True or false.
    Switch(Field<bool>),
    /// A whole number.
    Number(RangeInclusive<u32>, Field<u32>),
    /// One of some words.
    Choice(&'static [Choice]),
}

/// Where a value goes.
pub type Field<T> = fn(&mut Settings) -> &mut T;

/// A word that a setting can be.
#[derive(Debug)]
pub struct Choice {
    pub name: &'static str,
    pub meaning: &'static str,
    pub set: fn(&mut Settings),
}

/// The value of a setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Set {
    Truth(bool),
    Number(u32),
    /// By its place among the choices.
    Choice(usize),
}

/// All settings.
pub static GROUPS: [Group; 4] = [
    Group {
        name: "rules",
        summary: "How bad the findings of a rule are, by its name; what is not set is left to the rule",
        keys: Keys::Rules,
    },
    Group {
        name: "inlay-hints",
        summary: "What is shown between the characters of a file, in editors that show inlay hints",
        keys: Keys::Settings(&[
            switch("stage-numbers", "What the number in a `COPY --from=0` means", |settings| {
                &mut settings.inlay_hints.stage_numbers
            }),
            switch("base-values", "What a FROM with variables builds on by default", |settings| {
                &mut settings.inlay_hints.base_values
            }),
            switch("destinations", "Where a relative path of a COPY, ADD or WORKDIR leads", |settings| {
                &mut settings.inlay_hints.destinations
            }),
        ]),
    },
    Group {
        name: "format",
        summary: "How files are formatted",
        keys: Keys::Settings(&[
            choice(
                "keyword-case",
                "How keywords are written: those of instructions, AS, and the CMD and NONE of a HEALTHCHECK",
                &[
                    Choice {
                        name: "keep",
                        meaning: "As they are",
                        set: |settings| settings.format.keyword_case = KeywordCase::Keep,
                    },
                    Choice {
                        name: "upper",
                        meaning: "In upper case",
                        set: |settings| settings.format.keyword_case = KeywordCase::Upper,
                    },
                    Choice {
                        name: "lower",
                        meaning: "In lower case",
                        set: |settings| settings.format.keyword_case = KeywordCase::Lower,
                    },
                ],
            ),
            choice(
                "indent",
                "What continued lines are indented with",
                &[
                    Choice {
                        name: "editor",
                        meaning: "What the editor asks for; spaces on the command line",
                        set: |settings| settings.format.indent = Indent::Editor,
                    },
                    Choice {
                        name: "tabs",
                        meaning: "Tabs",
                        set: |settings| settings.format.indent = Indent::Tabs,
                    },
                    Choice {
                        name: "spaces",
                        meaning: "Spaces",
                        set: |settings| settings.format.indent = Indent::Spaces,
                    },
                ],
            ),
            Setting {
                name: "indent-width",
                meaning: "The columns of an indentation, where no editor says it",
                kind: Kind::Number(1..=16, |settings| &mut settings.format.indent_width),
            },
            choice(
                "continuation",
                "Where the character stands that continues a line",
                &[
                    Choice {
                        name: "single",
                        meaning: "One blank behind the text",
                        set: |settings| settings.format.continuation = Continuation::Single,
                    },
                    Choice {
                        name: "align",
                        meaning: "In one column for all lines of an instruction",
                        set: |settings| settings.format.continuation = Continuation::Align,
                    },
                    Choice {
                        name: "keep",
                        meaning: "Where it is",
                        set: |settings| settings.format.continuation = Continuation::Keep,
                    },
                ],
            ),
        ]),
    },
    Group {
        name: "code-lens",
        summary: "What is shown above a stage, in editors that show code lenses",
        keys: Keys::Settings(&[
            switch("uses", "How many places of the file use the stage, and what builds it", |settings| {
                &mut settings.code_lens.uses
            }),
            switch(
                "build",
                "A command that builds the stage in a terminal, where the editor has such a command",
                |settings| &mut settings.code_lens.build,
            ),
            switch(
                "copy-build-command",
                "A command that copies the line that builds the stage, where the editor has such a command",
                |settings| &mut settings.code_lens.copy_build_command,
            ),
        ]),
    },
];

const fn switch(name: &'static str, meaning: &'static str, field: Field<bool>) -> Setting {
    Setting { name, meaning, kind: Kind::Switch(field) }
}

const fn choice(name: &'static str, meaning: &'static str, choices: &'static [Choice]) -> Setting {
    Setting { name, meaning, kind: Kind::Choice(choices) }
}

impl Group {
    /// Its settings; none if its keys are rules.
    pub fn settings(&self) -> &'static [Setting] {
        match self.keys {
            Keys::Rules => &[],
            Keys::Settings(settings) => settings,
        }
    }

    /// Whether `true` or `false` in its place means all of its settings.
    pub fn is_switch(&self) -> bool {
        let settings = self.settings();
        !settings.is_empty() && settings.iter().all(|setting| matches!(setting.kind, Kind::Switch(_)))
    }
}

impl Setting {
    /// What it is when nobody sets it.
    pub fn default(&self) -> Set {
        let mut settings = Settings::default();
        match &self.kind {
            Kind::Switch(field) => Set::Truth(*field(&mut settings)),
            Kind::Number(_, field) => Set::Number(*field(&mut settings)),
            Kind::Choice(choices) => {
                // The one that changes nothing.
                let is_default = |choice: &Choice| {
                    let mut chosen = settings.clone();
                    (choice.set)(&mut chosen);
                    chosen == settings
                };
                Set::Choice(choices.iter().position(is_default).unwrap_or_default())
            }
        }
    }

    /// Sets it. A value of another kind changes nothing.
    pub fn apply(&self, value: Set, settings: &mut Settings) {
        match (&self.kind, value) {
            (Kind::Switch(field), Set::Truth(truth)) => *field(settings) = truth,
            (Kind::Number(_, field), Set::Number(number)) => *field(settings) = number,
            (Kind::Choice(choices), Set::Choice(index)) => {
                if let Some(choice) = choices.get(index) {
                    (choice.set)(settings);
                }
            }
            (Kind::Switch(_) | Kind::Number(..) | Kind::Choice(_), _) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Other values than `value` that a setting can have.
    fn others(setting: &Setting, value: Set) -> Vec<Set> {
        let all: Vec<Set> = match &setting.kind {
            Kind::Switch(_) => vec![Set::Truth(false), Set::Truth(true)],
            Kind::Number(range, _) => vec![Set::Number(*range.start()), Set::Number(*range.end())],
            Kind::Choice(choices) => (0..choices.len()).map(Set::Choice).collect(),
        };
        all.into_iter().filter(|other| *other != value).collect()
    }

    #[test]
    fn each_setting_has_a_place_of_its_own_and_a_default_that_can_be_set() {
        let mut seen = vec![Settings::default()];
        for setting in GROUPS.iter().flat_map(Group::settings) {
            let default = setting.default();
            let mut settings = Settings::default();
            setting.apply(default, &mut settings);
            assert_eq!(settings, Settings::default(), "{}", setting.name);
            for value in others(setting, default) {
                let mut settings = Settings::default();
                setting.apply(value, &mut settings);
                assert!(!seen.contains(&settings), "{} {value:?} does what another does", setting.name);
                seen.push(settings);
            }
            if let (Kind::Number(range, _), Set::Number(number)) = (&setting.kind, default) {
                assert!(range.contains(&number), "{}", setting.name);
            }
        }
    }

    #[test]
    fn names_are_in_kebab_case_and_meanings_read_as_a_list() {
        let settings = GROUPS.iter().flat_map(Group::settings).map(|setting| (setting.name, setting.meaning));
        let groups = GROUPS.iter().map(|group| (group.name, group.summary));
        for (name, meaning) in groups.chain(settings) {
            let is_kebab = |c: char| c.is_ascii_lowercase() || c == '-';
            assert!(name.chars().all(is_kebab) && !name.ends_with('-') && !name.contains("--"), "{name}");
            assert!(meaning.starts_with(char::is_uppercase) && !meaning.ends_with('.'), "{name}: {meaning}");
        }
    }
}
