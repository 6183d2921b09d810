package writeplan

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"loyaltymcp/internal/fault"
	"loyaltymcp/schemas"
	"loyaltymcp/tools/plans"
)

// Folder is where plans are kept, one JSON file each.
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

// Parse reads a plan's text and checks it against the schema.
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
	return &p, nil
}

// Before returns the newest plan of the program whose as_of lies before the
// given day, nil when there is none. A file that is no valid plan is passed
// over: an edit by hand must not stop the next run.
func (f *Folder) Before(program, asOf string) (*Plan, error) {
	ids, err := f.IDs()
	if err != nil {
		return nil, err
	}
	var newest *Plan
	for _, id := range ids {
		p, err := f.Read(id)
		if err != nil || p.Program != program || p.Run.AsOf >= asOf {
			continue
		}
		if newest == nil || p.Run.AsOf > newest.Run.AsOf {
			newest = p
		}
	}
	return newest, nil
}

// Create writes a new plan under an id made of its time. The file appears
// whole or not at all, and never replaces another.
func (f *Folder) Create(p *Plan) (path string, err error) {
	if err := os.MkdirAll(f.Dir(), 0o755); err != nil {
		return "", fault.New(fault.Config, "plans", "the folder of the plans can't be made").Because(err)
	}
	f.sweep()
	base := "plan-" + p.CreatedAt.UTC().Format("20060102-150405")
	for n := 1; ; n++ {
		p.ID = base
		if n > 1 {
			p.ID = fmt.Sprintf("%s-%d", base, n)
		}
		path := filepath.Join(f.Dir(), p.ID+".json")
		err := f.create(path, p)
		if errors.Is(err, os.ErrExist) {
			continue
		}
		return path, err
	}
}

// unfinished is how long a temporary file may belong to a writer at work.
const unfinished = time.Hour

// sweep removes the temporary files that killed writers left.
func (f *Folder) sweep() {
	left, _ := filepath.Glob(filepath.Join(f.Dir(), ".plan-*.tmp"))
	for _, path := range left {
		if info, err := os.Lstat(path); err == nil && info.Mode().IsRegular() && time.Since(info.ModTime()) > unfinished {
			_ = os.Remove(path) // the next writer tries again
		}
	}
}

// place gives a whole file its name, and fails where the name is taken: a link
// does, a rename would replace. Where the file system has no links, the name
// is claimed first.
func place(temp, path string) error {
	err := os.Link(temp, path)
	if err == nil || errors.Is(err, os.ErrExist) {
		return err
	}
	claim, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	if err := claim.Close(); err != nil {
		return err
	}
	return os.Rename(temp, path)
}

func (f *Folder) create(path string, p *Plan) error {
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
	temp, err := os.CreateTemp(f.Dir(), ".plan-*.tmp")
	if err != nil {
		return fault.New(fault.Config, "plans", "the folder of the plans can't be written to").Because(err)
	}
	defer os.Remove(temp.Name())
	_, err = temp.Write(append(text, '\n'))
	err = errors.Join(err, temp.Chmod(0o644), temp.Sync(), temp.Close())
	if err != nil {
		return fmt.Errorf("writing plan %s: %w", p.ID, err)
	}
	if err := place(temp.Name(), path); err != nil {
		return err
	}
	folder, err := os.Open(f.Dir())
	if err != nil {
		return err
	}
	defer folder.Close()
	return folder.Sync()
}
