package writeplan

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"loyaltymcp/internal/fault"
	"loyaltymcp/schemas"
	"loyaltymcp/tools/plans"
)

// open makes the folder and opens it as a root, out of which no name in it leads.
// A folder that is itself a link is refused: what it leads to was not given to us.
func (f *Folder) open() (*os.Root, error) {
	if info, err := os.Lstat(f.Dir()); err == nil && info.Mode()&fs.ModeSymlink != 0 {
		return nil, fault.New(fault.Config, "plans", "the folder of the plans is a link to elsewhere").Then("Name the folder itself with --plans")
	}
	if err := os.MkdirAll(f.Dir(), 0o755); err != nil {
		return nil, fault.New(fault.Config, "plans", "the folder of the plans can't be made").Because(err).Then("Name another with --plans")
	}
	root, err := os.OpenRoot(f.Dir())
	if err != nil {
		return nil, fault.New(fault.Config, "plans", "the folder of the plans can't be opened").Because(err).Then("Name another with --plans")
	}
	return root, nil
}

// unfinished is how long a temporary file may belong to a writer at work.
const unfinished = time.Hour

const tempPrefix, tempSuffix = ".plan-", ".tmp"

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

// claim gives a whole file its name, and fails where the name is taken: a link
// does, a rename would replace. Where the file system has no links, the name
// is claimed first.
func claim(root *os.Root, temp, name string) error {
	err := root.Link(temp, name)
	if err == nil || errors.Is(err, fs.ErrExist) {
		return err
	}
	empty, err := root.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	if err := errors.Join(empty.Close(), root.Rename(temp, name)); err != nil {
		return errors.Join(err, root.Remove(name)) // no empty plan stays
	}
	return nil
}

// keep puts a copy of a plan's file by as the revision that it holds, so that each
// stays readable whatever happens to the file. A copy that says the same stays.
func keep(root *os.Root, id string, revision int) error {
	text, err := root.ReadFile(id + ".json")
	if err != nil {
		return err
	}
	if err := root.Mkdir(plans.History, 0o755); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	name := plans.PastName(id, revision)
	for n := 2; ; n++ {
		there, err := root.ReadFile(name)
		if errors.Is(err, fs.ErrNotExist) {
			break
		}
		if err != nil || string(there) == string(text) {
			return err
		}
		// The file was changed by hand since; both are kept.
		name = strings.TrimSuffix(plans.PastName(id, revision), ".json") + fmt.Sprintf("-%d.json", n)
	}
	temp, err := spill(root, text)
	if err != nil {
		return err
	}
	defer root.Remove(temp)
	if err := root.Rename(temp, name); err != nil {
		return err
	}
	return syncFolder(root, plans.History)
}

// put seals a plan, checks it against its schema, writes it whole to a temporary
// file, and has it placed under its name.
func (f *Folder) put(root *os.Root, p *Plan, place func(temp, name string) error) error {
	var err error
	if p.Seal, err = p.sealed(); err != nil {
		return err
	}
	text, err := json.MarshalIndent(p, "", "  ")
	if err != nil {
		return fmt.Errorf("writing plan %s: %w", p.ID, err)
	}
	value, err := schemas.Decode(text)
	if err != nil {
		return fmt.Errorf("writing plan %s: %w", p.ID, err)
	}
	if e := f.schema.Check(fault.Internal, p.ID, value); e != nil {
		return e
	}
	if err := p.coherent(); err != nil {
		return fmt.Errorf("writing plan %s: %v", p.ID, err) // a defect of ours, not of the caller
	}
	temp, err := spill(root, append(text, '\n'))
	if err != nil {
		return unwritable(p.ID, err)
	}
	defer root.Remove(temp)
	if err := place(temp, p.ID+".json"); err != nil {
		if errors.Is(err, fs.ErrExist) {
			return err
		}
		return unwritable(p.ID, err)
	}
	if err := errors.Join(syncFolder(root, "."), keep(root, p.ID, p.Revision)); err != nil {
		return fmt.Errorf("plan %s is written, but may not survive what comes: %w", p.ID, err)
	}
	return nil
}

// spill writes a text to a temporary file of the folder and syncs it.
func spill(root *os.Root, text []byte) (name string, err error) {
	name = tempPrefix + rand.Text() + tempSuffix
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

// syncFolder makes the names in a folder last.
func syncFolder(root *os.Root, name string) error {
	folder, err := root.Open(filepath.FromSlash(name))
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}

// unwritable tells why a plan could not be written; what was there is untouched.
func unwritable(id string, err error) error {
	e := fault.New(fault.Config, "plans", "%s can't be written", id).Because(err)
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		return e.Then("The disk is full: make room and call again; nothing was changed")
	}
	return e.Then("Mend that, or name another folder with --plans; nothing was changed")
}
