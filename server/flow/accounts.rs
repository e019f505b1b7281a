//! Which users and groups a stage has.

use std::sync::Arc;

use super::{Fact, Origin, Root, RootKind, Scope, StageFlow};
pub use crate::tools::AccountKind;
use crate::tools::{Action, Call, packages};

/// The accounts that the instructions of one stage make.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Accounts {
    pub(super) made: Vec<Account>,
    /// System packages that are installed, by the instruction that does so: many bring an account.
    pub(super) packages: Vec<(usize, Arc<str>)>,
    /// The first instruction (by its number in the stage) behind which there may be any account: something brought its own
    /// `/etc/passwd`, or did what nobody can read.
    pub(super) open: Option<usize>,
}

/// A user or group that a command makes, or changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    pub kind: AccountKind,
    pub name: Arc<str>,
    /// Its number, if the command says one.
    pub id: Option<Arc<str>>,
    /// All groups of a user that the command names, by name or number.
    pub groups: Vec<Arc<str>>,
    /// Whether the command names no others.
    pub groups_known: bool,
    /// The home of a user, if the command says one.
    pub home: Option<Arc<str>>,
    /// Whether it is new.
    pub created: bool,
    pub origin: Origin,
}

/// Most accounts, and most packages, of one stage. With more there may be any account.
const MOST: usize = 200;

/// Files that list accounts.
const LISTS: [&str; 2] = ["/etc/passwd", "/etc/group"];

impl Accounts {
    /// Takes note of an account.
    pub(super) fn make(&mut self, account: Account) {
        match self.made.len() < MOST {
            true => self.made.push(account),
            false => self.open(account.origin.instruction),
        }
    }

    /// From this instruction on there may be any account.
    pub(super) fn open(&mut self, instruction: usize) {
        self.open.get_or_insert(instruction);
    }

    /// Takes note of what a command installs.
    pub(super) fn install(&mut self, call: Call<'_>, instruction: usize) {
        let Some(found) = packages(call).filter(|found| found.action == Action::Install) else { return };
        if !found.complete {
            self.open(instruction);
        }
        for package in found.packages {
            match self.packages.len() < MOST {
                true => self.packages.push((instruction, package.name.into())),
                false => self.open(instruction),
            }
        }
    }

    /// Takes note of what an instruction other than a RUN brings. `single`: it brings single files, none of them a list.
    pub(super) fn bring(&mut self, facts: &[Fact], single: bool, instruction: usize) {
        let lists = |fact: &Fact| LISTS.iter().any(|list| fact.touches(list));
        let is_beside = |fact: &Fact| single && fact.scope == Scope::Under && !LISTS.contains(&&*fact.path);
        if facts.iter().any(|fact| lists(fact) && !is_beside(fact)) {
            self.open(instruction);
        }
    }

    /// Takes note of where a command writes that makes no account and installs nothing.
    pub(super) fn write(&mut self, path: &str, scope: Scope, instruction: usize) {
        let is_above = scope == Scope::Under && matches!(path, "/" | "/etc");
        if is_above || LISTS.contains(&path) {
            self.open(instruction);
        }
    }
}

impl StageFlow {
    /// The accounts that its own commands make or change, in file order.
    pub fn own_accounts(&self) -> &[Account] {
        &self.accounts.made
    }

    /// The accounts that commands of this stage and those that it builds on make or change; the latest first.
    pub fn accounts(&self) -> impl Iterator<Item = &Account> {
        self.chain().flat_map(|stage| stage.accounts.made.iter().rev())
    }

    /// Whether an account of that name is there before an instruction (by its number in the stage); `None` where nobody can
    /// tell, and for numbers, which need no account.
    pub fn has_account(&self, kind: AccountKind, name: &str, before: usize) -> Option<bool> {
        if name.is_empty() || name.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let mut before = before;
        let mut open = false;
        for stage in self.chain() {
            let accounts = &stage.accounts;
            let is_it = |account: &&Account| {
                // A new user comes with a group of its name, as a rule.
                (account.kind == kind || kind == AccountKind::Group)
                    && *account.name == *name
                    && account.origin.instruction < before
            };
            if accounts.made.iter().any(|account| is_it(&account)) {
                return Some(true);
            }
            open |= accounts.open.is_some_and(|from| from < before);
            let mut packages = accounts.packages.iter().filter(|(from, _)| *from < before);
            open |= packages.any(|(_, package)| may_bring(package, name));
            before = usize::MAX;
        }
        match has(self.root(), kind, name) {
            Some(true) => Some(true),
            _ if open => None,
            other => other,
        }
    }
}

/// Whether the image that a stage stands on has an account.
fn has(root: &Root, kind: AccountKind, name: &str) -> Option<bool> {
    let facts = match &root.kind {
        RootKind::Scratch => return root.certain.then_some(false),
        RootKind::Image(_, Some(facts)) => facts,
        RootKind::Image(_, None) | RootKind::Unknown => return None,
    };
    let (listed, may_have) = match kind {
        AccountKind::User => (&facts.users, facts.has_user(name)),
        AccountKind::Group => (&facts.groups, facts.has_group(name)),
    };
    match listed.iter().any(|other| other == name) {
        true => Some(true),
        false => (root.certain && !may_have).then_some(false),
    }
}

/// Whether a system package may come with an account of that name: `postgresql-16` with `postgres`, `tor` with `debian-tor`.
fn may_bring(package: &str, account: &str) -> bool {
    let end = package.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(package.len());
    let stem = &package[..end];
    package.contains(account) || (stem.len() > 2 && account.contains(stem))
}
