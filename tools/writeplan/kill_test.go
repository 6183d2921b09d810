package writeplan_test

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"loyaltymcp/internal/testdesk"
	"loyaltymcp/tools/writeplan"
)

// aPlan is a whole plan of the demo program.
func aPlan(t testing.TB) *writeplan.Plan {
	t.Helper()
	return waivedPlan(t, testdesk.Demo(t))
}

// TestKilledWriter is the writer that TestKilledWriters kills: it writes plans
// until then.
func TestKilledWriter(t *testing.T) {
	dir := os.Getenv("LOYALTY_KILLED_WRITER")
	if dir == "" {
		t.Skip("runs as the child of TestKilledWriters")
	}
	text, err := os.ReadFile(filepath.Join(dir, "pattern.json"))
	if err != nil {
		t.Fatal(err)
	}
	var p writeplan.Plan
	if err := json.Unmarshal(text, &p); err != nil {
		t.Fatal(err)
	}
	folder, err := writeplan.NewFolder(filepath.Join(dir, "plans"), testdesk.Schemas(t))
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := folder.Create(&p); err != nil {
			t.Fatal(err)
		}
		os.Stdout.WriteString("written\n")
		for range 3 {
			next, _, err := folder.Update(t.Context(), p.ID, p.Revision, func(p *writeplan.Plan, aside bool) error {
				p.Objective = fmt.Sprintf("revision %d", p.Revision)
				if aside {
					return errors.New("the plan is not as it was written")
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
			p.Revision = next.Revision
			fmt.Printf("revised %s %d\n", p.ID, p.Revision)
		}
		p.Revision = 1
	}
}

// A writer killed at any moment leaves whole plans only: whatever it said it had
// written is there, new plans and revisions alike, and of a revision at which it was
// killed the old one or the new one. The long form kills 500 times:
//
//	LOYALTY_KILLS=500 go test ./tools/writeplan -run KilledWriters -v
func TestKilledWriters(t *testing.T) {
	if os.Getenv("LOYALTY_KILLED_WRITER") != "" {
		t.Skip("is the child")
	}
	kills := 10
	if n := os.Getenv("LOYALTY_KILLS"); n != "" {
		if err := json.Unmarshal([]byte(n), &kills); err != nil {
			t.Fatal(err)
		}
	}
	dir := t.TempDir()
	text, err := json.Marshal(aPlan(t))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "pattern.json"), text, 0o600); err != nil {
		t.Fatal(err)
	}
	folder, err := writeplan.NewFolder(filepath.Join(dir, "plans"), testdesk.Schemas(t))
	if err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(1, 1))
	known := map[string]bool{}
	left := 0
	for range kills {
		child := exec.Command(os.Args[0], "-test.run=^TestKilledWriter$", "-test.v")
		child.Env = append(os.Environ(), "LOYALTY_KILLED_WRITER="+dir)
		out, err := child.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := child.Start(); err != nil {
			t.Fatal(err)
		}
		lines, written := bufio.NewScanner(out), 0
		revised := map[string]int{}
		note := func(line string) {
			id, n := "", 0
			if line == "written" {
				written++
			} else if _, err := fmt.Sscanf(line, "revised %s %d", &id, &n); err == nil {
				revised[id] = n
			}
		}
		for written < 2 && lines.Scan() {
			note(lines.Text())
		}
		if written < 2 {
			t.Fatalf("the writer wrote %d plans: %v", written, child.Wait())
		}
		time.Sleep(time.Duration(random.IntN(20_000)) * time.Microsecond)
		if err := child.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		for lines.Scan() {
			note(lines.Text())
		}
		_ = child.Wait() // it was killed
		ids, err := folder.IDs()
		if err != nil {
			t.Fatal(err)
		}
		fresh := 0
		for _, id := range ids {
			if known[id] {
				continue
			}
			known[id] = true
			fresh++
			p, err := folder.Read(id)
			if err != nil {
				t.Errorf("after a kill: %v", err)
				continue
			}
			if !p.Sealed() || p.Revision < revised[id] || p.Revision > 1 && p.Objective != fmt.Sprintf("revision %d", p.Revision) {
				t.Errorf("%s is at revision %d, %q; it was said to be at %d", id, p.Revision, p.Objective, revised[id])
			}
			for n := 1; n < p.Revision; n++ {
				if past, err := folder.ReadRevision(id, n); err != nil || past.Revision != n || !past.Sealed() {
					t.Errorf("revision %d of %s: %v", n, id, err)
				}
			}
			// A lock dies with its holder: whoever comes next can go on.
			if _, _, err := folder.Update(t.Context(), id, p.Revision, func(p *writeplan.Plan, _ bool) error { return nil }); err != nil {
				t.Errorf("after a kill: %v", err)
			}
		}
		if fresh < written {
			t.Errorf("it said that it wrote %d plans, %d are there", written, fresh)
		}
		entries, err := os.ReadDir(folder.Dir())
		if err != nil {
			t.Fatal(err)
		}
		left = 0
		for _, e := range entries {
			if strings.HasSuffix(e.Name(), ".tmp") {
				left++
			}
		}
	}
	t.Logf("%d kills: %d plans, all whole; %d unfinished files left aside", kills, len(known), left)
}

// What killed writers left is swept away once no writer can be at work on it.
func TestUnfinishedFilesAreSwept(t *testing.T) {
	folder, err := writeplan.NewFolder(t.TempDir(), testdesk.Schemas(t))
	if err != nil {
		t.Fatal(err)
	}
	for name, age := range map[string]time.Duration{".plan-1.tmp": 2 * time.Hour, ".plan-2.tmp": time.Minute, "mine.tmp": 2 * time.Hour} {
		path := filepath.Join(folder.Dir(), name)
		if err := os.WriteFile(path, []byte("{"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path, time.Now().Add(-age), time.Now().Add(-age)); err != nil {
			t.Fatal(err)
		}
	}
	p := aPlan(t)
	if _, err := folder.Create(p); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]bool{".plan-1.tmp": false, ".plan-2.tmp": true, "mine.tmp": true} {
		if _, err := os.Stat(filepath.Join(folder.Dir(), name)); (err == nil) != want {
			t.Errorf("%s is there: %v, want %v", name, err == nil, want)
		}
	}
}

// FuzzParse: no text upsets the reader of plans, and what it takes for a plan is one
// after writing it again.
func FuzzParse(f *testing.F) {
	folder, err := writeplan.NewFolder(f.TempDir(), testdesk.Schemas(f))
	if err != nil {
		f.Fatal(err)
	}
	text, err := json.Marshal(aPlan(f))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text)
	for _, cut := range []int{0, 1, len(text) / 2, len(text) - 1} {
		f.Add(text[:cut])
	}
	f.Add([]byte(strings.Replace(string(text), `"revision":1`, `"revision":1e400`, 1)))
	f.Add([]byte(`{"plan_id":null}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		p, err := folder.Parse("plan", text)
		if err != nil {
			return
		}
		again, err := json.Marshal(p)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := folder.Parse("plan", again); err != nil {
			t.Errorf("a plan that was read can't be read once written again: %v", err)
		}
	})
}
