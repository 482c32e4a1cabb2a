#!/bin/sh
# Peak memory of `fit` with many foreign keys, draws to disk, diagnostics and all.
#
# Usage: benches/memory.sh FKBAYES_BINARY [K [DRAWS_PER_CHAIN]]     (default: 100000 1000; 3.2 GB of draws)
set -eu
binary=$(realpath "$1")
k=${2:-100000}
draws=${3:-1000}
folder=$(mktemp -d -p .)
trap 'rm -rf "$folder"' EXIT
awk -v k="$k" 'BEGIN {
    srand(1); print "fk,n,mean,sd"
    for (i = 0; i < k; i++)
        printf "table_%d.column_%d_id,%d,%.6f,10.05\n", i / 7, i, 2 + 5 * int(20 * rand()), 6 * rand() - 3
}' > "$folder/stats.csv"
/usr/bin/time -v "$binary" fit "$folder/stats.csv" --noise known=101 --draws "$draws" --seed 1 \
    --out "$folder/draws.arrow" --quiet 2> "$folder/time" > /dev/null
grep -E 'Maximum resident|Elapsed' "$folder/time"
