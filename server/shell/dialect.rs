//! Which shells there are, and how they are told to run a text.

/// The language of a shell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Dialect {
    Posix,
    PowerShell,
    Cmd,
    /// No shell that is known here.
    Other,
}

impl Dialect {
    /// Tells it from the words that start a shell, such as those of a SHELL or a `#!` line.
    pub fn of(words: &[&str]) -> Dialect {
        let mut words = words.iter();
        while let Some(word) = words.next() {
            let name = word.rsplit(['/', '\\']).next().unwrap_or_default().to_ascii_lowercase();
            return match name.strip_suffix(".exe").unwrap_or(&name) {
                "sh" | "bash" | "dash" | "ash" | "zsh" | "ksh" | "mksh" => Dialect::Posix,
                "powershell" | "pwsh" => Dialect::PowerShell,
                "cmd" => Dialect::Cmd,
                // What comes next is the shell, behind options and variables.
                "env" | "busybox" => {
                    let skipped = words
                        .as_slice()
                        .iter()
                        .take_while(|word| word.starts_with('-') || word.contains('='));
                    let skipped = skipped.count();
                    words = words.as_slice()[skipped..].iter();
                    continue;
                }
                _ => Dialect::Other,
            };
        }
        Dialect::Other
    }
}

/// Whether an argument of a shell says that the next one is a script: `-c`, `-lc`, `/C`, `-Command`.
pub fn is_command_flag(argument: &str) -> bool {
    let letters = argument.strip_prefix('-').filter(|letters| !letters.starts_with('-'));
    letters.is_some_and(|letters| letters.len() <= 6 && letters.ends_with('c'))
        || ["/c", "/s", "-command"].iter().any(|flag| argument.eq_ignore_ascii_case(flag))
}
