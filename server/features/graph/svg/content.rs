//! What stands in a box, and how large that makes it.

use super::{
    super::{
        BaseKind, Graph,
        diagram::Node,
        measure::{Font, fit, width},
        short_image,
    },
    NAME, PADDING, SMALL, plain,
};
use crate::text::one_line;

/// Widest name of a stage, and widest other text.
const NAMES: f64 = 250.0;
const TEXT: f64 = 200.0;

/// What stands in a box.
pub struct Content {
    pub width: f64,
    pub height: f64,
    pub name: String,
    pub tag: Option<Tag>,
    /// Small lines below the name, in their fonts.
    pub lines: Vec<(String, Font)>,
}

/// What is written beside the name of a stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tag {
    /// The last stage, which is built if nothing else is asked for.
    Default,
    /// The stage that was asked for.
    Target,
    Test,
}

impl Tag {
    pub fn text(self) -> &'static str {
        match self {
            Tag::Default => "default",
            Tag::Target => "target",
            Tag::Test => "test",
        }
    }

    pub fn width(self) -> f64 {
        width(self.text(), Font::Bold, SMALL) + 12.0
    }
}

impl Content {
    pub fn of(graph: &Graph, node: &Node) -> Content {
        let index = match node {
            Node::Stage(index) => *index,
            Node::Image(name) => return Content::plain(short_image(name)),
            Node::Context(name) => return Content::plain(format!("context:{}", one_line(name))),
            Node::Later(index) => return Content::plain(one_line(&graph.title(*index))),
            Node::Missing(name) => return Content::plain(one_line(name)),
        };
        let stage = &graph.stages[index];
        let tag = match () {
            () if graph.target == Some(index) && graph.is_chosen => Some(Tag::Target),
            () if graph.target == Some(index) => Some(Tag::Default),
            () if stage.tests => Some(Tag::Test),
            () => None,
        };
        let mut lines = Vec::new();
        // That of another stage is a line to it.
        if stage.base.kind != BaseKind::Stage && !stage.base.value.is_empty() {
            lines.push((fit_image(&without_digest(&stage.base.value), Font::Mono, SMALL), Font::Mono));
        }
        if let Some(first) = stage.users.first() {
            let more =
                if stage.users.len() > 1 { format!(" +{}", stage.users.len() - 1) } else { String::new() };
            let first = format!("▸ {}", plain(first));
            lines.push((fit(&first, Font::Plain, SMALL, TEXT) + &more, Font::Plain));
        }
        let name = fit(&one_line(&graph.title(index)), Font::Bold, NAME, NAMES);
        let tagged = tag.map_or(0.0, |tag| tag.width() + 8.0);
        let small = lines.iter().map(|(text, font)| width(text, *font, SMALL));
        let text = small.fold(width(&name, Font::Bold, NAME) + tagged, f64::max);
        let height = 30.0 + 13.0 * lines.len() as f64;
        Content { width: (text + 2.0 * PADDING).ceil(), height, name, tag, lines }
    }

    fn plain(name: String) -> Content {
        let name = fit_image(&name, Font::Plain, 11.0);
        let width = (width(&name, Font::Plain, 11.0) + 2.0 * PADDING).ceil();
        Content { width, height: 24.0, name, tag: None, lines: Vec::new() }
    }
}

/// A name of an image that is no wider than other texts: what it begins with, its registry, tells least.
fn fit_image(image: &str, font: Font, size: f64) -> String {
    if width(image, font, size) <= TEXT {
        return image.to_owned();
    }
    let ends = image.rmatch_indices('/').map(|(slash, _)| format!("…{}", &image[slash..]));
    let fitting = ends.take_while(|end| width(end, font, size) <= TEXT);
    // Nothing fits if the last part is too long already.
    let last = image.rsplit_once('/').map(|(_, last)| format!("…/{last}"));
    fitting.last().unwrap_or_else(|| fit(last.as_deref().unwrap_or(image), font, size, TEXT))
}

/// An image on one line, without the digest that nobody reads.
fn without_digest(image: &str) -> String {
    let image = one_line(image);
    match image.split_once('@') {
        Some((name, digest)) if digest.contains(':') => format!("{name}@…"),
        _ => image,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_long_image_the_registry_goes_first() {
        let fit = |image| fit_image(image, Font::Mono, SMALL);
        assert_eq!(fit("golang:1.25-alpine"), "golang:1.25-alpine");
        assert_eq!(fit("mcr.microsoft.com/dotnet/runtime-deps:9.0-noble"), "…/dotnet/runtime-deps:9.0-noble");
        let long = "ghcr.io/acme/".to_owned() + &"x".repeat(80);
        assert!(fit(&long).starts_with("…/xxx") && fit(&long).ends_with("xxx…"));
        let slashes = "/a".repeat(200_000);
        assert!(fit(&slashes).ends_with("/a/a"), "and soon");
    }
}
