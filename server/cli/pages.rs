//! The pages of the rules: what `docs/rules/` holds, made from the rules themselves.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use super::check::severity_name;
use crate::rules::{RULES, Rule};

/// The first line of every page; what has another one is not ours to remove.
const MARK: &str = "<!-- Made from server/rules by `cargo run -- explain --pages docs/rules`. Change the rule's documentation there. -->\n";

/// What there is to know about a rule, for a page of its own: Markdown.
pub fn page(rule: &Rule) -> String {
    let code = rule.code;
    let fixes: Vec<String> = rule.fixes().into_iter().map(|fix| fix.title).collect();
    let fix = if fixes.is_empty() { "none".to_owned() } else { format!("yes (here: {})", fixes.join("; ")) };
    let (origin, off) = if rule.is_buildkit() {
        (
            format!("[BuildKit's check]({})", rule.page()),
            format!("`# check=skip={code}` or `# dockerfile-ls: skip={code}`"),
        )
    } else {
        ("dockerfile-ls".to_owned(), format!("`# dockerfile-ls: skip={code}`"))
    };
    format!(
        "# {code}\n\n{summary}.\n\n- Severity: {severity}\n- Fix: {fix}\n- Origin: {origin}\n- Switch off: {off} in the file, or \
         `{code} = \"off\"` below `[rules]` in `dockerfile-ls.toml`\n\n{documentation}\n",
        summary = rule.summary,
        severity = severity_name(rule.severity),
        documentation = rule.documentation().trim(),
    )
}

/// All pages with their file names, the index first.
pub fn all() -> Vec<(String, String)> {
    let page = |rule: &Rule| (format!("{}.md", rule.code), format!("{MARK}{}", page(rule)));
    let index = ("README.md".to_owned(), format!("{MARK}{}", index()));
    std::iter::once(index).chain(RULES.into_iter().map(page)).collect()
}

/// Writes all pages into a folder, and removes those of rules that are gone.
pub fn write(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    let pages = all();
    for (name, text) in &pages {
        fs::write(folder.join(name), text)?;
    }
    for path in stale(folder, &pages)? {
        fs::remove_file(path)?;
    }
    Ok(())
}

/// Files that are pages, but of no rule.
fn stale(folder: &Path, pages: &[(String, String)]) -> io::Result<Vec<PathBuf>> {
    let mut stale = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let is_page = fs::read(&path).is_ok_and(|bytes| bytes.starts_with(MARK.as_bytes()));
        if is_page && !pages.iter().any(|(name, _)| path.ends_with(name)) {
            stale.push(path);
        }
    }
    Ok(stale)
}

fn index() -> String {
    let mut text =
        "# Rules\n\n| rule | finds | severity | fix | origin |\n|---|---|---|---|---|\n".to_owned();
    for rule in RULES {
        text += &format!(
            "| [{code}]({code}.md) | {summary} | {severity} | {fix} | {origin} |\n",
            code = rule.code,
            summary = rule.summary.replace('|', "\\|"),
            severity = severity_name(rule.severity),
            fix = if rule.fixes().is_empty() { "" } else { "yes" },
            origin = if rule.is_buildkit() { format!("[BuildKit]({})", rule.page()) } else { String::new() },
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_those_of_the_rules() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/rules");
        const UPDATE: &str = "is out of date: run `cargo run -- explain --pages docs/rules`";
        let pages = all();
        for (name, text) in &pages {
            let there = fs::read_to_string(folder.join(name)).unwrap_or_default();
            // Git may have given the lines other endings.
            assert!(there.replace("\r\n", "\n") == *text, "docs/rules/{name} {UPDATE}");
        }
        assert_eq!(
            stale(&folder, &pages).expect("it can be read"),
            Vec::<PathBuf>::new(),
            "docs/rules {UPDATE}"
        );
    }
}
