package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"loyaltymcp/internal/fault"
	"loyaltymcp/schemas"
	"loyaltymcp/warehouse/demo"
	"loyaltymcp/warehouse/duckdb"
	"loyaltymcp/warehouse/open"
)

// demoCommand writes the demo program's data with its loyalty.yaml, as a
// pattern for mapping one's own, and with truth.json, for tests of an
// analysis.
func demoCommand(ctx context.Context, t *terminal, args []string) error {
	flags := flag.NewFlagSet("demo", flag.ContinueOnError)
	options := demo.Defaults()
	out := flags.String("out", "", "`place` to write to: a folder, empty or new; a new FILE.duckdb; or the postgres:// URL of a database for new tables")
	format := flags.String("format", "", "`format` in a folder: csv (default), parquet or duckdb")
	plant := flags.String("plant", "", "JSON `file` of faults and experiments to plant")
	truth := flags.String("truth", "", "`file` for the true parameters (default truth.json beside the data; with a database none, and with one its loyalty.yaml comes beside it)")
	flags.IntVar(&options.Members, "members", options.Members, "how many `members`")
	flags.Uint64Var(&options.Seed, "seed", options.Seed, "`seed` of the generator; the same seed gives the same data")
	if _, err := parse(t, flags, args, 0); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			fmt.Fprint(t.err, "\n", demo.Usage())
		}
		return err
	}
	if options.Members < 1 || options.Members > 5_000_000 {
		return fault.New(fault.Invalid, "--members", "%d is out of range", options.Members).Then("Choose 1 to 5000000")
	}
	set, err := schemas.Load()
	if err != nil {
		return err
	}
	if options.Plant, err = readPlant(*plant, set); err != nil {
		return err
	}
	to, err := destination(*out, *format, *truth, options.Plant != nil)
	if err != nil {
		return err
	}
	return to.write(ctx, t, options, set)
}

func readPlant(file string, set *schemas.Set) (*demo.Plant, error) {
	if file == "" {
		return nil, nil
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, fault.New(fault.Invalid, "--plant", "%s can't be read", file).Because(err).
			Then("Name a JSON file; loyalty-mcp demo --help shows one")
	}
	return demo.ReadPlant(filepath.Base(file), text, set)
}

// output is where a demo program goes.
type output struct {
	place  string // folder, file or URL
	format string // csv, parquet, duckdb or postgres
	folder bool   // place is a folder
	truth  string // file, "" for none
}

// destination reads the flags that say where to write. Nothing that is there
// is ever overwritten.
func destination(out, format, truth string, planted bool) (output, error) {
	o := output{place: out, format: format, truth: truth}
	formats := []string{"csv", "parquet", "duckdb"}
	switch {
	case out == "":
		return o, fault.New(fault.Invalid, "--out", "is missing").Then("Name a folder: loyalty-mcp demo --out demo")
	case open.IsPostgres(out):
		if format != "" {
			return o, fault.New(fault.Invalid, "--format", "doesn't go with a database").Then("Leave it out")
		}
		if truth == "" && planted {
			return o, fault.New(fault.Invalid, "--truth", "is missing").
				Then("Name a file for what was planted, as a database has no place for it: --truth truth.json")
		}
		o.format = "postgres"
	case strings.HasSuffix(out, ".duckdb"):
		if format != "" && format != "duckdb" {
			return o, fault.New(fault.Invalid, "--format", "%q doesn't go with a .duckdb file", format).Then("Leave it out, or name a folder with --out")
		}
		o.format = "duckdb"
		if o.truth == "" {
			o.truth = filepath.Join(filepath.Dir(out), "truth.json")
		}
		if err := unused("--out", out); err != nil {
			return o, err
		}
	case format == "" || format == "csv" || format == "parquet" || format == "duckdb":
		o.folder = true
		if format == "" {
			o.format = "csv"
		}
		if err := emptyFolder(out); err != nil {
			return o, err
		}
	default:
		return o, fault.New(fault.Invalid, "--format", "%q is no format", format).OneOf(format, formats)
	}
	if o.truth == "" {
		return o, nil
	}
	if o.format == "postgres" {
		if err := unused("--truth", o.beside()); err != nil {
			return o, err
		}
	}
	return o, unused("--truth", o.truth)
}

// beside is the loyalty.yaml of a database, which has no place for it: in the
// folder of truth.json.
func (o output) beside() string { return filepath.Join(filepath.Dir(o.truth), "loyalty.yaml") }

func emptyFolder(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return fault.New(fault.Invalid, "--out", "%s is no folder", dir).Because(err)
	}
	if len(entries) > 0 {
		return fault.New(fault.Invalid, "--out", "%s is not empty", dir).Then("Name a new folder; nothing is overwritten")
	}
	return nil
}

// unused refuses a file that is there already.
func unused(flag, file string) error {
	if _, err := os.Lstat(file); err == nil {
		return fault.New(fault.Invalid, flag, "there is a file %s already", file).Then("Name another one with %s; nothing is overwritten", flag)
	}
	return nil
}

// write generates the program and says what to do with it.
func (o output) write(ctx context.Context, t *terminal, options demo.Options, set *schemas.Set) error {
	var truth demo.Truth
	var err error
	next := ""
	switch {
	case o.folder:
		next = filepath.Join(o.place, "loyalty.yaml")
		return o.writeFolder(ctx, t, options, set, next)
	case o.format == "duckdb":
		if err := os.MkdirAll(filepath.Dir(o.place), 0o755); err != nil {
			return fault.New(fault.Invalid, "--out", "the folder of %s can't be made", o.place).Because(err)
		}
		if truth, err = duckdb.CreateDemo(ctx, o.place, options); err != nil {
			return err
		}
		config := strings.TrimSuffix(o.place, ".duckdb") + ".yaml"
		if err := unused("--out", config); err == nil {
			if err := os.WriteFile(config, demo.ConfigFor("duckdb:"+filepath.Base(o.place)), 0o644); err != nil {
				return err
			}
		}
		next = config
	default:
		if o.truth != "" {
			if err := os.MkdirAll(filepath.Dir(o.truth), 0o755); err != nil {
				return fault.New(fault.Invalid, "--truth", "the folder of %s can't be made", o.truth).Because(err)
			}
		}
		if truth, err = open.CreateDemo(ctx, o.place, options); err != nil {
			return err
		}
	}
	if o.truth != "" {
		if err := writeTruth(o.truth, truth, set); err != nil {
			return err
		}
	}
	if o.format == "postgres" {
		return o.finishDatabase(t, options)
	}
	return o.say(t, options, next)
}

// finishDatabase writes the loyalty.yaml of a database beside truth.json, if
// there is one, and says what comes next. It writes and shows no password.
func (o output) finishDatabase(t *terminal, options demo.Options) error {
	from, err := originOf(o.place, "-")
	if err != nil {
		return err
	}
	next := "loyalty-mcp init --from " + shellWord(from.shown)
	if o.truth != "" {
		if err := os.WriteFile(o.beside(), demo.ConfigFor(from.written), 0o644); err != nil {
			return err
		}
		next = "loyalty-mcp monitor --config " + shellWord(o.beside())
	}
	note := ""
	if u, err := url.Parse(o.place); err == nil {
		if _, has := u.User.Password(); has || u.Query().Has("password") {
			note = "The password is written nowhere: have it in PGPASSWORD or a password file.\n"
		}
	}
	_, err = fmt.Fprintf(t.out, "Wrote the demo program (%d members) to the database.\n%sNext: %s\n", options.Members, note, next)
	return err
}

// shellWord quotes a text that a shell would take apart.
func shellWord(text string) string {
	if !strings.ContainsAny(text, " \t'\"\\$&;|<>()*?[]#~`!{}%") {
		return text
	}
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}

// writeFolder generates into a folder beside the one asked for and renames it,
// so that an interrupted run leaves nothing half done.
func (o output) writeFolder(ctx context.Context, t *terminal, options demo.Options, set *schemas.Set, next string) error {
	place := filepath.Clean(o.place)
	if err := os.MkdirAll(filepath.Dir(place), 0o755); err != nil {
		return fault.New(fault.Invalid, "--out", "%s can't be made", place).Because(err)
	}
	temp, err := os.MkdirTemp(filepath.Dir(place), "."+filepath.Base(place)+".*")
	if err != nil {
		return fault.New(fault.Invalid, "--out", "%s can't be made", place).Because(err)
	}
	defer os.RemoveAll(temp)
	truth, err := o.generate(ctx, temp, options)
	if err != nil {
		return err
	}
	at := o.truth
	if at == "" {
		at = filepath.Join(temp, "truth.json")
	}
	if err := writeTruth(at, truth, set); err != nil {
		return err
	}
	url := "duckdb:."
	if o.format == "duckdb" {
		url = "duckdb:demo.duckdb"
	}
	if err := os.WriteFile(filepath.Join(temp, "loyalty.yaml"), demo.ConfigFor(url), 0o644); err != nil {
		return err
	}
	if err := os.Chmod(temp, 0o755); err != nil {
		return err
	}
	if err := os.Remove(place); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fault.New(fault.Invalid, "--out", "%s can't be replaced", place).Because(err)
	}
	if err := os.Rename(temp, place); err != nil {
		return err
	}
	return o.say(t, options, next)
}

func (o output) generate(ctx context.Context, dir string, options demo.Options) (demo.Truth, error) {
	switch o.format {
	case "parquet":
		return duckdb.CreateDemoParquet(ctx, dir, options)
	case "duckdb":
		return duckdb.CreateDemo(ctx, filepath.Join(dir, "demo.duckdb"), options)
	}
	sink, err := demo.NewCSV(dir, options.Tables()...)
	if err != nil {
		return demo.Truth{}, err
	}
	truth, err := demo.GenerateSpread(ctx, options, sink)
	return truth, errors.Join(err, sink.Close())
}

func (o output) say(t *terminal, options demo.Options, next string) error {
	_, err := fmt.Fprintf(t.out, "Wrote the demo program (%d members) to %s.\nNext: loyalty-mcp monitor --config %s\n", options.Members, o.place, next)
	return err
}

// writeTruth writes the true parameters, held to their schema: tests trust
// them.
func writeTruth(file string, truth demo.Truth, set *schemas.Set) error {
	text, err := json.MarshalIndent(truth, "", "  ")
	if err != nil {
		return err
	}
	value, err := schemas.Decode(text)
	if err != nil {
		return err
	}
	schema, ok := set.Get("truth")
	if !ok {
		return errors.New("no schema named truth")
	}
	if err := schema.Check(fault.Internal, "truth", value); err != nil {
		return err
	}
	return os.WriteFile(file, append(text, '\n'), 0o644)
}
