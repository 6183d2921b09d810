package mcpserver

import (
	"context"
	_ "embed"
	"slices"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"
)

//go:embed app.html
var appPage []byte

const (
	// appURI is the view that hosts of MCP Apps show beside the results of the tools
	// in appTools. Other hosts take the results as they are.
	appURI  = "ui://loyalty/monitor.html"
	appType = "text/html;profile=mcp-app"
)

func hasApp(tool string) bool {
	return slices.Contains([]string{"monitor_loyalty", "render_dashboard"}, tool)
}

// appMeta ties a tool to the view, under the key of the protocol and under the one
// that older hosts read.
func appMeta() map[string]any {
	return map[string]any{"ui": map[string]any{"resourceUri": appURI}, "ui/resourceUri": appURI}
}

// addApp publishes the view. It asks for nothing from outside, so the policy that
// hosts apply by default is its own.
func addApp(s *server.MCPServer) {
	resource := mcp.NewResource(appURI, "Loyalty monitor", mcp.WithResourceDescription("The view of a run in a chat, for hosts of MCP Apps"), mcp.WithMIMEType(appType))
	resource.Meta = mcp.NewMetaFromMap(map[string]any{"ui": map[string]any{"prefersBorder": true}})
	s.AddResource(resource, func(context.Context, mcp.ReadResourceRequest) ([]mcp.ResourceContents, error) {
		return contents(appURI, appType, appPage), nil
	})
}
