package duckdb

import (
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"loyaltymcp/internal/fault"
	"loyaltymcp/warehouse"
)

// The formats of files.
const (
	formatCSV     = "CSV"
	formatParquet = "Parquet"
	formatJSON    = "JSON"
)

// source is one table made of files of one format.
type source struct {
	field  string // the config field or file to blame
	own    bool   // of a feed mapped with file:
	table  string
	format string
	files  []string // with links resolved
}

// list returns the source's files as an SQL list.
func (s source) list() string { return list(s.files) }

func list(files []string) string {
	quoted := make([]string, len(files))
	for i, file := range files {
		quoted[i] = warehouse.Literal(file)
	}
	return "[" + strings.Join(quoted, ", ") + "]"
}

// inPlace returns the files that are read where they are, sorted.
func inPlace(sources []source) []string {
	var files []string
	for _, s := range sources {
		if s.format == formatParquet {
			files = append(files, s.files...)
		}
	}
	slices.Sort(files)
	return slices.Compact(files)
}

// sources lists the folder's tables and the file: feeds.
func (e *Engine) sources() ([]source, error) {
	var out []source
	if e.options.Path != "" && !e.isFile {
		folder, err := folderSources(e.options.Path)
		if err != nil {
			return nil, err
		}
		out = folder
	}
	for _, feed := range slices.Sorted(maps.Keys(e.options.Files)) {
		s, err := e.feedSource(feed, e.options.Files[feed])
		if err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	return out, nil
}

// needed leaves out the folder's tables that no mapping mentions: a file that
// nobody reads should neither take time nor be in the way.
func (e *Engine) needed(all []source) []source {
	var texts []string
	for _, from := range e.options.Mapping {
		texts = append(texts, from.Table, from.SQL)
	}
	mapping := strings.ToLower(strings.Join(texts, "\n"))
	out := []source{}
	for _, s := range all {
		if len(texts) > 0 && !s.own && !strings.Contains(mapping, strings.ToLower(s.table)) {
			continue
		}
		if !s.own {
			s.field = e.blamed(s.table)
		}
		out = append(out, s)
	}
	return out
}

// blamed is the field to blame for a table of the folder: the feeds that read
// it, where they can be told.
func (e *Engine) blamed(table string) string {
	word := regexp.MustCompile(`(?i)\b` + regexp.QuoteMeta(table) + `\b`)
	var feeds []string
	for _, feed := range warehouse.FeedNames() {
		if from, ok := e.options.Mapping[feed]; ok && (word.MatchString(from.Table) || word.MatchString(from.SQL)) {
			feeds = append(feeds, "feeds."+feed)
		}
	}
	if feeds == nil {
		return "warehouse"
	}
	return strings.Join(feeds, ", ")
}

// name names the source's files in messages.
func (s source) name() string {
	if len(s.files) == 1 {
		return filepath.Base(s.files[0])
	}
	return fmt.Sprintf("one of the %d files of %s", len(s.files), s.table)
}

// feedSource finds the files of a feed mapped with file:.
func (e *Engine) feedSource(feed, pattern string) (source, error) {
	field := "feeds." + feed + ".file"
	s := source{field: field, own: true, table: "file_" + feed}
	roots := []string{e.options.Root}
	if !e.isFile {
		roots = append(roots, e.options.Path)
	}
	matches, err := filepath.Glob(pattern)
	matches = slices.DeleteFunc(matches, func(match string) bool { return wild(pattern, match) })
	if err != nil || len(matches) == 0 {
		return s, fault.New(fault.Config, field, "no file matches %s", filepath.Base(pattern)).
			Then("Correct the path; a relative one counts from the folder of loyalty.yaml")
	}
	for _, match := range matches {
		if info, err := os.Stat(match); err == nil && info.IsDir() {
			below, err := walk(match)
			if err != nil {
				return s, fault.New(fault.Config, field, "the folder %s can't be read", filepath.Base(match)).Because(err)
			}
			s.files = append(s.files, below...)
			continue
		}
		if format(match) == "" {
			return s, fault.New(fault.Config, field, "%s is neither CSV, Parquet nor JSON", filepath.Base(match)).
				Then("Name a .csv, .csv.gz, .parquet, .json or .jsonl file")
		}
		s.files = append(s.files, match)
	}
	return s.settled(roots...)
}

// folderSources lists the tables of a folder: each file is one, and so is each
// folder in it, of all files below. Names that begin with a dot or an
// underscore are passed over.
func folderSources(folder string) ([]source, error) {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil, fault.New(fault.Config, "warehouse", "the folder %s can't be read", folder).Because(reason(err)).
			Then("Let the user that runs the monitor read it")
	}
	names := map[string]string{} // by table
	var out []source
	for _, entry := range entries {
		s := source{field: entry.Name()}
		path := filepath.Join(folder, entry.Name())
		info, err := os.Stat(path)
		switch {
		case hidden(entry.Name()) || err != nil:
			continue
		case info.IsDir():
			if s.files, err = walk(path); err != nil {
				return nil, fault.New(fault.Config, "warehouse", "the folder %s can't be read", entry.Name()).Because(reason(err)).
					Then("Let the user that runs the monitor read it")
			}
		case format(path) != "":
			s.files = []string{path}
		}
		if len(s.files) == 0 {
			continue
		}
		s.table, _, _ = strings.Cut(entry.Name(), ".")
		if other, taken := names[strings.ToLower(s.table)]; taken {
			return nil, fault.New(fault.Config, "warehouse", "%s and %s would both be the table %q", other, entry.Name(), s.table).
				Then("Rename or remove one of them")
		}
		names[strings.ToLower(s.table)] = entry.Name()
		if s, err = s.settled(folder); err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	if len(out) == 0 {
		return nil, fault.New(fault.Config, "warehouse", "the folder %s holds no CSV, Parquet or JSON file", folder).
			Then("Name the folder that does")
	}
	return out, nil
}

// settled checks that the files are of one format and lie below one of the
// roots, and resolves their links: what is read later is what was checked.
func (s source) settled(roots ...string) (source, error) {
	if len(s.files) == 0 {
		return s, fault.New(fault.Config, s.field, "the folder holds no CSV, Parquet or JSON file").Then("Name the folder that does")
	}
	s.format = format(s.files[0])
	for i, file := range s.files {
		if format(file) != s.format {
			return s, fault.New(fault.Config, s.field, "holds files of different formats: %s and %s", filepath.Base(s.files[0]), filepath.Base(file)).
				Then("Keep files of one format together, or narrow the glob to one")
		}
		real, err := filepath.EvalSymlinks(file)
		if err != nil {
			return s, fault.New(fault.Config, s.field, "%s is gone", filepath.Base(file)).Then("Put it back, or correct loyalty.yaml")
		}
		if !slices.ContainsFunc(roots, func(root string) bool { return root != "" && isBelow(real, root) }) {
			return s, fault.New(fault.Config, s.field, "%s lies outside the folder of loyalty.yaml", filepath.Base(file)).
				Then("Move the file below it, or name its folder: warehouse: duckdb:FOLDER")
		}
		s.files[i] = real
	}
	slices.Sort(s.files)
	return s, nil
}

// isBelow reports whether the file, its links resolved, lies below the folder.
func isBelow(file, folder string) bool {
	root, err := filepath.EvalSymlinks(folder)
	if err != nil {
		return false
	}
	relative, err := filepath.Rel(root, file)
	return err == nil && filepath.IsLocal(relative)
}

// walk returns the data files below a folder.
func walk(folder string) ([]string, error) {
	var files []string
	err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case path != folder && hidden(entry.Name()) && entry.IsDir():
			return fs.SkipDir
		case !entry.IsDir() && !hidden(entry.Name()) && format(path) != "":
			files = append(files, path)
		}
		return nil
	})
	return files, err
}

// hidden reports whether a name marks what is no data: .git, _SUCCESS.
func hidden(name string) bool { return strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_") }

// wild reports whether a wildcard stands for a hidden name in the match.
func wild(pattern, match string) bool {
	pattern, match = filepath.Clean(pattern), filepath.Clean(match)
	wanted, got := strings.Split(pattern, string(filepath.Separator)), strings.Split(match, string(filepath.Separator))
	for i := range min(len(wanted), len(got)) {
		if got[i] != wanted[i] && hidden(got[i]) {
			return true
		}
	}
	return false
}

// reason is an error of the file system without its path.
func reason(err error) error {
	if pathError, ok := err.(*fs.PathError); ok {
		return pathError.Err
	}
	return err
}

// format returns the format by a file's name, or "".
func format(file string) string {
	name := strings.TrimSuffix(strings.ToLower(filepath.Base(file)), ".gz")
	switch filepath.Ext(name) {
	case ".csv", ".tsv":
		return formatCSV
	case ".parquet":
		return formatParquet
	case ".json", ".jsonl", ".ndjson":
		return formatJSON
	}
	return ""
}
