#!/usr/bin/env bash
# Build promtool, which checks alerts, once, outside the repository; prints the path of the program. Needs Go and some minutes.
set -euo pipefail
version=v0.316.0
home=${XDG_CACHE_HOME:-$HOME/.cache}/placet/promtool-$version

mkdir -p "$home"
exec 9>"$home/lock"
flock 9
[ -x "$home/promtool" ] || GOBIN=$home CGO_ENABLED=0 go install -tags remove_all_sd "github.com/prometheus/prometheus/cmd/promtool@$version" >&2
echo "$home/promtool"
