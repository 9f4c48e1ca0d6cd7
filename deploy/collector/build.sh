#!/usr/bin/env bash
# Build the OpenTelemetry Collector of builder.yaml, once, outside the repository; prints the path of the program. Needs Go.
#
# The builder writes the source; go.mod is ours, because the builder's own `go mod tidy` asks for test-only modules as well.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
version=v0.155.0
home=${XDG_CACHE_HOME:-$HOME/.cache}/placet/collector-$version
program=$home/placet-collector

mkdir -p "$home"
exec 9>"$home/lock"
flock 9
if [ -x "$program" ] && cmp -s "$here/builder.yaml" "$home/builder.yaml"; then
  echo "$program"
  exit
fi
[ -x "$home/builder" ] || GOBIN=$home go install "go.opentelemetry.io/collector/cmd/builder@$version" >&2
cp "$here/builder.yaml" "$home/building.yaml"
cd "$home"
rm -rf _build
./builder --config building.yaml --skip-get-modules --skip-compilation >&2
{
  printf 'module placet.test/collector\n\ngo 1.25.0\n\nrequire (\n'
  sed -n 's/^ *- gomod: /\t/p' building.yaml
  printf '\tgo.opentelemetry.io/collector/otelcol %s\n)\n' "$version"
} >_build/go.mod
cd _build
go mod download "go.opentelemetry.io/collector/otelcol@$version" >&2
CGO_ENABLED=0 go build -mod=mod -trimpath -ldflags '-s -w' -o "$program.new" . >&2
mv "$program.new" "$program"
mv "$home/building.yaml" "$home/builder.yaml"
echo "$program"
