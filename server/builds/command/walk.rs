//! Goes over the commands of a script in their order, with the folder that each is called in.

use std::ops::Range;

use super::{
    BakeCall, Cwd, Script, call, dockerfile, excerpt::Excerpt, heads, heads::Program, variables::Scope,
};
use crate::builds::{
    Build, Files, Tool,
    files::join,
    words::{self, Command, Dialect, Item, Kind, Word},
};

/// Scripts that are an argument of a command of a script of …: deeper ones are not read.
const MAX_DEPTH: usize = 4;

/// Longer paths are not followed, in bytes.
const MAX_PATH: usize = 1024;

/// A script goes into so many folders; afterwards nothing is followed.
const MAX_CHANGES: usize = 1000;

/// Folders that are tried.
const MAX_GUESSES: usize = 4;

/// A sentence has its command near its beginning.
const MAX_WORDS_OF_PROSE: usize = 100;

/// What is found on the way.
pub struct Walk {
    pub builds: Vec<Build>,
    pub bakes: Vec<BakeCall>,
    pub cwd: Cwd,
    /// Those of the subshells around.
    around: Vec<Cwd>,
    /// Those that `popd` goes back to.
    pushed: Vec<Cwd>,
    /// How many conditions and loops are open.
    blocks: usize,
    /// How often the folder has changed.
    changes: usize,
}

impl Walk {
    pub fn new(cwd: Cwd) -> Walk {
        Walk {
            builds: Vec::new(),
            bakes: Vec::new(),
            cwd,
            around: Vec::new(),
            pushed: Vec::new(),
            blocks: 0,
            changes: 0,
        }
    }

    /// All commands of a script.
    pub fn script(&mut self, script: &Script, files: &dyn Files, outer: Option<&Scope>, depth: usize) {
        let items = words::read(script.text, script.dialect, script.place);
        let scope = Scope::new(script, &items, files, outer);
        for item in &items {
            match item {
                Item::Open => self.around.push(self.cwd.clone()),
                Item::Close => self.cwd = self.around.pop().unwrap_or_else(|| script.cwd.clone()),
                Item::Command(command) => self.command(&scope, command, files, depth),
            }
        }
    }

    pub fn command(&mut self, scope: &Scope, command: &Command, files: &dyn Files, depth: usize) {
        let dialect = scope.script.dialect;
        if dialect == Dialect::Prose {
            return self.sentence(scope, command, files);
        }
        self.count_blocks(command);
        let (at, _) = heads::prefix(&command.words, dialect);
        let Some(first) = command.words.get(at).map(Word::known) else { return };
        let arguments = &command.words[at + 1..];
        match first.as_str() {
            "cd" | "chdir" | "Set-Location" => self.change(scope, arguments),
            "pushd" | "Push-Location" => {
                self.pushed.push(self.cwd.clone());
                self.change(scope, arguments);
            }
            "popd" | "Pop-Location" => match self.pushed.pop() {
                Some(cwd) => self.cwd = cwd,
                None => self.cwd.doubt("it is not known where popd goes"),
            },
            shell if is_shell(shell) => self.inner(scope, arguments, files, depth),
            _ => {
                self.call(scope, command, files);
            }
        }
    }

    fn count_blocks(&mut self, command: &Command) {
        match command.words.first().map(Word::known).as_deref() {
            Some("if" | "for" | "while" | "until" | "case" | "{") => self.blocks += 1,
            Some("fi" | "done" | "esac" | "}") => self.blocks = self.blocks.saturating_sub(1),
            _ => {}
        }
    }

    /// Commands somewhere in a sentence: the first one.
    fn sentence(&mut self, scope: &Scope, command: &Command, files: &dyn Files) {
        for at in 0..command.words.len().min(MAX_WORDS_OF_PROSE) {
            let word = command.words[at].start();
            if word == "cd" && at == 0 {
                return self.change(scope, &command.words[1..]);
            }
            let names = ["docker", "podman", "buildah", "nerdctl", "buildx", "executor"];
            if !names.iter().any(|name| word.ends_with(name)) {
                continue;
            }
            let rest = Command { words: command.words[at..].to_vec(), input: command.input.clone() };
            if self.call(scope, &rest, files) {
                return;
            }
        }
    }

    /// Adds what a command builds; whether it is one that builds.
    fn call(&mut self, scope: &Scope, command: &Command, files: &dyn Files) -> bool {
        let script = scope.script;
        let Some(head) = heads::head(&command.words, script.dialect, &|word| scope.program(word)) else {
            return false;
        };
        let title = match (script.title, script.file.file_name()) {
            (Some(title), _) => title.to_owned(),
            (None, Some(name)) => format!("{} in {}", head.name, name.to_string_lossy()),
            (None, None) => head.name.clone(),
        };
        if head.program == Program::Bake {
            self.bakes.extend(call::bake(scope, &head, command, &self.cwd, title));
            return true;
        }
        let Some(call) = call::call(scope, &head, command) else { return true };
        let dockerfile = dockerfile::dockerfile(&call, &self.cwd, script, files);
        let build = Build {
            tool: match call.program {
                Program::Docker | Program::Nerdctl | Program::Bake => Tool::BuildKit,
                Program::Podman | Program::Buildah => Tool::Buildah,
                Program::Kaniko => Tool::Kaniko,
            },
            title,
            declared: call.declared,
            dockerfile,
            target: call.target,
            overridden: call.overridden,
            no_cache_filter: call.no_cache_filter,
            args: call.args,
            contexts: call.contexts,
        };
        let others = call.rounds.into_iter().map(|target| Build { target: Some(target), ..build.clone() });
        let others: Vec<Build> = others.collect();
        self.builds.push(build);
        self.builds.extend(others);
        true
    }

    /// `cd` and its kin.
    fn change(&mut self, scope: &Scope, arguments: &[Word]) {
        let is_flag = |word: &&Word| {
            let text = word.known();
            (text.starts_with('-') && text.len() > 1) || text == "/d"
        };
        let path = arguments.iter().find(|word| !is_flag(word)).map(|word| scope.path(word));
        let Some(path) =
            path.as_ref().and_then(|value| value.known().filter(|path| *path != "-").zip(Some(value)))
        else {
            return self.cwd.doubt("it is not known where cd goes");
        };
        let (text, value) = path;
        let is_long = self.cwd.guesses.iter().any(|guess| guess.as_os_str().len() + text.len() > MAX_PATH);
        self.changes += 1;
        if is_long || self.changes > MAX_CHANGES {
            return self.cwd.doubt("the folder changes too often");
        }
        let before = self.cwd.guesses.clone();
        for guess in &mut self.cwd.guesses {
            *guess = join(guess, text);
        }
        // Who explains often goes into a fresh copy of the repository, which is where the text stands.
        if matches!(scope.script.dialect, Dialect::Console | Dialect::Prose) {
            self.cwd.guesses.extend(before);
            self.cwd.guesses.truncate(MAX_GUESSES);
        }
        let mut seen = std::collections::BTreeSet::new();
        self.cwd.guesses.retain(|guess| seen.insert(guess.clone()));
        if value.quoting.is_none() {
            self.cwd.doubt("variables are part of the folder");
        }
        if self.blocks > 0 {
            self.cwd.doubt("the folder changes on a condition");
        }
    }

    /// The script of `sh -c "…"`.
    fn inner(&mut self, scope: &Scope, arguments: &[Word], files: &dyn Files, depth: usize) {
        let flag = arguments.iter().position(|word| {
            let text = word.known();
            matches!(text.as_str(), "/c" | "/C" | "-Command" | "-command")
                || (text.starts_with('-') && !text.starts_with("--") && text.ends_with('c'))
        });
        let Some(word) = flag.and_then(|at| arguments.get(at + 1)).filter(|_| depth < MAX_DEPTH) else {
            return;
        };
        let excerpt = rendered(word, scope.script.dialect);
        if !super::may_build(&excerpt.text) {
            return;
        }
        let place = |part: Range<usize>| excerpt.place(part);
        let script = Script {
            text: &excerpt.text,
            place: &place,
            range: word.spot(scope.script.file, &scope.script.range).range,
            cwd: self.cwd.clone(),
            ..scope.script.clone()
        };
        let around = std::mem::take(&mut self.around);
        let cwd = self.cwd.clone();
        self.script(&script, files, Some(scope), depth + 1);
        (self.around, self.cwd) = (around, cwd);
    }
}

fn is_shell(name: &str) -> bool {
    let name = name.rsplit(['/', '\\']).next().unwrap_or(name);
    ["sh", "bash", "zsh", "dash", "ash", "ksh", "su", "pwsh", "powershell", "cmd", "cmd.exe"].contains(&name)
}

/// The text of a word that is a script, with its places. Variables stay variables in it.
fn rendered(word: &Word, dialect: Dialect) -> Excerpt {
    let mut all = Excerpt::default();
    for part in &word.parts {
        match &part.kind {
            Kind::Plain(_) => match part.place.clone().filter(|place| place.len() == part.text.len()) {
                Some(place) => all.push(&part.text, place.start),
                None => all.push_foreign(&part.text),
            },
            Kind::Escaped => all.push_foreign(&part.text),
            Kind::Variable { name, is_outer: true, .. } if dialect != Dialect::Make => {
                all.push_foreign(&format!("{{{{{name}}}}}"));
            }
            Kind::Variable { name, is_outer: true, .. } => all.push_foreign(&format!("$({name})")),
            Kind::Variable { name, .. } if dialect == Dialect::Make => {
                all.push_foreign(&format!("$${{{name}}}"));
            }
            Kind::Variable { name, .. } if dialect == Dialect::Cmd => all.push_foreign(&format!("%{name}%")),
            Kind::Variable { name, .. } => all.push_foreign(&format!("${{{name}}}")),
            Kind::Pattern => all.push_foreign("*"),
            Kind::Placeholder | Kind::Unknown(_) => all.push_foreign("$0"),
        }
    }
    all
}
