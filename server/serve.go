package main

import (
	"context"
	"flag"
	"fmt"
	"log/slog"
	"net"
	"os"

	"loyaltymcp/schemas"
	"loyaltymcp/server/mcpserver"
	"loyaltymcp/tools/toolset"
)

// serveCommand serves MCP over stdio, or with --http over Streamable HTTP. It starts
// at once, whatever the state of the config: what is wrong with it is what the first
// tool call answers.
func serveCommand(ctx context.Context, t *terminal, args []string) error {
	flags := flag.NewFlagSet("serve", flag.ContinueOnError)
	var s source
	s.flags(flags)
	address := flags.String("http", "", "`address` to serve on over HTTP, at /mcp, as in 127.0.0.1:8080 (default: standard input and output)")
	if _, err := parse(t, flags, args, 0); err != nil {
		return err
	}
	set, err := schemas.Load()
	if err != nil {
		return err
	}
	log := slog.New(slog.NewTextHandler(t.err, nil))
	s.log = log
	open, closeDesk := s.opener(set)
	defer closeDesk()
	all, err := toolset.New(set, open)
	if err != nil {
		return err
	}
	m, err := mcpserver.New(mcpserver.Deps{Tools: all, Schemas: set, Open: open, Version: version, Log: log})
	if err != nil {
		return err
	}
	if *address != "" {
		// Over HTTP several people may ask at once; none may choose for the others.
		if _, err := configFile(ctx, s.config); err != nil {
			return err
		}
		return mcpserver.ServeHTTP(ctx, m, *address, os.Getenv("LOYALTY_HTTP_TOKEN"), func(at net.Addr) {
			fmt.Fprintf(t.err, "loyalty-mcp serves MCP at http://%s%s\n", at, mcpserver.Path)
		})
	}
	// Whatever else prints must not reach the protocol.
	if t.out == os.Stdout {
		os.Stdout = os.Stderr
	}
	return mcpserver.ServeStdio(ctx, m, t.in, t.out)
}
