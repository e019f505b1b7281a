//! What is worth knowing about accounts and directories that an instruction names.

use std::{fmt::Write, ops::Range};

use super::{Hover, flow::origin_text};
use crate::{
    document::Document,
    flow::{self, AccountKind, RootKind, StageFlow},
    syntax::{Instruction, Keyword, Word},
};

/// For the user, group, WORKDIR, source or destination at `offset` (bytes).
pub(super) fn hover(doc: &Document, offset: usize) -> Option<Hover> {
    let index = doc.syntax().instruction_at(offset)?;
    let placed = &doc.syntax().instructions()[index];
    let stage = doc.stages().of_instruction(index)?;
    let here =
        Here { doc, index, flow: doc.flow().stage(stage.index), number: index - stage.instructions.start };
    let at = offset - placed.start;
    let touched = |word: &&Word| word.range().start <= at && at <= word.range().end;
    let instruction: &Instruction = &placed.instruction;
    if let Some(owner) = instruction.flag("chown").and_then(|flag| flag.value.as_ref()).filter(touched) {
        let (range, markdown) = here.owner(owner, at)?;
        return Some(Hover { range: placed.at(range), markdown });
    }
    let word = instruction.meant_words().iter().find(touched)?;
    let (range, markdown) = match instruction.keyword {
        Keyword::User => here.owner(word, at)?,
        Keyword::Workdir => (word.range(), here.directory(word)?),
        Keyword::Copy | Keyword::Add if !instruction.heredoc_markers.contains(word) => {
            (word.range(), here.copied(instruction, word)?)
        }
        _ => return None,
    };
    Some(Hover { range: placed.at(range), markdown })
}

/// An instruction of a stage.
struct Here<'d> {
    doc: &'d Document,
    index: usize,
    flow: &'d StageFlow,
    /// Its number in the stage.
    number: usize,
}

impl Here<'_> {
    /// The user or group of a `user:group` at `at` (bytes from the start of the instruction).
    fn owner(&self, word: &Word, at: usize) -> Option<(Range<usize>, String)> {
        let text = word.text();
        if text.contains(['$', '"', '\'']) {
            return None;
        }
        let colon = text.find(':').unwrap_or(text.len());
        let (part, kind) = match word.text_offset(at) > colon {
            true => (colon + 1..text.len(), AccountKind::Group),
            false => (0..colon, AccountKind::User),
        };
        let name = text[part.clone()].trim();
        (!name.is_empty()).then(|| (word.source(part), self.account(name, kind)))
    }

    fn account(&self, name: &str, kind: AccountKind) -> String {
        let what = match kind {
            AccountKind::User => "user",
            AccountKind::Group => "group",
        };
        let mut text = format!("**{name}** · {what}");
        if name.bytes().all(|byte| byte.is_ascii_digit()) {
            text.push_str("\n\nA number, which needs no account");
            let is_it = |id: &Option<_>| id.as_deref() == Some(name);
            if let Some(account) = self.flow.accounts().find(|it| it.kind == kind && is_it(&it.id)) {
                let _ = write!(text, ": it is that of `{}`", account.name);
            } else if name == "0" {
                text.push_str(": it is root's");
            }
            return text;
        }
        let stage = self.flow.index();
        let mut accounts = self.flow.accounts().filter(|it| it.kind == kind && *it.name == *name);
        let is_above = |origin: flow::Origin| origin.stage != stage || origin.instruction < self.number;
        if let Some(account) = accounts.find(|it| is_above(it.origin)) {
            let ids = account.id.iter().map(|id| format!("number {id}"));
            let homes = account.home.iter().map(|home| format!("home `{home}`"));
            for detail in ids.chain(homes) {
                let _ = write!(text, ", {detail}");
            }
            let how = if account.created { "Made by" } else { "Changed by" };
            let _ = write!(text, "\n\n{how} {}", origin_text(self.doc, stage, account.origin));
            return text;
        }
        let image = match &self.flow.root().kind {
            RootKind::Image(image, _) => format!("`{image}`"),
            RootKind::Scratch => "`scratch`".to_owned(),
            RootKind::Unknown => "the base".to_owned(),
        };
        text.push_str(&match self.flow.has_account(kind, name, self.number) {
            Some(true) if kind == AccountKind::Group => {
                format!("\n\nComes with {image}, or with the user of that name")
            }
            Some(true) => format!("\n\nComes with {image}"),
            Some(false) => format!("\n\nNot there: neither {image} nor a command above brings it"),
            None => format!("\n\nNo command above makes it; whether {image} brings it is not known"),
        });
        text
    }

    fn directory(&self, word: &Word) -> Option<String> {
        let before = self.flow.before(self.number);
        let path = before.path(&flow::text_of(self.doc, self.index, word));
        let mut text = format!("`{}` · working directory from here on", path.value?);
        if !path.certain {
            text.push_str(", with the default values");
        }
        if !word.text().starts_with('/')
            && let Some(directory) = &before.workdir.value
        {
            let _ = write!(text, "\n\nSeen from the working directory `{directory}`");
        }
        Some(text)
    }

    /// A source or the destination of a COPY or ADD that takes nothing of a stage.
    fn copied(&self, instruction: &Instruction, word: &Word) -> Option<String> {
        let (destination, sources) = instruction.meant_words().split_last()?;
        if sources.is_empty() {
            return None;
        }
        let before = self.flow.before(self.number);
        let to = before.path(&flow::text_of(self.doc, self.index, destination)).value?;
        let seen = match &before.workdir.value {
            Some(directory) if !destination.text().starts_with('/') => {
                format!(", seen from the working directory `{directory}`")
            }
            _ => String::new(),
        };
        let slash = if destination.text().ends_with('/') && to != "/" { "/" } else { "" };
        let copied = format!("Copied to `{to}{slash}`{seen}");
        let references = self.doc.stages().references_in(self.index);
        let is_remote = word.text().contains("://") || word.text().starts_with("git@");
        if word == destination || !references.is_empty() || is_remote {
            return Some(copied);
        }
        let source = flow::text_of(self.doc, self.index, word).value?;
        let source = source.strip_prefix("./").unwrap_or(&source).trim_matches('/');
        Some(match source {
            "" | "." => {
                format!("All of the build context that `.dockerignore` does not leave out\n\n{copied}")
            }
            _ => format!("`{source}` of the build context\n\n{copied}"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::text;

    #[test]
    fn an_account_says_who_makes_it() {
        let app = text("FROM alpine:3.20 AS base\nRUN adduser -D -u 1001 app\nFROM base\nUSER a$0pp\n");
        assert!(app.starts_with("**app** · user, number 1001"), "{app}");
        assert!(app.ends_with("Made by line 2 of `base`: `adduser -D -u 1001 app`"), "{app}");
        assert_eq!(
            text("FROM alpine:3.20\nCOPY --chown=ap$0p:app a /a\n"),
            "**app** · user\n\nNot there: neither `alpine:3.20` nor a command above brings it"
        );
        assert!(text("FROM alpine:3.20\nUSER nobo$0dy\n").contains("Comes with `alpine:3.20`"));
        assert!(text("FROM x/y:1\nUSER x:nobo$0dy\n").starts_with("**nobody** · group\n\nNo command"));
        assert!(text("FROM x/y:1\nUSER 100$00:0\n").ends_with("needs no account"));
        assert_eq!(text("FROM x/y:1\nUSER :$0\n"), "");
    }

    #[test]
    fn a_directory_is_shown_as_it_is() {
        assert_eq!(
            text("FROM alpine:3.20\nWORKDIR /app\nWORKDIR s$0rc\n"),
            "`/app/src` · working directory from here on\n\nSeen from the working directory `/app`"
        );
        assert_eq!(
            text("FROM alpine:3.20\nWORKDIR /app\nCOPY a b li$0b/\n"),
            "Copied to `/app/lib/`, seen from the working directory `/app`"
        );
        assert_eq!(
            text("FROM alpine:3.20\nCOPY ./pack$0age.json /app/\n"),
            "`package.json` of the build context\n\nCopied to `/app/`"
        );
        assert!(text("FROM alpine:3.20\nCOPY .$0 /app/\n").starts_with("All of the build context"));
        assert_eq!(text("FROM alpine:3.20\nCOPY a$0\n"), "");
    }
}
