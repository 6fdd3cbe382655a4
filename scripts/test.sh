#!/usr/bin/env bash
# Builds everything once and runs all tests. Arguments go to `swift test`, for example --filter ModelTests.
set -euo pipefail
cd "$(dirname "$0")/.."
export SWIFT_BACKTRACE=${SWIFT_BACKTRACE:-enable=yes,color=no,interactive=no}
swift build --build-tests
exec swift test --skip-build "$@"
