package duckdb

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"loyaltymcp/internal/fault"
)

// state is what the files of a source look like from outside.
type state struct {
	files []string // sorted
	infos map[string]os.FileInfo
}

// look takes the state of the file at Path, or of the sources' files.
func (e *Engine) look(sources []source) (state, error) {
	var files []string
	if e.isFile {
		files = append(files, e.options.Path)
	}
	for _, s := range sources {
		files = append(files, s.files...)
	}
	slices.Sort(files)
	s := state{files: slices.Compact(files), infos: map[string]os.FileInfo{}}
	for _, file := range s.files {
		info, err := os.Stat(file)
		if err != nil {
			return state{}, fault.New(fault.Config, "warehouse", "%s is gone", filepath.Base(file)).Then("Put it back, or correct loyalty.yaml")
		}
		s.infos[file] = info
	}
	return s, nil
}

// generation identifies the state by the files' names, sizes and times of
// change.
func (s state) generation() string {
	h := sha256.New()
	for _, file := range s.files {
		info := s.infos[file]
		fmt.Fprintf(h, "%s %d %d\n", filepath.Base(file), info.Size(), info.ModTime().UnixNano())
	}
	return hex.EncodeToString(h.Sum(nil))[:16]
}

// only keeps of the state what the files look like.
func (s state) only(files []string) state {
	out := state{files: files, infos: map[string]os.FileInfo{}}
	for _, file := range files {
		out.infos[file] = s.infos[file]
	}
	return out
}

// unchanged compares with a later state of the same files.
func (s state) unchanged(later state) error {
	for _, file := range s.files {
		if !same(s.infos[file], later.infos[file]) {
			return changed(file)
		}
	}
	return nil
}

// check looks at the files again.
func (s state) check() error {
	for _, file := range s.files {
		info, err := os.Stat(file)
		if err != nil || !same(s.infos[file], info) {
			return changed(file)
		}
	}
	return nil
}

func same(a, b os.FileInfo) bool {
	return os.SameFile(a, b) && a.Size() == b.Size() && a.ModTime().Equal(b.ModTime())
}

func changed(file string) error {
	return fault.New(fault.Conflict, "warehouse", "%s changed while it was read", filepath.Base(file)).
		Then("Start again when it is complete; replace files by renaming a whole new one into place")
}
