package golden_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"loyaltymcp/stats/internal/golden"
)

// Every reference case is asked for by some test under stats.
func TestEveryCaseIsAskedFor(t *testing.T) {
	var index []struct{ Topic, Case string }
	golden.Load(t, &index, "index.json")
	if len(index) < 40 {
		t.Fatalf("%d cases in the index, want them all", len(index))
	}
	var tests strings.Builder
	err := filepath.WalkDir(filepath.Join("..", ".."), func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		text, err := os.ReadFile(path)
		tests.Write(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range index {
		if !strings.Contains(tests.String(), `"`+c.Case) && !strings.Contains(tests.String(), "/"+c.Case) {
			t.Errorf("no test under stats asks for %s/%s", c.Topic, c.Case)
		}
	}
}
