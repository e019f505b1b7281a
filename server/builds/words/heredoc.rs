//! Here-documents: where their lines stand.

use super::{Input, Item, reader::Reader, word::Word};

/// A heredoc whose lines come behind the line that is being read.
pub(super) struct Pending {
    delimiter: String,
    strips_tabs: bool,
}

impl Reader<'_> {
    /// Notes a heredoc; its body is filled in at the end.
    pub fn heredoc(&mut self, delimiter: &Word, strips_tabs: bool) -> Option<Input> {
        let text = delimiter.known();
        if text.is_empty() {
            return None;
        }
        let is_quoted = !self.text[delimiter.range.clone()].eq(&text);
        let number = self.bodies.len() + self.heredocs.len();
        self.heredocs.push(Pending { delimiter: text, strips_tabs });
        Some(Input::Heredoc { body: number..number, is_literal: is_quoted, strips_tabs })
    }

    /// Reads the lines of all heredocs that began in the line before.
    pub fn read_heredocs(&mut self) {
        for pending in std::mem::take(&mut self.heredocs) {
            let start = self.at;
            loop {
                let line_end = self.line_end(self.at);
                let line = &self.text[self.at..line_end];
                let line = if pending.strips_tabs { line.trim_start_matches('\t') } else { line };
                let end = self.at;
                self.at = line_end;
                while self.peek() == Some(b'\r') {
                    self.at += 1;
                }
                let is_last = self.peek().is_none();
                if self.peek() == Some(b'\n') {
                    self.at += 1;
                }
                if line == pending.delimiter || is_last {
                    self.bodies.push(start..if line == pending.delimiter { end } else { self.at });
                    break;
                }
            }
        }
    }

    /// The items, with the heredocs in place.
    pub fn finish(mut self) -> Vec<Item> {
        // One that begins in the last line has no lines.
        let end = self.text.len();
        self.bodies.extend(self.heredocs.iter().map(|_| end..end));
        for item in &mut self.items {
            let Item::Command(command) = item else { continue };
            let Some(Input::Heredoc { body, is_literal, .. }) = &mut command.input else { continue };
            *body = self.bodies.get(body.start).cloned().unwrap_or(end..end);
            let text = self.text.get(body.clone()).unwrap_or("");
            *is_literal |= !text.contains(['$', '`', '\\']);
        }
        self.items
    }
}
