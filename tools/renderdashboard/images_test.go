package renderdashboard

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"image/png"
	"os"
	"path/filepath"
	"testing"

	"loyaltymcp/internal/testdesk"
	"loyaltymcp/tools/renderdashboard/pictures"
	"loyaltymcp/tools/run"
)

// Pictures come on request only, one a chart, each a PNG.
func TestPicturesOnRequest(t *testing.T) {
	f := demoRun(t)
	tool, err := Tool(testdesk.Schemas(t), func(context.Context) (*run.Desk, error) { return f.desk, nil })
	if err != nil {
		t.Fatal(err)
	}
	result, err := tool.Call(t.Context(), json.RawMessage(`{"run_id": "`+f.run.ID+`", "images": true}`))
	if err != nil {
		t.Fatal(err)
	}
	if len(result.Pictures) != 4 {
		t.Errorf("%d pictures, want KPIs, roll-forward, tiers and experiments", len(result.Pictures))
	}
	for _, p := range result.Pictures {
		if _, err := png.Decode(bytes.NewReader(p.PNG)); err != nil {
			t.Errorf("%s: %v", p.Name, err)
		}
		if err := os.WriteFile(filepath.Join(t.ArtifactDir(), p.Name+".png"), p.PNG, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if none, says := illustrate(&findings{run: f.run}); len(none) != 0 || len(says) != 0 {
		t.Errorf("of a run without stages: %d pictures, %v", len(none), says)
	}
}

// A picture that fails is drawn again at most twice.
func TestPicturesAreDrawnAgain(t *testing.T) {
	for _, c := range []struct{ fails, calls int }{{0, 1}, {2, 3}, {9, 3}} {
		calls := 0
		_, err := drawn(func() ([]byte, error) {
			if calls++; calls <= c.fails {
				panic("no ink")
			}
			return []byte("x"), nil
		})
		if calls != c.calls || (err != nil) != (c.fails >= 3) {
			t.Errorf("failing %d times: %d calls, %v; want %d calls", c.fails, calls, err, c.calls)
		}
	}
	calls := 0
	if _, err := drawn(func() ([]byte, error) { calls++; return nil, pictures.ErrNothing }); !errors.Is(err, pictures.ErrNothing) || calls != 1 {
		t.Errorf("nothing to draw: %v after %d calls, want it once", err, calls)
	}
}
