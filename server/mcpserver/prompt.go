package mcpserver

import (
	"context"
	_ "embed"
	"fmt"
	"strings"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"

	"loyaltymcp/internal/fault"
)

//go:embed prompt.md
var promptText string

// promptName is the prompt's name, which is the slash command's.
const promptName = "monitor-loyalty"

// parameters are the prompt's arguments, in the order in which they are shown.
var parameters = []struct{ name, says string }{
	{"window", "7d, 30d (default), 90d, quarter, or YYYY-MM-DD..YYYY-MM-DD with the end exclusive"},
	{"detail", "summary (default) or full"},
	{"dimensions", "tier, cohort, region, channel or others that the feeds declare, by commas"},
	{"experiments", "ids or names, by commas (default all)"},
	{"alert_threshold", "as in redemption_rate<0.12, revenue:-10%"},
	{"as_of", "exclusive end day, YYYY-MM-DD"},
}

// longest bounds an argument of the prompt, in bytes.
const longest = 500

func addPrompt(s *server.MCPServer) {
	p := mcp.Prompt{Name: promptName, Title: "Monitor the loyalty program",
		Description: "Reviews the program in five stages and writes a plan: data pull, health, member insights, experiments, action plan"}
	for _, a := range parameters {
		p.Arguments = append(p.Arguments, mcp.PromptArgument{Name: a.name, Description: a.says})
	}
	s.AddPrompt(p, func(_ context.Context, request mcp.GetPromptRequest) (*mcp.GetPromptResult, error) {
		text, err := prompt(request.Params.Arguments)
		if err != nil {
			return nil, err
		}
		return mcp.NewGetPromptResult(p.Description, []mcp.PromptMessage{mcp.NewPromptMessage(mcp.RoleUser, mcp.NewTextContent(text))}), nil
	})
}

// prompt writes the prompt for its arguments.
func prompt(arguments map[string]string) (string, error) {
	var lines, names []string
	for _, a := range parameters {
		names = append(names, a.name)
		value := strings.TrimSpace(arguments[a.name])
		if value == "" {
			continue
		}
		if strings.ContainsAny(value, "\r\n`") || len(value) > longest {
			return "", fault.New(fault.Invalid, a.name, "is no value of one line").Then("Pass %s: %s", a.name, a.says)
		}
		lines = append(lines, fmt.Sprintf("- %s: `%s`", a.name, value))
	}
	for name := range arguments {
		known := false
		for _, n := range names {
			known = known || n == name
		}
		if !known {
			return "", fault.New(fault.Invalid, name, "is no argument of %s", promptName).OneOf(name, names)
		}
	}
	if len(lines) == 0 {
		lines = []string{"- none: leave them out, the server has defaults"}
	}
	return strings.Replace(promptText, "{{parameters}}", strings.Join(lines, "\n"), 1), nil
}
