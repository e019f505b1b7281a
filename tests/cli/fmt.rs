//! `dockerfile-ls fmt`.

use std::fs;

use crate::run::Folder;

const TEXT: &str = "from  a AS b\r\nRUN c \\\r\n  && d  \r\n";
const FORMATTED: &str = "from a AS b\r\nRUN c \\\r\n    && d\r\n";

#[test]
fn files_are_formatted_in_their_place() {
    let folder = Folder::with(&[("a/Dockerfile", TEXT), ("b/Dockerfile", FORMATTED)]);
    let checked = folder.run(&["fmt", "--check"]);
    assert_eq!(
        (checked.code, checked.out.replace('\\', "/")),
        (1, "a/Dockerfile\n".to_owned()),
        "{checked:?}"
    );
    let ran = folder.run(&["fmt"]);
    assert_eq!((ran.code, ran.out.as_str()), (0, ""), "{ran:?}");
    assert_eq!(ran.err.replace('\\', "/"), "dockerfile-ls: formatted a/Dockerfile\n");
    assert_eq!(fs::read_to_string(folder.path().join("a/Dockerfile")).expect("it is there"), FORMATTED);
    let checked = folder.run(&["fmt", "--check"]);
    assert_eq!((checked.code, checked.out.as_str(), checked.err.as_str()), (0, "", ""));
}

#[test]
fn standard_input_comes_out_formatted() {
    for text in [TEXT, FORMATTED] {
        let ran = Folder::new().run_with_input(&["fmt", "-"], text.as_bytes());
        assert_eq!((ran.code, ran.out.as_str(), ran.err.as_str()), (0, FORMATTED, ""));
    }
    let ran = Folder::new().run_with_input(&["fmt", "--check", "-"], TEXT.as_bytes());
    assert_eq!((ran.code, ran.out.as_str()), (1, "<stdin>\n"));
}

#[test]
fn a_file_of_settings_says_how() {
    let settings = "[format]\nkeyword-case = \"upper\"\nindent = \"spaces\"\nindent-width = 2\n";
    let folder = Folder::with(&[("Dockerfile", TEXT), ("dockerfile-ls.toml", settings)]);
    assert_eq!(folder.run(&["fmt", "Dockerfile"]).code, 0);
    let text = fs::read_to_string(folder.path().join("Dockerfile")).expect("it is there");
    assert_eq!(text, "FROM a AS b\r\nRUN c \\\r\n  && d\r\n");
}

#[test]
fn what_cannot_be_formatted_is_left_alone_and_told() {
    let folder = Folder::with(&[("Dockerfile", TEXT)]);
    let latin1 = b"# caf\xe9\nFROM  a\n";
    folder.write("latin1", latin1);
    let ran = folder.run(&["fmt", "latin1", "missing", "Dockerfile"]);
    assert_eq!(ran.code, 2, "{ran:?}");
    assert!(ran.err.contains("cannot format latin1: it is not UTF-8\n"), "{ran:?}");
    assert!(ran.err.contains("cannot format missing: "), "{ran:?}");
    assert_eq!(fs::read(folder.path().join("latin1")).expect("it is there"), latin1);
    assert_eq!(fs::read_to_string(folder.path().join("Dockerfile")).expect("it is there"), FORMATTED);
}
