#!/bin/sh
# Starts the loyalty MCP server for a client: runs the binary that is there, or
# builds it once. Only the server may write to standard output, which is the
# protocol; a build talks to standard error, and goes on when the client has lost
# patience, so that its next start finds the binary.
#
#   LOYALTY_MCP_BIN   a binary to run instead
#   CLAUDE_PLUGIN_DATA  where a plugin keeps what it builds
set -eu
root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
[ -z "${LOYALTY_MCP_BIN:-}" ] || exec "$LOYALTY_MCP_BIN" "$@"
[ ! -x "$root/bin/loyalty-mcp" ] || exec "$root/bin/loyalty-mcp" "$@"

version=$(sed -n 's/.*"version": *"\([^"]*\)".*/\1/p' "$root/.claude-plugin/plugin.json" | head -n 1)
folder=${CLAUDE_PLUGIN_DATA:-$root/bin}
binary=$folder/loyalty-mcp-$version
if [ ! -x "$binary" ]; then
	if ! command -v go >/dev/null 2>&1; then
		echo "loyalty-mcp is not built, and there is no Go to build it with: install Go, or set LOYALTY_MCP_BIN to a binary" >&2
		exit 1
	fi
	mkdir -p "$folder"
	building=$binary.building
	if mkdir "$building" 2>/dev/null; then
		echo "loyalty-mcp: building $binary, once" >&2
		nohup sh -c 'cd "$1" && go build -o "$2.new" ./server && mv "$2.new" "$2"; rm -f "$3/pid"; rmdir "$3"' build "$root" "$binary" "$building" </dev/null >&2 2>&1 &
		echo $! 2>/dev/null >"$building/pid" || true
	else
		echo "loyalty-mcp: waiting for the build of $binary" >&2
	fi
	waited=0
	while [ -d "$building" ]; do
		sleep 0.2
		waited=$((waited + 1))
		# A builder that is gone, or never said who it is, must not be waited for.
		builder=$(cat "$building/pid" 2>/dev/null || true)
		if [ -n "$builder" ] && ! kill -0 "$builder" 2>/dev/null || [ -z "$builder" ] && [ "$waited" -gt 50 ]; then
			rm -f "$building/pid"
			rmdir "$building" 2>/dev/null || true
		fi
	done
	if [ ! -x "$binary" ]; then
		echo "loyalty-mcp could not be built; run go build -o bin/loyalty-mcp ./server in $root to see why" >&2
		exit 1
	fi
fi
exec "$binary" "$@"
