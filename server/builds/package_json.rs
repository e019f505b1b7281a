//! Reads the scripts of a `package.json`.

use std::{path::Path, sync::Arc};

use super::{
    Files, Found,
    command::{Cwd, Dialect, Variables},
    embedded::{Embedded, Setting},
    json,
};

/// The builds of the scripts.
pub fn builds(path: &Path, files: &dyn Files) -> Found {
    let (Some(text), Some(folder)) = (files.read(path), path.parent()) else { return Found::default() };
    let read = json::read(&text);
    let file: Arc<Path> = Arc::from(path);
    let mut found = Found::in_file(&read, &file);
    let Some(scripts) = read.roots.first().and_then(|root| root.get("scripts")) else { return found };
    let variables = Variables::new();
    for entry in scripts.entries() {
        let title = format!("npm script `{}`", entry.key.text);
        let setting = Setting {
            file: &file,
            dialect: Dialect::Posix,
            cwd: Cwd::certain(folder.to_owned()),
            variables: &variables,
            title: &title,
        };
        found.builds.extend(Embedded::lines(&text, entry.value.scalar()).builds(setting, files));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::builds::{Quoting, files::Memory};

    fn read(text: &str) -> Found {
        builds("/project/web/package.json".as_ref(), &Memory::new(&[("web/package.json", text)]))
    }

    #[test]
    fn scripts_are_read_through_the_escapes_of_strings() {
        let text = r#"{"scripts": {"img": "docker build --target \"dev\" -f \"x.Dockerfile\" --build-arg A=\t1 .", "x": 1}}"#;
        let found = read(text);
        let [build] = &found.builds[..] else { panic!("{found:?}") };
        assert_eq!(build.title, "npm script `img`");
        let target = build.target.as_ref().unwrap();
        assert_eq!(target.text.as_deref(), Some("dev"));
        assert_eq!(&text[target.spot.range.clone()], "dev");
        assert_eq!(target.quoting, Some(Quoting::ShellDouble));
        assert!(build.candidates().any(|path| path == Path::new("/project/web/x.Dockerfile")));
        assert!(found.broken.is_empty());
    }

    #[test]
    fn a_target_that_is_being_typed_is_there() {
        for (text, typed) in [
            (r#"{"scripts": {"b": "docker build . --target "}}"#, ""),
            ("{\"scripts\": {\"b\": \"docker build . --target pr\n}}", "pr"),
            ("{\"scripts\": {\"b\": \"docker build . --target ", ""),
        ] {
            let found = read(text);
            let target = found.builds[0].target.as_ref().unwrap();
            assert_eq!(target.text.as_deref(), Some(typed), "{text}");
            let at = text.find("--target ").unwrap() + "--target ".len();
            assert_eq!(target.spot.range, at..at + typed.len(), "{text}");
        }
    }
}
