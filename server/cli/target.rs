//! A `--target` that no stage has, in words that help.

use crate::{
    document::Document,
    stages::{Target, names},
};

/// What is wrong with the target that was asked for; `None` if nothing is.
pub fn complaint(doc: &Document) -> Option<String> {
    let Target::NotFound(asked) = doc.stages().target() else { return None };
    let stages = doc.stages().all();
    let mut message = format!("no stage is called `{asked}`");
    if let Some(stage) = names::stage_number(asked)
        .and_then(|number| usize::try_from(number).ok())
        .and_then(|number| stages.get(number))
    {
        message += " (a target cannot be a number";
        match &stage.name {
            Some(name) => message += &format!("; stage {asked} is called `{}`)", name.text),
            None => message += &format!("; stage {asked} has no name)"),
        }
        return Some(message);
    }
    let names = stages.iter().filter_map(|stage| Some(stage.name.as_ref()?.text.as_str()));
    if let Some(name) = nearest(asked, names) {
        message += &format!(" (did you mean `{name}`?)");
    }
    Some(message)
}

/// The one of `names` that someone who wrote `asked` most likely meant.
pub fn nearest<'a>(asked: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let nearest = names.map(|name| (distance(&asked.to_lowercase(), &name.to_lowercase()), name)).min();
    // A third of it mistyped is still a slip; more is another word.
    let (_, name) = nearest.filter(|(distance, name)| *distance <= (name.chars().count() / 3).max(1))?;
    Some(name)
}

/// How many characters to insert, leave out, replace or swap with their neighbour until `a` is `b`.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let (mut older, mut above): (Vec<usize>, Vec<usize>) = (Vec::new(), (0..=b.len()).collect());
    let mut before = None;
    for (row, c) in a.chars().enumerate() {
        let mut line = vec![row + 1];
        for (column, &d) in b.iter().enumerate() {
            let mut best =
                (above[column] + usize::from(c != d)).min(above[column + 1] + 1).min(line[column] + 1);
            if column > 0 && before == Some(d) && b[column - 1] == c {
                best = best.min(older[column - 1] + 1);
            }
            line.push(best);
        }
        older = std::mem::replace(&mut above, line);
        before = Some(c);
    }
    above[b.len()]
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::stages::BuildOptions;

    fn check(target: &str, expected: Option<&str>) {
        let options = BuildOptions { target: Some(target.into()), ..BuildOptions::default() };
        let doc = Document::with_options("FROM a AS Builder\nFROM b\nFROM c AS web", 0, Arc::new(options));
        assert_eq!(complaint(&doc).as_deref(), expected, "{target}");
    }

    #[test]
    fn an_unknown_target_comes_with_what_was_meant() {
        check("builder", None);
        check("biulder", Some("no stage is called `biulder` (did you mean `Builder`?)"));
        check("wbe", Some("no stage is called `wbe` (did you mean `web`?)"));
        check("runtime", Some("no stage is called `runtime`"));
        check("0", Some("no stage is called `0` (a target cannot be a number; stage 0 is called `Builder`)"));
        check("1", Some("no stage is called `1` (a target cannot be a number; stage 1 has no name)"));
        check("7", Some("no stage is called `7`"));
    }
}
