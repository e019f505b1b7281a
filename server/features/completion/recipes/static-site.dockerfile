FROM --platform=$BUILDPLATFORM node:{{1:24}}-alpine AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN --mount=type=cache,target=/root/.npm \
    npm ci
COPY . .
RUN npm run build

FROM nginxinc/nginx-unprivileged:{{2:1.30}}-alpine AS runtime
COPY --from=build /app/{{3:dist}} /usr/share/nginx/html
EXPOSE 8080
