use super::{Findings, Tag, context::Context, rule, running::Running, stage_edits::replace};
use crate::{
    text::Edit,
    tools::{self, Deprecated},
};

rule! {
    /// A RUN uses a spelling that its program advises against.
    ///
    /// ## Why
    /// It still works, and the program says at each build what to write in its place. A later version may take it away. npm's
    /// `--only=production` and `--production` are `--omit=dev` since npm 7, which came with Node.js 15; `docker scan` is `docker
    /// scout`; Spring Boot extracts layers with `-Djarmode=tools` since version 3.3.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM node:22-alpine
    /// WORKDIR /app
    /// COPY package*.json ./
    /// RUN npm ci --only=production
    /// ```
    ///
    /// ## Instead
    /// ```dockerfile
    /// FROM node:22-alpine
    /// WORKDIR /app
    /// COPY package*.json ./
    /// RUN npm ci --omit=dev
    /// ```
    DEPRECATED_COMMAND: "deprecated-command", "A spelling that its program advises against", Hint, check
}

fn check(context: &Context<'_>, out: &mut Findings) {
    for running in context.running() {
        let Some(Deprecated { old, new, range, edits }) = running.call.and_then(tools::deprecated) else {
            continue;
        };
        if running.name() == "npm" && has_old_npm(running) {
            continue;
        }
        let message = format!("`{old}` is deprecated: write `{new}`");
        let finding = out.report(&DEPRECATED_COMMAND, running.place(range), message);
        finding.tags.push(Tag::Deprecated);
        let edits: Vec<Edit> =
            edits.into_iter().map(|(range, text)| replace(running.place(range), text)).collect();
        finding.fix(format!("Write `{new}`"), (!edits.is_empty()).then_some(edits)).prefer_single_fix();
    }
}

/// Whether npm is one that does not know `--omit`, and would install what it should leave out.
fn has_old_npm(running: &Running<'_>) -> bool {
    let language = running.flow().image().and_then(|facts| facts.language.as_ref());
    let version = language.filter(|language| language.name == "node").and_then(|it| it.version.as_deref());
    let major = version.and_then(|version| version.split('.').next()?.parse::<u32>().ok());
    major.is_some_and(|major| major < 15)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{fires, fixed, message, silent};

    #[test]
    fn old_flags_of_npm_are_marked() {
        fires(
            &DEPRECATED_COMMAND,
            "
            FROM node:20-alpine AS deps
            RUN npm ci --only=production && npm cache clean --force
                       ^^^^^^^^^^^^^^^^^ hint
            FROM node:20 AS build
            RUN npm run build && npm prune --production
                                           ^^^^^^^^^^^^ hint
            FROM node:20-slim
            RUN npm install --only production
                            ^^^^^^^^^^^^^^^^^ hint
            ",
        );
        assert_eq!(
            message(&DEPRECATED_COMMAND, "FROM node:20\nRUN npm i --production\n"),
            "`--production` is deprecated: write `--omit=dev`"
        );
        let doc = crate::document::Document::open("FROM node:20\nRUN npm i --production\n", 0);
        let found = crate::rules::check(&doc);
        let found = found.iter().find(|finding| finding.code == "deprecated-command");
        assert_eq!(found.map(|finding| &finding.tags[..]), Some(&[Tag::Deprecated][..]));
    }

    #[test]
    fn new_spellings_and_an_npm_that_has_only_the_old_are_left_alone() {
        for run in
            ["npm ci --omit=dev", "yarn install --production", "npm run x -- --production", "echo npm ci"]
        {
            silent(&DEPRECATED_COMMAND, &format!("FROM node:20\nRUN {run}\n"));
        }
        silent(&DEPRECATED_COMMAND, "FROM node:14-alpine\nRUN npm ci --only=production\n");
    }

    #[test]
    fn the_new_spelling_takes_its_place() {
        assert_eq!(
            fixed(
                &DEPRECATED_COMMAND,
                "FROM node:20\r\nRUN npm cache verify && \\\r\n    npm ci --only=production\r\n",
                "Write `--omit=dev`",
            ),
            "FROM node:20\r\nRUN npm cache verify && \\\r\n    npm ci --omit=dev\r\n"
        );
        assert_eq!(
            fixed(
                &DEPRECATED_COMMAND,
                "FROM eclipse-temurin:21\nRUN java -Djarmode=layertools -jar app.jar extract --destination x\n",
                "Write `-Djarmode=tools`",
            ),
            "FROM eclipse-temurin:21\nRUN java -Djarmode=tools -jar app.jar extract --layers --launcher --destination x\n"
        );
    }
}
