#!/usr/bin/env bash
# Writes the complete scripts for a client in another language: one file per script, as Redis must load it.
#
#   scripts/write-scripts.sh [DIR]      default .build/scripts
#
# The header of a script names the parts that it needs (`-- needs:`), the part that follows it (`-- goes on:`) and its
# flags. Needed parts come first, each once. Sources/Queue/Script.swift does the same; a test compares the two.
set -euo pipefail
cd "$(dirname "$0")/.."
out=${1:-.build/scripts}
mkdir -p "$out"

file() { [[ -f Sources/Queue/Scripts/$1.lua ]] && echo "Sources/Queue/Scripts/$1.lua" || echo "Sources/Queue/Scripts/parts/$1.lua"; }
directive() { sed -n "/^--/!q; s/^-- $1: //p" "$(file "$2")" | head -n 1 | tr -d , ; }

add() {
  local part
  [[ " $known " == *" $1 "* ]] && return
  known+=" $1"
  for part in $(directive needs "$1"); do add "$part"; done
  cat "$(file "$1")"
  for part in $(directive "goes on" "$1"); do add "$part"; done
}

for script in Sources/Queue/Scripts/*.lua; do
  name=$(basename "$script" .lua)
  known=
  { echo "#!lua flags=$(directive flags "$name")"; add "$name"; } >"$out/$name.lua"
done
