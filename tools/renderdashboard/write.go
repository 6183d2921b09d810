package renderdashboard

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"loyaltymcp/internal/fault"
)

const tempPrefix, tempSuffix = ".dashboard-", ".tmp"

// unfinished is how long a temporary file may belong to a writer at work.
const unfinished = time.Hour

// write puts the page into the folder under its name, whole or not at all, and
// replaces the page of an earlier call. A folder that is a link is refused: what
// it leads to was not given to us.
func write(dir, name string, text []byte) (path string, err error) {
	if info, err := os.Lstat(dir); err == nil && info.Mode()&fs.ModeSymlink != 0 {
		return "", fault.New(fault.Config, "plans", "the folder of the plans is a link to elsewhere").Then("Name the folder itself with --plans")
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", fault.New(fault.Config, "plans", "the folder of the plans can't be made").Because(err).Then("Name another with --plans")
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return "", fault.New(fault.Config, "plans", "the folder of the plans can't be opened").Because(err).Then("Name another with --plans")
	}
	defer root.Close()
	sweep(root)
	if info, err := root.Lstat(name); err == nil && !info.Mode().IsRegular() {
		return "", fault.New(fault.Config, "plans", "%s is no regular file", name).Then("Remove it and call again")
	}
	temp := tempPrefix + rand.Text() + tempSuffix
	defer root.Remove(temp) // nothing is left to remove once it is renamed
	if err := spill(root, temp, text); err != nil {
		return "", unwritable(name, err)
	}
	if err := root.Rename(temp, name); err != nil {
		return "", unwritable(name, err)
	}
	folder, err := root.Open(".")
	if err != nil {
		return "", unwritable(name, err)
	}
	if err := errors.Join(folder.Sync(), folder.Close()); err != nil {
		return "", fmt.Errorf("%s is written, but may not survive what comes: %w", name, err)
	}
	return filepath.Join(dir, name), nil
}

// spill writes a text to a new file of the folder and syncs it.
func spill(root *os.Root, name string, text []byte) error {
	file, err := root.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	_, err = file.Write(text)
	return errors.Join(err, file.Sync(), file.Close())
}

// sweep removes the temporary files that killed writers left.
func sweep(root *os.Root) {
	entries, _ := fs.ReadDir(root.FS(), ".")
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), tempPrefix) || !strings.HasSuffix(e.Name(), tempSuffix) {
			continue
		}
		if info, err := e.Info(); err == nil && info.Mode().IsRegular() && time.Since(info.ModTime()) > unfinished {
			_ = root.Remove(e.Name()) // the next writer tries again
		}
	}
}

// unwritable tells why the page could not be written; what was there is
// untouched.
func unwritable(name string, err error) error {
	e := fault.New(fault.Config, "plans", "%s can't be written", name).Because(err)
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		return e.Then("The disk is full: make room and call again; nothing was changed")
	}
	return e.Then("Mend that, or name another folder with --plans; nothing was changed")
}
