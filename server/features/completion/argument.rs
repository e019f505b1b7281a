//! What stands behind the keyword and its flags.

use std::{collections::HashSet, ops::Range};

use super::{
    Completion, CompletionKind, Documentation, account, fitting,
    keyword::Case,
    place::{Place, Spot},
    template, value,
};
use crate::{
    features::topic::Topic,
    flow::{RootKind, StageFlow},
    language::{
        annotations, ports,
        signals::{self, SIGNALS},
    },
    rules::values::{port::PROTOCOLS, signal},
    stages::names::is_reserved_name,
    syntax::Keyword,
    variables::DeclarationKind,
};

/// The words that can stand at the cursor; nothing where only the author knows.
pub(super) fn completion(spot: &Spot<'_>) -> Vec<Completion> {
    let number = match spot.place {
        Place::Start { .. } => 0,
        Place::Word(number) => number,
        Place::PairName => return names(spot),
        Place::Text => return text(spot),
        _ => return Vec::new(),
    };
    match (spot.keyword(), number) {
        (Keyword::From, 1) => as_name(spot),
        (Keyword::From, 2) => stage_names(spot),
        (Keyword::User, 0) => account::completion(spot, false),
        (Keyword::Expose, _) => exposed(spot),
        (Keyword::StopSignal, 0) => signals(spot),
        (Keyword::Workdir, 0) => fitting(&spot.typed(), value::directories(spot)),
        (Keyword::Healthcheck, 0) => actions(spot),
        _ => text(spot),
    }
}

/// The `AS` behind a base.
fn as_name(spot: &Spot<'_>) -> Vec<Completion> {
    if spot.has_as_elsewhere() {
        return Vec::new();
    }
    let case = Case::of(spot.doc, &spot.typed());
    let label = case.written("AS");
    let snippet = format!("{label} ${{1:name}}");
    let item = spot.item(&*label, CompletionKind::Keyword).detail("Gives the stage a name");
    let item = Completion {
        filter: case.filter(&label),
        snippet: spot.is_last_on_line().then_some(snippet),
        text: format!("{label} "),
        ..item.topic(Topic::Instruction(Keyword::From))
    };
    fitting(&spot.typed(), vec![item])
}

/// Names that somebody asks for and no stage has, then usual ones.
fn stage_names(spot: &Spot<'_>) -> Vec<Completion> {
    const USUAL: [(&str, &str); 8] = [
        ("base", "What other stages have in common"),
        ("deps", "Installs dependencies"),
        ("build", "Builds"),
        ("test", "Runs the tests"),
        ("lint", "Checks the sources"),
        ("dev", "For development"),
        ("runtime", "What runs in production"),
        ("final", "What is built without a target"),
    ];
    let doc = spot.doc;
    let known = |name: &str| !doc.stages().names().with_name(&name.to_lowercase()).is_empty();
    let mut items: Vec<Completion> = Vec::new();
    for (name, user) in doc.outside().targets() {
        if !name.is_empty() && !known(name) && items.iter().all(|item| item.label != name) {
            let item = spot.item(name, CompletionKind::Stage);
            items.push(item.detail(format!("Asked for by {}", user.title)));
        }
    }
    for (name, what) in USUAL {
        if !known(name) && !is_reserved_name(name) && items.iter().all(|item| item.label != name) {
            items.push(spot.item(name, CompletionKind::Stage).detail(what));
        }
    }
    fitting(&spot.typed(), items)
}

/// Ports of the file and of the image, with their protocols behind a number.
fn exposed(spot: &Spot<'_>) -> Vec<Completion> {
    let typed = spot.typed();
    let (number, _) = typed.split_once('/').unwrap_or((&typed, ""));
    let mut items: Vec<Completion> = Vec::new();
    let mut add = |text: String, detail: &str| {
        let is_there = spot.instruction().words().iter().any(|word| word.text() == text);
        if !is_there && items.iter().all(|item| item.label != text) {
            items.push(spot.item(text, CompletionKind::Value).detail(detail));
        }
    };
    for text in value::words_of(spot, Keyword::Expose) {
        add(text, "Exposed elsewhere in this file");
    }
    for (name, value) in port_variables(spot) {
        add(format!("${{{name}}}"), &value);
        add(value, &format!("{name} of this stage"));
    }
    if let Some((stage, _)) = spot.flow() {
        for (port, of) in of_image(stage) {
            add(port.to_string(), &format!("Of {of}"));
        }
    }
    for port in ports::USUAL {
        add(port.to_string(), "");
    }
    if number.parse::<u16>().is_ok() {
        for protocol in PROTOCOLS {
            let detail = if protocol == PROTOCOLS[0] { "As without a protocol" } else { "" };
            add(format!("{number}/{protocol}"), detail);
        }
    }
    items.iter_mut().for_each(|item| item.detail = item.detail.take().filter(|detail| !detail.is_empty()));
    fitting(&typed, items)
}

/// The variables that the stage sees whose names end with `PORT`, those that are a number, with it.
fn port_variables(spot: &Spot<'_>) -> Vec<(String, String)> {
    let variables = spot.doc.variables();
    let visible = variables.visible(spot.doc.stages(), spot.stage(), spot.start()).into_iter();
    let declared = visible.map(|index| &variables.declarations()[index]);
    let ports = declared.filter(|it| it.name.to_ascii_uppercase().ends_with("PORT")).take(value::MOST_USED);
    let with_value = ports.filter_map(|it| {
        let placed = spot.doc.syntax().instructions().get(it.instruction)?;
        let pairs = placed.instruction.effective().pairs();
        let pair = pairs.iter().find(|pair| placed.at(pair.name.range()) == it.range)?;
        let value = pair.value.as_ref()?.text().trim_matches(['"', '\'']).to_owned();
        value.parse::<u16>().is_ok().then(|| (it.name.to_string(), value))
    });
    with_value.collect()
}

/// The ports of the image that a stage stands on, or of its language.
fn of_image(stage: &StageFlow) -> Vec<(u16, String)> {
    let RootKind::Image(image, facts) = &stage.root().kind else { return Vec::new() };
    let name = image.repository.rsplit('/').next().unwrap_or_default();
    let found = ports::of_image(name);
    if !found.is_empty() {
        return found.iter().map(|port| (*port, name.to_owned())).collect();
    }
    let language = facts.as_ref().and_then(|facts| facts.language.as_ref());
    let Some(language) = language else { return Vec::new() };
    ports::of_language(&language.name).iter().map(|port| (*port, language.name.clone())).collect()
}

/// The usual signals, then all others.
fn signals(spot: &Spot<'_>) -> Vec<Completion> {
    let others = signal::NAMES.iter().map(|name| format!("SIG{}", name.to_ascii_uppercase()));
    let others = others.filter(|name| SIGNALS.iter().all(|(usual, _)| usual != name));
    let item = |name: String| {
        let meaning = signals::signal(&name).map(|(_, _, meaning)| *meaning);
        let item = spot.item(name, CompletionKind::Value);
        Completion { detail: meaning.map(str::to_owned), ..item }
    };
    let mut items = value::listed(spot, &SIGNALS);
    items.extend(others.map(item));
    fitting(&spot.typed(), items)
}

/// What a HEALTHCHECK does.
fn actions(spot: &Spot<'_>) -> Vec<Completion> {
    let typed = spot.typed();
    let case = Case::of(spot.doc, &typed);
    let item = |name: &str, detail: &str| {
        let label = case.written(name);
        let item = spot.item(&*label, CompletionKind::Keyword).detail(detail);
        Completion { filter: case.filter(&label), ..item }.topic(Topic::Instruction(Keyword::Healthcheck))
    };
    let mut items = vec![item("CMD", "Runs a command to test the container")];
    if spot.is_last_on_line() {
        let exec = template_item(
            spot,
            spot.word.clone(),
            &format!("{} [\"{{{{1:program}}}}\"]", case.written("CMD")),
        );
        items.push(Completion { filter: case.filter(&exec.label), ..exec });
    }
    // It takes no flags.
    if spot.other_flags().next().is_none() {
        items.push(item("NONE", "Takes away the test of the base"));
    }
    fitting(&typed, items)
}

/// Names of labels, and of variables that the stage has as arguments.
fn names(spot: &Spot<'_>) -> Vec<Completion> {
    let pairs = spot.instruction().pairs();
    let there: HashSet<&str> = pairs.iter().map(|pair| pair.name.text()).collect();
    let is_there = |name: &str| there.contains(name);
    let equals = if spot.has_equals() { "" } else { "=" };
    let items = match spot.keyword() {
        Keyword::Label => annotations::KEYS
            .iter()
            .map(|(key, what)| (format!("{}{key}", annotations::PREFIX), what))
            .filter(|(name, _)| !is_there(name))
            .map(|(name, what)| Completion {
                text: format!("{name}{equals}"),
                snippet: (!spot.has_equals()).then(|| format!("{name}=\"$1\"")),
                ..spot.item(name, CompletionKind::Value).detail(*what)
            })
            .collect(),
        Keyword::Env => {
            let variables = spot.doc.variables();
            let visible = variables.visible(spot.doc.stages(), spot.stage(), spot.start());
            let declared = visible.iter().map(|&index| &variables.declarations()[index]);
            let declared = declared.filter(|it| !is_there(&it.name));
            let mut items: Vec<Completion> = declared
                .map(|it| Completion {
                    text: match it.kind {
                        DeclarationKind::Arg if !spot.has_equals() => format!("{0}=${0}", it.name),
                        _ => format!("{}{equals}", it.name),
                    },
                    ..spot.item(&*it.name, CompletionKind::Variable).detail(match it.kind {
                        DeclarationKind::Arg => "Takes the value of the ARG",
                        DeclarationKind::Env => "Set above",
                    })
                })
                .collect();
            if !is_there("PATH") && items.iter().all(|item| item.label != "PATH") {
                items.push(Completion {
                    text: if spot.has_equals() { "PATH".into() } else { "PATH=".into() },
                    snippet: (!spot.has_equals()).then(|| "PATH=${1:/directory}:\\$PATH".into()),
                    ..spot.item("PATH", CompletionKind::Variable).detail("Where programs are looked for")
                });
            }
            items
        }
        _ => Vec::new(),
    };
    fitting(&spot.typed(), items)
}

/// JSON forms, while nothing else is typed.
fn text(spot: &Spot<'_>) -> Vec<Completion> {
    let templates: &[&str] = match spot.keyword() {
        Keyword::Shell if spot.flow().is_some_and(|(stage, _)| stage.is_windows()) => &[
            "[\"powershell\", \"-Command\", \"$ErrorActionPreference = 'Stop'; $ProgressPreference = 'SilentlyContinue';\"]",
            "[\"cmd\", \"/S\", \"/C\"]",
        ],
        Keyword::Shell => &[
            "[\"/bin/bash\", \"-o\", \"pipefail\", \"-c\"]",
            "[\"/bin/ash\", \"-eo\", \"pipefail\", \"-c\"]",
            "[\"/bin/sh\", \"-c\"]",
        ],
        Keyword::Cmd | Keyword::Entrypoint | Keyword::Healthcheck => &["[\"{{1:program}}\"]"],
        Keyword::Volume => &["[\"{{1:/data}}\"]"],
        _ => return Vec::new(),
    };
    let (start, typed) = match spot.place {
        Place::Start { .. } if spot.typed().is_empty() => (spot.offset, String::new()),
        _ => match spot.text_before() {
            Some(found) => found,
            None => return Vec::new(),
        },
    };
    // Brackets that an editor closes by itself are taken over.
    let rest = spot.rest();
    let behind = rest.trim_end();
    let is_closed = matches!(behind, "" | "]" | "\"]" | "\"\"]");
    if !is_closed || !"[\"".starts_with(&*typed) {
        return Vec::new();
    }
    templates
        .iter()
        .map(|template| template_item(spot, start..spot.offset + behind.len(), template))
        .collect()
}

/// An item that writes a template over `range`.
fn template_item(spot: &Spot<'_>, range: Range<usize>, template: &str) -> Completion {
    let text = template::plain(template);
    let snippet = template::snippet(template);
    Completion {
        snippet: (snippet != text).then_some(snippet),
        documentation: Documentation::Topic(Topic::Instruction(spot.keyword())),
        ..Completion::new(text, CompletionKind::Snippet, &range, spot.offset)
    }
}
