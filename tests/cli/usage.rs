//! Arguments that are wrong, and help.

use crate::run::Folder;

#[test]
fn help_tells_every_flag_and_shows_examples() {
    let folder = Folder::new();
    for (command, expected) in [
        (&["--help"][..], &["--stdio", "check", "graph", "explain", "Examples:"][..]),
        (
            &["check", "--help"],
            &[
                "--target",
                "--build-arg",
                "--format",
                "--fail-on",
                "--hints",
                "--fix",
                "Exit code",
                "Examples:",
            ],
        ),
        (&["fmt", "--help"], &["--check", "Exit code", "Examples:"]),
        (&["settings", "--help"], &["--format", "json-schema", "--editor", "Examples:"]),
        (&["graph", "--help"], &["--target", "--build-arg", "--format", "mermaid", "dot", "Examples:"]),
    ] {
        let ran = folder.run(command);
        assert_eq!(ran.code, 0, "{ran:?}");
        for text in expected {
            assert!(ran.out.contains(text), "{text}: {}", ran.out);
        }
    }
}

#[test]
fn the_version_is_that_of_the_package() {
    let ran = Folder::new().run(&["--version"]);
    assert_eq!((ran.code, ran.out.as_str()), (0, concat!("dockerfile-ls ", env!("CARGO_PKG_VERSION"), "\n")));
}

#[test]
fn wrong_usage_ends_with_2() {
    let folder = Folder::with(&[("Dockerfile", "FROM scratch\n")]);
    for arguments in [
        &["chekc"][..],
        &["--nonsense"],
        &["check", "--format", "xml"],
        &["check", "--fail-on", "fatal"],
        &["check", "--build-arg", "=x"],
        &["graph", "--format", "png"],
        &["graph", "Dockerfile", "Dockerfile"],
    ] {
        let ran = folder.run(arguments);
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{arguments:?}: {ran:?}");
        assert!(!ran.err.is_empty(), "{arguments:?}");
    }
}
