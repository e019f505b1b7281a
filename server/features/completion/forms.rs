//! The usual forms of each instruction, as templates.

use super::place::Spot;
use crate::syntax::Keyword;

/// The forms of an instruction that stands at the cursor, the usual one first.
pub(super) fn of(spot: &Spot<'_>, keyword: Keyword) -> Vec<String> {
    let fixed: &[&str] = match keyword {
        Keyword::Add => &[
            "ADD {{1:source}} {{2:target}}",
            "ADD --checksum={{1:sha256:}} {{2:https://example.com/file}} {{3:target}}",
        ],
        Keyword::Arg => &["ARG {{1:name}}", "ARG {{1:name}}={{2:default}}"],
        Keyword::Cmd => &["CMD [\"{{1:program}}\"]"],
        Keyword::Copy => &["COPY {{1:source}} {{2:target}}"],
        Keyword::Entrypoint => &["ENTRYPOINT [\"{{1:program}}\"]"],
        Keyword::Env => &["ENV {{1:name}}={{2:value}}"],
        Keyword::Expose => &["EXPOSE {{1:8080}}"],
        Keyword::From => &["FROM {{1:image}}", "FROM {{1:image}} AS {{2:name}}"],
        Keyword::Healthcheck => &[
            "HEALTHCHECK --interval={{1:30s}} --timeout={{2:5s}} --retries={{3:3}} CMD {{4:command}}",
            "HEALTHCHECK CMD {{1:command}}",
            "HEALTHCHECK NONE",
        ],
        Keyword::Label => &["LABEL {{1:name}}=\"{{2:value}}\""],
        Keyword::Onbuild => &["ONBUILD {{1:instruction}}"],
        Keyword::Run => &[
            "RUN {{1:command}}",
            "RUN --mount=type=cache,target={{1:/root/.cache}} {{2:command}}",
            "RUN --mount=type=secret,id={{1:name}} {{2:command}}",
            "RUN <<EOF\n{{1:commands}}\nEOF",
        ],
        Keyword::Shell => &["SHELL [\"{{1:/bin/bash}}\", \"{{2:-c}}\"]"],
        Keyword::StopSignal => &["STOPSIGNAL {{1:SIGTERM}}"],
        Keyword::User => &["USER {{1:user}}", "USER {{1:user}}:{{2:group}}"],
        Keyword::Volume => &["VOLUME [\"{{1:/data}}\"]"],
        Keyword::Workdir => &["WORKDIR {{1:/app}}"],
        Keyword::Maintainer | Keyword::Unknown => &[],
    };
    let mut forms: Vec<String> = fixed.iter().map(|&form| form.to_owned()).collect();
    if keyword == Keyword::Copy {
        forms.extend(from_stage(spot));
    }
    forms
}

/// A COPY from the nearest stage above that has a name, which is not the one that it stands on.
fn from_stage(spot: &Spot<'_>) -> Option<String> {
    let stages = spot.doc.stages();
    let own = spot.stage()?;
    let base = stages.base(own).and_then(|base| base.target());
    let above = stages.all()[..own].iter().rev().filter(|stage| Some(stage.index) != base);
    let name = above.filter_map(|stage| stage.name.as_ref()).find(|name| !name.text.contains(['{', '}']))?;
    Some(format!("COPY --from={{{{1:{}}}}} {{{{2:source}}}} {{{{3:target}}}}", name.text))
}
