package pullmetrics

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"loyaltymcp/tools/breakdown"
	"loyaltymcp/tools/run"
	"loyaltymcp/warehouse"
)

// alerts returns the bands that the KPIs are in; where a KPI is in both its
// warning and its critical band, the critical one.
func alerts(r *Result, bands []run.Band) []Alert {
	out := []Alert{}
	for _, b := range bands {
		k := r.KPI(b.KPI)
		if k == nil || !b.Breached(k.Value, k.Change) {
			continue
		}
		a := Alert{KPI: b.KPI, Severity: b.Severity, Band: b.String(), Value: k.Value, Change: k.Change,
			Threshold: b.Limit, Unit: k.Unit, Source: b.Source, Point: "metrics/" + b.KPI}
		a.Windows, a.Gap = breaches(k, b), *run.Round(*k.Value - b.Limit)
		if b.Op == "change" {
			a.Point += "/change"
			a.Gap = *run.Round(*k.Change - b.Limit)
		}
		if i := slices.IndexFunc(out, func(o Alert) bool { return o.KPI == a.KPI && o.Source == a.Source }); i >= 0 {
			out[i] = a // bands come warning first
			continue
		}
		out = append(out, a)
	}
	return out
}

// mostWindows is how many windows back breaches are counted.
const mostWindows = 12

// breaches counts the windows in a row, this one first, in which the KPI is in
// the band: as far back as its days make windows of the same length, and to the
// previous window where they don't.
func breaches(k *KPI, b run.Band) int {
	if _, ok := k.history.window(1); !ok {
		if b.Op != "change" && b.Breached(k.Previous, nil) {
			return 2
		}
		return 1
	}
	for i := 1; i < mostWindows; i++ {
		value, ok := k.history.window(i)
		if !ok {
			return i
		}
		var change *float64
		if before, ok := k.history.window(i + 1); ok && before != nil && value != nil && *before > 0 {
			x := (*value - *before) / *before
			change = &x
		}
		if !b.Breached(value, change) {
			return i
		}
	}
	return mostWindows
}

// staleDays is how old the last complete day may be before a run says so.
const staleDays = 7

func caveats(r *run.Run, c *warehouse.Catalog, result *Result, now time.Time) []string {
	out := append(ahead(r), r.Caveats()...)
	out = append(out, c.Notes()...)
	if age := int(now.Sub(r.AsOf).Hours() / 24); age > staleDays && r.Request.AsOf == "" && !run.IsRange(r.Request.Window) {
		out = append(out, fmt.Sprintf("The data end %d days ago, on %s.", age, run.Day(r.AsOf.AddDate(0, 0, -1))))
	}
	if slices.Contains(r.Dimensions, "tier") {
		out = append(out, "By tier: "+breakdown.TierBasis(c)+".")
	}
	if r.Window.Days() <= 14 {
		out = append(out, "The repeat purchase rate of so short a window is near zero by nature; use 90d or quarter for it.")
	}
	unknown := 0
	for _, k := range result.KPIs {
		if k.Value == nil {
			unknown++
		}
	}
	if unknown > 0 {
		out = append(out, fmt.Sprintf("%d of %d KPIs are unknown in this window, each with its reason.", unknown, len(result.KPIs)))
	}
	for _, f := range r.Feeds {
		if f.Future > 0 {
			out = append(out, fmt.Sprintf("The %s feed has %d rows dated in the future; they count nowhere.", f.Name, f.Future))
		}
	}
	return out
}

// ahead tells of rows after the last day on which rows are usual.
func ahead(r *run.Run) (out []string) {
	for _, f := range r.Feeds {
		if f.Ahead == nil {
			continue
		}
		says := "they are in no figure of the default window; the feed's dates or clock may be wrong, or its last load broke off"
		if r.AsOf.After(f.Ahead.From) {
			says = "the window reaches into days that hold only these, so its figures may be far too low"
		}
		out = append(out, fmt.Sprintf("DATA ALARM: the %s feed has %d rows, from %s to %s, after the last day on which any feed has its usual number: %s. check_feeds tells more.",
			f.Name, f.Ahead.Rows, run.Day(f.Ahead.From), run.Day(f.Ahead.To), says))
	}
	return out
}

// alarmed adds to a verdict which feeds go on after the usual end of the data.
func alarmed(text string, r *run.Run) string {
	var feeds []string
	for _, f := range r.Feeds {
		if f.Ahead != nil {
			feeds = append(feeds, f.Name)
		}
	}
	if len(feeds) == 0 {
		return text
	}
	return text + " Data alarm: rows after the usual end of the data in " + strings.Join(feeds, ", ") + "."
}

// verdict is the one sentence to read first.
func verdict(r *Result) string {
	worse, better, headlines, unknown := 0, 0, 0, 0
	for _, k := range r.KPIs {
		if k.Headline {
			headlines++
			if k.Value == nil {
				unknown++
			}
		}
		switch {
		case !k.Headline || k.Better == "neutral" || k.Change == nil || math.Abs(*k.Change) < 0.005:
		case (*k.Change > 0) == (k.Better == "higher"):
			better++
		default:
			worse++
		}
	}
	text := fmt.Sprintf("Of %d headline KPIs %d are better and %d worse than in the previous window", headlines, better, worse)
	if unknown > 0 {
		text += fmt.Sprintf(", and %d unknown in this one", unknown)
	}
	switch len(r.Alerts) {
	case 0:
		text += "; no alert."
	case 1:
		text += "; 1 alert."
	default:
		text = fmt.Sprintf("%s; %d alerts.", text, len(r.Alerts))
	}
	return text + odd(r.KPIs)
}

// mostOdd is how many anomalies the verdict names.
const mostOdd = 3

// odd names the KPIs that are off what their own past lets expect.
func odd(kpis []KPI) string {
	var names []string
	for _, k := range kpis {
		if k.Trend.odd() {
			name := k.Label
			if since := k.Trend.since(); since != "" {
				name += " since " + since
			}
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		return ""
	}
	more := ""
	if len(names) > mostOdd {
		more = fmt.Sprintf(" and %d more", len(names)-mostOdd)
	}
	return " Unlike their own past: " + strings.Join(names[:min(mostOdd, len(names))], ", ") + more + "."
}
