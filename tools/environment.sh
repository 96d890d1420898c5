#!/bin/sh
# Make .venv with what requirements.lock pins and this library; `make book` and `make test` begin with it. An environment
# that is there is kept and completed. Arguments go to pip; PYTHON names the interpreter to take.
set -eu

# An interpreter that starts, is new enough and can make an environment. pyenv's shims are found and do not start;
# Debian's Python lacks ensurepip until python3-venv is there.
works() {
    "$1" -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1
}

version() {
    "$1" -c 'import sys; print("%d.%d" % sys.version_info[:2])'
}

stop() {
    printf '%s\n' "$@" >&2
    exit 1
}

# Measured with Python 3.11 and 3.12, November 2026; on Arm by the same builds, unpacked. pip's cache comes on top. Other
# machines have no builds: PyTorch's for Macs with Intel's processors ended with 2.2.
case "$(uname -s) $(uname -m)" in
"Linux x86_64")
    size="4.5 GB and takes 8.9 GB of disk (with PyTorch's CPU build 0.7 and 2.6 GB: see README.md)" ;;
"Linux aarch64" | "Darwin arm64")
    size="0.5 GB and takes 2.1 GB of disk" ;;
*)
    stop "$(uname -s) on $(uname -m) has no builds of PyTorch 2.9: take Linux, or a Mac with Apple's processor" ;;
esac

if [ -n "${PYTHON:-}" ]; then
    works "$PYTHON" || stop "PYTHON=$PYTHON does not start, is older than 3.11, or lacks venv and ensurepip"
    python=$PYTHON
    if works .venv/bin/python && [ "$(version .venv/bin/python)" != "$(version "$python")" ]; then
        stop ".venv has Python $(version .venv/bin/python), PYTHON=$PYTHON is $(version "$python"): remove .venv first"
    fi
else
    for python in .venv/bin/python python3.11 python3.12 python3.13 none; do
        if works "$python"; then break; fi
    done
    [ "$python" != none ] || stop \
        "None of python3.11, python3.12 and python3.13 starts and has venv and ensurepip: install one of them." \
        "Debian and Ubuntu have both in python3-venv. Has it another name? make book PYTHON=/path/to/python"
fi

free=$(df -Pk . | awk 'NR == 2 {printf "%.0f GB", $4 * 1024 / 1e9}')
echo "environment: Python $(version "$python") in .venv; a new one downloads $size; $free are free"
works .venv/bin/python || "$python" -m venv --clear .venv
.venv/bin/python -m pip install --quiet --disable-pip-version-check -r requirements.lock "$@"
.venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
