#!/usr/bin/env bash
# Builds everything once and runs all tests. Arguments go to `swift test` instead, for example --filter ModelTests.
#
# Tests that start processes with leases of seconds run after the others and few at a time: on a machine of two cores
# hundreds of servers and workers at once would measure the scheduler.
set -euo pipefail
cd "$(dirname "$0")/.."
export SWIFT_BACKTRACE=${SWIFT_BACKTRACE:-enable=yes,color=no,interactive=no}
swift build --build-tests
if (($#)); then exec swift test --skip-build "$@"; fi
processes='WorkerCommandTests|EnqueueCommandTests|EnqueueAPITests|SettingsTests|ChaosTests|ReadmeTests'
swift test --skip-build --experimental-maximum-parallelization-width 8 --skip "$processes"
swift test --skip-build --experimental-maximum-parallelization-width 2 --filter "$processes"
