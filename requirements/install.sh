#!/bin/sh
# install.sh BIN FILE...: installs locked requirements into the environment whose programs lie in BIN.
# uv takes a tenth of pip's time, but knows nothing of pip's configuration; where it fails, pip says what is wrong.
set -eu
bin=$1
shift
arguments=
for file; do arguments="$arguments -r $file"; done
# shellcheck disable=SC2086 -- the file names hold no spaces.
if ! "$bin/uv" pip install --quiet --python "$bin/python" --require-hashes $arguments 2>"$bin/../uv.log"; then
    echo "uv could not install them ($(tail -n 1 "$bin/../uv.log")); trying pip, which takes longer" >&2
    "$bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes $arguments
fi
