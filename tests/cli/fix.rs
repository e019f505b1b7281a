//! `dockerfile-ls check --fix`.

use std::fs;

use crate::run::Folder;

const MISSPELT: &str = "FROM node:20 AS builder\r\nFROM alpine:3.20\r\nCOPY --from=bulder /a /b\r\n";
const FIXED: &str = "FROM node:20 AS builder\r\nFROM alpine:3.20\r\nCOPY --from=builder /a /b\r\n";

#[test]
fn a_file_is_fixed_in_its_place() {
    let folder = Folder::new();
    folder.write("Dockerfile", format!("\u{feff}{MISSPELT}").as_bytes());
    let ran = folder.run(&["check", "--fix", "Dockerfile"]);
    assert_eq!((ran.code, ran.out.as_str()), (0, "nothing found in 1 file\n"), "{ran:?}");
    assert_eq!(ran.err, "dockerfile-ls: fixed Dockerfile: 1 unknown-stage-reference\n");
    let text = fs::read_to_string(folder.path().join("Dockerfile")).expect("it is there");
    assert_eq!(text, format!("\u{feff}{FIXED}"));
    assert_eq!(fs::read_dir(folder.path()).expect("it is there").count(), 1, "nothing else is left");
    let ran = folder.run(&["check", "--fix", "Dockerfile"]);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""), "nothing is left to fix");
}

#[test]
fn standard_input_comes_out_fixed() {
    let ran = Folder::new().run_with_input(&["check", "--fix", "-"], MISSPELT.as_bytes());
    assert_eq!((ran.code, ran.out.as_str()), (0, FIXED));
    assert!(ran.err.ends_with("nothing found in 1 file\n"), "{ran:?}");
    let ran = Folder::new().run_with_input(&["check", "--fix", "-"], FIXED.as_bytes());
    assert_eq!((ran.code, ran.out.as_str()), (0, FIXED), "what is right comes out as it is");
}

#[test]
fn a_file_that_is_not_utf8_is_left_alone_and_others_are_fixed() {
    let folder = Folder::with(&[("Dockerfile", MISSPELT)]);
    let latin1 = [b"# caf\xe9\n", MISSPELT.as_bytes()].concat();
    folder.write("latin1", &latin1);
    let ran = folder.run(&["check", "--fix", "latin1", "Dockerfile"]);
    assert_eq!(ran.code, 2, "{ran:?}");
    assert!(ran.err.contains("cannot fix latin1: it is not UTF-8\n"), "{ran:?}");
    assert_eq!(fs::read(folder.path().join("latin1")).expect("it is there"), latin1);
    assert_eq!(fs::read_to_string(folder.path().join("Dockerfile")).expect("it is there"), FIXED);
}

#[cfg(unix)]
#[test]
fn links_and_permissions_stay() {
    use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
    let folder = Folder::with(&[("real", MISSPELT), ("hard", MISSPELT), ("locked", MISSPELT)]);
    let path = |name: &str| folder.path().join(name);
    symlink("real", path("link")).expect("links can be made");
    fs::hard_link(path("hard"), path("other")).expect("links can be made");
    let set = |name: &str, mode| {
        fs::set_permissions(path(name), fs::Permissions::from_mode(mode)).expect("it is ours");
    };
    set("real", 0o640);
    set("locked", 0o444);
    let ran = folder.run(&["check", "--fix", "link", "hard", "locked"]);
    assert_eq!(ran.code, 2, "{ran:?}");
    assert!(ran.err.contains("cannot fix locked: it is read-only\n"), "{ran:?}");
    let text = |name: &str| fs::read_to_string(path(name)).expect("it is there");
    assert!(path("link").is_symlink());
    assert_eq!(
        (text("real"), path("real").metadata().expect("it is there").mode() & 0o777),
        (FIXED.into(), 0o640)
    );
    assert_eq!((text("hard"), text("other")), (FIXED.into(), FIXED.into()), "both names are still one file");
    assert_eq!(text("locked"), MISSPELT);
}
