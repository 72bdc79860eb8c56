package parquet

import (
	"encoding/binary"
	"errors"
	"math/rand/v2"
	"slices"
	"testing"
)

// withSlack is data with bytes behind it that can be read.
func withSlack(data []byte) []byte { return append(data, make([]byte, slack)...)[:len(data)] }

// packed are numbers of width bits side by side.
func packed(numbers []uint64, width int) []byte {
	out := make([]byte, (len(numbers)*width+7)/8)
	for i, v := range numbers {
		for b := range width {
			if v>>b&1 != 0 {
				at := i*width + b
				out[at/8] |= 1 << (at % 8)
			}
		}
	}
	return withSlack(out)
}

func randomNumbers(r *rand.Rand, n, width int) []uint64 {
	out := make([]uint64, n)
	for i := range out {
		out[i] = r.Uint64() >> (64 - width)
	}
	return out
}

func TestUnpack(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for width := 1; width <= 64; width++ {
		numbers := randomNumbers(r, 100, width)
		data := packed(numbers, width)
		for _, part := range [][2]int{{0, 100}, {3, 97}, {8, 40}, {1, 17}, {50, 50}, {99, 100}} {
			want := numbers[part[0]:part[1]]
			long := make([]int64, len(want))
			unpackLong(long, data[:len(data)+slack], part[0]*width, width)
			for i, v := range want {
				if uint64(long[i]) != v {
					t.Fatalf("%d bits, number %d: got %x want %x", width, part[0]+i, long[i], v)
				}
			}
			if width > 32 {
				continue
			}
			got := make([]uint32, len(want))
			unpack(got, data[:len(data)+slack], part[0]*width, width)
			for i, v := range want {
				if uint64(got[i]) != v {
					t.Fatalf("%d bits, number %d: got %x want %x", width, part[0]+i, got[i], v)
				}
			}
		}
	}
}

// hybridOf are runs of numbers of width bits, and the numbers.
func hybridOf(r *rand.Rand, width, runs int) (data []byte, numbers []uint32) {
	for range runs {
		if r.IntN(2) == 0 {
			n := 1 + r.IntN(200)
			v := uint32(r.Uint64() >> (64 - width))
			data = binary.AppendUvarint(data, uint64(n)<<1)
			data = append(data, binary.LittleEndian.AppendUint32(nil, v)[:(width+7)/8]...)
			numbers = append(numbers, slices.Repeat([]uint32{v}, n)...)
			continue
		}
		groups := 1 + r.IntN(20)
		values := randomNumbers(r, 8*groups, width)
		data = append(binary.AppendUvarint(data, uint64(groups)<<1|1), packed(values, width)...)
		for _, v := range values {
			numbers = append(numbers, uint32(v))
		}
	}
	return withSlack(data), numbers
}

func TestHybrid(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for width := range 33 {
		data, want := hybridOf(r, width, 20)
		for _, most := range []int{1, 5, 100, len(want)} {
			h, err := newHybrid(data, width)
			if err != nil {
				t.Fatal(err)
			}
			var got []uint32
			for len(got) < len(want) {
				part := make([]uint32, min(1+r.IntN(most), len(want)-len(got)))
				if err := h.next(part); err != nil {
					t.Fatal(err)
				}
				got = append(got, part...)
			}
			if !slices.Equal(got, want) {
				t.Fatalf("%d bits, up to %d at once: other numbers", width, most)
			}
			if err := h.next(make([]uint32, 1)); width > 0 && !errors.Is(err, errShort) {
				t.Fatalf("%d bits, behind the last: %v", width, err)
			}
		}
	}
	if _, err := newHybrid(nil, 33); err == nil {
		t.Error("numbers of 33 bits are read")
	}
}

func TestLevels(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	data, want := hybridOf(r, 1, 50)
	h := hybrid{data: data, width: 1}
	for at := 0; at < len(want); {
		n := min(1+r.IntN(300), len(want)-at)
		offset := r.IntN(9)
		bits := make([]byte, (offset+n+7)/8)
		if err := h.bits(bits, offset, n); err != nil {
			t.Fatal(err)
		}
		for i, v := range want[at : at+n] {
			if uint32(bits[(offset+i)/8]>>((offset+i)%8)&1) != v {
				t.Fatalf("level %d is not %d", at+i, v)
			}
		}
		at += n
	}
	ones := withSlack([]byte{20 << 1, 1, 10 << 1, 0})
	for n, all := range map[int]bool{20: true, 21: false, 1: true} {
		if got := (&hybrid{data: ones, width: 1}).allOnes(n); got != all {
			t.Errorf("%d levels are all ones: %t", n, got)
		}
	}
}

// deltaOf are numbers as differences in blocks of 128.
func deltaOf(numbers []int64) []byte {
	out := binary.AppendUvarint(nil, 128)
	out = binary.AppendUvarint(out, 4)
	out = binary.AppendUvarint(out, uint64(len(numbers)))
	out = binary.AppendVarint(out, numbers[0])
	for at := 1; at < len(numbers); at += 128 {
		block := numbers[at:min(at+128, len(numbers))]
		differences := make([]int64, 128)
		least := block[0] - numbers[at-1]
		for i, v := range block {
			differences[i] = v - numbers[at+i-1]
			least = min(least, differences[i])
		}
		out = binary.AppendVarint(out, least)
		widths := len(out)
		out = append(out, 0, 0, 0, 0)
		for mini := 0; mini*32 < len(block); mini++ {
			values := make([]uint64, 32)
			all := uint64(0)
			for i := range values {
				if mini*32+i < len(block) {
					values[i] = uint64(differences[mini*32+i] - least)
				}
				all |= values[i]
			}
			width := 0
			for ; width < 64 && all>>width != 0; width++ {
			}
			out[widths+mini] = byte(width)
			out = append(out, packed(values, width)...)
		}
	}
	return withSlack(out)
}

func TestDelta(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	for _, n := range []int{1, 2, 32, 33, 129, 130, 1000} {
		for _, width := range []int{1, 7, 31, 64} {
			want := make([]int64, n)
			for i := range want {
				want[i] = int64(r.Uint64() >> (64 - width))
			}
			data := deltaOf(want)
			behind := append(slices.Clone(data), "rest"...)
			d, err := newDelta(withSlack(behind))
			if err != nil {
				t.Fatal(err)
			}
			rest, err := d.scan(func([]int64) error { return nil })
			if err != nil || string(rest) != "rest" {
				t.Fatalf("%d numbers of %d bits: behind them is %q, %v", n, width, rest, err)
			}
			var got []int64
			for len(got) < n {
				part := make([]int64, min(1+r.IntN(100), n-len(got)))
				if err := d.next(part); err != nil {
					t.Fatal(err)
				}
				got = append(got, part...)
			}
			if !slices.Equal(got, want) {
				t.Fatalf("%d numbers of %d bits: other numbers", n, width)
			}
			if err := d.next(make([]int64, 1)); !errors.Is(err, errShort) {
				t.Fatalf("behind the last: %v", err)
			}
		}
	}
}

func TestDeltaBytes(t *testing.T) {
	prefixes, suffixes := deltaOf([]int64{0, 2, 0, 3}), deltaOf([]int64{3, 2, 1, 0})
	data := withSlack(slices.Concat(prefixes, suffixes, []byte("abccdx")))
	d, err := newDeltaBytes(data)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"abc", "abcd", "x"} {
		got, err := d.next()
		if err != nil || string(got) != want {
			t.Fatalf("got %q, %v, want %q", got, err, want)
		}
	}
	if v, err := d.next(); err == nil {
		t.Errorf("a value that shares more than the one before has is %q", v)
	}
	if _, _, err := newLengths(withSlack(slices.Concat(deltaOf([]int64{3, 4}), []byte("abcdef")))); !errors.Is(err, errShort) {
		t.Errorf("lengths beyond the bytes: %v", err)
	}
	if _, _, err := newLengths(withSlack(slices.Concat(deltaOf([]int64{3, -4}), []byte("abcdef")))); err == nil {
		t.Error("a length below zero is read")
	}
}

func TestByteStreams(t *testing.T) {
	out := make([]byte, 6)
	joinStreams(out, []byte("adgjbehkcfil"), 3, 4, 1, 2)
	if string(out) != "defghi" {
		t.Errorf("got %q", out)
	}
}

func TestBigEndian(t *testing.T) {
	for _, c := range []struct {
		bytes string
		want  decimal
		bad   bool
	}{
		{bytes: "\x01", want: decimal{1, 0}},
		{bytes: "\xff", want: decimal{^uint64(0), ^uint64(0)}},
		{bytes: "\x01\x00\x00\x00\x00\x00\x00\x00\x02", want: decimal{2, 1}},
		{bytes: "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xfe", want: decimal{^uint64(1), ^uint64(0)}},
		{bytes: "\x00\x80\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00", bad: true},
		{bytes: "", bad: true},
	} {
		got, err := bigEndian([]byte(c.bytes))
		if (err != nil) != c.bad || err == nil && got != c.want {
			t.Errorf("%x is %x, %v", c.bytes, got, err)
		}
	}
}
