package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"

	"loyaltymcp/internal/fault"
	"loyaltymcp/schemas"
	"loyaltymcp/tools/writeplan"
)

// planCommand checks a plan file: its schema, and that its parts fit one another.
func planCommand(_ context.Context, t *terminal, args []string) error {
	flags := flag.NewFlagSet("plan", flag.ContinueOnError)
	words, err := parse(t, flags, args, 1)
	if err != nil {
		return err
	}
	if len(words) == 0 {
		return fault.New(fault.Invalid, "arguments", "plan takes a file").Then("For instance: loyalty-mcp plan .claude/plans/plan-20260701-093000.json")
	}
	set, err := schemas.Load()
	if err != nil {
		return err
	}
	text, err := os.ReadFile(words[0])
	if err != nil {
		return fault.New(fault.Invalid, "file", "%s can't be read", words[0]).Because(err)
	}
	folder, err := writeplan.NewFolder(filepath.Dir(words[0]), set)
	if err != nil {
		return err
	}
	p, err := folder.Parse(filepath.Base(words[0]), text)
	if err != nil {
		return err
	}
	if !p.Sealed() {
		fmt.Fprintln(t.err, "loyalty-mcp: it is not as the tools wrote it: it was changed by hand, or written by an older version, so nobody has held its figures against a run")
	}
	_, err = fmt.Fprintf(t.out, "%s is valid: %s, as of %s, %s, %d backlog items, %d alerts, %d escalations\n",
		p.ID, p.Program, p.Run.AsOf, p.Status, len(p.Backlog), len(p.Alerts), len(p.Escalations))
	return err
}
