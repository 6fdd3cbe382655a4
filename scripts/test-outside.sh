#!/usr/bin/env bash
# Uses this repository as a dependency of other packages: by path, and by git URL with a version (SwiftPM refuses some
# build settings only there). Each package contains the README's example, fetches only what the libraries need, builds, and
# runs against its own Redis. The build folders stay in .build-outside, so that only the first run takes minutes.
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD
outside=$root/.build-outside
allowed='swift-collections swift-distributed-tracing swift-log swift-metrics swift-service-context'
mkdir -p "$outside"

socket=$(mktemp -d)
trap 'kill "${redis:-}" 2>/dev/null || true; wait; rm -rf "$socket"' EXIT
redis-server --port 0 --unixsocket "$socket/s" --save '' --appendonly no --dir "$socket" >"$socket/log" &
redis=$!

# The working tree, committed to a separate repository: ignored files are left out, as in a clone.
repository=$outside/packhorse.git
[[ -d $repository ]] || git init --quiet --bare --initial-branch=main "$repository"
export GIT_DIR=$repository GIT_WORK_TREE=$root
git add --all .
tree=$(git write-tree)
if [[ $tree != "$(git rev-parse --quiet --verify 'main^{tree}' || true)" ]]; then
  git -c user.name=test -c user.email=test@localhost -c commit.gpgsign=false commit --quiet --message 'The working tree'
  git tag "1.0.$(git rev-list --count main)"
fi
version=1.0.$(git rev-list --count main)
unset GIT_DIR GIT_WORK_TREE

# use NAME DEPENDENCY: writes a package, builds it and checks what its program prints.
use() {
  local package=$outside/$1
  mkdir -p "$package/Sources/greet"
  cmp -s examples/swift/main.swift "$package/Sources/greet/main.swift" ||
    cp examples/swift/main.swift "$package/Sources/greet/main.swift"
  cat >"$package/Package.swift" <<END
// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "outside",
    dependencies: [$2],
    targets: [
        .executableTarget(
            name: "greet",
            dependencies: [
                .product(name: "Enqueue", package: "packhorse"),
                .product(name: "PackhorseRedis", package: "packhorse"),
                .product(name: "Worker", package: "packhorse"),
            ])
    ]
)
END
  # SwiftPM remembers the commit of each version. This folder is deleted together with the repository.
  (cd "$package" && swift build --quiet --security-path "$outside/security" >&2)

  local fetched name
  fetched=$(sed -n 's/.*"identity" : "\(.*\)",*$/\1/p' "$package/Package.resolved")
  fetched=${fetched/packhorse/}
  for name in $fetched; do
    [[ " $allowed " == *" $name "* ]] || {
      echo "test-outside: $1: the libraries alone fetch $name; put it behind a trait in Package.swift" >&2
      exit 1
    }
  done

  local printed
  printed=$(timeout 60 "$package/.build/debug/greet" "unix://$socket/s")
  grep -qx 'Hello, Ada!' <<<"$printed" || {
    echo "test-outside: $1: the example printed: $printed" >&2
    exit 1
  }
  echo "test-outside: $1: fetches $(wc -w <<<"$fetched") other packages, builds and runs the example"
}

use path ".package(name: \"packhorse\", path: \"$root\", traits: [])"
use address ".package(url: \"file://$repository\", exact: \"$version\", traits: [])"
