//! What stages are built for.

use crate::{document::Document, stages::Stage};

/// The platform that the image or empty file system of a stage is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum StagePlatform {
    /// The one that is asked for: without `--platform`, or with `$TARGETPLATFORM`.
    Target,
    /// That of the machine that builds: `$BUILDPLATFORM`.
    Build,
    /// Always the same: `linux/amd64`.
    Const,
    /// Another variable tells, or more than one.
    Unknown,
}

/// What the FROM of a stage asks for.
pub(super) fn of(doc: &Document, stage: &Stage) -> StagePlatform {
    let from = &doc.syntax().instructions()[stage.instructions.start].instruction;
    let value = from.flag("platform").and_then(|flag| flag.value.as_ref()).map_or("", |value| value.text());
    // An ARG with a default takes the place of what the builder says (dockerfile2llb/convert.go, `buildMetaArgs`).
    let is_given = |name: &str| {
        let args = &doc.stages().globals().args;
        args.iter().any(|arg| arg.name == name && arg.default_range.is_some())
    };
    match value {
        "" | "$TARGETPLATFORM" | "${TARGETPLATFORM}" => StagePlatform::Target,
        "$BUILDPLATFORM" | "${BUILDPLATFORM}" if !is_given("BUILDPLATFORM") => StagePlatform::Build,
        value if value.contains('$') => StagePlatform::Unknown,
        _ => StagePlatform::Const,
    }
}
