#!/bin/sh
# Names the system packages this project needs, says what each is for, and installs the missing ones.
# Asks for the administrator's password only when something is missing.
set -eu

explain() {
    cat <<'TEXT'
The project needs these system packages and no others; the tests, documentation and benchmarks need none beyond them:
  python3          runs the servers (3.11, 3.12 or 3.13)
  python3-venv     keeps the project's Python packages inside its own folder
  git              fetches the project
  ca-certificates  lets downloads check whom they talk to
  curl             sends the first request in the README
TEXT
}

is_missing() {
    [ "$(dpkg-query --show --showformat='${db:Status-Status}' "$1" 2>/dev/null)" != installed ]
}

explain
if ! command -v apt-get >/dev/null 2>&1; then
    echo "This system has no apt-get; install the packages above with its own package manager." >&2
    exit 1
fi

set --
for package in python3 python3-venv git ca-certificates curl; do
    if is_missing "$package"; then set -- "$@" "$package"; fi
done
if [ $# -eq 0 ]; then
    echo "All of them are installed; nothing to do."
    exit 0
fi

echo "Missing: $*"
if [ "$(id -u)" -eq 0 ]; then
    exec apt-get install --yes "$@"
fi
if ! command -v sudo >/dev/null 2>&1; then
    echo "This needs the administrator: run as root: apt-get install $*" >&2
    exit 1
fi
echo "Installing them needs the administrator's password (sudo)."
exec sudo apt-get install --yes "$@"
