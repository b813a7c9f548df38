#!/bin/bash
# Runs clang-format with the given options over the native sources: -i to rewrite, --dry-run -Werror to check.
set -euo pipefail
cd "$(dirname "$0")/.."
find native test bench -name '*.cc' -o -name '*.h' | sort | xargs clang-format "$@"
