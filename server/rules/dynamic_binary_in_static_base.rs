use super::{Findings, context::Context, mismatch::Kind, mismatch_fixes::report, rule};

rule! {
    /// A program that needs a libc, in an image that has none.
    ///
    /// ## Why
    /// `scratch` and `distroless/static` have no libc and no loader. Where a compiler of C is there, as in `golang:1.22`, Go links
    /// to libc for its packages `net` and `os/user`, and the container stops with "no such file or directory".
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM golang:1.22 AS build
    /// RUN go build -o /app .
    /// FROM gcr.io/distroless/static-debian12:nonroot
    /// COPY --from=build /app /app
    /// ENTRYPOINT ["/app"]
    /// ```
    ///
    /// ## Instead
    /// ```dockerfile
    /// FROM golang:1.22 AS build
    /// RUN CGO_ENABLED=0 go build -o /app .
    /// FROM gcr.io/distroless/static-debian12:nonroot
    /// COPY --from=build /app /app
    /// ENTRYPOINT ["/app"]
    /// ```
    DYNAMIC_BINARY_IN_STATIC_BASE: "dynamic-binary-in-static-base", "A program that needs a libc in an image that has none", Warning, check
}

fn check(context: &Context<'_>, out: &mut Findings) {
    report(context, out, &DYNAMIC_BINARY_IN_STATIC_BASE, Kind::NoLibc);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{fires, fixed, message, silent};

    fn text(from: &str, build: &str, rest: &str) -> String {
        format!("FROM {from} AS b\nWORKDIR /w\nCOPY . .\nRUN {build}\nFROM scratch\nCOPY --from=b {rest}\n")
    }

    #[test]
    fn a_program_that_is_run_needs_its_libc() {
        fires(
            &DYNAMIC_BINARY_IN_STATIC_BASE,
            "
            FROM golang:1.22 AS b
            WORKDIR /w
            RUN go build -ldflags=\"-s -w\" -o /a
            FROM scratch
            COPY --from=b /a /a
                          ^^ warning
            CMD [\"/a\"]
            ",
        );
        fires(
            &DYNAMIC_BINARY_IN_STATIC_BASE,
            "
            FROM rust:1.79 AS b
            WORKDIR /w
            RUN cargo build --release
            FROM cgr.dev/chainguard/static:latest
            COPY --from=b /w/target/release/a /a
                          ^^^^^^^^^^^^^^^^^^^ warning
            CMD [\"/a\"]
            ",
        );
        // The binary that is started, wherever it lies in what is built.
        fires(
            &DYNAMIC_BINARY_IN_STATIC_BASE,
            "
            FROM golang:1.22 AS b
            RUN go install example.org/server@v1
            FROM scratch
            COPY --from=b /go/bin/server /server
                          ^^^^^^^^^^^^^^ warning
            CMD [\"/server\"]
            ",
        );
        assert_eq!(
            message(
                &DYNAMIC_BINARY_IN_STATIC_BASE,
                &text("golang:1.22", "go build -o /a .", "/a /a\nCMD [\"/a\"]")
            ),
            "This program may be linked to libc, since cgo is on in `golang:1.22`, and `scratch` has none"
        );
    }

    #[test]
    fn static_programs_and_exports_are_left_alone() {
        for (from, build, rest) in [
            ("golang:1.22", "CGO_ENABLED=0 go build -o /a .", "/a /a\nCMD [\"/a\"]"),
            ("golang:1.22", "go build -ldflags '-extldflags \"-static\"' -o /a .", "/a /a\nCMD [\"/a\"]"),
            ("golang:1.22", "go build -tags netgo -o /a .", "/a /a\nCMD [\"/a\"]"),
            ("golang:1.22-alpine", "go build -o /a .", "/a /a\nCMD [\"/a\"]"),
            ("golang:1.22", "go build -o /a .", "/a /a"),
            ("golang:1.22", "go build -o /a .", "/w/conf.yaml /c\nCMD [\"/a\"]"),
            ("golang:1.22", "go install ./helper && make", "/etcd.yaml /etcd.yaml\nCMD [\"/etcd\"]"),
            ("golang:1.22", "go build -o /a .", "/a /a\nCOPY --from=b /lib /lib\nCMD [\"/a\"]"),
            (
                "rust:1.79",
                "cargo build --release --target x86_64-unknown-linux-musl",
                "/w/target /t\nCMD [\"/t\"]",
            ),
            ("rust:1.79-alpine", "cargo build --release", "/w/target/release/a /a\nCMD [\"/a\"]"),
            ("clux/muslrust:stable", "cargo build --release", "/w/target/release/a /a\nCMD [\"/a\"]"),
        ] {
            silent(&DYNAMIC_BINARY_IN_STATIC_BASE, &text(from, build, rest));
        }
    }

    #[test]
    fn cgo_is_switched_off() {
        let text = text("golang:1.22", "mkdir /x && GOOS=linux go build -o /a .", "/a /a\nCMD [\"/a\"]");
        assert_eq!(
            fixed(&DYNAMIC_BINARY_IN_STATIC_BASE, &text, "Add `CGO_ENABLED=0`"),
            text.replace("go build", "CGO_ENABLED=0 go build")
        );
    }
}
