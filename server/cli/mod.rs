//! `check` and `graph` on the command line.
