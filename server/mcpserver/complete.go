package mcpserver

import (
	"context"
	"slices"
	"strings"

	"github.com/mark3labs/mcp-go/mcp"

	"loyaltymcp/tools/reviewexperiments"
	"loyaltymcp/tools/run"
	"loyaltymcp/warehouse"
)

// completer offers values for the arguments of the prompt and of the resources. What
// it can't find out it doesn't offer: completion is a help and never an error.
type completer struct{ Deps }

// CompletePromptArgument implements server.PromptCompletionProvider. An argument of
// several values is completed at its last one.
func (c completer) CompletePromptArgument(ctx context.Context, _ string, argument mcp.CompleteArgument, _ mcp.CompleteContext) (*mcp.Completion, error) {
	before, last := "", argument.Value
	if i := strings.LastIndexByte(argument.Value, ','); i >= 0 {
		before, last = argument.Value[:i+1], strings.TrimLeft(argument.Value[i+1:], " ")
	}
	var values []string
	switch argument.Name {
	case "window":
		return offer("", argument.Value, []string{"7d", "30d", "90d", "quarter"}), nil
	case "detail":
		return offer("", argument.Value, []string{run.Summary, run.Full}), nil
	case "dimensions":
		values = c.dimensions(ctx)
	case "experiments":
		values = c.experiments(ctx)
	case "alert_threshold":
		values = c.metrics(ctx)
	}
	return offer(before, last, values), nil
}

// CompleteResourceArgument implements server.ResourceCompletionProvider.
func (c completer) CompleteResourceArgument(ctx context.Context, uri string, argument mcp.CompleteArgument, _ mcp.CompleteContext) (*mcp.Completion, error) {
	var values []string
	switch argument.Name {
	case "name":
		values = c.Schemas.Names()
	case "id":
		values = c.metrics(ctx)
	case "stage":
		values = append(run.Stages(), dashboard)
	case "run_id":
		if d, err := c.Open(ctx); err == nil {
			values = d.Store.Recent(mostOffered)
		}
	case "plan_id":
		if folder, err := resources(c).folder(ctx); err == nil {
			values, _ = folder.IDs()
		}
	}
	return offer("", argument.Value, values), nil
}

// mostOffered is how many values the protocol lets a completion hold.
const mostOffered = 100

// offer returns the values that begin as what was typed, with what stands before.
func offer(before, typed string, values []string) *mcp.Completion {
	out := &mcp.Completion{Values: []string{}}
	for _, v := range values {
		if !strings.HasPrefix(strings.ToLower(v), strings.ToLower(typed)) {
			continue
		}
		if out.Total++; len(out.Values) < mostOffered {
			out.Values = append(out.Values, before+v)
		}
	}
	out.HasMore = out.Total > len(out.Values)
	return out
}

func (c completer) metrics(ctx context.Context) (ids []string) {
	d, err := c.Open(ctx)
	if err != nil {
		return nil
	}
	for _, m := range d.Metrics {
		ids = append(ids, m.ID)
	}
	slices.Sort(ids)
	return ids
}

func (c completer) dimensions(ctx context.Context) []string {
	return look(ctx, c.Deps, func(ctx context.Context, _ *run.Desk, s *warehouse.Snapshot) ([]string, error) {
		return s.Dimensions(), nil
	})
}

func (c completer) experiments(ctx context.Context) []string {
	return look(ctx, c.Deps, reviewexperiments.IDs)
}

// look asks the data, and answers nothing where they can't be asked.
func look(ctx context.Context, d Deps, ask func(context.Context, *run.Desk, *warehouse.Snapshot) ([]string, error)) []string {
	desk, err := d.Open(ctx)
	if err != nil {
		return nil
	}
	s, err := desk.Source.Snapshot(ctx)
	if err != nil {
		return nil
	}
	defer s.Close()
	values, err := ask(ctx, desk, s)
	if err != nil {
		return nil
	}
	return values
}
