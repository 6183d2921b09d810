package demo

import (
	"context"
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestCSVRoundTrip reads the files back with the standard library's reader and
// compares every field with the rows.
func TestCSVRoundTrip(t *testing.T) {
	o, dir := Options{Members: 60, Seed: 9}, filepath.Join(t.TempDir(), "program")
	sink, err := NewCSV(dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Generate(context.Background(), o, sink); err != nil {
		t.Fatal(err)
	}
	if err := sink.Close(); err != nil {
		t.Fatal(err)
	}
	want, _ := record(t, o)
	for _, table := range Tables() {
		f, err := os.Open(filepath.Join(dir, table.Name+".csv"))
		if err != nil {
			t.Fatal(err)
		}
		lines, err := csv.NewReader(f).ReadAll()
		f.Close()
		if err != nil {
			t.Fatal(err)
		}
		if len(lines) != len(want[table.Name])+1 {
			t.Fatalf("%s has %d lines for %d rows", table.Name, len(lines), len(want[table.Name]))
		}
		for i, c := range table.Columns {
			if lines[0][i] != c.Name {
				t.Errorf("%s: column %d is %q, want %q", table.Name, i, lines[0][i], c.Name)
			}
			for k, row := range want[table.Name] {
				if got, want := lines[k+1][i], plain(row[i]); got != want {
					t.Fatalf("%s.%s, row %d: %q, want %q", table.Name, c.Name, k, got, want)
				}
			}
		}
	}
}

// plain writes a value as the files should, by other means than they do.
func plain(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case Cents:
		return fmt.Sprintf("%.2f", float64(v)/100)
	case time.Time:
		return strings.TrimSuffix(strings.Replace(v.Format(time.RFC3339), "T", " ", 1), "Z")
	}
	return fmt.Sprint(v)
}

func TestCSVErrors(t *testing.T) {
	sink, err := NewCSV(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if sink.Append("tiers", "Bronze") == nil {
		t.Error("a short row was accepted")
	}
	if sink.Append("nothing") == nil || sink.Close() == nil {
		t.Error("the first error was forgotten")
	}
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := NewCSV(file); err == nil {
		t.Error("a file was accepted as a folder")
	}
}

func TestCents(t *testing.T) {
	for c, want := range map[Cents]string{0: "0.00", 5: "0.05", 1230: "12.30", -7: "-0.07", -12345: "-123.45"} {
		if got := c.String(); got != want {
			t.Errorf("%d cents are %q, want %q", int64(c), got, want)
		}
	}
}
