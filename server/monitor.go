package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"slices"
	"strings"
	"time"

	"loyaltymcp/internal/fault"
	"loyaltymcp/schemas"
	"loyaltymcp/server/report"
	"loyaltymcp/tools"
	"loyaltymcp/tools/monitor"
	"loyaltymcp/tools/renderdashboard"
	"loyaltymcp/tools/run"
	"loyaltymcp/tools/writeplan"
	"loyaltymcp/warehouse"
)

// waivers are --waive flags: STAGE=REASON.
type waivers []writeplan.Waiver

func (w *waivers) String() string { return "" }

func (w *waivers) Set(text string) error {
	stage, reason, ok := strings.Cut(text, "=")
	if !ok {
		return fmt.Errorf("want STAGE=REASON")
	}
	*w = append(*w, writeplan.Waiver{Stage: stage, Reason: reason})
	return nil
}

// monitorCommand runs the pipeline and prints a report, or with --json the
// result that an agent would get. Its flags are the slash command's.
func monitorCommand(ctx context.Context, t *terminal, args []string) error {
	flags := flag.NewFlagSet("monitor", flag.ContinueOnError)
	var s source
	s.flags(flags)
	arguments := map[string]any{}
	take := func(flagName, argument, usage string) {
		flags.Func(flagName, usage, func(text string) error { arguments[argument] = text; return nil })
	}
	take("window", "window", "`window`: 7d, 30d (default), 90d, quarter, or YYYY-MM-DD..YYYY-MM-DD with the end exclusive")
	take("detail", "detail", "`detail`: summary (default) or full")
	take("dimensions", "dimensions", "`dimensions` to break figures down by: tier, region, channel, cohort, or columns declared in the config")
	take("experiments", "experiments", "ids or names of `experiments` to review (default all)")
	take("alert-threshold", "alert_threshold", "`thresholds`, as in \"redemption_rate<0.12, churn_rate>5%, revenue:-10%\"")
	take("as-of", "as_of", "exclusive end `day` of the data to look at, YYYY-MM-DD")
	take("stages", "stages", "`stages` to run, by commas (default all); one alone makes no plan")
	var waived waivers
	flags.Var(&waived, "waive", "`STAGE=REASON` to go on without a stage that fails; may be repeated")
	asJSON := flags.Bool("json", false, "print the structured result instead of the report, and write no dashboard")
	show := flags.Bool("open", false, "open the dashboard when it is written")
	if _, err := parse(t, flags, args, 0); err != nil {
		return err
	}
	if *asJSON && *show {
		return fault.New(fault.Invalid, "arguments", "--json writes no dashboard that --open could open").Then("Leave one of them out")
	}
	if len(waived) > 0 {
		arguments["waivers"] = waived
	}
	raw, err := json.Marshal(arguments)
	if err != nil {
		return err
	}
	if *asJSON {
		ctx, done := withProgress(ctx, t)
		result, err := call(ctx, &s, monitor.Name, raw)
		done()
		if err != nil {
			return err
		}
		if err := printJSON(t, result.JSON); err != nil {
			return err
		}
		var got struct {
			Plan   json.RawMessage
			Stages []monitor.StageStatus
		}
		if err := json.Unmarshal(result.JSON, &got); err != nil {
			return err
		}
		if string(got.Plan) == "null" && slices.ContainsFunc(got.Stages, func(s monitor.StageStatus) bool { return s.Status == "failed" }) {
			return noPlan()
		}
		return nil
	}
	started := time.Now()
	r, page, err := runMonitor(ctx, t, &s, raw)
	if err != nil {
		return err
	}
	for _, s := range r.Stages {
		if s.Err != nil && fault.KindOf(s.Err) == fault.Internal {
			fmt.Fprintf(t.err, "loyalty-mcp: %s: internal error: %v\n", s.Stage, s.Err)
		}
	}
	if err := report.Write(t.out, r, time.Since(started)); err != nil {
		return err
	}
	if page != nil {
		if _, err := fmt.Fprintf(t.out, "Dashboard: %s\n", page.Path); err != nil {
			return err
		}
		if *show {
			if err := browse(page.Path); err != nil {
				fmt.Fprintf(t.err, "loyalty-mcp: the dashboard could not be opened: %v\n", err)
			}
		}
	}
	if r.Plan == nil && (r.Alone == "" || slices.ContainsFunc(r.Stages, func(s monitor.StageStatus) bool { return s.Status == "failed" })) {
		return noPlan()
	}
	return nil
}

func noPlan() error {
	return fault.New(fault.Unavailable, "plan", "no plan was written, because a stage failed").
		Then("Mend the cause named above, or pass --waive STAGE=REASON")
}

// runMonitor runs the pipeline with a progress line, and writes the dashboard of
// a run that has a plan. A dashboard that fails leaves the report as it is.
func runMonitor(ctx context.Context, t *terminal, s *source, raw json.RawMessage) (*monitor.Report, *renderdashboard.Result, error) {
	set, err := schemas.Load()
	if err != nil {
		return nil, nil, err
	}
	input, ok := set.Get(monitor.Name + ".input")
	if !ok {
		return nil, nil, fmt.Errorf("no schema for the arguments of %s", monitor.Name)
	}
	var args monitor.Args
	if err := tools.Decode(input, raw, &args); err != nil {
		return nil, nil, err
	}
	ctx, done := withProgress(ctx, t)
	defer done()
	open, closeDesk := s.opener(set)
	defer closeDesk()
	ctx, _ = warehouse.Patient(ctx) // connecting draws on the run's retries
	d, err := open(ctx)
	if err != nil {
		return nil, nil, err
	}
	r, err := monitor.Run(ctx, d, set, args, tools.Progress(ctx, len(run.Stages())+1))
	if err != nil || r.Plan == nil {
		return r, nil, err
	}
	page, err := renderdashboard.Do(d, set, r.Run.ID)
	if err != nil {
		fmt.Fprintf(t.err, "loyalty-mcp: no dashboard was written: %s\n", tools.Explain(err))
		return r, nil, nil
	}
	return r, page, nil
}
