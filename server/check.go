package main

import (
	"context"
	"encoding/json"
	"flag"

	"loyaltymcp/internal/fault"
	"loyaltymcp/schemas"
	"loyaltymcp/server/report"
	"loyaltymcp/tools/checkfeeds"
)

// checkCommand checks the feeds and prints what it finds. Its exit status is 1
// when there are errors, so that a script can stop before figures are made;
// warnings leave it at 0.
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
		var found checkfeeds.Result
		if err := json.Unmarshal(result.JSON, &found); err != nil {
			return err
		}
		if err := printJSON(t, result.JSON); err != nil {
			return err
		}
		return verdict(&found)
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
	if err := report.Feeds(t.out, result, d.Store.SaltFile()); err != nil {
		return err
	}
	return verdict(result)
}

// verdict is an error when the data have some.
func verdict(r *checkfeeds.Result) error {
	n := r.Count(checkfeeds.Error)
	switch {
	case n == 0:
		return nil
	case n == 1:
		return fault.New(fault.Unavailable, "check", "the data have an error that makes figures wrong").Then("Mend it first; warnings alone would leave the exit status at 0")
	}
	return fault.New(fault.Unavailable, "check", "the data have %d errors that make figures wrong", n).Then("Mend them first; warnings alone would leave the exit status at 0")
}
