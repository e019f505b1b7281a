use super::{Instruction, Placed};
use crate::{shell::Script, text::Text};
use std::{ops::Range, sync::Arc};
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ran {
    pub script: Arc<Script>,
}
impl Ran {
    pub fn place(&self, placed: &Placed, range: Range<usize>) -> Range<usize> {
        placed.at(range)
    }
}
impl Instruction {
    pub fn scripts(&self, _start: usize, _text: &Text) -> &[Ran] {
        &[]
    }
}
