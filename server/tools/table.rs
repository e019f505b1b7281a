//! Tables of command lines and what is known of them.
