#!/usr/bin/env bash
# Writes the scripts out whole, for a client in another language: one file a script, as Redis is to load it.
#
#   scripts/write-scripts.sh [DIR]      default .build/scripts
#
# A script's header names the parts that it needs (`-- needs:`), what follows it (`-- goes on:`) and its flags. The parts
# come first, each once. Sources/Queue/Script.swift does the same; a test compares the two.
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
