#!/usr/bin/env bash
# Audits every adapter folder that changed between two commits, as it is in the second one, and fails where one must not be published.
#
#   audit-adapters.sh [--reports FOLDER] [--fail-on VERDICTS] FROM TO [OPTIONS OF dit audit …]
#
# FROM may be empty or all zeros, as where a branch is new: then every adapter folder of TO is audited. An adapter folder is one with
# adapter_config.json or adapter_model.*. Each gets a folder with report.html and report.json in FOLDER (audit-reports; new or empty),
# and a line in FOLDER/summary.txt. One with a symbolic link in it fails, as what that leads to is no part of the commit. $DIT names the
# command; without it, dit is looked for on the PATH and then two folders above this script.
#
# Ends with 0 where nothing is wrong, with 3 where a verdict is among VERDICTS, and with 1 where anything could not be audited.
set -euo pipefail

dit=${DIT:-dit} reports=audit-reports fail_on=changed-as-claimed,changed-unclear
while [[ ${1-} == --* ]]; do
    case $1 in
        --reports) reports=${2:?--reports: expected a folder} ;;
        --fail-on) fail_on=${2:?--fail-on: expected verdicts} ;;
        *) echo "audit-adapters: there is no option $1" >&2; exit 2 ;;
    esac
    shift 2
done
[[ $# -ge 2 ]] || { echo "audit-adapters: expected two commits, found $# arguments" >&2; exit 2; }
from=$1 to=$2
shift 2

die() {
    echo "audit-adapters: $*" >&2
    exit 1
}

# Names in messages as one line, whatever characters they have.
shown() {
    printf '%q' "$1"
}

here() {
    if [[ $1 == /* ]]; then printf '%s' "$1"; else printf '%s' "$PWD/$1"; fi
}

if [[ -z ${DIT-} ]] && ! command -v dit >/dev/null; then
    beside=$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")/../../dit
    if [[ -f $beside && -x $beside ]]; then dit=$beside; fi
fi
command -v -- "$dit" >/dev/null || die "expected the command $dit, found none; name it with DIT"
root=$(git rev-parse --show-toplevel)
# A name with * or [ in it is a name.
export GIT_LITERAL_PATHSPECS=1

to=$(git rev-parse --verify --quiet --end-of-options "$to^{commit}") || die "expected a commit to audit, found none of that name"
nothing=$(git hash-object -t tree /dev/null)
if [[ $from =~ ^0*$ ]]; then
    start=$nothing
else
    from=$(git rev-parse --verify --quiet --end-of-options "$from^{commit}") || die "the commit to start from is not here; fetch the whole history (fetch-depth: 0)"
    # What only the other branch changed is not ours to audit. Without a common ancestor everything is.
    start=$(git merge-base "$from" "$to") || start=$nothing
fi

reports=$(here "$reports")
mkdir -p -- "$reports"
[[ -z $(ls -A -- "$reports") ]] || die "$reports: expected a new or empty folder, found one that holds files"
work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT

# The lists go through files: what fails in a pipe or a substitution would look like an empty list.
git -C "$root" diff -z --name-only --no-renames --no-relative --ignore-submodules=none "$start" "$to" -- >"$work/changed"
git -C "$root" ls-tree -z -r --full-tree "$to" >"$work/there"
export GIT_INDEX_FILE=$work/index
git -C "$root" read-tree "$to"

say() {
    echo "$*" | tee -a "$reports/summary.txt"
}

folder_of() {
    if [[ $1 == */* ]]; then folder=${1%/*}; else folder=.; fi
}

# Keys begin with a slash, as some names alone, such as @, mean something else to bash.
declare -A has_adapter=() leads_away=() link_in=() wanted=()
# A tab ends the entry, and may also stand at the ends of the path: read would take it away there.
while IFS= read -r -d '' line; do
    entry=${line%%$'\t'*} path=${line#*$'\t'}
    case ${path##*/} in adapter_config.json | adapter_model.*) folder_of "$path"; has_adapter["/$folder"]=1 ;; esac
    case $entry in
        160000\ *) leads_away["/$path"]='a submodule' ;;
        120000\ *)
            leads_away["/$path"]='a symbolic link' folder=$path
            while [[ $folder != . ]]; do folder_of "$folder"; link_in["/$folder"]=$path; done
            ;;
    esac
done <"$work/there"
while IFS= read -r -d '' path; do
    # The nearest folder above that is an adapter; what lies in none is no adapter's.
    folder_of "$path"
    while [[ -z ${has_adapter["/$folder"]-} && $folder != . ]]; do folder_of "$folder"; done
    if [[ -n ${has_adapter["/$folder"]-} ]]; then
        wanted["/$folder"]=1
    elif [[ -n ${leads_away["/$path"]-} ]]; then
        say "not looked into: $(shown "$path"), ${leads_away["/$path"]}"
    elif [[ ${path##*/} == adapter_config.json || ${path##*/} == adapter_model.* ]]; then
        say "removed: $(shown "$path")"
    fi
done <"$work/changed"

if [[ ${#wanted[@]} -eq 0 ]]; then
    say "No adapter folder was changed."
    exit 0
fi

printf '%s\0' "${!wanted[@]}" | LC_ALL=C sort -z >"$work/wanted"
count=0 refused=0 failed=0
while IFS= read -r -d '' key; do
    folder=${key#/} count=$((count + 1)) status=0 why=
    # The number tells folders apart whose names differ in other characters only.
    name=$(LC_ALL=C; printf '%03d-%s' "$count" "${folder//[^A-Za-z0-9._-]/_}")
    name=${name:0:100}
    report=$reports/$name
    mkdir -- "$work/$name"
    if [[ -n ${link_in["$key"]-} ]]; then
        status=1 why=": $(shown "${link_in["$key"]}") is a symbolic link, and what it leads to is no part of the commit"
    else
        # As it is in the commit, not as it may lie here.
        git -C "$root" ls-files -z -- "$folder" | git -C "$root" -c core.symlinks=false checkout-index -z --stdin --prefix="$work/$name/" || status=1
    fi
    if [[ $status -eq 0 ]]; then
        "$dit" audit "$work/$name/$folder" --name="$folder" --out "$report" --fail-on "$fail_on" "$@" </dev/null >"$work/text" || status=$?
    fi
    [[ $status -ne 130 ]] || exit 130
    # A command that ends well but leaves no report has audited nothing.
    if [[ $status -eq 0 || $status -eq 3 ]] && ! [[ -s $report/report.html && -s $report/report.json ]]; then
        status=1
    fi
    case $status in
        0) outcome=passed ;;
        3) outcome=REFUSED refused=$((refused + 1)) ;;
        *) outcome=FAILED failed=$((failed + 1)) ;;
    esac
    say "$outcome: $(shown "$folder") ($name)$why"
    if [[ -s $work/text ]]; then mv -- "$work/text" "$reports/$name.txt"; fi
    rm -rf -- "${work:?}/$name"
done <"$work/wanted"

say "$count audited: $((count - refused - failed)) passed, $refused refused, $failed could not be audited"
[[ $failed -eq 0 ]] || exit 1
[[ $refused -eq 0 ]] || exit 3
