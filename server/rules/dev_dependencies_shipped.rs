use super::{
    Findings, Severity,
    context::Context,
    development::{Install, installed},
    rule,
    stage_edits::{add_above, insert, newline, replace, title},
};
use crate::{
    flow::{StageFlow, path},
    stages::{Reference, ReferenceKind},
    syntax::Keyword,
    text::Edit,
    tools::{self, Dev, Ecosystem},
};

rule! {
    /// The image gets dependencies that only development needs.
    ///
    /// ## Why
    /// `npm ci` and its like install the tools for building and testing too. Copying `node_modules` or `vendor` from a stage that
    /// did so makes the image larger, and brings their vulnerabilities with it.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM node:22-alpine AS build
    /// WORKDIR /app
    /// COPY package*.json ./
    /// RUN npm ci
    /// COPY . .
    /// RUN npm run build
    ///
    /// FROM node:22-alpine
    /// WORKDIR /app
    /// COPY --from=build /app/dist ./dist
    /// COPY --from=build /app/node_modules ./node_modules
    /// CMD ["node", "dist/server.js"]
    /// ```
    ///
    /// ## Instead
    /// Take them away once the build is done, or install the others in a stage of their own.
    /// ```dockerfile
    /// FROM node:22-alpine AS build
    /// WORKDIR /app
    /// COPY package*.json ./
    /// RUN npm ci
    /// COPY . .
    /// RUN npm run build && npm prune --omit=dev
    ///
    /// FROM node:22-alpine
    /// WORKDIR /app
    /// COPY --from=build /app/dist ./dist
    /// COPY --from=build /app/node_modules ./node_modules
    /// CMD ["node", "dist/server.js"]
    /// ```
    DEV_DEPENDENCIES_SHIPPED: "dev-dependencies-shipped", "The image gets dependencies for development", Warning, check
}

fn check(context: &Context<'_>, out: &mut Findings) {
    let Some(last) = context.final_stage() else { return };
    if context.stages.all().len() < 2 {
        return;
    }
    let flow = context.flow().stage(last);
    let chain: Vec<usize> = flow.chain().map(StageFlow::index).collect();
    let is_copy =
        |reference: &&Reference| reference.kind == ReferenceKind::Copy && chain.contains(&reference.stage);
    for reference in context.stages.references().iter().filter(is_copy) {
        let Some(source) = reference.target().filter(|&source| source < reference.stage) else { continue };
        let placed = context.instruction(reference.instruction);
        let [sources @ .., _] = placed.instruction.meant_words() else { continue };
        if placed.instruction.keyword == Keyword::Onbuild {
            continue;
        }
        for word in sources {
            let text = context.value(reference.instruction, word);
            let from = text.and_then(|text| path::join(Some("/"), &text));
            // Who copies everything wants everything.
            let Some(from) = from.filter(|from| from != "/") else { continue };
            let source = context.flow().stage(source);
            let Some(install) = installed(context, source, None, &from) else { continue };
            if install.dev == Dev::Included
                && !is_settled_later(context, &chain, reference, install.ecosystem)
                && !runs_for_development(context, flow)
            {
                report(context, reference, placed.at(word.range()), source, &install, out);
            }
        }
    }
}

fn report(
    context: &Context<'_>,
    reference: &Reference,
    range: std::ops::Range<usize>,
    source: &StageFlow,
    install: &Install<'_>,
    out: &mut Findings,
) {
    let stage = title(&context.stages.all()[source.index()]).replacen("Stage", "stage", 1);
    let name = path::name(install.path);
    let tool = install.running.name();
    let message = format!(
        "\"{name}\" of {stage} holds dependencies for development: {tool} installs them, and nothing takes them away"
    );
    let finding = out.report(&DEV_DEPENDENCIES_SHIPPED, range, message);
    let is_sure = match install.ecosystem {
        // There may be none, unless something builds or tests with them.
        Ecosystem::Node => context.running().iter().any(|running| {
            running
                .call
                .is_some_and(|call| tools::bundles(call) || is_node_test(call.name) && tools::tests(call))
        }),
        Ecosystem::Php => true,
        // Their groups are optional as a rule.
        _ => false,
    };
    if !install.certain || !is_sure {
        finding.severity(Severity::Information);
    }
    finding.related(install.running.range(), "This installs them");
    if context.fixes {
        finding.fix("Take them away before they are copied", pruned(context, reference, source, install));
    }
}

fn is_node_test(program: &str) -> bool {
    matches!(program, "npm" | "yarn" | "pnpm" | "bun" | "jest" | "vitest" | "mocha" | "eslint")
}

/// Whether the stages that end with the image install or prune again below a COPY.
fn is_settled_later(context: &Context<'_>, chain: &[usize], copy: &Reference, ecosystem: Ecosystem) -> bool {
    let commands = chain.iter().flat_map(|&stage| context.running_in(stage));
    let mut later = commands.filter(|running| running.instruction > copy.instruction);
    later.any(|running| {
        running.call.is_some_and(|call| {
            tools::prunes(call) == Some(ecosystem)
                || tools::dependencies(call).is_some_and(|found| found.ecosystem == ecosystem)
        })
    })
}

/// Whether the image starts something that takes them: a server for development, tests.
fn runs_for_development(context: &Context<'_>, flow: &StageFlow) -> bool {
    const WORDS: [&str; 8] = ["dev", "development", "test", "nodemon", "ts-node", "tsx", "vite", "watch"];
    let end = flow.end();
    [end.entrypoint, end.cmd].into_iter().flatten().any(|origin| {
        let text = context.doc.text().slice(context.place_of(origin)).to_lowercase();
        let is_part = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        text.split(|c: char| !is_part(c)).any(|word| WORDS.contains(&word))
    })
}

/// Prunes them: at the end of the stage, if only the image uses it, else in a stage on top of it.
fn pruned(
    context: &Context<'_>,
    copy: &Reference,
    source: &StageFlow,
    install: &Install<'_>,
) -> Option<Vec<Edit>> {
    let command = match install.running.name() {
        "npm" => "npm prune --omit=dev",
        "pnpm" => "pnpm prune --prod",
        "yarn" => "yarn install --production --ignore-scripts --prefer-offline",
        "bun" => "rm -rf node_modules && bun install --production",
        "composer" => "composer install --no-dev",
        _ => return None,
    };
    let directory = path::parent(install.path);
    let command = match source.end().workdir.value.as_deref() {
        Some(here) if here == directory => command.to_owned(),
        _ => format!("cd {directory} && {command}"),
    };
    let newline = newline(context);
    let stage = &context.stages.all()[source.index()];
    let uses = context.uses[stage.index].iter().map(|&index| &context.stages.references()[index]);
    let is_own = |other: &Reference| other.kind == ReferenceKind::Copy && other.stage == copy.stage;
    if uses.clone().all(is_own) {
        let end = context.end_of_instruction(stage.instructions.end - 1)?;
        return Some(vec![insert(end, format!("{newline}RUN {command}"))]);
    }
    let name = stage.name.as_ref()?.text.to_lowercase();
    // FROM takes the nearest of that name, and COPY the last.
    if copy.is_number() || context.stages.names().with_name(&name).len() != 1 {
        return None;
    }
    let new = super::stage_edits::free_name(context, "prod-deps");
    let text = format!("FROM {name} AS {new}{newline}RUN {command}{newline}{newline}");
    let mut edits = add_above(context, copy.stage, &text, None);
    edits.push(replace(copy.range.clone(), new));
    Some(edits)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{fires, fixed, message, silent};

    const BUILD: &str = "FROM node:20-alpine AS build\nWORKDIR /app\nCOPY package*.json ./\n";
    const FINAL: &str =
        "FROM node:20-alpine\nWORKDIR /app\nCOPY --from=build /app/node_modules ./node_modules\n";

    #[test]
    fn modules_from_a_stage_that_installs_all_are_found() {
        fires(
            &DEV_DEPENDENCIES_SHIPPED,
            r#"
            FROM node:20 AS build
            WORKDIR /app
            COPY package*.json ./
            RUN npm install
            COPY . .
            RUN npm run build

            FROM node:20
            WORKDIR /app
            COPY --from=build /app/dist ./dist
            COPY --from=build /app/node_modules ./node_modules
                              ^^^^^^^^^^^^^^^^^ warning
            USER node
            CMD ["node", "dist/server.js"]
            "#,
        );
        assert_eq!(
            message(&DEV_DEPENDENCIES_SHIPPED, &format!("{BUILD}RUN npm ci\n{FINAL}")),
            "\"node_modules\" of stage \"build\" holds dependencies for development: npm installs them, and nothing takes them away"
        );
    }

    #[test]
    fn copies_are_followed_over_stages_and_folders() {
        fires(
            &DEV_DEPENDENCIES_SHIPPED,
            "
            FROM node:20-alpine AS deps
            WORKDIR /app
            COPY package.json yarn.lock ./
            RUN yarn install --frozen-lockfile
            FROM node:20-alpine AS builder
            WORKDIR /app
            COPY --from=deps /app/node_modules ./node_modules
            COPY . .
            RUN yarn build
            FROM node:20-alpine AS runner
            WORKDIR /app
            COPY --from=builder /app/node_modules ./node_modules
                                ^^^^^^^^^^^^^^^^^ warning
            ",
        );
        fires(
            &DEV_DEPENDENCIES_SHIPPED,
            "
            FROM composer:2 AS vendor
            WORKDIR /app
            COPY composer.json composer.lock ./
            RUN composer install
            FROM php:8.3-fpm
            COPY --from=vendor /app/vendor /var/www/html/vendor
                               ^^^^^^^^^^^ warning
            ",
        );
    }

    #[test]
    fn who_leaves_them_out_or_takes_them_away_is_left_alone() {
        for run in [
            "RUN npm ci && npm run build && npm prune --omit=dev",
            "RUN npm ci --omit=dev",
            "RUN npm ci\nRUN npm run build\nRUN npm prune --production",
            "RUN npm ci\nRUN rm -rf node_modules && npm ci --omit=dev",
            "ENV NODE_ENV=production\nRUN npm ci",
            "ARG NODE_ENV=production\nRUN npm ci",
            "ARG NODE_ENV\nRUN npm ci",
            "RUN NODE_ENV=production npm ci",
            "RUN export NODE_ENV=production && npm ci",
            "RUN npm config set omit dev && npm ci",
            "RUN pnpm install && pnpm run build && pnpm prune --prod",
        ] {
            silent(&DEV_DEPENDENCIES_SHIPPED, &format!("{BUILD}{run}\n{FINAL}"));
        }
        silent(&DEV_DEPENDENCIES_SHIPPED, &format!("{BUILD}RUN npm ci\n{FINAL}RUN npm prune --omit=dev\n"));
        silent(
            &DEV_DEPENDENCIES_SHIPPED,
            &format!("{BUILD}RUN npm ci\n{FINAL}CMD [\"npm\", \"run\", \"dev\"]\n"),
        );
        silent(
            &DEV_DEPENDENCIES_SHIPPED,
            &format!("{BUILD}RUN npm ci\n{}", FINAL.replacen("\n", " AS dev\n", 1)),
        );
        silent(
            &DEV_DEPENDENCIES_SHIPPED,
            &format!("{BUILD}RUN npm ci\n{}", FINAL.replace("node_modules", "dist")),
        );
        silent(
            &DEV_DEPENDENCIES_SHIPPED,
            &format!("{BUILD}RUN npm ci\n{}", FINAL.replace("node_modules", "node_modules/prisma")),
        );
    }

    #[test]
    fn what_nobody_can_know_is_left_alone_or_told_more_softly() {
        silent(
            &DEV_DEPENDENCIES_SHIPPED,
            &format!("{}RUN npm ci\n{FINAL}", BUILD.replace("node:20-alpine", "example.org/node:20")),
        );
        fires(
            &DEV_DEPENDENCIES_SHIPPED,
            "
            FROM node:20 AS build
            WORKDIR /app
            RUN npm ci && npm run build
            RUN ./finish.sh
            FROM node:20
            COPY --from=build /app/node_modules ./node_modules
                              ^^^^^^^^^^^^^^^^^ information
            ",
        );
        fires(
            &DEV_DEPENDENCIES_SHIPPED,
            "
            FROM node:20 AS deps
            WORKDIR /app
            COPY package.json .
            RUN npm install
            FROM node:20
            COPY --from=deps /app/node_modules /app/node_modules
                             ^^^^^^^^^^^^^^^^^ information
            ",
        );
    }

    #[test]
    fn they_are_taken_away_in_the_stage_or_on_top_of_it() {
        let title = "Take them away before they are copied";
        assert_eq!(
            fixed(&DEV_DEPENDENCIES_SHIPPED, &format!("{BUILD}RUN npm ci\n\n{FINAL}"), title),
            format!("{BUILD}RUN npm ci\nRUN npm prune --omit=dev\n\n{FINAL}")
        );
        let middle = "FROM build AS test\nRUN npm test\n\n";
        assert_eq!(
            fixed(&DEV_DEPENDENCIES_SHIPPED, &format!("{BUILD}RUN pnpm install\n\n{middle}{FINAL}"), title),
            format!(
                "{BUILD}RUN pnpm install\n\n{middle}FROM build AS prod-deps\nRUN pnpm prune --prod\n\n{}",
                FINAL.replace("--from=build", "--from=prod-deps")
            )
        );
    }
}
