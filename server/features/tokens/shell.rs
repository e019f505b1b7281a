//! The tokens in the text of a shell: options, strings, and the variables in these. Everything else is left to the highlighting
//! of the shell's language.

use super::{Kind, Token, layers::tidy, variable::spelled};
use crate::{
    document::Document,
    shell::{Argument, Piece},
    syntax::{Arguments, Placed},
    text::Lines,
};

/// Adds the tokens of the scripts of an instruction. `names` gets those that lie over others.
pub(super) fn paint(
    doc: &Document,
    placed: &Placed,
    lines: &Lines,
    parts: &mut Vec<Token>,
    names: &mut Vec<Token>,
) {
    if !matches!(placed.instruction.effective().arguments, Arguments::Text(_)) {
        return;
    }
    let mut words = Vec::new();
    let mut variables = Vec::new();
    for ran in placed.scripts(doc.text()) {
        let at = |range| placed.at(ran.source(range));
        for command in &ran.script.commands {
            let values = command.assignments.iter().map(|assignment| &assignment.value);
            let targets = command.redirects.iter().map(|redirect| &redirect.target);
            for argument in command.words.iter().chain(values).chain(targets) {
                let whole = at(argument.range.clone());
                let text = lines.slice(whole.clone());
                let mut start = whole.start;
                if text.starts_with('-') && text.len() > 1 {
                    let name = text.find(['=', '"', '\'', '$']).unwrap_or(text.len());
                    words.push(Token::new(start..start + name, Kind::FlagName));
                    let value = &text[name..];
                    start += name + usize::from(value.starts_with('='));
                }
                if is_string(argument, lines.slice(start..whole.end)) {
                    words.push(Token::new(start..whole.end, Kind::Text));
                    let names = argument.pieces.iter().filter_map(|piece| match piece {
                        Piece::Variable(_, name) => Some(at(name.clone())),
                        Piece::Text(_) | Piece::Pattern(_) | Piece::Any => None,
                    });
                    let token = |name| Token::new(spelled(lines.text(), &name), Kind::Variable);
                    variables.extend(names.map(token));
                }
            }
        }
    }
    // Words of an inner script stand in a string of the outer one.
    parts.append(&mut words);
    tidy(parts);
    // Those that BuildKit knows say more.
    tidy(names);
    variables.retain(|token| {
        let next = names.partition_point(|name| name.range.end <= token.range.start);
        names.get(next).is_none_or(|name| name.range.start >= token.range.end)
    });
    names.append(&mut variables);
}

/// Whether a word, or the value of an option in it, is nothing but a text in quotes, with no command in it.
fn is_string(argument: &Argument, text: &str) -> bool {
    let is_text = argument.pieces.iter().all(|piece| !matches!(piece, Piece::Any));
    let quoted = |quote: char| {
        let inner = text.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote));
        inner.is_some_and(|inner| !inner.contains(quote) || inner.contains('\\'))
    };
    is_text && (quoted('"') || quoted('\''))
}
