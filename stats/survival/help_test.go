package survival_test

import (
	"encoding/csv"
	"math"
	"os"
	"slices"
	"strconv"
	"testing"

	"loyaltymcp/stats/internal/golden"
)

func near(a, b, tol float64) bool { return math.Abs(a-b) <= tol*math.Max(1, math.Abs(b)) }

// sheet is a file of reference data by column.
type sheet struct {
	header []string
	rows   [][]string
}

func read(t testing.TB, elem ...string) sheet {
	t.Helper()
	file, err := os.Open(golden.Path(t, elem...))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	rows, err := csv.NewReader(file).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return sheet{rows[0], rows[1:]}
}

func (s sheet) text(name string) []string {
	at := slices.Index(s.header, name)
	var out []string
	for _, row := range s.rows {
		out = append(out, row[at])
	}
	return out
}

// column returns the numbers of a column; NA is NaN.
func (s sheet) column(t testing.TB, name string) []float64 {
	t.Helper()
	var out []float64
	for _, text := range s.text(name) {
		v, err := strconv.ParseFloat(text, 64)
		if err != nil {
			v = math.NaN()
		}
		out = append(out, v)
	}
	return out
}

func whole(x []float64) []int {
	var out []int
	for _, v := range x {
		out = append(out, int(v))
	}
	return out
}
