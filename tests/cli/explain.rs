//! `dockerfile-ls explain`.

use crate::run::Folder;

#[test]
fn a_rule_is_explained() {
    let ran = Folder::new().run(&["explain", "reserved-stage-name"]);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    for part in ["ReservedStageName", "Severity: warning", "Why", "Instead", "# check=skip=ReservedStageName"]
    {
        assert!(ran.out.contains(part), "{part}: {}", ran.out);
    }
}

#[test]
fn all_rules_are_listed() {
    let folder = Folder::new();
    let ran = folder.run(&["explain"]);
    assert!(
        ran.out.lines().any(|line| line.starts_with("unknown-flag ") && line.contains("error")),
        "{ran:?}"
    );
    let all = folder.run(&["explain", "--format", "json"]).json();
    assert_eq!(all.as_array().map(Vec::len), Some(ran.out.lines().count()));
}

#[test]
fn an_unknown_rule_comes_with_what_was_meant() {
    let ran = Folder::new().run(&["explain", "unknwon-flag"]);
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("did you mean `unknown-flag`?"), "{ran:?}");
}
