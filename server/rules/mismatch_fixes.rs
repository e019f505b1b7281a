//! Fixes for what does not fit the image that it is copied to.

use std::ops::Range;

use super::{
    Finding, Findings, Rule,
    bases::{root_place, root_stage, root_word},
    context::Context,
    mismatch::{Kind, Mismatch},
    stage_edits::{insert, replace},
};
use crate::{
    flow::StageFlow,
    images::{self, Facts, Libc},
    stages::Image,
    syntax::Arguments,
    text::Edit,
    tools::{self, Compiler},
};

/// Reports what a rule is about, with its fixes.
pub fn report(context: &Context<'_>, out: &mut Findings, rule: &'static Rule, kind: Kind) {
    for mismatch in context.mismatches().iter().filter(|mismatch| mismatch.kind == kind) {
        let finding = out.report(rule, mismatch.range.clone(), mismatch.message.clone());
        finding.severity(mismatch.severity);
        finding.related(context.place_of(mismatch.origin), "Made here");
        if let Some(base) = root_place(context, context.flow().stage(mismatch.stage)) {
            finding.related(base, "To be run here");
        }
        if context.fixes {
            fixes(context, finding, mismatch);
        }
    }
}

fn fixes(context: &Context<'_>, finding: &mut Finding, mismatch: &Mismatch) {
    let builder = context.flow().stage(mismatch.builder);
    let target = context.flow().stage(mismatch.stage);
    match mismatch.kind {
        Kind::Version => {
            for (flow, other) in [(target, builder), (builder, target)] {
                add(finding, "Use", with_version(context, flow, other));
            }
        }
        Kind::NoLibc | Kind::Libc => {
            if mismatch.compiler == Some(Compiler::Go) {
                finding.fix("Add `CGO_ENABLED=0`", without_cgo(context, mismatch)).prefer_first_fix();
            }
            if mismatch.kind == Kind::Libc {
                let libc = |flow: &StageFlow| flow.certain_image().map_or(Libc::Unknown, |facts| facts.libc);
                let (built, runs) = (libc(builder), libc(target));
                if mismatch.compiler == Some(Compiler::Dotnet) {
                    finding
                        .fix("Compile for that system", with_runtime(context, mismatch, runs))
                        .prefer_first_fix();
                } else if built != runs {
                    add(finding, "Build on", with_libc(context, builder, runs));
                    add(finding, "Run on", with_libc(context, target, built));
                }
            } else if matches!(mismatch.compiler, Some(Compiler::Rust | Compiler::C)) {
                let is_glibc = builder.certain_image().is_some_and(|facts| facts.libc == Libc::Glibc);
                let place = literal_root(context, target).map(|(range, _)| range);
                let image = "gcr.io/distroless/cc-debian13:nonroot".to_owned();
                add(finding, "Run on", place.filter(|_| is_glibc).map(|range| (range, image)));
            }
        }
    }
}

fn add(finding: &mut Finding, title: &str, image: Option<(Range<usize>, String)>) {
    if let Some((range, image)) = image {
        finding.fix(format!("{title} `{image}`"), Some(vec![replace(range, image)]));
    }
}

/// `CGO_ENABLED=0` in front of the compiler.
fn without_cgo(context: &Context<'_>, mismatch: &Mismatch) -> Option<Vec<Edit>> {
    let running = context.running_in(mismatch.builder).iter().find(|it| it.origin() == mismatch.origin)?;
    let call = running.call?;
    let is_text = matches!(running.placed().instruction.arguments, Arguments::Text(_));
    if !is_text || call.assigned("CGO_ENABLED").is_some() {
        return None;
    }
    let words = &running.line.command.words;
    let program = words.get(words.len().checked_sub(call.arguments.len() + 1)?)?;
    Some(vec![insert(running.place(program.range.clone()).start, "CGO_ENABLED=0 ")])
}

/// `-r linux-musl-x64` in place of `-r linux-x64`, or the other way round.
fn with_runtime(context: &Context<'_>, mismatch: &Mismatch, libc: Libc) -> Option<Vec<Edit>> {
    let running = context.running_in(mismatch.builder).iter().find(|it| it.origin() == mismatch.origin)?;
    let target = tools::compiles(running.call?)?.target?;
    let range = running.place(target.argument.range.clone());
    let written = context.doc.text().slice(range.clone()).into_owned();
    let new = match libc {
        Libc::Musl => written.replacen("linux-", "linux-musl-", 1),
        Libc::Glibc => written.replacen("linux-musl-", "linux-", 1),
        Libc::None | Libc::Unknown => return None,
    };
    (new != written).then(|| vec![replace(range, new)])
}

/// The base of a stage, where it is written out, and its text.
fn literal_root<'a>(context: &Context<'a>, flow: &StageFlow) -> Option<(Range<usize>, &'a str)> {
    let text = root_word(context, flow)?.text();
    let range = root_place(context, flow)?;
    (!text.contains(['$', '@', '"', '\'']) && *context.doc.text().slice(range.clone()) == *text)
        .then_some((range, text))
}

/// A sister of an image that has another libc, for a stage that installs no packages of the system.
fn with_libc(context: &Context<'_>, flow: &StageFlow, libc: Libc) -> Option<(Range<usize>, String)> {
    let facts = flow.certain_image()?;
    let (range, text) = literal_root(context, flow)?;
    let mut calls = flow.chain().flat_map(|stage| context.running_in(stage.index())).filter_map(|it| it.call);
    if calls.any(|call| tools::packages(call).is_some()) {
        return None;
    }
    // A tag is what follows the last colon, unless that is a port.
    let (name, tag) = text.rsplit_once(':').filter(|(_, tag)| !tag.contains('/')).unwrap_or((text, ""));
    let version = tag.split('-').next().filter(|first| first.starts_with(|c: char| c.is_ascii_digit()));
    let written = match (libc, version) {
        (Libc::Musl, Some(version)) => Some(format!("{name}:{version}-alpine")),
        (Libc::Glibc, Some(version)) => Some(format!("{name}:{version}-slim")),
        (Libc::Musl, None) if tag.is_empty() => Some(format!("{name}:alpine")),
        _ => None,
    };
    let fits = |image: &String| {
        let new = Image::parse(image).ok().and_then(|image| images::facts(&image, false));
        let is_same = |new: &Facts| {
            new.is_certain()
                && new.libc == libc
                && new.repository == facts.repository
                && new.language == facts.language
        };
        facts.language.is_some() && new.is_some_and(|new| is_same(&new))
    };
    let plain =
        (facts.repository == "alpine" && libc == Libc::Glibc).then(|| "debian:stable-slim".to_owned());
    written.filter(fits).or(plain).map(|image| (range, image))
}

/// The image of `flow` with the version of the language that the one of `other` has.
fn with_version(
    context: &Context<'_>,
    flow: &StageFlow,
    other: &StageFlow,
) -> Option<(Range<usize>, String)> {
    if root_stage(flow) == root_stage(other) {
        return None;
    }
    let language = flow.certain_image()?.language.as_ref()?;
    let wanted = other.certain_image()?.language.as_ref().filter(|other| other.name == language.name)?;
    let (old, new) = (language.version.as_deref()?, wanted.version.as_deref()?);
    let (range, text) = literal_root(context, flow)?;
    let mut places = text.match_indices(old);
    let (at, _) = places.next().filter(|_| places.next().is_none())?;
    let image = format!("{}{new}{}", &text[..at], &text[at + old.len()..]);
    let facts = Image::parse(&image).ok().and_then(|image| images::facts(&image, false))?;
    (facts.language.as_ref()? == wanted).then_some((range, image))
}
