//! The stage graph as a picture.
//!
//! All looks are attributes, with colours as they are: programs that know no style sheets show the same, and a page under a strict
//! content policy shows it at all. What a page may do with the parts is told in docs/clients.md.

mod content;

use std::{collections::BTreeMap, fmt::Write};

use super::{
    Graph, Theme,
    diagram::{Diagram, LABELLED_LINES, Line, LineKind, Node, PLACES},
    layout::{Layout, Link, Point, Size, Trunk, layout},
    measure::{Font, fit, width},
    palette::Palette,
};
use crate::text::one_line;
use content::{Content, Tag};

/// How a picture looks.
#[derive(Debug, Clone, Copy, Default)]
pub struct Look<'a> {
    pub theme: Theme,
    /// Whether stages that the target does not need are left out.
    pub needed: bool,
    /// What the file is called.
    pub title: &'a str,
}

/// A picture, and what its numbers mean.
#[derive(Debug)]
pub struct Picture {
    pub svg: String,
    pub diagram: Diagram,
}

/// Around everything, in pixels.
const MARGIN: f64 = 14.0;
/// Between a border and a text.
const PADDING: f64 = 12.0;
/// Widest text beside a box.
const LABEL: f64 = 130.0;
const NAME: f64 = 13.0;
const SMALL: f64 = 9.5;
/// Most characters of a name or path in a title: it may stand in the titles of thousands of boxes and lines.
const TITLE: usize = 200;
/// How far a line ends before the box, for the tip of its arrow.
const TIP: f64 = 6.0;

const SANS: &str = "system-ui, -apple-system, 'Segoe UI', 'DejaVu Sans', sans-serif";
const MONO: &str = "ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace";

/// Draws a graph, and tells what was drawn.
pub fn draw(graph: &Graph, look: &Look<'_>) -> Picture {
    let places = graph.edges.len() + graph.sources.len() + graph.unresolved.len();
    let diagram = if places > PLACES { Diagram::default() } else { Diagram::of(graph, look.needed) };
    let is_labelled = diagram.lines.len() <= LABELLED_LINES;
    let labels = labels(&diagram);
    let boxes: Vec<Content> = diagram.boxes.iter().map(|node| Content::of(graph, node)).collect();
    let size = |(number, content): (usize, &Content)| {
        let beside = labels.range((number, LineKind::From)..=(number, LineKind::Failing));
        let beside: f64 = beside.map(|(_, label)| label.width() + 8.0).sum();
        Size { width: content.width, height: content.height, beside: if is_labelled { beside } else { 0.0 } }
    };
    let sizes: Vec<Size> = boxes.iter().enumerate().map(size).collect();
    let links: Vec<Link> = diagram.lines.iter().map(link).collect();
    let mut out = String::new();
    let Some(layout) = layout(&sizes, &links).filter(|_| !boxes.is_empty()) else {
        let text = match graph.stages.len() {
            0 => "There are no stages yet.".to_owned(),
            _ if look.needed => "This is too much to draw.".to_owned(),
            _ => "This is too much to draw. What one stage needs may be less.".to_owned(),
        };
        message(&mut out, look, &text);
        return Picture { svg: out, diagram };
    };
    Pen { out: &mut out, palette: look.theme.palette(), look, graph, diagram: &diagram }.draw(
        &boxes,
        &layout,
        &labels,
        is_labelled,
    );
    Picture { svg: out, diagram }
}

fn link(line: &Line) -> Link {
    let trunk = match line.kind {
        LineKind::From | LineKind::Alternative => Trunk::Source,
        LineKind::Copy | LineKind::Onbuild | LineKind::Mount | LineKind::Failing => Trunk::Target,
    };
    Link { from: line.from, to: line.to, channel: line.kind as u8, trunk }
}

/// What is written beside the lines of one kind that leave a box.
struct Label {
    text: String,
    /// The first of the lines.
    line: usize,
    /// Whether a build of the target gets to one of the lines.
    is_built: bool,
}

impl Label {
    fn width(&self) -> f64 {
        width(&self.text, Font::Plain, SMALL)
    }
}

fn labels(diagram: &Diagram) -> BTreeMap<(usize, LineKind), Label> {
    let mut paths: BTreeMap<(usize, LineKind), (usize, Vec<&str>, bool)> = BTreeMap::new();
    for (index, line) in diagram.lines.iter().enumerate() {
        let (_, known, is_built) = paths.entry((line.from, line.kind)).or_insert((index, Vec::new(), false));
        *is_built |= line.is_built;
        for path in &line.paths {
            if known.len() < LABELLED_LINES && !known.contains(&path.as_str()) {
                known.push(path);
            }
        }
    }
    let label = |(line, paths, is_built): (usize, Vec<&str>, bool)| {
        let more = if paths.len() > 1 { format!(" +{}", paths.len() - 1) } else { String::new() };
        let text = fit(&one_line(paths.first()?), Font::Plain, SMALL, LABEL) + &more;
        Some(Label { text, line, is_built })
    };
    paths.into_iter().filter_map(|(key, value)| Some((key, label(value)?))).collect()
}

/// As titles have it: on one line, and cut where it is very long.
fn short(text: &str) -> String {
    match text.char_indices().nth(TITLE) {
        Some((end, _)) => one_line(&text[..end]) + "…",
        None => one_line(text),
    }
}

/// Without the marks of code.
fn plain(text: &str) -> String {
    one_line(text).replace('`', "")
}

/// A picture that only says something.
fn message(out: &mut String, look: &Look<'_>, text: &str) {
    let (wide, palette) = ((width(text, Font::Plain, 13.0) + 40.0).ceil(), look.theme.palette());
    open(out, look, palette, wide, 60.0);
    let _ = writeln!(
        out,
        r#"<text x="20" y="35" font-size="13" fill="{}">{}</text></svg>"#,
        palette.muted,
        escape(text)
    );
}

/// The start of a picture.
fn open(out: &mut String, look: &Look<'_>, palette: &Palette, width: f64, height: f64) {
    let (sans, title) = (sans(look.theme), escape(&format!("Stages of {}", one_line(look.title))));
    let _ = writeln!(
        out,
        r#"<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" font-family="{sans}" role="group" aria-label="{title}">"#,
    );
    // An editor has a background of its own, and shows the title of a picture wherever the pointer rests.
    if look.theme != Theme::Editor {
        let _ = writeln!(out, "<title>{title}</title>");
        let _ = writeln!(out, r#"<rect width="{width}" height="{height}" fill="{}"/>"#, palette.background);
    }
}

fn sans(theme: Theme) -> String {
    if theme == Theme::Editor { format!("var(--vscode-font-family, {SANS})") } else { SANS.to_owned() }
}

fn mono(theme: Theme) -> String {
    // Written in each box, and always there.
    if theme == Theme::Editor { "var(--vscode-editor-font-family)".to_owned() } else { MONO.to_owned() }
}

struct Pen<'a> {
    out: &'a mut String,
    palette: &'a Palette,
    look: &'a Look<'a>,
    graph: &'a Graph,
    diagram: &'a Diagram,
}

impl Pen<'_> {
    fn draw(
        &mut self,
        boxes: &[Content],
        layout: &Layout,
        labels: &BTreeMap<(usize, LineKind), Label>,
        is_labelled: bool,
    ) {
        let (width, height) = ((layout.width + 2.0 * MARGIN).ceil(), (layout.height + 2.0 * MARGIN).ceil());
        open(self.out, self.look, self.palette, width, height);
        // What is dim lies in groups, so that lines on each other are no brighter than one; findings are never dim. The order is
        // that in which the keyboard gets to the parts.
        let look = format!(
            r#"class="boxes" fill="{}" color="{}" font-size="{NAME}" font-weight="bold""#,
            self.palette.text, self.palette.border
        );
        for dim in [false, true] {
            self.group(&look, dim, |pen| {
                for (number, content) in boxes.iter().enumerate() {
                    if pen.diagram.is_built[number] != dim {
                        pen.node(number, content, layout.boxes[number]);
                    }
                }
            });
        }
        for dim in [true, false] {
            let look = r#"class="lines" fill="none" stroke="currentColor" stroke-width="1.6""#;
            self.group(look, dim, |pen| {
                for (index, line) in pen.diagram.lines.iter().enumerate() {
                    if line.is_built != dim {
                        pen.line(index, line, &layout.lines[index]);
                    }
                }
            });
        }
        self.labels(labels, layout, is_labelled);
        for (number, content) in boxes.iter().enumerate() {
            self.badge(number, content, layout.boxes[number]);
        }
        self.out.push_str("</svg>\n");
    }

    /// Lines or boxes that are dim, or that are not. What most of them look like stands here, once.
    fn group(&mut self, look: &str, dim: bool, draw: impl FnOnce(&mut Self)) {
        let dimmed = if dim { r#" opacity="0.45""# } else { "" };
        let _ = writeln!(self.out, "<g {look}{dimmed}>");
        draw(self);
        self.out.push_str("</g>\n");
    }

    /// What lets the keyboard get to a part, and readers of a screen say what it is.
    fn reachable(&self) -> &'static str {
        if self.look.theme == Theme::Editor { r#" tabindex="0" role="button""# } else { "" }
    }

    fn line(&mut self, index: usize, line: &Line, points: &[Point]) {
        let palette = self.palette;
        let (colour, look) = match line.kind {
            LineKind::From => (palette.from, ""),
            LineKind::Alternative => (palette.from, r#" stroke-width="1" stroke-dasharray="1 4""#),
            LineKind::Copy => (palette.copy, ""),
            LineKind::Onbuild => (palette.copy, r#" stroke-dasharray="2 3""#),
            LineKind::Mount => (palette.mount, r#" stroke-dasharray="6 4""#),
            LineKind::Failing => (palette.error, r#" stroke-dasharray="6 4""#),
        };
        let path = path(points);
        let _ = write!(
            self.out,
            r#"<g class="line {}" data-edge="{index}" data-from="{}" data-to="{}"{} color="{colour}"><title>{}</title>"#,
            line.kind.name(),
            line.from,
            line.to,
            self.reachable(),
            escape(&self.line_title(line)),
        );
        if self.look.theme == Theme::Editor {
            // Something to point at: a line is thin.
            let _ =
                write!(self.out, r#"<path class="hit" d="{path}" stroke="transparent" stroke-width="9"/>"#);
        }
        let _ = write!(self.out, r#"<path d="{path}"{look}/>"#);
        let Point { x, y } = points[points.len() - 1];
        let (x, y) = (x + MARGIN, y + MARGIN);
        let _ = writeln!(
            self.out,
            r#"<path d="M{} {}l-{TIP} -3v6z" fill="currentColor" stroke="none"/></g>"#,
            number(x),
            number(y)
        );
    }

    fn line_title(&self, line: &Line) -> String {
        let (from, to) = (self.name(line.from), self.name(line.to));
        let what = match line.kind {
            LineKind::From => format!("{to} builds on {from}"),
            LineKind::Alternative => format!("{to} may build on {from}"),
            LineKind::Copy => format!("{to} copies from {from}"),
            LineKind::Onbuild => format!("{to} runs a trigger that uses {from}"),
            LineKind::Mount => format!("{to} mounts {from}"),
            LineKind::Failing => format!("{to} uses {from}, which isn't there"),
        };
        line.paths.iter().fold(what, |text, path| text + "\n" + &short(path))
    }

    fn name(&self, number: usize) -> String {
        match &self.diagram.boxes[number] {
            Node::Stage(index) => self.stage_name(*index),
            Node::Later(index) => short(&self.graph.title(*index)),
            Node::Image(name) | Node::Context(name) | Node::Missing(name) => short(name),
        }
    }

    fn stage_name(&self, index: usize) -> String {
        match &self.graph.stages[index].name {
            Some(name) => short(name),
            None => self.graph.title(index),
        }
    }

    fn node(&mut self, number: usize, content: &Content, at: Point) {
        match &self.diagram.boxes[number] {
            Node::Stage(index) => self.stage(number, *index, content, at),
            Node::Image(name) => self.other(number, "image", &format!("The image {name}"), content, at),
            Node::Context(name) => {
                self.other(number, "context", &format!("The build context {name}"), content, at);
            }
            Node::Later(_) | Node::Missing(_) => {
                let title = format!("{} isn't there", self.name(number));
                self.other(number, "ghost", &title, content, at);
            }
        }
    }

    fn stage(&mut self, box_number: usize, index: usize, content: &Content, at: Point) {
        let (palette, stage) = (self.palette, &self.graph.stages[index]);
        let title = escape(&self.stage_title(index));
        let reachable = self.reachable();
        let _ = write!(
            self.out,
            r#"<g class="stage" data-box="{box_number}" data-stage="{index}"{reachable}><title>{title}</title>"#
        );
        let is_target = self.graph.target == Some(index);
        let border = match () {
            () if is_target => format!(r#"stroke="{}" stroke-width="2.4""#, palette.target),
            () if stage.built => r#"stroke="currentColor""#.to_owned(),
            () => r#"stroke="currentColor" stroke-dasharray="4 3""#.to_owned(),
        };
        let (x, y) = (at.x + MARGIN, at.y + MARGIN);
        let _ = write!(
            self.out,
            r#"<rect x="{}" y="{}" width="{}" height="{}" rx="5" fill="{}" {border}/>"#,
            number(x),
            number(y),
            content.width,
            content.height,
            palette.fill
        );
        let (left, baseline) = (number(x + PADDING), number(y + 19.5));
        let _ = write!(self.out, r#"<text x="{left}" y="{baseline}">{}</text>"#, escape(&content.name));
        if let Some(tag) = content.tag {
            self.tag(tag, x + content.width - 8.0 - tag.width(), y + 7.5);
        }
        for (line, (text, font)) in content.lines.iter().enumerate() {
            let family = match font {
                Font::Mono => format!(r#" font-family="{}""#, mono(self.look.theme)),
                Font::Bold | Font::Plain => String::new(),
            };
            let _ = write!(
                self.out,
                r#"<text x="{left}" y="{}" font-size="{SMALL}" font-weight="normal"{family} fill="{}">{}</text>"#,
                number(y + 33.5 + 13.0 * line as f64),
                palette.muted,
                escape(text)
            );
        }
        self.out.push_str("</g>\n");
    }

    fn stage_title(&self, index: usize) -> String {
        let stage = &self.graph.stages[index];
        let mut title = self.stage_name(index);
        if !stage.base.value.is_empty() {
            let _ = write!(title, "\nFROM {}", short(&stage.base.value));
        }
        let _ = write!(title, "\nline {}", stage.line);
        if let Some(target) = self.graph.target.filter(|_| !stage.built) {
            let _ = write!(title, "\nnot needed by {}", self.stage_name(target));
        }
        for user in &stage.users {
            let _ = write!(title, "\nbuilt by {}", plain(user));
        }
        for (count, what) in [(stage.findings.errors, "error"), (stage.findings.warnings, "warning")] {
            if count > 0 {
                let _ = write!(title, "\n{count} {what}{}", if count > 1 { "s" } else { "" });
            }
        }
        title
    }

    fn tag(&mut self, tag: Tag, x: f64, y: f64) {
        let palette = self.palette;
        let (fill, text, border) = match tag {
            Tag::Default | Tag::Target => (palette.target, palette.on_target, palette.target),
            Tag::Test => ("none", palette.muted, palette.muted),
        };
        let radius = if tag == Tag::Test { 3 } else { 7 };
        let _ = write!(
            self.out,
            r#"<rect x="{}" y="{}" width="{}" height="15" rx="{radius}" fill="{fill}" stroke="{border}" stroke-width="0.8"/>"#,
            number(x),
            number(y),
            number(tag.width()),
        );
        let weight = if tag == Tag::Test { r#" font-weight="normal""# } else { "" };
        let _ = write!(
            self.out,
            r#"<text x="{}" y="{}" font-size="{SMALL}"{weight} text-anchor="middle" fill="{text}">{}</text>"#,
            number(x + tag.width() / 2.0),
            number(y + 11.0),
            tag.text()
        );
    }

    /// An image, a build context, or what isn't there.
    fn other(&mut self, box_number: usize, class: &str, title: &str, content: &Content, at: Point) {
        let palette = self.palette;
        let (fill, text, border, radius) = match class {
            "image" => (palette.image_fill, palette.text, format!(r#"stroke="{}""#, palette.image), 12),
            "context" => (
                palette.image_fill,
                palette.text,
                format!(r#"stroke="{}" stroke-dasharray="4 3""#, palette.image),
                12,
            ),
            _ => ("none", palette.error, format!(r#"stroke="{}" stroke-dasharray="4 3""#, palette.error), 5),
        };
        let first = self.diagram.first[box_number].unwrap_or(0);
        let (x, y) = (at.x + MARGIN, at.y + MARGIN);
        let _ = write!(
            self.out,
            r#"<g class="{class}" data-box="{box_number}" data-edge="{first}"{}><title>{}</title>"#,
            self.reachable(),
            escape(&one_line(title))
        );
        let _ = write!(
            self.out,
            r#"<rect x="{}" y="{}" width="{}" height="{}" rx="{radius}" fill="{fill}" {border}/>"#,
            number(x),
            number(y),
            content.width,
            content.height
        );
        let _ = writeln!(
            self.out,
            r#"<text x="{}" y="{}" font-size="11" font-weight="normal" fill="{text}">{}</text></g>"#,
            number(x + PADDING),
            number(y + 16.0),
            escape(&content.name)
        );
    }

    /// What lines bring along, under the lines where they leave a box. Of many lines it would hide others, so there a page shows
    /// it for what is pointed at.
    fn labels(&mut self, labels: &BTreeMap<(usize, LineKind), Label>, layout: &Layout, is_labelled: bool) {
        if !is_labelled && self.look.theme != Theme::Editor {
            return;
        }
        // Around each is some background: a line below it would strike it through.
        let _ = writeln!(
            self.out,
            r#"<g class="labels" aria-hidden="true" font-size="{SMALL}" stroke="{}" stroke-width="3" stroke-linejoin="round" paint-order="stroke" pointer-events="none">"#,
            self.palette.background
        );
        let mut before: Option<(usize, f64)> = None;
        for (&(from, kind), label) in labels {
            let start = layout.lines[label.line][0];
            // Two at one box stand beside each other.
            let shift = before.filter(|(other, _)| *other == from).map_or(0.0, |(_, end)| end);
            before = Some((from, shift + label.width() + 8.0));
            let hidden = if is_labelled { "" } else { r#" display="none""# };
            let dimmed = if label.is_built { "" } else { r#" opacity="0.45""# };
            let colour = match kind {
                LineKind::Mount => self.palette.mount,
                LineKind::Failing => self.palette.error,
                LineKind::From | LineKind::Alternative | LineKind::Copy | LineKind::Onbuild => {
                    self.palette.copy
                }
            };
            let _ = writeln!(
                self.out,
                r#"<text class="label" data-from="{from}" data-kind="{}" x="{}" y="{}" fill="{colour}"{dimmed}{hidden}>{}</text>"#,
                kind.name(),
                number(start.x + MARGIN + 4.0 + shift),
                number(start.y + MARGIN + 10.0),
                escape(&label.text)
            );
        }
        self.out.push_str("</g>\n");
    }

    /// How many errors or warnings there are in a stage.
    fn badge(&mut self, number_of_box: usize, content: &Content, at: Point) {
        let Node::Stage(index) = self.diagram.boxes[number_of_box] else { return };
        let (palette, findings) = (self.palette, self.graph.stages[index].findings);
        let count = findings.errors + findings.warnings;
        let (fill, text) = match (findings.errors, count) {
            (_, 0) => return,
            (0, _) => (palette.warning, palette.on_warning),
            _ => (palette.error, palette.on_error),
        };
        let shown = if count > 9 { "9+".to_owned() } else { count.to_string() };
        let (x, y) = (number(at.x + MARGIN + content.width), number(at.y + MARGIN));
        let _ = write!(
            self.out,
            r#"<g class="badge" data-stage="{index}" aria-hidden="true" pointer-events="none"><circle cx="{x}" cy="{y}" r="7.5" fill="{fill}"/>"#
        );
        let _ = writeln!(
            self.out,
            r#"<text x="{x}" y="{}" font-size="9.5" font-weight="bold" text-anchor="middle" fill="{text}">{shown}</text></g>"#,
            number(at.y + MARGIN + 3.4)
        );
    }
}

/// The path of a line: level, a curve between two columns, level, and so on. Level stretches behind each other are one.
fn path(points: &[Point]) -> String {
    let mut path = String::new();
    let mut last = points[0];
    let mut level = last.x;
    let _ = write!(path, "M{} {}", number(last.x + MARGIN), number(last.y + MARGIN));
    for (step, &point) in points.iter().enumerate().skip(1) {
        let mut end = point;
        if step + 1 == points.len() {
            end.x -= TIP - 1.0;
        }
        if step % 2 == 0 && (end.y - last.y).abs() >= 0.05 {
            if last.x > level {
                let _ = write!(path, "H{}", number(last.x + MARGIN));
            }
            let middle = number((last.x + end.x) / 2.0 + MARGIN);
            let (from, to) = (number(last.y + MARGIN), number(end.y + MARGIN));
            let _ = write!(path, "C{middle} {from} {middle} {to} {} {to}", number(end.x + MARGIN));
            level = end.x;
        }
        last = end;
    }
    if last.x > level {
        let _ = write!(path, "H{}", number(last.x + MARGIN));
    }
    path
}

/// A coordinate, to a tenth of a pixel.
fn number(value: f64) -> f64 {
    let rounded = (value * 10.0).round() / 10.0;
    // Minus zero is written with its sign.
    if rounded == 0.0 { 0.0 } else { rounded }
}

/// Text for XML, on one line but for line feeds.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out += "&amp;",
            '<' => out += "&lt;",
            '>' => out += "&gt;",
            '"' => out += "&quot;",
            '\n' => out += "&#10;",
            // XML 1.0, Characters: these can't be written at all.
            '\u{fffe}' | '\u{ffff}' => out.push(' '),
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_the_file_stay_text() {
        let doc =
            crate::document::Document::open("FROM \"<script>&'\" AS a\nCOPY --from=\"><b\u{1}> /<x> /\n", 0);
        let look = Look { theme: Theme::Editor, needed: false, title: "</svg>\"" };
        let svg = draw(&Graph::of(&doc), &look).svg;
        assert!(!svg.contains("<script") && !svg.contains("<b") && !svg.contains("<x>"), "{svg}");
        assert_eq!(svg.matches("</svg>").count(), 1);
        assert!(roxmltree::Document::parse(&svg).is_ok(), "{svg}");
    }
}
