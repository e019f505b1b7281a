FROM rust:{{1:1}}-slim-bookworm AS build
WORKDIR /src
COPY . .
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/src/target \
    cargo build --release --locked && \
    cp target/release/{{2:app}} /usr/local/bin/{{2}}

FROM gcr.io/distroless/cc-debian12:nonroot AS runtime
COPY --from=build /usr/local/bin/{{2}} /usr/local/bin/{{2}}
USER nonroot
ENTRYPOINT ["/usr/local/bin/{{2}}"]
