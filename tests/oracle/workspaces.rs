//! Real projects: every place outside of their Dockerfiles that names a stage.

use std::{
    collections::{BTreeMap, BTreeSet},
    env, fs,
    ops::Range,
    path::{Path, PathBuf},
    sync::Arc,
};

use dockerfile_ls::{
    builds::{Certainty, Role, kinds::MAX_SIZE},
    document::Document,
    features::{
        self,
        outside::rename::{Left, rename},
    },
    rules::{Finding, Severity, check, check_source},
    settings::Settings,
    text::{Edit, Text},
    workspace::{
        Workspace,
        disk::{self, MAX_DOCKERFILE},
        mentions::{Home, Mention},
    },
};

use crate::{rename::apply, shared};

/// The projects, each in a folder of its own, sorted.
fn projects() -> Vec<PathBuf> {
    let Some(shared) = shared::folder() else { return Vec::new() };
    let Ok(entries) = fs::read_dir(shared.join("corpus/workspaces")) else {
        eprintln!("skipped: there is no ../shared/corpus/workspaces beside the project");
        return Vec::new();
    };
    let mut all: Vec<PathBuf> = entries.map(|entry| entry.expect("it is readable").path()).collect();
    all.retain(|path| path.is_dir());
    all.sort();
    all.into_iter().map(|path| path.canonicalize().expect("it is there")).collect()
}

fn scan(folder: &Path) -> Workspace {
    Workspace::scan(vec![folder.to_owned()], 2, &|| false)
}

fn title(project: &Path) -> String {
    project.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// A mention as a reader of the table finds it: file, line, name.
fn place(workspace: &Workspace, mention: &Mention) -> String {
    let text = disk::read(&mention.spot.file, MAX_DOCKERFILE).unwrap_or_default();
    let line = text[..mention.spot.range.start.min(text.len())].matches('\n').count() + 1;
    let name = mention.name.as_deref().unwrap_or("?");
    format!("{}:{line} {name}", workspace.title(&mention.spot.file))
}

/// What the rules say of all files that say what is built.
fn source_findings(workspace: &Workspace) -> Vec<(PathBuf, Finding)> {
    let mut all = Vec::new();
    for file in workspace.sources() {
        let text = Text::new(&disk::read(&file, MAX_SIZE).expect("it was read before"));
        let found = check_source(workspace, &file, &text, &Arc::new(Settings::default()));
        all.extend(found.into_iter().map(|finding| (file.to_path_buf(), finding)));
    }
    all
}

/// Places found, those that mean a stage, those of them that are certain, and likely.
type Counts = [usize; 4];

/// What there is in each project, as somebody counted who read the files. A project that is not listed has nothing.
const EXPECTED: [(&str, Counts); 18] = [
    // Called from another workflow, with a target that only the caller knows.
    ("argoproj+argo-cd", [1, 0, 0, 0]),
    ("crazy-max+diun", [15, 15, 14, 1]),
    ("crazy-max+docker-rtorrent-rutorrent", [1, 1, 1, 0]),
    ("dagger+dagger", [3, 3, 3, 0]),
    ("docker+cli", [14, 14, 14, 0]),
    ("docker+docker-language-server", [3, 3, 3, 0]),
    ("ethereum-optimism+optimism", [20, 20, 20, 0]),
    // The Dockerfile comes from a matrix that a job makes, and so do both in the next.
    ("huggingface+text-embeddings-inference", [1, 0, 0, 0]),
    ("huggingface+text-generation-inference", [1, 0, 0, 0]),
    ("linkerd+linkerd2", [1, 1, 0, 1]),
    ("moby+moby", [8, 8, 8, 0]),
    ("nickjj+docker-rails-example", [2, 2, 2, 0]),
    ("ollama+ollama", [27, 27, 1, 26]),
    ("paradigmxyz+reth", [2, 2, 2, 0]),
    // Both are put together from a matrix: `"${tgt}-base"`.
    ("renovatebot+base-image", [2, 2, 0, 2]),
    ("super-linter+super-linter", [24, 24, 0, 24]),
    ("tamasfe+taplo", [3, 3, 3, 0]),
    ("tonistiigi+binfmt", [9, 9, 9, 0]),
];

#[test]
fn every_literal_target_is_found_and_means_a_stage() {
    let (mut wrong, mut total, mut reasons) = (Vec::new(), [0; 4], Vec::new());
    println!(
        "{:44} {:>5} {:>8} {:>7} {:>6} {:>7}",
        "project", "found", "resolved", "certain", "likely", "unknown"
    );
    let projects = projects();
    for project in &projects {
        let (workspace, title) = (scan(project), title(project));
        let mentions = workspace.mentions();
        let count = |wanted: &dyn Fn(&Mention) -> bool| mentions.iter().filter(|&it| wanted(it)).count();
        let counts: Counts = [
            mentions.len(),
            count(&|it| it.stage.is_some()),
            count(&|it| it.certainty == Certainty::Certain),
            count(&|it| it.certainty == Certainty::Likely),
        ];
        let [found, resolved, certain, likely] = counts;
        println!(
            "{title:44} {found:>5} {resolved:>8} {certain:>7} {likely:>6} {:>7}",
            found - certain - likely
        );
        for (sum, count) in total.iter_mut().zip(counts) {
            *sum += count;
        }
        for mention in mentions.iter().filter(|mention| mention.stage.is_none()) {
            reasons.push(format!("{title} {}: {}", place(&workspace, mention), mention.why));
            if mention.certainty == Certainty::Certain {
                wrong.push(format!("{title} {}: no stage", place(&workspace, mention)));
            }
        }
        let expected = EXPECTED.iter().find(|(name, _)| *name == title).map_or([0; 4], |(_, counts)| *counts);
        if counts != expected {
            wrong.push(format!("{title}: {counts:?}, not {expected:?}"));
        }
        for (file, finding) in source_findings(&workspace) {
            let file = workspace.title(&file);
            println!("    {file}: {}: {}", finding.code, finding.message);
            if finding.severity == Severity::Error {
                wrong.push(format!("{title} {file}: {}", finding.message));
            }
        }
    }
    println!("{:44} {:>5} {:>8} {:>7} {:>6}", "all", total[0], total[1], total[2], total[3]);
    println!("not resolved:\n  {}", reasons.join("\n  "));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(projects.is_empty() || total == [137, 134, 80, 54], "{total:?}");
}

/// A copy of a project that may be changed; removed at the end.
struct Sandbox(PathBuf);

impl Sandbox {
    fn of(project: &Path) -> Sandbox {
        let folder =
            env::temp_dir().join(format!("dockerfile-ls-ws-{}-{}", std::process::id(), title(project)));
        copy(project, &folder);
        Sandbox(folder.canonicalize().expect("it was just made"))
    }

    /// The bytes of all files.
    fn texts(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        let mut all = BTreeMap::new();
        let mut folders = vec![self.0.clone()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).expect("it is readable") {
                let path = entry.expect("it is readable").path();
                match path.is_dir() {
                    true => folders.push(path),
                    false => drop(all.insert(path.clone(), fs::read(&path).expect("it is readable"))),
                }
            }
        }
        all
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("the temporary folder takes another");
    for entry in fs::read_dir(from).expect("it is readable") {
        let path = entry.expect("it is readable").path();
        let target = to.join(path.file_name().expect("it has a name"));
        match path.is_dir() {
            true => copy(&path, &target),
            false => drop(fs::copy(&path, &target).expect("it can be copied")),
        }
    }
}

/// A mention without its place.
#[derive(Debug, PartialEq, Clone)]
struct Fact {
    file: PathBuf,
    role: Role,
    name: Option<String>,
    home: Home,
    stage: Option<usize>,
    certainty: Certainty,
}

fn facts(workspace: &Workspace) -> Vec<Fact> {
    let fact = |mention: Mention| Fact {
        file: mention.spot.file.to_path_buf(),
        role: mention.role,
        name: mention.name,
        home: match mention.dockerfile {
            // Its place changes with the texts above it.
            Home::Inline(file, _) => Home::Inline(file, 0),
            other => other,
        },
        stage: mention.stage,
        certainty: mention.certainty,
    };
    workspace.mentions().into_iter().map(fact).collect()
}

/// Renames a stage on the disk, in its Dockerfile and everywhere else. What can't be changed comes back.
fn rename_on_disk(
    workspace: &Workspace,
    dockerfile: &Path,
    stage: usize,
    name: &str,
) -> Result<Vec<Left>, String> {
    let text = disk::read(dockerfile, MAX_DOCKERFILE).map_err(|error| error.to_string())?;
    let doc = Document::open(&text, 0).with_outside(Arc::new(workspace.outside(dockerfile)));
    let at = doc.stages().selection(stage).start;
    let inside = features::rename::rename(&doc, at, name).map_err(|error| error.to_string())?;
    let outside = rename(workspace, dockerfile, stage, name);
    let mut files: BTreeMap<PathBuf, Vec<Edit>> = BTreeMap::new();
    files.entry(dockerfile.to_owned()).or_default().extend(inside);
    for edit in outside.edits {
        files.entry(edit.file).or_default().push(edit.edit);
    }
    for (file, mut edits) in files {
        edits.sort_by_key(|edit| edit.range.start);
        if edits.windows(2).any(|pair| pair[0].range.end > pair[1].range.start) {
            return Err(format!("edits of {} overlap: {edits:?}", file.display()));
        }
        let text = fs::read_to_string(&file).map_err(|error| error.to_string())?;
        fs::write(&file, apply(&text, &edits)).map_err(|error| error.to_string())?;
    }
    Ok(outside.left)
}

#[test]
fn renamed_stages_are_followed_everywhere_and_back() {
    let (mut wrong, mut stages, mut followed, mut left) = (Vec::new(), 0, 0, BTreeSet::new());
    for project in projects() {
        let title = title(&project);
        let sandbox = Sandbox::of(&project);
        let workspace = scan(&sandbox.0);
        let targeted: BTreeSet<(PathBuf, usize)> = workspace
            .mentions()
            .into_iter()
            .filter_map(|mention| match (mention.dockerfile, mention.stage) {
                (Home::File(path), Some(stage)) => Some((path, stage)),
                _ => None,
            })
            .collect();
        let (before, texts) = (facts(&workspace), sandbox.texts());
        for (dockerfile, stage) in targeted {
            let old = workspace.dockerfile(&dockerfile).and_then(|it| it.stages[stage].name.clone());
            let Some(old) = old else { continue };
            let what = format!("{title} {} {old}", workspace.title(&dockerfile));
            stages += 1;
            // Where a FROM finds the stage by a pattern, the new name has to fit it.
            let fitting = format!("fresh-{}", old.rsplit('-').next().unwrap_or_default());
            let renamed = |new| rename_on_disk(&workspace, &dockerfile, stage, new).map(|kept| (new, kept));
            let (new, kept) = match renamed("fresh-name-1").or_else(|_| renamed(&fitting)) {
                Ok(done) => done,
                Err(error) => {
                    wrong.push(format!("{what}: {error}"));
                    continue;
                }
            };
            for left_over in &kept {
                let text = fs::read_to_string(&left_over.file).unwrap_or_default();
                let line = text[..left_over.offset].matches('\n').count() + 1;
                left.insert(format!(
                    "{what}: {}:{line} ({})",
                    workspace.title(&left_over.file),
                    left_over.why
                ));
            }
            let after_workspace = scan(&sandbox.0);
            let after = facts(&after_workspace);
            // What can't be edited keeps its name, and has no stage then.
            let mut lost = 0;
            let same = before.len() == after.len()
                && before.iter().zip(&after).all(|(before, after)| {
                    let is_meant = before.home.path() == Some(&*dockerfile) && before.stage == Some(stage);
                    let mut expected = before.clone();
                    if is_meant {
                        expected.name = Some(new.into());
                    }
                    followed += usize::from(is_meant && expected == *after);
                    if is_meant && before.name == after.name && after.stage.is_none() {
                        lost += 1;
                        return true;
                    }
                    expected == *after
                });
            if !same || lost != kept.len() {
                wrong.push(format!("{what}: {lost} of {} left\n{}", kept.len(), difference(&before, &after)));
            }
            match rename_on_disk(&after_workspace, &dockerfile, stage, &old) {
                Ok(_) if sandbox.texts() == texts => {}
                Ok(_) => wrong.push(format!("{what}: the way back leads elsewhere")),
                Err(error) => wrong.push(format!("{what}: there is no way back: {error}")),
            }
            for (path, bytes) in &texts {
                fs::write(path, bytes).expect("it can be written");
            }
        }
    }
    println!("{stages} stages renamed, {followed} places followed, {} left:", left.len());
    left.iter().for_each(|left| println!("  {left}"));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn difference(before: &[Fact], after: &[Fact]) -> String {
    let show = |facts: &[Fact], others: &[Fact]| {
        let only: Vec<_> = facts.iter().filter(|fact| !others.contains(fact)).collect();
        format!("{only:#?}")
    };
    format!("before: {}\nafter: {}", show(before, after), show(after, before))
}

#[test]
fn no_stage_that_something_targets_is_called_unused() {
    const UNUSED: [&str; 3] = ["stage-outside-default-build", "dead-unnamed-stage", "test-stage-skipped"];
    let (mut wrong, mut targeted, mut silenced) = (Vec::new(), 0, 0);
    for project in projects() {
        let workspace = scan(&project);
        let mut stages: BTreeMap<PathBuf, BTreeSet<usize>> = BTreeMap::new();
        for mention in workspace.mentions().into_iter().filter(|it| it.role == Role::Target) {
            if let (Home::File(path), Some(stage)) = (mention.dockerfile, mention.stage) {
                stages.entry(path).or_default().insert(stage);
            }
        }
        for (path, stages) in stages {
            targeted += stages.len();
            let text = disk::read(&path, MAX_DOCKERFILE).expect("it was read before");
            let alone = Document::open(&text, 0);
            let unused = |doc: &Document| -> Vec<Finding> {
                let mut found = check(doc);
                // That its tests run only with a target is worth a hint.
                let is_hint = |it: &Finding| it.code == "test-stage-skipped" && it.severity == Severity::Hint;
                found.retain(|it| UNUSED.contains(&it.code) && !is_hint(it));
                found.retain(|it| {
                    stages.iter().any(|&stage| doc.stages().all()[stage].range.contains(&it.range.start))
                });
                found
            };
            silenced += unused(&alone).len();
            let doc = alone.with_outside(Arc::new(workspace.outside(&path)));
            for finding in unused(&doc) {
                wrong.push(format!("{} {}: {}", title(&project), workspace.title(&path), finding.message));
            }
        }
    }
    println!(
        "{targeted} stages are targeted; {silenced} findings that one has of a Dockerfile alone are none"
    );
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Whether a slip may come from either name: one letter more or less, or another one.
fn is_near(slip: &str, name: &str) -> bool {
    let (slip, name): (Vec<char>, Vec<char>) = (slip.chars().collect(), name.chars().collect());
    let start = slip.iter().zip(&name).take_while(|(a, b)| a == b).count();
    let (slip, name) = (&slip[start..], &name[start..]);
    let rest = |of: &[char]| of.iter().skip(1).copied().collect::<Vec<_>>();
    rest(slip) == rest(name) || rest(slip) == name || slip == rest(name)
}

/// A name with a slip of the pen.
fn slips(name: &str) -> Vec<String> {
    let last = name.chars().next_back().map_or(0, char::len_utf8);
    let middle = name.len() / 2;
    let mut all = vec![name[..name.len() - last].to_owned()];
    if name.is_ascii() && name.len() > 2 {
        all.push(format!(
            "{}{}{}",
            &name[..middle],
            if &name[middle..=middle] == "q" { "w" } else { "q" },
            &name[middle + 1..]
        ));
    }
    all
}

#[test]
fn a_slip_in_any_certain_target_is_found_and_put_right() {
    let (mut wrong, mut places, mut slipped, mut right) = (Vec::new(), 0, 0, 0);
    for project in projects() {
        let mut workspace = scan(&project);
        for mention in workspace.mentions() {
            let (Some(name), Some(stage)) = (&mention.name, mention.stage) else { continue };
            let is_sure = mention.certainty == Certainty::Certain && mention.role == Role::Target;
            if !is_sure || mention.quoting.is_none() {
                continue;
            }
            places += 1;
            let what = format!("{} {}", title(&project), place(&workspace, &mention));
            let stage = mention
                .dockerfile
                .path()
                .and_then(|path| workspace.dockerfile(path)?.stages[stage].name.clone());
            let file = mention.spot.file.to_path_buf();
            let text = disk::read(&file, MAX_SIZE).expect("it was read before");
            let Range { start, end } = mention.spot.range;
            for slip in slips(name) {
                let dockerfile =
                    mention.dockerfile.path().and_then(|path| workspace.dockerfile(path)).cloned();
                if slip.is_empty() || dockerfile.as_ref().is_some_and(|it| it.target(&slip).is_some()) {
                    continue;
                }
                slipped += 1;
                let changed = format!("{}{slip}{}", &text[..start], &text[end..]);
                workspace.set_open(&file, changed.as_str().into(), &[]);
                let found =
                    check_source(&workspace, &file, &Text::new(&changed), &Arc::new(Settings::default()));
                let found: Vec<_> = found.iter().filter(|it| it.code == "target-not-found").collect();
                // Another stage may well have a name that is as near.
                let names: Vec<String> =
                    dockerfile.iter().flat_map(|it| it.names()).map(|(_, name)| name.to_owned()).collect();
                let hints: Vec<String> = names
                    .iter()
                    .filter(|name| is_near(&slip, name))
                    .map(|name| format!("did you mean \"{name}\""))
                    .collect();
                match found[..] {
                    [one] if one.range == (start..start + slip.len()) => {
                        right += usize::from(
                            stage.as_deref().is_some_and(|it| one.message.contains(&format!("\"{it}\"?"))),
                        );
                        if !hints.iter().any(|hint| one.message.contains(hint)) {
                            wrong.push(format!("{what}: {}", one.message));
                        }
                    }
                    _ => wrong.push(format!("{what} as {slip}: {found:?}")),
                }
            }
            workspace.set_closed(&file);
        }
    }
    println!(
        "{slipped} slips in {places} places; for {right} the stage of before is suggested, else one as near"
    );
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
