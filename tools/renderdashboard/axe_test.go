package renderdashboard

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"loyaltymcp/internal/testdesk"
	"loyaltymcp/tools/monitor"
	"loyaltymcp/tools/run"
)

// axe is the source of axe-core, which finds what keeps people with disabilities
// from a page.
func axe(t *testing.T) string {
	t.Helper()
	file := filepath.Join("..", "..", "internal", "clients", "node_modules", "axe-core", "axe.min.js")
	source, err := os.ReadFile(file)
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("axe-core is not installed: npm install --no-save --prefix internal/clients")
		}
		t.Skip("axe-core is not installed: npm install --no-save --prefix internal/clients")
	}
	return string(source)
}

// examine lists the serious and critical violations that axe-core finds on the page.
func examine(t *testing.T, ctx context.Context, source string) []string {
	t.Helper()
	do(t, ctx, eval(source+";null"), eval(`window.found = null; axe.run(document, {resultTypes: ["violations"]}).then((r) => { window.found =
		r.violations.filter((v) => v.impact === "serious" || v.impact === "critical").map((v) => v.id + " (" + v.nodes.length + "): " + v.help + ": " + v.nodes[0].html.slice(0, 160)); }); null`))
	for range 200 {
		if ask[bool](t, ctx, `window.found !== null`) {
			return ask[[]string](t, ctx, `window.found`)
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Fatal("axe-core did not end")
	return nil
}

// No serious violation, in both themes, with all that folds unfolded.
func TestAxe(t *testing.T) {
	source := axe(t)
	ctx, _ := browser(t, demoRun(t))
	do(t, ctx, eval(`document.querySelectorAll("details").forEach((d) => { d.open = true; }); null`))
	for _, theme := range []string{"light", "dark"} {
		do(t, ctx, eval(fmt.Sprintf(`document.documentElement.dataset.theme = %q; null`, theme)), chromedp.Sleep(100*time.Millisecond))
		for _, violation := range examine(t, ctx, source) {
			t.Errorf("%s: %s", theme, violation)
		}
	}
	// It sees what it is there for.
	do(t, ctx, eval(`document.documentElement.removeAttribute("lang"); null`))
	if found := examine(t, ctx, source); len(found) != 1 || !strings.HasPrefix(found[0], "html-has-lang") {
		t.Errorf("of a page without a language it says %v", found)
	}
}

// The page of a real program in the browser: nothing goes wrong, it fits a phone, and
// it says what is missing.
func TestAirlineInTheBrowser(t *testing.T) {
	d := testdesk.Airline(t)
	report, err := monitor.Run(t.Context(), d, testdesk.Schemas(t), monitor.Args{Request: run.Request{Window: "2018-10-01..2019-01-01", Detail: run.Full, Dimensions: []string{"tier", "region"}}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	f, err := load(d, testdesk.Schemas(t), report.Run.ID)
	if err != nil {
		t.Fatal(err)
	}
	ctx, w := browser(t, f)
	for _, width := range []int64{360, 1440} {
		do(t, ctx, chromedp.EmulateViewport(width, 900), chromedp.Sleep(100*time.Millisecond))
		if got := ask[int64](t, ctx, `document.documentElement.scrollWidth`); got > width {
			t.Errorf("at %d px the page is %d wide", width, got)
		}
	}
	text := ask[string](t, ctx, `document.body.textContent`)
	for _, k := range report.Metrics.KPIs {
		if k.Headline && k.Value != nil && !strings.Contains(text, run.Show(k.Value, k.Unit, f.run.Currency)) {
			t.Errorf("%s: %s is not on the page", k.ID, run.Show(k.Value, k.Unit, f.run.Currency))
		}
	}
	w.check(t)
}
