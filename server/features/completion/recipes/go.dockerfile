FROM --platform=$BUILDPLATFORM golang:{{1:1.27}} AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN --mount=type=cache,target=/go/pkg/mod \
    go mod download
COPY . .
ARG TARGETOS TARGETARCH
RUN --mount=type=cache,target=/go/pkg/mod \
    --mount=type=cache,target=/root/.cache/go-build \
    CGO_ENABLED=0 GOOS=$TARGETOS GOARCH=$TARGETARCH \
    go build -trimpath -ldflags="-s -w" -o /out/{{2:app}} {{3:.}}

FROM gcr.io/distroless/static-debian13:nonroot AS runtime
COPY --from=build /out/{{2}} /usr/local/bin/{{2}}
USER 65532:65532
ENTRYPOINT ["/usr/local/bin/{{2}}"]
