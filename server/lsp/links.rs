//! Links in the shape that clients take.

use std::str::FromStr;

use tower_lsp::ls_types::{self as lsp, Uri};

use super::convert::Sheet;
use crate::features::links::{Link, Target};

/// The links of a file, without those whose addresses can't be written.
pub fn links(sheet: &Sheet<'_>, links: Vec<Link>) -> Vec<lsp::DocumentLink> {
    links.into_iter().filter_map(|link| document_link(sheet, link)).collect()
}

fn document_link(sheet: &Sheet<'_>, link: Link) -> Option<lsp::DocumentLink> {
    let target = match &link.target {
        Target::Page(url) => Uri::from_str(url).ok()?,
        Target::File(path) => Uri::from_file_path(path)?,
    };
    let range = sheet.range(&link.range);
    Some(lsp::DocumentLink { range, target: Some(target), tooltip: Some(link.tooltip), data: None })
}
