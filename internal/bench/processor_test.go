package bench

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"

	"loyaltymcp/warehouse"
)

// processor tells the seconds of processor time that the engine has had: what
// others do on the machine is not in them. It is nil where nobody tells.
type processor func() float64

func (p processor) read() float64 {
	if p == nil {
		return 0
	}
	return p()
}

// processor returns that of the process, the embedded engine in it, or that of
// a PostgreSQL server on this machine.
func (p *program) processor(t testing.TB, reader warehouse.Reader) processor {
	t.Helper()
	if *database == "" {
		return func() float64 { return spent("self").own }
	}
	var backend int64
	if err := reader.Query(t.Context(), "SELECT CAST(pg_backend_pid() AS bigint)", nil, func(row warehouse.Row) error { return row.Scan(&backend) }); err != nil {
		t.Fatal(err)
	}
	id := strconv.FormatInt(backend, 10)
	if name, err := os.ReadFile("/proc/" + id + "/comm"); err != nil || strings.TrimSpace(string(name)) != "postgres" {
		return nil // the server is on another machine
	}
	return func() float64 { return family(spent(id).parent) }
}

// family returns the time of a process, and of all that it ever started: a
// server's parallel workers are gone when their query ends.
func family(parent string) float64 {
	all := spent(parent)
	sum := all.own + all.ended
	entries, _ := os.ReadDir("/proc")
	for _, e := range entries {
		if _, err := strconv.Atoi(e.Name()); err != nil {
			continue
		}
		if child := spent(e.Name()); child.parent == parent {
			sum += child.own + child.ended
		}
	}
	return sum
}

// usage is what one process has used.
type usage struct {
	parent     string
	own, ended float64 // seconds of its own, and of its children that ended
}

// spent reads a process's usage; nothing where the system doesn't tell.
func spent(process string) usage {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%s/stat", process))
	if err != nil {
		return usage{}
	}
	// The second field is the name in brackets, and the fourth the parent; 12 to
	// 15 after the name are the ticks in user and in system mode, then those of
	// children that ended. There are 100 a second.
	rest := string(text[strings.LastIndexByte(string(text), ')')+1:])
	fields := strings.Fields(rest)
	if len(fields) < 15 {
		return usage{}
	}
	seconds := func(field int) float64 {
		ticks, _ := strconv.ParseFloat(fields[field], 64)
		return ticks / 100
	}
	return usage{parent: fields[1], own: seconds(11) + seconds(12), ended: seconds(13) + seconds(14)}
}
