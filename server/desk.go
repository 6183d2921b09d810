package main

import (
	"context"
	"errors"
	"flag"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"loyaltymcp/internal/fault"
	"loyaltymcp/schemas"
	"loyaltymcp/tools/config"
	"loyaltymcp/tools/run"
	"loyaltymcp/warehouse"
	"loyaltymcp/warehouse/demo"
	"loyaltymcp/warehouse/duckdb"
	"loyaltymcp/warehouse/open"
)

// source says which program to open and where to write; every command that
// reads data has these flags.
type source struct {
	config, warehouse, plans, state string
	demo                            bool
	log                             *slog.Logger
	set                             *flag.FlagSet
}

// plansFlag adds the flag that names the folder of the plans.
func plansFlag(f *flag.FlagSet, into *string) {
	f.StringVar(into, "plans", orDefault(os.Getenv("LOYALTY_PLANS"), filepath.Join(".claude", "plans")), "`folder` of the plans")
}

// given reports whether the flag stood on the command line.
func (s *source) given(name string) (given bool) {
	s.set.Visit(func(f *flag.Flag) { given = given || f.Name == name })
	return given
}

func (s *source) flags(f *flag.FlagSet) {
	s.set = f
	f.StringVar(&s.config, "config", orDefault(os.Getenv("LOYALTY_CONFIG"), "loyalty.yaml"), "`file` that describes the program, the folder of one or several, or \"demo\"")
	f.StringVar(&s.warehouse, "warehouse", "", "warehouse `URL` in place of the config's, as in duckdb:PATH")
	f.BoolVar(&s.demo, "demo", false, "use the generated demo program")
	plansFlag(f, &s.plans)
	f.StringVar(&s.state, "state", os.Getenv("LOYALTY_STATE"), "`folder` of runs and of the demo data (default: loyalty-mcp in the user's cache folder)")
}

func orDefault(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}

// opener returns an opener that opens the desk once, at its first call, and
// a function that closes what it opened. A failure is not kept, so that a
// server recovers when its config is mended.
func (s *source) opener(set *schemas.Set) (run.Opener, func() error) {
	var mu sync.Mutex
	var desk *run.Desk
	open := func(ctx context.Context) (*run.Desk, error) {
		mu.Lock()
		defer mu.Unlock()
		if desk != nil {
			return desk, nil
		}
		d, err := s.open(ctx, set)
		if err != nil {
			return nil, err
		}
		desk = d
		return desk, nil
	}
	return open, func() error {
		mu.Lock()
		defer mu.Unlock()
		if desk == nil {
			return nil
		}
		return desk.Source.Close()
	}
}

// open opens the desk.
func (s *source) open(ctx context.Context, set *schemas.Set) (*run.Desk, error) {
	state := s.state
	if state == "" {
		cache, err := os.UserCacheDir()
		if err != nil {
			return nil, fault.New(fault.Config, "state", "this user has no cache folder").Because(err).Then("Name a folder with --state")
		}
		state = filepath.Join(cache, "loyalty-mcp")
	}
	// Relative paths count from the working folder, not from a config's.
	state, err := filepath.Abs(state)
	if err != nil {
		return nil, err
	}
	plans, err := filepath.Abs(s.plans)
	if err != nil {
		return nil, err
	}
	c, url, err := s.program(ctx, set, state)
	if err != nil {
		return nil, err
	}
	metrics, err := c.Catalog()
	if err != nil {
		return nil, err
	}
	if err := run.CheckConfig(c, metrics); err != nil {
		return nil, err
	}
	options := open.Options{URL: url, Folder: c.Folder, Mapping: c.Mapping(), Limits: c.Limits()}
	if c.Sync.File != "" && s.warehouse == "" {
		options = syncOf(c, options).Read()
	}
	engine, err := open.Engine(ctx, options)
	if err != nil {
		return nil, err
	}
	return &run.Desk{Memo: new(run.Memo), ToParquet: duckdb.ToParquet, Config: c, Source: warehouse.NewSource(engine, options.Mapping, c.Zone(), c.Dimensions),
		Store: run.NewStore(filepath.Join(state, "runs"), time.Now), Metrics: metrics, Plans: plans, Now: time.Now, Version: version, Log: s.log}, nil
}

// program reads the config and the URL of its data; the demo's are made when
// they are not there yet.
func (s *source) program(ctx context.Context, set *schemas.Set, state string) (*config.Config, string, error) {
	if s.demo && s.given("config") {
		return nil, "", fault.New(fault.Invalid, "--demo", "and --config name two programs").Then("Leave one of them out")
	}
	if s.demo || s.config == "demo" {
		file, err := demoFile(ctx, filepath.Join(state, "demo-"+demo.Version))
		if err != nil {
			return nil, "", err
		}
		c, err := config.Parse("demo/loyalty.yaml", demo.Config(), filepath.Dir(file), set)
		return c, "duckdb:" + file, err
	}
	file, err := configFile(ctx, s.config)
	if err != nil {
		return nil, "", err
	}
	c, err := config.Load(file, set)
	if err != nil {
		return nil, "", err
	}
	if path, ok := strings.CutPrefix(s.warehouse, "duckdb:"); ok && path != "" {
		// A path on the command line counts from the working folder.
		path, err := filepath.Abs(path)
		return c, "duckdb:" + path, err
	}
	return c, orDefault(s.warehouse, c.Warehouse), nil
}

// demoFile returns the demo program's data file, generated if it isn't there.
func demoFile(ctx context.Context, folder string) (string, error) {
	file := filepath.Join(folder, "demo.duckdb")
	if _, err := os.Stat(file); err == nil {
		return file, nil
	} else if !errors.Is(err, os.ErrNotExist) {
		return "", err
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return "", fault.New(fault.Config, "state", "the folder of the demo data can't be made").Because(err).Then("Name a folder with --state")
	}
	_, err := duckdb.CreateDemo(ctx, file, demo.Defaults())
	return file, err
}
