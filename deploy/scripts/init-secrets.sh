#!/usr/bin/env bash
# Creates deploy/secrets/api_token, a random bearer token for the API, unless it exists.
# Compose ignores the owner and mode of file secrets and mounts the file itself. The mode of the file lets the API's user
# in the container read it; the mode of the folder keeps other users of this machine out.
set -euo pipefail
cd "$(dirname "$0")/.."
[[ ${1:-} != --help ]] || { sed -n '2,4s/^# //p' scripts/init-secrets.sh; exit 0; }
mkdir -p secrets
chmod 700 secrets
if [[ ! -s secrets/api_token ]]; then
  head -c 32 /dev/urandom | base64 | tr -d '=+/\n' >secrets/api_token
  echo "created deploy/secrets/api_token"
fi
chmod 644 secrets/api_token
