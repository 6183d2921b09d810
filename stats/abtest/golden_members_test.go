package abtest

import (
	"encoding/csv"
	"os"
	"strconv"
	"testing"

	"loyaltymcp/stats/internal/golden"
)

// readCSV returns the rows of a file of the reference values by column name.
func readCSV(t *testing.T, elem ...string) []map[string]string {
	t.Helper()
	f, err := os.Open(golden.Path(t, elem...))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	records, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	rows := make([]map[string]string, 0, len(records))
	for _, r := range records[1:] {
		row := make(map[string]string, len(r))
		for i, v := range r {
			row[records[0][i]] = v
		}
		rows = append(rows, row)
	}
	return rows
}

// number returns a column of a row, 0 where it is empty.
func number(t *testing.T, row map[string]string, column string) float64 {
	t.Helper()
	if row[column] == "" {
		return 0
	}
	return must[float64](t)(strconv.ParseFloat(row[column], 64))
}

// rawMembers returns spend and orders during and before the experiment of the
// members of an arm.
func rawMembers(t *testing.T, arm int) [][4]float64 {
	t.Helper()
	var rows [][4]float64
	for _, r := range readCSV(t, "experiments_gbstats", "00_raw_members_all_metrics", "members.csv") {
		if r["variation"] == strconv.Itoa(arm) {
			rows = append(rows, [4]float64{number(t, r, "post_spend"), number(t, r, "post_orders"), number(t, r, "pre_spend"), number(t, r, "pre_orders")})
		}
	}
	return rows
}

// rawArms returns the sums over the members of every arm.
func rawArms(t *testing.T) []armSums {
	t.Helper()
	arms := make([]armSums, 3)
	for _, r := range readCSV(t, "experiments_gbstats", "00_raw_members_all_metrics", "members.csv") {
		a := &arms[int(number(t, r, "variation"))]
		y, d, x, b := number(t, r, "post_spend"), number(t, r, "post_orders"), number(t, r, "pre_spend"), number(t, r, "pre_orders")
		c, pc := number(t, r, "post_redeemed"), number(t, r, "pre_redeemed")
		a.N++
		a.MainSum, a.MainSS = a.MainSum+y, a.MainSS+y*y
		a.DenSum, a.DenSS = a.DenSum+d, a.DenSS+d*d
		a.PreSum, a.PreSS = a.PreSum+x, a.PreSS+x*x
		a.DenPreSum, a.DenPreSS = a.DenPreSum+b, a.DenPreSS+b*b
		a.MainPre += y * x
		a.MainDen += y * d
		a.DenDenPre += d * b
		a.PreDenPre += x * b
		a.MainDenPre += y * b
		a.PreDen += x * d
		a.ConvSum += c
		a.PreConvSum += pc
		a.ConvPreConvSum += c * pc
	}
	return arms
}
