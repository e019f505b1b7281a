//! Programs that make users and groups.

use super::call::Call;
use super::words::{Operand, Value, Word, words};
use super::writes::usual;
use super::{Output, OutputPath, Product, Scope, Writes};

/// A user or group that a call makes, or puts into groups.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account<'a> {
    pub kind: AccountKind,
    pub name: Value<'a>,
    /// Its number, if the call says one.
    pub id: Option<Value<'a>>,
    /// The group of a user, by name or number, if the call says one.
    pub group: Option<Value<'a>>,
    /// Further groups of a user, those with literal names.
    pub groups: Vec<&'a str>,
    /// Whether `groups` are all that this call says.
    pub groups_known: bool,
    /// The home of a user, if the call says one.
    pub home: Option<Value<'a>>,
    /// Whether it is new; `usermod -aG` and `adduser user group` are for those that are there.
    pub created: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AccountKind {
    User,
    Group,
}

const USERADD: &[&str] = &[
    "b",
    "base-dir",
    "c",
    "comment",
    "d",
    "home-dir",
    "home",
    "e",
    "expiredate",
    "f",
    "inactive",
    "g",
    "gid",
    "G",
    "groups",
    "k",
    "skel",
    "K",
    "key",
    "p",
    "password",
    "s",
    "shell",
    "u",
    "uid",
    "Z",
    "R",
    "root",
    "P",
    "prefix",
    "l",
    "login",
];
/// `adduser` of Debian and that of busybox; Debian's long flags and busybox' letters do not overlap.
const ADDUSER: &[&str] = &[
    "h",
    "g",
    "s",
    "G",
    "u",
    "k",
    "home",
    "shell",
    "uid",
    "gid",
    "ingroup",
    "gecos",
    "comment",
    "conf",
    "firstuid",
    "lastuid",
    "add_extra_groups",
];
const GROUPADD: &[&str] =
    &["g", "gid", "K", "key", "p", "password", "R", "root", "U", "users", "P", "prefix"];

/// The users and groups that a call makes or changes.
pub fn accounts<'a>(call: Call<'a>) -> Vec<Account<'a>> {
    match call.name {
        "useradd" | "usermod" => useradd(call),
        "groupadd" => groupadd(call),
        "adduser" => adduser(call),
        "addgroup" => addgroup(call),
        "gpasswd" => gpasswd(call),
        "echo" | "printf" => echoed(call),
        _ => Vec::new(),
    }
}

impl<'a> Account<'a> {
    fn new(kind: AccountKind, name: Value<'a>) -> Account<'a> {
        let (id, group, home, groups) = (None, None, None, Vec::new());
        Account { kind, name, id, group, groups, groups_known: true, home, created: true }
    }

    /// An account that is there already, and another group of it.
    fn joined(name: Value<'a>, group: Operand<'a>) -> Account<'a> {
        let mut account = Account { created: false, ..Account::new(AccountKind::User, name) };
        account.join(group);
        account
    }

    /// Takes `a,b`.
    fn join(&mut self, groups: Operand<'a>) {
        match groups.text() {
            Some(text) => self.groups.extend(text.split(',').filter(|name| !name.is_empty())),
            None => self.groups_known = false,
        }
    }
}

fn useradd<'a>(call: Call<'a>) -> Vec<Account<'a>> {
    let created = call.name == "useradd";
    let name = words(call.arguments, USERADD).filter_map(operand).last();
    let Some(name) = name else { return Vec::new() };
    let mut account = Account { created, ..Account::new(AccountKind::User, name.value()) };
    for word in words(call.arguments, USERADD) {
        match word {
            Word::Flag("u" | "uid", Some(id)) => account.id = Some(id.value()),
            Word::Flag("g" | "gid", Some(group)) => account.group = Some(group.value()),
            Word::Flag("G" | "groups", Some(groups)) => account.join(groups),
            Word::Flag("d" | "home-dir" | "home", Some(home)) => account.home = Some(home.value()),
            // `usermod -l new old`
            Word::Flag("l" | "login", Some(name)) if !created => {
                account.name = name.value();
                account.created = true;
            }
            Word::Flag(..) | Word::Operand(_) => {}
        }
    }
    vec![account]
}

fn groupadd<'a>(call: Call<'a>) -> Vec<Account<'a>> {
    let name = words(call.arguments, GROUPADD).filter_map(operand).last();
    let Some(name) = name else { return Vec::new() };
    let mut account = Account::new(AccountKind::Group, name.value());
    for word in words(call.arguments, GROUPADD) {
        if let Word::Flag("g" | "gid", Some(id)) = word {
            account.id = Some(id.value());
        }
    }
    vec![account]
}

fn adduser<'a>(call: Call<'a>) -> Vec<Account<'a>> {
    let mut names = Vec::new();
    let mut new = Account::new(AccountKind::User, Value::Text(""));
    let mut grouped = false;
    // On Red Hat and its like `adduser` is `useradd`, where `-g` is a group and `-d` has a value; on busybox `-g` is a comment,
    // and on Debian all flags are long.
    let shadow =
        words(call.arguments, &[]).any(|word| matches!(word, Word::Flag("m" | "M" | "r" | "c" | "d", _)));
    for word in words(call.arguments, if shadow { USERADD } else { ADDUSER }) {
        match word {
            Word::Flag("u" | "uid", Some(id)) => new.id = Some(id.value()),
            Word::Flag("g", Some(group)) if shadow => new.group = Some(group.value()),
            Word::Flag("G", Some(groups)) if shadow => new.join(groups),
            Word::Flag("G" | "ingroup" | "gid", Some(group)) => new.group = Some(group.value()),
            Word::Flag("h" | "home" | "d", Some(home)) => new.home = Some(home.value()),
            Word::Flag("group", None) => grouped = true,
            Word::Flag(..) => {}
            Word::Operand(name) => names.push(name),
        }
    }
    match names.as_slice() {
        // `adduser user group` puts a user that is there into a group that is there.
        [name, group] if !shadow && new.id.is_none() => vec![Account::joined(name.value(), *group)],
        [name, ..] => {
            let kind = if grouped && !call.says("--system") { AccountKind::Group } else { AccountKind::User };
            vec![Account { name: name.value(), kind, ..new }]
        }
        [] => Vec::new(),
    }
}

fn addgroup<'a>(call: Call<'a>) -> Vec<Account<'a>> {
    let names: Vec<_> = words(call.arguments, &["g", "gid", "conf"]).filter_map(operand).collect();
    let id = words(call.arguments, &["g", "gid", "conf"]).find_map(|word| match word {
        Word::Flag("g" | "gid", value) => value,
        _ => None,
    });
    match names.as_slice() {
        [user, group] => vec![Account::joined(user.value(), *group)],
        [name] => {
            vec![Account { id: id.map(Operand::value), ..Account::new(AccountKind::Group, name.value()) }]
        }
        _ => Vec::new(),
    }
}

/// `gpasswd -a user group`.
fn gpasswd<'a>(call: Call<'a>) -> Vec<Account<'a>> {
    let user = words(call.arguments, &["a", "add", "d", "delete"]).find_map(|word| match word {
        Word::Flag("a" | "add", value) => value,
        _ => None,
    });
    let group = words(call.arguments, &["a", "add", "d", "delete"]).find_map(operand);
    user.zip(group).map(|(user, group)| Account::joined(user.value(), group)).into_iter().collect()
}

/// `echo 'app:x:1000:1000::/home/app:/bin/sh' >> /etc/passwd`.
fn echoed<'a>(call: Call<'a>) -> Vec<Account<'a>> {
    let file = call.command.redirects.iter().filter(|redirect| redirect.writes).find_map(|redirect| {
        let target = Operand::from(&redirect.target);
        let name = target.file_name()?;
        // Also that of a root that is copied later: `> /rootfs/etc/passwd`.
        matches!(name, "passwd" | "group").then_some(name)
    });
    let Some(file) = file else { return Vec::new() };
    let texts = call.arguments.iter().filter_map(super::words::text);
    let lines = texts.flat_map(|text| text.split('\n').flat_map(|line| line.split("\\n")));
    lines.filter_map(|line| entry(line, file)).collect()
}

fn entry<'a>(line: &'a str, file: &str) -> Option<Account<'a>> {
    let mut fields = line.trim().split(':');
    let name = fields.next().filter(|name| !name.is_empty() && !name.contains([' ', '%']))?;
    let (_, id) = (fields.next()?, fields.next()?);
    let id = id.bytes().all(|byte| byte.is_ascii_digit()).then_some(Value::Text(id));
    if file == "group" {
        return Some(Account { id, ..Account::new(AccountKind::Group, Value::Text(name)) });
    }
    let group = fields.next().map(Value::Text);
    let home = fields.nth(1).filter(|home| home.starts_with('/')).map(Value::Text);
    Some(Account { id, group, home, ..Account::new(AccountKind::User, Value::Text(name)) })
}

fn operand<'a>(word: Word<'a>) -> Option<Operand<'a>> {
    match word {
        Word::Operand(operand) => Some(operand),
        Word::Flag(..) => None,
    }
}

/// Files of /etc, and the home of a new user.
pub(super) fn writes<'a>(call: Call<'a>) -> Writes<'a> {
    let mut outputs = vec![usual("/etc", Product::Neutral), usual("/var/mail", Product::Neutral)];
    for account in accounts(call) {
        match account.home {
            _ if account.kind == AccountKind::Group => {}
            Some(Value::Text(home)) => {
                outputs.push(Output {
                    path: OutputPath::Default(home),
                    scope: Scope::Under,
                    product: Product::Other,
                });
            }
            Some(Value::Written(home)) => outputs.push(Output::under(home, Product::Other)),
            None => outputs.push(usual("/home", Product::Other)),
        }
    }
    Writes::Only(outputs)
}
