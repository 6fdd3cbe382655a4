#!/usr/bin/env bash
# Tests the compose deployment: builds it, scales 1 -> 4 -> 1 under load, kills a worker container, ingests a scanned
# document through the API, then checks that no job was lost and none was settled twice.
#   deploy/scripts/smoke.sh [--offline] [--no-build] [--jobs 2000] [--keep]
# --offline uses Redis from Debian's packages instead of pulling an image, and the embedding model from .models.
# The exit code is 0 only if every check passed.
set -euo pipefail
cd "$(dirname "$0")/../.."

files=(-f deploy/compose.yaml)
jobs=2000
keep=0
build=1
while (($#)); do
  case $1 in
    --offline) files+=(-f deploy/compose.offline.yaml); scripts/fetch-embedding-model.sh ;;
    --jobs) jobs=${2:?}; shift ;;
    --keep) keep=1 ;;
    --no-build) build=0 ;;
    --help) sed -n '2,6s/^# \{0,1\}//p' deploy/scripts/smoke.sh; exit 0 ;;
    *) echo "smoke: unknown option $1" >&2; exit 2 ;;
  esac
  shift
done
export COMPOSE_PROJECT_NAME=packhorse-smoke
compose() { docker compose "${files[@]}" "$@"; }
enqueue() { compose exec -T api enqueue "$@"; }
say() { printf '\nsmoke: %s\n' "$*" >&2; }
api() { # api METHOD PATH [BODY]
  python3 - "$1" "http://127.0.0.1:8000$2" "${3:-}" deploy/secrets/api_token <<'PY'
import sys, urllib.request
method, url, body, token = sys.argv[1:]
request = urllib.request.Request(url, data=body.encode() or None, method=method, headers={
    "Authorization": "Bearer " + open(token).read().strip(), "Content-Type": "application/json"})
print(urllib.request.urlopen(request, timeout=90).read().decode())
PY
}
field() { sed -n "s/.*\"$1\":\"\{0,1\}\([^,\"}]*\).*/\1/p" | head -1; }
((keep)) || trap 'compose down --volumes --timeout 45 >/dev/null 2>&1' EXIT

deploy/scripts/init-secrets.sh
if ((build)); then
  say "building the images"
  compose build
fi
say "starting with one worker"
compose up -d --wait --scale worker=1

say "enqueueing $jobs jobs, scaling to 4"
enqueue add system.sleep --args '{"seconds":0.05}' --count "$jobs" >/dev/null
compose up -d --wait --no-recreate --scale worker=4

say "killing one worker container under load"
enqueue add system.sleep --args '{"seconds":0.2}' --count "$jobs" >/dev/null
docker kill --signal KILL "$(compose ps -q worker | head -1)" >/dev/null

say "ingesting a scanned document through the API"
id=$(api POST /v1/jobs '{"type":"document.ingest","args":{"path":"scanned-letter.pdf"}}' | field id)
state=
for _ in $(seq 6); do
  record=$(api GET "/v1/jobs/$id?wait=30")
  state=$(field state <<<"$record")
  [[ $state == succeeded || $state == dead ]] && break
done
[[ $state == succeeded ]] || { echo "smoke: the scan is $state: $record" >&2; exit 1; }
say "the scan: $record"

say "scaling to 1 under load"
enqueue add system.sleep --args '{"seconds":0.05}' --count "$jobs" >/dev/null
compose up -d --wait --no-recreate --scale worker=1

say "waiting for the queue to drain"
for _ in $(seq 600); do
  stats=$(enqueue stats --json)
  [[ $(field queued <<<"$stats") == 0 && $(field running <<<"$stats") == 0 && $(field retrying <<<"$stats") == 0 ]] && break
  sleep 1
done
say "verifying"
enqueue verify
total=$((3 * jobs + 1))
totals=${stats#*\"totals\":}
stored=$(field enqueued <<<"$totals")
succeeded=$(field succeeded <<<"$totals")
dead=$(field dead <<<"$totals")
crashes=$(field crashes <<<"$totals")
echo "{\"figure\":\"smoke_lost\",\"value\":$((total - succeeded)),\"unit\":\"jobs\",\"wanted\":\"0\",\"ok\":$([[ $succeeded == "$total" ]] && echo true || echo false),\"beside\":{\"enqueued\":$stored,\"succeeded\":$succeeded,\"dead\":$dead,\"crashes\":$crashes}}"
[[ $stored == "$total" && $succeeded == "$total" && $dead == 0 ]] || { echo "smoke: $total jobs were added; not all of them succeeded" >&2; exit 1; }
((crashes > 0)) || { echo "smoke: the killed worker was running nothing" >&2; exit 1; }
say "0 lost, 0 settled twice"
