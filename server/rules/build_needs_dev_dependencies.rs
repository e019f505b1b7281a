use super::{
    Findings,
    context::Context,
    development::{Install, installed},
    rule,
    running::Running,
    stage_edits::replace,
};
use crate::{
    flow::{Product, StageFlow, path},
    shell::Piece,
    text::Edit,
    tools::{self, Dev, Ecosystem},
};

rule! {
    /// A build runs where the dependencies for development were left out.
    ///
    /// ## Why
    /// Compilers and bundlers are dependencies for development. With `npm ci --omit=dev` they are not installed, and `npm run
    /// build` does not find them.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM node:22-alpine AS deps
    /// WORKDIR /app
    /// COPY package*.json ./
    /// RUN npm ci --omit=dev
    ///
    /// FROM node:22-alpine AS builder
    /// WORKDIR /app
    /// COPY --from=deps /app/node_modules ./node_modules
    /// COPY . .
    /// RUN npm run build
    /// ```
    ///
    /// ## Instead
    /// Build with all of them, and copy those that the program needs from a stage of their own.
    /// ```dockerfile
    /// FROM node:22-alpine AS deps
    /// WORKDIR /app
    /// COPY package*.json ./
    /// RUN npm ci
    ///
    /// FROM node:22-alpine AS builder
    /// WORKDIR /app
    /// COPY --from=deps /app/node_modules ./node_modules
    /// COPY . .
    /// RUN npm run build
    /// ```
    BUILD_NEEDS_DEV_DEPENDENCIES: "build-needs-dev-dependencies", "A build without its dependencies for development", Warning, check
}

fn check(context: &Context<'_>, out: &mut Findings) {
    let mut told = None;
    for running in context.running() {
        let is_build = running.call.is_some_and(|call| call.via.is_none() && tools::bundles(call));
        // Who runs it in any case knows that it may fail.
        if !is_build || running.line.command.conditional {
            continue;
        }
        // One stage has one set of dependencies: its first build says it.
        if told == Some(running.stage) {
            continue;
        }
        let Some(install) = without_tools(context, running) else { continue };
        told = Some(running.stage);
        let range = running.range();
        let left = context.doc.text().slice(install.running.range()).into_owned();
        let left = left.lines().next().unwrap_or_default().trim_end_matches(['\\', ' ']);
        let message = format!(
            "The tools of this build are not installed: `{left}` leaves dependencies for development out"
        );
        let finding = out.report(&BUILD_NEEDS_DEV_DEPENDENCIES, range, message);
        finding.related(install.running.range(), "This leaves them out");
        if context.fixes {
            finding.fix("Install them too", with_tools(&install)).prefer_single_fix();
        }
    }
}

/// The command that leaves out what a build needs, if nothing else can have brought it.
fn without_tools<'c>(context: &'c Context<'_>, running: &Running<'c>) -> Option<Install<'c>> {
    let directory = running.directory()?;
    let modules = path::join(directory.in_any_build().map(String::as_str), "node_modules")?;
    let flow = context.flow().stage(running.stage);
    let install = installed(context, flow, Some(running.origin()), &modules)?;
    let is_left = install.ecosystem == Ecosystem::Node && install.dev == Dev::Left && install.says_so;
    if !is_left || !install.certain {
        return None;
    }
    // Modules of a folder above count too, and programs that are installed for the whole system.
    let above = |path: &str| path != modules && path::is_within(&modules, path::parent(path));
    let mut others = flow.facts().filter(|fact| fact.product == Product::Dependencies(Ecosystem::Node));
    if others.any(|fact| above(&fact.path)) || has_global_tools(context, flow) {
        return None;
    }
    Some(install)
}

/// Whether a chain of stages installs programs for the whole system: `npm install -g typescript`.
fn has_global_tools(context: &Context<'_>, flow: &StageFlow) -> bool {
    let mut commands = flow.chain().flat_map(|stage| context.running_in(stage.index()));
    commands.any(|running| {
        let Some(call) = running.call else { return false };
        let says = |words: &[&str]| {
            call.arguments.iter().any(|argument| {
                matches!(&argument.pieces[..], [Piece::Text(text)] if words.contains(&text.as_str()))
            })
        };
        matches!(call.name, "npm" | "yarn" | "pnpm" | "bun")
            && (says(&["-g", "--global"]) || says(&["global"]) && says(&["add"]))
            && !says(&["npm", "yarn", "pnpm", "corepack", "npm@latest", "pnpm@latest"])
    })
}

/// Takes the flag away.
fn with_tools(install: &Install<'_>) -> Option<Vec<Edit>> {
    const FLAGS: [&str; 9] = [
        "--omit=dev",
        "--only=production",
        "--only=prod",
        "--production",
        "--production=true",
        "--prod",
        "-P",
        "--no-dev",
        "-p",
    ];
    let call = install.running.call?;
    tools::dependencies(call)?;
    let mut before = &call.command.words[..];
    // The blank in front of it goes too.
    while let [previous, flag, rest @ ..] = before {
        if matches!(&flag.pieces[..], [Piece::Text(text)] if FLAGS.contains(&text.as_str())) {
            let range = previous.range.end..flag.range.end;
            debug_assert!(rest.len() < before.len());
            return Some(vec![replace(install.running.place(range), "")]);
        }
        before = &before[1..];
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{fires, fixed, message, silent};

    const DEPS: &str =
        "FROM node:20-alpine AS deps\nWORKDIR /app\nCOPY package*.json ./\nRUN npm ci --only=production\n";
    const BUILDER: &str = "FROM node:20-alpine AS builder\nWORKDIR /app\nCOPY --from=deps /app/node_modules ./node_modules\nCOPY . .\n";

    #[test]
    fn a_build_without_its_tools_is_found() {
        fires(
            &BUILD_NEEDS_DEV_DEPENDENCIES,
            "
            FROM node:20
            WORKDIR /app
            RUN npm ci --omit=dev
            COPY . .
            RUN npm run build
                ^^^^^^^^^^^^^ warning
            ",
        );
        assert_eq!(
            message(&BUILD_NEEDS_DEV_DEPENDENCIES, &format!("{DEPS}{BUILDER}RUN npm run build\n")),
            "The tools of this build are not installed: `npm ci --only=production` leaves dependencies for development out"
        );
    }

    #[test]
    fn a_build_that_may_have_its_tools_is_left_alone() {
        for run in [
            "npm ci && npm run build",
            "npx -p typescript tsc",
            "npm i -g typescript && npm run build",
            "npm run lint",
        ] {
            silent(&BUILD_NEEDS_DEV_DEPENDENCIES, &format!("{DEPS}{BUILDER}RUN {run}\n"));
        }
        silent(
            &BUILD_NEEDS_DEV_DEPENDENCIES,
            &format!("{}{BUILDER}RUN npm run build\n", DEPS.replace(" --only=production", "")),
        );
        silent(
            &BUILD_NEEDS_DEV_DEPENDENCIES,
            "FROM node:20\nWORKDIR /app\nRUN npm ci\nRUN npm run build && npm prune --omit=dev\n",
        );
        silent(
            &BUILD_NEEDS_DEV_DEPENDENCIES,
            "FROM node:20\nWORKDIR /app\nRUN npm ci --omit=dev\nRUN ./tools.sh\nRUN npm run build\n",
        );
    }

    #[test]
    fn they_can_be_installed() {
        assert_eq!(
            fixed(
                &BUILD_NEEDS_DEV_DEPENDENCIES,
                &format!("{DEPS}{BUILDER}RUN npm run build\n"),
                "Install them too"
            ),
            format!("{}{BUILDER}RUN npm run build\n", DEPS.replace(" --only=production", ""))
        );
    }
}
