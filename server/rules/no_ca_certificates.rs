use super::{
    Findings, Severity,
    bases::{may_bring, root_place},
    context::Context,
    rule,
    stage_edits::{copy_text, indent, insert, newline},
};
use crate::{
    flow::{StageFlow, path},
    images::{Family, PackageManager},
    syntax::Keyword,
    text::Edit,
};

rule! {
    /// An image from `scratch` that holds a program, and no certificates.
    ///
    /// ## Why
    /// `scratch` has no certificates of authorities: each `https` request of the program fails with "certificate signed by
    /// unknown authority". A program that makes none needs none.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM golang:1.22 AS build
    /// RUN CGO_ENABLED=0 go build -o /app .
    /// FROM scratch
    /// COPY --from=build /app /app
    /// CMD ["/app"]
    /// ```
    ///
    /// ## Instead
    /// ```dockerfile
    /// FROM golang:1.22 AS build
    /// RUN CGO_ENABLED=0 go build -o /app .
    /// FROM scratch
    /// COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
    /// COPY --from=build /app /app
    /// CMD ["/app"]
    /// ```
    NO_CA_CERTIFICATES: "no-ca-certificates", "An image from scratch has no certificates for https", Hint, check
}

/// Where certificates lie in one distribution or another.
const PLACES: [&str; 4] =
    ["/etc/ssl", "/etc/pki", "/usr/share/ca-certificates", "/usr/local/share/ca-certificates"];

/// Where the builder has them all in one file.
const BUNDLE: &str = "/etc/ssl/certs/ca-certificates.crt";

fn check(context: &Context<'_>, out: &mut Findings) {
    let Some(last) = context.final_stage() else { return };
    let flow = context.flow().stage(last);
    let end = flow.end();
    let is_bare = flow.root().is_scratch()
        || flow
            .certain_image()
            .is_some_and(|facts| facts.family == Family::Busybox && facts.has_ca_certificates == Some(false));
    if !is_bare || (end.cmd.is_none() && end.entrypoint.is_none()) || flow.is_opaque() {
        return;
    }
    if may_bring(context, flow, usize::MAX, &PLACES) {
        return;
    }
    let mut asks = false;
    for stage in flow.chain() {
        for index in context.stages.all()[stage.index()].instructions.clone() {
            let placed = context.instruction(index);
            let instruction = placed.instruction.effective();
            let says = |wanted: &[&str]| {
                let text = context.doc.text().slice(placed.range());
                let lower = text.to_ascii_lowercase();
                wanted.iter().any(|word| lower.contains(word))
            };
            match instruction.keyword {
                // `SSL_CERT_FILE`, or a bundle of another name.
                Keyword::Env | Keyword::Copy | Keyword::Add
                    if says(&["ssl_cert", "cert", "ca-bundle", ".pem"]) =>
                {
                    return;
                }
                Keyword::Env | Keyword::Cmd | Keyword::Entrypoint => asks |= says(&["https://"]),
                _ => {}
            }
        }
    }
    let Some(range) = root_place(context, flow) else { return };
    let message = match asks {
        true => "No certificates are copied here, without which the program can't talk https",
        false => "No certificates are copied here: if the program talks https, it can't verify anybody",
    };
    let severity = if asks { Severity::Information } else { Severity::Hint };
    let finding = out.report(&NO_CA_CERTIFICATES, range, message);
    finding.severity(severity);
    if context.fixes
        && let Some((builder, edits)) = copy_bundle(context, flow)
    {
        finding.fix(format!("Copy them from stage {builder}"), Some(edits)).prefer_single_fix();
    }
}

/// A COPY of the certificates from a stage that this one copies from anyway, which installs them if it has none.
fn copy_bundle(context: &Context<'_>, flow: &StageFlow) -> Option<(String, Vec<Edit>)> {
    let stage = &context.stages.all()[flow.index()];
    let (copy, from) = context.stages.references().iter().find_map(|reference| {
        let from = reference.target().filter(|&from| from < stage.index)?;
        let is_copy = reference.kind == crate::stages::ReferenceKind::Copy && !reference.onbuild;
        (is_copy && reference.stage == stage.index).then_some((reference.instruction, from))
    })?;
    let builder = context.flow().stage(from);
    let facts = builder.certain_image()?;
    let name = copy_text(&context.stages.all()[from]);
    let line = |index: usize, text: &str| {
        let start = context.instruction(index).start;
        insert(start, format!("{text}{}{}", newline(context), indent(context, start)))
    };
    let mut edits = vec![line(copy, &format!("COPY --from={name} {BUNDLE} {}/", path::parent(BUNDLE)))];
    let has = facts.has_ca_certificates == Some(true) || builder.writers(BUNDLE).next().is_some();
    if !has {
        let install = match facts.package_manager {
            PackageManager::Apk => "RUN apk add --no-cache ca-certificates",
            PackageManager::Apt => {
                "RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates && rm -rf /var/lib/apt/lists/*"
            }
            _ => return None,
        };
        let instructions = context.stages.all()[from].instructions.clone();
        // Right behind the FROM, where its user is still that of the image.
        let first = instructions.clone().nth(1)?;
        if builder.before(1).is_root() != Some(true) {
            return None;
        }
        edits.push(line(first, install));
    }
    Some((name, edits))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{fires, fixed, silent};

    #[test]
    fn a_program_alone_in_scratch_has_no_certificates() {
        fires(
            &NO_CA_CERTIFICATES,
            "
            FROM golang:1.22 AS b
            RUN CGO_ENABLED=0 go build -o /a .
            FROM scratch
                 ^^^^^^^ hint
            COPY --from=b /a /a
            CMD [\"/a\"]
            ",
        );
        fires(
            &NO_CA_CERTIFICATES,
            "
            FROM debian:12 AS b
            COPY a /a
            FROM scratch AS base
                 ^^^^^^^ information
            COPY --from=b /a /a
            FROM base
            ENTRYPOINT [\"/a\", \"--url=https://example.com\"]
            ",
        );
    }

    #[test]
    fn certificates_from_anywhere_and_exports_are_left_alone() {
        for lines in [
            "COPY --from=b /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/\nCMD [\"/a\"]",
            "COPY --from=b /etc/ssl /etc/ssl\nCMD [\"/a\"]",
            "COPY my-certs /x\nCMD [\"/a\"]",
            "COPY rootfs /\nCMD [\"/a\"]",
            "ENV SSL_CERT_FILE=/x\nCMD [\"/a\"]",
            "COPY --from=b /a /a",
        ] {
            silent(&NO_CA_CERTIFICATES, &format!("FROM golang:1.22 AS b\nFROM scratch\n{lines}\n"));
        }
        silent(&NO_CA_CERTIFICATES, "FROM gcr.io/distroless/static-debian12\nCMD [\"/a\"]\n");
        silent(&NO_CA_CERTIFICATES, "FROM scratch AS test\nCOPY a /a\nCMD [\"/a\"]\n");
    }

    #[test]
    fn they_come_from_the_builder() {
        let fix = |builder: &str| {
            let text =
                format!("FROM {builder} AS b\nCOPY a /a\nFROM scratch\nCOPY --from=b /a /a\nCMD [\"/a\"]\n");
            fixed(&NO_CA_CERTIFICATES, &text, "Copy them from stage b")
        };
        let copy = "COPY --from=b /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/\n";
        assert_eq!(
            fix("golang:1.22"),
            format!(
                "FROM golang:1.22 AS b\nCOPY a /a\nFROM scratch\n{copy}COPY --from=b /a /a\nCMD [\"/a\"]\n"
            )
        );
        assert!(fix("debian:12").starts_with("FROM debian:12 AS b\nRUN apt-get update && apt-get install"));
    }
}
