# Compiles with everything, ships the bundle and the few packages that the bundle leaves outside.
# docs/operations.md (Docker) says how to pin the base images by digest.
ARG BUILD_IMAGE=node:24-bookworm
ARG RUN_IMAGE=node:24-bookworm-slim

FROM ${BUILD_IMAGE} AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
COPY sandbox/package.json ./sandbox/
COPY clients/typescript/package.json ./clients/typescript/
RUN npm ci
COPY clients/typescript/src ./clients/typescript/src
COPY tsconfig.json ./
COPY src ./src
COPY routes ./routes
COPY schemas ./schemas
RUN npm run build

FROM ${BUILD_IMAGE} AS packages
# `traces` keeps the packages of OpenTelemetry, for OTEL_EXPORTER_OTLP_ENDPOINT.
ARG KEEP=
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --workspaces=false
COPY deploy/keep-packages.js ./deploy/
RUN node deploy/keep-packages.js $KEEP

# The sandbox Connect and the service in front of it: docker build --target sandbox
FROM build AS sandbox
COPY sandbox ./sandbox
RUN npm run bundle -- src/demo.ts && npm run build -w sandbox
ENV HOST=0.0.0.0 PORT=3000
USER node
EXPOSE 3000 4010
STOPSIGNAL SIGTERM
CMD ["node", "dist/src/demo.js"]

FROM ${RUN_IMAGE}
ENV NODE_ENV=production HOST=0.0.0.0 PORT=3000
WORKDIR /app
COPY --from=packages /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
COPY package.json LICENSE ./
# The embedded state store; a new volume takes over its owner.
RUN mkdir -p data && chown node:node data
VOLUME /app/data
USER node
EXPOSE 3000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s CMD ["node", "dist/src/health-check.js"]
# As `npm start`.
CMD ["node", "dist/src/server.js"]
