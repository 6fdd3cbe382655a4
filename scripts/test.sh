#!/usr/bin/env bash
# Builds everything once and runs all tests. With arguments, runs `swift test` with them: for example --filter ModelTests.
#
# Tests that compute for seconds on the task pool, or start programs that do, run in a separate process: server tests
# beside them would measure the scheduler. The model test, the longest one, runs with them because it uses no clock. Tests
# that start processes with leases of seconds run after these, few at a time, for the same reason. Last, separate packages
# that depend on this one are built.
set -euo pipefail
cd "$(dirname "$0")/.."
export SWIFT_BACKTRACE=${SWIFT_BACKTRACE:-enable=yes,color=no,interactive=no}
swift build --build-tests
if (($#)); then exec swift test --skip-build "$@"; fi
heavy='^(EmbeddingTests\.|IngestionTests\.|QueueTests\.ModelTests/)'
processes='^(WorkerCommandTests|EnqueueCommandTests|EnqueueAPITests|EmbeddedRedisTests|ChaosTests|ReadmeTests)\.'
swift test --skip-build --experimental-maximum-parallelization-width 8 --skip "$heavy" --skip "$processes"
swift test --skip-build --filter "$heavy"
swift test --skip-build --experimental-maximum-parallelization-width 2 --filter "$processes"
scripts/test-outside.sh
