#!/usr/bin/env bash
# Runs the benchmarks and a chaos run, and writes docs/figures.md from their output, with machine and date.
# Use a quiet machine. BENCH_FLAGS is passed to `bench`.
set -euo pipefail
cd "$(dirname "$0")/.."
for product in bench chaos; do swift build -c release --product "$product" >&2; done
bin=$(swift build -c release --show-bin-path)
lines=$(mktemp)
trap 'rm -f "$lines"' EXIT
# shellcheck disable=SC2086 # several flags
"$bin/bench" ${BENCH_FLAGS:-} | tee -a "$lines"
"$bin/chaos" --seconds "${SECONDS_OF_CHAOS:-60}" --kills 20 | tee -a "$lines"
scripts/bench-embedder.sh | tee -a "$lines"
machine="$(nproc) cores of $(sed -n 's/^model name\s*: //p' /proc/cpuinfo | head -1), $(awk '/MemTotal/{printf "%.0f GiB", $2/1048576}' /proc/meminfo), $(redis-server --version | cut -d' ' -f1-3)"
"$bin/bench" report --machine "$machine" --date "$(date +%F)" "$lines" >docs/figures.md
