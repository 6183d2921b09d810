package warehouse_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"loyaltymcp/internal/testdesk"
)

// One text must run on every engine. What only one of them knows, or what a
// cluster can't reduce where the rows are, is not written at all.
var forbidden = []struct {
	pattern *regexp.Regexp
	because string
}{
	{regexp.MustCompile(`(?i)\bGROUPING\s+SETS\b|\bROLLUP\b|\bCUBE\b`), "a cluster refuses grouping sets: write UNION ALL of plain groups"},
	{regexp.MustCompile(`(?i)\bpercentile_(cont|disc)\b|\bmedian\s*\(|\bquantile\w*\s*\(|\bapprox_\w+\s*\(|\bmode\s*\(`), "percentiles of raw rows gather them: use a histogram"},
	{regexp.MustCompile(`(?i)\b(to_char|strftime|strptime|date_diff|datediff|date_bin|time_bucket|width_bucket|epoch|extract)\s*\(`), "a dialect's word for time: use {{date}} or {{month}}"},
	{regexp.MustCompile(`(?i)\bQUALIFY\b|\bGROUP\s+BY\s+ALL\b|\bORDER\s+BY\s+ALL\b|\bTABLESAMPLE\b|\bUSING\s+SAMPLE\b|\bPIVOT\b|\bASOF\s+(LEFT\s+)?JOIN\b|\bEXCLUDE\s*\(`), "one engine's syntax"},
	{regexp.MustCompile(`(?i)\b(arg_max|arg_min|max_by|min_by|any_value|first|last|list|array_agg|string_agg)\s*\(`), "one engine's aggregate, or one that gathers rows"},
	{regexp.MustCompile(`(?i)\bjson\w*_\w*\s*\(|\bhash\w*\s*\(|\bmd5\s*\(|\brandom\s*\(|\bnow\s*\(|\bcurrent_(date|timestamp)\b`), "differs between engines, or between two runs"},
	{regexp.MustCompile(`~`), "pattern operators differ between engines"},
	{regexp.MustCompile(`(?i)\bWITH\b(?:\s+RECURSIVE)?\s+\w+\s+AS\b`), "a CTE used twice is gathered on a cluster's coordinator"},
	{regexp.MustCompile(`(?i)\b(INSERT|UPDATE|DELETE|CREATE|DROP|ALTER|COPY|ATTACH|PRAGMA|SET)\s+\w`), "templates read"},
	{regexp.MustCompile(`::`), "write CAST"},
	{regexp.MustCompile(`;`), "one statement a file"},
	{regexp.MustCompile(`(?i)\bSELECT\s+\*|\b\w+\.\*`), "name the columns"},
}

var (
	comments = regexp.MustCompile(`(?m)--.*$`)
	literals = regexp.MustCompile(`'(?:[^']|'')*'`)
	from     = regexp.MustCompile(`(?i)\b(?:FROM|JOIN)\s+(\S+)`)
	windows  = regexp.MustCompile(`(?is)\bOVER\s*\(([^()]*)\)`)
	ordering = regexp.MustCompile(`(?is)\bORDER\s+BY\s+(.*)$`)
	hintlike = regexp.MustCompile(`^--\s*(\S+?):?\s+\w+_\w+\s*=\s*\w+`)
	trimmed  = strings.NewReplacer("{{-", "{{", "-}}", "}}")
)

// lint returns what is wrong with a template, each as a line.
func lint(text string) []string {
	var out []string
	if !strings.HasPrefix(text, "-- ") {
		out = append(out, "does not start with a comment that says what it returns")
	}
	head := true
	for line := range strings.Lines(text) {
		head = head && strings.HasPrefix(line, "--")
		// A hint that is misspelt or out of place would be taken for words.
		if m := hintlike.FindStringSubmatch(line); m != nil && (!head || !strings.HasPrefix(line, "-- postgres: ")) {
			out = append(out, strings.TrimSpace(line)+": is no hint, which reads \"-- postgres: setting=value\" and stands in the head")
		}
	}
	text = trimmed.Replace(comments.ReplaceAllString(text, ""))
	plain := literals.ReplaceAllString(text, "''")
	for _, f := range forbidden {
		if found := f.pattern.FindString(plain); found != "" {
			out = append(out, found+": "+f.because)
		}
	}
	for _, m := range from.FindAllStringSubmatch(plain, -1) {
		if !strings.HasPrefix(m[1], "(") && !strings.HasPrefix(m[1], "{{feed") && !strings.HasPrefix(m[1], "{{every") &&
			!strings.HasPrefix(m[1], "{{template") && !strings.HasPrefix(m[1], "{{if") {
			out = append(out, m[0]+": reads what is no feed")
		}
	}
	for _, m := range windows.FindAllStringSubmatch(plain, -1) {
		if by := ordering.FindStringSubmatch(m[1]); by != nil {
			for _, key := range strings.Split(by[1], ",") {
				if !strings.Contains(strings.ToUpper(key), "NULLS FIRST") && !strings.Contains(strings.ToUpper(key), "NULLS LAST") {
					out = append(out, "OVER (... ORDER BY "+strings.TrimSpace(key)+"): does not say where nulls go")
				}
			}
		}
	}
	return out
}

func TestTemplatesKeepToTheCommonSubset(t *testing.T) {
	root, files := testdesk.Root(t), 0
	err := filepath.WalkDir(filepath.Join(root, "tools"), func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || filepath.Ext(path) != ".sql" {
			return err
		}
		if filepath.Base(filepath.Dir(path)) != "sql" {
			t.Errorf("%s: templates stand in a folder named sql", path)
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		files++
		for _, complaint := range lint(string(text)) {
			name, _ := filepath.Rel(root, path)
			t.Errorf("%s: %s", name, complaint)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if files < 30 {
		t.Errorf("the walk found %d templates, want 30 at least", files)
	}
}

// SQL outside the templates would escape the lint.
func TestNoSQLInTheToolsCode(t *testing.T) {
	sql := regexp.MustCompile("(?s)[\"`]\\s*SELECT\\s.+\\sFROM\\s")
	root := testdesk.Root(t)
	for _, folder := range []string{"tools", "server", "stats"} {
		err := filepath.WalkDir(filepath.Join(root, folder), func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() || filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go") {
				return err
			}
			text, err := os.ReadFile(path)
			if found := sql.FindString(string(text)); found != "" {
				t.Errorf("%s holds SQL: %.60q", path, found)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// The lint must see what it is there for.
func TestLintSees(t *testing.T) {
	for _, bad := range []string{
		"SELECT 1",
		"-- x\nSELECT a FROM orders AS o", "-- x\nSELECT a FROM {{feed \"orders\"}} AS o JOIN members AS m ON m.a = o.a",
		"-- x\nSELECT a FROM {{feed \"orders\"}} AS o GROUP BY ROLLUP (a)", "-- x\nSELECT median(o.net) FROM {{feed \"orders\"}} AS o",
		"-- x\nSELECT date_diff('day', a, b) FROM {{feed \"orders\"}} AS o", "-- x\nSELECT a FROM {{feed \"orders\"}} AS o WHERE o.a ~ 'x'",
		"-- x\nSELECT lag(o.a) OVER (PARTITION BY o.b ORDER BY o.c) FROM {{feed \"orders\"}} AS o",
		"-- x\nSELECT lag(o.a) OVER (ORDER BY o.c NULLS LAST, o.d) FROM {{feed \"orders\"}} AS o",
		"-- x\nSELECT arg_max(o.a, o.b) FROM {{feed \"orders\"}} AS o", "-- x\nSELECT o.* FROM {{feed \"orders\"}} AS o", "-- x\nSELECT 1; SELECT 2",
		"-- x\n-- postgress: enable_nestloop=off\nSELECT 1", "-- x\n-- postgres enable_nestloop = off\nSELECT 1", "-- x\nSELECT 1\n-- postgres: enable_nestloop=off\n",
		"-- x\nWITH a AS (SELECT 1) SELECT 2", "-- x\nSELECT json_extract(o.a, 'x') FROM {{feed \"orders\"}} AS o",
	} {
		if got := lint(bad); len(got) == 0 {
			t.Errorf("nothing wrong with:\n%s", bad)
		}
	}
	for _, good := range []string{
		"-- x: y = z, or else\n-- postgres: enable_nestloop=off\nSELECT 1",
		"-- x; y ~ z\nSELECT '~;' AS a FROM {{feed \"orders\"}} AS o JOIN (SELECT 1 AS b) AS p ON p.b = o.a",
		"-- x\nSELECT lead(t.a) OVER (ORDER BY t.b NULLS LAST) FROM {{every .Feed}} AS t",
	} {
		if got := lint(good); len(got) != 0 {
			t.Errorf("%q, for:\n%s", got, good)
		}
	}
}
