package writeplan

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"loyaltymcp/internal/fault"
	"loyaltymcp/internal/wholefile"
	"loyaltymcp/schemas"
	"loyaltymcp/tools/plans"
)

// temporary is how the names of files begin that are still being written.
const temporary = ".plan-"

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
	temp, err := wholefile.Spill(root, temporary, text)
	if err != nil {
		return err
	}
	defer root.Remove(temp)
	if err := root.Rename(temp, name); err != nil {
		return err
	}
	return wholefile.SyncFolder(root, plans.History)
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
	temp, err := wholefile.Spill(root, temporary, append(text, '\n'))
	if err != nil {
		return wholefile.Unwritable(p.ID, err)
	}
	defer root.Remove(temp)
	if err := place(temp, p.ID+".json"); err != nil {
		if errors.Is(err, fs.ErrExist) {
			return err
		}
		return wholefile.Unwritable(p.ID, err)
	}
	if err := errors.Join(wholefile.SyncFolder(root, "."), keep(root, p.ID, p.Revision)); err != nil {
		return fmt.Errorf("plan %s is written, but may not survive what comes: %w", p.ID, err)
	}
	return nil
}
