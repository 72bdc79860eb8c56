package source

import (
	"math"
	"math/big"
	"math/bits"
	"sync"
)

const (
	leastTen, mostTen = -292, 324 // the powers of ten that floats need
	significandBits   = 52
)

// tens are the powers of ten from 10^leastTen to 10^mostTen as 128 bits, of which the first is set, rounded up; high word first.
var tens = sync.OnceValue(func() *[mostTen - leastTen + 1][2]uint64 {
	var out [mostTen - leastTen + 1][2]uint64
	mask := new(big.Int).SetUint64(math.MaxUint64)
	for k := leastTen; k <= mostTen; k++ {
		power := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(max(k, -k))), nil)
		above, below := power, big.NewInt(1)
		if k < 0 {
			above, below = new(big.Int).Lsh(big.NewInt(1), uint(127+power.BitLen())), power
		} else if extra := power.BitLen() - 128; extra > 0 {
			below = new(big.Int).Lsh(below, uint(extra))
		} else {
			above = new(big.Int).Lsh(above, uint(-extra))
		}
		g, rest := new(big.Int).QuoRem(above, below, new(big.Int))
		if rest.Sign() > 0 {
			g.Add(g, big.NewInt(1))
		}
		out[k-leastTen] = [2]uint64{new(big.Int).Rsh(g, 64).Uint64(), new(big.Int).And(g, mask).Uint64()}
	}
	return &out
})

// shortest gives the digits and the exponent of ten of the shortest decimal that reads back as v, which is positive and finite; of
// several the nearest. It is Giulietti's Schubfach (2020): one of four candidates about v, told apart by three products
// of 128 bits.
func shortest(v float64) (digits uint64, exponent int) {
	// Up to four places, as most decimals have. Of at most fifteen digits no two decimals are one float: there is no shorter one.
	if v < 1e11 {
		if m := uint64(v*1e4 + 0.5); float64(m)/1e4 == v {
			return withoutZeros(m, -4)
		}
	}
	word := math.Float64bits(v)
	c, q := word&(1<<significandBits-1), int(word>>significandBits)
	closer := uint64(0) // 1 where the float before v is half as far as the one behind
	if q == 0 {
		q = 1
	} else {
		if c == 0 && q > 1 {
			closer = 1
		}
		c |= 1 << significandBits
	}
	q -= 1075
	if q <= 0 && q > -significandBits-1 && c&(1<<-q-1) == 0 {
		return withoutZeros(c>>-q, 0) // a whole number
	}
	k := (q*1262611 - int(closer)*524031) >> 22 // floor(log10 of the distance of floats)
	h := uint(q + (-k*1741647)>>19 + 1)
	ten := &tens()[-k-leastTen]
	lower := roundToOdd(ten, (4*c-2+closer)<<h) + c&1 // an odd significand does not have the ends of its interval
	upper := roundToOdd(ten, (4*c+2)<<h) - c&1
	middle := roundToOdd(ten, 4*c<<h)
	s := middle / 4
	if s >= 10 {
		tenth := s / 10
		below, above := lower <= 40*tenth, 40*tenth+40 <= upper
		if below != above {
			if above {
				tenth++
			}
			return withoutZeros(tenth, k+1)
		}
	}
	below, above := lower <= 4*s, 4*s+4 <= upper
	half := 4*s + 2
	if below != above && above || below == above && (middle > half || middle == half && s&1 == 1) {
		s++
	}
	return withoutZeros(s, k)
}

// roundToOdd is the high 64 bits of a product of ten and x, of which the last says whether there is more behind.
func roundToOdd(ten *[2]uint64, x uint64) uint64 {
	low, _ := bits.Mul64(ten[1], x)
	high, rest := bits.Mul64(ten[0], x)
	rest, carry := bits.Add64(rest, low, 0)
	high += carry
	if rest > 1 {
		high |= 1
	}
	return high
}

func withoutZeros(digits uint64, exponent int) (uint64, int) {
	for digits%1e4 == 0 && digits > 0 {
		digits, exponent = digits/1e4, exponent+4
	}
	for digits%10 == 0 && digits > 0 {
		digits, exponent = digits/10, exponent+1
	}
	return digits, exponent
}
