//! What there is to read about a word, wherever it is shown: beside a completion, in a hover.

use std::fmt::Write;

use super::hover::flow;
use crate::{
    images::{
        self,
        pages::{self, Page},
    },
    language::{
        Entry,
        arguments::argument,
        directives, flags, forms,
        instructions::{INSTRUCTIONS, instruction},
        mounts,
        ports::service,
        signals::signal,
        texts::Texts,
        values::Value,
        words::{self, SpecialWord, WORDS},
    },
    rules::{self, RULES},
    stages::Image,
    syntax::Keyword,
};

/// Something that there is to say something about, without any file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Topic {
    Instruction(Keyword),
    /// A flag of an instruction, by its name without dashes.
    Flag(Keyword, String),
    /// One of the values that a flag can have, behind the flag's name.
    FlagValue(Keyword, String, String),
    /// A type of mounts, by its name.
    Mount(String),
    /// An option of a mount.
    MountOption(String),
    /// How a cache is shared.
    Sharing(String),
    /// A directive, by its name.
    Directive(String),
    /// A value of a directive, behind its name.
    DirectiveValue(String, String),
    /// What can stand behind `check=`.
    CheckKey(String),
    /// An argument that means something to BuildKit.
    Argument(String),
    Word(SpecialWord),
    /// A signal, as a STOPSIGNAL names it.
    Signal(String),
    /// A number of a port.
    Port(u16),
    /// A rule, by its name.
    Rule(String),
    /// An image as written.
    Image(String),
}

impl Topic {
    /// Markdown; `None` if there is nothing of that name.
    pub fn markdown(&self) -> Option<String> {
        Some(match self {
            Topic::Instruction(keyword) => {
                let entry = instruction(*keyword)?;
                let mut article = Article::new(entry.name, entry);
                article.forms(forms::forms(*keyword));
                article.add(Texts::Instruction(*keyword).introduction());
                let names = flags::known(*keyword).unwrap_or_default().iter();
                let names: Vec<String> = names.map(|flag| format!("`--{}`", flag.entry.name)).collect();
                article.add((!names.is_empty()).then(|| format!("Flags: {}", names.join(", "))));
                article.end(entry)
            }
            Topic::Flag(keyword, name) => {
                let flag = flags::flag(*keyword, name)?;
                let title = format!("--{name}");
                let mut article = Article::new(&title, &flag.entry);
                article.add(Texts::Instruction(*keyword).section(&title));
                article.values(flag.value);
                article.add((flag.since > 0).then(|| format!("Since `docker/dockerfile:1.{}`", flag.since)));
                article.end(&flag.entry)
            }
            Topic::FlagValue(keyword, name, value) => {
                let flag = flags::flag(*keyword, name)?;
                let what = one_of(flag.value, value)?;
                Article::titled(&format!("--{name}={value}"), what).end(&flag.entry)
            }
            Topic::Mount(name) => {
                let entry = &mounts::TYPES.iter().find(|(_, entry)| entry.name == name)?.1;
                let title = format!("type={name}");
                let mut article = Article::new(&title, entry);
                article.add(Texts::Mounts.section(&title));
                article.end(entry)
            }
            Topic::MountOption(name) => {
                let option = mounts::option(name)?;
                let mut article = Article::new(option.entry.name, &option.entry);
                article.add(Texts::Mounts.section(option.entry.name));
                article.values(option.value);
                let aliases: Vec<String> = option.aliases.iter().map(|name| format!("`{name}`")).collect();
                article.add((!aliases.is_empty()).then(|| format!("The same: {}", aliases.join(", "))));
                article.end(&option.entry)
            }
            Topic::Sharing(name) => {
                let option = mounts::option("sharing")?;
                let what = one_of(option.value, name)?;
                Article::titled(&format!("sharing={name}"), what).end(&option.entry)
            }
            Topic::Directive(name) => {
                let entry = &directives::directive(name)?.entry;
                let mut article = Article::new(entry.name, entry);
                article.add(Texts::Directives.section(entry.name));
                article.end(entry)
            }
            Topic::DirectiveValue(name, value) => {
                let mut values = directives::VALUES.iter();
                let entry = &values.find(|(of, entry)| of == name && entry.name == value)?.1;
                Article::titled(&format!("{name}={value}"), entry.summary).end(entry)
            }
            Topic::CheckKey(name) => {
                let entry = directives::CHECK_KEYS.iter().find(|entry| entry.name == name)?;
                let mut article = Article::new(entry.name, entry);
                article.add(Texts::Directives.section(&format!("check {name}")));
                article.end(entry)
            }
            Topic::Argument(name) => {
                let (kind, entry) = argument(name)?;
                let mut article = Article::titled(entry.name, kind.title());
                article.add(Some(entry.summary.to_owned()));
                article.add(Texts::Arguments.section(kind.heading()));
                article.end(entry)
            }
            Topic::Word(word) => {
                let entry = words::word(*word);
                let mut article = Article::new(entry.name, entry);
                article.add(match word {
                    SpecialWord::HealthCmd | SpecialWord::HealthNone => {
                        Texts::Instruction(Keyword::Healthcheck).section(entry.name)
                    }
                    SpecialWord::As
                    | SpecialWord::Scratch
                    | SpecialWord::Heredoc
                    | SpecialWord::ExecForm
                    | SpecialWord::JsonForm
                    | SpecialWord::Continuation => Texts::Words.section(entry.name),
                });
                article.end(entry)
            }
            Topic::Signal(name) => {
                let (name, number, what) = signal(name)?;
                let mut article = Article::titled(&format!("SIG{name}"), &format!("signal {number}"));
                article.add(Some((*what).to_owned()));
                article.end(instruction(Keyword::StopSignal)?)
            }
            Topic::Port(number) => {
                let mut article = Article::titled(&number.to_string(), "port");
                article.add(service(*number).map(|service| format!("Usually {service}")));
                article.end(instruction(Keyword::Expose)?)
            }
            Topic::Image(name) => image(name)?,
            Topic::Rule(name) => RULES[rules::rule_index(name)?].documentation(),
        })
    }

    /// A short text from which [`Topic::parse`] makes the same.
    pub fn key(&self) -> String {
        match self {
            Topic::Instruction(keyword) => format!("instruction {}", keyword.name()),
            Topic::Flag(keyword, name) => format!("flag {} {name}", keyword.name()),
            Topic::FlagValue(keyword, name, value) => format!("flag-value {} {name} {value}", keyword.name()),
            Topic::Mount(name) => format!("mount {name}"),
            Topic::MountOption(name) => format!("option {name}"),
            Topic::Sharing(name) => format!("sharing {name}"),
            Topic::Directive(name) => format!("directive {name}"),
            Topic::DirectiveValue(name, value) => format!("directive-value {name} {value}"),
            Topic::CheckKey(name) => format!("check {name}"),
            Topic::Argument(name) => format!("argument {name}"),
            Topic::Word(word) => format!("word {}", words::word(*word).name),
            Topic::Signal(name) => format!("signal {name}"),
            Topic::Port(number) => format!("port {number}"),
            Topic::Rule(name) => format!("rule {name}"),
            Topic::Image(name) => format!("image {name}"),
        }
    }

    /// What a client sends back.
    pub fn parse(key: &str) -> Option<Topic> {
        let (kind, name) = key.split_once(' ')?;
        let keyword = |name: &str| {
            let mut all = INSTRUCTIONS.iter();
            all.find(|(_, entry)| entry.name == name).map(|(keyword, _)| *keyword)
        };
        Some(match kind {
            "instruction" => Topic::Instruction(keyword(name)?),
            "flag" => {
                let (of, name) = name.split_once(' ')?;
                Topic::Flag(keyword(of)?, name.to_owned())
            }
            "flag-value" => {
                let (of, name) = name.split_once(' ')?;
                let (name, value) = name.split_once(' ')?;
                Topic::FlagValue(keyword(of)?, name.to_owned(), value.to_owned())
            }
            "mount" => Topic::Mount(name.to_owned()),
            "option" => Topic::MountOption(name.to_owned()),
            "sharing" => Topic::Sharing(name.to_owned()),
            "directive" => Topic::Directive(name.to_owned()),
            "directive-value" => {
                let (name, value) = name.split_once(' ')?;
                Topic::DirectiveValue(name.to_owned(), value.to_owned())
            }
            "check" => Topic::CheckKey(name.to_owned()),
            "argument" => Topic::Argument(name.to_owned()),
            "word" => Topic::Word(WORDS.iter().find(|(_, entry)| entry.name == name)?.0),
            "signal" => Topic::Signal(name.to_owned()),
            "port" => Topic::Port(name.parse().ok()?),
            "rule" => Topic::Rule(name.to_owned()),
            "image" => Topic::Image(name.to_owned()),
            _ => return None,
        })
    }
}

/// What a value means that is one of a few.
fn one_of(value: Value, name: &str) -> Option<&'static str> {
    let Value::OneOf(values) = value else { return None };
    values.iter().find(|(other, _)| *other == name).map(|(_, what)| *what)
}

/// A text that comes into being: paragraphs of Markdown.
struct Article(String);

impl Article {
    fn new(title: &str, entry: &Entry) -> Article {
        let mut article = Article::titled(title, entry.summary);
        article.add(entry.deprecated.map(|instead| format!("Deprecated: use `{instead}`")));
        article
    }

    fn titled(title: &str, summary: &str) -> Article {
        Article(format!("**{title}** · {summary}"))
    }

    /// Adds a paragraph, if there is one.
    fn add(&mut self, paragraph: Option<String>) {
        if let Some(paragraph) = paragraph {
            let _ = write!(self.0, "\n\n{paragraph}");
        }
    }

    fn forms(&mut self, forms: &[forms::Form]) {
        let labels: Vec<&str> = forms.iter().map(|form| form.label).collect();
        self.add((!labels.is_empty()).then(|| format!("```dockerfile\n{}\n```", labels.join("\n"))));
    }

    /// Adds the values that are possible, if they are few.
    fn values(&mut self, value: Value) {
        let Value::OneOf(values) = value else { return };
        let lines: Vec<String> = values.iter().map(|(name, what)| format!("- `{name}`: {what}")).collect();
        self.add(Some(lines.join("\n")));
    }

    /// All of it, with a link to the reference.
    fn end(self, entry: &Entry) -> String {
        format!("{}\n\n[Reference]({})", self.0, entry.page())
    }
}

/// What is known of an image, and where to read on.
fn image(name: &str) -> Option<String> {
    let image = Image::parse(name).ok()?;
    let mut text = String::new();
    if let Some(facts) = images::facts(&image, false) {
        text.push_str(&flow::system(&facts));
        if !facts.is_certain() {
            text.push_str(" (from general knowledge)");
        }
        let user = facts.user.as_ref().map(|user| format!("runs as `{user}`"));
        let directory = facts.workdir.as_ref().map(|directory| format!("starts in `{directory}`"));
        let starts: Vec<String> = [user, directory].into_iter().flatten().collect();
        if !starts.is_empty() {
            text.push_str(&format!("\n\nIt {}", starts.join(" and ")));
        }
        if !facts.notes.is_empty() {
            text.push_str(&format!("\n\n{}", facts.notes));
        }
    }
    if let Some(Page { url, site }) = pages::page(&image) {
        let separator = if text.is_empty() { "" } else { "\n\n" };
        text.push_str(&format!("{separator}[{site}]({url})"));
    }
    (!text.is_empty()).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::{
        arguments::ARGUMENTS,
        directives::{CHECK_KEYS, DIRECTIVES, VALUES},
        flags::known,
        ports::PORTS,
        signals,
    };

    /// Every word of the language.
    fn all() -> Vec<Topic> {
        let mut topics = Vec::new();
        for (keyword, _) in INSTRUCTIONS {
            topics.push(Topic::Instruction(keyword));
            for flag in known(keyword).unwrap_or_default() {
                let name = || flag.entry.name.to_owned();
                topics.push(Topic::Flag(keyword, name()));
                if let Value::OneOf(values) = flag.value {
                    let values = values.iter();
                    topics.extend(values.map(|it| Topic::FlagValue(keyword, name(), it.0.to_owned())));
                }
            }
        }
        topics.extend(mounts::TYPES.iter().map(|(_, entry)| Topic::Mount(entry.name.to_owned())));
        topics.extend(mounts::OPTIONS.iter().map(|option| Topic::MountOption(option.entry.name.to_owned())));
        topics.extend(mounts::SHARING.iter().map(|(name, _)| Topic::Sharing((*name).to_owned())));
        topics.extend(DIRECTIVES.iter().map(|it| Topic::Directive(it.entry.name.to_owned())));
        let values = VALUES.iter();
        topics.extend(values.map(|(of, it)| Topic::DirectiveValue((*of).to_owned(), it.name.to_owned())));
        topics.extend(CHECK_KEYS.iter().map(|it| Topic::CheckKey(it.name.to_owned())));
        topics.extend(ARGUMENTS.iter().map(|(_, entry)| Topic::Argument(entry.name.to_owned())));
        topics.extend(WORDS.iter().map(|(word, _)| Topic::Word(*word)));
        topics.extend(signals::ALL.iter().map(|signal| Topic::Signal(signal.0.to_owned())));
        topics.extend(PORTS.iter().map(|(port, _)| Topic::Port(*port)));
        topics
    }

    #[test]
    fn every_topic_comes_back_from_its_key() {
        for topic in all().into_iter().chain([Topic::Rule(RULES[0].code.to_owned())]) {
            assert_eq!(Topic::parse(&topic.key()).as_ref(), Some(&topic));
        }
        for key in ["", "flag", "flag COPY", "flag COPIE from", "instruction X", "x y", "port x", "word x"] {
            assert_eq!(Topic::parse(key), None, "{key}");
        }
    }

    #[test]
    fn every_word_has_a_text_and_a_page() {
        for topic in all() {
            let text = topic.markdown().unwrap_or_default();
            let (body, link) = text.rsplit_once("\n\n").expect(&text);
            assert!(body.len() > 20 && body.starts_with("**"), "{topic:?}: {text}");
            assert!(link.starts_with("[Reference](https://"), "{text}");
            assert!(!text.contains("\n\n\n") && !text.contains("## "), "{text}");
            let is_long = matches!(
                topic,
                Topic::Instruction(_)
                    | Topic::Flag(..)
                    | Topic::Mount(_)
                    | Topic::MountOption(_)
                    | Topic::Directive(_)
                    | Topic::Argument(_)
                    | Topic::Word(_)
                    | Topic::CheckKey(_)
            );
            let paragraphs = body.split("\n\n").count();
            assert!(!is_long || paragraphs > 1, "no text beyond the summary: {topic:?}");
        }
    }

    #[test]
    fn an_instruction_reads_well() {
        insta::assert_snapshot!(Topic::Instruction(Keyword::Maintainer).markdown().unwrap_or_default(), @r#"
        **MAINTAINER** · Names the author of the image

        Deprecated: use `LABEL org.opencontainers.image.authors=…`

        ```dockerfile
        MAINTAINER <name>
        ```

        A label says the same, and is shown by more tools.

        ```dockerfile
        LABEL org.opencontainers.image.authors="me@example.com"
        ```

        [Reference](https://docs.docker.com/reference/dockerfile/#maintainer-deprecated)
        "#);
        insta::assert_snapshot!(Topic::Flag(Keyword::Run, "network".into()).markdown().unwrap_or_default(), @r"
        **--network** · The network that the command has

        Which network the command has: `default`, `none` or `host`. With `none`, nothing can be downloaded. For `host`, the builder has to allow it, and the build has to be called with `--allow network.host`.

        - `default`: The network of the build
        - `none`: No network but the loopback
        - `host`: The network of the host; the build has to allow it

        Since `docker/dockerfile:1.3`

        [Reference](https://docs.docker.com/reference/dockerfile/#run---network)
        ");
        let target = Topic::MountOption("dst".into()).markdown().unwrap_or_default();
        assert!(
            target.starts_with("**target** · ") && target.contains("\n\nThe same: `dst`, `destination`\n\n")
        );
    }
}
