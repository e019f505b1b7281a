//! The command line, run as a person or a job would run it.

mod check;
mod explain;
mod fix;
mod fmt;
mod graph;
mod run;
mod settings;
mod targets;
mod usage;
