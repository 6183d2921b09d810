package duckdb

import (
	"os"
	"path/filepath"
	"slices"
	"strings"

	"loyaltymcp/internal/fault"
	"loyaltymcp/warehouse"
)

// attached is the name under which a .duckdb file is attached.
const attached = "warehouse"

// source is one table to be loaded from files.
type source struct {
	field string // the config field or file to blame
	table string
	feed  bool // from a feed's file:, not from the folder
	files []string
}

// create returns the statement that loads the source.
func (s source) create() string {
	name := warehouse.Quote(s.table)
	list := make([]string, len(s.files))
	for i, file := range s.files {
		list[i] = warehouse.Literal(file)
	}
	paths := "[" + strings.Join(list, ", ") + "]"
	var read string
	switch format(s.files[0]) {
	case "parquet":
		read = "read_parquet(" + paths + ", union_by_name=true)"
	case "json":
		read = "read_json(" + paths + ", sample_size=-1, union_by_name=true)"
	default:
		// The whole file is sampled: a type guessed from its head fails, or
		// worse turns to text, on a later row.
		read = "read_csv(" + paths + ", sample_size=-1, union_by_name=true)"
	}
	return "CREATE TABLE " + name + " AS SELECT * FROM " + read
}

// sources lists what must be loaded: the folder's files and the file: feeds.
func (e *Engine) sources() ([]source, error) {
	var out []source
	if e.options.Path != "" && !e.isFile {
		folder, err := folderSources(e.options.Path)
		if err != nil {
			return nil, err
		}
		out = folder
	}
	feeds := make([]string, 0, len(e.options.Files))
	for feed := range e.options.Files {
		feeds = append(feeds, feed)
	}
	slices.Sort(feeds)
	for _, feed := range feeds {
		field := "feeds." + feed + ".file"
		files, err := filepath.Glob(e.options.Files[feed])
		if err != nil || len(files) == 0 {
			return nil, fault.New(fault.Config, field, "no file matches %s", e.options.Files[feed]).
				Then("Correct the path; a relative one counts from the folder of loyalty.yaml")
		}
		for _, file := range files {
			if format(file) == "" {
				return nil, fault.New(fault.Config, field, "%s is neither CSV, Parquet nor JSON", filepath.Base(file)).
					Then("Name a .csv, .csv.gz, .parquet, .json or .jsonl file")
			}
			if format(file) != format(files[0]) {
				return nil, fault.New(fault.Config, field, "matches files of different formats").Then("Narrow the glob to one format")
			}
		}
		out = append(out, source{field: field, table: "file_" + feed, feed: true, files: files})
	}
	return out, nil
}

func folderSources(folder string) ([]source, error) {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil, fault.New(fault.Config, "warehouse", "the folder %s can't be read", folder).Because(err)
	}
	byTable := map[string]int{}
	var out []source
	for _, entry := range entries {
		if entry.IsDir() || format(entry.Name()) == "" {
			continue
		}
		table, _, _ := strings.Cut(entry.Name(), ".")
		if i, taken := byTable[table]; taken {
			return nil, fault.New(fault.Config, "warehouse", "the files %s and %s would both be the table %q", filepath.Base(out[i].files[0]), entry.Name(), table).
				Then("Rename or remove one of them")
		}
		byTable[table] = len(out)
		out = append(out, source{field: entry.Name(), table: table, files: []string{filepath.Join(folder, entry.Name())}})
	}
	if len(out) == 0 {
		return nil, fault.New(fault.Config, "warehouse", "the folder %s holds no CSV, Parquet or JSON file", folder).
			Then("Name the folder that does")
	}
	return out, nil
}

// format returns csv, parquet or json by a file's name, or "".
func format(file string) string {
	name := strings.TrimSuffix(strings.ToLower(filepath.Base(file)), ".gz")
	switch filepath.Ext(name) {
	case ".csv", ".tsv":
		return "csv"
	case ".parquet":
		return "parquet"
	case ".json", ".jsonl", ".ndjson":
		return "json"
	}
	return ""
}

// Relation implements warehouse.Reader.
func (r *reader) Relation(feed string, from warehouse.Mapped) (string, error) {
	if from.File != "" {
		return warehouse.Quote("file_" + feed), nil
	}
	return warehouse.RelationText(feed, from)
}
