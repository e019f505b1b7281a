//! Findings as annotations of a GitHub workflow: one command per line (docs.github.com, "Workflow commands").

use std::{
    env,
    io::{self, Write},
    path::{Path, absolute},
};

use super::{check::Checked, place::Span};
use crate::rules::{Finding, Severity};

/// Writes the findings from `least` on.
pub fn write(out: &mut dyn Write, files: &[Checked], least: Severity) -> io::Result<()> {
    let workspace = env::var_os("GITHUB_WORKSPACE");
    for file in files {
        let path = in_workspace(file, workspace.as_deref().map(Path::new));
        for finding in file.findings.iter().filter(|finding| finding.severity >= least) {
            command(out, &path, file, finding)?;
        }
    }
    Ok(())
}

fn command(out: &mut dyn Write, path: &str, file: &Checked, finding: &Finding) -> io::Result<()> {
    let level = match finding.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Information | Severity::Hint => "notice",
    };
    let Span { start, end } = Span::of(&file.text, &finding.range);
    write!(out, "::{level} file={},line={},", property(path), start.line)?;
    // Columns on different lines are refused.
    if start.line == end.line {
        write!(out, "col={},endLine={},endColumn={},", start.column, end.line, end.column)?;
    } else {
        write!(out, "endLine={},", end.line)?;
    }
    writeln!(out, "title={}::{}", property(finding.code), data(&finding.message))
}

/// GitHub wants paths from the root of the workspace.
fn in_workspace(file: &Checked, workspace: Option<&Path>) -> String {
    let absolute = absolute(&file.path).ok();
    let inside = workspace.zip(absolute.as_deref()).and_then(|(root, path)| path.strip_prefix(root).ok());
    inside.map_or_else(|| file.file.clone(), |path| path.display().to_string())
}

fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::check::sample;

    fn render(file: Checked, least: Severity) -> String {
        let mut out = Vec::new();
        write(&mut out, &[file], least).expect("memory takes everything");
        String::from_utf8(out).expect("it is text")
    }

    #[test]
    fn each_finding_is_a_command() {
        insta::assert_snapshot!(render(sample(), Severity::Hint), @r"
        ::notice file=web/Dockerfile,line=1,col=17,endLine=1,endColumn=24,title=StageNameCasing::a hint
        ::error file=web/Dockerfile,line=2,col=11,endLine=2,endColumn=12,title=broken::an error
        ::warning file=web/Dockerfile,line=5,col=13,endLine=5,endColumn=19,title=unknown-stage-reference::no stage named `bulder`
        ::notice file=web/Dockerfile,line=6,col=1,endLine=6,endColumn=1,title=at-the-end::and nothing after it
        ");
        assert_eq!(render(sample(), Severity::Error).lines().count(), 1);
    }

    #[test]
    fn nothing_in_a_file_or_its_name_can_end_the_command() {
        let mut file = sample();
        file.file = "a,b:c%\n::error::x".into();
        file.findings.truncate(1);
        file.findings[0].message = "50%: a,b\r\n::stop".into();
        file.findings[0].range = 0..30;
        assert_eq!(
            render(file, Severity::Hint),
            "::notice file=a%2Cb%3Ac%25%0A%3A%3Aerror%3A%3Ax,line=1,endLine=2,title=StageNameCasing::50%25: a,b%0D%0A::stop\n"
        );
    }

    #[test]
    fn paths_start_at_the_workspace() {
        let here = env::current_dir().expect("there is one");
        let root = here.parent().expect("tests do not run in the root");
        let name = here.file_name().expect("it has one").to_string_lossy();
        assert_eq!(in_workspace(&sample(), Some(root)), format!("{name}/web/Dockerfile"));
        assert_eq!(in_workspace(&sample(), Some(Path::new("/elsewhere"))), "web/Dockerfile");
        assert_eq!(in_workspace(&sample(), None), "web/Dockerfile");
    }
}
