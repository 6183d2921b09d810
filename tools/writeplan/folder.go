package writeplan

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"time"

	"github.com/gofrs/flock"

	"loyaltymcp/internal/fault"
	"loyaltymcp/internal/wholefile"
	"loyaltymcp/schemas"
	"loyaltymcp/tools/plans"
)

// Folder is where plans are kept: the newest revision of each as PLAN_ID.json, and a
// copy of every revision in the folder history.
//
// A plan is written to a temporary file first, synced, and then named, so that a
// reader finds a whole revision whatever happens to the writer. Writers of the same
// plan take turns by a lock on the folder that dies with its holder.
type Folder struct {
	plans.Folder
	schema *schemas.Schema
}

// NewFolder returns the folder; it is made when first written to.
func NewFolder(dir string, set *schemas.Set) (*Folder, error) {
	schema, ok := set.Get("plan")
	if !ok {
		return nil, errors.New("writeplan: the schema set has no schema named plan")
	}
	return &Folder{Folder: plans.NewFolder(dir), schema: schema}, nil
}

// Read returns a plan by id.
func (f *Folder) Read(id string) (*Plan, error) {
	text, err := f.Text(id)
	if err != nil {
		return nil, err
	}
	return f.Parse(id, text)
}

// ReadRevision returns a revision of a plan, the newest or one before it, as the
// tools wrote it.
func (f *Folder) ReadRevision(id string, revision int) (*Plan, error) {
	newest, err := f.Read(id)
	if err != nil || newest.Revision == revision && (newest.Sealed() || newest.unsealed()) {
		return newest, err
	}
	text, err := f.Past(id, revision)
	if err != nil {
		return nil, err
	}
	return f.Parse(fmt.Sprintf("%s, revision %d", id, revision), text)
}

// Parse reads a plan's text, checks it against the schema, and checks that its
// parts fit one another.
func (f *Folder) Parse(name string, text []byte) (*Plan, error) {
	value, err := schemas.Decode(text)
	if err != nil {
		return nil, fault.New(fault.Invalid, name, "is not one JSON document").Because(err)
	}
	if e := f.schema.Check(fault.Invalid, name, value); e != nil {
		return nil, e
	}
	var p Plan
	if err := json.Unmarshal(text, &p); err != nil {
		return nil, fmt.Errorf("reading plan %s: %w", name, err)
	}
	var e *fault.Error
	if err := p.coherent(); errors.As(err, &e) {
		e.Field = name + ": " + e.Field
		return nil, e
	}
	return &p, nil
}

// Trusted returns a plan as the tools wrote it: the file, or where that was changed
// by hand the newest revision of it in history that was not. Plans of older versions
// bear no seal and are returned as they are.
func (f *Folder) Trusted(id string) (*Plan, error) {
	p, err := f.Read(id)
	if err != nil || p.Sealed() || p.unsealed() {
		return p, err
	}
	revisions, err := f.Revisions(id)
	if err != nil {
		return nil, err
	}
	slices.Reverse(revisions)
	for _, revision := range append([]int{p.Revision}, revisions...) {
		text, err := f.Past(id, revision)
		if err != nil {
			continue
		}
		if past, err := f.Parse(id, text); err == nil && past.Sealed() && past.ID == id {
			return past, nil
		}
	}
	return nil, fault.New(fault.Conflict, "plan_id", "plan %s was changed by hand, and no revision in its history is as the tools wrote it", id).
		Then("Write a new plan from a run")
}

// Before returns the newest plan of the program whose as_of lies before the
// given day, nil when there is none, as the tools wrote it. A file that is no valid
// plan is passed over: an edit by hand must not stop the next run.
func (f *Folder) Before(program, asOf string) (*Plan, error) {
	ids, err := f.IDs()
	if err != nil {
		return nil, err
	}
	var newest *Plan
	for _, id := range ids {
		p, err := f.Trusted(id)
		if err != nil || p.Program != program || p.Run.AsOf >= asOf {
			continue
		}
		if newest == nil || p.Run.AsOf > newest.Run.AsOf {
			newest = p
		}
	}
	return newest, nil
}

// of returns the newest plan of the program as of a day, nil when there is none.
func (f *Folder) of(program, asOf string) (*Plan, error) {
	ids, err := f.IDs()
	if err != nil {
		return nil, err
	}
	for _, id := range ids { // newest first
		if p, err := f.Trusted(id); err == nil && p.Program == program && p.Run.AsOf == asOf {
			return p, nil
		}
	}
	return nil, nil
}

// Create writes a new plan under an id made of its time. The file appears
// whole or not at all, and never replaces another.
func (f *Folder) Create(p *Plan) (path string, err error) {
	root, err := wholefile.Open(f.Dir())
	if err != nil {
		return "", err
	}
	defer root.Close()
	wholefile.Sweep(root, temporary)
	base := "plan-" + p.CreatedAt.UTC().Format("20060102-150405")
	for n := 1; ; n++ {
		p.ID = base
		if n > 1 {
			p.ID = fmt.Sprintf("%s-%d", base, n)
		}
		if _, err := root.Lstat(p.ID + ".json"); err == nil {
			continue // of another writer in the same second
		}
		err := f.put(root, p, func(temp, name string) error { return wholefile.Claim(root, temp, name) })
		if errors.Is(err, fs.ErrExist) {
			continue
		}
		return f.Path(p.ID), err
	}
}

// patience is how long a writer waits for another.
const patience = 10 * time.Second

// Update changes a plan: change gets the newest revision and makes the next of it.
// The caller names the revision it has read; when another has come since, nothing is
// written and the conflict says what it changed.
//
// What was changed by hand is no revision: nobody held its figures against the run.
// The change is made to the plan as the tools wrote it; aside says that, and the file
// as it was found stays in history.
func (f *Folder) Update(ctx context.Context, id string, revision int, change func(p *Plan, aside bool) error) (p *Plan, path string, err error) {
	if _, err := f.Read(id); err != nil { // before a lock is made for a plan that isn't there
		return nil, "", err
	}
	root, err := wholefile.Open(f.Dir())
	if err != nil {
		return nil, "", err
	}
	defer root.Close()
	if info, err := root.Lstat(filepath.Base(f.Lock())); err == nil && !info.Mode().IsRegular() {
		return nil, "", fault.New(fault.Config, "plans", "%s is no regular file", f.Lock()).Then("Remove it and call again")
	}
	lock := flock.New(f.Lock())
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if got, err := lock.TryLockContext(ctx, 20*time.Millisecond); err != nil || !got {
		return nil, "", fault.New(fault.Conflict, "plan_id", "another writer is at work on the plans").Because(err).Then("Call again; nothing was changed")
	}
	defer lock.Unlock()
	found, err := f.Read(id)
	if err != nil {
		return nil, "", err
	}
	if found.unsealed() {
		return nil, "", fault.New(fault.Conflict, "plan_id", "plan %s was written by an older version and bears no seal", id).Then("Write a new plan from a run")
	}
	if p, err = f.Trusted(id); err != nil {
		return nil, "", err
	}
	if p.Revision != revision {
		return nil, "", conflict(p, revision)
	}
	before, aside := p.Revision, !found.Sealed()
	p.Revision++
	if err := change(p, aside); err != nil {
		return nil, "", err
	}
	if err := keep(root, id, before); err != nil {
		return nil, "", wholefile.Unwritable(id, err)
	}
	if err := f.put(root, p, root.Rename); err != nil {
		return nil, "", err
	}
	return p, f.Path(id), nil
}

// conflict says what changed since the revision that a caller read.
func conflict(p *Plan, revision int) error {
	e := fault.New(fault.Conflict, "revision", "plan %s is at revision %d, not %d", p.ID, p.Revision, revision)
	if revision > p.Revision {
		return e.Then("Read plan://%s and name its revision", p.ID)
	}
	said, more := "", 0
	for _, c := range p.ChangeLog {
		switch {
		case c.Revision <= revision:
		case len(said) > 400:
			more++
		default:
			said += fmt.Sprintf("; %s (%s)", c.What, c.By)
		}
	}
	if more > 0 {
		said += fmt.Sprintf("; and %d more", more)
	}
	if said == "" {
		said = "; what, the change log does not say"
	}
	return e.Then("Changed since%s. Read plan://%s, leave out what is done or no longer fits, and call again with revision %d; nothing of yours was written", said[1:], p.ID, p.Revision)
}
