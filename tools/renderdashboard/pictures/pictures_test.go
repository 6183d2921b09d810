package pictures

import (
	"bytes"
	"errors"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func at(x float64) *float64 { return &x }

// drawn checks that a picture is one, of our size, with something on it. The flag
// -artifacts keeps it.
func drawn(t *testing.T, name string, text []byte, err error) {
	t.Helper()
	if err != nil {
		t.Errorf("%s: %v", name, err)
		return
	}
	picture, err := png.Decode(bytes.NewReader(text))
	if err != nil {
		t.Errorf("%s: %v", name, err)
		return
	}
	if b := picture.Bounds(); b.Dx() != 960 || b.Dy() != 540 || len(text) > 200_000 {
		t.Errorf("%s: %d by %d pixels in %d bytes", name, b.Dx(), b.Dy(), len(text))
	}
	inked := 0
	for x := range 960 {
		for y := range 540 {
			if r, g, b, _ := picture.At(x, y).RGBA(); r+g+b < 3*0xffff {
				inked++
			}
		}
	}
	if inked < 2000 {
		t.Errorf("%s: %d pixels are not white", name, inked)
	}
	if err := os.WriteFile(filepath.Join(t.ArtifactDir(), name+".png"), text, 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestPictures(t *testing.T) {
	wave := func(level, swing float64) (v []*float64) {
		for i := range 30 {
			v = append(v, at(level+swing*math.Sin(float64(i)/3)))
		}
		return v
	}
	gap := wave(0.3, 0.05)
	gap[10], gap[11] = nil, at(math.NaN())
	text, err := Pen{}.Trends([]Line{{"Member net sales", "EUR 1,234,567", wave(41_000, 3000), "by day", false, false}, {"Active member rate", "28.9 %", gap, "by day", true, true},
		{"Open members", "20,431", wave(20_000, 0), "by week", false, false}, {"Redemption rate", "31.2 %", wave(0.31, 0.001), "", true, false}})
	drawn(t, "trends", text, err)
	text, err = Pen{}.Bridge("Point liability, roll-forward", []Step{{"opening", 4_411_000}, {"issued", 1_204_000}, {"redeemed", -402_000}, {"expired", -151_000}, {"adjusted", 12_000}, {"closing", 5_074_000}})
	drawn(t, "bridge", text, err)
	text, err = Pen{}.Bars("Tier mix", []Bar{{"Member", at(0.61), at(0.64)}, {"Silver", at(0.24), at(0.22)}, {"Gold", at(0.12), at(0.11)}, {"Platinum", nil, nil}})
	drawn(t, "bars", text, err)
	text, err = Pen{}.Intervals("Experiments", []Interval{{"Spring double points: revenue", 0.115, 0.066, 0.165}, {"Birthday surprise: redeemed rate", 0.02, -0.09, 0.12}, {"Cheaper shipping: margin", -0.08, -0.12, -0.04}})
	drawn(t, "intervals", text, err)
	text, err = Pen{}.Bars(strings.Repeat("a very long title ", 20), []Bar{{strings.Repeat("Platinum ", 30), at(1), at(0)}, {"العربية", at(0.5), nil}, {"ภาษาไทย 🎉", at(0), at(0)}})
	drawn(t, "odd", text, err)
}

func TestNothingToDraw(t *testing.T) {
	for name, draw := range map[string]func() ([]byte, error){
		"no lines": func() ([]byte, error) { return Pen{}.Trends(nil) },
		"unknown lines": func() ([]byte, error) {
			return Pen{}.Trends([]Line{{"x", "n/a", []*float64{nil, nil}, "", false, false}})
		},
		"no steps":     func() ([]byte, error) { return Pen{}.Bridge("x", nil) },
		"no bars":      func() ([]byte, error) { return Pen{}.Bars("x", []Bar{{"few", nil, nil}}) },
		"no intervals": func() ([]byte, error) { return Pen{}.Intervals("x", nil) },
	} {
		if _, err := draw(); !errors.Is(err, ErrNothing) {
			t.Errorf("%s: got %v, want ErrNothing", name, err)
		}
	}
}

func TestNumber(t *testing.T) {
	for _, c := range []struct {
		x      float64
		share  bool
		spread float64
		want   string
	}{{1234567, false, 1e6, "1,234,567"}, {-1234, false, 1e4, "-1,234"}, {0.2891, true, 0.01, "28.9 %"}, {0.29, true, 0.5, "29 %"}, {0, false, 0, "0"}, {-0.0001, false, 100, "0"}, {999, false, 1000, "999"}} {
		if got := (Pen{}).number(c.x, c.share, c.spread); got != c.want {
			t.Errorf("number(%v, %v, %v) = %q, want %q", c.x, c.share, c.spread, got, c.want)
		}
	}
	german := Pen{Write: func(text string) string { return strings.NewReplacer(",", ".", ".", ",").Replace(text) }}
	if got, want := german.number(1234.5, false, 1), "1.234,5"; got != want {
		t.Errorf("in the marks of German: %q, want %q", got, want)
	}
}

// Text that the font has no glyphs for is not left blank.
func TestTextWithoutGlyphs(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"Gold", "Gold"}, {"Größe Ω Я", "Größe Ω Я"}, {"ภาษาไทย", "(name on the page)"}, {"Gold 🎉", "Gold ?"}, {"🎉🎉", "(name on the page)"}, {"", ""},
		{"12.345\u00a0EUR", "12.345 EUR"}, {"12\u202f345", "12 345"},
	} {
		if got := named(c.text, 18); got != c.want {
			t.Errorf("%q is written %q, want %q", c.text, got, c.want)
		}
	}
	for _, r := range "\u00a0\u202f−’'" { // the marks of locales
		if !drawable(r) {
			t.Errorf("%q can't be drawn", r)
		}
	}
}
