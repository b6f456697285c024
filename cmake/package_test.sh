#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Installs a build under a temporary prefix; builds and runs a project that finds it there; builds
# the example of a plugin and lets the installed circle2circle run its pass.
#
#   package_test.sh BUILD_DIR CXX_COMPILER [CXX_FLAGS]
set -euo pipefail
build_dir=$1
compiler=$2
flags=${3:-}
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

temporary=$(mktemp -d)
trap 'rm -rf "$temporary"' EXIT

cmake --install "$build_dir" --prefix "$temporary/prefix" >"$temporary/install.log"
prefix=$temporary/prefix

# build PROJECT: in a folder of its own, against what is installed.
build() {
  cmake -S "$root/$1" -B "$temporary/$1" -G Ninja -DCMAKE_PREFIX_PATH="$prefix" \
    -DCMAKE_CXX_COMPILER="$compiler" -DCMAKE_CXX_FLAGS="$flags" -DCMAKE_BUILD_TYPE=Debug
  cmake --build "$temporary/$1"
}

"$prefix/bin/q-implant" --version
build cmake/package_test
"$temporary/cmake/package_test/consumer"

# The commands that share a name with ONE's stand apart.
circle2circle=$prefix/libexec/q-implant/one/circle2circle
for name in circle2circle onecc one-quantize; do
  [[ -x $prefix/libexec/q-implant/one/$name && ! -e $prefix/bin/$name ]]
done
build docs/pass_plugin
plugin=$temporary/docs/pass_plugin/libcalibration_table.so
"$circle2circle" --load_pass_plugin "$plugin" --list_passes | grep -- '--calibration_table TABLE'

# The same parameters through the plugin and through q-implant give the same bytes.
job=$temporary/job
cp -r "$root/testdata/conv2d_request" "$job"
sed -i '/"value"/d' "$job/param.json"
cat >"$job/table.txt" <<'EOF'
ifm  uint8 0.009803922   102
ker  uint8 0.004901961   51
bias int32 4.8058442e-05 0
ofm  uint8 0.012745098   59
EOF
"$prefix/bin/q-implant" "$job/model.circle" "$job/param.json" "$job/expected.circle"
"$circle2circle" --load_pass_plugin "$plugin" --calibration_table "$job/table.txt" --verify_each \
  "$job/model.circle" "$job/quantized.circle"
cmp "$job/expected.circle" "$job/quantized.circle"
echo 'ofm uint8 none' >>"$job/table.txt"
if "$circle2circle" --load_pass_plugin "$plugin" --calibration_table "$job/table.txt" \
  "$job/model.circle" "$job/wrong.circle" 2>"$job/told"; then
  echo "a table with a wrong line was taken" >&2
  exit 1
fi
grep -F "error: $job/table.txt: line 5 is no tensor: expected name, type, scale and zero point" "$job/told"
[[ ! -e $job/wrong.circle ]]
