package zstd

import (
	"bytes"
	"encoding/binary"
	"math"
	"math/rand/v2"
	"strconv"
	"testing"

	"github.com/klauspost/compress/huff0"
)

// literalsData is what blocks of columns have as literals, and what is at the limits of trees.
func literalsData() map[string][]byte {
	r := rand.New(rand.NewPCG(1, 2))
	var doubles, digits, few, skewed, two []byte
	for range 16 << 10 {
		doubles = binary.LittleEndian.AppendUint64(doubles, math.Float64bits(math.Round(r.Float64()*1e8)/1e6))
		digits = strconv.AppendUint(digits, 10000+r.Uint64N(90000), 10)
		if len(digits)%10 == 0 {
			digits = append(digits, "\x0c\x00\x00id"[r.IntN(5)])
		}
		few = append(few, "abcdefgh"[r.IntN(8)])
		skewed = append(skewed, byte(r.ExpFloat64()*3), byte(r.ExpFloat64()))
		two = append(two, byte(r.IntN(7)/6*200))
	}
	return map[string][]byte{"doubles": doubles[:128<<10], "digits": digits, "few": few, "skewed": skewed, "two": two}
}

// TestHuffmanTree has the tree of which the format's description tells how it is made: of weights 4, 3, 2, 0, 1 and the last, 1.
func TestHuffmanTree(t *testing.T) {
	var h huffman
	if n, err := h.read([]byte{directWeights + 5, 0x43, 0x20, 0x10, 0xff}); err != nil || n != 4 || h.log != 4 {
		t.Fatalf("%d bytes, %d bits, %v", n, h.log, err)
	}
	want := []byte{0, 1, 4, 5}
	got := make([]byte, len(want))
	if err := h.decode1(got, []byte{0b0000_0001, 0b1_1_01}); err != nil || !bytes.Equal(got, want) {
		t.Errorf("%v, %v", got, err)
	}
}

func TestHuffman(t *testing.T) {
	for name, data := range literalsData() {
		for n := len(data); n > 30; n -= 1 + n/5 {
			data := data[len(data)-n:]
			var s huff0.Scratch
			tree, streams, err := huffmanEncode(&s, data, huff0.Compress4X)
			if err != nil {
				continue // there are too few for a tree
			}
			got, err := checkHuffman(t, tree, streams, n, true)
			if err != nil || !bytes.Equal(got, data) {
				t.Errorf("%s: %d in four streams: %v", name, n, err)
			}
			if tree, streams, err = huffmanEncode(&s, data, huff0.Compress1X); err != nil {
				t.Fatal(err)
			}
			got, err = checkHuffman(t, tree, streams, n, false)
			if err != nil || !bytes.Equal(got, data) {
				t.Errorf("%s: %d in a stream: %v", name, n, err)
			}
		}
	}
}

func TestHuffmanDamage(t *testing.T) {
	for name, tree := range map[string][]byte{
		"nothing":                    {},
		"fewer weights than told":    {directWeights + 4, 0x43},
		"fewer bytes than told":      {4, 0x43},
		"no weight":                  {directWeights + 2, 0x00},
		"a weight too great":         {directWeights + 2, 0xc1},
		"codes of too many bits":     {directWeights + 4, 0xbb, 0xbb},
		"what is left, no power":     {directWeights + 2, 0x41},
		"no code of the most bits":   {directWeights + 1, 0x20},
		"no state for coded weights": {2, 0x10, 0x01},
	} {
		var h huffman
		if _, err := h.read(tree); err == nil {
			t.Errorf("%s: nothing is wrong with it", name)
		}
		if err := h.decode1(make([]byte, 1), []byte{3}); err == nil {
			t.Errorf("%s: it decodes", name)
		}
	}
	data := literalsData()["digits"][:3000]
	var s huff0.Scratch
	tree, streams, err := huffmanEncode(&s, data, huff0.Compress4X)
	if err != nil {
		t.Fatal(err)
	}
	for name, damage := range map[string]func([]byte) []byte{
		"nothing":                         func([]byte) []byte { return nil },
		"no jump table":                   func(b []byte) []byte { return b[:5] },
		"the first stream ends elsewhere": func(b []byte) []byte { b[0]++; return b },
		"the first stream is empty":       func(b []byte) []byte { b[0], b[1] = 0, 0; return b },
		"the third stream is too long":    func(b []byte) []byte { b[5] = 0xff; return b },
		"the fourth stream has no end":    func(b []byte) []byte { b[len(b)-1] = 0; return b },
		"a byte too few":                  func(b []byte) []byte { return b[:len(b)-1] },
		"a byte too many":                 func(b []byte) []byte { return append(b, 1) },
	} {
		if _, err := checkHuffman(t, tree, damage(bytes.Clone(streams)), len(data), true); err == nil {
			t.Errorf("%s: nothing is wrong with it", name)
		}
	}
	for _, n := range []int{0, 5, 6, len(data) - 4, len(data) - 1, len(data) + 1, len(data) + 4, 2 * len(data)} {
		if _, err := checkHuffman(t, tree, streams, n, true); err == nil {
			t.Errorf("nothing is wrong with %d literals", n)
		}
	}
}

// withoutAssembly has something done as processors do it that assembly is not written for.
func withoutAssembly(do func() error) error {
	defer func(was bool) { wide = was }(wide)
	wide = false
	return do()
}

func FuzzHuffman(f *testing.F) {
	for _, data := range literalsData() {
		for _, compress := range []compressor{huff0.Compress1X, huff0.Compress4X} {
			var s huff0.Scratch
			tree, streams, err := huffmanEncode(&s, data[:1000], compress)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(tree, streams, uint16(1000), uint(0), byte(0))
			f.Add(tree, streams, uint16(1000), uint(9), byte(1))
		}
	}
	f.Fuzz(func(t *testing.T, tree, streams []byte, size uint16, at uint, change byte) {
		if len(streams) > 0 {
			streams[at%uint(len(streams))] ^= change
		}
		_, _ = checkHuffman(t, tree, streams, int(size), false)
		_, _ = checkHuffman(t, tree, streams, int(size), true)
		var s huff0.Scratch
		if tree, own, err := huffmanEncode(&s, streams, huff0.Compress4X); err == nil {
			if got, err := checkHuffman(t, tree, own, len(streams), true); err != nil || !bytes.Equal(got, streams) {
				t.Errorf("%d literals: %v", len(streams), err)
			}
		}
	})
}

// checkHuffman decodes with assembly and without, which must give the same, and nothing may be written elsewhere. What it decodes is what the
// library does, except that it refuses trees whose weights end in fewer bits than their last state needs: the format says that these are 0 then.
func checkHuffman(t *testing.T, tree, streams []byte, size int, four bool) ([]byte, error) {
	t.Helper()
	const around = 64
	var h huffman
	n, err := h.read(tree)
	if err != nil {
		return nil, err
	}
	decode := h.decode1
	if four {
		decode = h.decode4
	}
	room := bytes.Repeat([]byte{0xa5}, around+size+around)
	out := room[around : around+size : around+size]
	err = decode(out, streams)
	for i, b := range room {
		if (i < around || i >= around+size) && b != 0xa5 {
			t.Fatalf("something is written %d bytes from %d literals", i-around, size)
		}
	}
	plain := make([]byte, size)
	plainErr := withoutAssembly(func() error { return decode(plain, streams) })
	if (err == nil) != (plainErr == nil) || err == nil && !bytes.Equal(out, plain) {
		t.Fatalf("%d literals: %v, without assembly %v", size, err, plainErr)
	}
	if err != nil {
		return nil, err
	}
	s, rest, err := huff0.ReadTable(tree, nil)
	if err == nil {
		library := s.Decoder().Decompress1X
		if four {
			library = s.Decoder().Decompress4X
		}
		want, err := library(make([]byte, 0, size), streams)
		if err != nil || len(tree)-len(rest) != n || !bytes.Equal(out, want) {
			t.Fatalf("%d literals and a tree of %d bytes are decoded that are %d and %d, %v", size, n, len(want), len(tree)-len(rest), err)
		}
	}
	return out, nil
}

type compressor func([]byte, *huff0.Scratch) ([]byte, bool, error)

// huffmanEncode gives the description of a tree and the streams.
func huffmanEncode(s *huff0.Scratch, data []byte, compress compressor) (tree, streams []byte, err error) {
	s.Reuse = huff0.ReusePolicyNone
	out, _, err := compress(data, s)
	if err != nil {
		return nil, nil, err
	}
	return bytes.Clone(s.OutTable), bytes.Clone(out[len(s.OutTable):]), nil
}
