//! Which version of the syntax a file asks for.

use std::ops::Range;

use crate::document::Document;

/// The minor version of `# syntax=docker/dockerfile:1.x`, and where `1.x` stands (in bytes). `None` for those that are always
/// the newest, and for versions for experiments, which have more.
pub fn minor_version(doc: &Document) -> Option<(u32, Range<usize>)> {
    let text = doc.text();
    let mut directives = doc.syntax().directives().iter();
    let directive =
        directives.find(|directive| text.slice(directive.name.clone()).eq_ignore_ascii_case("syntax"))?;
    let range = directive.value.clone()?;
    let value = text.slice(range.clone());
    let image = value.strip_prefix("docker.io/").unwrap_or(&value);
    let version = image.strip_prefix("docker/dockerfile:")?;
    let mut numbers = version.split('.').map(str::parse::<u32>);
    let (Some(Ok(1)), Some(Ok(minor))) = (numbers.next(), numbers.next()) else { return None };
    numbers.all(|number| number.is_ok()).then(|| (minor, range.end - version.len()..range.end))
}
