use super::{Findings, context::Context, mismatch::Kind, mismatch_fixes::report, rule};

rule! {
    /// Dependencies or byte code for one version of a language in an image that has another.
    ///
    /// ## Why
    /// Python looks for packages in a folder named after its version, and modules of machine code load into the version that they
    /// were built for: `ModuleNotFoundError`, `ERR_DLOPEN_FAILED`. Java does not read classes that a
    /// newer one has compiled, unless it compiled them for the older one (`--release`).
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM python:3.11 AS build
    /// RUN python -m venv /venv && /venv/bin/pip install flask
    /// FROM python:3.12-slim
    /// COPY --from=build /venv /venv
    /// CMD ["/venv/bin/flask", "run"]
    /// ```
    ///
    /// ## Instead
    /// ```dockerfile
    /// FROM python:3.12 AS build
    /// RUN python -m venv /venv && /venv/bin/pip install flask
    /// FROM python:3.12-slim
    /// COPY --from=build /venv /venv
    /// CMD ["/venv/bin/flask", "run"]
    /// ```
    RUNTIME_VERSION_MISMATCH: "runtime-version-mismatch", "An image copies what was made for another version of its language", Warning, check
}

fn check(context: &Context<'_>, out: &mut Findings) {
    report(context, out, &RUNTIME_VERSION_MISMATCH, Kind::Version);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{fires, fixed, message, only, silent};

    #[test]
    fn dependencies_belong_to_a_version() {
        fires(
            &RUNTIME_VERSION_MISMATCH,
            "
            FROM python:3.11 AS b
            RUN pip install --prefix=/install flask
            FROM python:3.12-slim
            COPY --from=b /install /usr/local
                          ^^^^^^^^ warning
            CMD [\"flask\"]
            ",
        );
        fires(
            &RUNTIME_VERSION_MISMATCH,
            "
            FROM node:18-slim AS b
            WORKDIR /w
            RUN npm ci
            FROM node:20-slim
            COPY --from=b /w /w
                          ^^ warning
            CMD [\"node\", \"/w/s.js\"]
            ",
        );
        fires(
            &RUNTIME_VERSION_MISMATCH,
            "
            FROM maven:3.9-eclipse-temurin-21 AS b
            WORKDIR /w
            RUN mvn package
            FROM eclipse-temurin:17-jre
            COPY --from=b /w/target/*.jar /a.jar
                          ^^^^^^^^^^^^^^^ information
            CMD [\"java\", \"-jar\", \"/a.jar\"]
            ",
        );
        assert_eq!(
            message(
                &RUNTIME_VERSION_MISMATCH,
                "FROM python:3.11 AS b\nRUN python -m venv /v\nFROM python:3.12\nCOPY --from=b /v /v\n"
            ),
            "Installed for Python 3.11 of `python:3.11`, and `python:3.12` has 3.12"
        );
    }

    #[test]
    fn equal_versions_and_newer_javas_are_left_alone() {
        for (from, build, to, copy) in [
            ("python:3.12.1", "python -m venv /v", "python:3.12-slim", "/v"),
            ("python:3.11", "python -m venv /v", "python:slim", "/v"),
            ("python:3.11", "mkdocs build -d /v", "python:3.12", "/v"),
            ("maven:3.9-eclipse-temurin-17", "mvn package", "eclipse-temurin:21-jre", "/w/target/a.jar"),
            (
                "maven:3.9-eclipse-temurin-21",
                "mvn package -Dmaven.compiler.release=17",
                "eclipse-temurin:17-jre",
                "/w/target/a.jar",
            ),
            ("node:18", "npm ci && npm run build", "node:20", "/w/dist"),
        ] {
            let text = format!(
                "FROM {from} AS b\nWORKDIR /w\nCOPY . .\nRUN {build}\nFROM {to}\nCOPY --from=b {copy} /x\n"
            );
            silent(&RUNTIME_VERSION_MISMATCH, &text);
        }
        silent(
            &RUNTIME_VERSION_MISMATCH,
            "ARG PY=3.12\nFROM python:${PY} AS b\nRUN python -m venv /v\nFROM python:${PY}-slim\nCOPY --from=b /v /v\n",
        );
        silent(
            &RUNTIME_VERSION_MISMATCH,
            "FROM node:18 AS b\nWORKDIR /w\nRUN npm ci\nFROM node:20\nCOPY --from=b /w /w\nRUN cd /w && npm ci\n",
        );
    }

    #[test]
    fn another_libc_is_what_is_told_of_both() {
        only(
            "FROM python:3.11 AS b\nRUN python -m venv /v\nFROM python:3.12-alpine\nCOPY --from=b /v /v\nCMD [\"/v/bin/x\"]\n",
            &["libc-mismatch"],
        );
    }

    #[test]
    fn either_version_can_be_taken() {
        let text =
            "FROM python:3.11 AS b\nRUN python -m venv /v\nFROM python:3.12-slim\nCOPY --from=b /v /v\n";
        assert_eq!(
            fixed(&RUNTIME_VERSION_MISMATCH, text, "Use `python:3.11-slim`"),
            text.replace("3.12", "3.11")
        );
        assert_eq!(fixed(&RUNTIME_VERSION_MISMATCH, text, "Use `python:3.12`"), text.replace("3.11", "3.12"));
    }
}
