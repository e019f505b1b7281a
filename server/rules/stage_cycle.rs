use std::collections::{HashMap, HashSet, VecDeque};

use super::{Findings, Severity, context::Context, rule, stage_edits::title};
use crate::stages::{Edge, EdgeKind};

rule! {
    /// Stages that need each other.
    ///
    /// ## Why
    /// No order of building them works: the build stops with "circular dependency detected".
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM alpine:3.20 AS app
    /// COPY --from=assets /a /a
    /// FROM node:20 AS assets
    /// COPY --from=app /b /b
    /// ```
    ///
    /// ## Instead
    /// Give what both need a stage of its own.
    /// ```dockerfile
    /// FROM alpine:3.20 AS shared
    /// FROM node:20 AS assets
    /// COPY --from=shared /b /b
    /// FROM shared AS app
    /// COPY --from=assets /a /a
    /// ```
    STAGE_CYCLE: "stage-cycle", "Stages need each other", Error, check
}

fn check(context: &Context<'_>, out: &mut Findings) {
    let is_copy = |edge: &Edge| matches!(edge.kind, EdgeKind::Copy | EdgeKind::Mount);
    let all = context.cycles(|_| true);
    if all.iter().all(Option::is_none) {
        return;
    }
    // BuildKit looks for cycles of copies and mounts, whatever is built. One with a FROM in it fails as a copy from a
    // later stage (dockerfile2llb/validations.go, `validateCircularDependency`).
    let copies = context.cycles(is_copy);
    let with_copies: HashSet<usize> =
        (0..all.len()).filter(|&stage| copies[stage].is_some()).filter_map(|stage| all[stage]).collect();
    let mut seen = HashSet::new();
    for stage in 0..all.len() {
        let certain = copies[stage].is_some();
        // A group that holds a cycle of copies is that cycle's.
        let group = if certain {
            copies[stage].map(|group| (group, true))
        } else {
            all[stage].filter(|group| !with_copies.contains(group)).map(|group| (group, false))
        };
        let Some(group) = group.filter(|group| seen.insert(*group)) else { continue };
        let groups = if group.1 { &copies } else { &all };
        let inside = |edge: &Edge| {
            edge.kind != EdgeKind::Onbuild
                && (!certain || is_copy(edge))
                && edge.from != edge.to
                && groups[edge.from] == Some(group.0)
        };
        let cycle = shortest(context, stage, &inside);
        report(context, out, &cycle, certain);
    }
}

/// The edges of the shortest cycle through `start`, from the need of `start` on.
fn shortest(context: &Context<'_>, start: usize, inside: &dyn Fn(&Edge) -> bool) -> Vec<Edge> {
    let mut by: HashMap<usize, Edge> = HashMap::new();
    let mut open = VecDeque::from([start]);
    while let Some(stage) = open.pop_front() {
        for edge in context.needs(stage).iter().filter(|edge| inside(edge)) {
            if by.contains_key(&edge.from) {
                continue;
            }
            by.insert(edge.from, *edge);
            open.push_back(edge.from);
        }
        if by.contains_key(&start) {
            break;
        }
    }
    let mut cycle = Vec::new();
    let mut at = start;
    while let Some(edge) = by.get(&at) {
        cycle.push(*edge);
        at = edge.to;
        if at == start {
            break;
        }
    }
    cycle.reverse();
    cycle
}

fn report(context: &Context<'_>, out: &mut Findings, cycle: &[Edge], certain: bool) {
    let [first, rest @ ..] = cycle else { return };
    let name = |stage: usize| title(&context.stages.all()[stage]).replacen("Stage", "stage", 1);
    let chain: Vec<String> =
        cycle.iter().map(|edge| format!("{} needs {}", name(edge.to), name(edge.from))).collect();
    let range = |edge: &Edge| {
        let placed = context.instruction(edge.instruction);
        let references = context.stages.references();
        let start = references.partition_point(|reference| reference.instruction < edge.instruction);
        let mut own = references[start..].iter().take_while(|r| r.instruction == edge.instruction);
        own.find(|r| r.target() == Some(edge.from)).map_or_else(|| placed.range(), |r| r.range.clone())
    };
    let severity = if certain { Severity::Error } else { context.if_built(first.to) };
    let finding =
        out.report(&STAGE_CYCLE, range(first), format!("Circular dependency: {}", chain.join(", ")));
    finding.severity(severity);
    for edge in rest {
        finding.related(range(edge), format!("Here {} needs {}", name(edge.to), name(edge.from)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{fires, message, only, silent};

    #[test]
    fn copies_in_a_circle_are_an_error_whatever_is_built() {
        fires(
            &STAGE_CYCLE,
            "
            FROM a:1 AS x
            COPY --from=y /f /f
                        ^ error
            FROM b:1 AS y
            RUN --mount=from=x,target=/x ls
            FROM c:1
            ",
        );
    }

    #[test]
    fn a_circle_through_a_from_fails_when_it_is_built() {
        let text = "
            FROM a:1 AS x
            COPY --from=y /f /f
                        ^ SEVERITY
            FROM x AS y
            LAST
            ";
        fires(&STAGE_CYCLE, &text.replace("SEVERITY", "error").replace("LAST", ""));
        fires(&STAGE_CYCLE, &text.replace("SEVERITY", "warning").replace("LAST", "FROM c:1"));
    }

    #[test]
    fn it_is_one_finding_and_walks_the_circle() {
        let text = "
            FROM z:1 AS base
            FROM a:1 AS x
            COPY --from=y /f /f
            FROM b:1 AS y
            COPY --from=3 /f /f
            FROM c:1 AS z
            COPY --from=x /f /f
            COPY --from=base /f /f
            ";
        only(text, &["stage-cycle"]);
        assert_eq!(
            message(&STAGE_CYCLE, text),
            "Circular dependency: stage \"x\" needs stage \"y\", stage \"y\" needs stage \"z\", stage \"z\" needs stage \"x\""
        );
    }

    #[test]
    fn each_circle_is_found() {
        fires(
            &STAGE_CYCLE,
            "
            FROM a:1 AS a
            COPY --from=b /f /f
                        ^ error
            FROM a:1 AS b
            COPY --from=a /f /f
            FROM a:1 AS c
            COPY --from=d /f /f
                        ^ error
            FROM b AS d
            COPY --from=c /f /f
            ",
        );
    }

    #[test]
    fn files_without_a_circle_are_left_alone() {
        silent(
            &STAGE_CYCLE,
            "FROM a:1 AS x\nFROM x AS y\nCOPY --from=x /f /f\nFROM y\nCOPY --from=x /f /f\n",
        );
        silent(&STAGE_CYCLE, "FROM a:1 AS x\nCOPY --from=y /f /f\nFROM b:1 AS y\n");
        silent(&STAGE_CYCLE, "FROM a:1 AS x\nCOPY --from=x /f /f\n");
    }
}
