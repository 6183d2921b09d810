package run

import (
	"cmp"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"loyaltymcp/internal/fault"
)

// Lifetime is how long a run can be referred to.
const Lifetime = 7 * 24 * time.Hour

// Store keeps runs in a folder of their own: aggregates only, readable by
// their owner only, and forgotten after Lifetime.
type Store struct {
	dir string
	now func() time.Time

	retries sync.Mutex // held to add to the retries of a run
}

// NewStore returns a store in dir, which it makes when first needed.
func NewStore(dir string, now func() time.Time) *Store { return &Store{dir: dir, now: now} }

// Kept is a stage as the store keeps it.
type Kept struct {
	Result   json.RawMessage `json:"result"` // whole, not trimmed
	Points   []Point         `json:"points"`
	Started  time.Time       `json:"started"`
	Finished time.Time       `json:"finished"`
}

var idForm = regexp.MustCompile(`^run-[0-9a-f]{12}$`)

func newID() string {
	var b [6]byte
	rand.Read(b[:]) // never fails
	return "run-" + hex.EncodeToString(b[:])
}

// Create writes a new run and forgets the expired ones.
func (s *Store) Create(r *Run) error {
	s.expire()
	return s.write(r.ID, "run", r)
}

// Load returns a run by id.
func (s *Store) Load(id string) (*Run, error) {
	if !idForm.MatchString(id) {
		return nil, fault.New(fault.Invalid, "run_id", "%q is no run id", id).
			Then("Call pull_metrics and use the run_id it returns")
	}
	var r Run
	err := s.read(id, "run", &r)
	if errors.Is(err, os.ErrNotExist) || err == nil && s.now().Sub(r.CreatedAt) > Lifetime {
		return nil, fault.New(fault.NotFound, "run_id", "there is no run %s; runs are kept for %d days", id, int(Lifetime.Hours()/24)).
			OneOf(id, s.Recent(5)).Then("Call pull_metrics to open a new run")
	}
	if err != nil {
		return nil, fmt.Errorf("loading run %s: %w", id, err)
	}
	return &r, nil
}

// Recent returns the ids of the newest runs that have not expired, newest
// first.
func (s *Store) Recent(most int) []string {
	var ids []string
	for _, r := range s.newest(most, func(*Run) bool { return true }) {
		ids = append(ids, r.ID)
	}
	return ids
}

// Earlier returns the newest runs of the same program that were opened before
// or with the run and have not expired, newest first, without the run itself.
func (s *Store) Earlier(than *Run, most int) []*Run {
	return s.newest(most, func(r *Run) bool {
		return r.ID != than.ID && r.Program == than.Program && !r.CreatedAt.After(than.CreatedAt)
	})
}

// newest returns the newest runs of those wanted that have not expired.
func (s *Store) newest(most int, want func(*Run) bool) []*Run {
	runs := slices.DeleteFunc(s.all(), func(r *Run) bool { return s.now().Sub(r.CreatedAt) > Lifetime || !want(r) })
	slices.SortFunc(runs, func(a, b *Run) int {
		return cmp.Or(b.CreatedAt.Compare(a.CreatedAt), strings.Compare(a.ID, b.ID))
	})
	return runs[:min(most, len(runs))]
}

// all returns the runs in the folder; what can't be read is passed over.
func (s *Store) all() []*Run {
	entries, err := os.ReadDir(s.dir)
	if err != nil {
		return nil
	}
	var runs []*Run
	for _, entry := range entries {
		var r Run
		if idForm.MatchString(entry.Name()) && s.read(entry.Name(), "run", &r) == nil && r.ID == entry.Name() {
			runs = append(runs, &r)
		}
	}
	return runs
}

// PutStage keeps a stage's whole result and its data points.
func (s *Store) PutStage(id, stage string, result any, points []Point, started time.Time) error {
	raw, err := json.Marshal(result)
	if err != nil {
		return fmt.Errorf("keeping %s of %s: %w", stage, id, err)
	}
	return s.write(id, "stage-"+stage, Kept{Result: raw, Points: points, Started: started, Finished: s.now()})
}

// Stage returns a stage of a run, nil when it has not run.
func (s *Store) Stage(id, stage string) (*Kept, error) {
	var kept Kept
	err := s.read(id, "stage-"+stage, &kept)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading %s of run %s: %w", stage, id, err)
	}
	return &kept, nil
}

// Into reads a stage's result into a value of its type; false when the stage
// has not run.
func (s *Store) Into(id, stage string, result any) (bool, error) {
	kept, err := s.Stage(id, stage)
	if err != nil || kept == nil {
		return false, err
	}
	if err := json.Unmarshal(kept.Result, result); err != nil {
		return false, fmt.Errorf("reading %s of run %s: %w", stage, id, err)
	}
	return true, nil
}

// Points returns the data points of all stages of a run by id.
func (s *Store) Points(id string) (map[string]Point, error) {
	all := map[string]Point{}
	for _, stage := range Stages() {
		kept, err := s.Stage(id, stage)
		if err != nil {
			return nil, err
		}
		if kept != nil {
			for _, p := range kept.Points {
				all[p.ID] = p
			}
		}
	}
	return all, nil
}

func (s *Store) file(id, name string) string { return filepath.Join(s.dir, id, name+".json") }

func (s *Store) read(id, name string, into any) error {
	b, err := os.ReadFile(s.file(id, name))
	if err != nil {
		return err
	}
	return json.Unmarshal(b, into)
}

// write replaces a file whole, so that a reader never sees half of it.
func (s *Store) write(id, name string, value any) error {
	b, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("keeping %s of %s: %w", name, id, err)
	}
	folder := filepath.Join(s.dir, id)
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return fmt.Errorf("keeping run %s: %w", id, err)
	}
	temp, err := os.CreateTemp(folder, name+".*.tmp")
	if err != nil {
		return fmt.Errorf("keeping run %s: %w", id, err)
	}
	defer os.Remove(temp.Name())
	_, err = temp.Write(b)
	if err := errors.Join(err, temp.Close()); err != nil {
		return fmt.Errorf("keeping run %s: %w", id, err)
	}
	return os.Rename(temp.Name(), s.file(id, name))
}

// expire removes runs past their lifetime. Failing to is harmless: Load
// refuses them all the same.
func (s *Store) expire() {
	for _, r := range s.all() {
		if s.now().Sub(r.CreatedAt) > Lifetime {
			os.RemoveAll(filepath.Join(s.dir, r.ID))
		}
	}
}
