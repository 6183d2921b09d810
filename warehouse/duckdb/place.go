package duckdb

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"loyaltymcp/internal/fault"
	"loyaltymcp/warehouse"
)

// Free refuses a place for a copy unless nothing is there or a copy that a
// sync made: whatever else stands there is never overwritten.
func Free(ctx context.Context, file string) error {
	refused := func(format string) error {
		return fault.New(fault.Config, "sync.file", format, filepath.Base(file)).
			Then("Name another file, as in loyalty.duckdb, or move that one away")
	}
	if !strings.EqualFold(filepath.Ext(file), ".duckdb") {
		return fault.New(fault.Config, "sync.file", "%s is no name for a copy: it must end in .duckdb", filepath.Base(file)).
			Then("Name another file, as in loyalty.duckdb")
	}
	info, err := os.Stat(file)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if _, err := os.Lstat(file); err == nil {
			return refused("%s is a link to nowhere")
		}
		return nil
	case err != nil:
		return fault.New(fault.Config, "sync.file", "%s can't be looked at", filepath.Base(file)).Because(reason(err)).Then("Name another file")
	case info.IsDir():
		return refused("%s is a folder")
	case !info.Mode().IsRegular():
		return refused("%s is no plain file")
	}
	made, err := synced(ctx, file)
	if err == nil && !made {
		err = refused("%s is there already and no copy that a sync made, so it is not overwritten")
	}
	return err
}

// synced reports whether the file is a copy that a sync made, whole.
func synced(ctx context.Context, file string) (bool, error) {
	e, err := Open(Options{Path: file, Threads: 1, MemoryMB: 256})
	if err != nil {
		return false, err
	}
	defer e.Close()
	r, err := e.Begin(ctx)
	if ctx.Err() != nil {
		return false, ctx.Err()
	}
	if err != nil {
		return false, nil // no database, or one that someone writes to
	}
	defer r.Close()
	stamps := 0
	err = r.Query(ctx, "SELECT mapping, engine, synced_at FROM "+stampTable, nil, func(warehouse.Row) error {
		stamps++
		return nil
	})
	if ctx.Err() != nil {
		return false, ctx.Err()
	}
	return err == nil && stamps == 1, nil
}

// lockPlace keeps other syncs away from the file. A process of another
// container may have the same id as this one, so what counts is the lock, which
// goes with whoever holds it.
func lockPlace(file string) (*os.File, error) {
	name := file + ".lock"
	for {
		f, err := os.OpenFile(name, os.O_CREATE|os.O_RDWR, 0o600)
		if err != nil {
			return nil, fault.New(fault.Config, "sync.file", "nothing can be written beside it").Because(reason(err)).
				Then("Let the user that syncs write to the folder, or name a file elsewhere")
		}
		if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
			f.Close()
			if errors.Is(err, syscall.EWOULDBLOCK) {
				return nil, fault.New(fault.Conflict, "sync.file", "another sync writes to %s", filepath.Base(file)).Then("Wait until it is done")
			}
			return nil, fault.New(fault.Config, "sync.file", "can't be locked").Because(err).Then("Name a file on a disk that knows locks")
		}
		// Who held it before may have taken the file away in between.
		held, err := f.Stat()
		if now, gone := os.Stat(name); err == nil && gone == nil && os.SameFile(held, now) {
			return f, nil
		}
		f.Close()
	}
}

// unlockPlace lets other syncs in.
func unlockPlace(lock *os.File) error {
	return errors.Join(os.Remove(lock.Name()), lock.Close())
}

// removeLeftovers removes what crashed syncs left of their copies. The caller
// holds the lock, so none of them is alive.
func removeLeftovers(file string) {
	matches, _ := filepath.Glob(globQuoter.Replace(file) + ".*.sync*")
	for _, match := range matches {
		id, _, _ := strings.Cut(strings.TrimPrefix(match, file+"."), ".")
		if _, err := strconv.ParseUint(id, 10, 64); err == nil {
			os.Remove(match)
		}
	}
}

var globQuoter = strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`)
