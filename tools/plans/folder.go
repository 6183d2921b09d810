// Package plans reads the folder of the plans, as far as stages before the plan
// need it: which plans there are, and what each records of its run. Package
// writeplan writes them and knows them whole.
package plans

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"loyaltymcp/internal/fault"
)

// Folder is where plans are kept, one JSON file each.
type Folder struct{ dir string }

// NewFolder returns the folder; it need not be there.
func NewFolder(dir string) Folder { return Folder{dir: dir} }

// Dir returns the folder's path.
func (f Folder) Dir() string { return f.dir }

// Path returns where the newest revision of a plan is.
func (f Folder) Path(id string) string { return filepath.Join(f.dir, id+".json") }

// Lock returns the file by which writers take turns.
func (f Folder) Lock() string { return filepath.Join(f.dir, ".lock") }

// History is the folder, below that of the plans, of a copy of every revision.
const History = "history"

// PastName returns where the copy of a revision is, below the folder of the plans.
func PastName(id string, revision int) string {
	return History + "/" + id + ".r" + strconv.Itoa(revision) + ".json"
}

// Past returns the text of a revision of a plan, as it was written.
func (f Folder) Past(id string, revision int) ([]byte, error) {
	if !idForm.MatchString(id) {
		return nil, notAnID(id)
	}
	text, err := os.ReadFile(filepath.Join(f.dir, filepath.FromSlash(PastName(id, revision))))
	if errors.Is(err, os.ErrNotExist) {
		return nil, fault.New(fault.NotFound, "revision", "plan %s has no revision %d", id, revision).Then("loyalty-mcp plans %s lists its revisions", id)
	}
	if err != nil {
		return nil, fmt.Errorf("reading revision %d of plan %s: %w", revision, id, err)
	}
	return text, nil
}

// Revisions returns the revisions of a plan that can be read, in order, the newest
// last.
func (f Folder) Revisions(id string) ([]int, error) {
	newest, err := f.Read(id)
	if err != nil {
		return nil, err
	}
	kept, err := os.ReadDir(filepath.Join(f.dir, History))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("looking for revisions of plan %s: %w", id, err)
	}
	var out []int
	for _, entry := range kept {
		text, ok := strings.CutPrefix(entry.Name(), id+".r")
		n, err := strconv.Atoi(strings.TrimSuffix(text, ".json"))
		if ok && err == nil && n != newest.Revision {
			out = append(out, n)
		}
	}
	slices.Sort(out)
	return append(out, newest.Revision), nil
}

func notAnID(id string) error {
	return fault.New(fault.Invalid, "plan_id", "%q is no plan id", id).Then("Plan ids look like plan-20260701-093000")
}

var idForm = regexp.MustCompile(`^plan-\d{8}-\d{6}(-\d+)?$`)

// IDs returns the ids of the plans, newest first.
func (f Folder) IDs() ([]string, error) {
	entries, err := os.ReadDir(f.dir)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, fault.New(fault.Config, "plans", "the folder of the plans can't be read").Because(err).Then("Name another with --plans")
	}
	ids := []string{}
	for _, entry := range entries {
		if id, ok := strings.CutSuffix(entry.Name(), ".json"); ok && idForm.MatchString(id) {
			ids = append(ids, id)
		}
	}
	slices.SortFunc(ids, newestFirst)
	return ids, nil
}

// stamp is the length of an id without the number of those of the same second.
const stamp = len("plan-20260701-093000")

// newestFirst orders ids by their time, then by their number: 10 after 9.
func newestFirst(a, b string) int {
	return cmp.Or(strings.Compare(b[:stamp], a[:stamp]), len(b)-len(a), strings.Compare(b, a))
}

// Text returns a plan's file by id.
func (f Folder) Text(id string) ([]byte, error) {
	if !idForm.MatchString(id) {
		return nil, notAnID(id)
	}
	text, err := os.ReadFile(f.Path(id))
	if errors.Is(err, os.ErrNotExist) {
		ids, _ := f.IDs()
		return nil, fault.New(fault.NotFound, "plan_id", "there is no plan %s", id).OneOf(id, ids)
	}
	if err != nil {
		return nil, fmt.Errorf("reading plan %s: %w", id, err)
	}
	return text, nil
}
