use super::*;
use crate::document::Document;

/// Each use as `line:name>lines of its declarations`, by file order; `?` for one without, `*` for the platform's.
fn meanings(text: &str) -> String {
    let doc = Document::open(text, 0);
    let line = |offset: usize| (doc.text().line_of(offset) + 1).to_string();
    let show = |used: &Use| {
        let meant = match used.meaning {
            Meaning::Declared(set) => {
                let lines = doc.variables().of(set).iter();
                let lines = lines.map(|&index| line(doc.variables().declarations()[index].range.start));
                lines.collect::<Vec<_>>().join(",")
            }
            Meaning::Platform => "*".into(),
            Meaning::Undeclared => "?".into(),
        };
        format!("{}:{}>{meant}", line(used.range.start), used.name)
    };
    doc.variables().uses().iter().map(show).collect::<Vec<_>>().join(" ")
}

#[test]
fn global_args_serve_from_lines_and_stages_that_ask() {
    let text = "ARG A=1\nARG B=$A\nFROM a:$A$TARGETARCH AS $C\nRUN echo $A\nARG A\nRUN echo $A\nFROM b:$B\n";
    assert_eq!(meanings(text), "2:A>1 3:A>1 3:TARGETARCH>* 4:A>? 6:A>5,1 7:B>2");
}

#[test]
fn a_stage_inherits_what_its_base_ended_with_over_any_number_of_levels() {
    let text = "FROM a AS x\nRUN $V\nENV V=1\nFROM x AS y\nRUN $V\nFROM a AS z\nRUN $V\nFROM y\nRUN $V\nENV V=$V\nRUN $V\n";
    assert_eq!(meanings(text), "2:V>? 5:V>3 7:V>? 9:V>3 10:V>3 11:V>10");
}

#[test]
fn an_arg_that_is_given_nothing_leaves_the_env() {
    let text = "ARG G\nFROM a\nENV A=1\nARG A\nRUN $A\nENV G=1\nARG G\nRUN $G\nARG A=2\nRUN $A\n";
    assert_eq!(meanings(text), "5:A>4,3 8:G>7,1,6 10:A>9");
}

#[test]
fn an_inherited_env_counts_again_below_an_arg_of_its_name() {
    let text = "FROM a AS x\nENV A=1\nARG A=2 B=3\nRUN $A\nFROM x\nRUN $A $B\nARG A=4\nRUN $A\n";
    assert_eq!(meanings(text), "4:A>3 6:A>2 6:B>3 8:A>7");
    let elsewhere = "FROM a\nENV A=1\nARG A=2\nFROM a AS x\nARG A=3\nFROM x\nRUN $A\n";
    assert_eq!(meanings(elsewhere), "7:A>5");
}

#[test]
fn an_env_is_in_force_again_in_the_stage_above_one_with_an_arg_of_its_name() {
    let text = "FROM a AS x\nENV A=1\nARG A=2\nRUN $A\nONBUILD RUN $A\nFROM x\nRUN $A\nFROM a AS y\nARG B=1\nFROM y\nRUN $A $B\n";
    assert_eq!(meanings(text), "4:A>3 5:A>2 7:A>2 11:A>? 11:B>9");
}

#[test]
fn an_env_sets_all_its_pairs_at_once_and_an_arg_one_by_one() {
    assert_eq!(meanings("FROM a\nENV A=1 B=$A\nARG C=1 D=$C\nRUN $A\n"), "2:A>? 3:C>3 4:A>2");
}

#[test]
fn the_container_knows_env_only_and_all_of_it() {
    let text = "FROM a\nARG A=1\nCMD $A $B\nENV B=1\nFROM a AS x\nENV C=1\nFROM x\nENTRYPOINT $C\n";
    assert_eq!(meanings(text), "3:A>? 3:B>4 8:C>6");
}

#[test]
fn triggers_run_before_the_stage_that_builds_on_theirs() {
    let text = "FROM a AS x\nONBUILD ARG T=1\nONBUILD RUN $T $E\nENV E=1\nRUN $T\nFROM x AS y\nRUN $T\nFROM y\nRUN $T\n";
    assert_eq!(meanings(text), "3:T>2 3:E>4 5:T>? 7:T>2 9:T>2");
}

#[test]
fn the_name_of_an_env_may_be_quoted() {
    let text = "FROM a\nENV \"A\"=1 'B'=2 C\"D\"=3\nARG \"E\"=4\nLABEL x=$A$B$CD$E\n";
    assert_eq!(meanings(text), "4:A>2 4:B>2 4:CD>? 4:E>?");
}

/// The variable that the cursor is on, as `line:column` of all its places, declarations with a `!`.
fn group(text: &str) -> String {
    let fixture = crate::fixture::Fixture::new(text);
    let (doc, variables) = (&fixture.doc, fixture.doc.variables());
    let group = variables.group(doc.stages(), variables.at(fixture.cursor).expect("a variable"));
    let declared = group.declarations.iter().map(|&index| (variables.declarations()[index].range.start, "!"));
    let mut all: Vec<_> =
        declared.chain(group.uses.iter().map(|&index| (variables.uses()[index].range.start, ""))).collect();
    all.sort();
    let show = |(offset, mark): (usize, &str)| format!("{}{mark}", doc.text().line_of(offset) + 1);
    all.into_iter().map(show).collect::<Vec<_>>().join(" ")
}

#[test]
fn all_args_of_a_name_are_one_variable() {
    let text = "ARG A=1\nFROM a:$A\nRUN $A\nARG A\nRUN $A\nFROM b\nARG A=$0$A\nENV B=$A\nFROM c\nRUN $A\n";
    let group_of = |cursor: &str| group(&text.replace("$0", "").replacen(cursor, &format!("{cursor}$0"), 1));
    assert_eq!(group_of("ARG "), "1! 2 4! 5 7! 8");
    assert_eq!(group_of("a:$"), "1! 2 4! 5 7! 8");
    assert_eq!(group_of("ENV B=$"), "1! 2 4! 5 7! 8");
    assert_eq!(group_of("FROM c\nRUN $"), "3 7 10");
}

#[test]
fn an_env_is_one_variable_with_what_it_hides_and_inherits() {
    let chain = "FROM a AS x\nENV V=1\nFROM a AS y\nENV V$0=2\nRUN $V\nFROM x\nENV V=$V:2\nCMD $V\n";
    assert_eq!(group(chain), "4! 5");
    assert_eq!(group(&chain.replace("$0", "").replace("CMD $", "CMD $$0")), "2! 7! 7 8");
    assert_eq!(group("FROM a\nARG V\nENV V=$$0V\nFROM b\nENV V=1\nFROM c\nARG V\n"), "2! 3! 3 7!");
}

#[test]
fn a_stage_on_a_variable_base_shares_with_all_that_it_can_build_on() {
    let text =
        "ARG B=x\nFROM a AS x\nFROM a AS y\nENV V=1\nFROM $B\nRUN $$0V\nCMD $V\nFROM a AS z\nENV V=1\n";
    assert_eq!(group(text), "4! 6 7");
}

#[test]
fn scripts_that_are_written_belong_to_the_container_s_variables() {
    let text = "FROM a\nCOPY <<'EOF' /x\n$V\nEOF\nRUN $V\nENV V$0=1\nRUN echo '$V'\n";
    assert_eq!(group(text), "3 6! 7");
}

#[test]
fn what_a_command_sets_stays_in_it() {
    let text = "FROM a\nRUN V=1 && echo $$0V\nRUN $V\nRUN --mount=type=secret,id=a,env=V x $V\nCMD $V\n";
    assert_eq!(group(text), "2 2");
    assert_eq!(group(&text.replace("$0", "").replace("x $", "x $$0")), "4 4");
    assert_eq!(group(&text.replace("$0", "").replace("CMD $", "CMD $$0")), "3 5");
}

#[test]
fn only_what_the_stage_s_shell_reads_counts() {
    let text = "FROM a AS w\nENV A=1\nRUN $A $env:A %A%\nSHELL [\"powershell\", \"-c\"]\nRUN $A $env:A %A%\nFROM w\nSHELL [\"cmd\", \"/S\"]\nRUN %A% $A\n";
    assert_eq!(meanings(text), "3:A>2 3:env>? 5:A>2 8:A>2");
}

#[test]
fn visible_names_come_nearest_first_and_once() {
    let text = "ARG G=1\nFROM a AS x\nARG A\nENV B=1\nONBUILD ENV T=1\nFROM x\nENV A=2\nRUN x\nENV C=1\n";
    let doc = Document::open(text, 0);
    let visible = |stage, offset| {
        let found = doc.variables().visible(doc.stages(), stage, offset);
        found.iter().map(|&index| doc.variables().declarations()[index].name.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(visible(Some(1), text.find("RUN").unwrap()), ["A", "T", "B"]);
    assert_eq!(visible(None, text.find("FROM").unwrap()), ["G"]);
}

#[test]
fn values_follow_their_declarations() {
    let text = "ARG G=g\nARG N\nFROM scratch\nARG G\nARG N\nENV A=${G}x P=$PATH U=[$N]\nENV A=$A-$A\nARG D=d\nWORKDIR $A-$D\n";
    let doc = Document::open(text, 0);
    let value = |name: &str, mode| {
        let index = doc
            .variables()
            .declarations()
            .iter()
            .rposition(|declaration| *declaration.name == *name)
            .unwrap();
        doc.value_of_declaration(index, mode).map(|value| value.pattern())
    };
    assert_eq!(value("A", Mode::Defaults).as_deref(), Some("gx-gx"));
    assert_eq!(value("A", Mode::Open).as_deref(), Some("*x-*x"));
    assert_eq!(
        value("P", Mode::Defaults).as_deref(),
        Some("/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin")
    );
    assert_eq!(value("U", Mode::Defaults).as_deref(), Some("[]"));
    assert_eq!(value("N", Mode::Defaults), None);
    let index = doc.syntax().instructions().len() - 1;
    let word = doc.syntax().instructions()[index].instruction.words()[0].clone();
    assert_eq!(doc.expand(index, &word, Mode::Defaults).unwrap().text().as_deref(), Some("gx-gx-d"));
}

#[test]
fn long_chains_and_doubling_values_end() {
    let mut text = String::from("FROM a AS s0\nENV A=x\n");
    for index in 0..3000 {
        text += &format!("FROM s{index} AS s{}\nENV A=$A$A\n", index + 1);
    }
    let doc = Document::open(&text, 0);
    let last = doc.variables().declarations().len() - 1;
    assert_eq!(doc.value_of_declaration(last, Mode::Defaults).unwrap().pattern(), "*");
}
