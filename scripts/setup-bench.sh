#!/usr/bin/env bash
# Installs the systems that `make bench` compares Packhorse with. Safe to repeat: what is there stays.
# Prints each package and its reason before it installs anything.
set -euo pipefail
cd "$(dirname "$0")/.."

root=()
if ((EUID != 0)); then root=(sudo); fi

install() {
  local name=$1 reason=$2
  if dpkg-query -W -f='${Status}' "$name" 2>/dev/null | grep -q 'ok installed'; then return; fi
  echo "setup-bench: needs $name: $reason"
  echo "setup-bench: installing with apt-get: $name"
  "${root[@]}" apt-get update -qq
  DEBIAN_FRONTEND=noninteractive "${root[@]}" apt-get install -y -qq --no-install-recommends "$name" >/dev/null
}

install ruby-sidekiq "Sidekiq, for comparison"

venv=.build/peers/celery
packages=("celery[redis]==5.7.0" "hiredis==3.5.0")
if ! [[ -x $venv/bin/celery && $(cat "$venv/packages" 2>/dev/null) == "${packages[*]}" ]]; then
  echo "setup-bench: needs ${packages[*]} from PyPI, in $venv: Celery, for comparison"
  python3 -c 'import ensurepip' 2>/dev/null || install python3-venv "a separate folder for Python packages"
  rm -rf "$venv"
  python3 -m venv "$venv"
  "$venv/bin/python" -m pip install --quiet --disable-pip-version-check "${packages[@]}"
  echo "${packages[*]}" >"$venv/packages"
fi
