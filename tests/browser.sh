#!/usr/bin/env bash
# Runs the tests of the page in a real browser, headless: builds dit and tests/Dit.Browser.Tests (not part of dit.slnx, as the package that drives
# the browser is 780 MB), starts dit serve on a free port, and goes through every part of the page.
#   tests/browser.sh --install         installs Debian's chromium, as root; says so where that cannot be
#   tests/browser.sh --screenshots     makes docs/screenshots anew instead
#   tests/browser.sh [OPTION OF THE TEST PROGRAM]...    such as -class '*ChatTests'
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

browser() {
    local name
    for name in chromium chromium-browser google-chrome google-chrome-stable; do
        command -v "$name" && return
    done
    return 1
}

if [[ ${1-} == --install ]]; then
    browser >/dev/null && exit 0
    if [[ $(id -u) -ne 0 ]] || ! command -v apt-get >/dev/null; then
        echo "tests/browser.sh: a browser is installed by apt-get as root only; install chromium yourself" >&2
        exit 2
    fi
    log=$(mktemp)
    trap 'rm -f "$log"' EXIT
    export DEBIAN_FRONTEND=noninteractive
    # A machine without network is told from a slow one by time alone.
    if ! { timeout 60 apt-get update -qq && timeout 600 apt-get install -y -qq --no-install-recommends chromium; } >"$log" 2>&1; then
        echo "tests/browser.sh: chromium cannot be installed here: $(grep -m 1 . "$log")" >&2
        exit 2
    fi
    exit 0
fi

if ! browser >/dev/null; then
    echo "The tests in a browser are left out: there is no chromium here; tests/browser.sh --install installs it on Debian."
    exit 0
fi

export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1
project=tests/Dit.Browser.Tests
dotnet build "$project" -v quiet --nologo -clp:NoSummary || exit 1
program=$project/bin/Debug/net10.0/Dit.Browser.Tests
if [[ ${1-} == --screenshots ]]; then
    DIT_SCREENSHOTS=$PWD/docs/screenshots exec "$program" -explicit only -class '*Screenshots' -noColor
fi

log=$(mktemp)
trap 'rm -f "$log"' EXIT
"$program" -noColor "$@" 2>&1 | tee "$log"
status=${PIPESTATUS[0]}
# As dotnet test counts, for whoever adds up.
total() {
    grep -oE "$1: [0-9]+" "$log" | tail -n 1 | grep -oE '[0-9]+' || echo 0
}
failed=$(($(total Failed) + $(total Errors))) skipped=$(total Skipped)
printf '  total: %s\n  failed: %s\n  succeeded: %s\n  skipped: %s\n' "$(total Total)" "$failed" $(($(total Total) - $(total Failed) - skipped)) "$skipped"
exit "$status"
