#!/bin/bash
# Runs clang-tidy (.clang-tidy) over the native sources, or over those given as arguments.
set -euo pipefail
cd "$(dirname "$0")/.."

packages="libavformat libavcodec libavutil libswscale zimg libturbojpeg ffnvcodec"
node_headers=$(node -p 'require("node:path").join(process.execPath, "../../include/node")')
read -ra flags <<<"-std=c++20 -Inative -DNAPI_VERSION=8 -DNODE_ADDON_API_CPP_EXCEPTIONS $(pkg-config --cflags $packages)"
flags+=(-isystem node_modules/node-addon-api -isystem "$node_headers")

if (($# > 0)); then printf '%s\n' "$@"; else find native -name '*.cc' | sort; fi |
  xargs -P "$(nproc)" -I{} clang-tidy --quiet {} -- "${flags[@]}"
