#!/bin/sh
# Compares the built-in embedder with the Python package that ships its model: one JSON figure on standard output.
#
#   scripts/bench-embedder.sh
#
# Both embed the same 4,000 chunks of 100 words on one thread. Process CPU time is measured, not wall-clock time.
# The first run installs the package into its own Python environment, .models/peer.
set -eu
cd "$(dirname "$0")/.."

model=.models/wordllama
peer=.models/peer
scripts/fetch-embedding-model.sh "$model" >&2

if ! [ -x "$peer/bin/python" ] || ! "$peer/bin/python" -c 'import wordllama' 2>/dev/null; then
    echo "embedder bench: installing the Python package wordllama into $peer" >&2
    python3 -m venv "$peer"
    "$peer/bin/python" -m pip install --quiet --disable-pip-version-check wordllama==0.4.0.post1 >&2
    # The package looks for its tokenizer in `tokenizer`, the wheel has `tokenizers`.
    ln -sfn tokenizers "$("$peer/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/wordllama/tokenizer"
fi

swift build -c release --product EmbedderBench >&2

corpus=$(mktemp)
trap 'rm -f "$corpus"' EXIT INT TERM
python3 Benchmarks/EmbedderBench/peer.py corpus "$model" "$corpus"
echo "embedder bench: measuring the Python package" >&2
rates=$("$peer/bin/python" Benchmarks/EmbedderBench/peer.py measure "$corpus" 2>/dev/null)
# shellcheck disable=SC2086 # one argument per run
"$(swift build -c release --show-bin-path)/EmbedderBench" "$model" "$corpus" $rates
