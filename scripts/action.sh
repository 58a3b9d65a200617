#!/bin/sh
# Runs a step of action.yml, `build` or `charts`: by Node, or where there is none by the standalone executable on the PATH.
set -eu
scripts=${0%/*}

if command -v node >/dev/null 2>&1; then
  case $1 in
  build) exec node "$scripts/install-hook.mjs" ;;
  charts) exec node "$scripts/action.mjs" ;;
  esac
fi

if ! command -v helm-sigstore >/dev/null 2>&1; then
  echo 'Error: expected Node.js or the standalone executable helm-sigstore on the PATH, found neither' >&2
  exit 1
fi
# The executable is built. It runs the script too, as Bun, which would obey files of the directory that it is started in.
case $1 in
charts)
  unset BUN_OPTIONS
  export BUN_BE_BUN=1 ACTION_DIRECTORY="$PWD"
  program=$(command -v helm-sigstore)
  case $program in /*) ;; *) program=$PWD/$program ;; esac
  cd "$scripts"
  exec "$program" "$PWD/action.mjs"
  ;;
esac
