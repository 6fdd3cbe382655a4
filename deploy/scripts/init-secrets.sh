#!/usr/bin/env bash
# Makes deploy/secrets/api_token, a random bearer token for the API, unless it is there.
# Compose ignores owner and mode of file secrets and binds the file itself: the API's user in the container reads it by
# its mode, others on this machine do not get through the folder.
set -euo pipefail
cd "$(dirname "$0")/.."
[[ ${1:-} != --help ]] || { sed -n '2,4s/^# //p' "$0"; exit 0; }
mkdir -p secrets
chmod 700 secrets
if [[ ! -s secrets/api_token ]]; then
  head -c 32 /dev/urandom | base64 | tr -d '=+/\n' >secrets/api_token
  echo "made deploy/secrets/api_token"
fi
chmod 644 secrets/api_token
