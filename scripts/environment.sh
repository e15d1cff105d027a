#!/bin/sh
# Make the virtual environment with exactly the pinned packages: environment.sh REQUIREMENTS_FILE
# Quick when nothing has changed. Where packages come from is pip's own configuration; nothing is set here.
set -eu

requirements=$1
environment=${VIRTUAL_ENVIRONMENT:-.venv}
python=$environment/bin/python

say() { printf '%s\n' "$*" >&2; }

find_python() {
    for candidate in ${PYTHON:-} python3.11 python3.12 python3.13 python3; do
        if command -v "$candidate" >/dev/null 2>&1 &&
            "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            command -v "$candidate"
            return
        fi
    done
    say '需要 Python 3.11 或更新版本：apt-get install python3 python3-venv'
    say 'Python 3.11 or newer is needed: apt-get install python3 python3-venv'
    exit 1
}

make_environment() {
    base=$(find_python)
    if ! "$base" -c 'import ensurepip, venv' 2>/dev/null; then
        version=$("$base" -c 'import sys; print("python%d.%d" % sys.version_info[:2])')
        if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null 2>&1; then
            say "Python 缺少 venv 模块，请先执行：sudo apt-get install $version-venv"
            say "Python lacks its venv module; run: sudo apt-get install $version-venv"
            exit 1
        fi
        say "apt-get install $version-venv"
        apt-get install -qq -y --no-install-recommends "$version-venv" >&2 ||
            { apt-get update -qq >&2 && apt-get install -qq -y --no-install-recommends "$version-venv" >&2; }
    fi
    say "$base -m venv $environment"
    rm -rf "$environment"
    "$base" -m venv "$environment"
}

# uv installs ten times faster than pip but does not read pip's configuration: hand it over.
configure_uv() {
    setting() { "$python" -m pip config get "global.$1" 2>/dev/null || true; }
    : "${UV_DEFAULT_INDEX:=${PIP_INDEX_URL:-$(setting index-url)}}"
    : "${UV_EXTRA_INDEX_URL:=${PIP_EXTRA_INDEX_URL:-$(setting extra-index-url)}}"
    : "${UV_FIND_LINKS:=${PIP_FIND_LINKS:-$(setting find-links)}}"
    : "${SSL_CERT_FILE:=${PIP_CERT:-$(setting cert)}}"
    # Every package is pinned by hash, so it does not matter which index serves it.
    UV_INDEX_STRATEGY=unsafe-best-match
    for name in UV_DEFAULT_INDEX UV_EXTRA_INDEX_URL UV_FIND_LINKS SSL_CERT_FILE; do
        eval "value=\$$name"
        if [ -n "$value" ]; then export "$name"; else unset "$name"; fi
    done
    export UV_INDEX_STRATEGY
}

install_packages() {
    if "$python" -m pip install -q --disable-pip-version-check --require-hashes -r requirements/bootstrap.txt >&2 &&
        configure_uv &&
        "$environment/bin/uv" pip install -q --python "$python" --require-hashes -r "$requirements" >&2; then
        return
    fi
    say 'uv 不可用，改用 pip（较慢） / uv did not work, going on with pip (slower)'
    "$python" -m pip install -q --disable-pip-version-check --require-hashes -r "$requirements" >&2
}

"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || make_environment
say "安装依赖 / installing packages ($requirements)"
install_packages
"$python" -m pip install -q --disable-pip-version-check --no-build-isolation --no-deps -e . >&2
"$environment/bin/yaomai" messages >&2
