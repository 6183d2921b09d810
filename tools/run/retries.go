package run

import (
	"errors"
	"os"
	"path/filepath"
	"slices"

	"loyaltymcp/warehouse"
)

// addRetries keeps the retries that a stage took, after those it took before.
func (s *Store) addRetries(id, stage string, made []warehouse.Retry) error {
	if len(made) == 0 {
		return nil
	}
	s.retries.Lock()
	defer s.retries.Unlock()
	before, err := s.stageRetries(id, stage)
	if err != nil {
		return err
	}
	return s.write(id, "retries-"+stage, append(before, made...))
}

func (s *Store) stageRetries(id, stage string) (made []warehouse.Retry, err error) {
	err = s.read(id, "retries-"+stage, &made)
	if errors.Is(err, os.ErrNotExist) {
		err = nil
	}
	return made, err
}

// Retries returns every retry that the run took: at its opening, then by stage.
func (s *Store) Retries(r *Run) ([]warehouse.Retry, error) {
	all := slices.Clone(r.Retries)
	for _, stage := range Stages() {
		made, err := s.stageRetries(r.ID, stage)
		if err != nil {
			return nil, err
		}
		all = append(all, made...)
	}
	return all, nil
}

// Forget removes a run that nobody was told of.
func (s *Store) Forget(id string) error { return os.RemoveAll(filepath.Join(s.dir, id)) }
