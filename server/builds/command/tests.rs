//! What command lines build, by texts.

use std::{path::Path, sync::Arc};

use super::*;
use crate::builds::{Dockerfile, Local, Tool, files::Memory};

/// What a script in `/project/build.sh` has built.
fn read(text: &str, dialect: Dialect) -> Commands {
    let files = Memory::new(&[("a/Containerfile", "FROM scratch")]);
    let file: Arc<Path> = Arc::from(Path::new("/project/build.sh"));
    let script = Script {
        file: &file,
        text,
        place: &Some,
        range: 0..text.len(),
        dialect,
        cwd: Cwd::certain("/project".into()),
        variables: &Variables::new(),
        title: None,
    };
    commands(&script, &files)
}

/// `target[@quoting] dockerfile` of each build: the first guess's files, `?` for what is likely, `-` for what is not known.
#[track_caller]
fn check(text: &str, dialect: Dialect, expected: &[&str]) {
    let found = read(text, dialect);
    let shown: Vec<String> = found.builds.iter().map(|build| show(build, text)).collect();
    assert_eq!(shown, expected, "{text}");
}

fn show(build: &Build, text: &str) -> String {
    let target = match &build.target {
        None => "none".into(),
        Some(value) => {
            let written = value.text.as_deref().unwrap_or("-");
            let written =
                if written.is_empty() { format!("@{}", value.spot.range.start) } else { written.into() };
            let doubt = if value.certainty == Certainty::Likely { "?" } else { "" };
            if value.is_literal() && value.quoting.is_some() {
                assert_eq!(text.get(value.spot.range.clone()), value.text.as_deref());
            }
            let quoting = value.quoting.map_or("", |quoting| match quoting {
                crate::builds::Quoting::ShellSingle => "'",
                crate::builds::Quoting::ShellDouble => "\"",
                _ => "",
            });
            format!("{quoting}{written}{doubt}")
        }
    };
    let dockerfile = match &build.dockerfile {
        Dockerfile::Remote => "remote".to_owned(),
        Dockerfile::Inline(scalar, _) => format!("inline {:?}", scalar.text),
        Dockerfile::Unknown(_) => "unknown".to_owned(),
        Dockerfile::Local(local) => shown_path(local),
    };
    format!("{target} {dockerfile}")
}

fn shown_path(local: &Local) -> String {
    let doubt = if local.certainty == Certainty::Certain { "" } else { "?" };
    let files = local.guesses.first().into_iter().flatten();
    let files = files.map(|file| file.strip_prefix("/project").unwrap_or(file).display().to_string());
    let files: Vec<String> = files.filter(|file| !file.ends_with("dockerfile")).collect();
    format!("{}{doubt}", files.join("|"))
}

#[track_caller]
fn posix(text: &str, expected: &[&str]) {
    check(text, Dialect::Posix, expected);
}

#[test]
fn flags_and_contexts_in_any_order() {
    posix("docker build --target dev .", &["dev Dockerfile"]);
    posix("docker build . --target=dev -f docker/Dockerfile.x", &["dev docker/Dockerfile.x"]);
    posix("docker build -qt x -fa/D b --target 'dev'", &["'dev a/D"]);
    posix("docker build -f=a/D \"--target=dev\" b", &["\"dev a/D"]);
    posix("docker build -t --target x", &["none x/Dockerfile"]);
    posix("docker build --target a --target b .", &["b Dockerfile"]);
    posix("docker build --target a -- -x", &["a -x/Dockerfile"]);
    posix("docker build --no-cache --pull --target a sub", &["a sub/Dockerfile"]);
    posix("docker build --target t\\wo .", &["two? Dockerfile"]);
    posix("docker build --target tw\"o\" .", &["two? Dockerfile"]);
    posix("docker build -target x", &["none x/Dockerfile"]);
    posix("docker build --some-new thing --target a .", &["a Dockerfile?"]);
    assert_eq!(read("docker build --target a --target b .", Dialect::Posix).builds[0].overridden.len(), 1);
}

#[test]
fn every_program_that_builds() {
    for head in [
        "docker build",
        "docker image build",
        "docker builder b",
        "docker buildx build",
        "docker -H x buildx --builder y b",
        "docker buildx dap build",
        "buildx build",
        "/usr/bin/docker build",
        "sudo -E docker build",
        "sudo -u me docker build",
        "DOCKER_BUILDKIT=1 docker build",
        "env -i A=b docker build",
        "time docker build",
        "exec docker build",
        "if ! docker build",
        "timeout 10m docker build",
        "x=$(docker build",
        "bash -c \"docker build",
        "{ docker build",
        "foo | docker build",
        "foo && docker build",
        "foo; docker build",
    ] {
        posix(&format!("{head} --target a b"), &["a b/Dockerfile"]);
    }
    for head in ["${DOCKER:-docker} build", "$DOCKER build", "\"$CONTAINER_ENGINE\" build", "$BUILDX build"] {
        posix(&format!("{head} --target a b"), &["a b/Dockerfile?"]);
    }
    for head in [
        "retry docker build",
        "./hack/retry.sh 3 -- docker build",
        "$(E)docker build",
        "$(BIN)/docker build",
        "$(E)x/retry.sh docker buildx build",
    ] {
        check(&format!("{head} --target a b"), Dialect::Make, &["a b/Dockerfile?"]);
    }
    posix("D='docker build -f x'\n$D --target a b", &["a x?"]);
    for head in ["nerdctl -n k build", "nerdctl image build"] {
        posix(&format!("{head} --target a b"), &["a b/Dockerfile|b/Containerfile"]);
    }
    for head in ["podman build", "podman --remote build", "buildah bud", "buildah build", "podman farm build"]
    {
        let found = read(&format!("{head} --target a b"), Dialect::Posix).builds;
        assert_eq!(found[0].tool, Tool::Buildah, "{head}");
        assert_eq!(show(&found[0], &format!("{head} --target a b")), "a b/Containerfile|b/Dockerfile");
    }
    posix("/kaniko/executor --context=dir:///project/x --dockerfile D --target a", &["a D|x/D"]);
    for none in [
        "docker run --target a build",
        "docker compose build web",
        "echo docker build .",
        "ssh host docker build --target a .",
        "docker run -it docker docker build --target a .",
        "cargo build --target a",
        "$(GO) build -o x .",
        "docker compose -f x build --build-arg A=b",
        "docker builder prune",
        "# docker build .",
        "docker build",
        "docker buildx ls",
        "build --target a .",
    ] {
        posix(none, &[]);
    }
}

#[test]
fn where_the_dockerfile_is() {
    posix("docker build https://example.org/r.git", &["none remote"]);
    posix("docker build -f /x/D https://example.org/r.git", &["none /x/D"]);
    posix("docker build -f - . <<EOF\nFROM a AS b\nEOF\n", &["none inline \"FROM a AS b\\n\""]);
    posix("docker build --target b - <<'EOF' && x\nFROM $a AS b\nEOF\n", &["b inline \"FROM $a AS b\\n\""]);
    posix("docker build --target b - <<EOF\nFROM $a AS b\nEOF\n", &["b unknown"]);
    posix("docker build --target b - < x/D", &["b x/D"]);
    posix("cat D | docker build --target b -", &["b remote"]);
    posix("docker build --target b $DIR", &["b unknown"]);
    posix("docker build --target b -f D $DIR", &["b D?"]);
    posix("docker build --target b -f $F .", &["b unknown"]);
    posix("podman build --target b -f x/D", &["b x/D"]);
    posix("podman build -f x/D y", &["none x/D|y/x/D"]);
    posix("buildah bud a/Containerfile", &["none a/Containerfile"]);
    posix("buildah bud --target b", &["b Containerfile|Dockerfile"]);
    posix("docker build --target b -f - .", &["b remote"]);
}

#[test]
fn folders_are_followed() {
    posix("cd x && docker build --target a .", &["a x/Dockerfile"]);
    posix("cd x\ncd ..\ndocker build --target a y", &["a y/Dockerfile"]);
    posix("(cd x; docker build .)\ndocker build .", &["none x/Dockerfile", "none Dockerfile"]);
    posix("pushd x\ndocker build .\npopd\ndocker build .", &["none x/Dockerfile", "none Dockerfile"]);
    posix("cd $X\ndocker build .", &["none Dockerfile?"]);
    posix("if x; then cd y; fi\ndocker build .", &["none y/Dockerfile?"]);
    posix("cd \"$(dirname \"$0\")/x\" && docker build .", &["none x/Dockerfile?"]);
    posix(
        "D=$(cd \"$(dirname \"${BASH_SOURCE[0]}\")\" && pwd)\ndocker build \"$D/x\"",
        &["none x/Dockerfile?"],
    );
    posix("docker build -f \"$(git rev-parse --show-toplevel)/x/D\" .", &["none x/D?"]);
}

#[test]
fn variables_with_one_value() {
    posix("T=dev\ndocker build --target $T .", &["dev? Dockerfile"]);
    posix("export T='dev'\ndocker build --target=\"${T}\" .", &["'dev? Dockerfile"]);
    posix("docker build --target ${T:-dev} .", &["dev? Dockerfile"]);
    posix("T=${1:-dev}\ndocker build --target $T .", &["dev? Dockerfile"]);
    posix("T=$1\ndocker build --target $T .", &["- Dockerfile"]);
    posix("T=${X:-\"dev\"}\ndocker build --target $T .", &["\"dev? Dockerfile"]);
    posix("T=dev\nT=prod\ndocker build --target $T .", &["- Dockerfile"]);
    posix("T=dev; if x; then T=prod; fi\ndocker build --target $T .", &["- Dockerfile"]);
    posix("T=dev\ndocker build --target $T-x .", &["- Dockerfile"]);
    posix("T=dev docker build --target $T .", &["- Dockerfile"]);
    posix("D=x\ndocker build -f $D/Dockerfile --target a $D", &["a x/Dockerfile?"]);
    posix("docker build --target a $ARGS .", &["a Dockerfile?"]);
    posix("docker build --target ${{ matrix.t }} .", &["- Dockerfile"]);
    posix("docker build --target '{{.T}}' .", &["- Dockerfile"]);
    posix("docker build --target $[[ inputs.x ]] .", &["- Dockerfile"]);
    posix("docker build --target a* .", &["- Dockerfile"]);
}

#[test]
fn words_that_are_being_typed() {
    posix("docker build --target ", &["@22 Dockerfile?"]);
    posix("docker build --target   ", &["@24 Dockerfile?"]);
    posix("docker build --target=", &["@22 Dockerfile?"]);
    posix("docker build --target=\"\" .", &["\"@23 Dockerfile"]);
    posix("docker build --target  .", &["@22 Dockerfile?"]);
    posix("docker build --target \\\n  -f x .", &["@22 x?"]);
    posix("docker build --target \\\n  -f x .\ndocker build --target a .", &["@22 x?", "a Dockerfile"]);
    posix(
        "docker build --target \"bu\nfoo \"x\"\ndocker build --target a .",
        &["\"bu Dockerfile?", "a Dockerfile"],
    );
    posix("echo 'x\ndocker build --target a .", &["a Dockerfile"]);
    posix("docker build --target 'bu", &["'bu Dockerfile?"]);
    posix("docker build --target ${{ ma", &["- Dockerfile?"]);
    posix("docker build --target", &[]);
    posix("docker build --target $(x\ndocker build --target a .", &["- Dockerfile?", "a Dockerfile"]);
}

#[test]
fn other_dialects() {
    check("& docker build `\n  --target a `\n  .", Dialect::PowerShell, &["a Dockerfile"]);
    check("$T = \"a\"\ndocker build --target $T .", Dialect::PowerShell, &["\"a? Dockerfile"]);
    check("if (x) { docker build --target a . }", Dialect::PowerShell, &["a Dockerfile"]);
    check("docker build ^\r\n --target a .\r\nrem 'x", Dialect::Cmd, &["a Dockerfile"]);
    check("set T=a\r\ndocker build --target %T% .", Dialect::Cmd, &["a? Dockerfile"]);
    check("docker build --target $(T) --build-arg X=$$(date) .", Dialect::Make, &["- Dockerfile"]);
    check("T=a; docker build --target $${T} .", Dialect::Make, &["a? Dockerfile"]);
    check("$(DOCKER) build --target a $(ARGS) .", Dialect::Make, &["a Dockerfile?"]);
    check("docker build --target {{t}} .", Dialect::Just, &["- Dockerfile"]);
    check("$ docker build --target a .", Dialect::Console, &["a Dockerfile"]);
    check("> docker build --target a .", Dialect::Console, &["a Dockerfile"]);
    check("# docker build --target a .", Dialect::Console, &["a Dockerfile"]);
    check("docker build --target <stage> .", Dialect::Console, &[]);
    check("docker build --target [stage] .", Dialect::Console, &[]);
    check("docker build ...", Dialect::Console, &[]);
}

#[test]
fn sentences() {
    let prose = |text: &str, expected: &[&str]| check(text, Dialect::Prose, expected);
    prose("To build: docker build --target a .", &["a Dockerfile"]);
    prose("Don't forget `docker build --target a .`, it's needed", &["a Dockerfile"]);
    prose("run docker build --target <stage> .", &[]);
    prose("Running `docker build` for this image will fail", &[]);
    prose("docker build runs the build", &[]);
    prose("Use docker build --target a.", &["a Dockerfile?"]);
    prose("  >>   docker build -f D -t x .          ", &["none D"]);
    prose("docker build -t x -f D", &["none D?"]);
}

#[test]
fn arguments_contexts_and_filters() {
    let text = "docker build --build-arg A=b --build-arg \"C=d e\" --build-arg A=x --build-arg E --build-arg $F \
                --build-context k=../k --no-cache-filter a,b .";
    let build = &read(text, Dialect::Posix).builds[0];
    let args = build.args.iter().map(|arg| (arg.name.known(), arg.value.as_ref().and_then(Value::known)));
    let args: Vec<_> = args.collect();
    assert_eq!(args, [(Some("C"), Some("d e")), (Some("A"), Some("x")), (Some("E"), None)]);
    assert_eq!(build.contexts[0].key.known(), Some("k"));
    assert_eq!(build.no_cache_filter[1].spot.range.start, text.find("a,b").unwrap() + 2);
}

#[test]
fn calls_of_bake() {
    let found =
        read("A=b docker buildx bake -f x.hcl --set web.target=dev --var C=d web 'db-*'", Dialect::Posix);
    let bake = &found.bakes[0];
    assert_eq!((bake.files.len(), bake.targets.len(), bake.variables.len()), (1, 2, 2));
    assert_eq!((bake.sets[0].pattern.as_str(), bake.sets[0].key.as_str()), ("web", "target"));
    assert_eq!(bake.sets[0].value.known(), Some("dev"));
}

#[test]
fn scripts_in_words_keep_their_places() {
    posix("sh -ec 'cd x; docker build --target a .'", &["a x/Dockerfile"]);
    posix("bash -c \"T=a; docker build --target \\\"b\\\" --build-arg X=$Y .\"", &["\"b Dockerfile"]);
}

#[test]
fn any_beginning_of_a_text_is_read() {
    let text = "T=a; (cd x && bash -c \"docker build --target '$T' `x` $(y \\\"z\\\") .\") <<-'E' 2>&1 | \
                docker build -f - --target ${T:-\"é\"} . \\\n # x\n${{ é }} {a,b} ~ %x% <é> …\nE\n";
    let dialects = [
        Dialect::Posix,
        Dialect::PowerShell,
        Dialect::Cmd,
        Dialect::Make,
        Dialect::Just,
        Dialect::Console,
        Dialect::Prose,
    ];
    for dialect in dialects {
        for (at, _) in text.char_indices() {
            read(&text[..at], dialect);
            read(&text[at..], dialect);
        }
    }
}

#[test]
fn arrays_give_their_words() {
    let text = "A=(\n  --pull # x\n  --target a\n  -f \"x/D\"\n)\nA+=(--build-arg \"B=$C\")\ndocker build \"${A[@]}\" .";
    check(text, Dialect::Posix, &["a x/D?"]);
    let found = read(text, Dialect::Posix);
    assert_eq!(found.builds[0].args.len(), 1);
    check("A=(--target a)\ndocker build --target b \"${X[@]}\" .", Dialect::Posix, &["b Dockerfile?"]);
    check(
        "A=\n(cd x; docker build --target a .)\ndocker build ${A[*]} b",
        Dialect::Posix,
        &["a x/Dockerfile", "none b/Dockerfile?"],
    );
}

#[test]
fn a_loop_gives_a_target_in_each_round() {
    let text = "for t in a \"b\"; do\n  docker build --target $t .\ndone";
    check(text, Dialect::Posix, &["a? Dockerfile", "\"b? Dockerfile"]);
    let text = "declare -a T=(a b)\nfor t in \"${T[@]}\"; do docker build --target \"$t\" x; done";
    check(text, Dialect::Posix, &["a? x/Dockerfile", "b? x/Dockerfile"]);
    for unknown in [
        "for t in a $X; do",
        "for t in a; do :; done; for t in b; do",
        "for t in $(ls); do",
        "t=x; for t in a; do",
        "for t in a; do t=$t-x;",
    ] {
        check(&format!("{unknown} docker build --target $t ."), Dialect::Posix, &["- Dockerfile"]);
    }
}
