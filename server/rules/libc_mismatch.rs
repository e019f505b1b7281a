use super::{Findings, context::Context, mismatch::Kind, mismatch_fixes::report, rule};

rule! {
    /// Machine code for one libc in an image that has another, or an older one.
    ///
    /// ## Why
    /// Alpine has musl, Debian, Ubuntu and Red Hat's family have glibc. A program that was linked on the one does not start on the
    /// other ("not found", though the file is there), and modules of `node_modules` or `site-packages` do not load. A glibc must
    /// not be older than the one that a program was linked to. Go is only affected if cgo is on, and a package needs it.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM rust:1.79 AS build
    /// WORKDIR /src
    /// COPY . .
    /// RUN cargo build --release
    /// FROM alpine:3.20
    /// COPY --from=build /src/target/release/app /app
    /// CMD ["/app"]
    /// ```
    ///
    /// ## Instead
    /// ```dockerfile
    /// FROM rust:1.79-alpine AS build
    /// WORKDIR /src
    /// COPY . .
    /// RUN cargo build --release
    /// FROM alpine:3.20
    /// COPY --from=build /src/target/release/app /app
    /// CMD ["/app"]
    /// ```
    LIBC_MISMATCH: "libc-mismatch", "An image copies machine code for a libc that it does not have", Warning, check
}

fn check(context: &Context<'_>, out: &mut Findings) {
    report(context, out, &LIBC_MISMATCH, Kind::Libc);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{fires, fixed, message, silent};

    const RUST: &str = "WORKDIR /w\nCOPY . .\nRUN cargo build --release\n";

    #[test]
    fn programs_need_the_libc_that_they_were_linked_to() {
        fires(
            &LIBC_MISMATCH,
            "
            FROM rust:1.79 AS b
            WORKDIR /w
            COPY . .
            RUN cargo build --release
            FROM alpine:3.20
            COPY --from=b /w/target/release/a /a
                          ^^^^^^^^^^^^^^^^^^^ warning
            ENTRYPOINT [\"/a\"]
            ",
        );
        fires(
            &LIBC_MISMATCH,
            "
            FROM debian:12 AS b
            RUN gcc -O2 -o /out/a a.c
            FROM alpine:3.20 AS base
            COPY --from=b /out /usr/local/bin/
                          ^^^^ warning
            FROM base
            CMD [\"a\"]
            ",
        );
        fires(
            &LIBC_MISMATCH,
            "
            FROM golang:1.22 AS b
            WORKDIR /w
            RUN go build -o /a .
            FROM alpine:3.20
            COPY --from=b /a /a
                          ^^ information
            CMD [\"/a\"]
            ",
        );
    }

    #[test]
    fn a_newer_glibc_is_another_one() {
        fires(
            &LIBC_MISMATCH,
            "
            FROM rust:1.79-bookworm AS b
            WORKDIR /w
            RUN cargo build --release
            FROM debian:bullseye-slim
            COPY --from=b /w/target/release/a /a
                          ^^^^^^^^^^^^^^^^^^^ warning
            CMD [\"/a\"]
            ",
        );
        let text = |to: &str| {
            format!(
                "FROM rust:1.79-bookworm AS b\n{RUST}FROM {to}\nCOPY --from=b /w/target/release/a /a\nCMD [\"/a\"]\n"
            )
        };
        assert_eq!(
            message(&LIBC_MISMATCH, &text("gcr.io/distroless/cc-debian11")),
            "This program is linked to glibc 2.36 of `rust:1.79-bookworm`, and `gcr.io/distroless/cc-debian11` has 2.31"
        );
        silent(&LIBC_MISMATCH, &text("debian:trixie-slim"));
        silent(&LIBC_MISMATCH, &text("gcr.io/distroless/cc-debian12"));
    }

    #[test]
    fn dependencies_may_hold_machine_code() {
        fires(
            &LIBC_MISMATCH,
            "
            FROM node:20 AS b
            WORKDIR /app
            COPY package*.json ./
            RUN npm ci
            FROM node:20-alpine
            WORKDIR /app
            COPY --from=b /app/node_modules ./node_modules
                          ^^^^^^^^^^^^^^^^^ warning
            CMD [\"node\", \"s.js\"]
            ",
        );
        fires(
            &LIBC_MISMATCH,
            "
            FROM python:3.12-alpine AS b
            RUN python -m venv /venv && /venv/bin/pip install flask
            FROM python:3.12-slim
            COPY --from=b /venv /venv
                          ^^^^^ warning
            CMD [\"/venv/bin/flask\"]
            ",
        );
    }

    #[test]
    fn what_runs_everywhere_is_left_alone() {
        for (from, build, to, copy) in [
            ("golang:1.22", "CGO_ENABLED=0 go build -o /a .", "alpine:3.20", "/a"),
            ("golang:1.22", "export CGO_ENABLED=0 && go build -o /a .", "alpine:3.20", "/a"),
            ("golang:1.22-alpine", "go build -o /a .", "debian:12", "/a"),
            (
                "rust:1.79",
                "cargo build --release --target x86_64-unknown-linux-musl",
                "alpine:3.20",
                "/w/target",
            ),
            ("rust:1.79-alpine", "cargo build --release", "debian:12", "/w/target/release/a"),
            (
                "maven:3.9-eclipse-temurin-21",
                "mvn package",
                "eclipse-temurin:21-jre-alpine",
                "/w/target/a.jar",
            ),
            ("node:20", "npm ci && npm run build", "nginx:1.27-alpine", "/w/dist"),
            ("debian:12", "gcc -static -o /a a.c", "alpine:3.20", "/a"),
            ("debian:12", "gcc -o /a a.c", "frolvlad/alpine-glibc:alpine-3.20", "/a"),
            ("python:3.12", "pip install mkdocs && mkdocs build", "nginx:1.27-alpine", "/w/site"),
            ("ghcr.io/a/b", "gcc -o /a a.c", "alpine:3.20", "/a"),
        ] {
            let text = format!(
                "FROM {from} AS b\nWORKDIR /w\nCOPY . .\nRUN {build}\nFROM {to}\nCOPY --from=b {copy} /x\nCMD [\"/x\"]\n"
            );
            silent(&LIBC_MISMATCH, &text);
        }
        for line in ["RUN apk add --no-cache gcompat", "RUN apk add libc6-compat"] {
            let text = format!(
                "FROM rust:1.79 AS b\n{RUST}FROM alpine:3.20\n{line}\nCOPY --from=b /w/target/release/a /a\n"
            );
            silent(&LIBC_MISMATCH, &text);
        }
        for set in ["ENV CGO_ENABLED=0", "ARG CGO_ENABLED=0", "ENV GOFLAGS=-tags=netgo"] {
            let text = format!(
                "FROM golang:1.22 AS b\n{set}\nRUN go build -o /a .\nFROM alpine:3.20\nCOPY --from=b /a /a\n"
            );
            silent(&LIBC_MISMATCH, &text);
        }
        silent(
            &LIBC_MISMATCH,
            "FROM node:20 AS b\nWORKDIR /w\nRUN npm ci\nFROM node:20-alpine\nCOPY --from=b /w /w\nRUN npm rebuild\n",
        );
        silent(
            &LIBC_MISMATCH,
            "ARG V=alpine\nFROM node:20 AS b\nWORKDIR /w\nRUN npm ci\nFROM node:$V\nCOPY --from=b /w /w\n",
        );
    }

    #[test]
    fn both_sides_can_change() {
        let text = "FROM node:20 AS b\nWORKDIR /w\nRUN npm ci\nFROM node:20-alpine\nCOPY --from=b /w /w\n";
        assert_eq!(
            fixed(&LIBC_MISMATCH, text, "Build on `node:20-alpine`"),
            text.replace("FROM node:20 ", "FROM node:20-alpine ")
        );
        assert_eq!(
            fixed(&LIBC_MISMATCH, text, "Run on `node:20-slim`"),
            text.replace("node:20-alpine", "node:20-slim")
        );
        let text = "FROM mcr.microsoft.com/dotnet/sdk:8.0 AS b\nRUN dotnet publish -r linux-x64 --self-contained -o /o\nFROM alpine:3.20\nCOPY --from=b /o /o\nCMD [\"/o/a\"]\n";
        assert_eq!(
            fixed(&LIBC_MISMATCH, text, "Compile for that system"),
            text.replace("linux-x64", "linux-musl-x64")
        );
        let text = "FROM golang:1.22 AS b\nRUN go build -o /a .\nFROM alpine:3.20\nCOPY --from=b /a /a\n";
        assert_eq!(
            fixed(&LIBC_MISMATCH, text, "Add `CGO_ENABLED=0`"),
            text.replace("go build", "CGO_ENABLED=0 go build")
        );
    }
}
