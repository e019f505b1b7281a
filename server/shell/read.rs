//! Goes over the tree of a script and writes down its commands.
//!
//! The grammar nests redirections, pipelines and lists otherwise than a shell does (`a && b > f` is one redirected list to it),
//! so a statement is first laid out as a row of steps, and then read with the shell's own precedence.

use std::{borrow::Cow, cell::RefCell, ops::Range};

use tree_sitter::{Node, Parser, Tree, TreeCursor};

use super::{
    Argument, Assignment, Command, Directory, Piece, Redirect, Script, heredocs, inner, repair::repair, words,
};

/// The longest text that is read, in bytes.
const LONG: usize = 64 * 1024;

/// Deepest nesting that is read: subshells, branches, substitutions, scripts in arguments.
const DEEP: u32 = 64;

/// Most `cd`s in a row that are kept.
const MOVES: usize = 16;

/// Most redirections of a compound that are noted with its commands.
const SHARED: usize = 8;

thread_local! {
    static PARSER: RefCell<Parser> = RefCell::new({
        let mut parser = Parser::new();
        let language = tree_sitter_bash::LANGUAGE.into();
        parser.set_language(&language).expect("the grammar and the library are built for each other");
        parser
    });
}

/// Reads a text.
pub fn script(text: &str) -> Script {
    let mut reader = Reader::new();
    reader.text(text, 0, None, Context::default());
    reader.finish()
}

/// Reads the words of one command.
pub fn words(words: Vec<Argument>) -> Script {
    let mut reader = Reader::new();
    let start = words.first().map_or(0, |word| word.range.start);
    let end = words.last().map_or(start, |word| word.range.end);
    if !words.is_empty() {
        let command = reader.command_at(start..end, words, Context::default());
        reader.commands.push(command);
        inner::read(&mut reader, 0, None, Context::default());
    }
    reader.finish()
}

/// What the commands of a statement have in common.
#[derive(Debug, Clone, Copy, Default)]
pub struct Context {
    conditional: bool,
    piped: bool,
    fed: bool,
    depth: u32,
    /// Whether the script goes on if the statement fails: others follow behind a `;`.
    loose: bool,
}

impl Context {
    fn conditional(self) -> Context {
        Context { conditional: true, ..self }
    }

    pub fn deeper(self) -> Context {
        Context { depth: self.depth + 1, ..self }
    }
}

#[derive(Debug)]
pub struct Reader {
    pub commands: Vec<Command>,
    pub understood: bool,
    pub directory: Directory,
    /// Functions that go to another directory.
    moving: Vec<String>,
}

impl Reader {
    fn new() -> Reader {
        Reader { commands: Vec::new(), understood: true, directory: Directory::Start, moving: Vec::new() }
    }

    fn finish(self) -> Script {
        Script { commands: self.commands, understood: self.understood }
    }

    /// Reads a whole text that starts at `base`; `whole` is the place of all of it if its parts have none of their own.
    pub fn text(&mut self, text: &str, base: usize, whole: Option<Range<usize>>, context: Context) {
        // NUL ends a text for the grammar, again and again.
        if text.len() > LONG || text.contains('\0') || context.depth > DEEP {
            self.understood = false;
            return;
        }
        let heredocs::Blanked { text, markers } = heredocs::blank(text);
        let Some((text, tree)) = parse(text) else {
            self.understood = false;
            return;
        };
        let root = tree.root_node();
        self.understood &= !root.has_error();
        let mut walk = Walk { text: &text, heredocs: &markers, base, whole, reader: self };
        // What an unfinished compound holds may be run or not.
        let context = if root.is_error() { context.conditional() } else { context };
        walk.statements(children(root), context);
    }

    fn command_at(&self, range: Range<usize>, words: Vec<Argument>, context: Context) -> Command {
        Command {
            range,
            assignments: Vec::new(),
            words,
            redirects: Vec::new(),
            directory: self.directory.clone(),
            conditional: context.conditional,
            piped: context.piped,
            fed: context.fed,
        }
    }

    /// Follows the last command if it changes the directory.
    fn follow(&mut self) {
        let Some(command) = self.commands.last() else { return };
        let Some(name) = command.words.first().and_then(Argument::text) else { return };
        let to = match name {
            "cd" | "pushd" => command.words[1..].iter().find(|word| !is_option(word)),
            "popd" => None,
            _ if !self.moving.is_empty() && self.moving.iter().any(|moving| moving == name) => None,
            _ => return,
        };
        let known = to.filter(|to| to.text() != Some("-") && is_path(to));
        let Some(to) = known.cloned() else {
            self.directory = Directory::Unknown;
            return;
        };
        let anew = matches!(to.pieces.first(), Some(Piece::Text(text)) if text.starts_with(['/', '~']));
        self.directory = match std::mem::replace(&mut self.directory, Directory::Unknown) {
            Directory::Start => Directory::After(vec![to]),
            _ if anew => Directory::After(vec![to]),
            Directory::After(mut moves) if moves.len() < MOVES => {
                moves.push(to);
                Directory::After(moves)
            }
            Directory::After(_) | Directory::Unknown => Directory::Unknown,
        };
    }
}

fn is_option(word: &Argument) -> bool {
    word.text().is_some_and(|text| text.starts_with('-') && text != "-")
}

/// Whether a word is one path, though variables may stand in it.
fn is_path(word: &Argument) -> bool {
    !word.pieces.is_empty()
        && word.pieces.iter().all(|piece| matches!(piece, Piece::Text(_) | Piece::Variable(..)))
}

/// The simple commands of the grammar, a redirection alone included.
const SIMPLE: [&str; 8] = [
    "command",
    "declaration_command",
    "unset_command",
    "test_command",
    "variable_assignment",
    "variable_assignments",
    "file_redirect",
    "herestring_redirect",
];

/// How often the grammar may look at each byte, on average, and how many more it may look at in all: it looks ahead to the end
/// from each of some tokens, which takes for ever in a text of nothing else.
const LOOKS: usize = 100;
const LOOKS_MORE: usize = 1 << 20;

/// How much it is given at a time, in bytes.
const CHUNK: usize = 1024;

fn tree(text: &str) -> Option<Tree> {
    let mut left = LOOKS * text.len() + LOOKS_MORE;
    let mut read = |offset: usize, _| {
        let chunk = &text.as_bytes()[offset.min(text.len())..];
        let chunk = &chunk[..chunk.len().min(CHUNK).min(left)];
        left -= chunk.len();
        chunk
    };
    let tree = PARSER.with_borrow_mut(|parser| parser.parse_with_options(&mut read, None, None));
    tree.filter(|_| left > 0)
}

/// The tree of a text, and the text that it is a tree of.
fn parse(text: Cow<'_, str>) -> Option<(Cow<'_, str>, Tree)> {
    let tree = tree(&text)?;
    if tree.root_node().has_error()
        && let Some(repaired) = repair(&text)
        && let Some(tree) = self::tree(&repaired).filter(|tree| !tree.root_node().has_error())
    {
        return Some((Cow::Owned(repaired), tree));
    }
    Some((text, tree))
}

/// How a step is joined to the one before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Joint {
    First,
    And,
    Or,
    Pipe,
}

/// A command or compound in a row of them.
#[derive(Debug)]
struct Step<'t> {
    node: Node<'t>,
    joint: Joint,
    redirects: Vec<Node<'t>>,
}

/// Lays a statement out, without what is wrong in it.
fn steps(statement: Node<'_>) -> Vec<Step<'_>> {
    let mut steps: Vec<Step<'_>> = Vec::new();
    let mut joint = Joint::First;
    let mut stack = vec![statement];
    while let Some(node) = stack.pop() {
        match node.kind() {
            "list" | "pipeline" | "redirected_statement" | "negated_command" => {
                let from = stack.len();
                stack.extend(children(node));
                stack[from..].reverse();
            }
            "&&" => joint = Joint::And,
            "||" => joint = Joint::Or,
            "|" | "|&" => joint = Joint::Pipe,
            "file_redirect" | "herestring_redirect" if joint == Joint::First && !steps.is_empty() => {
                steps.last_mut().expect("it is not empty").redirects.push(node);
            }
            _ if !node.is_named() || node.is_extra() || node.is_error() => {}
            _ => {
                let joint = std::mem::replace(&mut joint, Joint::First);
                steps.push(Step { node, joint, redirects: Vec::new() });
            }
        }
    }
    steps
}

/// A walk over one tree.
struct Walk<'a> {
    /// Without its heredocs.
    text: &'a str,
    /// Where heredocs are read, in order.
    heredocs: &'a [usize],
    base: usize,
    whole: Option<Range<usize>>,
    reader: &'a mut Reader,
}

impl<'a> Walk<'a> {
    /// A range of the text as one of the script.
    fn at(&self, range: Range<usize>) -> Range<usize> {
        self.whole.clone().unwrap_or(self.base + range.start..self.base + range.end)
    }

    /// Statements in a row, tokens between them included.
    fn statements<'t>(&mut self, nodes: impl Iterator<Item = Node<'t>>, context: Context) {
        if context.depth > DEEP {
            self.reader.understood = false;
            return;
        }
        let mut nodes =
            nodes.filter(|node| node.is_named() && !node.is_extra() && !node.is_error()).peekable();
        while let Some(node) = nodes.next() {
            let loose = nodes.peek().is_some();
            self.statement(node, Context { loose, ..context });
        }
    }

    fn statement(&mut self, node: Node<'_>, context: Context) {
        if !matches!(node.kind(), "list" | "pipeline" | "redirected_statement" | "negated_command") {
            return self.step(&Step { node, joint: Joint::First, redirects: Vec::new() }, context);
        }
        let steps = steps(node);
        let last_or = steps.iter().rposition(|step| step.joint == Joint::Or).unwrap_or(0);
        let entry = (last_or > 0).then(|| self.reader.directory.clone());
        let mut doubtful = false;
        let mut tested = false;
        let mut start = 0;
        while start < steps.len() {
            let joined = steps[start + 1..].iter().take_while(|step| step.joint == Joint::Pipe).count();
            let pipeline = &steps[start..=start + joined];
            let joint = pipeline[0].joint;
            let skipped = match joint {
                Joint::First | Joint::Pipe => false,
                Joint::Or => true,
                // `a && b || c` comes to its end without b, and so does `[ a ] && b; c`.
                Joint::And => start < last_or || (tested && context.loose),
            };
            let inner = if skipped { context.conditional() } else { context };
            let before = skipped.then(|| self.reader.directory.clone());
            if joint == Joint::Or && entry.as_ref() != Some(&self.reader.directory) {
                // How far the commands on the left came.
                self.reader.directory = Directory::Unknown;
            }
            let went_in = (joint == Joint::Or).then(|| self.reader.directory.clone());
            self.pipeline(pipeline, inner);
            if let Some(went_in) = went_in {
                let stayed = self.reader.directory == went_in;
                self.reader.directory = before.filter(|_| stayed).unwrap_or(Directory::Unknown);
            } else {
                doubtful |= before.is_some_and(|before| before != self.reader.directory);
            }
            tested = pipeline.len() == 1 && self.is_test(pipeline[0].node) || tested && joint == Joint::And;
            start += joined + 1;
        }
        if doubtful {
            self.reader.directory = Directory::Unknown;
        }
    }

    /// Whether a command is there to fail or not.
    fn is_test(&self, node: Node<'_>) -> bool {
        let name =
            |node: Node<'_>| node.child_by_field_name("name").map(|name| &self.text[name.byte_range()]);
        node.kind() == "test_command" || node.kind() == "command" && name(node) == Some("test")
    }

    fn pipeline(&mut self, steps: &[Step<'_>], context: Context) {
        let [step] = steps else {
            let directory = self.reader.directory.clone();
            for (index, step) in steps.iter().enumerate() {
                let piped = context.piped || index + 1 < steps.len();
                self.step(step, Context { piped, fed: context.fed || index > 0, ..context });
                self.reader.directory.clone_from(&directory);
            }
            return;
        };
        self.step(step, context);
    }

    fn step(&mut self, step: &Step<'_>, context: Context) {
        let node = step.node;
        if SIMPLE.contains(&node.kind()) {
            return self.command(step, context);
        }
        let from = self.reader.commands.len();
        self.compound(node, context);
        if step.redirects.is_empty() {
            return;
        }
        let mut all = Parts::default();
        for &redirect in &step.redirects {
            self.redirect(redirect, &mut all);
        }
        all.redirects.truncate(SHARED);
        for command in &mut self.reader.commands[from..] {
            command.fed |= all.fed;
            command.redirects.extend_from_slice(&all.redirects);
        }
        self.substitutions(&step.redirects, context);
    }

    /// What holds statements.
    fn compound(&mut self, node: Node<'_>, context: Context) {
        let context = context.deeper();
        match node.kind() {
            "subshell" => self.subshell(node, context),
            "compound_statement" if !self.text[node.start_byte()..].starts_with("((") => {
                self.statements(children(node), context);
            }
            "do_group" => self.statements(children(node), context),
            "if_statement" => self.branches(node, "then", context),
            "while_statement" | "for_statement" | "c_style_for_statement" => self.branches(node, "", context),
            "case_statement" => self.branches(node, "in", context),
            "function_definition" => self.function(node, context),
            _ => self.substitutions(&[node], context),
        }
    }

    /// Statements that can't change the directory of what follows.
    fn subshell(&mut self, node: Node<'_>, context: Context) {
        let directory = self.reader.directory.clone();
        self.statements(children(node), context);
        self.reader.directory = directory;
    }

    /// A compound of which some parts may be skipped: those behind the word `first`, and the bodies of loops.
    fn branches(&mut self, node: Node<'_>, first: &str, context: Context) {
        let mut entry = self.reader.directory.clone();
        let mut doubtful = false;
        let mut skippable = false;
        for child in children(node) {
            skippable |= child.kind() == first;
            let context = Context { loose: true, ..context };
            let inner = if skippable { context.conditional() } else { context };
            match child.kind() {
                "elif_clause" | "else_clause" | "case_item" => {
                    doubtful |= self.reader.directory != entry;
                    self.reader.directory.clone_from(&entry);
                    self.clause(child, inner);
                }
                "do_group" | "compound_statement" if !skippable => {
                    self.compound(child, context.conditional());
                }
                kind if !child.is_named()
                    || child.is_extra()
                    || child.is_error()
                    || kind == "variable_name" =>
                {
                    if kind == first {
                        entry.clone_from(&self.reader.directory);
                    }
                }
                _ => self.statement(child, inner),
            }
        }
        doubtful |= self.reader.directory != entry;
        if doubtful {
            self.reader.directory = Directory::Unknown;
        }
    }

    /// The statements of an `else`, `elif` or case; the values of a case are words.
    fn clause(&mut self, node: Node<'_>, context: Context) {
        self.statements(children(node), context.deeper());
    }

    fn function(&mut self, node: Node<'_>, context: Context) {
        let Some(body) = node.child_by_field_name("body") else { return };
        let directory = std::mem::replace(&mut self.reader.directory, Directory::Unknown);
        let from = self.reader.commands.len();
        let redirects = node.child_by_field_name("redirect").into_iter().collect();
        self.step(&Step { node: body, joint: Joint::First, redirects }, context.conditional());
        let moves = |command: &Command| {
            matches!(command.words.first().and_then(Argument::text), Some("cd" | "pushd" | "popd"))
        };
        if self.reader.commands[from..].iter().any(moves)
            && let Some(name) = node.child_by_field_name("name")
        {
            self.reader.moving.push(self.text[name.byte_range()].to_owned());
        }
        self.reader.directory = directory;
    }

    /// A simple command.
    fn command(&mut self, step: &Step<'_>, context: Context) {
        let node = step.node;
        let mut parts = Parts::default();
        match node.kind() {
            "file_redirect" | "herestring_redirect" => self.redirect(node, &mut parts),
            "test_command" => self.test(node, &mut parts),
            "variable_assignment" => self.part(node, &mut parts),
            _ => children(node).for_each(|child| self.part(child, &mut parts)),
        }
        let mut range = node.byte_range();
        for &redirect in &step.redirects {
            self.redirect(redirect, &mut parts);
            range.end = range.end.max(redirect.end_byte());
        }
        if parts.commands {
            self.substitutions(&[node], context);
            self.substitutions(&step.redirects, context);
        }
        if parts.words.is_empty() && parts.assignments.is_empty() && parts.redirects.is_empty() {
            return;
        }
        let mut command = self.reader.command_at(self.at(range), parts.words, context);
        command.assignments = parts.assignments;
        command.redirects = parts.redirects;
        command.fed |= parts.fed;
        self.reader.commands.push(command);
        if self.reader.commands.last().is_some_and(|command| !command.words.is_empty()) {
            self.reader.follow();
            inner::read(self.reader, self.base, self.whole.is_none().then_some(self.text), context);
        }
    }

    /// One part of a simple command.
    fn part(&mut self, node: Node<'_>, parts: &mut Parts) {
        match node.kind() {
            "variable_assignment" => self.assignment(node, parts),
            "file_redirect" | "herestring_redirect" => self.redirect(node, parts),
            "command_name" => {
                for name in children(node).filter(|name| !name.is_missing()) {
                    let word = self.argument(name, true, parts);
                    parts.words.push(word);
                }
            }
            // `name (…)` is the start of a function, or a mistake.
            "subshell" => parts.commands = true,
            _ if node.is_extra() || node.is_error() || node.is_missing() => {}
            _ => {
                let word = self.argument(node, true, parts);
                parts.words.push(word);
            }
        }
    }

    /// `[ … ]`: its words in order.
    fn test(&mut self, node: Node<'_>, parts: &mut Parts) {
        let mut stack: Vec<Node<'_>> = children(node).collect();
        // The closing bracket.
        stack.pop();
        stack.reverse();
        while let Some(node) = stack.pop() {
            match node.kind() {
                "unary_expression"
                | "binary_expression"
                | "ternary_expression"
                | "postfix_expression"
                | "parenthesized_expression"
                | "redirected_statement" => {
                    let from = stack.len();
                    stack.extend(children(node));
                    stack[from..].reverse();
                }
                "[[" => parts.words.push(Argument {
                    range: self.at(node.byte_range()),
                    pieces: vec![Piece::Text("[".to_owned())],
                }),
                "file_redirect" | "herestring_redirect" => self.redirect(node, parts),
                _ if node.is_extra() || node.is_error() || node.is_missing() => {}
                _ => {
                    let patterns = parts.words.is_empty();
                    let word = self.argument(node, patterns, parts);
                    parts.words.push(word);
                }
            }
        }
    }

    fn assignment(&mut self, node: Node<'_>, parts: &mut Parts) {
        let Some(name) = node.child_by_field_name("name") else { return };
        let value = match node.child_by_field_name("value") {
            Some(value) => self.argument(value, false, parts),
            None => Argument { range: self.at(node.end_byte()..node.end_byte()), pieces: Vec::new() },
        };
        let raw = &self.text[name.byte_range()];
        // `a+=b` and `a[i]=b` are not all of a value.
        let is_all = raw.len() == name.byte_range().len()
            && !raw.contains('[')
            && !self.text[name.end_byte()..node.end_byte()].starts_with('+');
        parts.assignments.push(Assignment {
            range: self.at(node.byte_range()),
            name: raw.split('[').next().unwrap_or_default().to_owned(),
            value: if is_all { value } else { Argument { pieces: vec![Piece::Any], ..value } },
        });
    }

    fn redirect(&mut self, node: Node<'_>, parts: &mut Parts) {
        let operator = children(node).find(|child| !child.is_named());
        let Some(operator) = operator else { return };
        let is_heredoc = self.heredocs.binary_search(&operator.start_byte()).is_ok();
        parts.fed |= is_heredoc || operator.kind() == "<<<";
        let mut targets = children(node).filter(|child| {
            child.is_named() && !child.is_extra() && !child.is_error() && child.kind() != "file_descriptor"
        });
        if let Some(target) = targets.next() {
            let target = self.argument(target, true, parts);
            // `2>&1` goes where another one goes.
            let is_file = match operator.kind() {
                "<" => !is_heredoc,
                ">" | ">>" | "&>" | "&>>" | ">|" => true,
                ">&" => !target.text().is_some_and(is_descriptor),
                _ => false,
            };
            if is_file {
                parts.redirects.push(Redirect { writes: operator.kind() != "<", target });
            }
        }
        // The grammar takes arguments behind a target for more targets.
        for node in targets {
            let word = self.argument(node, true, parts);
            parts.words.push(word);
        }
    }

    fn argument(&self, node: Node<'_>, patterns: bool, parts: &mut Parts) -> Argument {
        let range = node.byte_range();
        let raw = &self.text[range.clone()];
        let mut expansions = Vec::new();
        if raw.contains(['$', '`', '(']) {
            let commands;
            (expansions, commands) = words::expansions(self.text, node);
            parts.commands |= commands;
        }
        let mut pieces = words::pieces(self.text, range.clone(), &expansions, patterns);
        for piece in &mut pieces {
            if let Piece::Variable(_, name) = piece {
                *name = self.at(name.clone());
            }
        }
        Argument { range: self.at(range), pieces }
    }

    /// The commands in `$(…)`, backticks and `<(…)` below some nodes.
    fn substitutions(&mut self, nodes: &[Node<'_>], context: Context) {
        for node in nodes {
            words::descend(*node, |node| match node.kind() {
                "command_substitution" => {
                    self.subshell(node, Context { piped: true, fed: false, ..context.deeper() });
                    false
                }
                "process_substitution" => {
                    let piped = self.text[node.start_byte()..].starts_with('<');
                    self.subshell(node, Context { piped, fed: !piped, ..context.deeper() });
                    false
                }
                "subshell" => {
                    self.subshell(node, context.deeper());
                    false
                }
                _ => true,
            });
        }
    }
}

/// The parts of a simple command.
#[derive(Debug, Default)]
struct Parts {
    assignments: Vec<Assignment>,
    words: Vec<Argument>,
    redirects: Vec<Redirect>,
    fed: bool,
    /// Whether commands may stand in its words.
    commands: bool,
}

fn is_descriptor(text: &str) -> bool {
    text == "-" || !text.is_empty() && text.trim_end_matches('-').bytes().all(|byte| byte.is_ascii_digit())
}

fn children(node: Node<'_>) -> Children<'_> {
    let mut cursor = node.walk();
    let more = cursor.goto_first_child();
    Children { cursor, more }
}

struct Children<'t> {
    cursor: TreeCursor<'t>,
    more: bool,
}

impl<'t> Iterator for Children<'t> {
    type Item = Node<'t>;

    fn next(&mut self) -> Option<Node<'t>> {
        if !self.more {
            return None;
        }
        let node = self.cursor.node();
        self.more = self.cursor.goto_next_sibling();
        Some(node)
    }
}
