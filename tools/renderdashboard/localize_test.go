package renderdashboard

import (
	"html"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// inLocale returns the demo program's findings as of a program with a locale.
func inLocale(t *testing.T, tag string) *findings {
	t.Helper()
	f := *demoRun(t)
	desk, c := *f.desk, *f.desk.Config
	c.Program.Locale = tag
	desk.Config, f.desk, f.style = &c, &desk, nil
	return &f
}

// German as a reader takes it: points group digits, a comma heads the fraction.
func german(text string) string {
	return strings.NewReplacer(".", "", ",", ".", "\u00a0", " ").Replace(text)
}

var (
	amountForm  = regexp.MustCompile(`[-+]?[\d,.]*\d`)
	amountFirst = regexp.MustCompile(`EUR[ \x{a0}][-+]?\d`)
	wordForm    = regexp.MustCompile(`[A-Za-z_]\S*|\d{4}-\d\d(-\d\d)?|\d\d:\d\d`)
)

// read returns the numbers of a text, in order.
func read(t *testing.T, text string) (out []float64) {
	t.Helper()
	for _, m := range amountForm.FindAllString(wordForm.ReplaceAllString(text, " "), -1) {
		if v, err := strconv.ParseFloat(strings.ReplaceAll(m, ",", ""), 64); err == nil {
			out = append(out, v)
		}
	}
	return out
}

// Every number of every table is the same figure in German marks, and amounts end in
// the currency.
func TestNumbersInTheLocale(t *testing.T) {
	english, local := sheets(mustRender(t, demoRun(t))), sheets(mustRender(t, inLocale(t, "de-DE")))
	if len(local) != len(english) {
		t.Fatalf("%d tables, want %d", len(local), len(english))
	}
	numbers, changed := 0, 0
	for caption, want := range english {
		got, ok := local[caption]
		if !ok {
			t.Errorf("there is no table %q", caption)
			continue
		}
		for i, row := range want.rows {
			for j, cell := range row {
				if j == 0 {
					if got.rows[i][0] != cell {
						t.Errorf("%s: the row %q is named %q", caption, cell, got.rows[i][0])
					}
					continue
				}
				there := got.rows[i][j]
				if there != cell {
					changed++
				}
				if amountFirst.MatchString(there) {
					t.Errorf("%s, %s: %q has the currency before the amount", caption, row[0], there)
				}
				a, b := read(t, strings.NewReplacer("-EUR ", "-", "EUR -", "-").Replace(cell)), read(t, german(there))
				numbers += len(a)
				if len(a) != len(b) {
					t.Errorf("%s, %s: %q became %q", caption, row[0], cell, there)
					continue
				}
				for k := range a {
					if a[k] != b[k] {
						t.Errorf("%s, %s: %q became %q", caption, row[0], cell, there)
					}
				}
			}
		}
	}
	if numbers < 3000 || changed < 2000 {
		t.Errorf("%d numbers in tables, of which %d cells are written otherwise", numbers, changed)
	}
}

// No number of the page is left in English marks, in charts and sentences either.
func TestNoNumberIsLeftInEnglish(t *testing.T) {
	page := string(mustRender(t, inLocale(t, "de-DE")))
	page = page[strings.Index(page, "</style>"):strings.Index(page, "<script>")]
	text := html.UnescapeString(regexp.MustCompile(`<[^>]*>`).ReplaceAllString(page, "\n"))
	left := regexp.MustCompile(`(^|[\s(\[+-])(\d+\.\d{1,2}|\d{1,3}(,\d{3})+\.\d+|\d{1,3}(,\d{3}){2,}|EUR [-+]?\d[\d.,]*)([\s%)\],;]|$)`)
	for line := range strings.Lines(strings.ReplaceAll(text, "0.5 * ", "")) { // of an expression
		if found := left.FindString(line); found != "" {
			t.Errorf("%q in %.200q", strings.TrimSpace(found), line)
		}
	}
	for _, want := range []string{`data-group="."`, `data-decimal=","`, `<html lang="en"`} {
		if head := string(mustRender(t, inLocale(t, "de-DE"))); !strings.Contains(head, want) {
			t.Errorf("the page has no %s", want)
		}
	}
}

// A locale that writes as English does changes nothing.
func TestEnglishStays(t *testing.T) {
	if got, want := string(mustRender(t, inLocale(t, "en"))), string(mustRender(t, demoRun(t))); got != want {
		t.Error("the page in en isn't the page without a locale")
	}
}

// Columns of amounts with signs are sorted as their numbers are, in either marks.
func TestSortingInTheLocale(t *testing.T) {
	for tag, parse := range map[string]string{
		"en":    `x => parseFloat(x.replace(/EUR|\s|,/g, ""))`,
		"de-DE": `x => parseFloat(x.replace(/EUR|\s|\./g, "").replace(",", "."))`,
		"sv-SE": `x => parseFloat(x.replace(/EUR|\s/g, "").replace(",", "."))`,
		"he-IL": `x => parseFloat(x.replace(/EUR|\s|,/g, ""))`,
	} {
		t.Run(tag, func(t *testing.T) {
			ctx, w := browser(t, inLocale(t, tag))
			do(t, ctx, eval(`window.table = [...document.querySelectorAll("#drilldowns table.sort")].find(t => t.caption.textContent === "Member net sales by tier");
				window.at = [...table.tHead.rows[0].cells].findIndex(h => h.textContent === "Effect on the KPI"); table.tHead.rows[0].cells[at].querySelector("button").click()`))
			got := ask[[]float64](t, ctx, `[...table.tBodies[0].rows].map(r => r.cells[at].textContent).filter(x => x).map(`+parse+`)`)
			if len(got) < 4 || got[0] >= 0 || !slices.IsSorted(got) {
				t.Errorf("sorted by effect: %v, want ascending, from a fall on", got)
			}
			w.check(t)
		})
	}
}

// What others wrote stays as they wrote it, on the page too: they may have meant its
// numbers in the marks of their own language.
func TestWhatOthersWroteStays(t *testing.T) {
	f := inLocale(t, "de-DE")
	const hypothesis, reason = "Bringt mehr als 12.345 EUR und 1.5 Punkte", "Freigabe bis 1.500,50"
	experiments, plan := *f.experiments, *f.plan
	experiments.Experiments = slices.Clone(experiments.Experiments)
	experiments.Experiments[0].Hypothesis = hypothesis
	plan.Approvals = slices.Clone(plan.Approvals)
	plan.Approvals[0].Reason = reason
	f.experiments, f.plan = &experiments, &plan
	page := html.UnescapeString(string(mustRender(t, f)))
	for _, want := range []string{hypothesis, reason, "/ (0.5 * sum(balances.opening) + 0.5 * sum(balances.balance))"} { // an expression too
		if !strings.Contains(page, want) {
			t.Errorf("the page has no %q", want)
		}
	}
}
