//! What there is to read about a word, wherever it is shown: beside a completion, in a hover.

use crate::{
    language::{Entry, flags, instructions::instruction, mounts},
    rules::{self, RULES},
    syntax::Keyword,
};

/// Something that there is to say something about, without any file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Topic {
    Instruction(Keyword),
    /// A flag of an instruction, by its name without dashes.
    Flag(Keyword, String),
    /// A type of mounts, by its name.
    Mount(String),
    /// An option of a mount.
    MountOption(String),
    /// A rule, by its name.
    Rule(String),
}

impl Topic {
    /// Markdown; `None` if there is nothing of that name.
    pub fn markdown(&self) -> Option<String> {
        let entry = match self {
            Topic::Instruction(keyword) => instruction(*keyword)?,
            Topic::Flag(keyword, name) => &flags::flag(*keyword, name)?.entry,
            Topic::Mount(name) => &mounts::TYPES.iter().find(|(_, entry)| entry.name == name)?.1,
            Topic::MountOption(name) => &mounts::option(name)?.entry,
            Topic::Rule(name) => return Some(RULES[rules::rule_index(name)?].documentation()),
        };
        Some(text(entry))
    }

    /// A short text from which [`Topic::parse`] makes the same.
    pub fn key(&self) -> String {
        match self {
            Topic::Instruction(keyword) => format!("instruction {}", keyword.name()),
            Topic::Flag(keyword, name) => format!("flag {} {name}", keyword.name()),
            Topic::Mount(name) => format!("mount {name}"),
            Topic::MountOption(name) => format!("option {name}"),
            Topic::Rule(name) => format!("rule {name}"),
        }
    }

    /// What a client sends back.
    pub fn parse(key: &str) -> Option<Topic> {
        let (kind, name) = key.split_once(' ')?;
        let keyword = |name: &str| {
            crate::language::instructions::INSTRUCTIONS
                .iter()
                .find(|(_, entry)| entry.name == name)
                .map(|(keyword, _)| *keyword)
        };
        Some(match kind {
            "instruction" => Topic::Instruction(keyword(name)?),
            "flag" => {
                let (of, name) = name.split_once(' ')?;
                Topic::Flag(keyword(of)?, name.to_owned())
            }
            "mount" => Topic::Mount(name.to_owned()),
            "option" => Topic::MountOption(name.to_owned()),
            "rule" => Topic::Rule(name.to_owned()),
            _ => return None,
        })
    }
}

fn text(entry: &Entry) -> String {
    let instead = entry.deprecated.map(|instead| format!("\n\nDeprecated: use `{instead}`"));
    let instead = instead.unwrap_or_default();
    format!("{}{instead}\n\n[Reference]({})", entry.summary, entry.page())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::{flags::known, instructions::INSTRUCTIONS};

    #[test]
    fn every_topic_comes_back_from_its_key_and_has_something_to_say() {
        let mut topics = vec![Topic::Rule(RULES[0].code.to_owned())];
        for (keyword, _) in INSTRUCTIONS {
            topics.push(Topic::Instruction(keyword));
            let flags = known(keyword).unwrap_or_default().iter();
            topics.extend(flags.map(|flag| Topic::Flag(keyword, flag.entry.name.to_owned())));
        }
        topics.extend(mounts::TYPES.iter().map(|(_, entry)| Topic::Mount(entry.name.to_owned())));
        topics.extend(mounts::OPTIONS.iter().map(|option| Topic::MountOption(option.entry.name.to_owned())));
        for topic in topics {
            assert_eq!(Topic::parse(&topic.key()).as_ref(), Some(&topic));
            assert!(topic.markdown().is_some_and(|text| text.len() > 20), "{topic:?}");
        }
        for key in ["", "flag", "flag COPY", "flag COPIE from", "instruction X", "x y"] {
            assert_eq!(Topic::parse(key), None, "{key}");
        }
    }
}
