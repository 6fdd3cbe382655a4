#!/bin/sh
# Fetches the model of the built-in embedder into a directory (default .models/wordllama).
#
#   scripts/fetch-embedding-model.sh [DIR]
#
# The MIT-licensed wheel wordllama 0.4.0.post1 on PyPI contains static word vectors and their tokenizer. This script keeps
# only these two data files; it neither installs nor runs the wheel's Python code. So one wheel serves every machine: the
# script always requests the one for x86-64 and Python 3.11 (there is none for aarch64), by its checksum. The two files
# have their own checksums and are checked even when they already exist.
# Needs python3 with pip (Debian: python3-pip) and, the first time, network access.
set -eu

dir=${1:-.models/wordllama}
weights=l2_supercat_256.safetensors
tokenizer=l2_supercat_tokenizer_config.json

sums() {
    cat <<SUMS
64b47a2dc493cb8e85944076601189739852d7b64e0e1eedcb1937a251cd9fd5  $dir/$weights
93248f2a9ec36c7b35f700a033d5f36228aae48db61aee31007fa49062cdeb68  $dir/$tokenizer
SUMS
}

if [ -f "$dir/$weights" ] && [ -f "$dir/$tokenizer" ] && sums | sha256sum --check --status; then
    echo "embedding model: already in $dir, checksums match"
    exit 0
fi

if ! python3 -m pip --version >/dev/null 2>&1; then
    echo "embedding model: python3 with pip is needed to fetch it (Debian: apt-get install python3-pip)" >&2
    exit 1
fi

temporary=$(mktemp -d)
trap 'rm -rf "$temporary"' EXIT INT TERM

cat >"$temporary/requirements.txt" <<'REQUIREMENTS'
wordllama==0.4.0.post1 --hash=sha256:42c2c88907ace0b0681ac6f9092d6a300a6409a5d2d61071a3fb5e7159370c97
REQUIREMENTS

echo "embedding model: fetching the wheel wordllama 0.4.0.post1 (about 19 MB) to extract two of its files"
python3 -m pip download --quiet --disable-pip-version-check --no-deps --require-hashes \
    --only-binary :all: --platform manylinux2014_x86_64 --implementation cp --python-version 311 --abi cp311 \
    --dest "$temporary" --requirement "$temporary/requirements.txt"

mkdir -p "$dir"
python3 - "$temporary" "$dir" <<'UNPACK'
import glob, os, shutil, sys, zipfile

source, target = sys.argv[1:]
members = (
    "wordllama/weights/l2_supercat_256.safetensors",
    "wordllama/tokenizers/l2_supercat_tokenizer_config.json",
)
with zipfile.ZipFile(glob.glob(source + "/*.whl")[0]) as wheel:
    for member in members:
        path = os.path.join(target, os.path.basename(member))
        with wheel.open(member) as packed, open(f"{path}.{os.getpid()}", "wb") as unpacked:
            shutil.copyfileobj(packed, unpacked)
        os.replace(f"{path}.{os.getpid()}", path)
UNPACK

if ! sums | sha256sum --check --status; then
    echo "embedding model: the unpacked files in $dir do not have the expected checksums" >&2
    exit 1
fi
echo "embedding model: $weights and $tokenizer are in $dir"
