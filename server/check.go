package main

import (
	"context"
	"flag"

	"loyaltymcp/schemas"
	"loyaltymcp/server/report"
	"loyaltymcp/tools/checkfeeds"
)

// checkCommand checks the feeds and prints what it finds.
func checkCommand(ctx context.Context, t *terminal, args []string) error {
	flags := flag.NewFlagSet("check", flag.ContinueOnError)
	var s source
	s.flags(flags)
	asJSON := flags.Bool("json", false, "print the structured result instead of the report")
	if _, err := parse(t, flags, args, 0); err != nil {
		return err
	}
	if *asJSON {
		result, err := call(ctx, &s, "check_feeds", nil)
		if err != nil {
			return err
		}
		return printJSON(t, result.JSON)
	}
	set, err := schemas.Load()
	if err != nil {
		return err
	}
	ctx, done := withProgress(ctx, t)
	open, closeDesk := s.opener(set)
	defer closeDesk()
	d, err := open(ctx)
	if err != nil {
		done()
		return err
	}
	result, err := checkfeeds.Check(ctx, d)
	done()
	if err != nil {
		return err
	}
	return report.Feeds(t.out, result)
}
