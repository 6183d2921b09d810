package mcpserver

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"

	"loyaltymcp/tools"
	"loyaltymcp/warehouse"
)

// every is how often progress is sent at most.
const every = 250 * time.Millisecond

// withProgress sends the progress of a call to a client that asked for it: the
// queries that are done, and the stage of the pipeline. It is best effort: a
// notification that is lost means nothing.
func withProgress(ctx context.Context, request mcp.CallToolRequest, tool string) context.Context {
	if request.Params.Meta == nil || request.Params.Meta.ProgressToken == nil {
		return ctx
	}
	token, s := request.Params.Meta.ProgressToken, server.ServerFromContext(ctx)
	if s == nil {
		return ctx
	}
	p := &progress{stage: tool, send: func(done int, says string) {
		_ = s.SendNotificationToClient(ctx, "notifications/progress", map[string]any{"progressToken": token, "progress": done, "message": says})
	}}
	ctx = tools.WithProgress(ctx, func(done, total int, what string) {
		p.enter(fmt.Sprintf("%s (%d of %d stages done)", what, done, total))
	})
	return warehouse.Observe(ctx, p.query)
}

// progress counts the queries of a call. Its number only grows, as the protocol
// asks, and how many there will be is not known.
type progress struct {
	mu    sync.Mutex
	stage string
	done  int
	sent  int
	last  time.Time
	send  func(done int, says string)
}

func (p *progress) enter(stage string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.stage = stage
	p.done++
	p.tell(stage, true)
}

func (p *progress) query(e warehouse.Event) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if e.Done {
		p.done++
	}
	p.tell(fmt.Sprintf("%s: %s", p.stage, e.Query), false)
}

// tell sends what there is, unless it has been sent or something was a moment ago.
func (p *progress) tell(says string, now bool) {
	if p.done == p.sent || !now && time.Since(p.last) < every {
		return
	}
	p.sent, p.last = p.done, time.Now()
	p.send(p.done, says)
}
