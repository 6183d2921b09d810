// Command loyalty-mcp monitors a loyalty program: as an MCP server for agents
// (serve), and from the command line (monitor, call, check). Each command has
// a file of its own; this one picks it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	_ "time/tzdata" // time zones, where the system has none

	"loyaltymcp/internal/fault"
	"loyaltymcp/tools"
)

// version is the program's version; plans and runs record it.
const version = "0.1.0"

// command is one subcommand.
type command struct {
	name, summary string
	run           func(context.Context, *terminal, []string) error
}

// terminal is where a command reads and writes.
type terminal struct {
	in       io.Reader
	out, err io.Writer
}

func commands() []command {
	return []command{
		{"monitor", "run the whole pipeline and print a report", monitorCommand},
		{"serve", "serve MCP over standard input and output, or over HTTP by --http ADDRESS", serveCommand},
		{"call", "call one tool: call TOOL '{\"window\":\"30d\"}'", callCommand},
		{"check", "check the data feeds", checkCommand},
		{"metrics", "list the KPIs, or explain one: metrics ID", metricsCommand},
		{"init", "propose a first loyalty.yaml: init --from URL", initCommand},
		{"sync", "copy the mapped feeds into the file that sync.file in loyalty.yaml names, which runs read instead (or --out FILE.duckdb)", syncCommand},
		{"demo", "write the demo program's data to a folder: demo --out DIR, with known faults by --plant FILE", demoCommand},
		{"plans", "list the plans; plans ID shows one with its history; plans --schema prints their JSON Schema", plansCommand},
		{"plan", "check a plan file: plan FILE", planCommand},
		{"version", "print the version", versionCommand},
	}
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := execute(ctx, &terminal{os.Stdin, os.Stdout, os.Stderr}, os.Args[1:])
	stop()
	os.Exit(code)
}

// execute runs a command line and returns its exit status: 0, or 1 with the
// reason on standard error.
func execute(ctx context.Context, t *terminal, args []string) int {
	if len(args) == 0 || slices.Contains([]string{"help", "-h", "-help", "--help"}, args[0]) {
		usage(t.err)
		if len(args) == 0 {
			return 1
		}
		return 0
	}
	all := commands()
	i := slices.IndexFunc(all, func(c command) bool { return c.name == args[0] })
	if i < 0 {
		names := make([]string, len(all))
		for n, c := range all {
			names[n] = c.name
		}
		fmt.Fprintln(t.err, "loyalty-mcp:", fault.New(fault.Invalid, "command", "there is no command %q", args[0]).OneOf(args[0], names))
		return 1
	}
	err := all[i].run(ctx, t, args[1:])
	if err == nil || errors.Is(err, flag.ErrHelp) {
		return 0
	}
	if fault.KindOf(err) == fault.Internal && ctx.Err() == nil {
		// A person at the terminal owns the machine: show them everything.
		fmt.Fprintln(t.err, "loyalty-mcp: internal error:", err)
		return 1
	}
	fmt.Fprintln(t.err, "loyalty-mcp:", tools.Explain(err))
	return 1
}

func usage(w io.Writer) {
	fmt.Fprint(w, "loyalty-mcp watches a loyalty program.\n\nCommands:\n")
	for _, c := range commands() {
		fmt.Fprintf(w, "  %-9s %s\n", c.name, c.summary)
	}
	fmt.Fprint(w, "\nTry it: loyalty-mcp monitor --demo. Flags of a command: loyalty-mcp COMMAND --help\n")
}

// parse reads a command's flags. It takes at most so many words besides them.
func parse(t *terminal, flags *flag.FlagSet, args []string, words int) ([]string, error) {
	// The flag package prints usage at every mistake; one line is enough.
	flags.SetOutput(io.Discard)
	flags.Usage = func() {}
	err := flags.Parse(args)
	if errors.Is(err, flag.ErrHelp) {
		flags.SetOutput(t.err)
		help(t.err, flags)
		return nil, err
	}
	if err != nil {
		var names []string
		flags.VisitAll(func(f *flag.Flag) { names = append(names, "--"+f.Name) })
		e := fault.New(fault.Invalid, "flags", "%s", err)
		if name, ok := strings.CutPrefix(err.Error(), "flag provided but not defined: "); ok {
			e = fault.New(fault.Invalid, "flags", "there is no flag -%s", name).OneOf("-"+name, names)
		}
		return nil, e
	}
	if flags.NArg() > words {
		return nil, fault.New(fault.Invalid, "arguments", "%q is not expected here", flags.Arg(words)).
			Then("Values of flags with spaces or commas need quotes: --dimensions \"tier,region\"")
	}
	return flags.Args(), nil
}

// help says what a command does and takes.
func help(w io.Writer, flags *flag.FlagSet) {
	takes := false
	flags.VisitAll(func(*flag.Flag) { takes = true })
	all := commands()
	if i := slices.IndexFunc(all, func(c command) bool { return c.name == flags.Name() }); i >= 0 {
		fmt.Fprintf(w, "loyalty-mcp %s: %s\n", flags.Name(), all[i].summary)
	}
	if !takes {
		fmt.Fprintln(w, "It takes no flags.")
		return
	}
	fmt.Fprintln(w, "Flags:")
	flags.PrintDefaults()
}

func versionCommand(_ context.Context, t *terminal, _ []string) error {
	fmt.Fprintln(t.out, "loyalty-mcp", version)
	return nil
}
