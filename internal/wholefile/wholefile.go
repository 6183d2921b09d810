// Package wholefile writes files of a folder whole or not at all: to a temporary file
// first, synced, and then placed under their name. It works on an os.Root, out of
// which no name leads, and tells failures as the operator should read them.
package wholefile

import (
	"crypto/rand"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"loyaltymcp/internal/fault"
)

// unfinished is how long a temporary file may belong to a writer at work.
const unfinished = time.Hour

const suffix = ".tmp"

// Open makes the folder of the plans and opens it. A folder that is itself a link is
// refused: what it leads to was not given to us.
func Open(dir string) (*os.Root, error) {
	if info, err := os.Lstat(dir); err == nil && info.Mode()&fs.ModeSymlink != 0 {
		return nil, fault.New(fault.Config, "plans", "the folder of the plans is a link to elsewhere").Then("Name the folder itself with --plans")
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fault.New(fault.Config, "plans", "the folder of the plans can't be made").Because(err).Then("Name another with --plans")
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fault.New(fault.Config, "plans", "the folder of the plans can't be opened").Because(err).Then("Name another with --plans")
	}
	return root, nil
}

// Sweep removes the temporary files with the prefix that killed writers left.
func Sweep(root *os.Root, prefix string) {
	entries, _ := fs.ReadDir(root.FS(), ".")
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), prefix) || !strings.HasSuffix(e.Name(), suffix) {
			continue
		}
		if info, err := e.Info(); err == nil && info.Mode().IsRegular() && time.Since(info.ModTime()) > unfinished {
			_ = root.Remove(e.Name()) // the next writer tries again
		}
	}
}

// Spill writes a text to a new temporary file of the folder, syncs it, and returns its
// name. Nothing is left of one that fails.
func Spill(root *os.Root, prefix string, text []byte) (name string, err error) {
	name = prefix + rand.Text() + suffix
	file, err := root.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
	if err != nil {
		return "", err
	}
	_, err = file.Write(text)
	if err = errors.Join(err, file.Sync(), file.Close()); err != nil {
		return "", errors.Join(err, root.Remove(name))
	}
	return name, nil
}

// Claim gives a whole file its name, and fails with fs.ErrExist where the name is
// taken: a link does, a rename would replace. Where the file system has no links, the
// name is claimed first.
func Claim(root *os.Root, temp, name string) error {
	err := root.Link(temp, name)
	if err == nil || errors.Is(err, fs.ErrExist) {
		return err
	}
	empty, err := root.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	if err := errors.Join(empty.Close(), root.Rename(temp, name)); err != nil {
		return errors.Join(err, root.Remove(name)) // no empty file stays
	}
	return nil
}

// SyncFolder makes the names in a folder of the root last.
func SyncFolder(root *os.Root, name string) error {
	folder, err := root.Open(filepath.FromSlash(name))
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}

// Unwritable tells why what could not be written; what was there is untouched.
func Unwritable(what string, err error) error {
	e := fault.New(fault.Config, "plans", "%s can't be written", what).Because(err)
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		return e.Then("The disk is full: make room and call again; nothing was changed")
	}
	return e.Then("Mend that, or name another folder with --plans; nothing was changed")
}
