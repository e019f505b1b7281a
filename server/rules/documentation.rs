//! What a rule says about itself, all of it taken from its doc comment and from what it does with its own example.

use std::{path::Path, sync::Arc};

use super::{Check, Finding, Fix, Rule, check, check_source};
use crate::{document::Document, settings::Settings, text::Text, workspace::Workspace};

/// The folder with a page for each rule, on the web.
const PAGES: &str = concat!(env!("CARGO_PKG_REPOSITORY"), "/blob/main/docs/rules");

impl Rule {
    /// What it looks for, why, an example, and what to write instead: Markdown.
    pub fn documentation(&self) -> String {
        let lines = self.doc.lines().map(|line| line.strip_prefix(' ').unwrap_or(line));
        lines.collect::<Vec<_>>().join("\n")
    }

    /// The files in which it finds something.
    pub fn example(&self) -> Example {
        self.files("## Example")
    }

    /// The files in which it finds nothing.
    pub fn instead(&self) -> Example {
        self.files("## Instead")
    }

    /// What may be done with the first finding of its example for which there is a fix, the most wanted first.
    pub fn fixes(&self) -> Vec<Fix> {
        let findings = self.findings(&self.example(), |doc| doc);
        let found = findings.into_iter().find(|found| found.code == self.code && !found.fixes.is_empty());
        let mut fixes = found.map(|finding| finding.fixes).unwrap_or_default();
        fixes.sort_by_key(|fix| !fix.preferred);
        fixes
    }

    /// Whether it is one of the checks of `docker build --check`, under BuildKit's name.
    pub fn is_buildkit(&self) -> bool {
        self.code.starts_with(|c: char| c.is_ascii_uppercase())
    }

    /// The page that explains it: BuildKit's for one of its checks, otherwise ours.
    pub fn page(&self) -> &str {
        self.page.get_or_init(|| match self.is_buildkit() {
            true => format!("https://docs.docker.com/go/dockerfile/rule/{}/", self.kebab_code()),
            false => format!("{PAGES}/{}.md", self.code),
        })
    }

    /// Its code in kebab-case, which differs for BuildKit's checks.
    pub fn kebab_code(&self) -> String {
        let mut kebab = String::new();
        for (index, c) in self.code.char_indices() {
            if c.is_ascii_uppercase() && index > 0 {
                kebab.push('-');
            }
            kebab.push(c.to_ascii_lowercase());
        }
        kebab
    }

    /// All that rules which look at the same as this one say of some files. `prepare` may add to the Dockerfile what lies
    /// around it.
    pub(super) fn findings(
        &self,
        files: &Example,
        prepare: impl FnOnce(Document) -> Document,
    ) -> Vec<Finding> {
        let doc = prepare(Document::open(&files.dockerfile, 0));
        match self.check {
            Check::Dockerfile(_) => check(&doc),
            Check::Source(_) => {
                let folder = Path::new("/example");
                let source = folder.join(files.source_name);
                let mut workspace = Workspace::new(vec![folder.to_owned()]);
                workspace.set_dockerfile(&folder.join("Dockerfile"), &doc);
                workspace.set_open(&source, files.source.as_str().into(), &[]);
                let settings = Arc::new(Settings::default());
                check_source(&workspace, &source, &Text::new(&files.source), &settings)
            }
        }
    }

    /// The first files below a heading of its documentation.
    fn files(&self, heading: &str) -> Example {
        let doc = self.documentation();
        let section = doc.split_once(heading).map_or("", |(_, section)| section);
        let section = section.split_once("\n## ").map_or(section, |(section, _)| section);
        let block = |language: &str| {
            let start = format!("```{language}\n");
            let block = section.split_once(&start).map_or("", |(_, block)| block);
            block.split_once("```").map_or("", |(block, _)| block).to_owned()
        };
        let (source_name, source) = match block("hcl") {
            bake if bake.is_empty() => ("compose.yaml", block("yaml")),
            bake => ("docker-bake.hcl", bake),
        };
        Example { dockerfile: block("dockerfile"), source_name, source }
    }
}

/// The files that the documentation of a rule shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Example {
    pub dockerfile: String,
    /// What the file beside it that builds it is called: `compose.yaml` or `docker-bake.hcl`.
    pub source_name: &'static str,
    /// That file; empty where there is none.
    pub source: String,
}

#[cfg(test)]
mod tests {
    use crate::rules::{from_syntax, reserved_stage_name, target_not_found};

    #[test]
    fn checks_of_buildkit_have_its_page_and_others_ours() {
        let page = reserved_stage_name::RESERVED_STAGE_NAME.page();
        assert_eq!(page, "https://docs.docker.com/go/dockerfile/rule/reserved-stage-name/");
        let page = from_syntax::FROM_SYNTAX.page();
        assert!(page.starts_with("https://") && page.ends_with("/docs/rules/from-syntax.md"), "{page}");
    }

    #[test]
    fn fixes_are_those_of_the_example() {
        let titles = |rule: &crate::rules::Rule| -> Vec<String> {
            rule.fixes().into_iter().map(|fix| fix.title).collect()
        };
        assert_eq!(titles(&reserved_stage_name::RESERVED_STAGE_NAME), ["Rename to `context-stage`"]);
        assert_eq!(titles(&target_not_found::TARGET_NOT_FOUND), ["Replace by \"prod\""]);
    }
}
