//! What an editor sends.

use serde_json::Value as Json;

use super::{Entry, Layer, Spelling, Value};

/// What an editor calls our settings.
pub const SECTION: &str = "dockerfile-ls";

/// Reads what an editor sent: our settings, or an object that holds them as one of its sections. `None` if it says nothing.
pub fn from_json(json: &Json) -> Option<Layer> {
    let json = json.get(SECTION).unwrap_or(json);
    match value(json) {
        Value::Table(entries) if entries.is_empty() => None,
        Value::Table(entries) => Some(Layer::read(entries, Spelling::Camel)),
        _ if json.is_null() => None,
        other => {
            let mut layer = Layer::default();
            layer.complain(None, format!("settings have to be a table, not {}", other.shown()));
            Some(layer)
        }
    }
}

fn value(json: &Json) -> Value {
    match json {
        Json::String(text) => Value::Text(text.clone()),
        // `null` is what editors write for a key that is not set.
        Json::Object(map) => {
            let entries = map.iter().filter(|(_, json)| !json.is_null());
            Value::Table(
                entries
                    .map(|(key, json)| Entry { key: key.clone(), line: None, value: value(json) })
                    .collect(),
            )
        }
        // An empty table in Lua is sent as an array.
        Json::Array(items) if items.is_empty() => Value::Table(Vec::new()),
        Json::Array(_) => Value::Other("a list"),
        Json::Bool(truth) => Value::Truth(*truth),
        Json::Number(number) => number.as_i64().map_or(Value::Other("a number"), Value::Number),
        Json::Null => Value::Other("nothing"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{
        configuration::settings,
        rules::rule_index,
        settings::{InlayHints, Level},
    };

    fn complaints(json: Json) -> Vec<String> {
        from_json(&json)
            .map(|layer| layer.complaints.iter().map(ToString::to_string).collect())
            .unwrap_or_default()
    }

    #[test]
    fn levels_are_set_by_the_names_of_rules() {
        let rule = rule_index("unknown-flag").expect("there is one");
        for json in [
            json!({"rules": {"unknown-flag": "off", "InvalidBaseImagePlatform": "hint"}}),
            json!({"dockerfile-ls": {"rules": {"unknown-flag": "off", "x": null}}, "other": 7}),
        ] {
            let layer = from_json(&json).expect("it says something");
            assert_eq!(layer.complaints, []);
            assert_eq!(settings([&layer]).levels.get(rule), Some(Level::Off));
        }
    }

    #[test]
    fn the_last_source_wins_key_by_key() {
        let layer = |json| from_json(&json).expect("it says something");
        let first = layer(json!({"rules": {"unknown-flag": "off", "stage-cycle": "hint"}}));
        let second = layer(json!({"rules": {"unknown-flag": "error"}}));
        let levels = settings([&first, &second]).levels;
        assert_eq!(levels.get(rule_index("unknown-flag").expect("there is one")), Some(Level::Error));
        assert_eq!(levels.get(rule_index("stage-cycle").expect("there is one")), Some(Level::Hint));
    }

    #[test]
    fn each_kind_of_inlay_hints_is_switched_on_its_own() {
        let shown = |sources: &[Json]| {
            let layers: Vec<Layer> = sources.iter().filter_map(from_json).collect();
            assert!(layers.iter().all(|layer| layer.complaints.is_empty()), "{layers:?}");
            let settings = settings(&layers);
            let InlayHints { stage_numbers, base_values, destinations } = settings.inlay_hints;
            [stage_numbers, base_values, destinations]
        };
        assert_eq!(shown(&[]), [true, true, true]);
        assert_eq!(shown(&[json!({"inlayHints": {"stageNumbers": false}})]), [false, true, true]);
        assert_eq!(shown(&[json!({"inlay-hints": {"base-values": false}})]), [true, false, true]);
        let off = json!({"inlayHints": {"stageNumbers": false, "baseValues": false, "destinations": false}});
        assert_eq!(shown(std::slice::from_ref(&off)), [false, false, false]);
        let only = json!({"inlayHints": {"destinations": true}});
        assert_eq!(shown(&[off, only.clone()]), [false, false, true]);
        assert_eq!(shown(&[json!({"inlayHints": false})]), [false; 3]);
        assert_eq!(shown(&[json!({"inlayHints": false}), only]), [false, false, true]);
        assert_eq!(shown(&[json!({"inlayHints": false}), json!({"inlay-hints": true})]), [true; 3]);
    }

    #[test]
    fn what_cannot_be_used_is_complained_about_and_the_rest_counts() {
        let json = json!({"rules": {"unknwon-flag": "off", "unknown-flag": true, "stage-cycle": "info", "from-syntax": "off"}, "rulse": {}});
        let layer = from_json(&json).expect("it says something");
        assert_eq!(layer.levels.len(), 1);
        assert_eq!(
            complaints(json),
            [
                "`rules.stage-cycle` has to be one of \"off\", \"hint\", \"information\", \"warning\", \"error\", not \"info\"",
                "`rules.unknown-flag` has to be one of \"off\", \"hint\", \"information\", \"warning\", \"error\", not a truth value",
                "there is no rule `unknwon-flag`; did you mean `unknown-flag`?",
                "there is no setting `rulse`; did you mean `rules`?",
            ]
        );
        assert_eq!(
            complaints(json!({"rules": 7})),
            ["`rules` has to be a table of rules and their severities, not 7"]
        );
        assert_eq!(
            complaints(json!({"inlayHints": {"stageNumbers": "off", "baseValues": 1, "values": true}})),
            [
                "`inlayHints.baseValues` has to be true or false, not 1",
                "`inlayHints.stageNumbers` has to be true or false, not \"off\"",
                "there is no setting `inlayHints.values`; there are \"stageNumbers\", \"baseValues\", \"destinations\"",
            ]
        );
        assert_eq!(
            complaints(json!({"inlayHints": "off", "codeLense": {}, "stageNumbers": true, "x": 1.5})),
            [
                "there is no setting `codeLense`; did you mean `codeLens`?",
                "`inlayHints` has to be true, false or a table, not \"off\"",
                "there is no setting `stageNumbers`; did you mean `inlayHints.stageNumbers`?",
                "there is no setting `x`; there are \"rules\", \"inlayHints\", \"codeLens\"",
            ]
        );
        assert_eq!(
            complaints(json!({"code-lens": {"copyBuildComand": true}})),
            ["there is no setting `code-lens.copyBuildComand`; did you mean `copyBuildCommand`?"]
        );
        assert_eq!(complaints(json!(7)), ["settings have to be a table, not 7"]);
        assert_eq!(complaints(json!([])), [""; 0]);
        assert_eq!(complaints(json!(null)), [""; 0]);
    }
}
