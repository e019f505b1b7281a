//! The documents that people learn multi-stage builds from: what is wrong in their Dockerfiles is found, and what is right
//! stays silent.

use std::{collections::BTreeMap, fs};

use dockerfile_ls::{
    document::Document,
    rules::{self, Finding, Severity},
};

use crate::{rename::apply, shared};

/// What a Dockerfile is put together from.
#[derive(Debug, Clone, Copy)]
enum Part {
    /// Lines of the document, from 1, the last one included.
    Lines(usize, usize),
    /// A piece of one line: it starts with the first text and ends in front of the second; to the end of the line if that
    /// is empty.
    Piece(usize, &'static str, &'static str),
    /// What the document leaves out.
    Text(&'static str),
}
use Part::{Lines, Piece, Text};

/// A place where a document is wrong: its name, the document, the Dockerfile there, and the findings as line of the document
/// and rule.
type Row = (&'static str, &'static str, &'static [Part], &'static [(usize, &'static str)]);

/// A stage of Node.js above fragments that copy from one.
const NODE_BUILDER: Part = Text(
    "FROM node:20-alpine AS builder\nWORKDIR /app\nCOPY package*.json ./\nRUN npm ci\nCOPY . .\nRUN npm run build\n\
     FROM node:20-alpine\nWORKDIR /app",
);

#[rustfmt::skip]
const WRONG: &[Row] = &[
    ("001 l.151 tests run automatically", "001", &[Lines(126, 143)], &[(132, "test-stage-skipped")]),
    ("004 l.111 tests gate the final stage", "004", &[Lines(114, 128)], &[(115, "test-stage-skipped")]),
    ("000 l.59-62 comments behind FROM and COPY", "000", &[Lines(48, 53), Lines(59, 62)], &[
        (59, "inline-comment"), (61, "inline-comment"), (62, "inline-comment"),
    ]),
    ("000 l.68 comment behind USER", "000", &[Text("FROM node:20-alpine"), Lines(68, 70)], &[(68, "inline-comment")]),
    ("000 l.115 comment behind FROM scratch", "000", &[Lines(108, 117)], &[(115, "inline-comment")]),
    ("002 l.94,105,107 comments behind FROM and COPY", "002", &[Lines(91, 109)], &[
        (94, "inline-comment"), (105, "inline-comment"), (107, "inline-comment"),
    ]),
    ("003 l.260 comment behind COPY", "003", &[Lines(38, 47), Lines(259, 260)], &[(260, "inline-comment")]),
    ("000 l.24-41 only dependencies for running", "000", &[Lines(20, 34)], &[(32, "dev-dependencies-shipped")]),
    ("000 l.48-62 the same, step by step", "000", &[Lines(48, 53), Lines(59, 62)], &[(62, "dev-dependencies-shipped")]),
    ("001 pattern 5 the same", "001", &[Lines(182, 205)], &[(204, "dev-dependencies-shipped")]),
    ("001 Next.js the same", "001", &[Lines(223, 250)], &[(245, "dev-dependencies-shipped")]),
    ("003 l.41-49 production node_modules", "003", &[Lines(37, 52)], &[(49, "dev-dependencies-shipped")]),
    ("001 l.98-105 build on production dependencies", "001", &[Lines(94, 112)], &[(105, "build-needs-dev-dependencies")]),
    ("001 l.98 --only=production", "001", &[Lines(94, 112)], &[(98, "deprecated-command")]),
    ("003 l.143 --only=production", "003", &[Lines(127, 155)], &[(143, "deprecated-command")]),
    ("004 l.55 --only=production", "004", &[Lines(42, 56)], &[(55, "deprecated-command")]),
    ("000 l.94 prune --production", "000", &[Lines(89, 100)], &[(94, "deprecated-command")]),
    ("000 l.181 prune --production", "000", &[Lines(176, 187)], &[(181, "deprecated-command")]),
    ("001 l.37-45 /app without a WORKDIR", "001", &[Lines(36, 45)], &[
        (41, "copy-source-not-produced"), (45, "copy-source-not-produced"),
    ]),
    ("001 l.51-60 the same by numbers", "001", &[Lines(51, 60)], &[
        (56, "copy-source-not-produced"), (60, "copy-source-not-produced"),
        (56, "unnamed-stage-used-by-number"), (60, "unnamed-stage-used-by-number"),
    ]),
    ("001 l.502-504 COPY --from=0 in stage 0", "001", &[Lines(502, 504)], &[(504, "stage-copies-from-itself")]),
    ("001 l.506-508 COPY --from=deps in deps", "001", &[Lines(506, 508)], &[(508, "stage-copies-from-itself")]),
    ("003 l.108-115 --from=1 is the runtime stage", "003", &[Lines(107, 115)], &[
        // That nothing is made there is not said: but for a placeholder the stage is empty.
        (115, "number-for-named-stage"), (115, "relative-dest-without-workdir"),
    ]),
    ("003 l.119 /usr/local/bin/hello of golang", "003", &[Text("FROM alpine:3.20"), Lines(118, 119)], &[
        (119, "copy-source-not-produced"),
    ]),
    ("002 l.119 /etc/nginx.conf of nginx", "002", &[Text("FROM alpine:3.20"), Piece(119, "COPY --from", " |")], &[
        (119, "copy-source-not-produced"),
    ]),
    ("004 l.121-127 no WORKDIR in the build stage", "004", &[Lines(114, 128)], &[(127, "copy-source-not-produced")]),
    ("002 l.94-107 cgo into distroless/static", "002", &[Lines(91, 109)], &[(107, "dynamic-binary-in-static-base")]),
    ("003 l.37-49 node_modules of glibc in Alpine", "003", &[Lines(37, 52)], &[(49, "libc-mismatch")]),
    ("003 l.93 distroless without a tag", "003", &[Lines(91, 99)], &[(93, "image-without-tag")]),
    ("003 l.145-150 --chown=node and USER nodejs", "003", &[Lines(127, 155)], &[
        (145, "chown-differs-from-user"), (146, "chown-differs-from-user"),
    ]),
    ("003 l.230 openssl-lib-static", "003", &[Lines(223, 252)], &[(230, "wrong-package-manager")]),
    ("001 l.263 postgresql-dev of Debian", "001", &[Lines(256, 280)], &[(263, "wrong-package-manager")]),
    ("003 l.210-218 libpq-dev without libpq", "003", &[Lines(194, 220)], &[(210, "runtime-library-missing")]),
    ("003 l.233-239 dummy main", "003", &[Lines(223, 252)], &[(239, "dummy-source-stays-fresh")]),
    ("003 l.336 ENV from nothing", "003", &[Text("FROM alpine:3.20"), Piece(336, "ENV API", " -")], &[
        (336, "empty-env-from-arg"), (336, "SecretsUsedInArgOrEnv"),
    ]),
    ("003 l.336 secret in an ARG", "003", &[Text("FROM alpine:3.20"), Piece(336, "ARG API", " # ")], &[
        (336, "SecretsUsedInArgOrEnv"),
    ]),
    ("003 l.323 golang:alpine to scratch (001 l.70)", "001", &[Lines(70, 81)], &[(79, "no-ca-certificates")]),
    ("003 l.262-269 \"right\" copies node_modules", "003", &[Lines(38, 47), Lines(266, 269)], &[
        (268, "dev-dependencies-shipped"),
    ]),
    ("000 l.128-136 /root/.local and a USER", "000", &[
        Lines(125, 135), Text("RUN useradd app\nUSER app"), Lines(136, 136),
    ], &[(132, "copied-into-root-home")]),
    ("001 l.126-142 /root/.local and a USER", "001", &[
        Lines(126, 142), Text("RUN useradd app\nUSER app"), Lines(143, 143),
    ], &[(140, "copied-into-root-home")]),
    ("000 l.97 relative destination, no WORKDIR", "000", &[Lines(89, 100)], &[(97, "relative-dest-without-workdir")]),
    ("004 l.122,127 relative destination, no WORKDIR", "004", &[Lines(114, 128)], &[
        (122, "relative-dest-without-workdir"), (127, "relative-dest-without-workdir"),
    ]),
    ("001 l.324 layertools", "001", &[Lines(307, 336)], &[(324, "deprecated-command")]),
    ("001 l.347 COPY from :latest", "001", &[Lines(344, 347)], &[(347, "image-latest")]),
    ("001 l.378 images without a tag", "001", &[Lines(375, 387)], &[
        (378, "image-without-tag"), (381, "image-without-tag"), (385, "image-without-tag"),
    ]),
    ("002 l.105 image without a tag", "002", &[Lines(91, 109)], &[(105, "image-without-tag")]),
    ("001 l.449 stages without a meaning", "001", &[Lines(449, 450)], &[
        (449, "vague-stage-name"), (450, "vague-stage-name"),
    ]),
    ("001 l.515 whole directory", "001", &[NODE_BUILDER, Lines(514, 515)], &[(515, "whole-workdir-copied")]),
    ("001 l.524 sources above the installation", "001", &[Text("FROM node:20\nWORKDIR /app"), Lines(524, 526)], &[
        (525, "copy-all-before-install"),
    ]),
    ("003 l.23-28 everything in one image", "003", &[Lines(23, 28)], &[
        (23, "single-stage-with-toolchain"), (25, "copy-all-before-install"),
    ]),
];

/// Places that are wrong and not in [`WRONG`], and why.
#[rustfmt::skip]
const OUT_OF_SCOPE: &[(&str, &str)] = &[
    ("002 l.52-59 tests gate the final stage", "a diagram"),
    ("000 l.142 no reference without AS", "prose; hovers say it"),
    ("003 l.77 \"no shell\" in Alpine", "prose; hovers say it"),
    ("003 l.124 --chown is needed to read", "prose; hovers say it"),
    ("003 l.86 node:20-distroless", "a table; which tags there are, only the registry knows"),
    ("003 l.93 distroless of Debian 11", "the rule about old images is off in the catalogue: such data ages"),
    ("003 l.336 ARG always visible in the history", "prose; the page of SecretsUsedInArgOrEnv says it"),
    ("001 l.395, 002 l.122 --target builds up to a stage", "shell commands and prose; lenses say it"),
    ("001 l.559 DOCKER_BUILDKIT=1", "a shell command outside of Dockerfiles"),
    ("003 l.328 docker scan", "a shell command outside of Dockerfiles"),
    ("004 l.90 merge COPY and RUN", "prose"),
    ("004 l.88, 003 l.178 old versions", "the rule about old images is off in the catalogue: such data ages"),
    ("000 l.13 mojibake", "the encoding of a document"),
];

/// What is right: its name, the document, the Dockerfile there. Nothing above a hint is found.
#[rustfmt::skip]
const RIGHT: &[(&str, &str, &[Part])] = &[
    ("000 l.89 Node.js, pruned", "000", &[Lines(89, 100)]),
    ("000 l.108 Go, its comment taken away", "000", &[Lines(108, 114), Piece(115, "FROM", "   "), Lines(116, 117)]),
    ("000 l.125 Python without a USER", "000", &[Lines(125, 136)]),
    ("000 l.176 Node.js, pruned", "000", &[Lines(176, 187)]),
    ("001 l.17 Go to Alpine", "001", &[Lines(17, 28)]),
    ("001 l.70 Go to scratch", "001", &[Lines(70, 81)]),
    ("001 l.161 several architectures", "001", &[Lines(161, 170)]),
    ("001 l.286 Go to scratch, with certificates", "001", &[Lines(286, 301)]),
    ("001 l.307 Spring Boot in layers", "001", &[Lines(307, 336)]),
    ("001 l.353 stage by argument", "001", &[Lines(353, 364)]),
    ("001 l.405 cache mounts", "001", &[Lines(405, 419)]),
    ("001 l.427 order of stages", "001", &[Lines(427, 438)]),
    ("001 l.444 telling names", "001", &[Lines(444, 446)]),
    ("001 l.466 JDK and JRE", "001", &[Lines(466, 470)]),
    ("001 l.476 documented stages", "001", &[Lines(476, 494)]),
    ("001 l.518 artifacts only", "001", &[NODE_BUILDER, Lines(517, 518)]),
    ("001 l.529 dependencies first", "001", &[Text("FROM node:20\nWORKDIR /app"), Lines(528, 531)]),
    ("003 l.165 Go to Alpine", "003", &[Lines(165, 190)]),
    ("004 l.42 Node.js, dependencies installed anew", "004", &[Lines(42, 56)]),
    ("004 l.68 Go to Alpine", "004", &[Lines(68, 78)]),
    ("004 l.103 version by argument", "004", &[Lines(103, 104)]),
];

/// Rules whose finding in [`WRONG`] has no fix, at the places whose name starts so, and why.
#[rustfmt::skip]
const WITHOUT_FIX: &[(&str, &str, &str)] = &[
    ("SecretsUsedInArgOrEnv", "", "where the secret is needed, the file does not say"),
    ("image-latest", "", "which tag is meant, only the registry knows"),
    ("image-without-tag", "", "which tag is meant, only the registry knows"),
    ("single-stage-with-toolchain", "", "two stages are written by a person"),
    ("copy-source-not-produced", "003 l.119", "nothing in that image has such a name"),
];

/// The text of a Dockerfile, and the line of the document for each of its lines, 0 for what is not in there.
fn dockerfile(document: &[&str], parts: &[Part]) -> (String, Vec<usize>) {
    let (mut text, mut lines) = (String::new(), Vec::new());
    for part in parts {
        let piece: Vec<(usize, &str)> = match *part {
            Lines(first, last) => (first..=last).map(|line| (line, document[line - 1])).collect(),
            Piece(line, from, to) => {
                let (before, _) = document[line - 1].split_once(from).expect("the line has the piece");
                let rest = &document[line - 1][before.len()..];
                let end = if to.is_empty() { None } else { rest.find(to) };
                vec![(line, &rest[..end.unwrap_or(rest.len())])]
            }
            Text(added) => added.lines().map(|line| (0, line)).collect(),
        };
        for (line, content) in piece {
            lines.push(line);
            text.push_str(content);
            text.push('\n');
        }
    }
    (text, lines)
}

/// The documents by the numbers that their names start with; `None` where they are not there.
fn documents() -> Option<BTreeMap<String, String>> {
    let folder = shared::folder()?.join("seeds");
    let files = fs::read_dir(folder).expect("the documents lie beside the other data");
    let read = |file: fs::DirEntry| {
        let name = file.file_name().to_string_lossy()[..3].to_owned();
        (name, fs::read_to_string(file.path()).expect("they are texts"))
    };
    Some(files.map(|file| read(file.expect("they can be listed"))).collect())
}

fn line(doc: &Document, finding: &Finding, lines: &[usize]) -> usize {
    lines[doc.text().line_of(finding.range.start)]
}

/// What is wrong with the fixes of a finding: each removes it, and brings no error.
fn bad_fixes(text: &str, finding: &Finding) -> Vec<String> {
    let count = |text: &str, is: &dyn Fn(&Finding) -> bool| {
        rules::check(&Document::open(text, 0)).iter().filter(|finding| is(finding)).count()
    };
    let same = |text: &str| count(text, &|other| other.code == finding.code);
    let errors = |text: &str| count(text, &|other| other.severity == Severity::Error);
    let is_bad = |after: &str| same(after) >= same(text) || errors(after) > errors(text);
    let applied = finding.fixes.iter().map(|fix| (&fix.title, apply(text, &fix.edits)));
    applied.filter(|(_, after)| is_bad(after)).map(|(title, after)| format!("{title}:\n{after}")).collect()
}

#[test]
fn what_is_wrong_in_the_documents_is_found() {
    let Some(documents) = documents() else { return };
    let (mut rows, mut wrong) = (0, Vec::new());
    for &(name, document, parts, expected) in WRONG {
        let document: Vec<&str> = documents[document].lines().collect();
        let (text, lines) = dockerfile(&document, parts);
        let doc = Document::open(&text, 0);
        let findings = rules::check(&doc);
        for &(at, code) in expected {
            rows += 1;
            let found = findings.iter().find(|found| found.code == code && line(&doc, found, &lines) == at);
            let Some(found) = found else {
                let others = findings.iter().map(|f| format!("{} {}", line(&doc, f, &lines), f.code));
                wrong.push(format!("{name}: no {code} at {at}: {}", others.collect::<Vec<_>>().join(", ")));
                continue;
            };
            let fixes: Vec<&str> = found.fixes.iter().map(|fix| &*fix.title).collect();
            println!(
                "| {name} | `{code}` | {at} | {:?} | {} | {} |",
                found.severity,
                found.message,
                fixes.join("; ")
            );
            let needs_none =
                WITHOUT_FIX.iter().any(|&(rule, place, _)| rule == code && name.starts_with(place));
            if fixes.is_empty() != needs_none {
                wrong.push(format!("{name}: {code} at {at} has {} fixes", fixes.len()));
            }
            wrong.extend(bad_fixes(&text, found).iter().map(|bad| format!("{name}: {code}: {bad}")));
        }
    }
    OUT_OF_SCOPE.iter().for_each(|(name, why)| println!("| {name} | – | | | {why} | |"));
    println!(
        "{rows} findings in {} places, {} missed; {} places out of scope",
        WRONG.len(),
        wrong.len(),
        OUT_OF_SCOPE.len()
    );
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_is_right_in_the_documents_stays_silent() {
    let Some(documents) = documents() else { return };
    let mut wrong = Vec::new();
    for &(name, document, parts) in RIGHT {
        let document: Vec<&str> = documents[document].lines().collect();
        let (text, lines) = dockerfile(&document, parts);
        let doc = Document::open(&text, 0);
        let findings = rules::check(&doc);
        let show = |f: &&Finding| format!("{} {} {:?}", line(&doc, f, &lines), f.code, f.severity);
        let (hints, loud): (Vec<&Finding>, Vec<&Finding>) =
            findings.iter().partition(|finding| finding.severity == Severity::Hint);
        println!("| {name} | {} |", hints.iter().map(show).collect::<Vec<_>>().join(", "));
        wrong.extend(loud.iter().map(|f| format!("{name}: {}: {}", show(f), f.message)));
    }
    println!("{} Dockerfiles, {} findings above hint", RIGHT.len(), wrong.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_comment_behind_an_instruction_is_one_finding() {
    let Some(documents) = documents() else { return };
    for (document, parts) in [
        ("000", &[Lines(48, 53), Lines(59, 62)][..]),
        ("002", &[Lines(91, 109)]),
        ("003", &[Lines(38, 47), Lines(259, 260)]),
    ] {
        let document: Vec<&str> = documents[document].lines().collect();
        let (text, _) = dockerfile(&document, parts);
        // Without its comments the file has the same findings but for those.
        let mut fixed = text.clone();
        while let Some(finding) =
            rules::check(&Document::open(&fixed, 0)).iter().find(|finding| finding.code == "inline-comment")
        {
            fixed = apply(&fixed, &finding.fixes[0].edits);
        }
        let codes = |text: &str| {
            let findings = rules::check(&Document::open(text, 0));
            let loud = findings
                .iter()
                .filter(|it| it.severity > Severity::Hint && it.code != "inline-comment")
                .map(|it| it.code);
            loud.collect::<Vec<_>>()
        };
        assert_eq!(codes(&text), codes(&fixed), "{text}");
    }
}
