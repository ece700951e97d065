#!/usr/bin/env bash
# Build or bring up to date one environment from hash-pinned files:
#
#   environment.sh FOLDER REQUIREMENTS...
#
# Needs python3 (3.11 or newer) and pip only. uv, itself installed by pip from a pinned hash, does the work in
# seconds; where uv cannot reach the packages (an index that only pip is configured for), pip does it in minutes.
set -euo pipefail

folder=$1
shift
python=${PYTHON:-python3}
uv=.cache/bootstrap/bin/uv

say() { echo "touchstone: $*" >&2; }

"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
    say "needs Python 3.11 or newer, '$python' is $("$python" --version 2>&1); name another: make PYTHON=python3.12"
    exit 2
}

if [ ! -x "$uv" ] || [ requirements/bootstrap.txt -nt "$uv" ]; then
    (
        flock 9 # two environments may be built at once
        [ -x "$uv" ] && [ ! requirements/bootstrap.txt -nt "$uv" ] ||
            "$python" -m pip install -qq --disable-pip-version-check --no-warn-script-location \
                --root-user-action=ignore --upgrade --target .cache/bootstrap \
                --require-hashes -r requirements/bootstrap.txt
        touch "$uv"
    ) 9>.cache/bootstrap.lock || say "uv could not be installed; going on with pip"
fi

if [ ! -x "$folder/bin/python" ]; then
    UV_PYTHON_DOWNLOADS=never "$uv" venv --quiet --python "$(command -v "$python")" "$folder" 2>/dev/null ||
        "$python" -m venv --without-pip "$folder"
fi

files=()
for file in "$@"; do files+=(-r "$file"); done
say "installing into $folder what ${*} pins"
UV_PYTHON_DOWNLOADS=never "$uv" pip install --quiet --python "$folder/bin/python" --require-hashes "${files[@]}" || {
    say "uv could not install into $folder; pip tries the same, which takes minutes"
    "$python" -m pip --python "$folder/bin/python" install --disable-pip-version-check --progress-bar off \
        --root-user-action=ignore --require-hashes "${files[@]}"
}
