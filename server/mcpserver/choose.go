package mcpserver

import (
	"context"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"

	"loyaltymcp/tools"
)

// ProgramChoice is the one choice that a call can need: which of several programs.
const ProgramChoice = "program"

// answered puts what the user chose into the context.
func answered(ctx context.Context, request mcp.CallToolRequest) context.Context {
	got := server.ElicitationResponse(request.Params.InputResponses, ProgramChoice)
	if got == nil || got.Action != mcp.ElicitationResponseActionAccept {
		return ctx
	}
	content, _ := got.Content.(map[string]any)
	choice, _ := content[ProgramChoice].(string)
	return tools.WithAnswer(ctx, ProgramChoice, choice)
}

// ask returns a result that asks the user, nil where the client can't ask or has
// asked already.
func ask(ctx context.Context, request mcp.CallToolRequest, c *tools.Choice) *mcp.CallToolResult {
	if _, asked := server.InputResponse(request.Params.InputResponses, c.ID); asked || !canAsk(ctx) {
		return nil
	}
	return server.NewInputRequestBuilder("").Elicit(c.ID, mcp.ElicitationParams{
		Message: c.Message,
		RequestedSchema: map[string]any{
			"type": "object", "required": []string{c.ID},
			"properties": map[string]any{c.ID: map[string]any{"type": "string", "title": "Program", "enum": c.Options}},
		},
	}).ToolResult()
}

// canAsk reports whether the client takes questions for its user.
func canAsk(ctx context.Context) bool {
	if info := server.RequestProtocolInfoFromContext(ctx); info != nil && info.Modern {
		return info.ClientCapabilities.Elicitation != nil
	}
	session, ok := server.ClientSessionFromContext(ctx).(server.SessionWithClientInfo)
	return ok && session.GetClientCapabilities().Elicitation != nil
}
