//! What workflows and actions build, by texts.

use super::*;
use crate::builds::{Certainty, Dockerfile, Quoting, Role, Value, files::Memory};

const PATH: &str = ".github/workflows/ci.yml";

fn found(path: &str, text: &str) -> Found {
    let bake =
        "target \"web\" {\n  dockerfile = \"web.Dockerfile\"\n  target = \"a\"\n}\ntarget \"api\" {}\n";
    let files = Memory::new(&[(path, text), ("docker-bake.hcl", bake)]);
    builds(&Path::new("/project").join(path), &files)
}

/// `title: role target[?] dockerfile[?] line` of each mention; `?` for what is only likely, `-` for what nobody knows.
fn shown(path: &str, text: &str) -> Vec<String> {
    let mark = |certainty: Certainty| match certainty {
        Certainty::Certain => "",
        Certainty::Likely => "?",
        Certainty::Unknown => "-",
    };
    let mut all = Vec::new();
    for build in found(path, text).builds {
        let dockerfile = match &build.dockerfile {
            Dockerfile::Local(local) => {
                let path = local.guesses[0][0].strip_prefix("/project").unwrap_or(&local.guesses[0][0]);
                format!("{}{}", path.display(), mark(local.certainty))
            }
            Dockerfile::Inline(..) => "inline".to_owned(),
            Dockerfile::Remote => "remote".to_owned(),
            Dockerfile::Unknown(_) => "unknown".to_owned(),
        };
        for (role, value) in build.mentions() {
            let at = &text[value.spot.range.clone()];
            let line = text[..value.spot.range.start].matches('\n').count();
            if value.is_literal() {
                assert_eq!(value.text.as_deref(), Some(at));
            }
            let role = match role {
                Role::Target => "",
                Role::NoCacheFilter => "filter ",
                Role::Context => "context ",
            };
            let name = value.text.as_deref().unwrap_or("");
            all.push(format!("{role}{name}{} {dockerfile} {line}", mark(value.certainty)));
        }
    }
    all
}

/// A job with these steps, each a text of lines, and other lines of the job.
fn job(lines: &str, steps: &[&str]) -> String {
    let indented =
        |text: &str, by: &str| text.lines().map(|line| format!("{by}{line}\n")).collect::<String>();
    let steps: String =
        steps.iter().map(|step| indented(step, "        ").replacen("        ", "      - ", 1)).collect();
    format!("on:\n  push:\njobs:\n  build:\n{}    steps:\n{steps}", indented(lines, "    "))
}

fn step(inputs: &str) -> String {
    format!(
        "uses: docker/build-push-action@v6\nwith:\n{}",
        inputs.lines().map(|line| format!("  {line}\n")).collect::<String>()
    )
}

#[track_caller]
fn check(text: &str, expected: &[&str]) {
    assert_eq!(shown(PATH, text), expected, "{text}");
}

#[track_caller]
fn check_step(inputs: &str, expected: &str) {
    let text = job("", &[&step(inputs)]);
    let all = shown(PATH, &text);
    let all: Vec<&str> = all.iter().map(|it| it.rsplit_once(' ').unwrap().0).collect();
    assert_eq!(all, [expected], "{text}");
}

#[test]
fn paths_start_from_the_repository() {
    check_step("target: a", "a Dockerfile");
    check_step("Target: '  a '\nContext: .", "a Dockerfile");
    check_step("target: a\ncontext: ./app", "a app/Dockerfile");
    check_step("target: a\ncontext: app\nfile: docker/x", "a docker/x");
    check_step("target: a\nfile: docker/x", "a docker/x");
    check_step("target: a\ncontext: '{{defaultContext}}:sub'\nfile: x", "a sub/x");
    check_step("target: a\ncontext: '{{defaultContext}}:sub'", "a sub/Dockerfile");
    check_step("target: a\ncontext: https://example.org/r.git", "a remote");
    check_step("target: a\ncontext: ${{ github.workspace }}/x", "a x/Dockerfile?");
    check_step("target: a\nfile: ${{ steps.x.outputs.y }}", "a unknown");
    check_step("target: ${{ steps.x.outputs.y }}", "- Dockerfile");
}

#[test]
fn lists_name_stages_and_contexts() {
    let inputs = "target: a\nno-cache-filters: |\n  b, c\n  d\nbuild-contexts: |\n  e=../x\n  # f=y\nbuild-args: |\n  X=1\n  \
                  \"Y=a,b\"\n  Z\n  ${{ inputs.more }}";
    let text = job("", &[&step(inputs)]);
    check(
        &text,
        &[
            "a Dockerfile 7",
            "filter b Dockerfile 9",
            "filter c Dockerfile 9",
            "filter d Dockerfile 10",
            "context e Dockerfile 12",
        ],
    );
    let build = &found(PATH, &text).builds[0];
    let args: Vec<(Option<&str>, Option<&str>)> = build
        .args
        .iter()
        .map(|arg| (arg.name.text.as_deref(), arg.value.as_ref().and_then(|value| value.text.as_deref())))
        .collect();
    assert_eq!(args, [(Some("X"), Some("1")), (Some("Y"), Some("a,b")), (Some("Z"), None)]);
}

#[test]
fn rows_of_a_matrix_stay_together() {
    let lines =
        "strategy:\n  matrix:\n    include:\n      - {target: a, image: x}\n      - {target: b, image: y}";
    let step = step("target: ${{ matrix.target }}\nfile: ./images/${{ matrix.image }}/Dockerfile");
    check(&job(lines, &[&step]), &["a? images/x/Dockerfile? 7", "b? images/y/Dockerfile? 8"]);
    let lines = "strategy:\n  matrix:\n    images:\n      - name: \"a\"\n      - name: 'b'\n    os: [x, y]";
    let step = self::step("target: ${{ matrix.images.name }}");
    let text = job(lines, &[&step]);
    check(&text, &["a? Dockerfile 7", "b? Dockerfile 8"]);
    let builds = found(PATH, &text).builds;
    let quoting: Vec<_> = builds.iter().map(|build| build.target.as_ref().unwrap().quoting).collect();
    assert_eq!(quoting, [Some(Quoting::Double), Some(Quoting::YamlSingle)]);
}

#[test]
fn what_a_row_does_not_have_is_empty() {
    let lines = "strategy:\n  matrix:\n    include:\n      - {target: a}\n      - {x: y}";
    let step = step("target: ${{ matrix.target }}");
    check(&job(lines, &[&step]), &["a? Dockerfile 7", "? Dockerfile 12"]);
    let step = self::step("target: ${{ matrix.target || 'b' }}");
    check(&job(lines, &[&step]), &["a? Dockerfile 7", "b? Dockerfile 12"]);
    let dynamic = "strategy:\n  matrix: ${{ fromJson(x) }}";
    check(&job(dynamic, &[&step]), &["- Dockerfile 9"]);
}

#[test]
fn inputs_and_env_lead_to_their_literals() {
    let text = "on:\n  workflow_call:\n    inputs:\n      target: {type: string, default: 'a'}\n      open: {type: \
                string}\nenv:\n  T: b\njobs:\n  x:\n    env:\n      U: ${{ env.T }}\n    steps:\n      - uses: \
                docker/build-push-action@v6\n        with: {target: '${{ inputs.target }}'}\n      - uses: \
                docker/build-push-action@v6\n        with: {target: '${{ env.U }}'}\n      - uses: \
                docker/build-push-action@v6\n        with: {target: '${{ inputs.open }}'}\n";
    check(text, &["a? Dockerfile 3", "b? Dockerfile 6", "- Dockerfile 17"]);
}

#[test]
fn scripts_run_in_their_folder_and_shell() {
    let lines = "defaults:\n  run:\n    working-directory: sub";
    let steps = [
        "run: docker build --target a .",
        "run: |\n  cd x\n  docker build --target b .",
        "working-directory: other\nrun: docker build --target c .",
        "shell: python\nrun: docker build --target no .",
        "shell: pwsh\nrun: |\n  docker build `\n    --target d .",
        "env: {T: e}\nrun: docker build --target $T .",
    ];
    check(
        &job(lines, &steps),
        &[
            "a sub/Dockerfile 8",
            "b sub/x/Dockerfile 11",
            "c other/Dockerfile 13",
            "d sub/Dockerfile 19",
            "e? sub/Dockerfile 20",
        ],
    );
    let windows = job("runs-on: windows-latest", &["run: |\n  docker build `\n    --target a ."]);
    check(&windows, &["a Dockerfile 8"]);
}

#[test]
fn scripts_have_the_values_of_a_row() {
    let lines = "strategy: {matrix: {t: [a, b]}}";
    let text = job(
        lines,
        &[
            "run: docker build --target ${{ matrix.t }} -f ${{ matrix.t }}.Dockerfile .",
            "run: docker build --target c .",
        ],
    );
    let all = shown(PATH, &text);
    assert_eq!(all.iter().filter(|it| it.starts_with("c ")).count(), 1, "{all:?}");
    assert!(all.iter().any(|it| it.starts_with("a? ") && it.ends_with(" 4")), "{all:?}");
    assert!(all.iter().any(|it| it.starts_with("b? ") && it.ends_with(" 4")), "{all:?}");
}

#[test]
fn a_checkout_in_a_folder_makes_it_less_sure() {
    let checkout = "uses: actions/checkout@v4\nwith:\n  path: src";
    let step = step("target: a\ncontext: src/app");
    check(&job("", &[checkout, &step]), &["a app/Dockerfile? 10"]);
    let foreign = "uses: actions/checkout@v4\nwith:\n  repository: other/repo";
    check(&job("", &[foreign, &step]), &["a src/app/Dockerfile? 10"]);
    let plain = "uses: actions/checkout@v4";
    check(&job("", &[plain, &step]), &["a src/app/Dockerfile 8"]);
}

#[test]
fn targets_of_other_things_are_no_stages() {
    for uses in [
        "docker/bake-action/subaction/matrix@v6\nwith: {target: a, files: x}",
        "dtolnay/rust-toolchain@stable\nwith: {target: x86_64}",
        "PyO3/maturin-action@v1\nwith: {target: aarch64, path: x}",
        "docker://alpine\nwith: {target: a, context: .}",
        "docker/bake-action@v6\nwith: {targets: a}",
    ] {
        check(&job("", &[&format!("uses: {uses}")]), &[]);
    }
    check("jobs:\n  a:\n    uses: x/y/.github/workflows/z.yml@v1\n    with: {target: a, context: .}\n", &[]);
    let likely = job("", &["uses: depot/build-push-action@v1\nwith: {target: a, context: app}"]);
    check(&likely, &["a app/Dockerfile? 6"]);
}

#[test]
fn bake_can_be_given_another_stage() {
    let action =
        "uses: docker/bake-action@v6\nwith:\n  source: .\n  set: |\n    web.target=b\n    *.args.x=y";
    check(&job("", &[action]), &["b web.Dockerfile? 9"]);
    let run = job("", &["run: docker buildx bake --set web.target=c web"]);
    check(&run, &["c web.Dockerfile? 5"]);
    let unknown = job("", &["run: docker buildx bake --set nope.target=c web"]);
    check(&unknown, &["c unknown 5"]);
}

#[test]
fn composite_actions_have_steps_too() {
    let text = "inputs:\n  target: {default: a}\nruns:\n  using: composite\n  steps:\n    - uses: \
                docker/build-push-action@v6\n      with:\n        target: ${{ inputs.target }}\n    - run: docker build \
                --target b .\n      shell: bash\n";
    assert_eq!(shown("action.yml", text), ["a? Dockerfile? 1", "b Dockerfile? 8"]);
    assert_eq!(shown(".github/actions/x/action.yml", text), ["a? Dockerfile 1", "b Dockerfile 8"]);
    let own = found("action.yml", "runs:\n  using: docker\n  image: Dockerfile\n");
    assert_eq!(own.builds[0].candidates().next(), Some(&PathBuf::from("/project/Dockerfile")));
}

#[test]
fn titles_are_names_with_their_values() {
    let text = job(
        "strategy: {matrix: {t: [a]}}",
        &[
            &format!("name: Build ${{{{ matrix.t }}}}\n{}", step("target: x")),
            &format!("id: i\n{}", step("target: y")),
            &step("target: z"),
            "run: |\n\n  docker build --target w .",
        ],
    );
    let builds = found(PATH, &text).builds;
    let titles: Vec<&str> = builds.iter().map(|build| build.title.as_str()).collect();
    assert_eq!(
        titles,
        [
            "step `Build a` of ci.yml",
            "step `i` of ci.yml",
            "step `docker/build-push-action` of ci.yml",
            "step `docker build --target` of ci.yml",
        ]
    );
}

#[test]
fn a_target_that_is_being_typed_is_there() {
    for (line, typed) in
        [("target:", ""), ("target: ", ""), ("target: \"", ""), ("target: \"bu", "bu"), ("target: bu", "bu")]
    {
        let text = job("", &[&step(&format!("context: app\n{line}\nplatforms: x")), &step("target: next")]);
        let found = found(PATH, &text);
        let value: &Value = found.builds[0].target.as_ref().unwrap();
        assert_eq!(value.text.as_deref(), Some(typed), "{line}");
        assert_eq!(&text[value.spot.range.clone()], typed, "{line}");
        assert!(value.is_literal());
        let at = text.find("  target:").unwrap() + "  target:".len();
        assert!((at..=at + 2).contains(&value.spot.range.start), "{line}");
        assert_eq!(found.builds.len(), 2, "{line}");
    }
    let text = job("", &["run: docker build . --target \nname: x", &step("target: next")]);
    let found = found(PATH, &text);
    let value = found.builds[0].target.as_ref().unwrap();
    let at = text.find("--target ").unwrap() + "--target ".len();
    assert_eq!((value.text.as_deref(), value.spot.range.clone()), (Some(""), at..at));
    let open = job("", &[&step("target: ${{ ma"), &step("target: next")]);
    check(&open, &["- Dockerfile 7", "next Dockerfile 10"]);
}
