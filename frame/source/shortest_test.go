package source

import (
	"math"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"github.com/rivulet-go/rivulet/tests/sample"
)

// plainFloat is what appendFloat says, by package strconv.
func plainFloat(v float64) string {
	if size := math.Abs(v); v != 0 && (size < 1e-5 || size >= 1e15) {
		return strconv.FormatFloat(v, 'e', -1, 64)
	}
	s := strconv.FormatFloat(v, 'f', -1, 64)
	if strings.Contains(s, ".") {
		return s
	}
	return s + ".0"
}

func TestShortestFloats(t *testing.T) {
	n := 400_000
	if sample.Whole() {
		n = 10_000_000
	}
	check := func(v float64) {
		if v == 0 || math.IsNaN(v) || math.IsInf(v, 0) {
			return
		}
		digits, exponent := shortest(math.Abs(v))
		scientific, _, _ := strings.Cut(strconv.FormatFloat(math.Abs(v), 'e', -1, 64), "e")
		want := strings.Replace(scientific, ".", "", 1)
		if got := strconv.FormatUint(digits, 10); got != want {
			t.Fatalf("%v (%x): digits %s, want %s", v, math.Float64bits(v), got, want)
		}
		if back, err := strconv.ParseFloat(strconv.FormatUint(digits, 10)+"e"+strconv.Itoa(exponent), 64); err != nil || back != math.Abs(v) {
			t.Fatalf("%v: %de%d is %v", v, digits, exponent, back)
		}
		if got := string(appendFloat(nil, v, false)); got != plainFloat(v) {
			t.Fatalf("got %s, want %s", got, plainFloat(v))
		}
	}
	for exponent := range uint64(2047) {
		for _, significand := range []uint64{0, 1, 2, 3, 1<<52 - 1, 1<<52 - 2, 1 << 51, 0x5555555555555} {
			check(math.Float64frombits(exponent<<52 | significand))
		}
	}
	r := rand.New(rand.NewPCG(5, 5))
	for i := range n {
		check(math.Float64frombits(r.Uint64()))
		check(float64(r.Int64N(1e9)) / []float64{1, 10, 100, 1e4, 1e7}[i%5])
		check((r.Float64() - 0.5) * math.Pow10(r.IntN(24)-6))
	}
	for _, v := range []float64{0, math.Copysign(0, -1), 1, -1, 1e15, 999999999999999, 1e-5, 0.1, 100, 123456, 5e-324, math.MaxFloat64} {
		if got := string(appendFloat(nil, v, false)); got != plainFloat(v) {
			t.Errorf("got %s, want %s", got, plainFloat(v))
		}
	}
}

func BenchmarkAppendFloat(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 1))
	values := make([]float64, 1000)
	for i := range values {
		values[i] = r.Float64() * 100
	}
	for name, f := range map[string]func(b []byte, v float64) []byte{
		"ours":    func(b []byte, v float64) []byte { return appendFloat(b, v, false) },
		"strconv": func(b []byte, v float64) []byte { return strconv.AppendFloat(b, v, 'f', -1, 64) },
	} {
		b.Run(name, func(b *testing.B) {
			buf := make([]byte, 0, 64)
			for b.Loop() {
				for _, v := range values {
					buf = f(buf[:0], v)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/1000, "ns/value")
		})
	}
}
