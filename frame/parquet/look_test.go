package parquet

import (
	"errors"
	"testing"
)

func TestLookUp(t *testing.T) {
	testLookUp(t, func(n uint64) uint32 { return uint32(n) })
	testLookUp(t, func(n uint64) uint64 { return n << 40 })
	testLookUp(t, func(n uint64) decimal { return decimal{n, n + 1} })
}

func testLookUp[W word](t *testing.T, value func(uint64) W) {
	t.Helper()
	coding := make([]W, 100)
	for i := range coding {
		coding[i] = value(uint64(i))
	}
	for n := range 3*lookStep + 1 {
		codes, out := make([]uint32, n), make([]W, n+1)
		for i := range codes {
			codes[i] = uint32(i*37+n) % uint32(len(coding))
		}
		if err := lookUp(out[:n], coding, codes); err != nil {
			t.Fatal(err)
		}
		for i, c := range codes {
			if out[i] != coding[c] {
				t.Errorf("%d codes: %d stands for %v, not for %v", n, c, coding[c], out[i])
			}
			for _, beyond := range []uint32{uint32(len(coding)), 1 << 31, 1<<32 - 1} {
				codes[i] = beyond
				if err := lookUp(out[:n], coding, codes); !errors.Is(err, errCode) {
					t.Errorf("%d codes: the code %d in %d values: %v", n, beyond, len(coding), err)
				}
			}
			codes[i] = c
		}
		var none W
		if out[n] != none {
			t.Errorf("%d codes: something is written behind them", n)
		}
	}
	if err := lookUp(make([]W, 1), nil, []uint32{0}); !errors.Is(err, errCode) {
		t.Errorf("a code without a dictionary: %v", err)
	}
}

func TestChoose(t *testing.T) {
	values := make([]uint64, 500)
	for i := range values {
		values[i] = uint64(i) << 40
	}
	const base = 70
	for n := range 3*lookStep + 1 {
		picks, out := make([]int32, n), make([]uint64, n+1)
		for i := range picks {
			picks[i] = base + int32(len(values)-1-(n-1-i)*17)
		}
		choose(out[:n], values, picks, base)
		for i, p := range picks {
			if out[i] != values[p-base] {
				t.Errorf("%d picks: %d is %x", n, p, out[i])
			}
		}
		if out[n] != 0 {
			t.Errorf("%d picks: something is written behind them", n)
		}
	}
}
