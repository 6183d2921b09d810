package writeplan_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"loyaltymcp/internal/fault"
	"loyaltymcp/internal/testdesk"
	"loyaltymcp/schemas"
	"loyaltymcp/tools/run"
	"loyaltymcp/tools/writeplan"
)

// waivedPlan writes a plan of a run whose stages are all waived: for tests of the
// file, which ask nothing of its figures.
func waivedPlan(t testing.TB, d *run.Desk) *writeplan.Plan {
	t.Helper()
	r, err := d.Open(t.Context(), run.Request{})
	if err != nil {
		t.Fatal(err)
	}
	var waivers []writeplan.Waiver
	for _, stage := range run.Stages() {
		waivers = append(waivers, writeplan.Waiver{Stage: stage, Reason: "the plan is for a test of its file"})
	}
	p, _, err := writeplan.Write(d, r, testdesk.Schemas(t), writeplan.Args{Waivers: waivers})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func objective(d *run.Desk, id string, revision int, text string) (*writeplan.Plan, string, error) {
	set := schemaSet()
	return writeplan.Update(context.Background(), d, set, writeplan.Args{PlanID: id, Revision: revision, Objective: text})
}

// The second of two writers is told what the first changed and how to go on, and
// nothing of either is lost.
func TestRevisionsAndConflicts(t *testing.T) {
	d := testdesk.Demo(t)
	p := waivedPlan(t, d)
	if _, _, err := objective(d, p.ID, 1, "Win members back"); err != nil {
		t.Fatal(err)
	}
	_, _, err := objective(d, p.ID, 1, "Please members")
	if !fault.Is(err, fault.Conflict) {
		t.Fatalf("got %v, want a conflict", err)
	}
	for _, want := range []string{"revision: plan " + p.ID + " is at revision 2, not 1", "Changed since objective changed (write_plan)", "call again with revision 2"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("the conflict lacks %q: %v", want, err)
		}
	}
	if _, _, err := objective(d, p.ID, 7, "Please members"); !fault.Is(err, fault.Conflict) || !strings.Contains(err.Error(), "name its revision") {
		t.Errorf("a revision to come: got %v, want a conflict", err)
	}
	if _, _, err := objective(d, p.ID, 0, "Please members"); !fault.Is(err, fault.Invalid) {
		t.Errorf("no revision: got %v, want it asked for", err)
	}
	if _, _, err := objective(d, "plan-20200101-000000", 1, "Please members"); !fault.Is(err, fault.NotFound) {
		t.Errorf("no such plan: got %v", err)
	}
	if _, _, err := objective(d, "../../etc/passwd", 1, "Please members"); !fault.Is(err, fault.Invalid) {
		t.Errorf("no id: got %v", err)
	}
	now, _, err := objective(d, p.ID, 2, "Please members")
	if err != nil || now.Revision != 3 || now.Objective != "Please members" {
		t.Fatalf("%+v, %v, want revision 3", now, err)
	}
	folder, err := writeplan.NewFolder(d.Plans, schemaSet())
	if err != nil {
		t.Fatal(err)
	}
	for revision, want := range map[int]string{1: p.Objective, 2: "Win members back", 3: "Please members"} {
		past, err := folder.ReadRevision(p.ID, revision)
		if err != nil || past.Objective != want || past.Revision != revision || !past.Sealed() {
			t.Errorf("revision %d: %v, %v, want %q as it was written", revision, past, err, want)
		}
	}
	if all, err := folder.Revisions(p.ID); err != nil || !slices.Equal(all, []int{1, 2, 3}) {
		t.Errorf("revisions %v, %v, want three", all, err)
	}
	if _, err := folder.ReadRevision(p.ID, 4); !fault.Is(err, fault.NotFound) {
		t.Errorf("revision 4: got %v", err)
	}
	log := now.ChangeLog
	if len(log) != 3 || log[1].Before != p.Objective || log[1].After != "Win members back" || log[2].Revision != 3 {
		t.Errorf("change log %+v, want both changes with before and after", log)
	}
}

// Of many writers of one revision one wins, and its words are there.
func TestOneWriterARevision(t *testing.T) {
	d := testdesk.Demo(t)
	p := waivedPlan(t, d)
	const writers = 6
	won := make([]bool, writers)
	var group sync.WaitGroup
	for i := range writers {
		group.Go(func() {
			_, _, err := objective(d, p.ID, 1, fmt.Sprintf("Objective of writer %c", 'A'+i))
			if won[i] = err == nil; err != nil && !fault.Is(err, fault.Conflict) {
				t.Errorf("writer %d: %v", i, err)
			}
		})
	}
	group.Wait()
	folder, err := writeplan.NewFolder(d.Plans, schemaSet())
	if err != nil {
		t.Fatal(err)
	}
	now, err := folder.Read(p.ID)
	if err != nil {
		t.Fatal(err)
	}
	winner := slices.Index(won, true)
	if winner < 0 || slices.Contains(won[winner+1:], true) || now.Revision != 2 || now.Objective != fmt.Sprintf("Objective of writer %c", 'A'+winner) {
		t.Errorf("won %v, plan at revision %d: %q; want exactly one", won, now.Revision, now.Objective)
	}
}

// A plan that was changed by hand is not taken for the tools' own, and what was
// changed is neither lost nor passed over in silence.
func TestAPlanEditedByHand(t *testing.T) {
	d := testdesk.Demo(t)
	p := waivedPlan(t, d)
	path := filepath.Join(d.Plans, p.ID+".json")
	edit := func(from, to string) {
		t.Helper()
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		changed := bytes.Replace(text, []byte(from), []byte(to), 1)
		if bytes.Equal(changed, text) {
			t.Fatalf("the plan does not hold %s", from)
		}
		if err := os.WriteFile(path, changed, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	edit(`"Loyalty Strategist",`, `"Loyalty Strategists",`)
	folder, err := writeplan.NewFolder(d.Plans, schemaSet())
	if err != nil {
		t.Fatal(err)
	}
	found, err := folder.Read(p.ID)
	if err != nil || found.Sealed() {
		t.Fatalf("%v; sealed although it was changed", err)
	}
	if open := found.Inspect(testdesk.Now, found.Sealed()).OpenIDs(); !slices.Contains(open, "untouched") {
		t.Errorf("open checks %v, want untouched among them", open)
	}
	if as, err := folder.ReadRevision(p.ID, 1); err != nil || !as.Sealed() || as.Approvals[0].Role != "Loyalty Strategist" {
		t.Errorf("revision 1 while the file is changed: %v, want it as it was written", err)
	}
	// Nobody signs what nobody held against the run, and the tools go on from what they
	// wrote.
	if _, _, err := writeplan.Sign(t.Context(), d, schemaSet(), p.ID, 1, "", []writeplan.SignOff{{Role: "Finance", Decision: "approve"}}); !fault.Is(err, fault.Conflict) || !strings.Contains(err.Error(), "changed by hand") {
		t.Errorf("signing it: got %v, want it refused", err)
	}
	now, _, err := objective(d, p.ID, 1, "Please members")
	if err != nil {
		t.Fatal(err)
	}
	if !now.Sealed() || now.Approvals[0].Role != "Loyalty Strategist" || !strings.Contains(now.ChangeLog[1].What, "changed by hand") {
		t.Errorf("approvals %+v, changes %+v; want the edit set aside and told", now.Approvals, now.ChangeLog)
	}
	written, err := folder.ReadRevision(p.ID, 1)
	if err != nil || !written.Sealed() {
		t.Errorf("revision 1: %v, want it as the tools wrote it", err)
	}
	if kept, err := os.ReadFile(filepath.Join(d.Plans, "history", p.ID+".r1-2.json")); err != nil || !strings.Contains(string(kept), "Loyalty Strategists") {
		t.Errorf("%v: the edited file is not kept", err)
	}
	// Without its seal it is no better.
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	bare := regexp.MustCompile(`,\s*"seal": "[^"]*"`).ReplaceAll(text, nil)
	if err := os.WriteFile(path, bare, 0o600); err != nil {
		t.Fatal(err)
	}
	if found, err = folder.Read(p.ID); err != nil || found.Seal != "" || !slices.Contains(found.Inspect(testdesk.Now, found.Sealed()).OpenIDs(), "untouched") {
		t.Errorf("%v: with the seal taken off it passes for untouched", err)
	}
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	// One that is no plan any more stops the writer, and stays as it is.
	edit(`"revision": 2`, `"revision": "two"`)
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := objective(d, p.ID, 2, "Again"); !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), "revision") {
		t.Errorf("got %v, want the broken field named", err)
	}
	if after, err := os.ReadFile(path); err != nil || !bytes.Equal(before, after) {
		t.Errorf("the broken file was touched: %v", err)
	}
}

// Nothing outside the folder is touched, wherever links in it or to it lead.
func TestLinksLeadNowhere(t *testing.T) {
	d := testdesk.Demo(t)
	outside := t.TempDir()
	link := filepath.Join(t.TempDir(), "plans")
	if err := os.Symlink(outside, link); err != nil {
		t.Skip("no links here:", err)
	}
	inside := d.Plans
	p := waivedPlan(t, d)
	d.Plans = link
	r, err := d.Open(t.Context(), run.Request{})
	if err != nil {
		t.Fatal(err)
	}
	var waivers []writeplan.Waiver
	for _, stage := range run.Stages() {
		waivers = append(waivers, writeplan.Waiver{Stage: stage, Reason: "a test"})
	}
	if _, _, err := writeplan.Write(d, r, schemaSet(), writeplan.Args{Waivers: waivers}); !fault.Is(err, fault.Config) || !strings.Contains(err.Error(), "link to elsewhere") {
		t.Errorf("a folder that is a link: got %v, want it refused", err)
	}
	d.Plans = inside
	if err := os.RemoveAll(filepath.Join(inside, "history")); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(outside, filepath.Join(inside, "history")); err != nil {
		t.Fatal(err)
	}
	if _, _, err := objective(d, p.ID, 1, "Please members"); err == nil {
		t.Error("a history that leads outside was written to")
	}
	if err := os.Remove(filepath.Join(inside, "history")); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(filepath.Join(outside, "lock"), filepath.Join(inside, ".lock")); err == nil {
		if _, _, err := objective(d, p.ID, 1, "Please members"); err == nil {
			t.Error("a lock that leads outside was taken")
		}
		_ = os.Remove(filepath.Join(inside, ".lock"))
	}
	if left := files(t, outside); len(left) != 0 {
		t.Errorf("outside the folder there are now %v", left)
	}
	if _, _, err := objective(d, p.ID, 1, "Please members"); err != nil {
		t.Errorf("with the links gone: %v", err)
	}
}

// A clock that went back puts nothing out of order.
func TestAClockThatWentBack(t *testing.T) {
	d := testdesk.Demo(t)
	p := waivedPlan(t, d)
	d.Now = func() time.Time { return testdesk.Now.Add(-48 * time.Hour) }
	now, _, err := objective(d, p.ID, 1, "Please members")
	if err != nil {
		// The run was opened in what is now the future; the plan is of it all the same.
		t.Fatal(err)
	}
	for i := 1; i < len(now.ChangeLog); i++ {
		if now.ChangeLog[i].At.Before(now.ChangeLog[i-1].At) {
			t.Errorf("the change log goes back in time: %+v", now.ChangeLog)
		}
	}
	if second := waivedPlan(t, d); second.ID >= p.ID {
		t.Errorf("a plan of the day before is called %s, after %s", second.ID, p.ID)
	}
}

// The figures of a plan can be checked as long as its run is kept; after that the
// plan can still be handled in words.
func TestAPlanOutlivesItsRun(t *testing.T) {
	d := testdesk.Demo(t)
	p := waivedPlan(t, d)
	if err := d.Store.Forget(p.Run.ID); err != nil {
		t.Fatal(err)
	}
	if _, _, err := objective(d, p.ID, 1, "Bring back 12.3 % of members"); !fault.Is(err, fault.Conflict) || !strings.Contains(err.Error(), "can't be checked") {
		t.Errorf("got %v, want it said that figures can't be checked any more", err)
	}
	if _, _, err := objective(d, p.ID, 1, "Bring members back"); err != nil {
		t.Errorf("words without figures: %v", err)
	}
}

// What can't be written leaves what was there, and says why.
func TestAFolderThatCannotBeWritten(t *testing.T) {
	d := testdesk.Demo(t)
	p := waivedPlan(t, d)
	if os.Getuid() == 0 {
		// Root writes anywhere, so a file stands where a folder should.
		if err := os.RemoveAll(filepath.Join(d.Plans, "history")); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(d.Plans, "history"), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	} else if err := os.Chmod(d.Plans, 0o500); err != nil {
		t.Fatal(err)
	}
	defer os.Chmod(d.Plans, 0o700)
	_, _, err := objective(d, p.ID, 1, "Please members")
	var told *fault.Error
	if !errors.As(err, &told) || told.Kind != fault.Config && told.Kind != fault.Conflict {
		t.Errorf("got %v, want it told", err)
	}
	folder, err := writeplan.NewFolder(d.Plans, schemaSet())
	if err != nil {
		t.Fatal(err)
	}
	if now, err := folder.Read(p.ID); err != nil || now.Revision != 1 {
		t.Errorf("the plan is at %+v, %v; want it untouched", now, err)
	}
}

// schemaSet is the compiled schemas, once for all.
var schemaSet = sync.OnceValue(func() *schemas.Set {
	set, err := schemas.Load()
	if err != nil {
		panic(err)
	}
	return set
})
