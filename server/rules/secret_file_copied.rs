use super::{
    Findings, Severity,
    context::Context,
    rule,
    stage_edits::{insert, replace},
};
use crate::{
    syntax::{Arguments, Instruction, Keyword, Placed, Word},
    text::Edit,
};

rule! {
    /// A COPY or ADD of a file that holds credentials.
    ///
    /// ## Why
    /// Who has the image has the file, even if a later instruction deletes it. A secret mount shows it to one RUN and leaves
    /// nothing behind.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM node:20
    /// COPY .npmrc ./
    /// RUN npm ci
    /// ```
    ///
    /// ## Instead
    /// ```dockerfile
    /// FROM node:20
    /// RUN --mount=type=secret,id=npmrc,target=./.npmrc npm ci
    /// ```
    SECRET_FILE_COPIED: "secret-file-copied", "A file with credentials is copied into an image", Warning, check
}

/// Files that hold credentials wherever they are.
const FILES: [&str; 9] =
    [".env", ".git-credentials", ".netrc", ".npmrc", ".pypirc", "id_dsa", "id_ecdsa", "id_ed25519", "id_rsa"];

fn check(context: &Context<'_>, out: &mut Findings) {
    let mut shipped = None;
    for (index, placed) in context.with(&[Keyword::Copy, Keyword::Add]) {
        let instruction = placed.instruction.effective();
        let from = instruction.flag("from").and_then(|flag| flag.value.as_ref());
        let Some((target, sources)) = instruction.meant_words().split_last() else { continue };
        if from.is_some_and(|from| !from.text().is_empty()) {
            continue;
        }
        let Some(stage) = context.stages.of_instruction(index) else { continue };
        for source in sources {
            let Some(name) = secret(source.text(), target.text()) else { continue };
            let shipped = shipped.get_or_insert_with(|| shipped_stages(context));
            let is_shipped = shipped[stage.index];
            let place = if is_shipped { "the final image" } else { "a layer of this stage" };
            let message = format!("\"{name}\" usually holds credentials, and becomes part of {place}");
            let finding = out.report(&SECRET_FILE_COPIED, placed.at(source.range()), message);
            finding.severity(if is_shipped { Severity::Warning } else { Severity::Information });
            if context.fixes && sources.len() == 1 {
                let edits = mount(context, index, placed, instruction, name, target);
                finding.fix("Mount it as a secret in the next RUN", edits);
            }
        }
    }
}

/// The name of the file with credentials that a source is.
fn secret<'a>(source: &'a str, target: &str) -> Option<&'a str> {
    let path = source.trim_matches(['"', '\'']);
    if path.contains("://") {
        return None;
    }
    let name = path.trim_end_matches('/').rsplit('/').next()?;
    let is_cloud = path.split('/').any(|part| part == ".aws");
    (FILES.contains(&name) || is_cloud || is_private_key(name, path, target)).then_some(name)
}

/// Whether it is a key that looks private: certificates and the keys that package managers check signatures with are public.
fn is_private_key(name: &str, path: &str, target: &str) -> bool {
    let Some((stem, extension)) = name.rsplit_once('.') else { return false };
    let stem = stem.to_ascii_lowercase();
    let has = |word: &str| stem.split(['-', '_', '.']).any(|part| part == word);
    let is_key = match extension {
        "key" => ["server", "tls", "ssl", "private", "client"].iter().any(|word| has(word)),
        "pem" => {
            has("key")
                || has("privkey")
                || has("private")
                || stem.starts_with("id_rsa")
                || stem == "id_ed25519"
        }
        _ => false,
    };
    const PUBLIC: [&str; 9] = ["apk", "apt", "gpg", "keyring", "pub", "rpm", "test", "trusted", "example"];
    let elsewhere = |text: &str| PUBLIC.iter().any(|word| text.to_ascii_lowercase().contains(word));
    is_key && !elsewhere(path) && !elsewhere(target)
}

/// Which stages the final image builds on, itself included, by index.
fn shipped_stages(context: &Context<'_>) -> Vec<bool> {
    let mut shipped = vec![false; context.stages.all().len()];
    let mut next = context.image();
    while let Some(stage) = next.filter(|&stage| !shipped[stage]) {
        shipped[stage] = true;
        next = context.stages.base(stage).and_then(|base| base.target());
    }
    shipped
}

/// Mounts the file where it was copied to, in the next RUN of the stage.
fn mount(
    context: &Context<'_>,
    index: usize,
    placed: &Placed,
    instruction: &Instruction,
    name: &str,
    target: &Word,
) -> Option<Vec<Edit>> {
    let Arguments::Words { json: false, .. } = &instruction.arguments else { return None };
    let stage = context.stages.of_instruction(index)?;
    let is_plain = |text: &str| !text.contains(['"', '\'', '$', ',', '\\', ' ']);
    let onbuild = placed.instruction.keyword == Keyword::Onbuild;
    if onbuild || !is_plain(name) || !is_plain(target.text()) || !instruction.heredocs.is_empty() {
        return None;
    }
    let mut below = (index + 1..stage.instructions.end).map(|index| context.instruction(index));
    let run = below.find(|placed| placed.instruction.keyword == Keyword::Run)?;
    let path = match target.text() {
        "." => format!("./{name}"),
        text if text.ends_with('/') => format!("{text}{name}"),
        text => text.to_owned(),
    };
    let id = name.trim_start_matches('.');
    let at = run.at(run.instruction.word.range()).end;
    let text = context.doc.text();
    let lines =
        text.line_start(text.line_of(placed.start))..text.line_start(text.line_of(placed.range().end) + 1);
    let mount = format!(" --mount=type=secret,id={id},target={path}");
    Some(vec![replace(lines, ""), insert(at, mount)])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{fires, fixed, silent};

    #[test]
    fn files_with_credentials_are_found() {
        fires(
            &SECRET_FILE_COPIED,
            "
            FROM a:1 AS base
            COPY .npmrc ./
                 ^^^^^^ warning
            FROM a:1 AS build
            COPY package.json config/.netrc /root/
                              ^^^^^^^^^^^^^ information
            FROM base
            ADD .aws /root/.aws
                ^^^^ warning
            COPY certs/server.key certs/server.crt /etc/nginx/
                 ^^^^^^^^^^^^^^^^ warning
            COPY privkey.pem /etc/ssl/
                 ^^^^^^^^^^^ warning
            ",
        );
    }

    #[test]
    fn public_keys_examples_and_files_of_other_stages_are_left_alone() {
        silent(
            &SECRET_FILE_COPIED,
            "
            FROM a:1 AS b
            COPY .env.example .env.sample id_rsa.pub ca.pem cert.pem server.crt ./
            COPY docker.gpg.key /etc/apt/trusted.gpg.d/
            COPY nginx_signing.key /etc/apk/keys/
            COPY . .
            RUN --mount=type=secret,id=npmrc,target=/root/.npmrc npm ci
            FROM b
            COPY --from=b /x/.env /x/.env
            COPY example.env .env
            ADD https://example.com/server.key /k
            ",
        );
    }

    #[test]
    fn the_next_run_gets_a_mount() {
        assert_eq!(
            fixed(
                &SECRET_FILE_COPIED,
                "FROM a:1\nWORKDIR /w\nCOPY .npmrc ./\nCOPY p .\nRUN --network=default npm ci\n",
                "Mount it as a secret in the next RUN"
            ),
            "FROM a:1\nWORKDIR /w\nCOPY p .\nRUN --mount=type=secret,id=npmrc,target=./.npmrc --network=default npm ci\n"
        );
    }
}
