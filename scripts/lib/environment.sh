# Makes the virtual environment in .venv and keeps it at what the lock file says. Sourced by the scripts beside it.
# Needs Python 3.11; reads nothing from standard input.

# Python keeps what it has compiled, whatever the surroundings wish: else each process of the house compiles it anew.
export PYTHONDONTWRITEBYTECODE=

fail() {
    echo "congvan: $*" >&2
    exit 1
}

# Prints the path of a Python 3.11, or fails.
find_python() {
    local candidate
    for candidate in ${CONGVAN_PYTHON:-} python3.11 python3 python; do
        if command -v "$candidate" >/dev/null 2>&1 &&
            "$candidate" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' >/dev/null 2>&1; then
            command -v "$candidate"
            return
        fi
    done
    fail "Python 3.11 is needed and was not found (set CONGVAN_PYTHON to its path)"
}

install_packages() {
    .venv/bin/python -m pip install -qq --disable-pip-version-check --no-input "$@"
}

# ensure_environment requirements.lock|requirements-dev.lock
ensure_environment() {
    local lock=$1 stamp=.venv/installed wanted
    wanted="$lock $(cat requirements.lock requirements-dev.lock pyproject.toml | git hash-object --stdin)"
    # The lock for development holds the other one.
    if [ -f "$stamp" ] && grep -qxF -e "$wanted" -e "requirements-dev.lock ${wanted#* }" "$stamp"; then
        return
    fi
    touch .writable 2>/dev/null || fail "the folder $PWD cannot be written"
    rm -f .writable
    if [ ! -x .venv/bin/python ]; then
        "$(find_python)" -m venv .venv || fail "the virtual environment could not be made in $PWD/.venv"
    fi
    echo "congvan: installing packages (the first time takes a minute or two)" >&2
    # A recent pip needs half the time; the one that came with Python does it too. What is imported is compiled then.
    install_packages --require-hashes --no-deps -r scripts/lib/pip.lock || true
    install_packages --require-hashes --no-deps --no-compile -r "$lock" ||
        fail "the packages of $lock could not be installed"
    install_packages --no-deps --no-build-isolation -e . || fail "the project could not be installed into .venv"
    echo "$wanted" >"$stamp"
}

# ensure_tools COMMAND=PACKAGE…: installs the Debian package of each command that is missing, or says what to install.
ensure_tools() {
    local pair missing=()
    for pair in "$@"; do
        command -v "${pair%%=*}" >/dev/null 2>&1 || missing+=("${pair#*=}")
    done
    [ ${#missing[@]} -eq 0 ] && return
    if command -v apt-get >/dev/null 2>&1 && [ "$(id -u)" -eq 0 ]; then
        echo "congvan: installing ${missing[*]}" >&2
        { apt-get install -qq -y "${missing[@]}" || { apt-get update -qq && apt-get install -qq -y "${missing[@]}"; }; } \
            >/dev/null 2>&1 </dev/null || fail "these packages could not be installed: ${missing[*]}"
    else
        fail "these packages are needed and missing: ${missing[*]} (apt-get install ${missing[*]}, as root)"
    fi
}
