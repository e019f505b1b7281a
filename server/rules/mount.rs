//! The options of a `RUN --mount`, as BuildKit reads them (instructions/commands_runmount.go, `parseMount`), and what is
//! wrong with them.

use std::ops::Range;

use super::{
    context::Context,
    near::nearest,
    values::number::{is_bool, is_size, unsigned},
};
use crate::{
    language::mounts::{
        self,
        MountType::{self, Bind, Cache, Secret, Ssh, Tmpfs},
        SHARING, TYPES, option_names,
    },
    syntax::{Flag, Keyword, Word, csv},
};

/// One thing that is wrong. Ranges are in bytes from the start of the instruction.
#[derive(Debug)]
pub struct Fault {
    pub range: Range<usize>,
    pub message: String,
    /// What to write in its place.
    pub instead: Option<String>,
    /// Whether the file can't be parsed with it. Everything else is found when the instruction is built.
    pub always: bool,
}

/// What an option says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Setting {
    #[default]
    Absent,
    /// With the place of the whole option, in bytes from the start of the instruction.
    Known(String, Range<usize>),
    /// It depends on variables.
    Unknown(Range<usize>),
}

/// A mount; of an option that is given twice, the last.
#[derive(Debug)]
pub struct Mount {
    /// `None` if it depends on variables, or is wrong.
    pub kind: Option<MountType>,
    pub target: Setting,
    pub faults: Vec<Fault>,
    source: Setting,
    id: Setting,
    from: Setting,
    sharing: Setting,
    /// `mode`, `uid` and `gid`.
    file: Vec<(&'static str, Range<usize>)>,
}

/// A `--mount` of a RUN.
#[derive(Debug)]
pub struct MountFlag {
    /// As index into [`Syntax::instructions`](crate::syntax::Syntax::instructions).
    pub instruction: usize,
    /// The whole flag, in bytes from the start of the instruction.
    pub range: Range<usize>,
    pub mount: Mount,
}

/// Reads all of a file.
pub fn all(context: &Context<'_>) -> Vec<MountFlag> {
    let mut all = Vec::new();
    for (index, placed) in context.with(&[Keyword::Run]) {
        let instruction = placed.instruction.effective();
        for flag in instruction.flags.iter().filter(|flag| flag.name.text() == "mount") {
            let mount = read(context, index, flag);
            let range = flag.range.clone();
            all.extend(mount.map(|mount| MountFlag { instruction: index, range, mount }));
        }
    }
    all
}

/// Reads a `--mount` of an instruction (index); `None` while it has no `=`.
fn read(context: &Context<'_>, index: usize, flag: &Flag) -> Option<Mount> {
    let value = flag.value.as_ref()?;
    let mut mount = Mount {
        kind: Some(Bind),
        target: Setting::Absent,
        faults: Vec::new(),
        source: Setting::Absent,
        id: Setting::Absent,
        from: Setting::Absent,
        sharing: Setting::Absent,
        file: Vec::new(),
    };
    if value.text().is_empty() {
        mount.fault(flag.range.clone(), "--mount needs options: type=…,target=…").always = true;
        return Some(mount);
    }
    let fields = match csv::fields(value) {
        Ok(fields) => fields,
        Err(quote) => {
            let message = "A quote stands around a whole option, from comma to comma";
            mount.fault(value.source(quote), message).always = true;
            return Some(mount);
        }
    };
    let mut type_range = None;
    for (at, field) in fields.iter().enumerate() {
        if field.text().is_empty() {
            mount.empty_field(value, field, at + 1 == fields.len());
            continue;
        }
        let (key, option) = match field.text().find('=') {
            Some(equals) => (equals, Some(field.part(equals + 1..field.text().len()))),
            None => (field.text().len(), None),
        };
        let key_word = field.part(0..key);
        let key = key_word.text().to_lowercase();
        if key == "type" {
            type_range = Some(field.range());
        }
        match option {
            _ if mounts::option(&key).is_none() => mount.unknown_key(field, &key_word, &key),
            None => mount.without_value(field, &key),
            Some(option) => {
                let value = context.value(index, &option);
                mount.set(field, &option, &key, value.as_deref());
            }
        }
    }
    mount.check(type_range.unwrap_or(flag.range.clone()));
    Some(mount)
}

impl Mount {
    /// Whether it says whose it is (`uid`, `gid`, `mode`), or starts as a copy of something.
    pub fn says_owner(&self) -> bool {
        !self.file.is_empty() || self.from != Setting::Absent
    }

    fn fault(&mut self, range: Range<usize>, message: impl Into<String>) -> &mut Fault {
        self.faults.push(Fault { range, message: message.into(), instead: None, always: false });
        self.faults.last_mut().expect("one was just added")
    }

    fn empty_field(&mut self, value: &Word, field: &Word, last: bool) {
        let at = value.text_offset(field.range().start);
        let comma = if last { at.saturating_sub(1)..at } else { at..at + 1 };
        let is_comma = value.text().get(comma.clone()) == Some(",");
        let range = if is_comma { value.source(comma) } else { value.range() };
        self.fault(range, "An option is missing beside the comma").instead = is_comma.then(String::new);
    }

    fn unknown_key(&mut self, field: &Word, key_word: &Word, key: &str) {
        let near = nearest(key, &option_names());
        let mut message = format!("A mount has no option \"{key}\"");
        if let Some(near) = near {
            message += &format!(". Did you mean \"{near}\"?");
        }
        let is_key = !key.is_empty();
        let range = if is_key { key_word.range() } else { field.range() };
        self.fault(range, message).instead = near.filter(|_| is_key).map(str::to_owned);
    }

    fn without_value(&mut self, field: &Word, key: &str) {
        if key == "required" {
            self.required(field);
        } else if !mounts::option(key).is_some_and(|option| option.alone) {
            self.fault(field.range(), format!("\"{key}\" needs a value: {key}=…"));
        }
    }

    /// Counts for the type that the options before it give.
    fn required(&mut self, field: &Word) {
        if !matches!(self.kind, None | Some(Secret | Ssh)) {
            self.fault(field.range(), "\"required\" is for secret and ssh mounts, behind their type");
        }
    }

    /// `value`: what the option has when it is built, if that is certain.
    fn set(&mut self, field: &Word, option: &Word, key: &str, value: Option<&str>) {
        let setting = match value {
            Some(value) => Setting::Known(value.to_owned(), field.range()),
            None => Setting::Unknown(field.range()),
        };
        // An empty value stands nowhere: then the whole option is meant.
        let range = if option.text().is_empty() { field.range() } else { option.range() };
        match key {
            "type" => {
                let found = value.map(|value| {
                    let lower = value.to_lowercase();
                    TYPES.iter().find(|(_, entry)| entry.name == lower).map(|(kind, _)| *kind)
                });
                self.kind = found.flatten();
                if let (Some(value), Some(None)) = (value, found) {
                    let names = TYPES.map(|(_, entry)| entry.name);
                    self.one_of(range, "type of mount", value, &names);
                }
            }
            "sharing" => {
                self.sharing = setting;
                if let Some(value) =
                    value.filter(|value| !SHARING.iter().any(|(name, _)| name.eq_ignore_ascii_case(value)))
                {
                    self.sharing = Setting::Absent;
                    self.one_of(range, "way of sharing", value, &SHARING.map(|(name, _)| name));
                }
            }
            "from" => self.from = setting,
            "source" | "src" => self.source = setting,
            "target" | "dst" | "destination" => self.target = setting,
            "id" => self.id = setting,
            "required" => {
                self.required(field);
                self.truth(range, value);
            }
            "readonly" | "ro" | "readwrite" | "rw" => self.truth(range, value),
            "size" => match (self.kind, value) {
                (None, _) => {}
                (Some(Tmpfs), Some(value)) if !is_size(value) => {
                    self.fault(range, format!("\"{value}\" is no size like 512m or 1g"));
                }
                (Some(Tmpfs), _) => {}
                _ => drop(self.fault(field.range(), "\"size\" is for tmpfs mounts, behind their type")),
            },
            "mode" => self.number(field, "mode", value, 8, range),
            "uid" => self.number(field, "uid", value, 10, range),
            "gid" => self.number(field, "gid", value, 10, range),
            _ => {}
        }
    }

    fn one_of(&mut self, range: Range<usize>, what: &str, value: &str, names: &[&str]) {
        let shown = names.join(", ");
        self.fault(range, format!("\"{value}\" is no {what}: there are {shown}")).instead =
            nearest(value, names).map(str::to_owned);
    }

    fn truth(&mut self, range: Range<usize>, value: Option<&str>) {
        if let Some(value) = value.filter(|value| !is_bool(value)) {
            self.fault(range, format!("\"{value}\" is neither true nor false"));
        }
    }

    fn number(&mut self, field: &Word, key: &'static str, value: Option<&str>, radix: u32, at: Range<usize>) {
        match value.filter(|value| unsigned(value, radix).is_none()) {
            Some(value) if radix == 8 => {
                self.fault(at, format!("\"{value}\" is no mode: only digits from 0 to 7 are"));
            }
            Some(value) => drop(self.fault(at, format!("\"{value}\" is no {key}: only numbers are"))),
            None => self.file.push((key, field.range())),
        }
    }

    /// What options may not stand together (`parseMount` at its end; dockerfile2llb/convert_ssh.go). `mount`: what to mark
    /// if something is missing.
    fn check(&mut self, mount: Range<usize>) {
        let Some(kind) = self.kind else { return };
        let name = TYPES.iter().find(|(other, _)| *other == kind).map_or("", |(_, entry)| entry.name);
        if matches!(kind, Bind | Tmpfs) {
            for (key, range) in std::mem::take(&mut self.file) {
                self.fault(range, format!("\"{key}\" is for cache, secret and ssh mounts, not for {name}"));
            }
        }
        if let (Setting::Known(_, range) | Setting::Unknown(range), true) = (&self.sharing, kind != Cache) {
            let range = range.clone();
            self.fault(range, format!("\"sharing\" is for cache mounts, not for {name}"));
        }
        let given = |setting: &Setting| match setting {
            Setting::Known(text, range) if !text.is_empty() => Some(range.clone()),
            _ => None,
        };
        let source = given(&self.source);
        if kind == Ssh
            && let Some(range) = source
        {
            self.fault(range, "An ssh mount has no source; \"id\" names the socket");
            return;
        }
        if kind != Secret {
            return;
        }
        if let Some(range) = given(&self.from) {
            self.fault(range, "A secret mount has no \"from\": secrets come from outside of the build");
        }
        let is_empty = |setting: &Setting| match setting {
            Setting::Absent => true,
            Setting::Known(text, _) => text.is_empty(),
            Setting::Unknown(_) => false,
        };
        // What else is wrong may be the one that was meant.
        if self.faults.is_empty() && is_empty(&self.source) && is_empty(&self.target) && is_empty(&self.id) {
            self.fault(mount, "A secret mount needs an \"id\", a \"source\" or a \"target\"");
        } else if let (Some(source), Some(id)) = (source, given(&self.id)) {
            let later = if source.start > id.start { source } else { id };
            self.fault(later, "A secret mount has an \"id\" or a \"source\", not both");
        }
    }
}
