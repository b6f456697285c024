#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Installs a build under a temporary prefix and builds and runs a project that finds it there.
#
#   package_test.sh BUILD_DIR CXX_COMPILER [CXX_FLAGS]
set -euo pipefail
build_dir=$1
compiler=$2
flags=${3:-}
consumer=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)/package_test

temporary=$(mktemp -d)
trap 'rm -rf "$temporary"' EXIT

cmake --install "$build_dir" --prefix "$temporary/prefix" >"$temporary/install.log"
"$temporary/prefix/bin/q-implant" --version
cmake -S "$consumer" -B "$temporary/build" -G Ninja -DCMAKE_PREFIX_PATH="$temporary/prefix" \
  -DCMAKE_CXX_COMPILER="$compiler" -DCMAKE_CXX_FLAGS="$flags"
cmake --build "$temporary/build"
"$temporary/build/consumer"
