#!/usr/bin/env bash
# Install Debian packages that are missing, where that is possible:
#
#   debian.sh PROGRAM PACKAGES... -- WHAT IS MISSING WITHOUT THEM
#
# Does nothing when PROGRAM (a name, or a pattern of paths) is there. Without root or apt it says in one line what will be missing, and succeeds.
set -euo pipefail

program=$1
shift
packages=()
while [ "$1" != -- ]; do
    packages+=("$1")
    shift
done
shift

found() { command -v "$program" >/dev/null || compgen -G "$program" >/dev/null; }
found && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "touchstone: installing ${packages[*]} from Debian" >&2
    export DEBIAN_FRONTEND=noninteractive
    { apt-get update -qq && apt-get install -qq -y --no-install-recommends "${packages[@]}"; } >/dev/null 2>&1 || true
fi
found || echo "touchstone: $program is not here and cannot be installed: $*" >&2
