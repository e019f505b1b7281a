//! The functions of HCL's standard library that people name stages and Dockerfiles with (bake hclparser/stdlib.go).

use super::{
    eval::{MAX_TEXT, position},
    val::{Data, Field, Val},
};

/// Longer lists are not worked out.
const MAX_ITEMS: usize = 10_000;

/// All that there are.
const NAMES: &[&str] = &[
    "absolute",
    "add",
    "and",
    "base64decode",
    "base64encode",
    "basename",
    "bcrypt",
    "byteslen",
    "bytesslice",
    "can",
    "ceil",
    "chomp",
    "chunklist",
    "cidrhost",
    "cidrnetmask",
    "cidrsubnet",
    "cidrsubnets",
    "coalesce",
    "coalescelist",
    "compact",
    "concat",
    "contains",
    "convert",
    "csvdecode",
    "dirname",
    "distinct",
    "divide",
    "element",
    "equal",
    "flatten",
    "floor",
    "format",
    "formatdate",
    "formatlist",
    "formattimestamp",
    "greaterthan",
    "greaterthanorequalto",
    "hasindex",
    "homedir",
    "indent",
    "index",
    "indexof",
    "int",
    "join",
    "jsondecode",
    "jsonencode",
    "keys",
    "length",
    "lessthan",
    "lessthanorequalto",
    "log",
    "lookup",
    "lower",
    "max",
    "md5",
    "merge",
    "min",
    "modulo",
    "multiply",
    "negate",
    "not",
    "notequal",
    "or",
    "parseint",
    "pow",
    "range",
    "regex",
    "regex_replace",
    "regexall",
    "replace",
    "reverse",
    "reverselist",
    "rsadecrypt",
    "sanitize",
    "semvercmp",
    "sethaselement",
    "setintersection",
    "setproduct",
    "setsubtract",
    "setsymmetricdifference",
    "setunion",
    "sha1",
    "sha256",
    "sha512",
    "signum",
    "slice",
    "sort",
    "split",
    "strlen",
    "strrev",
    "substr",
    "subtract",
    "timeadd",
    "timestamp",
    "title",
    "trim",
    "trimprefix",
    "trimspace",
    "trimsuffix",
    "try",
    "unixtimestampparse",
    "upper",
    "urlencode",
    "uuidv4",
    "uuidv5",
    "values",
    "zipmap",
];

pub(super) fn is_known(name: &str) -> bool {
    NAMES.contains(&name)
}

/// What a call comes to; `None` if the function is not worked out here, or not with such arguments.
pub(super) fn call(name: &str, arguments: Vec<Val>) -> Option<Val> {
    // What takes the first good value looks at the arguments itself.
    match name {
        "try" => return first(arguments, |val| !val.is_unknown()),
        "coalesce" => {
            return first(arguments, |val| !matches!(&val.data, Data::Null) && !is_empty_text(val));
        }
        _ => {}
    }
    if arguments.iter().any(Val::is_unknown) {
        return is_known(name).then(|| Val::unknown("a function"));
    }
    let args = arguments.as_slice();
    let text = |index: usize| args.get(index).and_then(Val::as_text);
    let list = |index: usize| args.get(index).and_then(Val::as_list);
    let object = |index: usize| args.get(index).and_then(Val::as_object);
    let data = match name {
        "lower" => Data::Text(text(0)?.to_lowercase()),
        "upper" => Data::Text(text(0)?.to_uppercase()),
        "title" => Data::Text(title(&text(0)?)),
        "split" => Data::List(split(&text(0)?, &text(1)?)?),
        "join" => Data::Text(join(&text(0)?, &args[1..])?),
        "replace" => Data::Text(replace(&text(0)?, &text(1)?, &text(2)?)?),
        "trim" => {
            Data::Text(text(0)?.trim_matches(text(1)?.chars().collect::<Vec<_>>().as_slice()).to_owned())
        }
        "trimprefix" => {
            let (text, prefix) = (text(0)?, text(1)?);
            Data::Text(text.strip_prefix(prefix.as_str()).unwrap_or(&text).to_owned())
        }
        "trimsuffix" => {
            let (text, suffix) = (text(0)?, text(1)?);
            Data::Text(text.strip_suffix(suffix.as_str()).unwrap_or(&text).to_owned())
        }
        "trimspace" => Data::Text(text(0)?.trim().to_owned()),
        "chomp" => Data::Text(text(0)?.trim_end_matches(['\r', '\n']).to_owned()),
        "basename" => Data::Text(text(0)?.trim_end_matches('/').rsplit('/').next()?.to_owned()),
        "sanitize" => Data::Text(sanitize(&text(0)?)),
        "format" => Data::Text(format(args)?),
        "equal" => Data::Bool(args.first()?.equals(args.get(1)?)?),
        "notequal" => Data::Bool(!args.first()?.equals(args.get(1)?)?),
        "and" => Data::Bool(args.first()?.as_bool()? && args.get(1)?.as_bool()?),
        "or" => Data::Bool(args.first()?.as_bool()? || args.get(1)?.as_bool()?),
        "not" => Data::Bool(!args.first()?.as_bool()?),
        "contains" => Data::Bool(contains(list(0)?, args.get(1)?)?),
        "length" => Data::Number(match &args.first()?.data {
            Data::List(items) => items.len(),
            Data::Object(fields) => fields.len(),
            _ => return None,
        } as f64),
        "concat" => Data::List(bounded(args.iter().try_fold(Vec::new(), |mut all, arg| {
            all.extend_from_slice(arg.as_list()?);
            Some(all)
        })?)?),
        "flatten" => Data::List(flatten(list(0)?, 0)?),
        "distinct" => {
            let mut all: Vec<Val> = Vec::new();
            for item in list(0)?.iter().take(200) {
                if !contains(&all, item)? {
                    all.push(item.clone());
                }
            }
            Data::List(all)
        }
        "compact" => Data::List(list(0)?.iter().filter(|item| !is_empty_text(item)).cloned().collect()),
        "reverselist" => Data::List(list(0)?.iter().rev().cloned().collect()),
        "keys" => Data::List(sorted(object(0)?).into_iter().map(key).collect()),
        "values" => Data::List(sorted(object(0)?).into_iter().map(|field| field.value.clone()).collect()),
        "merge" => Data::Object(merge(args)?),
        // What is picked out stays the literal that it is.
        "lookup" => {
            let name = text(1)?;
            let found = object(0)?.iter().find(|field| field.name == name).map(|field| &field.value);
            return Some(found.or(args.get(2))?.clone().at_most_likely("a function"));
        }
        "element" => {
            let items = list(0)?;
            let index = position(args.get(1)?.as_number()?)?.checked_rem(items.len())?;
            return Some(items[index].clone().at_most_likely("a function"));
        }
        "add" => Data::Number(args.first()?.as_number()? + args.get(1)?.as_number()?),
        "subtract" => Data::Number(args.first()?.as_number()? - args.get(1)?.as_number()?),
        _ => return None,
    };
    match &data {
        Data::Text(text) if text.len() > MAX_TEXT => Some(Val::unknown("too much to work out")),
        _ => Some(Val::computed(data, "a function")),
    }
}

/// The first value that will do, as the literal that it is.
fn first(arguments: Vec<Val>, is_good: impl Fn(&Val) -> bool) -> Option<Val> {
    for val in arguments {
        // Whether an earlier one will do is not known.
        if val.is_unknown() {
            return Some(Val::unknown("a function"));
        }
        if is_good(&val) {
            return Some(val.at_most_likely("a function"));
        }
    }
    Some(Val::unknown("a function"))
}

fn is_empty_text(val: &Val) -> bool {
    matches!(&val.data, Data::Null) || matches!(&val.data, Data::Text(text) if text.is_empty())
}

fn bounded(items: Vec<Val>) -> Option<Vec<Val>> {
    Some(items).filter(|items| items.len() <= MAX_ITEMS)
}

fn split(separator: &str, text: &str) -> Option<Vec<Val>> {
    let item = |part: &str| Val::text(part, "a function");
    if separator.is_empty() {
        return bounded(text.chars().take(MAX_ITEMS + 1).map(|c| item(&c.to_string())).collect());
    }
    bounded(text.split(separator).take(MAX_ITEMS + 1).map(item).collect())
}

fn join(separator: &str, lists: &[Val]) -> Option<String> {
    let mut text = String::new();
    let mut is_first = true;
    for item in lists.iter().map(Val::as_list).collect::<Option<Vec<_>>>()?.into_iter().flatten() {
        if !is_first {
            text.push_str(separator);
        }
        is_first = false;
        text.push_str(&item.as_text()?);
        if text.len() > MAX_TEXT {
            return None;
        }
    }
    Some(text)
}

/// All occurrences; a pattern between slashes would be a regular expression in other tools, but is not here.
fn replace(text: &str, from: &str, to: &str) -> Option<String> {
    if from.is_empty() || to.len().saturating_mul(text.len()) > MAX_TEXT * 16 {
        return None;
    }
    Some(text.replace(from, to))
}

fn title(text: &str) -> String {
    let mut titled = String::new();
    let mut starts = true;
    for c in text.chars() {
        if starts {
            titled.extend(c.to_uppercase())
        } else {
            titled.push(c)
        }
        starts = !c.is_alphanumeric();
    }
    titled
}

/// What can't be part of a target's name becomes `_`.
fn sanitize(text: &str) -> String {
    let kept = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '-' | '_') { c } else { '_' };
    text.chars().map(kept).collect()
}

/// `%s`, `%v`, `%d` and `%%`; more is not worked out.
fn format(arguments: &[Val]) -> Option<String> {
    let pattern = arguments.first()?.as_text()?;
    let mut rest = arguments[1..].iter();
    let mut text = String::new();
    let mut chars = pattern.chars();
    while let Some(c) = chars.next() {
        if c != '%' {
            text.push(c);
            continue;
        }
        match chars.next()? {
            '%' => text.push('%'),
            's' | 'v' => text.push_str(&rest.next()?.as_text()?),
            'd' => text.push_str(&Val::certain(Data::Number(rest.next()?.as_number()?)).as_text()?),
            _ => return None,
        }
        if text.len() > MAX_TEXT {
            return None;
        }
    }
    Some(text)
}

fn contains(items: &[Val], wanted: &Val) -> Option<bool> {
    let mut is_unknown = false;
    for item in items {
        match item.equals(wanted) {
            Some(true) => return Some(true),
            Some(false) => {}
            None => is_unknown = true,
        }
    }
    (!is_unknown).then_some(false)
}

fn flatten(items: &[Val], depth: usize) -> Option<Vec<Val>> {
    let mut all = Vec::new();
    for item in items {
        match item.as_list() {
            Some(inner) if depth < 16 => all.extend(flatten(inner, depth + 1)?),
            Some(_) => return None,
            None => all.push(item.clone()),
        }
        if all.len() > MAX_ITEMS {
            return None;
        }
    }
    Some(all)
}

/// Keys stand in order where they become a list.
fn sorted(fields: &[Field]) -> Vec<&Field> {
    let mut sorted: Vec<&Field> = fields.iter().collect();
    sorted.sort_by(|left, right| left.name.cmp(&right.name));
    sorted
}

fn key(field: &Field) -> Val {
    Val { literal: Some(field.key.clone()), ..Val::text(&field.name, "a function") }
}

/// Of two values with one key the last counts.
fn merge(objects: &[Val]) -> Option<Vec<Field>> {
    let mut all: std::collections::BTreeMap<&str, &Field> = std::collections::BTreeMap::new();
    for object in objects.iter().filter(|object| object.data != Data::Null) {
        all.extend(object.as_object()?.iter().map(|field| (field.name.as_str(), field)));
    }
    Some(all.into_values().cloned().collect())
}
