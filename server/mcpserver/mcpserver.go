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
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"time"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"

	"loyaltymcp/schemas"
	"loyaltymcp/skills"
	"loyaltymcp/tools"
	"loyaltymcp/tools/run"
)

//go:embed instructions.md
var instructions string

//go:embed icon.svg
var icon []byte

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
	order := map[string]int{}
	hooks := new(server.Hooks)
	hooks.AddAfterListTools(func(_ context.Context, _ any, _ *mcp.ListToolsRequest, result *mcp.ListToolsResult) {
		// The library sorts by name; in the order of use the list reads as the workflow.
		slices.SortStableFunc(result.Tools, func(a, b mcp.Tool) int { return order[a.Name] - order[b.Name] })
	})
	// What is listed is fixed for a version of the program; what is read is not.
	static := func(method mcp.MCPMethod) server.ServerOption {
		return server.WithMethodCacheHints(method, time.Hour.Milliseconds(), mcp.CacheScopePublic)
	}
	s := server.NewMCPServer(Name, d.Version,
		server.WithTitle("Loyalty monitor"),
		server.WithDescription("Watches a loyalty program: KPIs, health, member segments, experiments and an auditable plan"),
		server.WithIcons(mcp.Icon{Src: "data:image/svg+xml;base64," + base64.StdEncoding.EncodeToString(icon), MIMEType: "image/svg+xml", Sizes: []string{"any"}}),
		server.WithInstructions(instructions),
		server.WithToolCapabilities(false),
		server.WithPromptCapabilities(false),
		server.WithResourceCapabilities(false, false),
		server.WithCompletions(),
		server.WithLogging(),
		server.WithExtensions(map[string]any{"io.modelcontextprotocol/ui": map[string]any{}}),
		server.WithPromptCompletionProvider(completer{d}),
		server.WithResourceCompletionProvider(completer{d}),
		static(mcp.MethodToolsList), static(mcp.MethodPromptsList), static(mcp.MethodResourcesList), static(mcp.MethodResourcesTemplatesList),
		server.WithHooks(hooks),
		server.WithResourceRecovery())
	for i, t := range d.Tools {
		order[t.Name] = i
		s.AddTool(publish(t), handle(t, d.Log))
	}
	addPrompt(s)
	addApp(s)
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
