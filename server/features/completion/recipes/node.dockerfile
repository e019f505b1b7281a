FROM node:{{1:24}}-alpine AS base
WORKDIR /app
COPY package.json package-lock.json ./

FROM base AS build
RUN --mount=type=cache,target=/root/.npm \
    npm ci
COPY . .
RUN npm run build

FROM base AS production-deps
RUN --mount=type=cache,target=/root/.npm \
    npm ci --omit=dev

FROM node:{{1}}-alpine AS runtime
ENV NODE_ENV=production
WORKDIR /app
COPY package.json ./
COPY --from=production-deps /app/node_modules ./node_modules
COPY --from=build /app/{{2:dist}} ./{{2}}
USER node
EXPOSE {{3:3000}}
CMD ["node", "{{2}}/{{4:server.js}}"]
