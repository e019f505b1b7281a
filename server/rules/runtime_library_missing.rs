use super::{Findings, context::Context, new_lines::line_below, rule};
use crate::{
    flow::{Product, StageFlow, path},
    images::{Family, PackageManager},
    stages::ReferenceKind,
    syntax::Keyword,
    tools::{self, Action, Compiler, Ecosystem},
};

rule! {
    /// What was compiled against a library is copied into an image without it.
    ///
    /// ## Why
    /// A `-dev` package is for compiling. What is compiled with it loads the library when it starts, and the library comes with
    /// another package. Packages of Python and Ruby that bring their libraries along (wheels such as `psycopg2-binary`) do
    /// not need it.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM python:3.12-slim AS build
    /// RUN apt-get update && apt-get install -y gcc libpq-dev
    /// RUN pip install --prefix=/install psycopg2
    ///
    /// FROM python:3.12-slim
    /// COPY --from=build /install /usr/local
    /// ```
    ///
    /// ## Instead
    /// ```dockerfile
    /// FROM python:3.12-slim AS build
    /// RUN apt-get update && apt-get install -y gcc libpq-dev
    /// RUN pip install --prefix=/install psycopg2
    ///
    /// FROM python:3.12-slim
    /// RUN apt-get update && apt-get install -y --no-install-recommends libpq5 && rm -rf /var/lib/apt/lists/*
    /// COPY --from=build /install /usr/local
    /// ```
    RUNTIME_LIBRARY_MISSING: "runtime-library-missing", "A library that was compiled against is not installed in the final image", Information, check
}

/// A library: the packages to compile with it, what to install to run with it, and how packages that bring it begin.
struct Library {
    dev: &'static [&'static str],
    run: &'static str,
    brings: &'static [&'static str],
    /// Whether images of Python, Ruby and the like have it.
    usual: bool,
}

const fn library(
    dev: &'static [&'static str],
    run: &'static str,
    brings: &'static [&'static str],
) -> Library {
    Library { dev, run, brings, usual: false }
}

/// Names in Debian 12 and 13, and Ubuntu.
const APT: [Library; 10] = [
    library(&["libpq-dev", "postgresql-server-dev-all"], "libpq5", &["libpq", "postgresql"]),
    library(
        &["default-libmysqlclient-dev", "libmariadb-dev", "libmysqlclient-dev"],
        "libmariadb3",
        &["libmariadb", "libmysqlclient", "default-libmysql", "mariadb", "mysql", "default-mysql"],
    ),
    library(&["libxml2-dev"], "libxml2", &["libxml2", "libxslt", "libxmlsec"]),
    library(&["libxslt1-dev", "libxslt-dev"], "libxslt1.1", &["libxslt", "libxmlsec"]),
    library(&["libvips-dev"], "libvips42", &["libvips"]),
    library(&["unixodbc-dev"], "unixodbc", &["unixodbc", "libodbc", "msodbcsql", "odbc", "tdsodbc"]),
    library(&["libmagic-dev"], "libmagic1", &["libmagic", "file"]),
    library(&["libcurl4-openssl-dev", "libcurl-dev"], "libcurl4", &["libcurl", "curl"]),
    library(&["librdkafka-dev"], "librdkafka1", &["librdkafka"]),
    Library {
        dev: &["libssl-dev"],
        run: "openssl",
        brings: &["libssl", "openssl", "ca-certificates", "curl"],
        usual: true,
    },
];

const APK: [Library; 6] = [
    library(&["postgresql-dev", "libpq-dev"], "libpq", &["libpq", "postgresql", "psycopg", "py3-psycopg"]),
    library(
        &["mariadb-dev", "mariadb-connector-c-dev", "mysql-dev"],
        "mariadb-connector-c",
        &["mariadb", "mysql"],
    ),
    library(&["libxml2-dev"], "libxml2", &["libxml2", "libxslt"]),
    library(&["libxslt-dev"], "libxslt", &["libxslt"]),
    library(&["vips-dev"], "vips", &["vips"]),
    library(&["unixodbc-dev"], "unixodbc", &["unixodbc"]),
];

/// How many copies of a stage are looked at.
const MOST: usize = 100;

fn check(context: &Context<'_>, out: &mut Findings) {
    if context.stages.all().len() < 2 {
        return;
    }
    let Some(stage) = context.final_stage() else { return };
    let flow = context.flow().stage(stage);
    let family = |flow: &StageFlow| flow.certain_image().map(|facts| facts.family);
    let libraries: &[Library] = match family(flow) {
        Some(Family::Debian | Family::Ubuntu) => &APT,
        Some(Family::Alpine) => &APK,
        _ => return,
    };
    // Images to compile with have most libraries.
    if flow.is_opaque() || flow.image().is_some_and(|facts| facts.has_compiler == Some(true)) {
        return;
    }
    let mut told: Vec<&str> = Vec::new();
    let copies = context.stages.references().iter().filter(|reference| {
        reference.stage == stage && reference.kind == ReferenceKind::Copy && !reference.onbuild
    });
    for reference in copies.take(MOST) {
        let Some(target) = reference.target().filter(|&target| target < stage) else { continue };
        let from = context.flow().stage(target);
        if family(from) != family(flow) {
            continue;
        }
        let placed = context.instruction(reference.instruction);
        let Some((_, sources)) = placed.instruction.meant_words().split_last() else { continue };
        let found = sources.iter().find_map(|source| {
            let text = context.value(reference.instruction, source)?;
            let path = path::join(Some("/"), &text)?;
            let kind = from.writers(&path).find_map(|fact| links(fact.product))?;
            Some((source, kind))
        });
        let Some((source, interpreted)) = found else { continue };
        let Some((library, package)) = missing(context, libraries, from, flow, interpreted) else { continue };
        if told.contains(&library.run) {
            continue;
        }
        told.push(library.run);
        let dev = context.doc.text().slice(package.clone()).into_owned();
        let message =
            format!("This was compiled with {dev}, and nothing installs {} in this image", library.run);
        let finding = out.report(&RUNTIME_LIBRARY_MISSING, placed.at(source.range()), message);
        finding.related(package, "Installed here");
        if context.fixes && flow.end().is_root().is_some() {
            let from = context.stages.all()[stage].instructions.start;
            let is_root = flow.before(1).is_root() == Some(true);
            let install = match flow.certain_image().map(|facts| facts.package_manager) {
                Some(PackageManager::Apt) => format!(
                    "apt-get update && apt-get install -y --no-install-recommends {} && rm -rf /var/lib/apt/lists/*",
                    library.run
                ),
                Some(PackageManager::Apk) => format!("apk add --no-cache {}", library.run),
                _ => continue,
            };
            let edit = line_below(context, from, Keyword::Run, &install).filter(|_| is_root);
            finding.fix(format!("Install {}", library.run), edit.map(|edit| vec![edit])).prefer_single_fix();
        }
    }
}

/// Whether something may load libraries of the system when it runs: `Some(true)` for packages of an interpreter.
fn links(product: Product) -> Option<bool> {
    match product {
        Product::Dependencies(Ecosystem::Python | Ecosystem::Ruby) => Some(true),
        Product::Native(Compiler::C | Compiler::Rust) => Some(false),
        _ => None,
    }
}

/// A library that one stage installs to compile with, and the other not to run with; and where the first names it.
fn missing<'l>(
    context: &Context<'_>,
    libraries: &'l [Library],
    from: &StageFlow,
    to: &StageFlow,
    interpreted: bool,
) -> Option<(&'l Library, std::ops::Range<usize>)> {
    let mut found = Vec::new();
    for running in from.chain().flat_map(|stage| context.running_in(stage.index())) {
        let Some(call) = running.call else { continue };
        // Wheels with their own libraries.
        if call.arguments.iter().any(|argument| argument.text().is_some_and(|text| text.contains("-binary")))
        {
            return None;
        }
        let Some(packages) = tools::packages(call).filter(|found| found.action == Action::Install) else {
            continue;
        };
        for package in packages.packages {
            let named = libraries.iter().find(|library| library.dev.contains(&package.name));
            let place = || running.place(package.argument.range.clone());
            found.extend(
                named.filter(|library| !(library.usual && interpreted)).map(|library| (library, place())),
            );
        }
    }
    if found.is_empty() {
        return None;
    }
    let mut installed = Vec::new();
    for running in to.chain().flat_map(|stage| context.running_in(stage.index())) {
        let packages = running.call.and_then(tools::packages).filter(|found| found.action == Action::Install);
        let Some(packages) = packages else { continue };
        if !packages.complete {
            return None;
        }
        installed.extend(packages.packages.into_iter().map(|package| package.name));
    }
    let is_there = |library: &Library| {
        library.brings.iter().any(|start| installed.iter().any(|package| package.starts_with(start)))
    };
    found.into_iter().find(|(library, _)| !is_there(library))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{fires, fixed, message, silent};

    const BUILD: &str = "FROM python:3.12-slim AS b\nRUN apt-get install -y gcc libpq-dev && pip install --prefix=/install -r r.txt\n";

    #[test]
    fn a_library_to_run_with_is_missing() {
        fires(
            &RUNTIME_LIBRARY_MISSING,
            "
            FROM python:3.12-alpine AS b
            RUN apk add --no-cache gcc postgresql-dev
            RUN python -m venv /venv && /venv/bin/pip install psycopg2
            FROM python:3.12-alpine
            COPY --from=b /venv /venv
                          ^^^^^ information
            ",
        );
        assert_eq!(
            message(
                &RUNTIME_LIBRARY_MISSING,
                &format!("{BUILD}FROM python:3.12-slim\nCOPY --from=b /install /usr/local\n")
            ),
            "This was compiled with libpq-dev, and nothing installs libpq5 in this image"
        );
    }

    #[test]
    fn libraries_that_may_be_there_are_left_alone() {
        for rest in [
            "FROM python:3.12-slim\nRUN apt-get install -y libpq5\nCOPY --from=b /install /usr/local",
            "FROM python:3.12-slim\nRUN apt-get install -y postgresql-client\nCOPY --from=b /install /usr/local",
            "FROM python:3.12\nCOPY --from=b /install /usr/local",
            "FROM python:3.12-slim\nRUN ./setup.sh\nCOPY --from=b /install /usr/local",
            "FROM python:3.12-slim\nCOPY --from=b /app/static /static",
            "FROM python:3.12-alpine\nCOPY --from=b /install /usr/local",
            "FROM ghcr.io/a/b\nCOPY --from=b /install /usr/local",
        ] {
            silent(&RUNTIME_LIBRARY_MISSING, &format!("{BUILD}{rest}\n"));
        }
        let last = "FROM python:3.12-slim\nCOPY --from=b /install /usr/local\n";
        silent(&RUNTIME_LIBRARY_MISSING, &format!("{BUILD}RUN pip install psycopg2-binary\n{last}"));
        silent(&RUNTIME_LIBRARY_MISSING, &format!("{}{last}", BUILD.replace("libpq-dev", "libssl-dev")));
    }

    #[test]
    fn it_is_installed() {
        let text = format!("{BUILD}FROM python:3.12-slim\nCOPY --from=b /install /usr/local\n");
        let run = "RUN apt-get update && apt-get install -y --no-install-recommends libpq5 && rm -rf /var/lib/apt/lists/*";
        assert_eq!(
            fixed(&RUNTIME_LIBRARY_MISSING, &text, "Install libpq5"),
            text.replace("\nCOPY", &format!("\n{run}\nCOPY"))
        );
    }
}
