package renderdashboard

import (
	"bytes"
	"context"
	"image/color"
	"image/png"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	cdp "github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"loyaltymcp/internal/browsertest"
)

// browser opens the page of the demo program from disk in Chromium. Without one
// the test is skipped, but fails where CI is set.
func browser(t *testing.T, f *findings) (context.Context, *watch) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "dashboard.html")
	if err := os.WriteFile(file, mustRender(t, f), 0o600); err != nil {
		t.Fatal(err)
	}
	w := &watch{file: "file://" + file}
	ctx := browsertest.New(t, 1440, 1000, w.see)
	if _, err := chromedp.Call(ctx, network.Enable, network.EnableParams{}); err != nil {
		t.Fatal(err)
	}
	do(t, ctx, chromedp.Navigate(w.file), chromedp.WaitVisible("#main"))
	return ctx, w
}

// watch collects what a page should not do.
type watch struct {
	sync.Mutex
	file  string
	wrong []string
}

func (w *watch) see(event any) {
	w.Lock()
	defer w.Unlock()
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		if !strings.HasPrefix(e.Request.URL, w.file) {
			w.wrong = append(w.wrong, "asks for "+e.Request.URL)
		}
	case *log.EventEntryAdded:
		w.wrong = append(w.wrong, "logs "+e.Entry.Text)
	case *runtime.EventConsoleAPICalled:
		w.wrong = append(w.wrong, "writes to the console")
	case *runtime.EventExceptionThrown:
		w.wrong = append(w.wrong, "throws "+e.ExceptionDetails.Text)
	case *cdp.EventJavascriptDialogOpening:
		w.wrong = append(w.wrong, "opens a dialog: "+e.Message)
	}
}

func (w *watch) check(t *testing.T) {
	t.Helper()
	w.Lock()
	defer w.Unlock()
	for _, wrong := range w.wrong {
		t.Errorf("the page %s", wrong)
	}
}

// ask evaluates an expression.
func ask[V any](t *testing.T, ctx context.Context, expression string) V {
	t.Helper()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[V](expression))
	if err != nil {
		t.Fatalf("%s: %v", expression, err)
	}
	return v
}

// eval evaluates an expression for what it does.
func eval(expression string) chromedp.Action[chromedp.Void] {
	return chromedp.Evaluate[chromedp.Void](expression)
}

func do(t *testing.T, ctx context.Context, actions ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	if err := chromedp.Do(ctx, actions...); err != nil {
		t.Fatal(err)
	}
}

// allKPIs is a script that finds the table of all KPIs.
const allKPIs = `[...document.querySelectorAll("#drilldowns table")].find(t => t.caption.textContent === "All KPIs")`

// box is where an element is on the page.
type box struct{ X, Y, Width, Height float64 }

func boxOf(t *testing.T, ctx context.Context, selector string) box {
	t.Helper()
	return ask[box](t, ctx, `(() => { const r = document.querySelector("`+selector+`").getBoundingClientRect(); return {X: r.x, Y: r.y, Width: r.width, Height: r.height}; })()`)
}

// click clicks into the middle of an element by the mouse.
func click(t *testing.T, ctx context.Context, selector string) {
	t.Helper()
	do(t, ctx, eval(`document.querySelector("`+selector+`").scrollIntoView({block: "center"})`))
	b := boxOf(t, ctx, selector)
	do(t, ctx, chromedp.MouseClickXY(b.X+b.Width/2, b.Y+b.Height/2))
}

func TestBrowser(t *testing.T) {
	f := demoRun(t)
	ctx, w := browser(t, f)

	t.Run("sorting", func(t *testing.T) {
		do(t, ctx, eval(`window.table = `+allKPIs+`; window.head = table.tHead.rows[0].cells; head[0].querySelector("button").id = "by-name"; head[3].querySelector("button").id = "by-previous"`))
		names := func() []string {
			return ask[[]string](t, ctx, `[...table.tBodies[0].rows].map(r => r.cells[0].textContent)`)
		}
		before := names()
		click(t, ctx, "#by-name")
		sorted := names()
		if sorted[0] > sorted[1] || sorted[0] == before[0] && sorted[1] == before[1] {
			t.Errorf("by the mouse: %v", sorted[:3])
		}
		if got := ask[string](t, ctx, `head[0].getAttribute("aria-sort")`); got != "ascending" {
			t.Errorf("aria-sort = %s, want ascending", got)
		}
		do(t, ctx, chromedp.Focus("#by-previous"), chromedp.KeyEvent(kb.Enter), chromedp.KeyEvent(" "))
		if got := ask[string](t, ctx, `head[3].getAttribute("aria-sort")`); got != "descending" {
			t.Errorf("by the keyboard, twice: aria-sort = %s, want descending", got)
		}
		if !ask[bool](t, ctx, `(() => { const v = [...table.tBodies[0].rows].map(r => parseFloat(r.cells[3].textContent.replace(/[^-0-9.]/g, ""))).filter(x => !isNaN(x)); return v.every((x, i) => !i || v[i-1] >= x); })()`) {
			t.Error("by the keyboard the numbers are not in order")
		}
		if got := ask[string](t, ctx, `document.getElementById("live").textContent`); !strings.Contains(got, "descending") {
			t.Errorf("a reader of the screen is told %q", got)
		}
	})

	t.Run("theme", func(t *testing.T) {
		dark := func() string { return ask[string](t, ctx, `getComputedStyle(document.body).backgroundColor`) }
		was := dark()
		click(t, ctx, "#theme")
		click(t, ctx, "#theme")
		if got := ask[string](t, ctx, `document.documentElement.dataset.theme`); got != "dark" || dark() == was {
			t.Errorf("theme %s, background %s as before", got, was)
		}
		click(t, ctx, "#theme")
		if dark() != was {
			t.Error("the theme does not come back to the system's")
		}
	})

	t.Run("definitions", func(t *testing.T) {
		do(t, ctx, chromedp.Focus(".card .term"))
		if got := ask[string](t, ctx, `document.getElementById("tip").hidden ? "" : document.getElementById("tip").textContent`); !strings.Contains(got, "Definition enrolments@") {
			t.Errorf("on focus the definition is %q", got)
		}
		do(t, ctx, chromedp.KeyEvent(kb.Escape))
		if !ask[bool](t, ctx, `document.getElementById("tip").hidden`) {
			t.Error("Escape does not hide the definition")
		}
		do(t, ctx, chromedp.Focus("svg.chart"), chromedp.KeyEvent(kb.ArrowRight), chromedp.KeyEvent(kb.ArrowRight))
		if got := ask[string](t, ctx, `document.getElementById("tip").textContent`); !strings.HasPrefix(got, "2026-06-02:") {
			t.Errorf("the arrow keys tell %q, want the second day", got)
		}
	})

	t.Run("widths", func(t *testing.T) {
		for _, width := range []int64{360, 768, 1440, 3840} {
			do(t, ctx, chromedp.EmulateViewport(width, 900), chromedp.Sleep(100*time.Millisecond))
			if got := ask[int64](t, ctx, `document.documentElement.scrollWidth`); got > width {
				t.Errorf("at %d px the page is %d wide", width, got)
			}
		}
		do(t, ctx, chromedp.ResetViewport())
	})

	t.Run("accessible", func(t *testing.T) {
		for what, count := range map[string]string{
			"pictures without a name":           `[...document.querySelectorAll("svg[role=img]")].filter(s => !s.getAttribute("aria-labelledby")).length`,
			"pictures neither named nor hidden": `[...document.querySelectorAll("svg")].filter(s => !s.getAttribute("role") && !s.getAttribute("aria-hidden")).length`,
			"heads without a scope":             `[...document.querySelectorAll("th")].filter(h => !h.scope).length`,
			"tables without a caption":          `[...document.querySelectorAll("table")].filter(x => !x.caption || !x.caption.textContent).length`,
			"buttons without a name":            `[...document.querySelectorAll("button")].filter(b => !b.textContent).length`,
			"charts without a table":            `[...document.querySelectorAll("figure")].filter(x => !x.querySelector("table")).length`,
		} {
			if got := ask[int](t, ctx, count); got != 0 {
				t.Errorf("%d %s", got, what)
			}
		}
		low := ask[[]string](t, ctx, contrast)
		for _, x := range low[:min(len(low), 10)] {
			t.Errorf("too little contrast: %s", x)
		}
		do(t, ctx, eval(`document.documentElement.dataset.theme = "dark"`))
		low = ask[[]string](t, ctx, contrast)
		for _, x := range low[:min(len(low), 10)] {
			t.Errorf("too little contrast in the dark: %s", x)
		}
		do(t, ctx, eval(`delete document.documentElement.dataset.theme`))
	})
	w.check(t)
}

// contrast finds texts whose contrast with what is behind them is below 4.5.
const contrast = `(() => {
	const rgb = c => { const m = c.match(/[\d.]+/g).map(Number); return m.length < 4 || m[3] > 0 ? m : null; };
	const light = c => { const [r, g, b] = c.slice(0, 3).map(v => { v /= 255; return v <= .03928 ? v / 12.92 : Math.pow((v + .055) / 1.055, 2.4); }); return .2126 * r + .7152 * g + .0722 * b; };
	const behind = e => { for (; e; e = e.parentElement) { const c = rgb(getComputedStyle(e).backgroundColor); if (c) return c; } return [255, 255, 255]; };
	const out = new Set();
	for (const e of document.querySelectorAll("body *")) {
		if (!e.checkVisibility() || ![...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim())) continue;
		if (e.tagName === "title" || e.tagName === "desc" || e.tagName === "SCRIPT") continue;
		const s = getComputedStyle(e), a = light(rgb(e.closest("svg") ? s.fill : s.color) || [0, 0, 0]), b = light(behind(e));
		const ratio = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
		if (ratio < 4.5) out.add(e.tagName + "." + (e.getAttribute("class") || "") + " " + ratio.toFixed(2));
	}
	return [...out];
})()`

// TestBrowserMeetsHostileText has names that try to run: none does.
func TestBrowserMeetsHostileText(t *testing.T) {
	f := demoRun(t)
	everyText(f, func(s string) string {
		return s + "<script>alert(1)</script>\"><img src=x onerror=alert(2)>"
	})
	_, w := browser(t, f)
	time.Sleep(300 * time.Millisecond)
	w.check(t)
}

// TestPolicyStopsForeignWork shows that the policy holds even if markup got in.
func TestPolicyStopsForeignWork(t *testing.T) {
	f := demoRun(t)
	ctx, _ := browser(t, f)
	asked := make(chan string, 10)
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { asked <- r.URL.Path }))
	defer server.Close()
	if _, _, err := net.SplitHostPort(strings.TrimPrefix(server.URL, "http://")); err != nil {
		t.Fatal(err)
	}
	do(t, ctx, eval(`(() => { const s = document.createElement("script"); s.textContent = "window.ran = true"; document.body.append(s);
		const i = document.createElement("img"); i.src = "`+server.URL+`/img"; document.body.append(i);
		fetch("`+server.URL+`/fetch").catch(() => {}); return null; })()`), chromedp.Sleep(500*time.Millisecond))
	if ask[bool](t, ctx, `window.ran === true`) {
		t.Error("a foreign script ran")
	}
	select {
	case path := <-asked:
		t.Errorf("the page reached %s", path)
	default:
	}
}

// TestShots takes pictures of the page for people to look at, which -artifacts keeps:
// every section at the width of a desk, in the light and in the dark, and of a phone,
// the page on a large screen, in German marks, and on paper.
func TestShots(t *testing.T) {
	folder := t.ArtifactDir()
	keep := func(name string, picture []byte) {
		if err := os.WriteFile(filepath.Join(folder, name), picture, 0o644); err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(name, ".png") {
			inked(t, name, picture)
		}
	}
	ctx, _ := browser(t, demoRun(t))
	for _, look := range []struct {
		theme string
		width int64
	}{{"light", 1440}, {"dark", 1440}, {"light", 360}} {
		do(t, ctx, chromedp.EmulateViewport(look.width, 900), eval(`document.documentElement.dataset.theme = "`+look.theme+`"`), chromedp.Sleep(200*time.Millisecond))
		for _, id := range append([]string{"top"}, ask[[]string](t, ctx, `[...document.querySelectorAll("section")].map(s => s.id)`)...) {
			where := "#" + id
			if id == "top" {
				where = "header"
			}
			do(t, ctx, eval(`scrollTo(0, 0)`))
			keep(look.theme+"-"+itoa(look.width)+"-"+id+".png", shot(t, ctx, where))
		}
	}
	do(t, ctx, chromedp.EmulateViewport(3840, 2160), eval(`delete document.documentElement.dataset.theme`), eval(`scrollTo(0, 0)`), chromedp.Sleep(200*time.Millisecond))
	keep("light-3840-top.png", shot(t, ctx, "body"))
	do(t, ctx, chromedp.EmulateViewport(760, 1000))
	if _, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: "print"}); err != nil {
		t.Fatal(err)
	}
	printed, err := chromedp.Run(ctx, chromedp.FullScreenshot(100))
	if err != nil {
		t.Fatal(err)
	}
	keep("print.png", printed)
	do(t, ctx, chromedp.ResetViewport())
	pdf, err := chromedp.Run(ctx, chromedp.PrintToPDF(chromedp.PDFPrintBackground()))
	if err != nil {
		t.Fatal(err)
	}
	keep("print.pdf", pdf)

	local, _ := browser(t, inLocale(t, "de-DE"))
	for _, id := range []string{"kpis", "liability", "experiments"} {
		keep("de-1440-"+id+".png", shot(t, local, "#"+id))
	}
}

// shot is a picture of an element, of its upper part where it is very tall.
func shot(t *testing.T, ctx context.Context, selector string) []byte {
	t.Helper()
	b := boxOf(t, ctx, selector)
	beyond := true
	picture, err := chromedp.Call(ctx, cdp.CaptureScreenshot, cdp.CaptureScreenshotParams{CaptureBeyondViewport: &beyond,
		Clip: &cdp.Viewport{X: b.X, Y: b.Y, Width: b.Width, Height: min(b.Height, 4000), Scale: 1}})
	if err != nil {
		t.Fatal(err)
	}
	return picture.Data
}

// inked checks that a picture isn't of one colour.
func inked(t *testing.T, name string, text []byte) {
	t.Helper()
	picture, err := png.Decode(bytes.NewReader(text))
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	seen := map[color.Color]bool{}
	for y := picture.Bounds().Min.Y; y < picture.Bounds().Max.Y; y += 3 {
		for x := picture.Bounds().Min.X; x < picture.Bounds().Max.X && len(seen) < 8; x += 3 {
			seen[picture.At(x, y)] = true
		}
	}
	if len(seen) < 8 {
		t.Errorf("%s: only %d colours", name, len(seen))
	}
}

func itoa(n int64) string { return strings.ReplaceAll(num(n), ",", "") }
