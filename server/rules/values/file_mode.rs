//! Modes of files, as `COPY --chmod` takes them (dockerfile2llb/convert_copy.go, `dispatchCopy`; tonistiigi/dchapes-mode).

/// Whether a mode is one: octal up to 07777, or symbolic as for chmod(1).
pub fn is_mode(text: &str) -> bool {
    if text.starts_with(|c: char| c.is_ascii_digit()) {
        return super::number::unsigned(text, 8).is_some_and(|mode| mode <= 0o7777);
    }
    text.split(',').all(is_clause)
}

/// `u=rwx`, `go-w+X`: for whom, and then at least one change.
fn is_clause(clause: &str) -> bool {
    let changes = clause.trim_start_matches(['a', 'u', 'g', 'o']);
    changes.starts_with(['+', '-', '='])
        && changes
            .chars()
            .all(|c| matches!(c, '+' | '-' | '=' | 'r' | 's' | 't' | 'w' | 'X' | 'x' | 'u' | 'g' | 'o'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modes_are_octal_or_symbolic() {
        for text in ["0", "755", "07777", "u+x", "+x", "a=rX,go-w", "u=g", "u+x-w", "=", "o+t"] {
            assert!(is_mode(text), "{text}");
        }
        for text in ["", "8", "778", "10000", "0x1", "rwx", "u", "u+x,", ",u+x", "u+z", "u+a", "-x y", "u+x;"]
        {
            assert!(!is_mode(text), "{text}");
        }
    }
}
