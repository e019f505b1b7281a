use std::time::{Duration, Instant};

use super::*;

/// The commands of a script, one per line: marks of where it runs (`?` conditional, `|>` piped, `<|` fed), its directory, then
/// its parts.
fn read(text: &str) -> String {
    let script = Script::parse(text);
    let mut lines: Vec<String> = script.commands.iter().map(show).collect();
    if !script.understood {
        lines.push("…".to_owned());
    }
    lines.join("\n")
}

fn show(command: &Command) -> String {
    let mut parts = Vec::new();
    if command.conditional {
        parts.push("?".to_owned());
    }
    match &command.directory {
        Directory::Start => {}
        Directory::After(moves) => {
            let moves: Vec<String> = moves.iter().map(argument).collect();
            parts.push(format!("({})", moves.join(", ")));
        }
        Directory::Unknown => parts.push("(?)".to_owned()),
    }
    if command.fed {
        parts.push("<|".to_owned());
    }
    parts.extend(command.assignments.iter().map(|set| format!("{}={}", set.name, argument(&set.value))));
    parts.extend(command.words.iter().map(argument));
    let redirect = |redirect: &Redirect| {
        format!("{}{}", if redirect.writes { ">" } else { "<" }, argument(&redirect.target))
    };
    parts.extend(command.redirects.iter().map(redirect));
    if command.piped {
        parts.push("|>".to_owned());
    }
    parts.join(" ")
}

fn argument(argument: &Argument) -> String {
    let piece = |piece: &Piece| match piece {
        Piece::Text(text) => text.clone(),
        Piece::Variable(name, _) => format!("${name}"),
        Piece::Pattern(pattern) => format!("«{pattern}»"),
        Piece::Any => "_".to_owned(),
    };
    let pieces: Vec<String> = argument.pieces.iter().map(piece).collect();
    if pieces.is_empty() { "''".to_owned() } else { pieces.concat() }
}

#[track_caller]
fn check(table: &[(&str, &[&str])]) {
    for (text, expected) in table {
        assert_eq!(read(text), expected.join("\n"), "{text}");
    }
}

#[test]
fn lists_and_pipelines_have_the_precedence_of_a_shell() {
    check(&[
        ("a && b | c && d", &["a", "b |>", "<| c", "d"]),
        ("a && b > f", &["a", "b >f"]),
        ("a > f && b 2>&1 | c >> g", &["a >f", "b |>", "<| c >g"]),
        ("a >f b 2>/dev/null c", &["a b c >f >/dev/null"]),
        ("> f", &[">f"]),
        ("set -e; a & b\nc # d", &["set -e", "a", "b", "c"]),
        ("! a && b", &["a", "b"]),
    ]);
}

#[test]
fn what_may_be_skipped_is_conditional() {
    check(&[
        ("a || b && c", &["a", "? b", "c"]),
        ("a && b || c", &["a", "? b", "? c"]),
        ("[ -f x ] && a; b", &["[ -f x", "? a", "b"]),
        ("[ -f x ] && a", &["[ -f x", "a"]),
        ("if a; then b; elif c; then d; else e; fi", &["a", "? b", "? c", "? d", "? e"]),
        ("for i in $(a) b; do c $i; done", &["a |>", "? c $i"]),
        ("while read x; do a; done < f", &["read x <f", "? a <f"]),
        ("case $x in a|b) c;; *) d; e;; esac", &["? c", "? d", "? e"]),
        ("f() { a; }; f", &["? (?) a", "f"]),
        ("(a; b) && { c; }", &["a", "b", "c"]),
    ]);
}

#[test]
fn directories_are_followed_as_far_as_they_are_certain() {
    check(&[
        ("cd a && b; cd c/$D; e", &["cd a", "(a) b", "(a) cd c/$D", "(a, c/$D) e"]),
        ("cd a && cd /b && c", &["cd a", "(a) cd /b", "(/b) c"]),
        ("(cd a; b); c", &["cd a", "(a) b", "c"]),
        ("cd a | b; c", &["cd a |>", "<| b", "c"]),
        ("cd a || exit 1; b", &["cd a", "? (?) exit 1", "(a) b"]),
        ("a || cd b; c", &["a", "? cd b", "(?) c"]),
        ("a && cd b && c || d; e", &["a", "? cd b", "? (b) c", "? (?) d", "(?) e"]),
        ("if a; then cd b; c; fi; d", &["a", "? cd b", "? (b) c", "(?) d"]),
        ("cd -P a; b; cd -; c; cd /d; e", &["cd -P a", "(a) b", "(a) cd -", "(?) c", "(?) cd /d", "(/d) e"]),
        ("cd $(a); b", &["a |>", "cd _", "(?) b"]),
        ("pushd a; b; popd; c", &["pushd a", "(a) b", "(a) popd", "(?) c"]),
        ("f() { cd a; }; b; f; c", &["? (?) cd a", "b", "f", "(?) c"]),
    ]);
}

#[test]
fn what_the_grammar_does_not_know_is_read_all_the_same() {
    check(&[
        ("if a; then for b in c; do d; done fi; { if e; then f; fi }", &["a", "? d", "e", "? f"]),
        ("a && `# it's b` c `# (d` e", &["a", "c e"]),
        ("echo done fi", &["echo done fi"]),
    ]);
}

#[test]
fn words_lose_their_quotes() {
    check(&[
        (r#"a "b $C"'d $e'f\ g $'h\ti' "" "#, &["a b $Cd $ef g h\ti ''"]),
        (r#"a "\$b\"\n" \$c"#, &[r#"a $b"\n $c"#]),
        ("a ${B} ${C:-d} $1 $((1+2)) `e` $(f)", &["e |>", "f |>", "a $B _ _ _ _ _"]),
        ("a *.txt b? [cd]e {f,g}/h{1..3} i{} '*' {}", &["a «*».txt b«?» «[cd]»e «{f,g}»/h«{1..3}» i{} * {}"]),
        ("A=* b ~/c", &["A=* b ~/c"]),
        ("A=1 B=$(c)", &["c |>", "A=1 B=_"]),
        ("export A=b C; unset D; a=(1 2) e+=f", &["A=b export C", "unset D", "a=_ e=_"]),
        ("[ \"$(a)\" = b ] && [[ c == d* ]]", &["a |>", "[ _ = b", "[ c == d*"]),
        ("make CC=gcc -DA=\"x y\" -p:B=c", &["make CC=gcc -DA=x y -p:B=c"]),
        ("a \\\n  b", &["a b"]),
    ]);
}

#[test]
fn heredocs_feed_their_command() {
    check(&[
        ("cat <<EOF > f | a && b\nx; $(y)\nEOF\nc", &["<| cat >f |>", "<| a", "b", "c"]),
        ("cat > f <<-'E F'\n\tx\n", &["<| cat >f"]),
        ("a <<A <<'B'; b\n1\nA\n'\nB\nc", &["<| a", "b", "c"]),
        ("cat <<EOF > /x", &["<| cat >/x"]),
        ("a <<< b; c $((1<<2)) '<<EOF'\nd", &["<| a", "c _ <<EOF", "d"]),
        ("{ a; b; } <<EOF\nx\nEOF", &["<| a", "<| b"]),
    ]);
}

#[test]
fn scripts_in_arguments_are_read() {
    check(&[
        ("sh -c 'cd a && b'; c", &["sh -c cd a && b", "cd a", "(a) b", "c"]),
        (
            "cd x && sudo bash -o pipefail -lc \"a $B | c\"",
            &["cd x", "(x) sudo bash -o pipefail -lc a $B | c", "(x) a $B |>", "(x) <| c"],
        ),
        (r#"sh -c "a \"b c\"""#, &[r#"sh -c a "b c""#, "a b c"]),
        ("su - u -c 'a'", &["su - u -c a", "(?) a"]),
        ("sh -c \"$(a)\"", &["a |>", "sh -c _", "…"]),
        ("sh a.sh -c 'b'", &["sh a.sh -c b"]),
    ]);
}

#[test]
fn what_only_running_it_would_tell_is_not_understood() {
    for (text, expected) in [
        ("a; b", true),
        ("eval \"$a\"", false),
        (". ./a.sh", false),
        (". /venv/bin/activate && . \"$HOME/.cargo/env\" && source ~/.nvm/nvm.sh", true),
        ("a && && b", false),
        ("if a; then b", false),
        ("a \"b", false),
    ] {
        assert_eq!(Script::parse(text).understood, expected, "{text}");
    }
}

#[test]
fn the_finished_commands_of_a_half_typed_script_are_there() {
    check(&[("a && b |", &["a", "b |>", "…"]), ("a b && && c", &["a b", "c", "…"])]);
}

#[test]
fn parts_know_their_places() {
    let text = "a $B; sh -c 'c d' && sh -c \"e $F\"";
    let script = Script::parse(text);
    let words: Vec<&str> = script
        .commands
        .iter()
        .flat_map(|command| &command.words)
        .map(|word| &text[word.range.clone()])
        .collect();
    assert_eq!(words, ["a", "$B", "sh", "-c", "'c d'", "c", "d", "sh", "-c", "\"e $F\"", "e", "$F"]);
    let last = script.commands.last().expect("a command");
    assert!(matches!(&last.words[1].pieces[..], [Piece::Variable(_, name)] if &text[name.clone()] == "F"));
    let words = [("sh", 2..4), ("-c", 8..10), ("a b", 14..17)];
    let script = Script::from_words(words);
    let ranges: Vec<_> = script.commands[1].words.iter().map(|word| word.range.clone()).collect();
    assert_eq!(ranges, [14..15, 16..17]);
}

#[test]
fn no_text_is_too_deep_or_too_long() {
    for text in [
        "(".repeat(100_000),
        "{ ".repeat(20_000),
        "$(".repeat(50_000),
        "a && ".repeat(40_000),
        "a | b || ".repeat(20_000),
        "[".repeat(100_000),
        "a {{{{".repeat(20_000),
        "cat <<A\n".repeat(10_000),
        "cd a;".repeat(20_000),
        "a\n".repeat(500_000),
        "sh -c '".repeat(100),
        "if a; then ".repeat(1_000),
    ] {
        let started = Instant::now();
        Script::parse(&text);
        assert!(started.elapsed() < Duration::from_secs(10), "{}", &text[..7]);
    }
}

#[test]
fn shells_are_told_by_their_program() {
    for (words, expected) in [
        (&["/bin/bash", "-o", "pipefail", "-c"][..], Dialect::Posix),
        (&["/usr/bin/env", "-S", "A=1", "sh"], Dialect::Posix),
        (&["C:\\Windows\\PowerShell.EXE"], Dialect::PowerShell),
        (&["cmd", "/S", "/C"], Dialect::Cmd),
        (&["python3"], Dialect::Other),
        (&[], Dialect::Other),
    ] {
        assert_eq!(Dialect::of(words), expected, "{words:?}");
    }
}

#[test]
fn texts_that_the_grammar_would_read_for_ever_are_given_up() {
    for piece in ["<", "<<<", "a=(", "\0", "$(", "${"] {
        let text = format!("echo a; {}", piece.repeat(60_000 / piece.len()));
        assert!(!Script::parse(&text).understood, "{piece:?}");
    }
    let long = "echo 'some text' && ".repeat(3000) + "true";
    assert_eq!(Script::parse(&long).commands.len(), 3001);
}
