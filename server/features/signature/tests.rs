use super::*;
use crate::fixture::Fixture;

fn help_at(text: &str, asked: Asked<'_>) -> Option<Help> {
    let fixture = Fixture::new(text);
    signature(&fixture.doc, fixture.cursor, asked)
}

/// The forms at `$0`, a line each, with `«»` around the active parameter; the active one first.
fn shown(text: &str) -> Vec<String> {
    let Some(help) = help_at(text, Asked::default()) else { return Vec::new() };
    assert_eq!(help.active, 0, "{text}");
    let line = |signature: Signature| {
        for parameter in &signature.parameters {
            let part = &signature.label[parameter.range.clone()];
            assert_eq!(
                signature.label.find(part),
                Some(parameter.range.start),
                "clients without offsets: {part}"
            );
        }
        assert!(signature.documentation.contains("](https://"));
        let active = signature.parameters[signature.active].range.clone();
        let label = &signature.label;
        format!("{}«{}»{}", &label[..active.start], &label[active.clone()], &label[active.end..])
    };
    help.signatures.into_iter().map(line).collect()
}

#[track_caller]
fn check(text: &str, expected: &[&str]) {
    assert_eq!(shown(text), expected, "{text}");
}

#[track_caller]
fn nothing(text: &str) {
    assert_eq!(shown(text), [""; 0], "{text}");
}

#[test]
fn a_copy_shows_what_is_next() {
    let flags = [
        "COPY «[flags]» <source>… <destination>",
        "COPY «[flags]» [\"<source>\", …, \"<destination>\"]",
        "COPY «[flags]» <<EOF <destination>",
    ];
    let source = "COPY [flags] «<source>…» <destination>";
    let destination = "COPY [flags] <source>… «<destination>»";
    let empty =
        [source, "COPY [flags] [«\"<source>\", …», \"<destination>\"]", "COPY [flags] «<<EOF» <destination>"];
    check("FROM a\nCOPY $0\n", &empty);
    check("FROM a\nCOPY $0", &empty);
    check("FROM a\nCOPY -$0\n", &flags);
    check("FROM a\nCOPY --li$0nk a b\n", &flags);
    check("FROM a\nCOPY --link $0--chmod=1 a b\n", &flags);
    check("FROM a\nCOPY --link $0\n", &empty);
    check("FROM a\nCOPY --link a$0\n", &[source]);
    check("FROM a\nCOPY a $0\n", &[destination]);
    check("FROM a\nCOPY a b$0\n", &[destination]);
    check("FROM a\nCOPY a b$0 c\n", &[source]);
    check("FROM a\nCOPY a$0 b\n", &[source]);
    check("FROM a\nCOPY a \\\n  # why\n  b \\\n  $0c\n", &[destination]);
    check("FROM a\nCOPY [$0\n", &["COPY [flags] [«\"<source>\", …», \"<destination>\"]"]);
    check("FROM a\nCOPY [\"a, b\"$0\n", &["COPY [flags] [«\"<source>\", …», \"<destination>\"]"]);
    check("FROM a\nCOPY [\"a\", $0\n", &["COPY [flags] [\"<source>\", …, «\"<destination>\"»]"]);
    check("FROM a\nCOPY [\"a\", \"$0b\", \"c\"]\n", &["COPY [flags] [«\"<source>\", …», \"<destination>\"]"]);
    check("FROM a\nCOPY <<E$0 /x\nE\n", &["COPY [flags] «<<EOF» <destination>"]);
    check("FROM a\nCOPY <<E /x$0\nE\n", &["COPY [flags] <<EOF «<destination>»"]);
    check("FROM a\nONBUILD ADD a $0\n", &["ADD [flags] <source>… «<destination>»"]);
}

#[test]
fn a_from_narrows_down() {
    let image = "FROM [flags] «<image>»[:<tag>] [AS <name>]";
    let digest = "FROM [flags] «<image>»@<digest> [AS <name>]";
    let stage = "FROM «<stage>» [AS <name>]";
    check("FROM $0\n", &[image, digest, stage]);
    check("FROM --platform=x al$0\n", &[image, digest, stage]);
    check("FROM localhost:5000/a$0\n", &[image, digest, stage]);
    check("FROM a:$0\n", &["FROM [flags] <image>[:«<tag>»] [AS <name>]"]);
    check("FROM a$0:1 AS b\n", &[image]);
    check("FROM a@sha$0\n", &["FROM [flags] <image>@«<digest>» [AS <name>]"]);
    check("FROM a AS b\nFROM b$0\n", &[stage]);
    check("FROM a AS b\nFROM b $0\n", &["FROM <stage> [AS «<name>»]"]);
    check("FROM a $0\n", &["FROM [flags] <image>[:<tag>] [AS «<name>»]"]);
    check("FROM a AS b$0\n", &["FROM [flags] <image>[:<tag>] [AS «<name>»]"]);
    nothing("FROM a AS b $0\n");
}

#[test]
fn names_and_values() {
    let (pairs, legacy) = ("ENV «<name>»=<value> …", "ENV «<name>» <value>");
    check("FROM a\nENV $0\n", &[pairs, legacy]);
    check("FROM a\nENV A$0\n", &[pairs, legacy]);
    check("FROM a\nENV A $0\n", &["ENV <name> «<value>»"]);
    check("FROM a\nENV A b c$0\n", &["ENV <name> «<value>»"]);
    check("FROM a\nENV A=$0\n", &["ENV <name>=«<value>» …"]);
    check("FROM a\nENV A=b $0\n", &[pairs]);
    check("FROM a\nENV A=b C=\"d $0e\"\n", &["ENV <name>=«<value>» …"]);
    check("FROM a\nLABEL A=b C$0=d\n", &["LABEL «<key>»=<value> …"]);
    check("ARG $0\n", &["ARG «<name>»=<default> …", "ARG «<name>» …"]);
    check("ARG A=$0\n", &["ARG <name>=«<default>» …"]);
}

#[test]
fn commands_in_their_forms() {
    let exec = "CMD [«\"<program>\"», \"<argument>\", …]";
    let arguments = "CMD [«\"<argument>\", …»]";
    check("FROM a\nCMD $0\n", &[exec, arguments, "CMD «<command>»"]);
    check("FROM a\nCMD [$0\n", &[exec, arguments]);
    check("FROM a\nCMD [\"a\",$0\n", &["CMD [\"<program>\", «\"<argument>\", …»]", arguments]);
    check("FROM a\nCMD node $0\n", &["CMD «<command>»"]);
    check(
        "FROM a\nRUN [ -f x ] $0\n",
        &["RUN [flags] [«\"<program>\"», \"<argument>\", …]", "RUN [flags] «<command>»"],
    );
    check("FROM a\nSHELL [\"a\", \"$0\"]\n", &["SHELL [\"<program>\", «\"<argument>\", …»]"]);
    check("FROM a\nRUN <<E\nx$0\nE\n", &["RUN [flags] «<<EOF»"]);
    check(
        "FROM a\nHEALTHCHECK $0\n",
        &[
            "HEALTHCHECK «[flags]» CMD <command>",
            "HEALTHCHECK «[flags]» CMD [\"<program>\", \"<argument>\", …]",
            "HEALTHCHECK «NONE»",
        ],
    );
    check("FROM a\nHEALTHCHECK NO$0\n", &["HEALTHCHECK «NONE»"]);
    check(
        "FROM a\nHEALTHCHECK --retries=1 CMD$0\n",
        &[
            "HEALTHCHECK [flags] «CMD» <command>",
            "HEALTHCHECK [flags] «CMD» [\"<program>\", \"<argument>\", …]",
        ],
    );
    check(
        "FROM a\nHEALTHCHECK CMD [\"a\", $0\"b\"]\n",
        &["HEALTHCHECK [flags] CMD [\"<program>\", «\"<argument>\", …»]"],
    );
    check("FROM a\nHEALTHCHECK CMD curl $0\n", &["HEALTHCHECK [flags] CMD «<command>»"]);
}

#[test]
fn words_alone() {
    check("FROM a\nEXPOSE $0\n", &["EXPOSE «<port>»[/<protocol>] …"]);
    check("FROM a\nEXPOSE 80/$0\n", &["EXPOSE <port>[/«<protocol>»] …"]);
    check("FROM a\nEXPOSE 80/tcp $0\n", &["EXPOSE «<port>»[/<protocol>] …"]);
    check("FROM a\nUSER $0\n", &["USER «<user>»[:<group>]"]);
    check("FROM a\nUSER a:$0\n", &["USER <user>[:«<group>»]"]);
    check("FROM a\nWORKDIR /$0\n", &["WORKDIR «<path>»"]);
    check("FROM a\nSTOPSIGNAL $0\n", &["STOPSIGNAL «<signal>»"]);
    check("FROM a\nVOLUME $0\n", &["VOLUME «<path>…»", "VOLUME [«\"<path>\", …»]"]);
    check("FROM a\nMAINTAINER $0\n", &["MAINTAINER «<name>»"]);
    check("FROM a\nONBUILD $0\n", &["ONBUILD «<instruction>»"]);
    check("FROM a\nONBUILD RU$0\n", &["ONBUILD «<instruction>»"]);
}

#[test]
fn values_of_flags() {
    check("FROM a\nCOPY --from=$0\n", &["--from=«<stage | context | image>»"]);
    check("FROM a\nCOPY --chown=a:$0 b c\n", &["--chown=<user>[:«<group>»]"]);
    check("FROM --platform=linux/$0\n", &["--platform=<os>/«<architecture>»[/<variant>]"]);
    check("FROM a\nRUN --network=n$0 x\n", &["--network=«<default | none | host>»"]);
    check("FROM a\nADD --link=$0 x y\n", &["--link[=«<true | false>»]"]);
    check("FROM a\nHEALTHCHECK --interval=$0\n", &["--interval=«<duration>»"]);
}

#[test]
fn options_of_mounts() {
    assert_eq!(shown("FROM a\nRUN --mount=$0\n").len(), 5);
    assert_eq!(shown("FROM a\nRUN --mount=type=s$0\n").len(), 2);
    let cache = |active: &str| {
        let all = "--mount=type=cache,target=<path>[,source=<source path>][,from=<stage | context | image>]\
                   [,id=<name>][,sharing=<shared | private | locked>][,readonly][,mode=<mode>][,uid=<number>]\
                   [,gid=<number>]";
        assert!(all.contains(active));
        vec![all.replacen(active, &format!("«{active}»"), 1)]
    };
    assert_eq!(shown("FROM a\nRUN --mount=type=cache$0\n"), cache("type=cache"));
    assert_eq!(shown("FROM a\nRUN --mount=type=cache,$0\n"), cache("target=<path>"));
    assert_eq!(shown("FROM a\nRUN --mount=type=cache,dst=/$0x\n"), cache("target=<path>"));
    assert_eq!(
        shown("FROM a\nRUN --mount=type=cache,sh$0,target=/x\n"),
        cache("sharing=<shared | private | locked>")
    );
    assert_eq!(shown("FROM a\nRUN --mount=type=cache,id=x,target=/x,$0 y\n"), cache("source=<source path>"));
    assert_eq!(shown("FROM a\nRUN --mount=type=cache,ro$0 y\n"), cache("readonly"));
    check(
        "FROM a\nRUN --mount=type=secret,id=$0 y\n",
        &[
            "--mount=type=secret[,target=<path>][,«id=<name>»][,required][,env=<name>][,mode=<mode>][,uid=<number>][,gid=<number>]",
        ],
    );
}

#[test]
fn directives() {
    check("# syntax=$0\nFROM a\n", &["# syntax=«<image>»"]);
    check("# escape=$0\nFROM a\n", &["# escape=«<character>»"]);
    check("FROM a\n# dockerfile-ls: skip=$0\nRUN x\n", &["# dockerfile-ls: skip=«<rules>»"]);
    nothing("FROM a\n# escape=$0\nRUN x\n");
    nothing("# a=b$0\nFROM a\n");
}

#[test]
fn nothing_where_it_would_disturb() {
    for text in [
        "$0",
        "FR$0",
        "FROM$0 a\n",
        "FROM a\n$0\nRUN x\n",
        "FROM a\nRUN x \\\n # y $0\n z\n",
        "FROM a\nHELLO $0\n",
        "FROM a\nHEALTHCHECK NONE $0\n",
    ] {
        nothing(text);
    }
    let unasked = Asked { unasked: true, shown: None };
    for (text, some) in [
        ("FROM a\nRUN $0\n", true),
        ("FROM a\nRUN apt-get$0\n", true),
        ("FROM a\nRUN apt-get $0\n", false),
        ("FROM a\nRUN a \\\n  && b $0\n", false),
        ("FROM a\nRUN [\"a\", $0\n", true),
        ("FROM a\nRUN <<E\nx $0\nE\n", false),
        ("FROM a\nHEALTHCHECK CMD a $0\n", false),
        ("FROM a\nCOPY a $0\n", true),
    ] {
        assert_eq!(help_at(text, unasked).is_some(), some, "{text}");
    }
}

#[test]
fn a_chosen_form_stays_while_it_fits() {
    let active = |text: &str, label: &str| {
        help_at(text, Asked { unasked: true, shown: Some(label) }).map(|help| help.active)
    };
    assert_eq!(active("FROM a\nCMD $0\n", "CMD <command>"), Some(2));
    assert_eq!(active("FROM a\nCMD [$0\n", "CMD <command>"), Some(0));
}

#[test]
fn flags_are_listed_with_what_they_do() {
    let help = help_at("FROM a\nCOPY --$0\n", Asked::default()).expect("help");
    assert!(help.signatures[0].parameters[0].documentation.contains("- `--from`: Copies from"));
}

#[test]
fn any_place_of_any_text_is_fine() {
    let text = "\u{feff}# escape=`\r\nFROM é:ü@x AS ß\rRUN --mount=type=cache,\"é\",= é `\r\n # ä\r\n \u{3000} [\"é\\\nCOPY --chown=é:ü [\"ä\", `\n";
    for end in (0..=text.len()).filter(|&end| text.is_char_boundary(end)) {
        let doc = Document::open(&text[..end], 1);
        for offset in (0..=end).filter(|&offset| text.is_char_boundary(offset)) {
            signature(&doc, offset, Asked::default());
            crate::features::hover::hover(&doc, offset);
        }
    }
}
