//! What words of instructions say, as far as the file tells.

use super::Known;
use crate::{
    document::Document,
    stages::{expand, globals},
    syntax::{Keyword, Word, variables::Operator},
    variables::{Mode, Use},
};

/// What a word of an instruction (index) says: with the defaults, and whether however the build is called. Unknown too where a
/// variable has no value, or one that the platform of the build decides.
pub fn text_of(doc: &Document, index: usize, word: &Word) -> Known<String> {
    if !word.text().contains(['$', '"', '\'', doc.syntax().escape()]) {
        return Known::certain(word.text().to_owned());
    }
    let placed = &doc.syntax().instructions()[index];
    // The variables of an ONBUILD are those of the stages that build on it.
    if placed.instruction.keyword == Keyword::Onbuild {
        let expanded =
            expand::expand(word.text(), doc.syntax().escape(), &|part| part, &expand::Anything).ok();
        return expanded.and_then(|it| it.text()).map_or_else(Known::unknown, Known::certain);
    }
    let value = |mode| doc.expand(index, word, mode).ok().and_then(|it| it.text());
    let Some(default) = value(Mode::Defaults) else { return Known::unknown() };
    if value(Mode::Open).as_ref() == Some(&default) {
        return Known::certain(default);
    }
    let uses = doc.variables().uses_in(placed.at(word.range()));
    let has_value = |used: &Use| {
        let value = || doc.value_of_use(used, Mode::Defaults).and_then(|value| value.text());
        has_default(used) || value().is_some_and(|value| !value.is_empty())
    };
    let is_known = uses.iter().all(has_value) && (uses.is_empty() || !by_platform(doc, uses));
    Known { value: is_known.then_some(default), certain: false }
}

/// Whether the use says itself what counts where the variable is not set.
pub fn has_default(used: &Use) -> bool {
    matches!(used.operator, Operator::Default | Operator::Alternative)
}

/// Most variables that are looked at for one hint.
const MANY: usize = 100;

/// Whether a value comes from the platform of the build, which differs from machine to machine; also if finding that out
/// would take long.
pub fn by_platform(doc: &Document, uses: &[Use]) -> bool {
    let variables = doc.variables();
    let mut open: Vec<&Use> = uses.iter().take(MANY).collect();
    let mut seen = uses.len();
    while let Some(used) = open.pop() {
        let meant = variables.meant(used);
        let is_set = meant.iter().any(|&index| variables.declarations()[index].value.is_some());
        if seen > MANY || (globals::is_predefined(&used.name) && !is_set) {
            return true;
        }
        for value in meant.iter().filter_map(|&index| variables.declarations()[index].value.clone()) {
            let inner = variables.uses_in(value);
            seen += inner.len() + 1;
            open.extend(inner.iter().take(MANY));
        }
    }
    false
}
