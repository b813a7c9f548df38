# docker build -t framewell .                        decodes on the CPU
# docker build -t framewell:cuda --target cuda .     and on NVIDIA's cards
# docs/deployment.md has how they are run, and what is in them.

# Debian's FFmpeg brings 217 MB, with encoders, filters and displays, and is under the GPL. Built from the same source
# with nothing but what a camera can send over RTP, it has 7 MB and stays under the LGPL (LICENSE-NOTES.md).
FROM debian:bookworm-slim AS ffmpeg
RUN sed -i 's/^Types: deb$/Types: deb deb-src/' /etc/apt/sources.list.d/debian.sources \
  && apt-get update \
  && apt-get install -y --no-install-recommends build-essential libgnutls28-dev nasm pkg-config
WORKDIR /source
RUN apt-get source ffmpeg && mv ffmpeg-*/ ffmpeg
RUN cd ffmpeg && ./configure --prefix=/opt/ffmpeg --enable-shared --disable-static --enable-gnutls \
    --disable-autodetect --disable-debug --disable-doc --disable-everything --disable-programs \
    --disable-avdevice --disable-avfilter --disable-postproc --disable-swresample \
    --enable-demuxer=rtsp,sdp,rtp,mpegts --enable-protocol=tcp,udp,rtp,tls,http \
    --enable-decoder=h261,h263,h263p,h264,hevc,mjpeg,mpeg1video,mpeg2video,mpeg4,rawvideo,svq3,theora,vc1,vp8,vp9,wmv3 \
    --enable-parser=h261,h263,h264,hevc,mjpeg,mpeg4video,mpegvideo,vc1,vp8,vp9 \
  && make -s -j"$(nproc)" install-libs \
  && strip --strip-unneeded /opt/ffmpeg/lib/*.so.*
# The LGPL asks for its text, and for the way to the source.
RUN cd ffmpeg && install -D -m 644 -t /opt/ffmpeg/share/doc/ffmpeg COPYING.LGPLv2.1 debian/copyright \
  && echo "Debian's source package ffmpeg $(dpkg-parsechangelog -S Version)" > /opt/ffmpeg/share/doc/ffmpeg/SOURCE

FROM node:20-bookworm-slim AS build
WORKDIR /framewell
# System and npm packages first: they change seldom, and Docker then keeps these layers.
COPY package.json package-lock.json .npmrc ./
COPY scripts/ scripts/
RUN node scripts/setup.mjs --only=packages,npm
COPY . .
RUN node scripts/setup.mjs --only=native,typescript && strip --strip-unneeded build/Release/framewell.node
# beamcoder serves tests alone, and is under the GPL (LICENSE-NOTES.md).
RUN npm pkg delete optionalDependencies.beamcoder && npm prune --omit=dev --ignore-scripts

FROM debian:bookworm-slim AS product
RUN apt-get update \
  && apt-get install -y --no-install-recommends \
    fontconfig-config fonts-dejavu-core libgnutls30 libstdc++6 libturbojpeg0 libzimg2 \
  && rm -rf /var/lib/apt/lists/* \
  && useradd --uid 1000 --no-log-init framewell \
  # A volume that is mounted here belongs to whom the folder does.
  && install -d -o framewell -g framewell /var/lib/framewell
COPY --from=build /usr/local/bin/node /usr/local/bin/
COPY --from=ffmpeg /opt/ffmpeg/ /usr/local/
RUN ldconfig
WORKDIR /framewell
COPY --from=build /framewell/LICENSE* /framewell/THIRD-PARTY.md /framewell/package.json ./
COPY --from=build /framewell/node_modules/ node_modules/
COPY --from=build /framewell/build/Release/framewell.node build/Release/
COPY --from=build /framewell/dist/ dist/
COPY --from=build /framewell/simulator/clips/ simulator/clips/
COPY --from=build /framewell/web/ web/
# Fonts are listed here, since later nothing can be written. Layers keep the times of folders in whole seconds alone, and
# where a folder has another time the list is taken for old.
RUN find /usr/share/fonts -type d -exec touch -d 2000-01-01 {} + \
  && node -e "require('sharp')({ text: { text: 'a' } }).png().toBuffer()"
ENV NODE_ENV=production HOST=0.0.0.0 PORT=3000
USER framewell
EXPOSE 3000
HEALTHCHECK --interval=30s --timeout=5s --start-period=10s CMD ["node", "dist/healthcheck.js"]
CMD ["node", "dist/server.js"]

FROM product AS cuda
USER root
# nvJPEG, under NVIDIA's own terms (LICENSE-NOTES.md); the driver's libraries come from the container toolkit.
RUN sed -i 's/^Components: main$/Components: main non-free/' /etc/apt/sources.list.d/debian.sources \
  && apt-get update \
  && apt-get install -y --no-install-recommends libnvjpeg11 \
  && rm -rf /var/lib/apt/lists/*
USER framewell
# Without "video" the toolkit leaves the decoder's library out.
ENV NVIDIA_VISIBLE_DEVICES=all NVIDIA_DRIVER_CAPABILITIES=compute,video,utility

# The last one is what docker build makes when it is not told which.
FROM product AS cpu
