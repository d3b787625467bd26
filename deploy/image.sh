#!/bin/sh
# The image's build steps: the wheel from this source, what it needs by hash, both in one environment.
# `deploy/image.sh TARGET`: TARGET is the environment's folder, made new. Needs Python >= 3.11 and a package index.
set -eu
target=${1:?"say where the environment goes: deploy/image.sh /opt/serai"}
cd "$(dirname "$0")/.."

# The same bytes from the same source, whenever and wherever it is built.
export SOURCE_DATE_EPOCH="${SOURCE_DATE_EPOCH:-1577836800}"
umask 022

uv=$(python3 -c 'import sys; sys.path.insert(0, "tools"); import bootstrap; print(bootstrap.find_uv() or bootstrap.bring_uv())' | tail -n 1)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

"$uv" export --quiet --frozen --no-dev --extra traces --no-emit-project --format requirements.txt --output-file "$work/requirements.txt"
"$uv" build --quiet --wheel --build-constraints deploy/build-constraints.txt --require-hashes --out-dir "$work"
"$uv" venv --quiet --relocatable --python "$(command -v python3)" "$target"
"$uv" pip install --quiet --python "$target/bin/python" --require-hashes --no-deps --link-mode copy \
    --compile-bytecode --requirement "$work/requirements.txt"
"$uv" pip install --quiet --python "$target/bin/python" --no-deps --no-index --link-mode copy \
    --compile-bytecode "$work"/serai-*.whl
"$uv" export --quiet --frozen --no-dev --extra traces --format cyclonedx1.5 --preview-features sbom-export \
    --output-file "$target/sbom.cdx.json"

rm -f "$target/.lock" # uv leaves it open for everybody to write

# What was built must run, with its law, before anything is made of it.
"$target/bin/serai" --version
(cd "$work" && "$target/bin/serai" law check >/dev/null)
