//! `explain`: what a rule is about.

use std::{
    io::{self, Write},
    path::PathBuf,
};

use clap::{Args, ValueEnum};
use serde_json::{Value, json};

use super::{Outcome, check::severity_name, complain, pages, print, target::nearest, text};
use crate::rules::{RULES, Rule};

const AFTER_HELP: &str = "\
Examples:
  dockerfile-ls explain
  dockerfile-ls explain unknown-stage-reference
  dockerfile-ls explain reserved-stage-name      a check of BuildKit, also as ReservedStageName
  dockerfile-ls explain --format json > rules.json";

/// Say what a rule is about, why, and what to write instead; without a rule, list them all
#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub struct Arguments {
    /// How to show it
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Write the pages of all rules into this folder
    #[arg(long, value_name = "FOLDER", hide = true, conflicts_with = "rule")]
    pages: Option<PathBuf>,
    /// The rule's code, in any case
    rule: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For a terminal
    Text,
    /// As the pages in docs/rules
    Markdown,
    Json,
}

pub fn run(arguments: &Arguments) -> Outcome {
    if let Some(folder) = &arguments.pages {
        return match pages::write(folder) {
            Ok(()) => Outcome::Clean,
            Err(error) => complain(format_args!("cannot write the pages to {}: {error}", folder.display())),
        };
    }
    let rules = match &arguments.rule {
        Some(name) => match find(name) {
            Ok(rule) => vec![rule],
            Err(complaint) => return complain(complaint),
        },
        None => RULES.to_vec(),
    };
    print(|out| match (arguments.format, &arguments.rule) {
        (Format::Text, None) => table(out, &rules),
        (Format::Text, Some(_)) => rules.iter().try_for_each(|rule| readable(out, rule, text::colours())),
        (Format::Markdown, _) => {
            let pages: Vec<String> = rules.iter().map(|rule| pages::page(rule)).collect();
            out.write_all(pages.join("\n").as_bytes())
        }
        (Format::Json, _) => {
            let all: Vec<Value> = rules.iter().map(|rule| record(rule)).collect();
            serde_json::to_writer_pretty(&mut *out, &all)?;
            writeln!(out)
        }
    })
}

/// The rule that someone who wrote `name` means, or what to tell them.
fn find(name: &str) -> Result<&'static Rule, String> {
    let plain = |name: &str| name.to_lowercase().replace(['-', '_', ' '], "");
    if let Some(rule) = RULES.into_iter().find(|rule| plain(rule.code) == plain(name)) {
        return Ok(rule);
    }
    let mut message = format!("no rule is called `{name}`");
    let kebab: Vec<String> = RULES.iter().map(|rule| rule.kebab_code()).collect();
    let names = RULES.iter().map(|rule| rule.code).chain(kebab.iter().map(String::as_str));
    if let Some(near) = nearest(name, names) {
        message += &format!(" (did you mean `{near}`?)");
    } else {
        message += " (`dockerfile-ls explain` lists them)";
    }
    Err(message)
}

fn table(out: &mut dyn Write, rules: &[&Rule]) -> io::Result<()> {
    let width = rules.iter().map(|rule| rule.code.len()).max().unwrap_or(0);
    for rule in rules {
        let fix = if rule.fixes().is_empty() { "" } else { "fix" };
        let severity = severity_name(rule.severity);
        writeln!(out, "{:width$}  {severity:11}  {fix:3}  {}", rule.code, rule.summary)?;
    }
    Ok(())
}

fn record(rule: &Rule) -> Value {
    let fixes: Vec<String> = rule.fixes().into_iter().map(|fix| fix.title).collect();
    json!({
        "code": rule.code,
        "summary": rule.summary,
        "severity": severity_name(rule.severity),
        "fixable": !fixes.is_empty(),
        "buildkit": rule.is_buildkit(),
        "page": rule.page(),
        "documentation": rule.documentation().trim(),
    })
}

/// The page of a rule as text that reads well in a terminal: paragraphs, bold headings, indented Dockerfiles.
fn readable(out: &mut dyn Write, rule: &Rule, colours: bool) -> io::Result<()> {
    let (bold, plain) = if colours { ("\x1b[1m", "\x1b[0m") } else { ("", "") };
    let page = pages::page(rule);
    let mut in_block = false;
    for line in page.lines() {
        if line.starts_with("```") {
            in_block = !in_block;
        } else if in_block {
            writeln!(out, "    {line}")?;
        } else if let Some(heading) = line.strip_prefix("# ").or_else(|| line.strip_prefix("## ")) {
            writeln!(out, "{bold}{heading}{plain}")?;
        } else if line.starts_with("- Origin: [") {
            writeln!(out, "- Origin: BuildKit's check")?;
        } else {
            writeln!(out, "{line}")?;
        }
    }
    writeln!(out, "\nMore: {}", rule.page())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(name: &str) -> Result<&'static str, String> {
        find(name).map(|rule| rule.code)
    }

    #[test]
    fn rules_are_found_by_any_spelling_of_their_names() {
        for name in ["ReservedStageName", "reservedstagename", "reserved-stage-name", "RESERVED_STAGE_NAME"] {
            assert_eq!(code(name), Ok("ReservedStageName"));
        }
        assert_eq!(code("Unknown-Flag"), Ok("unknown-flag"));
    }

    #[test]
    fn unknown_rules_come_with_what_was_meant() {
        let complaint = code("unknwon-flag").expect_err("it is misspelt");
        assert_eq!(complaint, "no rule is called `unknwon-flag` (did you mean `unknown-flag`?)");
        let complaint = code("reserved-stage-nam").expect_err("it is misspelt");
        assert!(complaint.ends_with("(did you mean `reserved-stage-name`?)"), "{complaint}");
        let complaint = code("zzz").expect_err("there is none");
        assert_eq!(complaint, "no rule is called `zzz` (`dockerfile-ls explain` lists them)");
    }

    #[test]
    fn a_page_reads_well_without_markup() {
        let mut out = Vec::new();
        readable(&mut out, find("ReservedStageName").expect("it is there"), false).expect("memory takes it");
        let text = String::from_utf8(out).expect("it is text");
        assert!(text.starts_with("ReservedStageName\n\n"), "{text}");
        assert!(text.contains("\nExample\n    FROM alpine:3.20 AS context\n"), "{text}");
        assert!(!text.contains("```") && !text.contains("##") && !text.contains('\x1b'), "{text}");
    }
}
