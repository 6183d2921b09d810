package main

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"slices"

	"loyaltymcp/internal/fault"
	"loyaltymcp/schemas"
	"loyaltymcp/tools"
	"loyaltymcp/tools/toolset"
)

// callCommand calls one tool and prints exactly the structured result that an
// agent would get.
func callCommand(ctx context.Context, t *terminal, args []string) error {
	flags := flag.NewFlagSet("call", flag.ContinueOnError)
	var s source
	s.flags(flags)
	words, args := leading(args)
	rest, err := parse(t, flags, args, 2-min(2, len(words)))
	if err != nil {
		return err
	}
	words = append(words, rest...)
	if len(words) == 0 || len(words) > 2 {
		return fault.New(fault.Invalid, "arguments", "call takes a tool and its arguments").
			Then("For instance: loyalty-mcp call pull_metrics '{\"window\":\"30d\"}'")
	}
	var arguments json.RawMessage
	if len(words) == 2 {
		arguments = json.RawMessage(words[1])
	}
	result, err := call(ctx, &s, words[0], arguments)
	if err != nil {
		return err
	}
	return printJSON(t, result.JSON)
}

// leading splits off the words that stand before the flags.
func leading(args []string) (words, flags []string) {
	for len(args) > 0 && len(args[0]) > 0 && args[0][0] != '-' {
		words, args = append(words, args[0]), args[1:]
	}
	return words, args
}

// call opens the desk and calls a tool by name.
func call(ctx context.Context, s *source, name string, arguments json.RawMessage) (tools.Result, error) {
	set, err := schemas.Load()
	if err != nil {
		return tools.Result{}, err
	}
	open, closeDesk := s.opener(set)
	defer closeDesk()
	all, err := toolset.New(set, open)
	if err != nil {
		return tools.Result{}, err
	}
	i := slices.IndexFunc(all, func(t tools.Tool) bool { return t.Name == name })
	if i < 0 {
		names := make([]string, len(all))
		for n, t := range all {
			names[n] = t.Name
		}
		return tools.Result{}, fault.New(fault.Invalid, "tool", "there is no tool %q", name).OneOf(name, names)
	}
	return all[i].Call(ctx, arguments)
}

func printJSON(t *terminal, raw []byte) error {
	var b bytes.Buffer
	if err := json.Indent(&b, raw, "", "  "); err != nil {
		return err
	}
	_, err := fmt.Fprintln(t.out, b.String())
	return err
}
