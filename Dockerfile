# Framewell on the CPU: docker build -t framewell . && docker run -p 3000:3000 --env-file .env framewell
# where .env has API_TOKENS: without them it does not open to a network.

FROM node:20-bookworm-slim AS build
WORKDIR /framewell
# System and npm packages first: they change seldom, and Docker then keeps these layers.
COPY package.json package-lock.json .npmrc ./
COPY scripts/ scripts/
RUN node scripts/setup.mjs --only=packages,npm
COPY . .
RUN node scripts/setup.mjs --only=native,typescript
# beamcoder serves tests alone, and is under the GPL (LICENSE-NOTES.md).
RUN npm pkg delete optionalDependencies.beamcoder && npm prune --omit=dev --ignore-scripts

FROM node:20-bookworm-slim
RUN apt-get update \
  && apt-get install -y --no-install-recommends \
    fonts-dejavu-core libavcodec59 libavformat59 libavutil57 libswscale6 libturbojpeg0 libzimg2 \
  && rm -rf /var/lib/apt/lists/*
WORKDIR /framewell
COPY --from=build /framewell/LICENSE* /framewell/package.json ./
COPY --from=build /framewell/node_modules/ node_modules/
COPY --from=build /framewell/build/Release/framewell.node build/Release/
COPY --from=build /framewell/dist/ dist/
COPY --from=build /framewell/simulator/clips/ simulator/clips/
COPY --from=build /framewell/web/ web/
ENV NODE_ENV=production HOST=0.0.0.0 PORT=3000
USER node
EXPOSE 3000
HEALTHCHECK --interval=30s --timeout=5s --start-period=10s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:' + process.env.PORT + '/healthz').then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "dist/server.js"]
