//! How each stage comes to be built, for hovers and code lenses.

use std::collections::HashMap;

use crate::{
    builds::Certainty,
    document::Document,
    outside::{Asked, User},
};

/// How a stage comes to be built.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Built {
    /// It is what a build without a target produces.
    Default,
    /// Such a build needs it.
    ByDefault,
    /// A variable base can mean it, or one that needs it.
    ByArguments,
    /// Only builds of another stage need it, of this one (by its index), say.
    For(usize),
    /// Only a build that names it builds it.
    ByTarget,
    /// No build can: it has no name that would mean it, and nothing that is built needs it.
    Never,
}

/// What is known of the builds of all stages.
#[derive(Debug)]
pub struct Builds<'a> {
    /// By stage.
    all: Vec<Built>,
    users: HashMap<usize, Vec<&'a User>>,
}

impl<'a> Builds<'a> {
    pub fn of(doc: &'a Document) -> Builds<'a> {
        let stages = doc.stages();
        let users = doc.users_by_stage();
        let Some(last) = stages.all().len().checked_sub(1) else { return Builds { all: Vec::new(), users } };
        let by_default = stages.built_for(last);
        let mut targeted: Vec<usize> = users.keys().copied().collect();
        // A stage is mostly needed by one below it: that one is to be found first.
        targeted.sort_unstable_by(|a, b| b.cmp(a));
        let chosen = stages.references().iter().filter_map(|reference| reference.variable.as_ref());
        let chosen = stages.needed_by(chosen.flat_map(|variable| variable.candidates.iter().copied()));
        let is_named = |index: &usize| target_name(doc, *index).is_some();
        let named: Vec<usize> = (0..=last).rev().filter(is_named).collect();
        let by_users = stages.needed_by(targeted);
        let by_name = stages.needed_by(named.iter().copied());
        let built = |index: usize| match (by_users[index], by_name[index]) {
            _ if index == last => Built::Default,
            _ if by_default[index] => Built::ByDefault,
            (Some(user), _) if user != index => Built::For(user),
            (Some(_), _) => Built::ByTarget,
            _ if chosen[index].is_some() => Built::ByArguments,
            (None, Some(name)) if name != index => Built::For(name),
            (None, Some(_)) => Built::ByTarget,
            (None, None) => Built::Never,
        };
        Builds { all: (0..=last).map(built).collect(), users }
    }

    /// How a stage comes to be built.
    pub fn built(&self, stage: usize) -> Built {
        self.all[stage]
    }

    /// The builds of the workspace that ask for a stage, and then those that perhaps do.
    pub fn users(&self, stage: usize) -> (Vec<&'a User>, Vec<&'a User>) {
        let users = self.users.get(&stage).map(Vec::as_slice).unwrap_or_default();
        users.iter().partition(|user| user.certainty != Certainty::Unknown)
    }
}

/// The name under which `--target` builds a stage; `None` if it has none, or a later stage has it.
pub fn target_name(doc: &Document, stage: usize) -> Option<&str> {
    let name = &doc.stages().all()[stage].name.as_ref()?.text;
    let meant = doc.stages().asked(&Asked::Named(name.clone()));
    (meant == Some(stage) && !name.is_empty()).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{Fixture, user};

    fn built(text: &str, users: Vec<User>) -> Vec<Built> {
        let fixture = Fixture::new(text).with_users(users);
        let builds = Builds::of(&fixture.doc);
        (0..fixture.doc.stages().all().len()).map(|stage| builds.built(stage)).collect()
    }

    #[test]
    fn each_stage_is_built_in_one_way() {
        let text = "
            FROM a
            FROM a AS deps
            FROM a AS lint
            COPY --from=deps /a /a
            FROM a AS base
            FROM a
            FROM base AS run
        ";
        use Built::*;
        assert_eq!(built(text, vec![]), [Never, For(2), ByTarget, ByDefault, Never, Default]);
        let users = vec![user("x").target("deps")];
        assert_eq!(built(text, users), [Never, ByTarget, ByTarget, ByDefault, Never, Default]);
        assert_eq!(built("ARG A=1\n", vec![user("x")]), []);
    }

    #[test]
    fn an_unnamed_stage_is_built_for_those_that_need_it() {
        use Built::*;
        assert_eq!(
            built("FROM a\nFROM b AS x\nCOPY --from=0 /a /a\nFROM c\n", vec![]),
            [For(1), ByTarget, Default]
        );
        // Of equal names the last counts.
        assert_eq!(built("FROM a AS x\nFROM b AS X\nFROM c\n", vec![]), [Never, ByTarget, Default]);
    }

    #[test]
    fn a_variable_may_have_a_stage_built() {
        use Built::*;
        let text = "ARG V=a\nFROM i AS tool\nFROM i AS base-a\nFROM tool AS base-b\nFROM base-$V\n";
        assert_eq!(built(text, vec![]), [ByArguments, ByDefault, ByArguments, Default]);
    }
}
