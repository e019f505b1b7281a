//! The bad and good examples of the catalogue of pitfalls that the rules come from, each completed to a whole Dockerfile: a
//! bad one has a finding of its rule, a good one has none.

use std::{collections::BTreeSet, sync::Arc};

use dockerfile_ls::{
    dockerignore::Ignore,
    document::Document,
    rules::{self, Finding},
};

/// Number in the catalogue, rule, bad examples, good ones; ` ⏎ ` ends a line.
type Row = (u16, &'static str, &'static [&'static str], &'static [&'static str]);

/// Numbers between the first and last of a group that have no row, and why.
const WITHOUT: [(u16, &str); 5] = [
    (206, "repeated-setup is off in the catalogue, and not built"),
    (303, "FromAsCasing is off in the catalogue: a hint of BuildKit's own"),
    (409, "copy-whole-stage is off in the catalogue, and not built"),
    (417, "wildcard-may-match-nothing is off in the catalogue, and not built"),
    (505, "large-runtime-base is off in the catalogue, and not built"),
];

/// The numbers that there are rows of.
const NUMBERS: [(u16, u16); 14] = [
    (119, 119),
    (121, 121),
    (203, 208),
    (302, 306),
    (401, 419),
    (501, 514),
    (604, 604),
    (608, 608),
    (701, 701),
    (703, 706),
    (801, 808),
    (902, 904),
    (951, 956),
    (957, 960),
];

#[rustfmt::skip]
const ROWS: &[Row] = &[
    (119, "copy-from-empty-stage", &[
        "FROM scratch AS e ⏎ FROM a:1 ⏎ COPY --from=e /f /f",
        "FROM a:1 ⏎ COPY --from=scratch /f /f",
    ], &[
        "FROM scratch AS e ⏎ COPY f /f ⏎ FROM a:1 ⏎ COPY --from=e /f /f",
        "FROM scratch AS e ⏎ COPY <<EOF /f ⏎ text ⏎ EOF ⏎ FROM a:1 ⏎ COPY --from=e /f /f",
        "FROM scratch AS base ⏎ ONBUILD COPY f /f ⏎ FROM base AS e ⏎ FROM a:1 ⏎ COPY --from=e /f /f",
    ]),
    (121, "mount-target-root", &[
        "FROM alpine:3.20 ⏎ RUN --mount=type=bind,target=/ ls",
        "FROM alpine:3.20 ⏎ WORKDIR / ⏎ RUN --mount=type=bind,target=. ls",
    ], &[
        "FROM alpine:3.20 ⏎ WORKDIR /src ⏎ RUN --mount=type=bind,target=. ls",
        "FROM golang:1.22 ⏎ RUN --mount=type=bind,target=. ls",
        "FROM unknown:1 ⏎ RUN --mount=type=bind,target=. ls",
    ]),
    (203, "test-stage-skipped", &[
        "FROM node:20 AS deps ⏎ FROM deps AS test ⏎ RUN npm test ⏎ FROM deps AS prod",
        "FROM golang:1.22 AS deps ⏎ FROM deps AS check ⏎ RUN go vet ./... ⏎ FROM deps AS prod",
        "FROM python:3.12 AS deps ⏎ FROM deps AS check ⏎ RUN pytest tests/ ⏎ FROM deps AS prod",
        "FROM rust:1.79 AS deps ⏎ FROM deps AS check ⏎ RUN cargo clippy ⏎ FROM deps AS prod",
        "FROM maven:3 AS deps ⏎ FROM deps AS check ⏎ RUN mvn -B verify ⏎ FROM deps AS prod",
        "FROM php:8 AS deps ⏎ FROM deps AS check ⏎ RUN vendor/bin/phpunit ⏎ FROM deps AS prod",
    ], &[
        "FROM node:20 AS deps ⏎ FROM deps AS test ⏎ RUN npm test && touch /marker ⏎ FROM deps AS prod ⏎ COPY --from=test /marker /tmp/",
        "FROM node:20 AS test ⏎ RUN npm test ⏎ FROM test AS prod",
    ]),
    (204, "default-target-is-dev", &[
        "FROM a:1 AS prod ⏎ FROM prod AS dev",
        "FROM a:1 AS release ⏎ FROM a:1 AS debug",
    ], &[
        "FROM a:1 AS dev ⏎ FROM a:1 AS prod",
        "FROM a:1 AS base ⏎ FROM base AS dev",
    ]),
    (205, "single-stage-with-toolchain", &[
        "FROM golang:1.22 ⏎ COPY . . ⏎ RUN go build -o /a . ⏎ CMD [\"/a\"]",
    ], &[
        "FROM golang:1.22 ⏎ COPY . . ⏎ RUN go build -o /a .",
        "FROM golang:1.22 AS b ⏎ COPY . . ⏎ RUN go build -o /a . ⏎ FROM alpine:3.20 ⏎ COPY --from=b /a /a ⏎ CMD [\"/a\"]",
        "FROM mcr.microsoft.com/devcontainers/go:1.22 ⏎ COPY . . ⏎ RUN go build -o /a . ⏎ CMD [\"/a\"]",
    ]),
    (207, "metadata-lost", &[
        "FROM a:1 AS b ⏎ HEALTHCHECK CMD x ⏎ FROM c:1 ⏎ COPY --from=b /f /f",
        "FROM a:1 AS b ⏎ EXPOSE 80 ⏎ FROM c:1 ⏎ COPY --from=b /f /f",
        "FROM a:1 AS b ⏎ VOLUME /data ⏎ FROM c:1 ⏎ COPY --from=b /f /f",
        "FROM a:1 AS b ⏎ STOPSIGNAL SIGINT ⏎ FROM c:1 ⏎ COPY --from=b /f /f",
    ], &[
        "FROM a:1 AS b ⏎ HEALTHCHECK CMD x ⏎ FROM b",
        "FROM a:1 AS b ⏎ LABEL a=b ⏎ FROM c:1 ⏎ COPY --from=b /f /f",
    ]),
    (208, "entrypoint-resets-cmd", &[
        "FROM a:1 AS b ⏎ CMD [\"serve\"] ⏎ FROM b ⏎ ENTRYPOINT [\"/init\"]",
    ], &[
        "FROM a:1 AS b ⏎ CMD [\"serve\"] ⏎ FROM b ⏎ ENTRYPOINT [\"/init\"] ⏎ CMD [\"serve\"]",
        "FROM a:1 ⏎ ENTRYPOINT [\"/init\"]",
    ]),
    (302, "StageNameCasing", &["FROM a:1 AS Builder"], &["FROM a:1 AS builder"]),
    (304, "vague-stage-name", &[
        "FROM a:1 AS stage2",
        "FROM a:1 AS step1",
        "FROM a:1 AS s1",
        "FROM a:1 AS build2",
        "FROM a:1 AS tmp",
    ], &[
        "FROM a:1 AS compiler",
        "FROM a:1 AS build",
    ]),
    (305, "unnamed-stage-used-by-number", &[
        "FROM a:1 ⏎ FROM b:1 ⏎ COPY --from=0 /f /f",
    ], &[
        "FROM a:1 AS x ⏎ FROM b:1 ⏎ COPY --from=x /f /f",
    ]),
    (306, "number-for-named-stage", &[
        "FROM a:1 AS x ⏎ FROM b:1 ⏎ COPY --from=0 /f /f",
    ], &[
        "FROM a:1 AS x ⏎ FROM b:1 ⏎ COPY --from=x /f /f",
    ]),
    (401, "relative-copy-source", &[
        "FROM a:1 AS b ⏎ WORKDIR /w ⏎ RUN mk ⏎ FROM c:1 ⏎ COPY --from=b out /o",
    ], &[
        "FROM alpine:3.20 AS b ⏎ RUN mk ⏎ FROM c:1 ⏎ COPY --from=b out /o",
        "FROM a:1 AS b ⏎ WORKDIR / ⏎ RUN mk ⏎ FROM c:1 ⏎ COPY --from=b out /o",
        "FROM a:1 AS b ⏎ WORKDIR /w ⏎ RUN mk ⏎ FROM c:1 ⏎ COPY --from=b /w/out /o",
        "FROM a:1 AS b ⏎ WORKDIR /w ⏎ RUN mk ⏎ FROM c:1 ⏎ COPY --from=b [\"/w/out\", \"/o\"]",
        "FROM mcr.microsoft.com/windows/servercore:ltsc2022 AS b ⏎ WORKDIR C:\\w ⏎ RUN mk ⏎ FROM mcr.microsoft.com/windows/nanoserver:ltsc2022 ⏎ COPY --from=b C:\\out C:\\o",
    ]),
    (402, "copy-source-not-produced", &[
        "FROM node:20 AS b ⏎ COPY . . ⏎ RUN npm run build ⏎ FROM nginx:1.27 ⏎ COPY --from=b /app/dist /usr/share/nginx/html",
        "FROM mcr.microsoft.com/dotnet/sdk:8.0 AS build ⏎ WORKDIR /src ⏎ COPY . . ⏎ RUN dotnet publish -o /app/publish ⏎ FROM mcr.microsoft.com/dotnet/aspnet:8.0 ⏎ COPY --from=build /src/publish /app",
    ], &[
        "FROM node:20 AS b ⏎ WORKDIR /app ⏎ COPY . . ⏎ RUN npm run build ⏎ FROM nginx:1.27 ⏎ COPY --from=b /app/dist /usr/share/nginx/html",
        "FROM node:20 AS b ⏎ WORKDIR /app ⏎ COPY . . ⏎ RUN npm run build ⏎ FROM nginx:1.27 ⏎ COPY --from=b /app/any/thing /usr/share/nginx/html",
        "FROM debian:12 AS b ⏎ RUN curl https://get.it | sh ⏎ FROM nginx:1.27 ⏎ COPY --from=b /app/dist /usr/share/nginx/html",
        "ARG D ⏎ FROM node:20 AS b ⏎ COPY . . ⏎ RUN npm run build ⏎ FROM nginx:1.27 ⏎ ARG D ⏎ COPY --from=b $D/dist /usr/share/nginx/html",
    ]),
    (403, "copy-from-cache-mount", &[
        "FROM golang:1.22 AS b ⏎ RUN --mount=type=tmpfs,target=/out go build -o /out/a ⏎ FROM alpine:3.20 ⏎ COPY --from=b /out/a /a",
        "FROM maven:3.9 AS b ⏎ WORKDIR /w ⏎ COPY . . ⏎ RUN --mount=type=cache,target=/w/target mvn package ⏎ FROM eclipse-temurin:21-jre ⏎ COPY --from=b /w/target/a.jar /a.jar",
        "FROM rust:1.79 AS b ⏎ WORKDIR /app ⏎ COPY . . ⏎ RUN --mount=type=cache,target=/app/target cargo build --release ⏎ FROM debian:12 ⏎ COPY --from=b /app/target/release/x /x",
    ], &[
        "FROM rust:1.79 AS b ⏎ WORKDIR /app ⏎ COPY . . ⏎ RUN --mount=type=cache,target=/app/target cargo build --release && cp target/release/x /x ⏎ FROM debian:12 ⏎ COPY --from=b /x /x",
    ]),
    (404, "whole-workdir-copied", &[
        "FROM golang:1.22 AS b ⏎ WORKDIR /w ⏎ COPY . . ⏎ RUN go build -o app ⏎ FROM alpine:3.20 ⏎ COPY --from=b /w /w",
    ], &[
        "FROM golang:1.22 AS b ⏎ WORKDIR /w ⏎ COPY . . ⏎ RUN go build -o app ⏎ FROM alpine:3.20 ⏎ COPY --from=b /w/app /app",
        "FROM mcr.microsoft.com/dotnet/sdk:8.0 AS b ⏎ WORKDIR /src ⏎ COPY . . ⏎ RUN dotnet publish -o /app/publish ⏎ FROM mcr.microsoft.com/dotnet/aspnet:8.0 ⏎ WORKDIR /app ⏎ COPY --from=b /app/publish .",
        "FROM golang:1.22 AS b ⏎ WORKDIR /w ⏎ COPY . . ⏎ RUN go build -o app ⏎ FROM scratch ⏎ COPY --from=b /w /w",
    ]),
    (405, "dev-dependencies-shipped", &[
        "FROM python:3.12 AS b ⏎ WORKDIR /w ⏎ COPY . . ⏎ RUN uv sync ⏎ FROM python:3.12 ⏎ COPY --from=b /w/.venv /w/.venv",
        "FROM ruby:3.3 AS b ⏎ WORKDIR /w ⏎ COPY Gemfile* ./ ⏎ RUN bundle install ⏎ FROM ruby:3.3 ⏎ COPY --from=b /usr/local/bundle /usr/local/bundle",
        "FROM node:20 AS b ⏎ WORKDIR /w ⏎ COPY . . ⏎ RUN pnpm install ⏎ RUN pnpm run build ⏎ FROM node:20 ⏎ COPY --from=b /w/node_modules ./node_modules",
        "FROM node:20 AS b ⏎ WORKDIR /w ⏎ COPY . . ⏎ RUN npm ci ⏎ RUN npm run build ⏎ FROM node:20-slim ⏎ COPY --from=b /w/node_modules ./node_modules",
        "FROM node:20 AS b ⏎ WORKDIR /w ⏎ COPY . . ⏎ RUN yarn install ⏎ FROM node:20-slim ⏎ COPY --from=b /w/node_modules ./node_modules",
        "FROM composer:2 AS b ⏎ WORKDIR /w ⏎ COPY . . ⏎ RUN composer install ⏎ FROM php:8.3 ⏎ COPY --from=b /w/vendor ./vendor",
    ], &[
        "FROM python:3.12 AS b ⏎ WORKDIR /w ⏎ COPY . . ⏎ RUN uv sync --no-dev ⏎ FROM python:3.12 ⏎ COPY --from=b /w/.venv /w/.venv",
        "FROM node:20 AS b ⏎ WORKDIR /w ⏎ COPY . . ⏎ RUN pnpm install --prod ⏎ FROM node:20 ⏎ COPY --from=b /w/node_modules ./node_modules",
        "FROM node:20 AS b ⏎ WORKDIR /w ⏎ COPY . . ⏎ RUN npm ci && npm run build && npm prune --omit=dev ⏎ FROM node:20-slim ⏎ COPY --from=b /w/node_modules ./node_modules",
        "FROM node:20 AS b ⏎ WORKDIR /w ⏎ COPY . . ⏎ ENV NODE_ENV=production ⏎ RUN npm ci ⏎ FROM node:20-slim ⏎ COPY --from=b /w/node_modules ./node_modules",
        "FROM node:20 AS b ⏎ WORKDIR /w ⏎ COPY . . ⏎ RUN npm ci ⏎ FROM node:20-slim AS dev ⏎ COPY --from=b /w/node_modules ./node_modules",
        "FROM composer:2 AS b ⏎ WORKDIR /w ⏎ COPY . . ⏎ RUN composer install --no-dev ⏎ FROM php:8.3 ⏎ COPY --from=b /w/vendor ./vendor",
    ]),
    (406, "build-needs-dev-dependencies", &[
        "FROM node:20 AS b ⏎ WORKDIR /w ⏎ COPY package*.json ./ ⏎ RUN npm ci --omit=dev ⏎ COPY . . ⏎ RUN npm run build",
    ], &[
        "FROM node:20 AS b ⏎ WORKDIR /w ⏎ COPY package*.json ./ ⏎ RUN npm ci ⏎ COPY . . ⏎ RUN npm run build",
        "FROM node:20 AS b ⏎ WORKDIR /w ⏎ COPY package*.json ./ ⏎ RUN npm ci --omit=dev && npm install -g vite ⏎ COPY . . ⏎ RUN vite build",
    ]),
    (407, "directories-flattened", &[
        "FROM a:1 ⏎ COPY public src ./",
        "FROM node:20 AS b ⏎ WORKDIR /w ⏎ RUN npm run build ⏎ FROM node:20-slim ⏎ WORKDIR /w ⏎ COPY --from=b /w/dist /w/node_modules ./",
        "FROM node:20 AS b ⏎ WORKDIR /w ⏎ RUN npm run build ⏎ FROM node:20-slim ⏎ WORKDIR /w ⏎ COPY --from=b /w/node_modules ./",
    ], &[
        "FROM node:20 AS b ⏎ WORKDIR /w ⏎ RUN npm run build ⏎ FROM node:20-slim ⏎ WORKDIR /w ⏎ COPY --from=b /w/dist ./dist",
        "FROM node:20 AS b ⏎ WORKDIR /w ⏎ RUN npm run build ⏎ FROM nginx:1.27 ⏎ COPY --from=b /w/dist/ /usr/share/nginx/html/",
        "# syntax=docker/dockerfile:1 ⏎ FROM node:20 AS b ⏎ WORKDIR /w ⏎ RUN npm run build ⏎ FROM node:20-slim ⏎ COPY --parents --from=b /w/dist /w/node_modules ./",
    ]),
    (408, "many-sources-one-file", &[
        "FROM a:1 ⏎ COPY a b /c",
    ], &[
        "FROM a:1 ⏎ COPY a b /c/",
        "FROM a:1 ⏎ COPY [\"a\",\"b\",\"/c/\"]",
        "FROM a:1 ⏎ COPY [\"a b c\", \"/c\"]",
    ]),
    (410, "user-not-in-stage", &[
        "FROM a:1 AS b ⏎ RUN adduser -D u ⏎ FROM alpine:3.20 ⏎ USER u",
        "FROM a:1 AS b ⏎ RUN adduser -D u ⏎ FROM alpine:3.20 ⏎ COPY --chown=u f /f",
    ], &[
        "FROM node:20 ⏎ USER node",
        "FROM a:1 AS b ⏎ RUN adduser -D u ⏎ FROM alpine:3.20 ⏎ USER 1000",
        "FROM a:1 AS b ⏎ RUN adduser -D u ⏎ FROM alpine:3.20 ⏎ COPY --from=b /etc/passwd /etc/passwd ⏎ USER u",
        "FROM alpine:3.20 AS b ⏎ RUN adduser -D u ⏎ FROM b ⏎ USER u",
    ]),
    (411, "chown-differs-from-user", &[
        "FROM node:20-alpine ⏎ RUN adduser -D app ⏎ COPY --chown=node:node . . ⏎ USER app ⏎ CMD [\"x\"]",
    ], &[
        "FROM alpine:3.20 ⏎ RUN addgroup web && adduser -D app -G web ⏎ COPY --chown=app:web . . ⏎ USER app ⏎ CMD [\"x\"]",
        "FROM node:20-alpine ⏎ RUN adduser -D app ⏎ COPY --chown=app . . ⏎ USER app ⏎ CMD [\"x\"]",
        "FROM node:20-alpine ⏎ RUN adduser -D app ⏎ COPY --chown=root . . ⏎ USER app ⏎ CMD [\"x\"]",
        "FROM node:20-alpine ⏎ RUN adduser -D app ⏎ COPY --chown=1000 . . ⏎ USER app ⏎ CMD [\"x\"]",
    ]),
    (412, "copy-after-user-without-chown", &[
        "FROM debian:12 ⏎ RUN useradd app ⏎ USER app ⏎ COPY f /f",
        "FROM node:20 ⏎ USER node ⏎ COPY . .",
    ], &[
        "FROM node:20 ⏎ USER node ⏎ COPY --chown=node . .",
        "FROM node:20 ⏎ COPY . . ⏎ USER node",
    ]),
    (413, "copied-into-root-home", &[
        "FROM python:3.12 AS b ⏎ RUN pip install --user x ⏎ FROM python:3.12 ⏎ RUN useradd app ⏎ COPY --from=b /root/.local /root/.local ⏎ USER app ⏎ CMD [\"x\"]",
    ], &[
        "FROM python:3.12 AS b ⏎ RUN pip install --user x ⏎ FROM python:3.12 ⏎ COPY --from=b /root/.local /root/.local ⏎ CMD [\"x\"]",
    ]),
    (414, "link-chown-by-name", &[
        "FROM a:1 ⏎ RUN useradd app ⏎ COPY --chown=app: a /a",
        "FROM a:1 ⏎ COPY --link --chown=app a /a",
    ], &[
        "FROM a:1 ⏎ COPY --link --chown=1000 a /a",
        "FROM a:1 ⏎ COPY --link --chown=root a /a",
    ]),
    (415, "bind-instead-of-copy", &[
        "FROM alpine:3.20 AS b ⏎ RUN make apk ⏎ FROM alpine:3.20 ⏎ COPY --from=b /x.apk /x.apk ⏎ RUN apk add --allow-untrusted /x.apk",
        "FROM debian:12 AS b ⏎ RUN make deb ⏎ FROM debian:12 ⏎ COPY --from=b /x.deb /x.deb ⏎ RUN dpkg -i /x.deb",
        "FROM python:3.12 AS b ⏎ RUN pip wheel -w /wheels x ⏎ FROM python:3.12 ⏎ COPY --from=b /wheels /wheels ⏎ RUN pip install /wheels/*",
    ], &[
        "FROM python:3.12 AS b ⏎ RUN pip wheel -w /wheels x ⏎ FROM python:3.12 ⏎ RUN --mount=type=bind,from=b,source=/wheels,target=/wheels pip install /wheels/*",
    ]),
    (416, "delete-after-copy", &[
        "FROM node:20 AS b ⏎ WORKDIR /w ⏎ COPY . . ⏎ RUN npm ci ⏎ FROM node:20 ⏎ WORKDIR /w ⏎ COPY --from=b /w /w ⏎ RUN npm prune --omit=dev",
        "FROM a:1 AS b ⏎ WORKDIR /w ⏎ COPY . . ⏎ FROM c:1 ⏎ COPY --from=b /w /w ⏎ RUN rm -rf /w/src",
    ], &[
        "FROM a:1 AS b ⏎ WORKDIR /w ⏎ COPY . . ⏎ FROM c:1 ⏎ COPY --from=b /w/dist /w/dist",
    ]),
    (418, "runtime-library-missing", &[
        "FROM python:3.12-slim AS b ⏎ RUN apt-get update && apt-get install -y gcc libpq-dev ⏎ RUN python -m venv /venv && /venv/bin/pip install psycopg2 ⏎ FROM python:3.12-slim ⏎ COPY --from=b /venv /venv",
    ], &[
        "FROM python:3.12-slim AS b ⏎ RUN apt-get update && apt-get install -y gcc libpq-dev ⏎ RUN python -m venv /venv && /venv/bin/pip install psycopg2 ⏎ FROM python:3.12-slim ⏎ RUN apt-get update && apt-get install -y libpq5 ⏎ COPY --from=b /venv /venv",
    ]),
    (419, "CopyIgnoredFile", &["FROM a:1 ⏎ COPY build.log /f"], &["FROM a:1 ⏎ COPY build.txt /f"]),
    (501, "image-without-tag", &[
        "FROM debian",
    ], &[
        "FROM a:1 AS build ⏎ FROM build",
        "FROM a:1 AS build-amd64 ⏎ FROM build-${TARGETARCH}",
        "FROM scratch",
        "FROM debian@sha256:0000000000000000000000000000000000000000000000000000000000000000",
    ]),
    (502, "image-latest", &["FROM debian:latest"], &["FROM debian:12"]),
    (503, "copy-from-untagged-image", &[
        "FROM a:1 ⏎ COPY --from=busybox /bin/x /x",
    ], &[
        "FROM a:1 ⏎ COPY --from=busybox:1.36 /bin/x /x",
    ]),
    (504, "toolchain-in-final", &[
        "FROM eclipse-temurin:21-jdk AS b ⏎ WORKDIR /w ⏎ COPY . . ⏎ RUN ./mvnw package ⏎ FROM eclipse-temurin:21-jdk ⏎ COPY --from=b /w/target/a.jar /a.jar ⏎ CMD [\"java\",\"-jar\",\"/a.jar\"]",
        "FROM mcr.microsoft.com/dotnet/sdk:8.0 AS b ⏎ WORKDIR /src ⏎ COPY . . ⏎ RUN dotnet publish -o /out ⏎ FROM mcr.microsoft.com/dotnet/sdk:8.0 ⏎ COPY --from=b /out /app ⏎ ENTRYPOINT [\"dotnet\",\"/app/a.dll\"]",
        "FROM maven:3.9 AS b ⏎ WORKDIR /w ⏎ COPY . . ⏎ RUN mvn package ⏎ FROM maven:3.9 ⏎ COPY --from=b /w/target/a.jar /a.jar ⏎ CMD [\"java\",\"-jar\",\"/a.jar\"]",
        "FROM golang:1.22 AS b ⏎ RUN go build -o /a ⏎ FROM golang:1.22 ⏎ COPY --from=b /a /a ⏎ CMD [\"/a\"]",
    ], &[
        "FROM golang:1.22 AS b ⏎ RUN go build -o /a ⏎ FROM golang:1.22 AS dev ⏎ COPY --from=b /a /a ⏎ CMD [\"/a\"]",
        "FROM golang:1.22 AS b ⏎ RUN go build -o /a ⏎ FROM golang:1.22 AS dev ⏎ COPY --from=b /a /a ⏎ FROM alpine:3.20 ⏎ COPY --from=b /a /a",
    ]),
    (506, "libc-mismatch", &[
        "FROM golang:1.22 AS b ⏎ WORKDIR /w ⏎ COPY . . ⏎ RUN go build -o /a ⏎ FROM alpine:3.20 ⏎ COPY --from=b /a /a",
        "FROM mcr.microsoft.com/dotnet/sdk:8.0 AS b ⏎ WORKDIR /src ⏎ COPY . . ⏎ RUN dotnet publish -r linux-x64 -o /out ⏎ FROM mcr.microsoft.com/dotnet/aspnet:8.0-alpine ⏎ COPY --from=b /out /app",
        "FROM python:3.12 AS b ⏎ RUN python -m venv /venv && /venv/bin/pip install numpy ⏎ FROM python:3.12-alpine ⏎ COPY --from=b /venv /venv",
        "FROM node:20 AS b ⏎ WORKDIR /w ⏎ COPY package*.json ./ ⏎ RUN npm ci --omit=dev ⏎ FROM node:20-alpine ⏎ COPY --from=b /w/node_modules /w/node_modules",
        "FROM rust:1.79 AS b ⏎ WORKDIR /w ⏎ COPY . . ⏎ RUN cargo build --release ⏎ FROM alpine:3.20 ⏎ COPY --from=b /w/target/release/a /a",
    ], &[
        "FROM node:20 AS b ⏎ WORKDIR /w ⏎ COPY . . ⏎ RUN npm ci && npm run build ⏎ FROM nginx:1.27-alpine ⏎ COPY --from=b /w/dist /usr/share/nginx/html",
        "FROM rust:1.79 AS b ⏎ WORKDIR /w ⏎ COPY . . ⏎ RUN cargo build --release ⏎ FROM alpine:3.20 ⏎ RUN apk add --no-cache gcompat ⏎ COPY --from=b /w/target/release/a /a",
        "FROM rust:1.79 AS b ⏎ WORKDIR /w ⏎ COPY . . ⏎ RUN cargo build --release --target x86_64-unknown-linux-musl ⏎ FROM alpine:3.20 ⏎ COPY --from=b /w/target/x86_64-unknown-linux-musl/release/a /a",
        "FROM golang:1.22 AS b ⏎ WORKDIR /w ⏎ COPY . . ⏎ RUN CGO_ENABLED=0 go build -o /a ⏎ FROM alpine:3.20 ⏎ COPY --from=b /a /a",
        "FROM maven:3.9 AS b ⏎ WORKDIR /w ⏎ COPY . . ⏎ RUN mvn package ⏎ FROM eclipse-temurin:21-jre-alpine ⏎ COPY --from=b /w/target/a.jar /a.jar",
    ]),
    (507, "dynamic-binary-in-static-base", &[
        "FROM rust:1.79 AS b ⏎ WORKDIR /w ⏎ COPY . . ⏎ RUN cargo build --release ⏎ FROM scratch ⏎ COPY --from=b /w/target/release/a /a ⏎ CMD [\"/a\"]",
        "FROM golang:1.22 AS b ⏎ RUN go build -o /a ⏎ FROM gcr.io/distroless/static-debian12 ⏎ COPY --from=b /a /a ⏎ ENTRYPOINT [\"/a\"]",
        "FROM golang:1.22 AS b ⏎ RUN go build -o /a ⏎ FROM scratch ⏎ COPY --from=b /a /a ⏎ CMD [\"/a\"]",
    ], &[
        "FROM golang:1.22 AS b ⏎ RUN go build -o /a ⏎ FROM scratch ⏎ COPY --from=b /a /a",
        "FROM gcc:13 AS b ⏎ COPY main.c . ⏎ RUN gcc -static -o /a main.c ⏎ FROM scratch ⏎ COPY --from=b /a /a ⏎ CMD [\"/a\"]",
        "FROM golang:1.22 AS b ⏎ RUN go build -tags netgo -o /a ⏎ FROM scratch ⏎ COPY --from=b /a /a ⏎ CMD [\"/a\"]",
        "FROM golang:1.22-alpine AS b ⏎ RUN go build -o /a ⏎ FROM scratch ⏎ COPY --from=b /a /a ⏎ CMD [\"/a\"]",
        "FROM golang:1.22 AS b ⏎ ENV CGO_ENABLED=0 ⏎ RUN go build -o /a ⏎ FROM scratch ⏎ COPY --from=b /a /a ⏎ CMD [\"/a\"]",
        "FROM golang:1.22 AS b ⏎ RUN CGO_ENABLED=0 go build -o /a ⏎ FROM scratch ⏎ COPY --from=b /a /a ⏎ CMD [\"/a\"]",
        "FROM golang:1.22 AS b ⏎ ARG CGO_ENABLED=0 ⏎ RUN go build -o /a ⏎ FROM scratch ⏎ COPY --from=b /a /a ⏎ CMD [\"/a\"]",
    ]),
    (508, "runtime-version-mismatch", &[
        "FROM python:3.11 AS b ⏎ RUN pip install --prefix=/install flask ⏎ FROM python:3.12 ⏎ COPY --from=b /install /usr/local",
        "FROM ruby:3.2 AS b ⏎ WORKDIR /w ⏎ COPY Gemfile* ./ ⏎ RUN bundle install ⏎ FROM ruby:3.3 ⏎ COPY --from=b /usr/local/bundle /usr/local/bundle",
        "FROM maven:3.9-eclipse-temurin-21 AS b ⏎ WORKDIR /w ⏎ COPY . . ⏎ RUN mvn package ⏎ FROM eclipse-temurin:17-jre ⏎ COPY --from=b /w/target/a.jar /a.jar",
        "FROM node:18 AS b ⏎ WORKDIR /w ⏎ COPY package*.json ./ ⏎ RUN npm ci --omit=dev ⏎ FROM node:20 ⏎ COPY --from=b /w/node_modules /w/node_modules",
        "FROM python:3.11 AS b ⏎ RUN python -m venv /venv ⏎ FROM python:3.12 ⏎ COPY --from=b /venv /venv",
    ], &[
        "ARG PY=3.12 ⏎ FROM python:${PY} AS b ⏎ RUN python -m venv /venv ⏎ FROM python:${PY} ⏎ COPY --from=b /venv /venv",
        "FROM maven:3.9-eclipse-temurin-17 AS b ⏎ WORKDIR /w ⏎ COPY . . ⏎ RUN mvn package ⏎ FROM eclipse-temurin:21-jre ⏎ COPY --from=b /w/target/a.jar /a.jar",
    ]),
    (509, "no-ca-certificates", &[
        "FROM golang:1.22-alpine AS b ⏎ RUN go build -o /a ⏎ FROM scratch ⏎ COPY --from=b /a /a ⏎ CMD [\"/a\"]",
    ], &[
        "FROM golang:1.22-alpine AS b ⏎ RUN go build -o /a ⏎ FROM scratch ⏎ COPY --from=b /a /a ⏎ COPY --from=b /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ ⏎ CMD [\"/a\"]",
        "FROM golang:1.22-alpine AS b ⏎ RUN go build -o /a ⏎ FROM scratch ⏎ COPY --from=b /a /a",
    ]),
    (510, "run-without-shell", &[
        "FROM scratch ⏎ RUN mkdir /d",
        "FROM gcr.io/distroless/static-debian12 ⏎ RUN mkdir /d",
    ], &[
        "FROM scratch ⏎ ADD rootfs.tar.gz / ⏎ RUN mkdir /d",
        "FROM scratch ⏎ COPY a /a ⏎ RUN [\"/a\",\"init\"]",
        "FROM gcr.io/distroless/static-debian12:debug ⏎ SHELL [\"/busybox/sh\", \"-c\"] ⏎ RUN mkdir /d",
    ]),
    (511, "shell-form-without-shell", &[
        "FROM gcr.io/distroless/base-debian12 ⏎ HEALTHCHECK CMD /a",
        "FROM scratch ⏎ COPY a /a ⏎ CMD /a",
        "FROM gcr.io/distroless/static:nonroot ⏎ ENTRYPOINT /a",
    ], &[
        "FROM gcr.io/distroless/static:debug ⏎ SHELL [\"/busybox/sh\", \"-c\"] ⏎ ENTRYPOINT /a",
        "FROM gcr.io/distroless/static:nonroot ⏎ ENTRYPOINT [\"/a\"]",
    ]),
    (512, "distroless-interpreter-twice", &[
        "FROM gcr.io/distroless/java21-debian12 ⏎ CMD [\"java\",\"-jar\",\"/a.jar\"]",
        "FROM gcr.io/distroless/python3-debian12 ⏎ CMD [\"python3\",\"s.py\"]",
        "FROM gcr.io/distroless/nodejs20-debian12 ⏎ CMD [\"node\",\"s.js\"]",
    ], &[
        "FROM gcr.io/distroless/nodejs20-debian12 ⏎ CMD [\"s.js\"]",
        "FROM gcr.io/distroless/nodejs20-debian12 ⏎ ENTRYPOINT [\"/nodejs/bin/node\"] ⏎ CMD [\"node\",\"s.js\"]",
    ]),
    (513, "named-user-without-passwd", &[
        "FROM scratch ⏎ COPY --chown=app a /a",
        "FROM scratch ⏎ COPY a /a ⏎ USER app",
    ], &[
        "FROM scratch ⏎ COPY a /a ⏎ USER 65532",
        "FROM alpine:3.20 AS b ⏎ RUN adduser -D app ⏎ FROM scratch ⏎ COPY --from=b /etc/passwd /etc/passwd ⏎ USER app",
    ]),
    (514, "wrong-package-manager", &[
        "FROM ubuntu:24.04 ⏎ RUN dnf install -y git",
        "FROM alpine:3.20 ⏎ RUN apt-get update",
        "FROM debian:12 ⏎ RUN apk add curl",
        "FROM debian:12 ⏎ RUN apt-get update && apt-get install -y postgresql-dev",
        "FROM alpine:3.20 ⏎ RUN apk add openssl-lib-static",
    ], &[
        "ARG B=alpine ⏎ FROM $B ⏎ RUN apt-get update",
        "FROM debian:12 ⏎ RUN apt-get update && apt-get install -y libpq-dev",
    ]),
    (604, "env-path-not-carried", &[
        "FROM python:3.12 AS b ⏎ ENV VIRTUAL_ENV=/v ⏎ RUN python -m venv /v ⏎ ENV PATH=$VIRTUAL_ENV/bin:$PATH ⏎ RUN pip install gunicorn ⏎ FROM python:3.12 ⏎ COPY --from=b /v /v ⏎ CMD gunicorn app",
        "FROM python:3.12 AS b ⏎ RUN python -m venv /v ⏎ ENV PATH=/v/bin:$PATH ⏎ RUN pip install gunicorn ⏎ FROM python:3.12 ⏎ COPY --from=b /v /v ⏎ CMD [\"gunicorn\"]",
    ], &[
        "FROM python:3.12 AS b ⏎ RUN python -m venv /v ⏎ ENV PATH=/v/bin:$PATH ⏎ RUN pip install gunicorn ⏎ FROM python:3.12 ⏎ COPY --from=b /v /v ⏎ CMD [\"/v/bin/gunicorn\"]",
        "FROM python:3.12 AS b ⏎ RUN python -m venv /v ⏎ ENV PATH=/v/bin:$PATH ⏎ RUN pip install gunicorn ⏎ FROM python:3.12 ⏎ COPY --from=b /v /v ⏎ ENV PATH=/v/bin:$PATH ⏎ CMD [\"gunicorn\"]",
    ]),
    (608, "SecretsUsedInArgOrEnv", &[
        "FROM a:1 ⏎ ARG GITHUB_TOKEN",
        "FROM a:1 ⏎ ENV API_KEY=x",
    ], &[
        "FROM a:1 ⏎ ARG TOKEN_FILE",
        "FROM a:1 ⏎ ARG PUBLIC_KEY",
        "FROM a:1 ⏎ ARG KEY_VERSION",
    ]),
    (701, "copy-all-before-install", &[
        "FROM node:20 ⏎ WORKDIR /w ⏎ COPY . . ⏎ RUN yarn install",
        "FROM node:20 ⏎ WORKDIR /w ⏎ ADD . . ⏎ RUN pnpm install",
        "FROM rust:1.79 ⏎ WORKDIR /w ⏎ COPY . . ⏎ RUN cargo fetch",
        "FROM maven:3.9 ⏎ WORKDIR /w ⏎ COPY . . ⏎ RUN mvn dependency:go-offline",
        "FROM mcr.microsoft.com/dotnet/sdk:8.0 ⏎ WORKDIR /w ⏎ COPY . . ⏎ RUN dotnet restore",
        "FROM ruby:3.3 ⏎ WORKDIR /w ⏎ COPY . . ⏎ RUN bundle install",
        "FROM node:20 ⏎ WORKDIR /w ⏎ COPY . . ⏎ RUN npm ci",
        "FROM golang:1.22 ⏎ WORKDIR /w ⏎ COPY . . ⏎ RUN go mod download",
        "FROM python:3.12 ⏎ WORKDIR /w ⏎ COPY . . ⏎ RUN pip install -r requirements.txt",
    ], &[
        "FROM node:20 ⏎ WORKDIR /w ⏎ COPY package*.json ./ ⏎ RUN npm ci ⏎ COPY . .",
        "FROM python:3.12 ⏎ WORKDIR /w ⏎ COPY pyproject.toml uv.lock ./ ⏎ RUN uv sync --no-install-project ⏎ COPY . . ⏎ RUN uv sync",
    ]),
    (703, "package-lists-left", &[
        "FROM debian:12 ⏎ RUN apt-get update && apt-get install -y curl ⏎ CMD [\"x\"]",
    ], &[
        "FROM debian:12 ⏎ RUN apt-get update && apt-get install -y curl && rm -rf /var/lib/apt/lists/* ⏎ CMD [\"x\"]",
        "FROM debian:12 AS b ⏎ RUN apt-get update && apt-get install -y curl ⏎ FROM debian:12 ⏎ COPY --from=b /f /f",
    ]),
    (704, "volatile-arg-early", &[
        "FROM node:20 ⏎ WORKDIR /w ⏎ ARG COMMIT ⏎ COPY package*.json ./ ⏎ RUN npm ci",
        "FROM debian:12 ⏎ ARG BUILD_DATE ⏎ RUN apt-get update && apt-get install -y curl",
        "FROM debian:12 ⏎ ARG GIT_SHA ⏎ RUN apt-get update && apt-get install -y curl ⏎ LABEL revision=$GIT_SHA",
    ], &[
        "FROM debian:12 ⏎ RUN apt-get update && apt-get install -y curl ⏎ ARG GIT_SHA ⏎ LABEL revision=$GIT_SHA",
    ]),
    (705, "dummy-source-stays-fresh", &[
        "FROM rust:1.79 ⏎ WORKDIR /w ⏎ COPY Cargo.toml Cargo.lock ./ ⏎ RUN mkdir src && echo 'fn main() {}' > src/main.rs && cargo build --release ⏎ COPY src ./src ⏎ RUN cargo build --release",
    ], &[
        "FROM rust:1.79 ⏎ WORKDIR /w ⏎ COPY Cargo.toml Cargo.lock ./ ⏎ RUN mkdir src && echo 'fn main() {}' > src/main.rs && cargo build --release ⏎ COPY src ./src ⏎ RUN touch src/main.rs && cargo build --release",
    ]),
    (706, "cache-mount-not-writable", &[
        "FROM node:20 ⏎ USER node ⏎ RUN --mount=type=cache,target=/home/node/.npm npm ci",
    ], &[
        "FROM node:20 ⏎ USER node ⏎ RUN --mount=type=cache,target=/home/node/.npm,uid=1000,gid=1000 npm ci",
        "FROM node:20 ⏎ RUN --mount=type=cache,target=/root/.npm npm ci",
    ]),
    (801, "cross-build-ignores-target", &[
        "FROM --platform=$BUILDPLATFORM gcc:13 AS b ⏎ COPY main.c . ⏎ RUN gcc -o /a main.c ⏎ FROM debian:12 ⏎ COPY --from=b /a /a",
        "FROM --platform=$BUILDPLATFORM rust:1.79 AS b ⏎ WORKDIR /w ⏎ COPY . . ⏎ RUN cargo build --release ⏎ FROM debian:12 ⏎ COPY --from=b /w/target/release/a /a",
        "FROM --platform=$BUILDPLATFORM golang:1.22 AS b ⏎ RUN go build -o /a ⏎ FROM alpine:3.20 ⏎ COPY --from=b /a /a",
    ], &[
        "FROM --platform=$BUILDPLATFORM golang:1.22 AS b ⏎ ARG TARGETARCH ⏎ RUN GOARCH=$TARGETARCH go build -o /a ⏎ FROM alpine:3.20 ⏎ COPY --from=b /a /a",
        "FROM --platform=$BUILDPLATFORM golang:1.22 AS b ⏎ RUN xx-go build -o /a ⏎ FROM alpine:3.20 ⏎ COPY --from=b /a /a",
        "FROM --platform=$BUILDPLATFORM node:20 AS b ⏎ WORKDIR /w ⏎ COPY . . ⏎ RUN npm run build ⏎ FROM nginx:1.27 ⏎ COPY --from=b /w/dist /usr/share/nginx/html",
    ]),
    (802, "RedundantTargetPlatform", &["FROM --platform=$TARGETPLATFORM a:1"], &["FROM a:1"]),
    (803, "FromPlatformFlagConstDisallowed", &[
        "FROM --platform=linux/amd64 a:1 AS b",
    ], &[
        "FROM --platform=linux/amd64 a:1 AS b-amd64",
    ]),
    (804, "final-on-build-platform", &[
        "FROM --platform=$BUILDPLATFORM nginx:1.27 ⏎ CMD [\"nginx\"]",
    ], &[
        "FROM --platform=$BUILDPLATFORM nginx:1.27 AS b ⏎ CMD [\"nginx\"] ⏎ FROM nginx:1.27 ⏎ COPY --from=b /f /f",
        "FROM --platform=$BUILDPLATFORM golang:1.22 AS b ⏎ RUN make ⏎ FROM scratch ⏎ COPY --from=b /out /",
    ]),
    (805, "native-deps-from-build-platform", &[
        "FROM --platform=$BUILDPLATFORM python:3.12 AS b ⏎ RUN python -m venv /venv ⏎ RUN /venv/bin/pip install flask ⏎ FROM python:3.12 ⏎ COPY --from=b /venv /venv",
        "FROM --platform=$BUILDPLATFORM node:20 AS b ⏎ WORKDIR /w ⏎ COPY package*.json ./ ⏎ RUN npm ci --omit=dev ⏎ FROM node:20 ⏎ COPY --from=b /w/node_modules /w/node_modules",
    ], &[
        "FROM node:20 AS b ⏎ WORKDIR /w ⏎ COPY package*.json ./ ⏎ RUN npm ci --omit=dev ⏎ FROM node:20 ⏎ COPY --from=b /w/node_modules /w/node_modules",
    ]),
    (806, "uname-on-build-platform", &[
        "FROM --platform=$BUILDPLATFORM golang:1.22 AS b ⏎ RUN curl -o /x https://e.org/$(go env GOARCH) ⏎ FROM debian:12 ⏎ COPY --from=b /x /x",
        "FROM --platform=$BUILDPLATFORM debian:12 AS b ⏎ RUN curl -o /x https://e.org/$(dpkg --print-architecture) ⏎ FROM debian:12 ⏎ COPY --from=b /x /x",
        "FROM --platform=$BUILDPLATFORM alpine:3.20 AS b ⏎ RUN wget https://e.org/x-$(uname -m) -O /x ⏎ FROM alpine:3.20 ⏎ COPY --from=b /x /x",
    ], &[
        "FROM --platform=$BUILDPLATFORM alpine:3.20 AS b ⏎ ARG TARGETARCH ⏎ RUN wget https://e.org/x-$TARGETARCH -O /x ⏎ FROM alpine:3.20 ⏎ COPY --from=b /x /x",
        "FROM alpine:3.20 AS b ⏎ RUN wget https://e.org/x-$(uname -m) -O /x ⏎ FROM alpine:3.20 ⏎ COPY --from=b /x /x",
    ]),
    (807, "hard-coded-arch", &[
        "FROM golang:1.22 AS b ⏎ ARG TARGETARCH ⏎ RUN GOARCH=$TARGETARCH go build -o /a ⏎ FROM alpine:3.20 ⏎ RUN wget https://e.org/x-linux-amd64.tar.gz ⏎ COPY --from=b /a /a",
    ], &[
        "FROM golang:1.22 AS b ⏎ ARG TARGETARCH ⏎ RUN GOARCH=$TARGETARCH go build -o /a ⏎ FROM alpine:3.20 ⏎ ARG TARGETARCH ⏎ RUN wget https://e.org/x-linux-$TARGETARCH.tar.gz ⏎ COPY --from=b /a /a",
        "FROM alpine:3.20 ⏎ RUN wget https://e.org/x-linux-amd64.tar.gz",
    ]),
    (808, "windows-flags", &[
        "FROM mcr.microsoft.com/windows/servercore:ltsc2022 ⏎ COPY --chown=app a C:\\a",
        "FROM mcr.microsoft.com/windows/servercore:ltsc2022 ⏎ COPY --chmod=755 a C:\\a",
    ], &[
        "FROM mcr.microsoft.com/windows/servercore:ltsc2022 ⏎ COPY a C:\\a",
        "FROM alpine:3.20 ⏎ COPY --chmod=755 a /a",
    ]),
    (902, "explicit-root-at-end", &[
        "FROM node:20 ⏎ USER node ⏎ USER 0 ⏎ CMD [\"x\"]",
        "FROM node:20 ⏎ USER node ⏎ USER root ⏎ CMD [\"x\"]",
    ], &[
        "FROM node:20 AS b ⏎ USER root ⏎ RUN make ⏎ FROM node:20 ⏎ USER node ⏎ COPY --from=b /f /f ⏎ CMD [\"x\"]",
    ]),
    (903, "secret-file-copied", &[
        "FROM a:1 ⏎ COPY server.key /x",
        "FROM a:1 ⏎ COPY .git-credentials /x",
        "FROM a:1 ⏎ COPY .aws /x",
        "FROM a:1 ⏎ COPY id_ed25519 /x",
        "FROM a:1 ⏎ COPY .pypirc /x",
        "FROM a:1 ⏎ COPY .netrc /x",
        "FROM node:20 ⏎ COPY .npmrc ./ ⏎ RUN npm ci",
        "FROM a:1 ⏎ COPY .env /app/",
        "FROM a:1 ⏎ COPY id_rsa /root/.ssh/id_rsa",
    ], &[
        "FROM node:20 ⏎ RUN --mount=type=secret,id=npmrc,target=/root/.npmrc npm ci",
    ]),
    (904, "created-user-not-used", &[
        "FROM alpine:3.20 ⏎ RUN adduser -D app ⏎ CMD [\"x\"]",
    ], &[
        "FROM alpine:3.20 ⏎ RUN adduser -D app ⏎ USER app ⏎ CMD [\"x\"]",
        "FROM alpine:3.20 ⏎ RUN adduser -D app && chown app /data ⏎ CMD [\"x\"]",
        "FROM alpine:3.20 AS b ⏎ RUN adduser -D app ⏎ FROM alpine:3.20 ⏎ COPY --from=b /f /f ⏎ CMD [\"x\"]",
    ]),
    (951, "JSONArgsRecommended", &["FROM a:1 ⏎ CMD serve"], &["FROM a:1 ⏎ CMD [\"serve\"]"]),
    (952, "MultipleInstructionsDisallowed", &[
        "FROM a:1 ⏎ CMD [\"a\"] ⏎ CMD [\"b\"]",
    ], &[
        "FROM a:1 AS x ⏎ CMD [\"a\"] ⏎ FROM x ⏎ CMD [\"b\"]",
    ]),
    (953, "LegacyKeyValueFormat", &["FROM a:1 ⏎ ENV A b"], &["FROM a:1 ⏎ ENV A=b"]),
    (954, "WorkdirRelativePath", &[
        "FROM a:1 ⏎ WORKDIR w",
    ], &[
        "FROM a:1 ⏎ WORKDIR /w",
        "FROM a:1 ⏎ WORKDIR /w ⏎ WORKDIR x",
        "FROM mcr.microsoft.com/windows/servercore:ltsc2022 ⏎ WORKDIR C:\\x",
    ]),
    (955, "relative-dest-without-workdir", &[
        "FROM alpine:3.20 ⏎ COPY f ./f",
    ], &[
        "FROM alpine:3.20 ⏎ WORKDIR /w ⏎ COPY f ./f",
        "FROM alpine:3.20 AS b ⏎ WORKDIR /w ⏎ FROM b ⏎ COPY f ./f",
        "FROM golang:1.22 ⏎ COPY f ./f",
        "FROM php:8.3-fpm ⏎ COPY f ./f",
        "FROM composer:2 ⏎ COPY f ./f",
    ]),
    (956, "misplaced-directive", &[
        "# my image ⏎ # syntax=docker/dockerfile:1 ⏎ FROM a:1",
    ], &[
        "# syntax=docker/dockerfile:1 ⏎ # my image ⏎ FROM a:1",
        "# syntax=docker/dockerfile:1 ⏎ # escape=\\ ⏎ # check=skip=none ⏎ FROM a:1",
        "# escape=\\ ⏎ # syntax=docker/dockerfile:1 ⏎ FROM a:1",
    ]),
    (957, "needs-newer-syntax", &[
        "# syntax=docker/dockerfile:1.2 ⏎ FROM a:1 ⏎ RUN <<EOF ⏎ make ⏎ EOF",
    ], &[
        "# syntax=docker/dockerfile:1 ⏎ FROM a:1 ⏎ RUN <<EOF ⏎ make ⏎ EOF",
    ]),
    (958, "NoEmptyContinuation", &[
        "FROM a:1 ⏎ RUN a && \\ ⏎  ⏎ b",
    ], &[
        "FROM a:1 ⏎ RUN a && \\ ⏎ b",
    ]),
    (959, "MaintainerDeprecated", &[
        "FROM a:1 ⏎ MAINTAINER me",
    ], &[
        "FROM a:1 ⏎ LABEL org.opencontainers.image.authors=me",
    ]),
    (960, "deprecated-command", &[
        "FROM node:20 ⏎ RUN npm ci --only=production",
        "FROM node:20 ⏎ RUN npm prune --production",
        "FROM eclipse-temurin:21 ⏎ RUN java -Djarmode=layertools -jar a.jar extract",
        "FROM docker:27 ⏎ RUN docker scan x",
    ], &[
        "FROM node:20 ⏎ RUN npm ci --omit=dev",
        "FROM eclipse-temurin:21 ⏎ RUN java -Djarmode=tools -jar a.jar extract --layers",
    ]),
];

/// Of the catalogue's entries, what has no finding though they speak of it, and why.
#[rustfmt::skip]
const NARROWED: &[(u16, &str, &str, &str)] = &[
    (506, "libc-mismatch",
        "FROM gcc:13 AS b ⏎ COPY main.c . ⏎ RUN gcc -o /a main.c ⏎ FROM alpine:3.20 ⏎ COPY --from=b /a /a",
        "what is known of `gcc` was not read in its source, and warnings rest on what was"),
    (507, "dynamic-binary-in-static-base",
        "FROM gcc:13 AS b ⏎ COPY main.c . ⏎ RUN gcc -o /a main.c ⏎ FROM scratch ⏎ COPY --from=b /a /a ⏎ CMD [\"/a\"]",
        "the same"),
    (514, "wrong-package-manager", "FROM fedora:40 ⏎ RUN apt-get update", "the same of `fedora`"),
    (701, "copy-all-before-install", "FROM composer:2 ⏎ WORKDIR /w ⏎ COPY . . ⏎ RUN composer install",
        "it runs scripts that are among the sources"),
    (701, "copy-all-before-install", "FROM python:3.12 ⏎ WORKDIR /w ⏎ COPY . . ⏎ RUN poetry install",
        "it installs the project itself too"),
    (701, "copy-all-before-install", "FROM python:3.12 ⏎ WORKDIR /w ⏎ COPY . . ⏎ RUN uv sync", "the same"),
    (808, "windows-flags", "FROM mcr.microsoft.com/windows/servercore:ltsc2022 ⏎ RUN --mount=type=cache,target=C:\\c dir",
        "BuildKit has them there too (dockerfile_mount_test.go, `testMountRWCache`)"),
    (903, "secret-file-copied", "FROM a:1 ⏎ COPY server.pem /x", "most such files are certificates, which anybody may have"),
];

#[test]
fn bad_examples_of_the_catalogue_are_found_and_good_ones_are_not() {
    // What the examples of CopyIgnoredFile speak of.
    let ignore = Ignore::parse("*.log").map(Arc::new).ok();
    let findings = |example: &str| -> Vec<Finding> {
        let text = example.replace(" ⏎ ", "\n");
        rules::check(&Document::open(&text, 0).with_ignore(ignore.clone()))
    };
    let (mut bad_ones, mut good_ones, mut wrong) = (0, 0, Vec::new());
    for &(number, code, bad, good) in ROWS {
        assert!(rules::is_known(code), "{code}");
        bad_ones += bad.len();
        good_ones += good.len();
        for example in bad {
            let found = findings(example);
            if !found.iter().any(|finding| finding.code == code) {
                wrong.push(format!("MS{number} {code} is not found in `{example}`: {}", codes(&found)));
            }
        }
        for example in good {
            for finding in findings(example).iter().filter(|finding| finding.code == code) {
                wrong.push(format!("MS{number} {code} is found in `{example}`: {}", finding.message));
            }
        }
    }
    for (number, code, example, _) in NARROWED {
        if findings(example).iter().any(|finding| finding.code == *code) {
            wrong.push(format!("MS{number} {code} is found after all in `{example}`"));
        }
    }
    println!("{} rules: {bad_ones} bad examples, {good_ones} good ones, {} wrong", ROWS.len(), wrong.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn codes(findings: &[Finding]) -> String {
    findings.iter().map(|finding| finding.code).collect::<Vec<_>>().join(", ")
}

#[test]
fn every_number_of_the_catalogue_has_examples_or_a_reason() {
    let rows: BTreeSet<u16> = ROWS.iter().map(|row| row.0).chain(WITHOUT.iter().map(|row| row.0)).collect();
    let all: BTreeSet<u16> = NUMBERS.iter().flat_map(|&(first, last)| first..=last).collect();
    assert_eq!(rows, all);
    assert!(ROWS.is_sorted_by_key(|row| row.0));
}
