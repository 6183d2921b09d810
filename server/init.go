package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"loyaltymcp/internal/fault"
	"loyaltymcp/server/report"
	"loyaltymcp/warehouse"
	"loyaltymcp/warehouse/open"
	"loyaltymcp/warehouse/propose"
)

// initCommand writes a first loyalty.yaml by looking at a database's or
// folder's tables. It never overwrites a file.
func initCommand(ctx context.Context, t *terminal, args []string) error {
	flags := flag.NewFlagSet("init", flag.ContinueOnError)
	var from, out string
	var o propose.Options
	flags.StringVar(&from, "from", "", "`URL` of the data: a folder, duckdb:PATH, or postgres://user@host/database")
	flags.StringVar(&from, "warehouse", "", "the same as --from `URL`")
	flags.StringVar(&out, "out", "loyalty.yaml", "`file` to write, a new one; - prints it")
	flags.StringVar(&o.Name, "name", "", "the program's `name`")
	flags.StringVar(&o.Currency, "currency", "", "the program's currency, a `code` such as EUR")
	flags.StringVar(&o.TimeZone, "time-zone", "", "the program's time `zone`, such as Europe/Berlin")
	if _, err := parse(t, flags, args, 0); err != nil {
		return err
	}
	if err := checkOptions(&o); err != nil {
		return err
	}
	if _, err := os.Lstat(out); out != "-" && err == nil {
		return overwrites(out)
	}
	origin, err := originOf(from, out)
	if err != nil {
		return err
	}
	o.Warehouse, o.Source = origin.written, origin.shown
	ctx, done := withProgress(ctx, t)
	i, err := startInit(ctx, origin)
	if err != nil {
		done()
		return err
	}
	defer i.engine.Close()
	text, result, err := i.run(ctx, o)
	done()
	if err != nil {
		return err
	}
	says := report.Proposal{Proposal: i.proposal, Tables: len(i.tables), Source: o.Source, Options: o, Check: result, Problem: i.problem, File: out}
	if out == "-" {
		if _, err := t.out.Write(text); err != nil {
			return err
		}
		return says.Write(t.err)
	}
	if err := writeNew(out, text); err != nil {
		return err
	}
	return says.Write(t.out)
}

var currencyForm = regexp.MustCompile(`^[A-Z]{3}$`)

func checkOptions(o *propose.Options) error {
	if o.Currency != "" && !currencyForm.MatchString(o.Currency) {
		return fault.New(fault.Invalid, "--currency", "%q is no currency code", o.Currency).Then("Write three capitals, such as EUR")
	}
	if _, err := time.LoadLocation(o.TimeZone); err != nil || o.TimeZone == "Local" {
		return fault.New(fault.Invalid, "--time-zone", "%q is no IANA time zone", o.TimeZone).Then("Write one such as Europe/Berlin or UTC")
	}
	if len([]rune(o.Name)) > 80 {
		return fault.New(fault.Invalid, "--name", "is longer than 80 characters")
	}
	return nil
}

// origin is where the data are: as opened, as the file names it, and as
// people see it. Only the first may hold a password.
type origin struct{ opened, written, shown string }

// originOf reads the URL. A path on the command line counts from the working
// folder; in the file it counts from the file's.
func originOf(from, out string) (origin, error) {
	if from == "" {
		return origin{}, fault.New(fault.Invalid, "--from", "is missing").
			Then("Name the data: loyalty-mcp init --from FOLDER, --from duckdb:FILE or --from postgres://user@host/database")
	}
	if open.IsPostgres(from) {
		u, err := url.Parse(from)
		if err != nil {
			return origin{}, fault.New(fault.Invalid, "--from", "is no URL").Then("Write postgres://user@host:port/database, and keep the password in PGPASSWORD or a password file")
		}
		if u.User != nil {
			u.User = url.User(u.User.Username())
		}
		query := u.Query()
		query.Del("password")
		query.Del("sslpassword")
		u.RawQuery = query.Encode()
		return origin{from, u.String(), u.String()}, nil
	}
	path, isDuck := strings.CutPrefix(from, "duckdb:")
	if !isDuck {
		if _, err := os.Stat(from); err != nil {
			return origin{opened: from, written: from, shown: from}, nil // the engine says what is wrong with it
		}
	}
	folder := "."
	if out != "-" {
		folder = filepath.Dir(out)
	}
	absolute, err := filepath.Abs(path)
	if err != nil {
		return origin{}, err
	}
	written := path
	if base, err := filepath.Abs(folder); err == nil && !filepath.IsAbs(path) {
		if relative, err := filepath.Rel(base, absolute); err == nil {
			written = relative
		}
	}
	return origin{"duckdb:" + absolute, "duckdb:" + filepath.ToSlash(written), "duckdb:" + path}, nil
}

// initiation is one use of init.
type initiation struct {
	engine   warehouse.Engine
	opened   string
	tables   []warehouse.Table
	proposal *propose.Proposal
	problem  string // why the check could not be run to its end
}

func startInit(ctx context.Context, from origin) (*initiation, error) {
	engine, err := open.Engine(ctx, open.Options{URL: from.opened})
	if err != nil {
		return nil, err
	}
	i := &initiation{engine: engine, opened: from.opened}
	if err := i.survey(ctx); err != nil {
		engine.Close()
		return nil, err
	}
	if i.proposal.Shape == "" {
		engine.Close()
		return nil, fault.New(fault.Config, "warehouse", "nothing that looks like a loyalty program in %s: %s", from.shown, lookedAt(i.tables, i.proposal)).
			Then("It looked for the tables of Open Loyalty, Voucherify, Salesforce Loyalty Management, Talon.One and Shopify, and for a table of members or customers (an id and a date of joining) with a points ledger or orders beside it. " +
				"To map by hand, copy loyalty.example.yaml to loyalty.yaml; a feed's sql may name any columns AS the ones it needs")
	}
	return i, nil
}

func lookedAt(tables []warehouse.Table, p *propose.Proposal) string {
	text := fmt.Sprintf("%d tables looked at", len(tables)-len(p.Denied))
	if len(tables) == 1 {
		text = "1 table looked at"
	}
	if n := len(p.Denied); n > 0 {
		text += fmt.Sprintf(", %d that the role may not read", n)
	}
	return text
}

func overwrites(file string) error {
	return fault.New(fault.Invalid, "--out", "%s is there already, and init overwrites nothing", file).
		Then("Name another file with --out, or print with --out -")
}

// writeNew writes the file whole or not at all, and never over another.
func writeNew(file string, text []byte) error {
	temp, err := os.CreateTemp(filepath.Dir(file), ".loyalty-*.yaml")
	if err != nil {
		return fault.New(fault.Invalid, "--out", "no file can be made in %s", filepath.Dir(file)).Because(err)
	}
	defer os.Remove(temp.Name())
	_, err = temp.Write(text)
	if err := errors.Join(err, temp.Chmod(0o644), temp.Sync(), temp.Close()); err != nil {
		return fmt.Errorf("writing %s: %w", file, err)
	}
	// A link, unlike a rename, fails where a file is.
	if err := os.Link(temp.Name(), file); errors.Is(err, os.ErrExist) {
		return overwrites(file)
	} else if err != nil {
		return fmt.Errorf("writing %s: %w", file, err)
	}
	return nil
}
