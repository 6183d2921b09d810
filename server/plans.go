package main

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"text/tabwriter"
	"time"

	"loyaltymcp/internal/fault"
	"loyaltymcp/schemas"
	"loyaltymcp/server/report"
	"loyaltymcp/tools/writeplan"
)

// plansCommand lists the plans of a folder, shows one with its history, or prints
// the schema of them all.
func plansCommand(_ context.Context, t *terminal, args []string) error {
	flags := flag.NewFlagSet("plans", flag.ContinueOnError)
	var dir string
	plansFlag(flags, &dir)
	revision := flags.Int("revision", 0, "show this `revision` of the plan instead of the newest")
	asJSON := flags.Bool("json", false, "print the plan as it is kept")
	schema := flags.Bool("schema", false, "print the JSON Schema of plans, to be used alone")
	words, args := leading(args)
	rest, err := parse(t, flags, args, 1-min(1, len(words)))
	if err != nil {
		return err
	}
	if words = append(words, rest...); len(words) > 1 {
		return fault.New(fault.Invalid, "arguments", "%q is not expected here", words[1]).Then("plans takes one plan id, or none to list them all")
	}
	set, err := schemas.Load()
	if err != nil {
		return err
	}
	folder, err := writeplan.NewFolder(dir, set)
	if err != nil {
		return err
	}
	switch {
	case *schema:
		plan, ok := set.Get("plan")
		if !ok {
			return fmt.Errorf("there is no schema of plans")
		}
		return printJSON(t, plan.Alone())
	case len(words) == 0:
		if *revision != 0 || *asJSON {
			return fault.New(fault.Invalid, "arguments", "name a plan to show").Then("For instance: loyalty-mcp plans plan-20260701-093000 --revision 1")
		}
		return listPlans(t, folder)
	}
	p, err := folder.Read(words[0])
	if err == nil && *revision != 0 {
		p, err = folder.ReadRevision(words[0], *revision)
	}
	if err != nil {
		return err
	}
	if *revision == 0 {
		p.Review = p.Inspect(time.Now(), p.Sealed()) // as of now
	}
	if *asJSON {
		raw, err := json.Marshal(p)
		if err != nil {
			return err
		}
		return printJSON(t, raw)
	}
	revisions, err := folder.Revisions(words[0])
	if err != nil {
		return err
	}
	return report.WritePlan(t.out, p, revisions)
}

// listPlans prints the plans, newest first. A file that is no valid plan is listed
// with what is wrong with it.
func listPlans(t *terminal, folder *writeplan.Folder) error {
	ids, err := folder.IDs()
	if err != nil {
		return err
	}
	if len(ids) == 0 {
		_, err := fmt.Fprintf(t.out, "There is no plan in %s yet. loyalty-mcp monitor writes one.\n", folder.Dir())
		return err
	}
	var out bytes.Buffer
	w := tabwriter.NewWriter(&out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "plan\tas of\trevision\tstatus\titems\talerts\topen escalations\tprogram")
	for _, id := range ids {
		p, err := folder.Read(id)
		if err != nil {
			fmt.Fprintf(w, "%s\t\t\tno valid plan: %.60s\n", id, err)
			continue
		}
		// As of now: what was fresh when it was written may not be any more.
		status := p.Status + ", " + p.Inspect(time.Now(), p.Sealed()).Distribution
		open := 0
		for _, e := range p.Escalations {
			if e.ClosedAt == nil {
				open++
			}
		}
		fmt.Fprintf(w, "%s\t%s\t%d\t%s\t%d\t%d\t%d\t%s\n", id, p.Run.AsOf, p.Revision, status, len(p.Backlog), len(p.Alerts), open, p.Program)
	}
	w.Flush() // a bytes.Buffer never fails
	_, err = t.out.Write(out.Bytes())
	return err
}
