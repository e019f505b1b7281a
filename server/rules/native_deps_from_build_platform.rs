use super::{
    Findings,
    context::Context,
    cross::{crossings, knows_target},
    rule,
};
use crate::{flow::Product, tools::Ecosystem};

rule! {
    /// Dependencies that were installed on the platform of the builder, in an image for another one.
    ///
    /// ## Why
    /// `npm`, `pip` and `bundle` install machine code for the machine that they run on, where a dependency has some. In a stage
    /// with `--platform=$BUILDPLATFORM` that is the machine that builds, and not what the image is for. Dependencies without
    /// machine code are the same everywhere.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM --platform=$BUILDPLATFORM node:20 AS build
    /// WORKDIR /app
    /// COPY package*.json ./
    /// RUN npm ci --omit=dev
    ///
    /// FROM node:20-slim
    /// COPY --from=build /app/node_modules /app/node_modules
    /// ```
    ///
    /// ## Instead
    /// ```dockerfile
    /// FROM node:20 AS build
    /// WORKDIR /app
    /// COPY package*.json ./
    /// RUN npm ci --omit=dev
    ///
    /// FROM node:20-slim
    /// COPY --from=build /app/node_modules /app/node_modules
    /// ```
    NATIVE_DEPS_FROM_BUILD_PLATFORM: "native-deps-from-build-platform", "Dependencies are copied that were installed for the builder's platform", Information, check
}

fn check(context: &Context<'_>, out: &mut Findings) {
    let mut told = Vec::new();
    for crossing in crossings(context) {
        let to = crossing.to.index();
        let found = crossing.facts(context).find_map(|fact| Some((fact.origin, folder(fact.product)?)));
        let Some((origin, folder)) = found.filter(|(origin, _)| !told.contains(&(to, *origin))) else {
            continue;
        };
        told.push((to, origin));
        let there = context.flow().stage(origin.stage);
        if knows_target(context, there) {
            continue;
        }
        let message = format!(
            "These {folder} were installed for the platform that builds: machine code in them is for no other one"
        );
        let placed = context.instruction(crossing.instruction);
        let base = there.chain().last().map_or(origin.stage, |stage| stage.index());
        out.report(&NATIVE_DEPS_FROM_BUILD_PLATFORM, placed.at(crossing.source.range()), message)
            .related(context.place_of(origin), "Installed here")
            .related(context.declaration(base), "Runs on the platform that builds");
    }
}

/// What to call dependencies that may hold machine code.
fn folder(product: Product) -> Option<&'static str> {
    match product {
        Product::Dependencies(Ecosystem::Node) => Some("node_modules"),
        Product::Dependencies(Ecosystem::Python) => Some("Python packages"),
        Product::Dependencies(Ecosystem::Ruby) => Some("gems"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{fires, silent};

    #[test]
    fn installed_dependencies_are_found_once() {
        fires(
            &NATIVE_DEPS_FROM_BUILD_PLATFORM,
            "
            FROM --platform=$BUILDPLATFORM node:20 AS b
            WORKDIR /app
            COPY package.json .
            RUN npm ci
            FROM node:20
            COPY --from=b /app/package.json /app/
            COPY --from=b /app/node_modules /app/node_modules
                          ^^^^^^^^^^^^^^^^^ information
            COPY --from=b /app/node_modules/x /x
            ",
        );
    }

    #[test]
    fn what_is_built_of_them_is_left_alone() {
        let file = |platform: &str, copied: &str| {
            format!(
                "FROM {platform}node:20 AS b\nWORKDIR /app\nRUN npm ci && npm run build\nFROM node:20\nCOPY --from=b {copied} /x\n"
            )
        };
        silent(&NATIVE_DEPS_FROM_BUILD_PLATFORM, &file("--platform=$BUILDPLATFORM ", "/app/dist"));
        silent(&NATIVE_DEPS_FROM_BUILD_PLATFORM, &file("", "/app/node_modules"));
        silent(
            &NATIVE_DEPS_FROM_BUILD_PLATFORM,
            &file("--platform=$BUILDPLATFORM ", "/app/node_modules")
                .replace("npm ci", "npm ci --cpu=$TARGETARCH"),
        );
    }
}
