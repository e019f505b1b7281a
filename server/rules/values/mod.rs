//! What BuildKit accepts as a value: a text in, a verdict out. Knows no instruction, no variable and no place.

pub mod duration;
pub mod file_mode;
pub mod number;
pub mod port;
pub mod remote;
pub mod signal;
