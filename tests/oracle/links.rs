//! Links of the corpus: each stands at the text that it opens.

use std::{collections::BTreeMap, fs, str::FromStr};

use dockerfile_ls::{
    document::Document,
    features::links::{Target, links},
};
use tower_lsp::ls_types::Uri;

use crate::shared;

#[test]
fn links_open_what_stands_there() {
    let Some(folder) = shared::folder() else { return };
    let files = fs::read_dir(folder.join("corpus/dockerfiles")).expect("the corpus is readable");
    let (mut count, mut hosts) = (0, BTreeMap::<String, usize>::new());
    for file in files.filter_map(Result::ok) {
        let text = String::from_utf8_lossy(&fs::read(file.path()).expect("a file")).into_owned();
        let doc = Document::open(&text, 0);
        // As if everything that is copied were there.
        let found = links(&doc, &|path| Some(format!("/context/{path}").into()));
        let mut end = 0;
        for link in found {
            let place = format!("{}: {:?}", file.file_name().display(), link.range);
            assert!(end <= link.range.start && link.range.start < link.range.end, "{place}");
            end = link.range.end;
            let written = text.get(link.range).unwrap_or_else(|| panic!("{place} is outside"));
            count += 1;
            match link.target {
                Target::Page(url) => {
                    assert!(Uri::from_str(&url).is_ok(), "{place}: {url}");
                    assert!(says(written, &url), "{place}: {written} {url}");
                    *hosts.entry(url.split('/').nth(2).unwrap_or_default().to_owned()).or_default() += 1;
                }
                Target::File(path) => {
                    assert!(Uri::from_file_path(&path).is_some(), "{place}: {path:?}");
                    let name = path.file_name().expect("a name").to_str().expect("it is text");
                    assert!(
                        written.contains('$') || written.trim_end_matches('"').ends_with(name),
                        "{place}: {written}"
                    );
                }
            }
        }
    }
    hosts.retain(|_, count| *count > 9);
    println!("{count} links, most of them to {hosts:?}");
    assert!(count > 2000, "{count}");
}

/// Whether an address has in it what is written: the last part of an image, a tag, an address.
fn says(written: &str, url: &str) -> bool {
    let url = url.replace("%2F", "/");
    let last = written.rsplit('/').next().unwrap_or(written);
    // These have one page for all images.
    let shared = ["https://github.com/GoogleContainerTools/distroless", "https://gitlab.com/"];
    written.contains('$')
        || url.ends_with(last.split(".git").next().unwrap_or(last))
        || url.contains(&format!("/{last}?region="))
        || url.ends_with(&format!("/{last}/overview"))
        || shared.iter().any(|page| url.starts_with(page))
        || url == written
        // The directory of a Git address.
        || (written.contains(".git#") && url.contains("/tree/"))
}
