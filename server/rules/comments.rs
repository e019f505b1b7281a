//! What comments and settings make of findings: which are hidden, and how bad the others are.

use std::{collections::HashSet, ops::Range};

use super::{
    Finding, Severity,
    buildkit::{self, When},
    context::Context,
    rule_index,
};
use crate::{
    document::Document,
    settings::Level,
    switches::{Head, Name, Options, Own, check_above, own_above},
    syntax::Keyword,
};

/// Takes away the findings that comments or settings hide, and gives the others the severity that these ask for.
pub fn obey(context: &Context<'_>, other_frontend: bool, findings: &mut Vec<Finding>) {
    if findings.is_empty() {
        return;
    }
    let mut comments = Comments::read(context.doc);
    let levels = &context.doc.settings().levels;
    findings.retain_mut(|finding| {
        let level = rule_index(finding.code).and_then(|index| levels.get(index));
        let place = Place::of(context.doc, finding);
        if comments.hide(context.doc, finding, &place, level) {
            return false;
        }
        if comments.check.error && !other_frontend && place.runs(context) {
            finding.severity = Severity::Error;
        }
        finding.obey(level)
    });
}

/// Where comments about a finding can stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The instruction (index into `Syntax::instructions`) that our comment may stand above.
    pub instruction: Option<usize>,
    /// The instruction that BuildKit's comment may stand above.
    pub check: Option<usize>,
    /// When BuildKit makes the check itself; `None` for a rule that is not BuildKit's.
    when: Option<When>,
}

impl Place {
    pub fn of(doc: &Document, finding: &Finding) -> Place {
        let instructions = doc.syntax().instructions();
        let at = finding.range.start;
        let next = || instructions.partition_point(|placed| placed.start <= at);
        let instruction = doc.syntax().instruction_at(at).unwrap_or_else(next);
        let Some(placed) = instructions.get(instruction) else {
            return Place { instruction: None, check: None, when: buildkit::when(finding.code) };
        };
        let when = buildkit::when(finding.code);
        let keyword = placed.instruction.keyword;
        // Of several the last counts, and BuildKit looks above the one that comes after the superfluous one (convert.go,
        // `validateUsedOnce`).
        let governing = if finding.code == "MultipleInstructionsDisallowed" {
            let below = instructions.iter().enumerate().skip(instruction + 1);
            let mut below = below.take_while(|(_, other)| other.instruction.keyword != Keyword::From);
            let same = below.find(|(_, other)| other.instruction.keyword == keyword);
            same.map_or(instruction, |(index, _)| index)
        } else {
            instruction
        };
        let check = match finding.buildkit_check().and_then(buildkit::when) {
            None | Some(When::Whole) => None,
            // A trigger is read without the comments of the ONBUILD, in the stage that builds on it.
            Some(_) if keyword == Keyword::Onbuild => None,
            Some(When::Building) if keyword == Keyword::From => None,
            Some(When::Reading | When::Stage | When::Building) => Some(governing),
        };
        Place { instruction: Some(governing), check, when }
    }

    /// Whether BuildKit certainly makes the check when it builds.
    fn runs(&self, context: &Context<'_>) -> bool {
        match (self.when, self.instruction) {
            (None, _) => false,
            (Some(When::Building), Some(index)) => {
                let Some(stage) = context.stages.of_instruction(index) else { return false };
                match context.instruction(index).instruction.keyword {
                    Keyword::Onbuild => context.always(true, stage.index) == Severity::Error,
                    _ => context.built[stage.index],
                }
            }
            (Some(_), _) => true,
        }
    }
}

/// The comments of a file that say something about rules, those above instructions as they are asked for.
#[derive(Debug)]
struct Comments {
    own: HashSet<String>,
    /// What BuildKit's directive asks for.
    check: Asked,
    /// Whether any comment can say something about rules: in most files none does, and none is read.
    any: bool,
    /// Those above the instruction that was asked for last.
    above: Option<Above>,
}

#[derive(Debug)]
struct Above {
    instruction: usize,
    own: HashSet<String>,
    check: Asked,
}

/// What a `# check=` asks for, by name.
#[derive(Debug, Default)]
struct Asked {
    skip: HashSet<String>,
    experimental: HashSet<String>,
    skip_all: bool,
    experimental_all: bool,
    error: bool,
}

impl Comments {
    fn read(doc: &Document) -> Comments {
        let head = Head::read(doc);
        // dockerui/config.go: this build argument takes the place of the directive.
        let options = match doc.options().build_args.get("BUILDKIT_DOCKERFILE_CHECK") {
            Some(text) => Options::parse(text, 0),
            None => head.check.and_then(|check| check.options),
        };
        // BuildKit's word and our own, in any case.
        let says = |text: &str| ["check", "dockerfile-ls"].iter().any(|word| text.contains(word));
        let line = |comment: &Range<usize>| doc.text().slice(comment.clone()).to_ascii_lowercase();
        let any = doc.syntax().comments().iter().any(|comment| says(&line(comment)));
        Comments { own: own_names(head.own), check: Asked::of(options), any, above: None }
    }

    fn hide(&mut self, doc: &Document, finding: &Finding, place: &Place, level: Option<Level>) -> bool {
        self.look_above(doc, place);
        let above = self.above.as_ref();
        // What stops the build is hidden by its name in our comment only.
        let stops = finding.severity == Severity::Error;
        let mut own = [Some(&self.own), above.map(|above| &above.own)].into_iter().flatten();
        if own.any(|own| own.contains(finding.code) || own.contains("all") && !stops) {
            return true;
        }
        let Some(code) = finding.buildkit_check() else { return false };
        let above = above.filter(|_| place.check.is_some()).map(|above| &above.check);
        let mut asked = [Some(&self.check), above].into_iter().flatten();
        if finding.code == buildkit::EXPERIMENTAL {
            let wants = |asked: &Asked| asked.experimental_all || asked.experimental.contains(finding.code);
            return level.is_none() && !asked.any(wants);
        }
        !stops && asked.any(|asked| asked.skip_all || asked.skip.contains(code))
    }

    /// Reads the comments above the instruction of a finding. Findings come in file order: one instruction is enough to keep.
    fn look_above(&mut self, doc: &Document, place: &Place) {
        if !self.any || self.above.as_ref().map(|above| above.instruction) == place.instruction {
            return;
        }
        self.above = place.instruction.map(|instruction| Above {
            instruction,
            own: own_names(own_above(doc, instruction)),
            check: Asked::of(check_above(doc, instruction).and_then(|check| check.options)),
        });
    }
}

impl Asked {
    fn of(options: Option<Options>) -> Asked {
        let Some(options) = options else { return Asked::default() };
        let names = |names: Vec<Name>| names.into_iter().map(|name| name.text).collect();
        Asked {
            skip: names(options.skip),
            experimental: names(options.experimental),
            skip_all: options.skip_all,
            experimental_all: options.experimental_all,
            error: options.error,
        }
    }
}

fn own_names(comments: Vec<Own>) -> HashSet<String> {
    comments.into_iter().flat_map(|own| own.names).map(|name| name.text).collect()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::{rules::check, settings::Settings};

    fn codes(text: &str) -> Vec<&'static str> {
        check(&Document::open(text, 0)).into_iter().map(|finding| finding.code).collect()
    }

    #[test]
    fn our_comment_hides_a_finding_in_the_file_or_of_an_instruction() {
        let unknown = "unknown-stage-reference";
        let text = |head: &str, above: &str| {
            format!(
                "{head}FROM a:1 AS builder\nFROM a:1\nCOPY --from=biulder /a /a\n{above}COPY --from=biulder /b /b\n"
            )
        };
        assert_eq!(codes(&text("", "")).iter().filter(|code| **code == unknown).count(), 2);
        for head in
            ["# dockerfile-ls: skip=unknown-stage-reference\n", "# x\n# dockerfile-ls: skip=a,all why\n\n"]
        {
            assert!(!codes(&text(head, "")).contains(&unknown), "{head}");
        }
        for above in ["# dockerfile-ls: skip=unknown-stage-reference\n", "# dockerfile-ls: skip=all\n# x\n\n"]
        {
            assert_eq!(codes(&text("", above)).iter().filter(|code| **code == unknown).count(), 1, "{above}");
        }
        for above in ["# dockerfile-ls: skip=unknown-stage-reference\n#\n", "# check=skip=all\n"] {
            assert_eq!(codes(&text("", above)).iter().filter(|code| **code == unknown).count(), 2, "{above}");
        }
        // Below an empty line it is the first instruction's.
        assert_eq!(
            codes(&text("# x\n\n# dockerfile-ls: skip=all\n", ""))
                .iter()
                .filter(|code| **code == unknown)
                .count(),
            2
        );
    }

    #[test]
    fn all_leaves_what_stops_the_build() {
        assert_eq!(codes("# dockerfile-ls: skip=all\nFROM a:1 x\n"), ["from-syntax"]);
        assert_eq!(codes("# dockerfile-ls: skip=from-syntax\nFROM a:1 x\n"), [""; 0]);
    }

    #[test]
    fn checks_of_buildkit_obey_its_directive_and_ours() {
        let text = "FROM a:1 AS scratch\n";
        assert_eq!(codes(text), ["ReservedStageName"]);
        for comment in
            ["# check=skip=ReservedStageName", "# check=skip=all", "# dockerfile-ls: skip=ReservedStageName"]
        {
            assert_eq!(codes(&format!("{comment}\n{text}")), [""; 0], "{comment}");
        }
        // BuildKit makes this check before it looks at comments above instructions.
        assert_eq!(codes(&format!("# x\n# check=skip=ReservedStageName\n{text}")), ["ReservedStageName"]);
        // BuildKit's warning is gone, and the build fails.
        let fails = "FROM a:1 AS d\nFROM b:1 AS m\nCOPY --from=d /f /f\nFROM c:1 AS d\nCOPY --from=m /f /f\n";
        assert_eq!(codes(&format!("# check=skip=all\n{fails}")), codes(fails));
    }

    #[test]
    fn who_skips_a_check_does_not_want_to_hear_it_from_another_rule() {
        let text = |head: &str, above: &str| format!("{head}ARG V=1\nFROM a:1\n{above}USER $V\n");
        assert_eq!(codes(&text("", "")), ["global-arg-not-redeclared"]);
        for comment in ["# check=skip=UndefinedVar\n", "# check=skip=all\n"] {
            assert_eq!(codes(&text(comment, "")), [""; 0], "{comment}");
            assert_eq!(codes(&text("", comment)), [""; 0], "{comment}");
        }
        assert_eq!(codes(&text("", "# check=skip=WorkdirRelativePath\n")).len(), 1);
        // BuildKit says nothing of the text of a RUN.
        let run = "# check=skip=UndefinedVar\nARG V=1\nFROM a:1\nRUN echo $V\n";
        assert_eq!(codes(run), ["global-arg-not-redeclared"]);
    }

    #[test]
    fn a_check_can_be_made_an_error() {
        let severity = |text: &str| check(&Document::open(text, 0))[0].severity;
        assert_eq!(severity("# check=error=true\nFROM a:1 AS scratch\n"), Severity::Error);
        assert_eq!(severity("# check=error=false\nFROM a:1 AS scratch\n"), Severity::Warning);
        assert_eq!(severity("# syntax=x/y\n# check=error=true\nFROM a:1 AS scratch\n"), Severity::Warning);
    }

    #[test]
    fn settings_replace_the_severity_or_hide_the_rule() {
        let found = |level| {
            let mut settings = Settings::default();
            settings.levels.set(rule_index("ReservedStageName").expect("there is one"), level);
            let doc = Document::open("FROM a:1 AS scratch\n", 0).with_settings(Arc::new(settings));
            check(&doc).into_iter().map(|finding| finding.severity).collect::<Vec<_>>()
        };
        assert_eq!(found(Level::Off), []);
        assert_eq!(found(Level::Hint), [Severity::Hint]);
        assert_eq!(found(Level::Error), [Severity::Error]);
    }
}
