#!/usr/bin/env bash
# Nothing -> .venv with the locked packages; uv is put into .slipway/ where the machine has none.
set -euo pipefail
uv_version=0.13.9
if ! uv=$(command -v uv); then
  uv=.slipway/uv/bin/uv
  if [ ! -x "$uv" ]; then
    echo "installing uv $uv_version into .slipway/uv"
    if ! python3 -m venv .slipway/uv >/dev/null 2>&1; then
      if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        echo "installing Debian's python3-venv"
        apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq python3-venv >/dev/null
        python3 -m venv .slipway/uv
      else
        echo "python3 needs the module venv: install python3-venv, or uv itself" >&2
        exit 1
      fi
    fi
    .slipway/uv/bin/pip install --quiet --disable-pip-version-check "uv==$uv_version"
  fi
fi
# Compiled here, since some environments forbid Python to do it at run time, and then every command starts slowly.
"$uv" sync --locked --quiet --compile-bytecode
