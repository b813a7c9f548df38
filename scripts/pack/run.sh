#!/bin/sh
# Runs Framewell, its tests on a card or its measurements from this folder alone:
#   ./run test:gpu | bench:gpu | server
here=$(cd -- "${0%/*}" && pwd) || exit 1
export LD_LIBRARY_PATH="$here/lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"
node="$here/bin/node"
case "$1" in
  test:gpu) exec "$node" "$here/scripts/run-tests.mjs" gpu --test-concurrency=1 --test-timeout=900000 ;;
  bench:gpu) exec "$node" "$here/dist/bench/gpu/bench.js" ;;
  server) exec "$node" "$here/dist/server.js" ;;
  *) echo "Usage: $0 test:gpu | bench:gpu | server" >&2; exit 2 ;;
esac
