//! The settings as a JSON schema, which editors check and complete a `dockerfile-ls.toml` or their own settings with.

use serde_json::{Map, Value, json};

use super::{
    Spelling,
    schema::{GROUPS, Group, Keys, Kind, Set, Setting},
};
use crate::{rules::RULES, settings::Level};

/// The schema of all settings, with names as the source of this spelling writes them.
pub fn json_schema(spelling: Spelling) -> Value {
    let groups =
        GROUPS.iter().map(|group| (spelling.of(group.name).into_owned(), self::group(group, spelling)));
    json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "Settings of dockerfile-ls",
        "type": "object",
        "additionalProperties": false,
        "properties": groups.collect::<Map<String, Value>>(),
    })
}

/// The schema of one group.
pub fn group(group: &Group, spelling: Spelling) -> Value {
    let properties: Map<String, Value> = match group.keys {
        Keys::Rules => RULES.iter().map(|rule| (rule.code.to_owned(), level(rule.summary))).collect(),
        Keys::Settings(settings) => {
            settings.iter().map(|it| (spelling.of(it.name).into_owned(), setting(it))).collect()
        }
    };
    let mut schema = json!({
        "description": group.summary,
        "type": "object",
        "additionalProperties": false,
        "properties": properties,
    });
    if let Keys::Rules = group.keys {
        // Checks of BuildKit that are not made here have names, too, and more may come.
        schema["additionalProperties"] = level("A rule");
    }
    if group.is_switch() {
        schema["type"] = json!(["object", "boolean"]);
    }
    schema
}

/// The schema of one setting.
pub fn setting(setting: &Setting) -> Value {
    let mut schema = json!({"description": setting.meaning, "default": default(setting)});
    match &setting.kind {
        Kind::Switch(_) => schema["type"] = json!("boolean"),
        Kind::Number(range, _) => {
            schema["type"] = json!("integer");
            schema["minimum"] = json!(range.start());
            schema["maximum"] = json!(range.end());
        }
        Kind::Choice(choices) => {
            schema["enum"] = choices.iter().map(|choice| choice.name).collect();
            // What editors of the VS Code kind show beside each.
            schema["enumDescriptions"] = choices.iter().map(|choice| choice.meaning).collect();
        }
    }
    schema
}

/// What a setting is when nobody sets it.
pub fn default(setting: &Setting) -> Value {
    match (setting.default(), &setting.kind) {
        (Set::Truth(truth), _) => json!(truth),
        (Set::Number(number), _) => json!(number),
        (Set::Choice(index), Kind::Choice(choices)) => json!(choices[index].name),
        (Set::Choice(_), Kind::Switch(_) | Kind::Number(..)) => Value::Null,
    }
}

fn level(description: &str) -> Value {
    let levels: Vec<&str> = Level::NAMES.iter().map(|(name, _)| *name).collect();
    json!({"description": description, "enum": levels})
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::configuration::from_json;

    #[test]
    fn each_source_has_its_spelling() {
        let (file, editor) = (json_schema(Spelling::Kebab), json_schema(Spelling::Camel));
        let kebab = &file["properties"]["inlay-hints"];
        assert_eq!(kebab["type"], json!(["object", "boolean"]));
        assert_eq!(kebab["properties"]["stage-numbers"]["default"], true);
        assert_eq!(kebab["properties"]["stage-numbers"]["type"], "boolean");
        assert_eq!(editor["properties"]["inlayHints"]["properties"]["stageNumbers"]["default"], true);
        let rule = &file["properties"]["rules"]["properties"]["unknown-flag"];
        assert_eq!(rule["enum"], json!(["off", "hint", "information", "warning", "error"]));
    }

    #[test]
    fn what_the_schema_gives_as_defaults_is_taken_and_changes_nothing() {
        let schema = json_schema(Spelling::Camel);
        let mut settings = Map::new();
        for (name, group) in schema["properties"].as_object().expect("a table") {
            let defaults = group["properties"].as_object().expect("a table").iter();
            let defaults = defaults.filter(|(_, setting)| !setting["default"].is_null());
            let defaults = defaults.map(|(name, setting)| (name.clone(), setting["default"].clone()));
            settings.insert(name.clone(), defaults.collect::<Map<_, _>>().into());
        }
        let layer = from_json(&settings.into()).expect("it says something");
        assert_eq!(layer.complaints, []);
        assert_eq!(crate::configuration::settings([&layer]), Default::default());
    }
}
