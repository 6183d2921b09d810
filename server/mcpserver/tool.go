package mcpserver

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"log/slog"
	"maps"
	"strings"
	"time"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"

	"loyaltymcp/internal/fault"
	"loyaltymcp/tools"
)

// publish returns the tool as tools/list shows it: a literal, because the
// library's constructor sets schemas of its own beside raw ones.
func publish(t tools.Tool) mcp.Tool {
	out := mcp.Tool{
		Name: t.Name, Title: t.Title, Description: strings.TrimSpace(t.Description),
		RawInputSchema: t.Input, RawOutputSchema: t.Output,
		Annotations: mcp.ToolAnnotation{
			ReadOnlyHint:    &t.Hints.ReadOnly,
			DestructiveHint: &t.Hints.Destructive,
			IdempotentHint:  &t.Hints.Idempotent,
			OpenWorldHint:   &t.Hints.OpenWorld,
		},
	}
	meta := map[string]any{}
	if t.Hints.Person {
		meta["anthropic/requiresUserInteraction"] = true
	}
	if hasApp(t.Name) {
		maps.Copy(meta, appMeta())
	}
	if len(meta) > 0 {
		out.Meta = mcp.NewMetaFromMap(meta)
	}
	return out
}

// handle returns the tool's handler. Only cancellation leaves as a Go error:
// every other failure is a tool result that the model can read.
func handle(t tools.Tool, log *slog.Logger) server.ToolHandlerFunc {
	return func(ctx context.Context, request mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		started := time.Now()
		arguments, err := rawArguments(request)
		if err == nil {
			var result tools.Result
			result, err = t.Call(answered(withProgress(ctx, request, t.Name), request), arguments)
			if err == nil {
				log.Info("tool call", "tool", t.Name, "seconds", time.Since(started).Seconds(), "bytes", len(result.JSON))
				return answer(result), nil
			}
		}
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		var choice *tools.Choice
		if errors.As(err, &choice) {
			if question := ask(ctx, request, choice); question != nil {
				return question, nil
			}
			return mcp.NewToolResultError(choice.Error()), nil
		}
		kind := fault.KindOf(err)
		log.Warn("tool call failed", "tool", t.Name, "kind", kind)
		if kind == fault.Internal {
			log.Error("internal error", "tool", t.Name, "error", err)
			if s := server.ServerFromContext(ctx); s != nil {
				// Best effort, as all notifications are.
				_ = s.SendLogMessageToClient(ctx, mcp.NewLoggingMessageNotification(mcp.LoggingLevelError, Name, t.Name+" failed internally; the server's log on standard error says more"))
			}
		}
		return mcp.NewToolResultError(tools.Explain(err)), nil
	}
}

// answer is a result as the protocol has it: the structure, the same in words, and
// what is attached.
func answer(result tools.Result) *mcp.CallToolResult {
	out := mcp.NewToolResultStructured(result.JSON, result.Text)
	for _, p := range result.Pictures {
		out.Content = append(out.Content, mcp.NewImageContent(base64.StdEncoding.EncodeToString(p.PNG), "image/png"))
	}
	for _, l := range result.Links {
		out.Content = append(out.Content, mcp.NewResourceLink(l.URI, l.Name, "", l.MIME))
	}
	return out
}

// rawArguments returns the arguments as they were sent, so that a number keeps
// the digits it was written with.
func rawArguments(request mcp.CallToolRequest) (json.RawMessage, error) {
	if len(request.Params.RawArguments) > 0 {
		return request.Params.RawArguments, nil
	}
	if request.Params.Arguments == nil {
		return nil, nil
	}
	raw, err := json.Marshal(request.Params.Arguments)
	if err != nil {
		return nil, fault.New(fault.Invalid, "arguments", "can't be read").Because(err)
	}
	return raw, nil
}
