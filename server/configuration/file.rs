//! Files called `dockerfile-ls.toml`.

use std::{
    collections::HashMap,
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
};

use toml::de::{DeInteger, DeTable, DeValue};

use super::{Complaint, Entry, Layer, Spelling, Value};

/// What such a file is called.
pub const FILE: &str = "dockerfile-ls.toml";

/// Far more than any has.
const MAX_SIZE: u64 = 1 << 20;

/// The files that were looked for, each read once.
#[derive(Debug, Default)]
pub struct Files {
    /// By the folder that was asked for: the file that counts there.
    found: HashMap<PathBuf, Option<PathBuf>>,
    read: HashMap<PathBuf, Arc<Layer>>,
}

impl Files {
    /// The file that counts in `folder`, and what it sets: the one in it or in the nearest folder above it, up to `root` if
    /// it is inside of that.
    pub fn of(&mut self, folder: &Path, root: Option<&Path>) -> Option<(PathBuf, Arc<Layer>)> {
        let find = || {
            let root = root.filter(|root| folder.starts_with(root));
            let folders =
                folder.ancestors().take_while(|above| root.is_none_or(|root| above.starts_with(root)));
            folders.map(|folder| folder.join(FILE)).find(|file| file.is_file())
        };
        let file = self.found.entry(folder.to_owned()).or_insert_with(find).clone()?;
        let layer = self.read.entry(file.clone()).or_insert_with(|| Arc::new(read(&file))).clone();
        Some((file, layer))
    }

    /// What has been read, for complaints, by the name of the file.
    pub fn all(&self) -> Vec<(&Path, &Arc<Layer>)> {
        let mut all: Vec<_> = self.read.iter().map(|(file, layer)| (file.as_path(), layer)).collect();
        all.sort_by_key(|(file, _)| *file);
        all
    }

    /// Forgets it all: files may have changed.
    pub fn forget(&mut self) {
        *self = Files::default();
    }
}

fn read(file: &Path) -> Layer {
    let complain = |error: io::Error| {
        let mut layer = Layer::default();
        layer.complain(None, format!("it can't be read: {error}"));
        layer
    };
    match fs::metadata(file) {
        Ok(data) if data.len() > MAX_SIZE => complain(io::Error::other("it is too large")),
        Ok(_) => fs::read_to_string(file).map_or_else(complain, |text| from_toml(&text)),
        Err(error) => complain(error),
    }
}

/// Reads the text of such a file.
fn from_toml(text: &str) -> Layer {
    let (table, errors) = DeTable::parse_recoverable(text);
    let line = |at: usize| text.get(..at).map(|before| before.matches('\n').count() + 1);
    // What the parser made of a broken file might be anything.
    if let Some(error) = errors.first() {
        let complaint = Complaint {
            line: error.span().and_then(|span| line(span.start)),
            message: error.message().to_owned(),
        };
        return Layer { complaints: vec![complaint], ..Layer::default() };
    }
    Layer::read(entries(table.get_ref(), &line), Spelling::Kebab)
}

fn entries(table: &DeTable<'_>, line: &impl Fn(usize) -> Option<usize>) -> Vec<Entry> {
    let mut entries: Vec<_> = table.iter().collect();
    entries.sort_by_key(|(key, _)| key.span().start);
    let entry =
        |(key, value): (&toml::Spanned<std::borrow::Cow<'_, str>>, &toml::Spanned<DeValue<'_>>)| Entry {
            key: key.get_ref().to_string(),
            line: line(key.span().start),
            value: match value.get_ref() {
                DeValue::String(text) => Value::Text(text.to_string()),
                DeValue::Table(table) => Value::Table(self::entries(table, line)),
                DeValue::Integer(number) => integer(number).map_or(Value::Other("a number"), Value::Number),
                DeValue::Float(_) => Value::Other("a number"),
                DeValue::Boolean(truth) => Value::Truth(*truth),
                DeValue::Datetime(_) => Value::Other("a date"),
                DeValue::Array(_) => Value::Other("a list"),
            },
        };
    entries.into_iter().map(entry).collect()
}

/// The value of `0x10` or `16`, which the parser leaves as it is written but for underscores.
fn integer(number: &DeInteger<'_>) -> Option<i64> {
    i64::from_str_radix(number.as_str(), number.radix()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn complaints(text: &str) -> Vec<String> {
        from_toml(text).complaints.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn complaints_name_their_line() {
        assert_eq!(complaints("[rules]\nunknown-flag = \"off\"\n"), [""; 0]);
        assert_eq!(
            complaints("# x\n[rules]\nStageNameCase = \"off\"\nunknown-flag = 7\n\n[other]\n"),
            [
                "line 3: there is no rule `StageNameCase`; did you mean `StageNameCasing`?",
                "line 4: `rules.unknown-flag` has to be one of \"off\", \"hint\", \"information\", \"warning\", \"error\", not 7",
                "line 6: there is no setting `other`; there are \"rules\", \"inlay-hints\", \"code-lens\"",
            ]
        );
        assert_eq!(
            complaints("[inlay-hints]\nstage-numbers = false\nstages = true\ndestinations = \"off\"\n"),
            [
                "line 3: there is no setting `inlay-hints.stages`; there are \"stage-numbers\", \"base-values\", \"destinations\"",
                "line 4: `inlay-hints.destinations` has to be true or false, not \"off\"",
            ]
        );
        let [broken] = &complaints("[rules]\nunknown-flag = off\n")[..] else { panic!("one complaint") };
        assert!(broken.starts_with("line 2: "), "{broken}");
    }

    #[test]
    fn the_nearest_file_counts_up_to_the_root() {
        let base = std::env::temp_dir().join(format!("dockerfile-ls-files-{}", std::process::id()));
        let inner = base.join("a/b");
        fs::create_dir_all(&inner).expect("a folder");
        fs::write(base.join(FILE), "[rules]\nunknown-flag = \"off\"\n").expect("a file");
        let mut files = Files::default();
        assert_eq!(files.of(&inner, None).map(|(file, _)| file), Some(base.join(FILE)));
        files.forget();
        assert_eq!(files.of(&inner, Some(&base.join("a"))).map(|(file, _)| file), None);
        assert_eq!(
            files.of(&base, Some(Path::new("/elsewhere"))).map(|(file, _)| file),
            Some(base.join(FILE))
        );
        fs::write(inner.join(FILE), "").expect("a file");
        files.forget();
        assert_eq!(files.of(&inner, Some(&base)).map(|(file, _)| file), Some(inner.join(FILE)));
        fs::remove_dir_all(&base).expect("it was made here");
    }
}
