//! What a user has set up, as a plain value. Where it comes from, and what it is called there, is known in
//! [`configuration`](crate::configuration).

/// What a user has set up for a file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Settings {
    pub levels: Levels,
    pub inlay_hints: InlayHints,
    pub code_lens: CodeLens,
    pub format: Format,
}

/// How bad the findings of a rule are to a user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Level {
    Off,
    Hint,
    Information,
    Warning,
    Error,
}

impl Level {
    /// All of them, as they are written.
    pub const NAMES: [(&'static str, Level); 5] = [
        ("off", Level::Off),
        ("hint", Level::Hint),
        ("information", Level::Information),
        ("warning", Level::Warning),
        ("error", Level::Error),
    ];
}

/// The levels that were set, by the index of their rule.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Levels(Vec<Option<Level>>);

impl Levels {
    /// What was set for a rule; `None` leaves the decision to the rule.
    pub fn get(&self, rule: usize) -> Option<Level> {
        self.0.get(rule).copied().flatten()
    }

    pub fn set(&mut self, rule: usize, level: Level) {
        if self.0.len() <= rule {
            self.0.resize(rule + 1, None);
        }
        self.0[rule] = Some(level);
    }
}

/// Which inlay hints are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InlayHints {
    /// What the number in a `COPY --from=0` means.
    pub stage_numbers: bool,
    /// What a FROM with variables builds on by default.
    pub base_values: bool,
    /// Where a relative path of a COPY, ADD or WORKDIR leads.
    pub destinations: bool,
}

impl Default for InlayHints {
    fn default() -> InlayHints {
        InlayHints { stage_numbers: true, base_values: true, destinations: true }
    }
}

/// What is shown above stages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CodeLens {
    /// Who uses a stage, and what builds it.
    pub uses: bool,
    /// A command that builds the stage.
    pub build: bool,
    /// A command that copies the line that does so.
    pub copy_build_command: bool,
}

impl Default for CodeLens {
    fn default() -> CodeLens {
        CodeLens { uses: true, build: true, copy_build_command: true }
    }
}

/// How files are formatted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Format {
    pub keyword_case: KeywordCase,
    pub indent: Indent,
    /// The columns of an indentation, where no editor says it.
    pub indent_width: u32,
    pub continuation: Continuation,
}

impl Default for Format {
    fn default() -> Format {
        Format {
            keyword_case: KeywordCase::Keep,
            indent: Indent::Editor,
            indent_width: 4,
            continuation: Continuation::Single,
        }
    }
}

/// How the formatter writes keywords: those of instructions, AS, and the CMD and NONE of a HEALTHCHECK.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum KeywordCase {
    Keep,
    Upper,
    Lower,
}

/// What continued lines are indented with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Indent {
    /// What the editor asks for; spaces where there is none.
    Editor,
    Tabs,
    Spaces,
}

/// Where the character stands that continues a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Continuation {
    /// One blank behind the text.
    Single,
    /// In one column for all lines of an instruction.
    Align,
    /// Where it is.
    Keep,
}
