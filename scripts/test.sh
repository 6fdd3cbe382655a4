#!/usr/bin/env bash
# Builds everything once and runs all tests. Arguments go to `swift test` instead, for example --filter ModelTests.
#
# Tests that compute for seconds on the task pool, or let programs do so, run in a process of their own: the servers'
# tests beside them would measure the scheduler. The model test, the longest, goes with them: it looks at no clock. Tests
# that start processes with leases of seconds run after these and few at a time, for the same reason. Last, packages of
# somebody else's depend on this one.
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
