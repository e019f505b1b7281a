//! What an expression comes to, how sure that is, and the literal that it is, if it is one.

use crate::builds::value::{Certainty, Quoting, Spot, Value};

/// A value.
#[derive(Debug, Clone, PartialEq)]
pub struct Val {
    pub data: Data,
    /// [`Certainty::Unknown`] exactly where the data is unknown.
    pub certainty: Certainty,
    /// The literal whose text this is, unchanged, wherever it stands.
    pub literal: Option<Literal>,
    /// Where it comes from, or why it is unknown; empty for a literal in its own place.
    pub why: &'static str,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Data {
    Unknown,
    Null,
    Bool(bool),
    Number(f64),
    Text(String),
    List(Vec<Val>),
    Object(Vec<Field>),
}

/// A key of an object with its value.
#[derive(Debug, Clone, PartialEq)]
pub struct Field {
    pub name: String,
    /// Where the key stands; how to write another if it is literal.
    pub key: Literal,
    pub value: Val,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Literal {
    pub spot: Spot,
    /// `None` if the place does not hold just the text, as with escapes.
    pub quoting: Option<Quoting>,
}

impl Val {
    pub fn unknown(why: &'static str) -> Val {
        Val { data: Data::Unknown, certainty: Certainty::Unknown, literal: None, why }
    }

    /// What was worked out from values that are themselves sure or not.
    pub fn computed(data: Data, why: &'static str) -> Val {
        Val { data, certainty: Certainty::Likely, literal: None, why }
    }

    pub fn certain(data: Data) -> Val {
        Val { data, certainty: Certainty::Certain, literal: None, why: "" }
    }

    pub fn text(text: impl Into<String>, why: &'static str) -> Val {
        Val::computed(Data::Text(text.into()), why)
    }

    /// The same, but no more than likely, with all that it holds.
    pub fn at_most_likely(mut self, why: &'static str) -> Val {
        if self.certainty == Certainty::Certain {
            self.certainty = Certainty::Likely;
            self.why = why;
        }
        match &mut self.data {
            Data::List(items) => {
                for item in items {
                    *item = std::mem::replace(item, Val::unknown("")).at_most_likely(why);
                }
            }
            Data::Object(fields) => {
                for field in fields {
                    let value = std::mem::replace(&mut field.value, Val::unknown(""));
                    field.value = value.at_most_likely(why);
                }
            }
            _ => {}
        }
        self
    }

    /// About how much it costs to copy it: one for each value in it, more for a long text.
    pub fn weight(&self) -> usize {
        1 + match &self.data {
            Data::Text(text) => text.len() / 64,
            Data::List(items) => items.iter().map(Val::weight).sum(),
            Data::Object(fields) => fields.iter().map(|field| 1 + field.value.weight()).sum(),
            Data::Unknown | Data::Null | Data::Bool(_) | Data::Number(_) => 0,
        }
    }

    pub fn is_unknown(&self) -> bool {
        self.data == Data::Unknown
    }

    /// As a text, as HCL converts single values; `None` for anything else.
    pub fn as_text(&self) -> Option<String> {
        match &self.data {
            Data::Text(text) => Some(text.clone()),
            Data::Number(number) => Some(number_text(*number)),
            Data::Bool(value) => Some(value.to_string()),
            Data::Unknown | Data::Null | Data::List(_) | Data::Object(_) => None,
        }
    }

    /// As a truth, as HCL converts single values.
    pub fn as_bool(&self) -> Option<bool> {
        match &self.data {
            Data::Bool(value) => Some(*value),
            Data::Text(text) => text.parse().ok(),
            _ => None,
        }
    }

    pub fn as_number(&self) -> Option<f64> {
        match &self.data {
            Data::Number(number) => Some(*number),
            Data::Text(text) => text.parse().ok().filter(|number: &f64| number.is_finite()),
            _ => None,
        }
    }

    pub fn as_list(&self) -> Option<&[Val]> {
        match &self.data {
            Data::List(items) => Some(items),
            _ => None,
        }
    }

    pub fn as_object(&self) -> Option<&[Field]> {
        match &self.data {
            Data::Object(fields) => Some(fields),
            _ => None,
        }
    }

    /// Whether two values are equal; `None` if that is not known.
    pub fn equals(&self, other: &Val) -> Option<bool> {
        Some(match (&self.data, &other.data) {
            (Data::Unknown, _) | (_, Data::Unknown) => return None,
            (Data::List(left), Data::List(right)) => {
                if left.len() != right.len() {
                    return Some(false);
                }
                let pairs: Option<Vec<bool>> = left.iter().zip(right).map(|(l, r)| l.equals(r)).collect();
                pairs?.into_iter().all(|equal| equal)
            }
            (Data::Object(left), Data::Object(right)) => {
                if left.len() != right.len() {
                    return Some(false);
                }
                let mut all = true;
                for field in left {
                    let Some(other) = right.iter().find(|other| other.name == field.name) else {
                        return Some(false);
                    };
                    all &= field.value.equals(&other.value)?;
                }
                all
            }
            (left, right) => left == right,
        })
    }

    /// The value as a record has it, for an expression at `spot`; `None` for `null`.
    pub fn value(&self, spot: Spot) -> Option<Value> {
        let Some(text) = self.as_text() else {
            let why = match self.data {
                Data::Null if self.certainty == Certainty::Certain => return None,
                Data::Unknown => self.why,
                Data::Null => "a variable without a default",
                _ => "not a string",
            };
            return Some(Value::unknown(spot, why));
        };
        Some(match &self.literal {
            Some(literal) => Value {
                text: Some(text),
                spot: literal.spot.clone(),
                quoting: literal.quoting,
                certainty: self.certainty,
                why: self.why,
            },
            None => Value::computed(text, spot, self.certainty, self.why),
        })
    }
}

fn number_text(number: f64) -> String {
    // Rust writes whole numbers without a point, and none with an exponent.
    format!("{number}")
}
