#!/usr/bin/env bash
# The whole path on real input, without configuration: a private Redis, two workers, four sample documents, one worker
# killed while it works, one search. `make demo` builds first; this takes well under 90 seconds.
set -euo pipefail
cd "$(dirname "$0")/.."

bin=$(swift build -c release --show-bin-path)
export PACKHORSE_HOME=$PWD/.packhorse/demo PACKHORSE_DOCUMENTS=$PWD/samples PACKHORSE_MODELS=$PWD/.models
unset REDIS_URL REDIS_URL_FILE 2>/dev/null || true
rm -rf "$PACKHORSE_HOME"
mkdir -p "$PACKHORSE_HOME/logs"
started=$SECONDS
workers=()

stop() {
  for pid in "${workers[@]}"; do kill -TERM "$pid" 2>/dev/null || true; done
  for pid in "${workers[@]}"; do wait "$pid" 2>/dev/null || true; done
}
trap stop EXIT

say() { printf '\n\033[1m%s\033[0m\n' "$*"; }
# The first field of this name: errors have their own `attempt`.
field() { sed -n "s/\"$1\":/\n/; s/^[^\n]*\n\"\{0,1\}\([^,\"}]*\).*/\1/p"; }
start_worker() {
  "$bin/worker" run --concurrency 2 --grace 5s >"$PACKHORSE_HOME/logs/worker-$1.log" 2>&1 &
  workers+=($!)
}

say "1. Two workers and their private Redis start (data: $PACKHORSE_HOME)"
start_worker 1
start_worker 2

"$bin/enqueue" schedule add heartbeat --every 1s --type system.noop >/dev/null
echo "   a schedule makes a job each second, whichever worker lives"

say "2. Four documents are enqueued"
names=(scanned-letter.pdf receipt-photo.png field-guide.pdf notes.md)
ids=()
for name in "${names[@]}"; do
  id=$("$bin/enqueue" add document.ingest --args "{\"path\":\"$name\"}" --json | field id)
  ids+=("$id")
  echo "   $name -> $id"
done

say "3. The worker that reads the scan is killed with SIGKILL"
killed=
for _ in $(seq 200); do
  status=$("$bin/enqueue" status "${ids[0]}" --json)
  worker=$(field worker <<<"$status")
  if [[ $(field state <<<"$status") == running && $worker == *:*:* ]]; then
    pid=$(cut -d: -f2 <<<"$worker")
    { kill -KILL "$pid" && killed=$pid; wait "$pid"; } 2>/dev/null || true
    break
  fi
  sleep 0.05
done
[[ -n $killed ]] || { echo "demo: the scan was never seen running" >&2; exit 1; }
echo "   killed process $killed while it ran ${ids[0]}; the other worker takes over"

say "4. All documents finish"
for i in "${!ids[@]}"; do
  # On a terminal this draws a live progress bar.
  "$bin/enqueue" wait "${ids[i]}" --timeout 80s >/dev/null || {
    echo "   ${names[i]} failed: see $PACKHORSE_HOME/logs" >&2
    exit 1
  }
  "$bin/enqueue" status "${ids[i]}" --json >"$PACKHORSE_HOME/logs/job-$i.json"
  printf '   %-20s done\n' "${names[i]}"
done

say "5. Results"
printf '   %-20s %5s %6s %7s %8s\n' document pages "by OCR" chunks attempts
for i in "${!ids[@]}"; do
  record=$(cat "$PACKHORSE_HOME/logs/job-$i.json")
  result=$("$bin/enqueue" result "${ids[i]}")
  printf '   %-20s %5s %6s %7s %8s\n' "${names[i]}" "$(field pages <<<"$result")" \
    "$(field pagesByOCR <<<"$result")" "$(field chunks <<<"$result")" "$(field attempt <<<"$record")"
done
[[ $(field attempt <"$PACKHORSE_HOME/logs/job-0.json") == 2 ]] || { echo "demo: the scan did not run again" >&2; exit 1; }

query="how many bells does the lead mare wear"
say "6. Search: $query"
id=$("$bin/enqueue" add document.search --args "{\"query\":\"$query\",\"limit\":1}" --json | field id)
"$bin/enqueue" wait "$id" --timeout 20s >/dev/null
answer=$("$bin/enqueue" result "$id")
echo "   $answer"
[[ $answer == *scanned-letter.pdf* && $answer == *"nine bells"* ]] || { echo "demo: the search found the wrong passage" >&2; exit 1; }

say "7. The schedule went on while a worker was dead"
"$bin/enqueue" schedule pause heartbeat >/dev/null
"$bin/enqueue" schedule list | sed 's/^/   /'
made=$("$bin/enqueue" schedule list --json | field made)
echo "   jobs made: $made"
((made > 0)) || { echo "demo: the schedule made no job" >&2; exit 1; }

say "Done in $((SECONDS - started)) s"
echo "   data:  $PACKHORSE_HOME (Redis' append-only file, documents.sqlite)"
echo "   logs:  $PACKHORSE_HOME/logs"
