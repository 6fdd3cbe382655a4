#!/usr/bin/env bash
# Makes deploy/secrets/api_token, a random bearer token for the API, unless it is there.
# Compose ignores owner and mode of file secrets, so the file is readable and its folder is not.
set -euo pipefail
cd "$(dirname "$0")/.."
[[ ${1:-} != --help ]] || { sed -n '2,3s/^# //p' "$0"; exit 0; }
mkdir -p secrets
chmod 711 secrets
if [[ ! -s secrets/api_token ]]; then
  head -c 32 /dev/urandom | base64 | tr -d '=+/\n' >secrets/api_token
  echo "made deploy/secrets/api_token"
fi
chmod 644 secrets/api_token
