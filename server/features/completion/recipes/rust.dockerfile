FROM rust:{{1:1}}-slim-trixie AS build
WORKDIR /src
COPY . .
ARG TARGETPLATFORM
RUN --mount=type=cache,target=/usr/local/cargo/registry,sharing=locked \
    --mount=type=cache,id={{2:app}}-$TARGETPLATFORM,target=/src/target,sharing=locked \
    cargo build --release --locked && \
    cp target/release/{{2}} /usr/local/bin/{{2}}

FROM gcr.io/distroless/cc-debian13:nonroot AS runtime
COPY --from=build /usr/local/bin/{{2}} /usr/local/bin/{{2}}
USER 65532:65532
ENTRYPOINT ["/usr/local/bin/{{2}}"]
