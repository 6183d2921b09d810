// Package mcpserver is the adapter to the MCP library, and its only importer.
// It publishes the tools and the resources and turns errors into tool results
// that can be read.
//
// The library has edges that hang or mislead a client. The adapter avoids
// them, and a test holds each: tools are literals with raw schemas (its
// helpers set two schemas at once, and tools/list then never answers); results
// are marshalled by package tools before they get here (a NaN would silence
// the reply); errors and panics leave as tool results, not as protocol errors
// that a model never sees; its own validation, whose messages can't be read,
// stays off; all four hints are set; nothing but protocol reaches stdout.
package mcpserver

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"log/slog"

	"github.com/mark3labs/mcp-go/server"

	"loyaltymcp/schemas"
	"loyaltymcp/skills"
	"loyaltymcp/tools"
	"loyaltymcp/tools/run"
)

//go:embed instructions.md
var instructions string

// Name is the server's name.
const Name = "loyalty-mcp"

// Deps are what the server publishes.
type Deps struct {
	Tools   []tools.Tool
	Schemas *schemas.Set
	Open    run.Opener
	Version string
	Log     *slog.Logger // never to stdout
}

// New returns the server.
func New(d Deps) (*server.MCPServer, error) {
	sops, err := skills.SOPs()
	if err != nil {
		return nil, fmt.Errorf("reading the SOPs: %w", err)
	}
	s := server.NewMCPServer(Name, d.Version,
		server.WithTitle("Loyalty monitor"),
		server.WithInstructions(instructions),
		server.WithToolCapabilities(false),
		server.WithResourceCapabilities(false, false),
		server.WithResourceRecovery())
	for _, t := range d.Tools {
		s.AddTool(publish(t), handle(t, d.Log))
	}
	addResources(s, d, sops)
	return s, nil
}

// ServeStdio serves until in ends or ctx is done. Only protocol is written to
// out.
func ServeStdio(ctx context.Context, s *server.MCPServer, in io.Reader, out io.Writer) error {
	err := server.NewStdioServer(s).Listen(ctx, in, out)
	if errors.Is(err, io.EOF) || errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}
