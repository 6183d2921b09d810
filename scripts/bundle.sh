#!/bin/sh
# Packs the server for Claude Desktop on this platform: bundle.sh [OUT.mcpb]. Needs
# npm install --no-save --prefix internal/clients for the packer.
set -eu
root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
out=${1:-$root/bin/loyalty-mcp.mcpb}
case $out in /*) ;; *) out=$PWD/$out ;; esac
mcpb=$root/internal/clients/node_modules/.bin/mcpb
[ -x "$mcpb" ] || { echo "the packer is not installed: npm install --no-save --prefix internal/clients" >&2; exit 1; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
mkdir -p "$folder/server" "$(dirname -- "$out")"
cp "$root/bundle/manifest.json" "$root/LICENSE" "$folder"
cp "$root/.claude-plugin/icon.png" "$folder/icon.png"
if [ -n "${LOYALTY_MCP_BIN:-}" ]; then
	cp "$LOYALTY_MCP_BIN" "$folder/server/loyalty-mcp"
else
	(cd "$root" && go build -trimpath -ldflags='-s -w' -o "$folder/server/" ./server && cd "$folder/server" && for built in server*; do mv "$built" "loyalty-mcp${built#server}"; done)
fi
"$mcpb" validate "$folder/manifest.json"
"$mcpb" pack "$folder" "$out"
