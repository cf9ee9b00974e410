# Find, or as root install, a Python that can run the tools; then run one of them.
# Sourced by dev/odoo, dev/test and dev/lint, which set `command`.

lib=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
suits='import sys, venv, ensurepip; sys.exit(not (3, 10) <= sys.version_info[:2] <= (3, 13))'

find_python() {
    for python in python3 python3.13 python3.12 python3.11 python3.10; do
        "$python" -c "$suits" >/dev/null 2>&1 && return
    done
    return 1
}

if ! find_python && [ "$(id -u)" = 0 ]; then
    echo "Installing python3 python3-venv …" >&2
    export DEBIAN_FRONTEND=noninteractive
    output=$(apt-get -q update 2>&1 && apt-get -q install -y \
        --no-install-recommends python3 python3-venv 2>&1) || echo "$output" >&2
fi
if ! find_python; then
    echo "dev/$command: Python 3.10 to 3.13 with venv is missing." \
        "As root: apt-get install -y python3 python3-venv" >&2
    exit 1
fi
exec "$python" "$lib/main.py" "$command" "$@"
