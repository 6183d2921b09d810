// Package golden reads reference values for the tests of the packages under
// stats from a folder of JSON files beside the module. Where the folder is
// absent the tests that need it are skipped.
package golden

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"testing"
)

// Number is a float64 that also reads the strings "Infinity", "-Infinity",
// "NaN", "Inf", "-Inf" and "NA", and null as NaN.
type Number float64

// UnmarshalJSON implements json.Unmarshaler.
func (n *Number) UnmarshalJSON(b []byte) error {
	switch string(b) {
	case `"Infinity"`, `"Inf"`:
		*n = Number(math.Inf(1))
		return nil
	case `"-Infinity"`, `"-Inf"`:
		*n = Number(math.Inf(-1))
		return nil
	case `"NaN"`, `"NA"`, `null`:
		*n = Number(math.NaN())
		return nil
	}
	var f float64
	if err := json.Unmarshal(b, &f); err != nil {
		return err
	}
	*n = Number(f)
	return nil
}

// Tolerance is the allowed deviation |got-want| <= Abs + Rel*|want|.
type Tolerance struct {
	Rel, Abs float64
}

// Within reports whether got is within the tolerance of want. Equal infinities
// and two NaNs are within any tolerance.
func (t Tolerance) Within(got, want float64) bool {
	if math.IsNaN(want) || math.IsInf(want, 0) {
		return got == want || math.IsNaN(got) && math.IsNaN(want)
	}
	return math.Abs(got-want) <= t.Abs+t.Rel*math.Abs(want)
}

// Worst collects the largest relative deviation seen, for the log of a test.
type Worst struct {
	checked int
	dev     float64
	what    string
}

// Check fails the test when got is not within tol of want.
func (w *Worst) Check(t testing.TB, what string, got, want float64, tol Tolerance) {
	t.Helper()
	w.checked++
	if !tol.Within(got, want) {
		t.Errorf("%s: got %.17g, want %.17g", what, got, want)
	}
	if math.Abs(want) <= tol.Abs || math.IsInf(want, 0) {
		return // no relative deviation to speak of
	}
	if dev := math.Abs(got-want) / math.Abs(want); dev > w.dev {
		w.dev, w.what = dev, what
	}
}

// Log writes the number of values checked and the worst deviation.
func (w *Worst) Log(t testing.TB) {
	t.Helper()
	t.Logf("%d values checked, worst relative deviation %.2g (%s)", w.checked, w.dev, w.what)
}

// Path returns the path of a file in the folder of reference values and skips
// the test when it is absent.
func Path(t testing.TB, elem ...string) string {
	t.Helper()
	root, err := moduleRoot()
	if err != nil {
		t.Skipf("reference values not available: %v", err)
	}
	name := filepath.Join(append([]string{root, "..", "shared", "golden"}, elem...)...)
	if _, err := os.Stat(name); err != nil {
		t.Skipf("reference values not available: %v", err)
	}
	return name
}

// Load decodes a JSON file of the folder of reference values into v and skips
// the test when the file is absent.
func Load(t testing.TB, v any, elem ...string) {
	t.Helper()
	b, err := os.ReadFile(Path(t, elem...))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, v); err != nil {
		t.Fatalf("%s: %v", filepath.Join(elem...), err)
	}
}

func moduleRoot() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
		up := filepath.Dir(dir)
		if up == dir {
			return "", fmt.Errorf("no go.mod above the working directory")
		}
		dir = up
	}
}
