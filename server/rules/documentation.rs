//! What a rule says about itself, all of it taken from its doc comment and from what it does with its own example.

use super::{Fix, Rule, check};
use crate::document::Document;

/// The folder with a page for each rule, on the web.
const PAGES: &str = concat!(env!("CARGO_PKG_REPOSITORY"), "/blob/main/docs/rules");

impl Rule {
    /// What it looks for, why, an example, and what to write instead: Markdown.
    pub fn documentation(&self) -> String {
        let lines = self.doc.lines().map(|line| line.strip_prefix(' ').unwrap_or(line));
        lines.collect::<Vec<_>>().join("\n")
    }

    /// A Dockerfile in which it finds something; empty if its documentation has none.
    pub fn example(&self) -> String {
        self.block("## Example")
    }

    /// A Dockerfile in which it finds nothing; empty if its documentation has none.
    pub fn instead(&self) -> String {
        self.block("## Instead")
    }

    /// What may be done with the first finding of its example for which there is a fix, the most wanted first.
    pub fn fixes(&self) -> Vec<Fix> {
        let findings = check(&Document::open(&self.example(), 0));
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

    /// The first Dockerfile below a heading of its documentation.
    fn block(&self, heading: &str) -> String {
        let doc = self.documentation();
        let section = doc.split_once(heading).map_or("", |(_, section)| section);
        let block = section.split_once("```dockerfile\n").map_or("", |(_, block)| block);
        block.split_once("```").map_or("", |(block, _)| block).to_owned()
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::{from_syntax, reserved_stage_name};

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
    }
}
