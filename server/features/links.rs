//! Links of a document: images to the pages of their registries, addresses, files of the build context.

use std::{borrow::Cow, ops::Range, path::PathBuf};

use crate::{
    document::Document,
    flow::{self, path},
    images::pages::{self, Page},
    rules::values::remote::{self, Source},
    stages::{Image, Reference, Resolution},
    syntax::{Instruction, Keyword, Placed, Word},
};

/// A text that leads somewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// The text, in bytes.
    pub range: Range<usize>,
    pub target: Target,
    /// What a client shows of it.
    pub tooltip: String,
}

/// Where a link leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// An address on the web.
    Page(String),
    /// A file on this disk.
    File(PathBuf),
}

/// Finds a file of the build context. Its path has `/` between and none at its ends.
pub type Finder<'a> = &'a dyn Fn(&str) -> Option<PathBuf>;

/// All links, in file order.
pub fn links(doc: &Document, find: Finder<'_>) -> Vec<Link> {
    let mut found: Vec<Link> = syntax_link(doc).into_iter().flatten().collect();
    for reference in doc.stages().references() {
        found.extend(image_links(doc, reference));
    }
    for (index, placed) in doc.syntax().instructions().iter().enumerate() {
        let instruction = placed.instruction.effective();
        // What an ONBUILD copies is in the build context of another build.
        let nothing: Finder<'_> = &|_| None;
        let find = if placed.instruction.keyword == Keyword::Onbuild { nothing } else { find };
        match instruction.keyword {
            Keyword::Copy | Keyword::Add => source_links(doc, index, placed, instruction, find, &mut found),
            Keyword::Run => mount_links(doc, index, placed, instruction, find, &mut found),
            _ => {}
        }
    }
    found.sort_by_key(|link| link.range.start);
    found
}

impl Link {
    fn to_page(range: Range<usize>, page: Page, what: &str) -> Link {
        let tooltip = format!("Open {what} at {}", page.site);
        Link { range, target: Target::Page(page.url), tooltip }
    }
}

/// The image that `# syntax=` names.
fn syntax_link(doc: &Document) -> Option<Vec<Link>> {
    let text = doc.text();
    let mut directives = doc.syntax().directives().iter();
    let syntax = directives.find(|it| text.slice(it.name.clone()).eq_ignore_ascii_case("syntax"))?;
    let range = syntax.value.clone()?;
    let written = text.slice(range.clone()).into_owned();
    Some(image_parts(&written, range.start, &Image::parse(&written).ok()?))
}

/// The image of a FROM, a `COPY --from` or a mount: one link for its repository, one for its tag.
fn image_links(doc: &Document, reference: &Reference) -> Vec<Link> {
    let written = doc.text().slice(reference.range.clone());
    let start = reference.range.start;
    match (&reference.resolution, &reference.variable) {
        (Resolution::Image(image), None) if *written == reference.text => image_parts(&written, start, image),
        // A tag may be anything, the repository is certain.
        (Resolution::Image(_) | Resolution::Unknown, Some(_)) => {
            let known = &written[..written.find(['$', '\\', '"', '\'']).unwrap_or(written.len())];
            let Some((name, _)) = split(known) else { return Vec::new() };
            let image = Image::parse(name).ok();
            image.map_or_else(Vec::new, |image| image_parts(name, start, &image))
        }
        _ => Vec::new(),
    }
}

/// The links of an image that stands at `start` (bytes) as `written`.
fn image_parts(written: &str, start: usize, image: &Image) -> Vec<Link> {
    let (name, tag) = split(written).map_or((written, None), |(name, rest)| (name, rest.strip_prefix(':')));
    let page = pages::page(image);
    let mut found: Vec<Link> = page
        .map(|page| Link::to_page(start..start + name.len(), page, &format!("`{name}`")))
        .into_iter()
        .collect();
    if let Some(tag) = tag {
        let tag = tag.split('@').next().unwrap_or(tag);
        let at = start + name.len() + 1;
        let page = pages::tag_page(image, tag).filter(|_| !tag.is_empty());
        found.extend(page.map(|page| Link::to_page(at..at + tag.len(), page, &format!("the tag `{tag}`"))));
    }
    found
}

/// A name and what follows it from its `:` or `@` on, if something does. A port is part of the name.
pub(super) fn split(written: &str) -> Option<(&str, &str)> {
    let last = written.rfind('/').map_or(0, |slash| slash + 1);
    // `[::1]:5000/x` and `localhost:5000/x`: what stands before the last slash holds no tag, but a digest can't hold a slash.
    let at = last + written[last..].find([':', '@'])?;
    Some(written.split_at(at))
}

/// The sources of a COPY or ADD that are addresses, or files of the build context.
fn source_links(
    doc: &Document,
    index: usize,
    placed: &Placed,
    instruction: &Instruction,
    find: Finder<'_>,
    found: &mut Vec<Link>,
) {
    let from = instruction.flag("from").and_then(|flag| flag.value.as_ref());
    let Some((_, sources)) = instruction.meant_words().split_last() else { return };
    if from.is_some_and(|from| !from.text().is_empty()) {
        return;
    }
    let markers = &instruction.heredoc_markers;
    for word in sources.iter().filter(|word| !markers.iter().any(|marker| marker.range() == word.range())) {
        let Some(text) = flow::text_of(doc, index, word).value else { continue };
        let range = unquoted(word, &text);
        let link = match instruction.keyword {
            Keyword::Add => address(&text).map(|url| {
                let tooltip = if text == word.text() {
                    "Open the address"
                } else {
                    "Open the address, with the default values"
                };
                Link {
                    range: placed.at(range.clone()),
                    target: Target::Page(url),
                    tooltip: tooltip.to_owned(),
                }
            }),
            _ => None,
        };
        found.extend(link.or_else(|| file_link(placed.at(range), &text, find)));
    }
}

/// The sources of bind mounts of the build context.
fn mount_links(
    doc: &Document,
    index: usize,
    placed: &Placed,
    instruction: &Instruction,
    find: Finder<'_>,
    found: &mut Vec<Link>,
) {
    for flag in &instruction.flags {
        let Some(source) = context_source(flag) else { continue };
        let Some(text) = flow::text_of(doc, index, source).value else { continue };
        found.extend(file_link(placed.at(source.range()), &text, find));
    }
}

/// The value of `source=` in a mount that takes it from the build context.
pub(super) fn context_source(flag: &crate::syntax::Flag) -> Option<&Word> {
    let option = |names: &[&str]| {
        let is = |key: &Word| names.iter().any(|name| key.text().eq_ignore_ascii_case(name));
        flag.mount.iter().rev().find(|option| is(&option.key)).and_then(|option| option.value.as_ref())
    };
    let is_bind = option(&["type"]).is_none_or(|kind| kind.text() == "bind");
    let is_context = option(&["from"]).is_none_or(|from| from.text().is_empty());
    option(&["source", "src"]).filter(|_| is_bind && is_context)
}

fn file_link(range: Range<usize>, text: &str, find: Finder<'_>) -> Option<Link> {
    let is_pattern = text.contains(['*', '?', '[', '\\']);
    if is_pattern || path::names_directory(text) || remote::source(text) != Source::Path {
        return None;
    }
    let path = path::join(Some("/"), text)?;
    let path = path.trim_start_matches('/');
    let file = (!path.is_empty()).then(|| find(path)).flatten()?;
    Some(Link { range, target: Target::File(file), tooltip: format!("Open `{path}` of the build context") })
}

/// Where a word stands without the quotes around it, in bytes from the start of the instruction.
fn unquoted(word: &Word, text: &str) -> Range<usize> {
    let written = word.text();
    let quoted = ['"', '\'']
        .iter()
        .any(|quote| written.len() > 1 && written.starts_with(*quote) && written.ends_with(*quote));
    match quoted && written[1..written.len() - 1] == *text {
        true => word.source(1..written.len() - 1),
        false => word.range(),
    }
}

/// The page of an address that ADD takes.
fn address(text: &str) -> Option<String> {
    let is_web = remote::source(text) == Source::Url;
    let (address, fragment) = text.split_once('#').map_or((text, None), |(url, rest)| (url, Some(rest)));
    let repository = repository(address);
    if is_web && !(address.ends_with(".git") && repository.is_some()) {
        return Some(encoded(text));
    }
    let repository = repository?;
    // `#ref:directory` (dfgitutil/git_ref.go).
    let (reference, directory) = fragment.map_or(("", ""), |it| it.split_once(':').unwrap_or((it, "")));
    let mut url = format!("https://{repository}");
    if !reference.is_empty() {
        let tree = if repository.starts_with("gitlab.com/") { "-/tree" } else { "tree" };
        url.push_str(&format!("/{tree}/{reference}"));
        if !directory.trim_matches('/').is_empty() {
            url.push_str(&format!("/{}", directory.trim_matches('/')));
        }
    }
    Some(encoded(&url))
}

/// `github.com/owner/name` of a Git address on a host that shows repositories under their own addresses.
fn repository(address: &str) -> Option<String> {
    let rest = match address.split_once("://") {
        Some(("http" | "https" | "git" | "ssh", rest)) => Cow::Borrowed(rest),
        Some(_) => return None,
        // `git@github.com:owner/name.git`.
        None if address.starts_with("git@") => Cow::Owned(address.replacen(':', "/", 1)),
        None => Cow::Borrowed(address),
    };
    let rest = rest.strip_prefix("git@").unwrap_or(&rest);
    let (host, path) = rest.split_once('/')?;
    let path = path.strip_suffix(".git").unwrap_or(path);
    let is_known = match host {
        "github.com" => path.split('/').filter(|part| !part.is_empty()).count() == 2,
        "gitlab.com" => path.contains('/'),
        _ => false,
    };
    is_known.then(|| format!("{host}/{path}"))
}

/// The address with what may not stand in one written in hexadecimal (RFC 3986, section 2).
fn encoded(url: &str) -> String {
    let mut out = String::with_capacity(url.len());
    for byte in url.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => out.push(byte.into()),
            b'-' | b'.' | b'_' | b'~' | b':' | b'/' | b'?' | b'#' | b'@' | b'!' | b'$' | b'&' | b'\''
            | b'(' | b')' | b'*' | b'+' | b',' | b';' | b'=' | b'%' => out.push(byte.into()),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

#[cfg(test)]
mod tests;
