//go:build unix

package writeplan_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"loyaltymcp/internal/fault"
	"loyaltymcp/internal/testdesk"
	"loyaltymcp/tools/writeplan"
)

// TestOnAFullDisk is what TestAFullDisk runs: a writer that may write no more than a
// few bytes to a file.
func TestOnAFullDisk(t *testing.T) {
	dir := os.Getenv("LOYALTY_FULL_DISK")
	if dir == "" {
		t.Skip("runs as the child of TestAFullDisk")
	}
	folder, err := writeplan.NewFolder(dir, testdesk.Schemas(t))
	if err != nil {
		t.Fatal(err)
	}
	ids, err := folder.IDs()
	if err != nil || len(ids) != 1 {
		t.Fatalf("%v, %v", ids, err)
	}
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: 4096, Max: 4096}); err != nil {
		t.Skip("no limit of file sizes here:", err)
	}
	p, err := folder.Read(ids[0])
	if err != nil {
		t.Fatal(err)
	}
	_, _, err = folder.Update(t.Context(), p.ID, p.Revision, func(p *writeplan.Plan, _ bool) error { p.Objective = "lost"; return nil })
	if !fault.Is(err, fault.Config) || !strings.Contains(err.Error(), "nothing was changed") {
		t.Errorf("an update: got %v, want it told that nothing was changed", err)
	}
	if _, err = folder.Create(p); !fault.Is(err, fault.Config) {
		t.Errorf("a new plan: got %v, want it told", err)
	}
}

// A disk that takes no more leaves the plans as they were, and nothing half-written.
func TestAFullDisk(t *testing.T) {
	d := testdesk.Demo(t)
	p := waivedPlan(t, d)
	before, err := os.ReadFile(filepath.Join(d.Plans, p.ID+".json"))
	if err != nil {
		t.Fatal(err)
	}
	child := exec.Command(os.Args[0], "-test.run=^TestOnAFullDisk$", "-test.v")
	child.Env = append(os.Environ(), "LOYALTY_FULL_DISK="+d.Plans)
	if out, err := child.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	after, err := os.ReadFile(filepath.Join(d.Plans, p.ID+".json"))
	if err != nil || string(after) != string(before) {
		t.Errorf("the plan was touched: %v", err)
	}
	for _, name := range files(t, d.Plans) {
		if name != p.ID+".json" && name != "history" && name != ".lock" {
			t.Errorf("%s was left", name)
		}
	}
}
