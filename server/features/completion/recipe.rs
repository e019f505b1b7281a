//! Whole files of several stages, one per language.

use super::{Completion, CompletionKind, Documentation, place::Spot, template};

/// A file to start with.
struct Recipe {
    /// What its label has behind `multi-stage`.
    name: &'static str,
    detail: &'static str,
    /// What it does, and what the project has to have.
    about: &'static str,
    template: &'static str,
}

const RECIPES: [Recipe; 8] = [
    Recipe {
        name: "node",
        detail: "Node.js: build, then only what is needed to run",
        about: "Installs everything to build, and on its own what is needed to run: the final stage has no development \
                dependencies and runs as `node`.\n\nNeeds `package-lock.json` and a script `build`.",
        template: include_str!("recipes/node.dockerfile"),
    },
    Recipe {
        name: "nextjs",
        detail: "Next.js: the standalone server",
        about: "Builds with the cache of Next.js kept between builds. The final stage has the standalone server, which \
                brings its own dependencies, and runs as `node`.\n\nNeeds `output: \"standalone\"` in the \
                configuration of Next.js, and a folder `public`.",
        template: include_str!("recipes/nextjs.dockerfile"),
    },
    Recipe {
        name: "go",
        detail: "Go: a static program on distroless",
        about: "Compiles on the platform of the builder for the one that is asked for. Modules and compiled packages are \
                kept between builds. The program is static, so the final stage needs no libc. It has certificates and \
                time zones, and runs as its user `nonroot`, by number, so that Kubernetes sees that it is not root.\n\n\
                Needs `go.mod` and `go.sum`.",
        template: include_str!("recipes/go.dockerfile"),
    },
    Recipe {
        name: "python",
        detail: "Python: a virtual environment that is copied",
        about: "Installs into a virtual environment, which the final stage takes over without compilers or caches, and \
                runs as a user of its own.\n\nNeeds `requirements.txt`. A package that links to a library of the \
                system needs that library in the final stage too.",
        template: include_str!("recipes/python.dockerfile"),
    },
    Recipe {
        name: "rust",
        detail: "Rust: a program on distroless",
        about: "Compiles with the crates and the target folder kept between builds; the program is copied out of that \
                folder, which is no part of the stage. The final stage has glibc and certificates, and runs as its \
                user `nonroot`, by number, so that Kubernetes sees that it is not root.\n\nNeeds `Cargo.lock`. Give the \
                program its name: the folder that is kept has it too.",
        template: include_str!("recipes/rust.dockerfile"),
    },
    Recipe {
        name: "java",
        detail: "Java: Maven, then a JRE",
        about: "Downloads dependencies before the sources are there, so that a change of these does not repeat it. The \
                final stage has a JRE and a user of its own.\n\nNeeds a `pom.xml` that makes an executable jar, and \
                `finalName` in it or the name of the jar below.",
        template: include_str!("recipes/java.dockerfile"),
    },
    Recipe {
        name: "dotnet",
        detail: ".NET: publish, then the ASP.NET runtime",
        about: "Publishes on the platform of the builder for the architecture that is asked for. The final stage has \
                the runtime of ASP.NET and runs as the user that its image has for that.\n\nNeeds one project in the \
                root of the context, and a `.dockerignore` with `bin` and `obj`.",
        template: include_str!("recipes/dotnet.dockerfile"),
    },
    Recipe {
        name: "static site",
        detail: "A static site: Node.js builds, nginx serves",
        about: "Builds with Node.js and serves the result with an nginx that does not run as root.\n\nNeeds \
                `package-lock.json` and a script `build`.",
        template: include_str!("recipes/static-site.dockerfile"),
    },
];

/// What their labels start with.
const LABEL: &str = "multi-stage";

/// The recipes, in a file without stages, or where somebody starts to type their name.
pub(super) fn completion(spot: &Spot<'_>, typed: &str) -> Vec<Completion> {
    let typed = typed.to_lowercase();
    let has_stages = !spot.doc.stages().all().is_empty();
    if !LABEL.starts_with(&typed) || (has_stages && typed.is_empty()) {
        return Vec::new();
    }
    // A file that starts with it asks for the newest syntax.
    const MARK: &str = "\u{feff}";
    let start = spot.word.start;
    let is_first = start == 0 || (start == MARK.len() && spot.doc.text().slice(0..start) == MARK);
    let head = if is_first { "# syntax=docker/dockerfile:1\n" } else { "" };
    let item = |recipe: &Recipe| {
        let template = format!("{head}{}", recipe.template.trim_end());
        let shown = template::plain(&template);
        Completion {
            documentation: Documentation::Text(format!("{}\n\n```dockerfile\n{shown}\n```", recipe.about)),
            text: shown,
            snippet: Some(template::snippet(&template)),
            ..spot.item(format!("{LABEL} {}", recipe.name), CompletionKind::Snippet).detail(recipe.detail)
        }
    };
    RECIPES.iter().map(item).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{document::Document, rules};

    #[test]
    fn nothing_is_wrong_with_any_recipe() {
        for recipe in &RECIPES {
            let text = template::plain(recipe.template);
            let found = rules::check(&Document::open(&text, 1));
            assert_eq!(found, [], "{}", recipe.name);
            assert!(!text.contains("{{") && text.matches("\nFROM ").count() >= 1, "{}", recipe.name);
            let again = rules::check(&Document::open(&format!("# syntax=docker/dockerfile:1\n{text}"), 1));
            assert_eq!(again, [], "{}", recipe.name);
        }
    }
}
