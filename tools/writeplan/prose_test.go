package writeplan

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	"loyaltymcp/internal/testdesk"
	"loyaltymcp/tools/diagnosehealth"
	"loyaltymcp/tools/metric"
	"loyaltymcp/tools/pullmetrics"
	"loyaltymcp/tools/run"
)

// harmless are sentences without a figure of the program.
var harmless = []string{
	"Remind them by 2026-07-01, before the points expire on 31 July 2026.",
	"Start in Q3 2026, end in FY26, review on the 15th and on March 3rd.",
	"Three journeys: 1. welcome, 2. win-back, 3. upgrade; each of the 3 has 2 mails.",
	"See B01, B12 and plan-20260702-090000, run run-1a2b3c4d5e6f, item 7 of section 4.2.",
	"Send it at 10:30 for 14 days, then every 2 weeks for 6 months, 90-day follow-up.",
	"The top 10 segments and the 5 largest regions, step 3 of 4, rung 2.",
	"Offer a 10 % discount, a 5 EUR voucher and 20% off the second order.",
	"Keep a random holdout of 10 % and read the lift with a 95 % interval.",
	"The target is 40 %; aim for 35 % by Christmas.",
	"As IFRS 15 and ASC 606 ask, see https://example.com/a/123456/b?c=789.",
	"Since 2019 members of tier 1 and tier 2 may pool points (v2.3 of the terms).",
	"Contact the 2nd and 3rd decile first; phase 1 starts on 01.08.2026.",
	"A budget of EUR 20,000 and a cap of 500 EUR a member.",
	"Evidence: metrics/redemption_rate{tier=Gold} and insights/win_back/members.",
	"Win back who lapsed 120 days ago, 30d after the last mail, 24h after the click.",
	"Use template 24-summer, channel app-2, campaign spring_2026_b.",
	"Twice a week, one in ten, half of them, a third more.",
	"",
}

// TestQuoted reads figures as they are written.
func TestQuoted(t *testing.T) {
	for text, want := range map[string][]string{
		"Redemption fell to 25.7 % from 31,9%.":                   {"25.7 % = 0.257", "31,9% = 0.319"},
		"EUR 1,234,567 of revenue, €12.5k more, 3.2 million left": {"EUR 1,234,567 = 1234567", "€12.5k = 12500", "3.2 million = 3200000"},
		"between 12 and 15 % of 22,838 members":                   {"12 = 0.12", "15 % = 0.15", "22,838 = 22838"},
		"a gain of 1.3 pp, USD 4–5 each":                          {"1.3 pp = 0.013", "USD 4 = 4", "5 = 5"},
		"593 members at 0.289":                                    {"593 = 593", "0.289 = 0.289"},
		"1'250 and 12 percent of 4.2 billion":                     {"1'250 = 1250", "12 percent = 0.12", "4.2 billion = 4200000000"},
	} {
		var got []string
		for _, f := range quoted(text) {
			got = append(got, f.text+" = "+strconv.FormatFloat(math.Round(f.value*1e6)/1e6, 'f', -1, 64))
		}
		if !slices.Equal(got, want) {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

// sentences write a value as people do; %s is the figure.
var sentences = []string{
	"%s of what we saw last month.", "It stands at %s now.", "Only %s; last year it was better.", "They are worth %s (see evidence).", "From here on, %s is the base.",
}

// write writes a value in one of the ways in which people do, with three digits or
// more; "" where the unit has none.
func write(random *rand.Rand, value float64, unit metric.Unit) string {
	abs := math.Abs(value)
	switch unit {
	case metric.Share:
		if abs < 0.0995 {
			return fmt.Sprintf("%.2f %%", 100*abs)
		}
		return fmt.Sprintf("%.*f%s", 1+random.IntN(2), 100*abs, []string{"%", " %", " percent"}[random.IntN(3)])
	case metric.Money:
		if abs >= 1e5 && random.IntN(2) == 0 {
			return fmt.Sprintf("EUR %.1fk", abs/1000)
		}
		return "EUR " + strings.TrimPrefix(run.Show(&abs, metric.Money, ""), " ")
	case metric.Count, metric.Points:
		if abs < 100 {
			return ""
		}
		return run.Show(&abs, metric.Count, "")
	}
	return ""
}

// The error rates on a corpus: of sentences that quote a figure as the run has it,
// how many are refused; of such with a wrong figure, how many pass; of harmless
// sentences, how many are refused.
func TestErrorRatesOfQuotes(t *testing.T) {
	d := testdesk.Demo(t)
	r, err := d.Open(t.Context(), run.Request{Window: "30d", Dimensions: []string{"tier", "region"}})
	if err != nil {
		t.Fatal(err)
	}
	metrics, err := pullmetrics.Compute(t.Context(), d, r)
	if err != nil {
		t.Fatal(err)
	}
	health, err := diagnosehealth.Compute(t.Context(), d, r)
	if err != nil {
		t.Fatal(err)
	}
	b := &facts{desk: d, currency: r.Currency, bands: r.Bands, points: map[string]run.Point{}}
	var all []run.Point
	for _, p := range append(metrics.Points(), health.Points()...) {
		b.points[p.ID] = p
		all = append(all, p)
	}
	for _, text := range harmless {
		if err := b.quote("why", text, nil); err != nil {
			t.Errorf("%q: %v", text, err)
		}
	}
	random := rand.New(rand.NewPCG(1, 2))
	refused, passed, citedWrong, n := 0, 0, 0, 0
	for n < 1500 {
		p := all[random.IntN(len(all))]
		cited := []Evidence{{Point: p.ID, Value: p.Value, Unit: p.Unit}}
		sentence := sentences[random.IntN(len(sentences))]
		right := write(random, p.Value, p.Unit)
		wrong := write(random, p.Value*(1+(0.02+0.4*random.Float64())*float64(1-2*random.IntN(2))), p.Unit)
		if right == "" || wrong == "" || right == wrong {
			continue
		}
		n++
		if err := b.quote("why", fmt.Sprintf(sentence, right), cited); err != nil {
			refused++
			t.Logf("right, refused: %v (%v)", err, p)
		}
		if b.quote("why", fmt.Sprintf(sentence, wrong), cited) == nil {
			passed++
		}
		// As most items are: a share in two digits, of what is cited.
		if p.Unit == metric.Share && math.Abs(p.Value) > 0.1 {
			if err := b.quote("why", fmt.Sprintf("It is %.0f %% now.", 100*math.Abs(p.Value)), cited); err != nil {
				citedWrong++
			}
		}
	}
	t.Logf("%d points; of %d right sentences %d refused (and %d in two digits), of as many wrong ones %d passed (%.1f %%)", len(all), n, refused, citedWrong, passed, 100*float64(passed)/float64(n))
	if refused+citedWrong > 0 {
		t.Errorf("%d right sentences were refused", refused+citedWrong)
	}
	if share := float64(passed) / float64(n); share > 0.25 {
		t.Errorf("%.1f %% of wrong figures passed for some other point", 100*share)
	}
}

// What is refused names the figure and the nearest true one.
func TestARefusedQuoteTeaches(t *testing.T) {
	d := testdesk.Demo(t)
	r, err := d.Open(t.Context(), run.Request{})
	if err != nil {
		t.Fatal(err)
	}
	b := &facts{desk: d, currency: r.Currency, bands: r.Bands, points: map[string]run.Point{"metrics/active_rate": {ID: "metrics/active_rate", Value: 0.28901, Unit: metric.Share}}}
	for text, want := range map[string]string{
		"Activity fell to 31.2 %.":    "metrics/active_rate is 28.90 %",
		"Activity is 29 % of members": "too few digits",
		"It is worth EUR 12,345.":     "Quote figures that the item cites",
	} {
		err := b.quote("items[0].why", text, nil)
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "items[0].why") {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
	if err := b.quote("why", "Activity is 29 % of members", []Evidence{{Point: "metrics/active_rate", Value: 0.28901, Unit: metric.Share}}); err != nil {
		t.Errorf("what the item cites may be quoted in two digits: %v", err)
	}
}

// No text upsets the reader, and what it finds lies in the text.
func FuzzQuoted(f *testing.F) {
	for _, text := range harmless {
		f.Add(text)
	}
	f.Add("EUR 1,2,3'4.5.6 %%k–")
	f.Fuzz(func(t *testing.T, text string) {
		for _, q := range quoted(text) {
			if q.from < 0 || q.to > len(text) || q.from >= q.to || math.IsNaN(q.value) || math.IsInf(q.value, 0) || q.value < 0 {
				t.Errorf("%q: %+v", text, q)
			}
		}
	})
}
