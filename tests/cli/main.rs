//! The command line, run as a person or a job would run it.

mod check;
mod graph;
mod run;
mod settings;
mod usage;
