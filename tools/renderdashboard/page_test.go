package renderdashboard

import (
	"context"
	"html"
	"regexp"
	"strings"
	"sync"
	"testing"

	"loyaltymcp/internal/testdesk"
	"loyaltymcp/tools/monitor"
	"loyaltymcp/tools/run"
)

// demo is one whole run of the demo program with its plan, which tests share.
var demo struct {
	sync.Once
	desk *run.Desk
	id   string
	err  error
}

// demoRun returns the findings of the demo program, fresh for each test.
func demoRun(t testing.TB) *findings {
	t.Helper()
	demo.Do(func() {
		// The desk outlives the test that made it: its folders must too.
		d := testdesk.Demo(keeper{TB: t})
		report, err := monitor.Run(context.Background(), d, testdesk.Schemas(t), monitor.Args{Request: run.Request{Detail: run.Full, Dimensions: []string{"tier", "region", "channel"}}}, nil)
		demo.desk, demo.err = d, err
		if err == nil {
			demo.id = report.Run.ID
		}
	})
	if demo.err != nil {
		t.Fatal(demo.err)
	}
	f, err := load(demo.desk, testdesk.Schemas(t), demo.id)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// sheet is a table of the page as it is read.
type sheet struct {
	caption string
	heads   []string
	rows    [][]string // head first
}

var (
	tableForm   = regexp.MustCompile(`(?s)<table[^>]*>.*?</table>`)
	captionForm = regexp.MustCompile(`(?s)<caption[^>]*>(.*?)</caption>`)
	rowForm     = regexp.MustCompile(`(?s)<tr>(.*?)</tr>`)
	cellForm    = regexp.MustCompile(`(?s)<t[hd][^>]*>(.*?)</t[hd]>`)
	smallForm   = regexp.MustCompile(`(?s)<small>(.*?)</small>`)
	tagForm     = regexp.MustCompile(`<[^>]*>`)
)

// textOf is the text of markup; notes stand in brackets.
func textOf(markup string) string {
	markup = smallForm.ReplaceAllString(markup, " [$1]")
	return html.UnescapeString(tagForm.ReplaceAllString(markup, ""))
}

// sheets reads the tables of a page by caption.
func sheets(page []byte) map[string]sheet {
	out := map[string]sheet{}
	for _, markup := range tableForm.FindAllString(string(page), -1) {
		s := sheet{caption: textOf(captionForm.FindStringSubmatch(markup)[1])}
		for i, r := range rowForm.FindAllStringSubmatch(markup, -1) {
			var cells []string
			for _, c := range cellForm.FindAllStringSubmatch(r[1], -1) {
				cells = append(cells, textOf(c[1]))
			}
			if i == 0 {
				s.heads = cells
			} else {
				s.rows = append(s.rows, cells)
			}
		}
		out[s.caption] = s
	}
	return out
}

// cell returns what stands in a row under a head; false when there is none.
func (s sheet) cell(row, head string) (string, bool) {
	for _, r := range s.rows {
		if r[0] != row {
			continue
		}
		for i, h := range s.heads {
			if h == head && i < len(r) {
				return r[i], true
			}
		}
	}
	return "", false
}

// mustRender renders and fails the test where that fails.
func mustRender(t testing.TB, f *findings) []byte {
	t.Helper()
	text, _, err := render(f)
	if err != nil {
		t.Fatal(err)
	}
	if len(text) > Most {
		t.Errorf("the page has %d bytes, want at most %d", len(text), Most)
	}
	return text
}

// statusOf returns a section's status.
func statusOf(t testing.TB, f *findings, id string) SectionStatus {
	t.Helper()
	_, sections, err := render(f)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range sections {
		if s.ID == id {
			return s
		}
	}
	t.Fatalf("there is no section %s", id)
	return SectionStatus{}
}

func TestPageIsWhole(t *testing.T) {
	f := demoRun(t)
	text, sections, err := render(f)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range sections {
		if s.Status != "shown" || s.Reason != "" {
			t.Errorf("section %s is %s (%s), want shown", s.ID, s.Status, s.Reason)
		}
	}
	page := string(text)
	for _, tag := range []string{"html", "body", "header", "nav", "main", "section", "table", "figure", "details", "svg", "ul", "dl", "div", "p"} {
		opened := len(regexp.MustCompile(`<`+tag+`[ >]`).FindAllString(page, -1))
		closed := strings.Count(page, "</"+tag+">")
		if opened != closed {
			t.Errorf("%d <%s> are opened and %d closed", opened, tag, closed)
		}
	}
	shown := strings.Replace(page, script, "", 1)
	for _, not := range []string{"http://", "https://", "ZgotmplZ", "<nil>", "%!", "NaN", "+Inf", "-Inf", "@import", "url("} {
		if at := strings.Index(shown, not); at >= 0 {
			t.Errorf("the page has %q: %.80s", not, shown[max(0, at-40):])
		}
	}
	if !strings.Contains(page, "Not for distribution") {
		t.Error("a plan that waits for approvals isn't marked as not for distribution")
	}
	ids := map[string]bool{}
	for _, m := range regexp.MustCompile(` id="([^"]*)"`).FindAllStringSubmatch(page, -1) {
		if ids[m[1]] {
			t.Errorf("the id %s is there twice", m[1])
		}
		ids[m[1]] = true
	}
	for _, m := range regexp.MustCompile(` (?:href="#|aria-describedby="|aria-labelledby=")([^"]*)"`).FindAllStringSubmatch(page, -1) {
		for _, id := range strings.Fields(html.UnescapeString(m[1])) {
			if !ids[id] {
				t.Errorf("nothing has the id %s that is referred to", id)
			}
		}
	}
}

func TestHeadingsPassNoLevelOver(t *testing.T) {
	page := mustRender(t, demoRun(t))
	before := byte('0')
	for _, m := range regexp.MustCompile(`<h([1-6])[ >]`).FindAllSubmatch(page, -1) {
		if m[1][0] > before+1 {
			t.Fatalf("a heading of level %c follows one of level %c", m[1][0], before)
		}
		before = m[1][0]
	}
}

func TestSameRunSamePage(t *testing.T) {
	f := demoRun(t)
	one, two := mustRender(t, f), mustRender(t, f)
	if string(one) != string(two) {
		t.Error("one run makes two different pages")
	}
}

func TestPolicyNamesStyleAndScript(t *testing.T) {
	page := string(mustRender(t, demoRun(t)))
	for _, tag := range []string{"style", "script"} {
		m := regexp.MustCompile(`(?s)<`+tag+`>(.*?)</`+tag+`>`).FindAllStringSubmatch(page, -1)
		if len(m) != 1 {
			t.Fatalf("%d <%s>, want 1", len(m), tag)
		}
		if want := digest(m[0][1]); !strings.Contains(html.UnescapeString(page), tag+"-src '"+want+"'") {
			t.Errorf("the policy doesn't name the %s of the page, %s", tag, want)
		}
	}
	if strings.Contains(page, " style=") || regexp.MustCompile(`\son[a-z]+=`).MatchString(page) {
		t.Error("the page has styles or scripts in attributes, which its policy forbids")
	}
}
