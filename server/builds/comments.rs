//! Commands in the comments of a Dockerfile, where people say how to build it.

use std::{ops::Range, path::Path, sync::Arc};

use super::{
    Files, Found,
    command::{self, Cwd, Dialect, Script, Variables, excerpt::Excerpt},
};

/// What the comments of a Dockerfile have built. Each comes with its start in bytes of the file; `#` may be part of it.
pub fn builds<'a>(
    path: &Path,
    comments: impl IntoIterator<Item = (usize, &'a str)>,
    files: &dyn Files,
) -> Found {
    let file: Arc<Path> = Arc::from(path);
    let own = path.parent().map(Path::to_owned).unwrap_or_default();
    let cwd =
        Cwd::likely([own, files.root(path)], "a comment does not say in which folder a command is called");
    let title = path.file_name().map(|name| format!("a comment of {}", name.to_string_lossy()));
    let mut found = Found::default();
    let mut read = |excerpt: &Excerpt| {
        if !command::may_build(&excerpt.text) {
            return;
        }
        let place = |part: Range<usize>| excerpt.place(part);
        let script = Script {
            file: &file,
            text: &excerpt.text,
            place: &place,
            range: excerpt.range().unwrap_or(0..0),
            dialect: Dialect::Prose,
            cwd: cwd.clone(),
            variables: &Variables::new(),
            title: title.as_deref(),
        };
        found.builds.extend(command::builds(&script, files).builds);
    };
    // A command may go over several comments.
    let mut open = Excerpt::default();
    for (start, comment) in comments {
        let text = comment.trim_start_matches('#');
        open.push(text, start + comment.len() - text.len());
        if text.trim_end().ends_with('\\') {
            // Blanks behind the backslash are a slip that readers do not see.
            open.text.truncate(open.text.trim_end().len());
            open.push_foreign("\n");
            continue;
        }
        read(&open);
        open = Excerpt::default();
    }
    read(&open);
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::builds::files::Memory;

    fn targets(text: &str) -> Vec<String> {
        let mut at = 0;
        let mut comments = Vec::new();
        for line in text.split_inclusive('\n') {
            comments.push((at, line.trim_end_matches('\n')));
            at += line.len();
        }
        let found = builds("/project/Dockerfile".as_ref(), comments, &Memory::new(&[]));
        for value in found.builds.iter().filter_map(|build| build.target.as_ref()) {
            assert_eq!(text.get(value.spot.range.clone()), value.text.as_deref());
        }
        found.builds.iter().filter_map(|build| build.target.clone()?.text).collect()
    }

    #[test]
    fn commands_in_comments() {
        assert_eq!(targets("# docker build --target a ."), ["a"]);
        assert_eq!(targets("# It's built by `docker build --target a .`, see there"), ["a"]);
        assert_eq!(
            targets("# docker build \\ \n#   --target a \\\n#   .\n# then docker build --target b ."),
            ["a", "b"]
        );
        assert_eq!(targets("## $ docker build --target a -t x:y . # the first"), ["a"]);
    }

    #[test]
    fn talk_about_commands() {
        for text in [
            "# run docker build --target <stage> .",
            "# e.g. `BUILDKIT=1 docker build ...`",
            "# docker build is slow",
        ] {
            assert!(targets(text).is_empty(), "{text}");
        }
    }
}
