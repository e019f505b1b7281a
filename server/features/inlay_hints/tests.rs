use std::sync::Arc;

use super::*;
use crate::settings::{InlayHints, Settings};
use crate::{
    fixture::{outside, user},
    outside::User,
};

/// The hints of the texts that they stand behind: the last word in front of each, and its label.
fn hints_of(doc: &Document) -> Vec<String> {
    let text = doc.text().slice(0..doc.text().len()).into_owned();
    let hints = inlay_hints(doc, 0..text.len());
    let word = |hint: &Hint| text[..hint.offset].rsplit([' ', '\n']).next().unwrap_or("").to_owned();
    hints.iter().map(|hint| format!("{} {}", word(hint), hint.label)).collect()
}

fn hints(text: &str) -> Vec<String> {
    hints_of(&Document::open(text, 0))
}

#[test]
fn numbers_tell_their_stage() {
    let text =
        "FROM golang:1.22\nFROM node AS Web\nFROM a\nCOPY --from=0 /a /a\nCOPY --from=\"01\" --link /a /a\n";
    assert_eq!(hints(text), ["--from=0 = stage 0: golang:1.22", "--from=\"01\" = Web"]);
    let doc = Document::open(text, 0);
    let targets =
        inlay_hints(&doc, 0..text.len()).into_iter().map(|hint| text[hint.target.unwrap()].to_owned());
    assert_eq!(targets.collect::<Vec<_>>(), ["golang:1.22", "Web"]);
    assert_eq!(
        hints(
            "FROM a AS x\nRUN --mount=from=0,target=/x y\nCOPY --from=x /a /a\nCOPY --from=7 /a /a\nONBUILD COPY --from=0 /a /a\n"
        ),
        [""; 0],
        "no stage by number"
    );
    assert_eq!(hints("FROM a\nCOPY --from=b:1 /a /a\nCOPY --from=1 /a /a\n"), ["--from=1 = image b:1"]);
}

#[test]
fn bases_tell_their_value_and_where_it_comes_from() {
    let origins = |text: &str| -> Vec<Option<String>> {
        let hints = inlay_hints(&Document::open(text, 0), 0..text.len());
        hints.into_iter().map(|hint| hint.origin).collect()
    };
    let text = "ARG V=20\nARG S=\nFROM node:${V}$S AS a\nFROM node:${W:-18}\nFROM a\n";
    assert_eq!(hints(text), ["node:${V}$S = node:20", "node:${W:-18} = node:18"]);
    assert_eq!(origins(text), [Some("V=20 by the ARG in line 1, S= by the ARG in line 2".into()), None]);
    let text = "ARG A=1\nARG B=x$A\nFROM i AS x1\nFROM --platform=$BUILDPLATFORM $B\n";
    assert_eq!(hints(text), ["$B = x1"]);
    assert_eq!(origins(text), [Some("B=x1 by the ARG in line 2".into())]);
}

#[test]
fn bases_that_are_not_known_tell_nothing() {
    for from in [
        "$V",
        "a:$V",
        "a$U",
        "a:$TARGETARCH",
        "a:$P",
        "a:${V:?x}",
        "a:${V",
        "${E}",
        "a$",
        "A$K",
        "a:${TARGETARCH}",
    ] {
        assert_eq!(
            hints(&format!("ARG V\nARG E=\nARG K=1\nARG P=$TARGETOS\nFROM {from}\n")),
            [""; 0],
            "{from}"
        );
    }
}

#[test]
fn relative_paths_tell_where_they_lead() {
    let text = "FROM a AS x\nCOPY a ./b\nWORKDIR b\nWORKDIR /app\nCOPY a .\nADD a ../c\nCOPY a ./x/\nWORKDIR sub/./d/\n\
                COPY [\"a\", \"x y\"]\nCOPY <<E f\nE\nCOPY a /b\nFROM x\nCOPY --from=x /a b\nFROM scratch\nCOPY a b\nWORKDIR c\n";
    assert_eq!(
        hints(text),
        [
            ". = /app/",
            "../c = /c",
            "./x/ = /app/x/",
            "sub/./d/ = /app/sub/d",
            "y\" = /app/sub/d/x y",
            "f = /app/sub/d/f",
            "b = /app/sub/d/b",
            "b = /b",
            "c = /c",
        ]
    );
    let triggered = "FROM a AS x\nWORKDIR /x\nONBUILD WORKDIR y\nONBUILD COPY a b\nFROM x\nCOPY a b\n";
    assert_eq!(hints(triggered), ["b = /x/y/b"]);
    assert_eq!(hints("FROM golang:1.22\nCOPY a b\n"), ["b = /go/b"]);
}

#[test]
fn variables_in_paths_count_if_they_have_a_value() {
    let text = "ARG G=/g\nFROM a\nENV A=/app\nARG N T=t TARGETARCH\nARG G\nWORKDIR $A\nCOPY a $T\nCOPY a $N\nCOPY a x/$U\nCOPY a ${N:-n}\n\
                COPY a $TARGETARCH\nCOPY a $A/x\nWORKDIR $G\nCOPY a b\nWORKDIR $N\nCOPY a c\nWORKDIR /w/$T\nCOPY a d\n";
    assert_eq!(hints(text), ["$T = /app/t", "${N:-n} = /app/n", "b = /g/b", "d = /w/t/d"]);
}

#[test]
fn unknown_directories_tell_nothing() {
    for text in [
        "FROM a\nWORKDIR x\nCOPY a b\n",
        "# escape=`\nFROM a\nWORKDIR /x\nCOPY a b\n",
        "FROM mcr.microsoft.com/windows/nanoserver:1 AS w\nWORKDIR /x\nFROM w\nCOPY a b\n",
        "FROM scratch\nCOPY a c:b\nCOPY a\nCOPY b <<E\nE\nWORKDIR \"\"\n",
        "WORKDIR /a\nCOPY a b\n",
    ] {
        assert_eq!(hints(text), [""; 0], "{text}");
    }
}

#[test]
fn each_kind_is_switched_off_on_its_own() {
    let text = "ARG V=1\nFROM a:$V AS x\nWORKDIR /w\nCOPY --from=0 a b\n";
    let shown = |inlay_hints| {
        let settings = Settings { inlay_hints, ..Settings::default() };
        hints_of(&Document::open(text, 0).with_settings(Arc::new(settings)))
    };
    let (value, number, path) = ("a:$V = a:1", "--from=0 = x", "b = /w/b");
    let all = InlayHints::default();
    assert_eq!(shown(all), [value, number, path]);
    assert_eq!(shown(InlayHints { base_values: false, ..all }), [number, path]);
    assert_eq!(shown(InlayHints { stage_numbers: false, ..all }), [value, path]);
    assert_eq!(shown(InlayHints { destinations: false, ..all }), [value, number]);
}

#[test]
fn only_what_lies_in_the_range_is_there() {
    let text = "FROM a\nWORKDIR /w\nCOPY a \\\n b\nCOPY --from=0 a b\nCOPY c d\n";
    let doc = Document::open(text, 0);
    let labels = |range: Range<usize>| -> Vec<String> {
        inlay_hints(&doc, range).into_iter().map(|hint| hint.label).collect()
    };
    let second = text.find("COPY --from").expect("it is there");
    assert_eq!(labels(second..second + 13), ["= stage 0: a"]);
    assert_eq!(labels(second - 2..second), ["= /w/b"]);
    assert_eq!(labels(0..second - 3), [""; 0]);
    assert_eq!(labels(second + 14..text.len()), ["= /w/b", "= /w/d"]);
}

#[test]
fn long_labels_are_cut() {
    let text = format!("FROM a\nWORKDIR /{}\nCOPY a b\n", "é".repeat(200));
    assert_eq!(hints(&text), [format!("b = /{}…", "é".repeat(LONG - 3))]);
    let text = format!("FROM a\nWORKDIR /{}\n{}COPY a b\n", "é".repeat(200), "WORKDIR x\n".repeat(1000));
    let last = hints(&text).pop();
    assert_ne!(last, Some("b = /x".into()), "a path beyond all measure is not known");
}

#[test]
fn builds_of_the_workspace_give_other_values() {
    let among =
        |text: &str, users: Vec<User>| hints_of(&Document::open(text, 0).with_outside(outside(users)));
    let web = || user("compose service `web`").arg("V", "2");
    let text = "ARG V=1\nFROM a:$V\n";
    assert_eq!(among(text, vec![web()]), ["a:$V = a:1; a:2 in compose service `web`"]);
    assert_eq!(among(text, vec![web(), web()]), ["a:$V = a:1; a:2 in compose service `web`, …"]);
    assert_eq!(among(text, vec![user("w").arg("V", "1"), user("x")]), ["a:$V = a:1"]);
    let text = "ARG V\nFROM a:$V\n";
    assert_eq!(among(text, vec![web(), web()]), ["a:$V = a:2"]);
    assert_eq!(among(text, vec![web(), user("x")]), [""; 0], "not in all of them");
    assert_eq!(among(text, vec![web(), web().arg("V", "3")]), [""; 0], "not the same in all of them");
}
