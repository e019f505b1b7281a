//! What can stand as the value of a flag or of an option of a mount.

/// A kind of value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Value {
    /// `linux/arm64`.
    Platform,
    /// A stage, a build context or an image.
    Stage,
    /// `user`, `user:group`, `:group`; names or numbers.
    Owner,
    /// A number of a user or group.
    Id,
    /// `755`, and for `--chmod` also `u+x`.
    FileMode,
    /// `true` or `false`.
    Truth,
    /// `30s`, `1m30s`.
    Duration,
    /// A whole number.
    Count,
    /// `512m`.
    Size,
    /// One of a few words, each with what it means.
    OneOf(&'static [(&'static str, &'static str)]),
    /// `sha256:…`.
    Digest,
    /// A pattern of files, as in a `.dockerignore`.
    Pattern,
    /// A path in the stage that is being built.
    Path,
    /// A path in the build context, or in what `from` names.
    SourcePath,
    /// A list of options with commas between, as `--mount` has it.
    Mount,
    /// A name that the author chooses, or another text.
    Text,
}
