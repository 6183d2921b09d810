package btyd

import (
	"encoding/binary"
	"math"
	"testing"
)

// fuzzHistories reads histories and weights from bytes.
func fuzzHistories(b []byte) (h []History, w []float64) {
	for len(b) >= 8 && len(h) < 200 {
		scale := math.Ldexp(1, int(b[7]%64)-32)
		v := History{X: int(b[0]), T: float64(binary.LittleEndian.Uint16(b[2:])) * scale}
		if b[1]%16 == 0 {
			v.X <<= b[1] >> 4
		}
		if v.X > 0 {
			v.TX = v.T * float64(b[4]) / 255
			v.LogGaps = float64(int8(b[6]))
		}
		h, w = append(h, v), append(w, float64(b[5]))
		b = b[8:]
	}
	return h, w
}

// A fit to any histories ends, with an error that says why or with finite
// results.
func FuzzFit(f *testing.F) {
	f.Add(byte(1), []byte{})
	f.Add(byte(1), []byte{2, 1, 100, 0, 200, 1, 3, 32, 0, 1, 90, 0, 0, 5, 0, 32, 7, 1, 88, 1, 255, 2, 9, 32})
	f.Add(byte(3), []byte{200, 0, 255, 255, 1, 1, 3, 32, 0, 1, 1, 0, 0, 5, 0, 1})
	f.Add(byte(2), []byte{9, 1, 100, 0, 255, 1, 3, 32, 9, 1, 100, 0, 255, 1, 3, 32})
	for family := range byte(5) {
		f.Add(family, []byte{0, 1, 100, 0, 0, 9, 0, 32, 0, 1, 90, 0, 0, 5, 0, 32})       // no repeat buyers
		f.Add(family, []byte{9, 1, 100, 0, 255, 9, 3, 32, 7, 1, 100, 0, 255, 5, 3, 32})  // all alive
		f.Add(family, []byte{3, 1, 100, 0, 128, 255, 3, 32})                             // all alike
		f.Add(family, []byte{3, 1, 100, 0, 128, 1, 3, 32})                               // one member
		f.Add(family, []byte{255, 240, 1, 0, 255, 255, 3, 32, 0, 1, 1, 0, 0, 255, 3, 0}) // huge counts
		f.Add(family, []byte{0, 1, 0, 0, 0, 9, 3, 32, 2, 1, 100, 0, 128, 9, 3, 32})      // T of 0 among others
		f.Add(family, []byte{1, 1, 100, 0, 1, 9, 3, 32, 1, 1, 100, 0, 1, 9, 3, 32})      // dropped out at once
	}
	f.Fuzz(func(t *testing.T, family byte, b []byte) {
		h, w := fuzzHistories(b)
		d, err := NewData(h, w)
		if err != nil {
			return
		}
		switch family % 5 {
		case 0:
			finite(t, BGNBD{}, d, h)
		case 1:
			finite(t, MBGNBD{}, d, h)
		case 2:
			finite(t, MBGCNBD{K: 1 + int(family/5)%4}, d, h)
		case 3:
			finite(t, ParetoNBD{}, d, h)
		default:
			for i := range h {
				h[i].T = math.Min(math.Ceil(h[i].T), 40)
				h[i].X = min(h[i].X, int(h[i].T))
				h[i].TX = float64(h[i].X)
			}
			if d, err = NewData(h, w); err == nil {
				finite(t, BGBB{}, d, h)
			}
		}
	})
}

func finite[M Model](t *testing.T, m M, d *Data, h []History) {
	fit, err := Fit(m, d)
	if err != nil {
		return
	}
	if math.IsNaN(fit.LogLik) || math.IsInf(fit.LogLik, 0) {
		t.Fatalf("log-likelihood %v", fit.LogLik)
	}
	for i, p := range fit.Params {
		if !(p > 0) || math.IsInf(p, 0) {
			t.Fatalf("%s = %v", fit.Names[i], p)
		}
	}
	explained(t, fit)
	for _, v := range h[:min(len(h), 5)] {
		if p := fit.Model.PAlive(v); !(p >= 0 && p <= 1) {
			t.Fatalf("%v: P(alive) %v", v, p)
		}
		if e := fit.Model.Expected(v, 1); !(e >= 0) || math.IsInf(e, 0) {
			t.Fatalf("%v: expected purchases %v", v, e)
		}
	}
}

// explained fails unless standard errors are numbers above 0, or the boundary says why
// they are not.
func explained[M any](t *testing.T, fit *Fitted[M]) {
	t.Helper()
	if (fit.Cov == nil) != (fit.Boundary != "") {
		t.Fatalf("covariance %v and boundary %q", fit.Cov != nil, fit.Boundary)
	}
	unknown := false
	for i, se := range fit.SE {
		unknown = unknown || math.IsNaN(se)
		if se <= 0 || math.IsInf(se, 0) {
			t.Fatalf("%s: standard error %v", fit.Names[i], se)
		}
	}
	if unknown != (fit.Boundary != "") {
		t.Fatalf("standard errors %v and boundary %q", fit.SE, fit.Boundary)
	}
}

// Covariates that say nothing, or everything, are explained too.
func FuzzFitStatic(f *testing.F) {
	f.Add(byte(1), []byte{2, 1, 100, 0, 200, 1, 3, 32, 0, 1, 90, 0, 0, 5, 0, 32, 7, 1, 88, 1, 255, 2, 9, 32})
	f.Add(byte(0), []byte{3, 1, 100, 0, 128, 255, 3, 32, 0, 1, 90, 0, 0, 5, 0, 32})
	f.Fuzz(func(t *testing.T, family byte, b []byte) {
		h, w := fuzzHistories(b)
		if len(h) > 40 {
			return
		}
		z := make([][]float64, len(h))
		for i := range z {
			z[i] = []float64{float64((h[i].X + i) % 3), float64(int(family) % 2)}
		}
		check := func(fit *Fitted[Static[MBGNBD]], err error) {
			if err == nil {
				explained(t, fit)
			}
		}
		switch family / 2 % 3 {
		case 0:
			check(FitStatic(MBGNBD{}, h, w, z, nil))
		case 1:
			check(FitStatic(MBGNBD{}, h, w, nil, z))
		default:
			if fit, err := FitStatic(ParetoNBD{}, h, w, z, z); err == nil {
				explained(t, fit)
			}
		}
	})
}

func FuzzFitSpend(f *testing.F) {
	f.Add([]byte{1, 20, 1, 3, 2, 30, 2, 3, 1, 9, 1, 3})
	f.Add([]byte{1, 20, 1, 3, 1, 20, 1, 3})
	f.Add([]byte{3, 20, 1, 3})                                 // one member
	f.Add([]byte{255, 1, 255, 39, 1, 255, 1, 0})               // huge counts, spend far apart
	f.Add([]byte{0, 20, 1, 3, 2, 0, 1, 3})                     // no spend
	f.Add([]byte{2, 20, 255, 3, 3, 20, 255, 3, 4, 20, 255, 3}) // constant
	f.Fuzz(func(t *testing.T, b []byte) {
		var s []Spend
		var w []float64
		for ; len(b) >= 4 && len(s) < 200; b = b[4:] {
			s = append(s, Spend{int(b[0]), math.Ldexp(float64(b[1]), int(b[3]%40)-20)})
			w = append(w, float64(b[2]))
		}
		fit, err := FitSpend(s, w)
		if err != nil {
			return
		}
		for i, p := range fit.Params {
			if !(p > 0) || math.IsInf(p, 0) {
				t.Fatalf("%s = %v", fit.Names[i], p)
			}
		}
		explained(t, fit)
	})
}
