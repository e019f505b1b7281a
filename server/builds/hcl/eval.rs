//! Works out expressions: what variables, functions and operators come to, as far as a file says it.

use std::{
    cell::{Cell, RefCell},
    collections::{BTreeMap, HashMap},
    fmt,
    ops::Range,
    path::Path,
    sync::Arc,
};

use crate::builds::{
    node::{Scalar, Style},
    value::{Quoting, Spot},
};

use super::{
    Block, Expr, Kind, Operator, Part, functions,
    val::{Data, Field, Literal, Val},
};

/// How deep values may depend on each other.
const MAX_DEPTH: u32 = 100;

/// The longest text that is worked out, in bytes.
pub(super) const MAX_TEXT: usize = 1 << 16;

/// What the files of one run define, and what was worked out of it so far.
pub struct Evaluator<'a> {
    /// Attributes at the top of a file.
    constants: HashMap<&'a str, Located<'a, Expr>>,
    variables: HashMap<&'a str, Located<'a, Block>>,
    functions: HashMap<&'a str, Located<'a, Block>>,
    targets: HashMap<&'a str, Vec<Located<'a, Block>>>,
    /// `None` if it is not known which variables are set.
    env: Option<&'a BTreeMap<String, String>>,
    /// Values by name; `None` while one is worked out.
    known: RefCell<HashMap<&'a str, Option<Val>>>,
    depth: Cell<u32>,
    /// How many steps are left, so that no file takes forever.
    fuel: Cell<usize>,
    problems: RefCell<Vec<Problem>>,
}

/// Something with the file in which it stands.
#[derive(Debug)]
pub struct Located<'a, T> {
    pub file: &'a Arc<Path>,
    pub item: &'a T,
}

impl<T> Clone for Located<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Located<'_, T> {}

/// Where an expression stands, and what names mean only there.
#[derive(Debug, Clone, Copy)]
pub struct At<'a> {
    pub file: &'a Arc<Path>,
    pub locals: &'a [(String, Val)],
}

/// Why bake would refuse an expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    pub spot: Spot,
    pub kind: ProblemKind,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProblemKind {
    UnknownVariable(String),
    UnknownFunction(String),
    Cycle(String),
    /// A value of the environment that is not of the default's type.
    WrongType(String),
}

impl fmt::Display for ProblemKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ProblemKind::UnknownVariable(name) => write!(f, "there is no variable `{name}`"),
            ProblemKind::UnknownFunction(name) => write!(f, "there is no function `{name}`"),
            ProblemKind::Cycle(name) => write!(f, "`{name}` depends on itself"),
            ProblemKind::WrongType(name) => {
                write!(f, "the value of `{name}` has another type than its default")
            }
        }
    }
}

impl<'a> Evaluator<'a> {
    /// `size` is the length of all texts in bytes. Of two things with one name the last one is meant.
    pub fn new(env: Option<&'a BTreeMap<String, String>>, size: usize) -> Evaluator<'a> {
        Evaluator {
            constants: HashMap::new(),
            variables: HashMap::new(),
            functions: HashMap::new(),
            targets: HashMap::new(),
            env,
            known: RefCell::default(),
            depth: Cell::new(0),
            fuel: Cell::new(100_000 + size / 4),
            problems: RefCell::default(),
        }
    }

    /// Takes in what a file defines.
    pub fn add(&mut self, file: &'a Arc<Path>, body: &'a super::Body) {
        for attribute in &body.attributes {
            self.constants.insert(&attribute.name, Located { file, item: &attribute.value });
        }
        for item in &body.blocks {
            let Some(label) = item.labels.first() else { continue };
            let block = Located { file, item };
            match item.kind.as_str() {
                "variable" => drop(self.variables.insert(&label.text, block)),
                "function" => drop(self.functions.insert(&label.text, block)),
                "target" => self.targets.entry(&label.text).or_default().push(block),
                _ => {}
            }
        }
    }

    /// Works out all variables, as bake does, whether something uses them or not.
    pub fn work_out_all(&self) {
        let mut all: Vec<(&'a str, Located<'a, Expr>)> =
            self.constants.iter().map(|(name, expr)| (*name, *expr)).collect();
        for (name, block) in &self.variables {
            if let Some(default) = block.item.body.attribute("default") {
                all.push((name, Located { file: block.file, item: &default.value }));
            }
        }
        all.sort_by_key(|(name, _)| *name);
        for (name, place) in all {
            self.variable(name, Spot::new(place.file, place.item.range.clone()));
        }
    }

    pub fn problems(&self) -> Vec<Problem> {
        self.problems.borrow().clone()
    }

    fn problem(&self, spot: Spot, kind: ProblemKind) {
        let mut problems = self.problems.borrow_mut();
        if problems.len() < 100 {
            problems.push(Problem { spot, kind });
        }
    }

    /// Takes steps; `None` if there are not that many left.
    pub fn spend(&self, steps: usize) -> Option<()> {
        let left = self.fuel.get().checked_sub(steps);
        self.fuel.set(left.unwrap_or(0));
        left.map(drop)
    }

    pub fn eval(&self, expr: &'a Expr, at: At) -> Val {
        if self.depth.get() >= MAX_DEPTH || self.spend(1).is_none() {
            return Val::unknown("too much to work out");
        }
        self.depth.set(self.depth.get() + 1);
        let val = self.step(expr, at);
        self.depth.set(self.depth.get() - 1);
        val
    }

    fn step(&self, expr: &'a Expr, at: At) -> Val {
        let spot = || Spot::new(at.file, expr.range.clone());
        match &expr.kind {
            Kind::Missing => {
                let literal = Literal { spot: spot(), quoting: Some(Quoting::DoubleWhole) };
                Val { literal: Some(literal), ..Val::certain(Data::Text(String::new())) }
            }
            Kind::Null => Val::certain(Data::Null),
            Kind::Bool(value) => Val::certain(Data::Bool(*value)),
            Kind::Number(text) => {
                let literal = Literal { spot: spot(), quoting: Some(Quoting::DoubleWhole) };
                let number = text.parse().unwrap_or(0.0);
                Val { literal: Some(literal), ..Val::certain(Data::Number(number)) }
            }
            Kind::Text { scalar, is_closed } => {
                let val = Val::certain(Data::Text(scalar.text.clone()));
                let val = if *is_closed { val } else { val.at_most_likely("its quote is not closed") };
                Val { literal: Some(literal(scalar, at.file)), ..val }
            }
            Kind::Template(parts) => self.template(parts, at),
            Kind::List(elements) => {
                Val::certain(Data::List(elements.iter().map(|element| self.eval(element, at)).collect()))
            }
            Kind::Object(entries) => self.object(entries, at),
            Kind::Variable(name) => match at.locals.iter().rev().find(|(local, _)| local == name) {
                Some((_, val)) => self.copy(val),
                None => self.variable(name, spot()),
            },
            Kind::Attribute(inner, name) => self.attribute(inner, name, at),
            Kind::Index(inner, index) => self.index(inner, index, at),
            Kind::Call { name, arguments, expands } => {
                let values = arguments.iter().map(|argument| self.eval(argument, at)).collect();
                self.call(name, values, *expands, spot())
            }
            Kind::Conditional(three) => {
                let [condition, yes, no] = &**three;
                let condition = self.eval(condition, at);
                let (yes, no) = (self.eval(yes, at), self.eval(no, at));
                match condition.as_bool() {
                    Some(true) => yes.at_most_likely("one side of a condition"),
                    Some(false) => no.at_most_likely("one side of a condition"),
                    None => Val::unknown("a condition that nobody can know"),
                }
            }
            Kind::Not(inner) => match self.eval(inner, at).as_bool() {
                Some(value) => Val::computed(Data::Bool(!value), "an expression"),
                None => Val::unknown("an expression"),
            },
            Kind::Negative(inner) => match self.eval(inner, at).as_number() {
                Some(number) => Val::computed(Data::Number(-number), "an expression"),
                None => Val::unknown("an expression"),
            },
            Kind::Binary(operator, two) => {
                let [left, right] = &**two;
                let (left, right) = (self.eval(left, at), self.eval(right, at));
                let data = binary(*operator, &left, &right);
                data.map_or(Val::unknown("an expression"), |data| Val::computed(data, "an expression"))
            }
            Kind::Unknown => Val::unknown("an expression"),
        }
    }

    fn template(&self, parts: &'a [Part], at: At) -> Val {
        let mut text = String::new();
        let mut unknown = None;
        for part in parts {
            match part {
                Part::Text(part) => text.push_str(part),
                Part::Value(value) => {
                    let val = self.eval(value, at);
                    match val.as_text() {
                        Some(part) => text.push_str(&part),
                        None => unknown = unknown.or(Some(val.why)),
                    }
                }
            }
            if text.len() > MAX_TEXT || self.spend(text.len() / 64).is_none() {
                return Val::unknown("too much to work out");
            }
        }
        match unknown {
            Some("") => Val::unknown("a template"),
            Some(why) => Val::unknown(why),
            None => Val::text(text, "a template"),
        }
    }

    fn object(&self, entries: &'a [(Expr, Expr)], at: At) -> Val {
        let mut fields = Vec::new();
        let mut places: HashMap<String, usize> = HashMap::new();
        for (key, value) in entries {
            let name = self.eval(key, at);
            let value = self.eval(value, at);
            let Some(text) = name.as_text() else { continue };
            let spot = Spot::new(at.file, key.range.clone());
            let key = name.literal.unwrap_or(Literal { spot, quoting: None });
            let field = Field { name: text.clone(), key, value };
            match places.get(&text) {
                Some(place) => fields[*place] = field,
                None => {
                    places.insert(text, fields.len());
                    fields.push(field);
                }
            }
        }
        Val::certain(Data::Object(fields))
    }

    fn attribute(&self, inner: &'a Expr, name: &str, at: At) -> Val {
        if let Kind::Attribute(root, label) = &inner.kind
            && matches!(&root.kind, Kind::Variable(kind) if kind == "target")
            && !at.locals.iter().any(|(local, _)| local == "target")
        {
            return self.target_attribute(label, name, Spot::new(at.file, inner.range.clone()));
        }
        if let Kind::Variable(kind) = &inner.kind
            && (kind == "target" || kind == "group")
            && !at.locals.iter().any(|(local, _)| local == kind)
        {
            return Val::unknown("another block");
        }
        let val = self.eval(inner, at);
        let Some(fields) = val.as_object() else { return Val::unknown(val.why) };
        match fields.iter().find(|field| field.name == name) {
            Some(field) => field.value.clone(),
            None => Val::unknown("an object without that key"),
        }
    }

    /// `target.label.name`: what the blocks of that label say themselves, without what they inherit.
    fn target_attribute(&self, label: &str, name: &str, spot: Spot) -> Val {
        let Some(blocks) = self.targets.get(label) else {
            self.problem(spot, ProblemKind::UnknownVariable(format!("target.{label}")));
            return Val::unknown("another block");
        };
        if blocks.iter().any(|block| block.item.body.attribute("matrix").is_some()) {
            return Val::unknown("a target with a matrix");
        }
        let mut found =
            blocks.iter().rev().filter_map(|block| Some((block.file, block.item.body.attribute(name)?)));
        match found.next() {
            Some((file, attribute)) => {
                self.eval(&attribute.value, At { file, locals: &[] }).at_most_likely("another target's value")
            }
            None => Val::computed(Data::Null, "another target's value"),
        }
    }

    fn index(&self, inner: &'a Expr, index: &'a Expr, at: At) -> Val {
        let (val, index) = (self.eval(inner, at), self.eval(index, at));
        let found = match &val.data {
            Data::List(items) => index.as_number().and_then(|index| items.get(position(index)?)),
            Data::Object(fields) => index
                .as_text()
                .and_then(|name| fields.iter().find(|field| field.name == name).map(|field| &field.value)),
            _ => None,
        };
        found.cloned().unwrap_or(Val::unknown("an element that nobody can know"))
    }

    /// A copy of a value that is used again, which costs what it holds.
    fn copy(&self, val: &Val) -> Val {
        let is_affordable = self.fuel.get() > 0 && self.spend(val.weight()).is_some();
        if is_affordable { val.clone() } else { Val::unknown("too much to work out") }
    }

    /// The value of a name (bake hclparser/hclparser.go, `resolveValue`).
    fn variable(&self, name: &str, spot: Spot) -> Val {
        match self.known.borrow().get(name) {
            Some(Some(val)) => return self.copy(val),
            Some(None) => {
                self.problem(spot, ProblemKind::Cycle(name.to_owned()));
                return Val::unknown("it depends on itself");
            }
            None => {}
        }
        let variable = self.variables.get_key_value(name);
        let constant = self.constants.get_key_value(name);
        let Some(key) = variable.map(|(key, _)| *key).or(constant.map(|(key, _)| *key)) else {
            return match name {
                // The context given on the command line, by default the working directory (commands/bake.go).
                "BAKE_CMD_CONTEXT" => Val::text("cwd://", "the command"),
                "BAKE_LOCAL_PLATFORM" => Val::unknown("the platform that builds"),
                _ => {
                    self.problem(spot, ProblemKind::UnknownVariable(name.to_owned()));
                    Val::unknown("a variable that is not declared")
                }
            };
        };
        self.known.borrow_mut().insert(key, None);
        let default = constant.map(|(_, expr)| *expr).or_else(|| {
            let (_, block) = variable?;
            let default = block.item.body.attribute("default")?;
            Some(Located { file: block.file, item: &default.value })
        });
        let default = default.map(|expr| self.eval(expr.item, At { file: expr.file, locals: &[] }));
        let set = self.env.and_then(|env| env.get(name)).filter(|_| variable.is_some());
        let val = match (default, set) {
            (Some(default), Some(set)) => self.of_environment(&default, set, name, spot),
            (None, Some(set)) => Val::text(set, "the environment"),
            (Some(default), None) if variable.is_some() => {
                default.at_most_likely("the default of a variable")
            }
            (Some(constant), None) => constant.at_most_likely("a value with a name"),
            (None, None) if self.env.is_some() => Val::text("", "a variable without a default"),
            (None, None) => Val::unknown("a variable without a default"),
        };
        let copy = self.copy(&val);
        self.known.borrow_mut().insert(key, Some(val));
        copy
    }

    /// A value of the environment has the type of the default.
    fn of_environment(&self, default: &Val, set: &str, name: &str, spot: Spot) -> Val {
        let data = match &default.data {
            Data::Bool(_) => match set {
                "1" | "t" | "T" | "true" | "TRUE" | "True" => Some(Data::Bool(true)),
                "0" | "f" | "F" | "false" | "FALSE" | "False" => Some(Data::Bool(false)),
                _ => None,
            },
            Data::Number(_) => set.parse().ok().filter(|number: &f64| number.is_finite()).map(Data::Number),
            Data::Text(_) | Data::Null => Some(Data::Text(set.to_owned())),
            Data::Unknown | Data::List(_) | Data::Object(_) => return Val::unknown("the environment"),
        };
        if data.is_none() {
            self.problem(spot, ProblemKind::WrongType(name.to_owned()));
        }
        data.map_or(Val::unknown("the environment"), |data| Val::computed(data, "the environment"))
    }

    fn call(&self, name: &str, mut arguments: Vec<Val>, expands: bool, spot: Spot) -> Val {
        if expands {
            match arguments.pop().map(|last| last.data) {
                Some(Data::List(items)) => arguments.extend(items),
                _ => return Val::unknown("a function"),
            }
        }
        if let Some((_, function)) = self.functions.get_key_value(name) {
            return self.call_own(*function, arguments, name, spot);
        }
        if self.spend(arguments.iter().map(Val::weight).sum()).is_none() {
            return Val::unknown("too much to work out");
        }
        match functions::call(name, arguments) {
            Some(val) => val,
            None if functions::is_known(name) => Val::unknown("a function"),
            None => {
                self.problem(spot, ProblemKind::UnknownFunction(name.to_owned()));
                Val::unknown("a function that is not declared")
            }
        }
    }

    /// A `function` block: its parameters are all that it sees beside variables.
    fn call_own(&self, function: Located<'a, Block>, arguments: Vec<Val>, name: &str, spot: Spot) -> Val {
        let body = &function.item.body;
        let Some(result) = body.attribute("result") else { return Val::unknown("a function") };
        let mut arguments = arguments.into_iter();
        let mut locals = Vec::new();
        if let Some(Kind::List(params)) = body.attribute("params").map(|params| &params.value.kind) {
            for param in params {
                let Kind::Variable(param) = &param.kind else { continue };
                let Some(argument) = arguments.next() else { return Val::unknown("a function") };
                locals.push((param.clone(), argument));
            }
        }
        if let Some(Kind::Variable(rest)) = body.attribute("variadic_params").map(|rest| &rest.value.kind) {
            locals.push((rest.clone(), Val::certain(Data::List(arguments.collect()))));
        }
        // A function that calls itself is refused.
        let is_running = self.depth.get() + 1 >= MAX_DEPTH;
        if is_running {
            self.problem(spot, ProblemKind::Cycle(name.to_owned()));
        }
        let at = At { file: function.file, locals: &locals };
        self.eval(&result.value, at).at_most_likely("a function")
    }
}

fn literal(scalar: &Scalar, file: &Arc<Path>) -> Literal {
    let place = scalar.place(0..scalar.text.len());
    let quoting = match scalar.style {
        _ if place.is_none() => None,
        Style::Double => Some(Quoting::Double),
        Style::Plain => Some(Quoting::Identifier),
        // The text of a heredoc has a line end that must stay.
        Style::Single | Style::Literal | Style::Folded => None,
    };
    let range: Range<usize> = place.unwrap_or_else(|| scalar.range.clone());
    Literal { spot: Spot::new(file, range), quoting }
}

/// A number as an index.
pub(super) fn position(number: f64) -> Option<usize> {
    (number >= 0.0 && number.fract() == 0.0 && number < 1e9).then_some(number as usize)
}

fn binary(operator: Operator, left: &Val, right: &Val) -> Option<Data> {
    let numbers = || Some((left.as_number()?, right.as_number()?));
    let bools = || Some((left.as_bool()?, right.as_bool()?));
    let number = |number: f64| Some(Data::Number(number)).filter(|_| number.is_finite());
    Some(match operator {
        Operator::Or => Data::Bool(bools().map(|(left, right)| left || right)?),
        Operator::And => Data::Bool(bools().map(|(left, right)| left && right)?),
        Operator::Equal => Data::Bool(left.equals(right)?),
        Operator::NotEqual => Data::Bool(!left.equals(right)?),
        Operator::Less => Data::Bool(numbers().map(|(left, right)| left < right)?),
        Operator::LessOrEqual => Data::Bool(numbers().map(|(left, right)| left <= right)?),
        Operator::Greater => Data::Bool(numbers().map(|(left, right)| left > right)?),
        Operator::GreaterOrEqual => Data::Bool(numbers().map(|(left, right)| left >= right)?),
        Operator::Plus => return numbers().and_then(|(left, right)| number(left + right)),
        Operator::Minus => return numbers().and_then(|(left, right)| number(left - right)),
        Operator::Times => return numbers().and_then(|(left, right)| number(left * right)),
        Operator::Divide => return numbers().and_then(|(left, right)| number(left / right)),
        Operator::Modulo => return numbers().and_then(|(left, right)| number(left % right)),
    })
}
