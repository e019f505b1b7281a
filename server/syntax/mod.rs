//! The syntax tree and the typed view of each instruction.
