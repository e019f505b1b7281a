//! What builds of the workspace give a Dockerfile: arguments, and what FROM lines come to with them.

use std::collections::HashMap;

use crate::{
    document::Document,
    outside::{Asked, User, titles},
    stages::{
        Globals, Reference,
        expand::{Expanded, expand},
        globals::WithDefaults,
    },
    syntax::Arguments,
};

/// A value with the builds that give it; `None` for one that nobody can know.
pub type Given<'d> = (Option<String>, Vec<&'d User>);

/// Most builds whose arguments are looked at.
const BUILDS: usize = 50;
/// Most values that a text lists.
const VALUES: usize = 5;

/// The values that builds give an argument, in the order of the builds. None for one that the call itself gives.
pub fn values<'d>(doc: &'d Document, arg: &str) -> Vec<Given<'d>> {
    if doc.options().build_args.contains_key(arg) {
        return Vec::new();
    }
    let users = &doc.outside().users;
    group(users.iter().filter_map(|user| Some((user.args.get(arg)?.clone(), user))))
}

/// The global arguments as the builds see them that give some.
#[derive(Debug)]
pub struct Builds<'d> {
    builds: Vec<(&'d User, Globals)>,
    /// Whether these are all builds that there are.
    all: bool,
}

impl<'d> Builds<'d> {
    pub fn of(doc: &'d Document) -> Builds<'d> {
        let users = &doc.outside().users;
        let declared = &doc.stages().globals().args;
        let gives = |user: &&User| {
            !user.args.is_empty() && declared.iter().any(|arg| user.args.contains_key(&arg.name))
        };
        let giving = users.iter().filter(gives).take(BUILDS);
        let builds: Vec<_> = giving.map(|user| (user, globals(doc, user))).collect();
        let all = builds.len() == users.len();
        Builds { builds, all }
    }

    /// What a FROM with variables is in them.
    pub fn bases(&self, doc: &Document, reference: &Reference) -> Vec<Given<'d>> {
        if self.builds.is_empty() || reference.variable.is_none() {
            return Vec::new();
        }
        let opening = &doc.syntax().instructions()[reference.instruction].instruction;
        let Arguments::From(from) = &opening.arguments else { return Vec::new() };
        let Some(word) = &from.base else { return Vec::new() };
        let base = |globals: &Globals| {
            let value = expand(word.text(), doc.syntax().escape(), &|part| part, &WithDefaults(globals));
            value.ok()?.text().filter(|text| !text.is_empty())
        };
        group(self.builds.iter().map(|(user, globals)| (base(globals), *user)))
    }

    /// What a FROM with variables is in all builds that there are, if that is one and the same.
    pub fn only_base(&self, doc: &Document, reference: &Reference) -> Option<Given<'d>> {
        let mut bases = self.bases(doc, reference);
        (self.all && bases.len() == 1).then(|| bases.remove(0)).filter(|(base, _)| base.is_some())
    }
}

/// `` `1.22` in compose service `web` ``, for each of the first values.
pub fn lines(given: &[Given<'_>]) -> Vec<String> {
    let line = |(value, users): &Given<'_>| {
        let value = value.as_ref().map_or("a value that is only known there".to_owned(), |value| code(value));
        format!("{value} in {}", titles(users.iter().copied()))
    };
    let mut lines: Vec<String> = given.iter().take(VALUES).map(line).collect();
    if given.len() > VALUES {
        lines.push(format!("and {} more", given.len() - VALUES));
    }
    lines
}

/// Longest value that is shown, in characters.
const LONG: usize = 200;

/// A value as Markdown shows it: in a code span, on one line, cut short.
pub fn code(text: &str) -> String {
    let mut shown: String = text.chars().take(LONG).map(|c| if c.is_control() { ' ' } else { c }).collect();
    if text.chars().nth(LONG).is_some() {
        shown.push('…');
    }
    // A code span ends at as many backticks as it began with.
    if shown.contains('`') { format!("`` {shown} ``") } else { format!("`{shown}`") }
}

/// The global arguments of a build, under those that the call itself gives.
fn globals(doc: &Document, user: &User) -> Globals {
    let options = doc.options();
    let given = |name: &str| match (options.build_args.get(name), user.args.get(name)) {
        (Some(value), _) | (None, Some(Some(value))) => Some(Expanded::known(value, None)),
        (None, Some(None)) => Some(Expanded::any()),
        (None, None) => None,
    };
    let stage = doc.stages().asked(&user.target);
    let name = stage.and_then(|stage| doc.stages().all()[stage].name.as_ref());
    let target = match (&user.target, name) {
        (Asked::Named(name), _) if !name.is_empty() => name.clone(),
        (_, Some(name)) => name.text.to_lowercase(),
        (_, None) => "default".to_owned(),
    };
    Globals::with_arguments(doc.syntax(), &given, &target)
}

fn group<'d>(values: impl Iterator<Item = (Option<String>, &'d User)>) -> Vec<Given<'d>> {
    let mut at: HashMap<Option<String>, usize> = HashMap::new();
    let mut found: Vec<Given<'d>> = Vec::new();
    for (value, user) in values {
        let index = *at.entry(value).or_insert_with_key(|value| {
            found.push((value.clone(), Vec::new()));
            found.len() - 1
        });
        found[index].1.push(user);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{Fixture, user};

    #[test]
    fn a_base_is_what_each_build_makes_of_it() {
        let users = [
            user("a").arg("V", "2"),
            user("b").arg("V", "2").arg("OTHER", "x"),
            user("c").arg("W", "9"),
            user("d"),
        ];
        let fixture = Fixture::new("ARG V=1\nARG W=$V-x\nFROM a:$W\n").with_users(users);
        let builds = Builds::of(&fixture.doc);
        let reference = &fixture.doc.stages().references()[0];
        let bases = builds.bases(&fixture.doc, reference);
        assert_eq!(lines(&bases), ["`a:2-x` in a, b", "`a:9` in c"]);
        assert_eq!(builds.only_base(&fixture.doc, reference), None);
    }

    #[test]
    fn a_value_that_nobody_knows_makes_no_base() {
        let mut secret = user("a");
        secret.args.insert("V".into(), None);
        let fixture = Fixture::new("ARG V=1\nFROM a:$V\n").with_users([secret]);
        let bases = Builds::of(&fixture.doc).bases(&fixture.doc, &fixture.doc.stages().references()[0]);
        assert_eq!(lines(&bases), ["a value that is only known there in a"]);
    }
}
