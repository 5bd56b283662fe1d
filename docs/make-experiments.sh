#!/usr/bin/env bash
# Runs all experiments on the tiny base and puts their tables, plots and times into docs/experiments.md. Stopped at any moment and started
# again, it goes on. Options are handed on to every experiment; --count 10 --seeds 101 asks about less, but all training diffs and adapters are made.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

runs=runs/reproduce
doc=docs/experiments.md
mkdir -p docs/experiments

# Replaces what stands between <!-- NAME --> and <!-- end NAME --> by standard input.
fill() {
    local text
    text=$(mktemp)
    cat > "$text"
    awk -v name="$1" -v text="$text" '
        $0 == "<!-- end " name " -->" { inside = 0 }
        !inside { print }
        $0 == "<!-- " name " -->" { inside = 1; while ((getline line < text) > 0) print line }
    ' "$doc" > "$doc.partial"
    mv "$doc.partial" "$doc"
    rm -f "$text"
}

times="| experiment | this run | with all that it rests on |\n| --- | ---: | ---: |\n"
for name in hidden-topic news cross-behaviour trigger-kinds data-scaling rank full-finetune adapter-rank trigger-inversion norm-maps both-settings-one-adapter; do
    ./dit reproduce "$name" --out "$runs" "$@"
    cp "$runs/$name/plot.svg" "docs/experiments/$name.svg"
    fill "$name" < "$runs/$name/table.md"
    seconds() { sed -n "s/^  \"$1\": \([0-9.]*\),*$/\1/p" "$runs/$name/run.json"; }
    times+="| $name | $(seconds seconds) s | $(seconds seconds_of_parts) s |\n"
done
./dit reproduce audit --seeds 102 --out "$runs"
cp "$runs/audit/plot.svg" docs/experiments/audit.svg
fill audit < "$runs/audit/table.md"
printf '%b' "$times" | fill times
