//! Links in the shape that clients take.

use std::{ops::Range, str::FromStr};

use tower_lsp::ls_types::{self as lsp, Uri};

use super::capabilities::ClientFeatures;
use crate::features::links::{Link, Target};

/// The links of a file, without those whose addresses can't be written. `range`: bytes as the client counts.
pub fn links(
    client: &ClientFeatures,
    links: Vec<Link>,
    range: impl Fn(&Range<usize>) -> lsp::Range,
) -> Vec<lsp::DocumentLink> {
    links.into_iter().filter_map(|link| document_link(client, link, &range)).collect()
}

fn document_link(
    client: &ClientFeatures,
    link: Link,
    range: impl Fn(&Range<usize>) -> lsp::Range,
) -> Option<lsp::DocumentLink> {
    let target = match &link.target {
        Target::Page(url) => Uri::from_str(url).ok()?,
        Target::File(path) => Uri::from_file_path(path)?,
    };
    let range = range(&link.range);
    let tooltip = client.link_tooltips.then_some(link.tooltip);
    Some(lsp::DocumentLink { range, target: Some(target), tooltip, data: None })
}
