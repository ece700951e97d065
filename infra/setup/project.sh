#!/usr/bin/env bash
# Install a source folder of this repository into an environment, without asking any index:
#
#   project.sh ENVIRONMENT FOLDER [--editable]
set -euo pipefail

environment=$1
folder=$2
flags=(--no-deps --no-build-isolation)
[ "${3:-}" = --editable ] && flags+=(--editable)

# setuptools, which builds it, is pinned in .cache/bootstrap.
export PYTHONPATH=$PWD/.cache/bootstrap
.cache/bootstrap/bin/uv pip install --quiet --python "$environment/bin/python" "${flags[@]}" "$folder" 2>/dev/null ||
    "${PYTHON:-python3}" -m pip --python "$environment/bin/python" install --quiet --root-user-action=ignore \
        --disable-pip-version-check "${flags[@]}" "$folder"
