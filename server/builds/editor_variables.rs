//! `${workspaceFolder}` and the like in the settings of editors.

use std::{path::Path, sync::Arc};

use super::{Value, node::Scalar, written::Sureness};

/// What editors put into their settings.
pub(super) struct EditorVariables<'a> {
    pub file: &'a Arc<Path>,
    /// Names with the folder that they stand for.
    pub folders: &'a [(&'static str, &'a Path)],
    pub sureness: Sureness,
}

impl EditorVariables<'_> {
    /// What a scalar is with the variables put in.
    pub fn value(&self, scalar: &Scalar) -> Value {
        let value = scalar.value(self.file);
        if !scalar.text.contains("${") {
            return value;
        }
        let mut text = String::new();
        let mut rest = scalar.text.as_str();
        while let Some((before, behind)) = rest.split_once("${") {
            text.push_str(before);
            let found = behind.split_once('}').and_then(|(name, behind)| {
                let (_, folder) = self.folders.iter().find(|(known, _)| *known == name)?;
                Some((folder, behind))
            });
            let Some((folder, behind)) = found else {
                return Value::unknown(value.spot, "a variable of the editor decides");
            };
            text.push_str(&folder.display().to_string());
            rest = behind;
        }
        text.push_str(rest);
        let Sureness { certainty, why } = self.sureness;
        Value::computed(text, value.spot, certainty, why)
    }
}
