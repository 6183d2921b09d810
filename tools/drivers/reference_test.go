package drivers_test

import (
	"encoding/csv"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"loyaltymcp/tools/drivers"
)

// reference returns the path of a file of reference values, and skips the test
// where there are none.
func reference(t *testing.T, elem ...string) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			break
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			t.Fatal("no go.mod above the test")
		}
		dir = parent
	}
	name := filepath.Join(append([]string{dir, "..", "shared", "golden", "decomposition"}, elem...)...)
	if _, err := os.Stat(name); err != nil {
		t.Skipf("reference values not available: %v", err)
	}
	return name
}

// expected decodes the expected values of a case.
func expected(t *testing.T, name string, v any) {
	t.Helper()
	b, err := os.ReadFile(reference(t, name, "expected.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, v); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
}

// rows reads a table of a case.
func rows(t *testing.T, elem ...string) []map[string]string {
	t.Helper()
	f, err := os.Open(reference(t, elem...))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	records, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var out []map[string]string
	for _, record := range records[1:] {
		row := map[string]string{}
		for i, name := range records[0] {
			row[name] = record[i]
		}
		out = append(out, row)
	}
	return out
}

func number(t *testing.T, text string) float64 {
	t.Helper()
	v, err := strconv.ParseFloat(text, 64)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// members reads cells of members and rates by population "before" and "after".
func members(t *testing.T, name, file string, dimensions ...string) []drivers.Cell {
	t.Helper()
	var cells []drivers.Cell
	for _, row := range rows(t, name, file) {
		var labels []string
		for _, d := range dimensions {
			labels = append(labels, row[d])
		}
		i := slices.IndexFunc(cells, func(c drivers.Cell) bool { return slices.Equal(c.Labels, labels) })
		if i < 0 {
			i, cells = len(cells), append(cells, drivers.Cell{Labels: labels})
		}
		n := number(t, row["members"])
		part := drivers.Part{Numerator: n * number(t, row["rate"]), Denominator: n}
		if row["pop"] == "before" {
			cells[i].Before = part
		} else {
			cells[i].Now = part
		}
	}
	return cells
}

// driver returns the driver with the labels.
func driver(t *testing.T, d drivers.Decomposition, labels ...string) drivers.Driver {
	t.Helper()
	i := slices.IndexFunc(d.Drivers, func(d drivers.Driver) bool { return slices.Equal(d.Labels, labels) })
	if i < 0 {
		t.Fatalf("no driver %q among %d", labels, len(d.Drivers))
	}
	return d.Drivers[i]
}
