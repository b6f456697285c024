#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Runs commands in a clone of this repository on a Debian 12 that has nothing but git, and says how
# long each took. As root, with debootstrap.
#
#   scripts/fresh_debian.sh FOLDER [COMMAND...]    default: "./dev test" and "./dev demo", twice
#
# FOLDER/base is the Debian, made if it is not there; FOLDER/run a copy of it, made anew each time.
# The clone is of what is committed; with Q_IMPLANT_WORKING_TREE=1, a copy of the files as they are.
# FOLDER/overlay, if there, is copied over it: what the network asks for, such as a proxy's
# certificate (usr/local/share/ca-certificates/*.crt) or etc/pip.conf.
set -euo pipefail
folder=$(realpath "$1")
shift
commands=("$@")
((${#commands[@]})) || commands=("./dev test" "./dev demo" "./dev test" "./dev demo")
repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
base=$folder/base
run=$folder/run

if [[ ! -e $base/usr/bin/git ]]; then
  debootstrap --variant=minbase --include=git,ca-certificates bookworm "$base"
fi
rm -rf --one-file-system "$run"
cp -a "$base" "$run"
[[ ! -d $folder/overlay ]] || cp -a "$folder/overlay/." "$run"
cp /etc/resolv.conf "$run/etc/resolv.conf"
if [[ ${Q_IMPLANT_WORKING_TREE:-} == 1 ]]; then
  mkdir "$run/q-implant"
  tar -C "$repository" -c --exclude=./build --exclude=./.git . | tar -x -C "$run/q-implant"
else
  git clone --quiet "$repository" "$run/q-implant"
fi

# inside COMMAND: runs it in the chroot; its mounts end with it.
inside() {
  # shellcheck disable=SC2016  # expanded by the inner shell
  unshare --mount --pid --fork bash -euc '
    mount --bind /dev "$0/dev"
    mount -t proc proc "$0/proc"
    exec chroot "$0" env -i HOME=/root TERM=dumb PATH=/usr/sbin:/usr/bin:/sbin:/bin \
      bash -c "cd /q-implant && $1"' "$run" "$1" </dev/null
}

inside update-ca-certificates >/dev/null 2>&1
status=0
for command in "${commands[@]}"; do
  start=$SECONDS
  inside "$command" || status=1
  printf '\n#### fresh Debian: %s: %d s\n' "$command" $((SECONDS - start))
done
exit $status
