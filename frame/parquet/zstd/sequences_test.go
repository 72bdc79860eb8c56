package zstd

import (
	"bytes"
	"errors"
	"math/bits"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/klauspost/compress/huff0"
)

// bitWriter writes numbers of bits, from which they are read in the opposite order.
type bitWriter struct {
	out  []byte
	held uint64
	bits uint
}

func (w *bitWriter) add(value uint32, width uint) {
	w.held |= uint64(value) << w.bits
	for w.bits += width; w.bits >= 8; w.bits -= 8 {
		w.out = append(w.out, byte(w.held))
		w.held >>= 8
	}
}

// codeOf is the code of a number, and what is more than the least number of that.
func codeOf(c *code, n uint32) (symbol int, more uint32, width uint) {
	for symbol = c.codes - 1; c.numbers[symbol].number() > n; symbol-- {
	}
	return symbol, n - c.numbers[symbol].number(), c.numbers[symbol].numberBits()
}

const allRepeated, allKept = modeRepeated<<6 | modeRepeated<<4 | modeRepeated<<2, 0xfc

// plainLiteralsOf is a section of literals as they are.
func plainLiteralsOf(literals string) []byte {
	return append([]byte{byte(literalsRaw | 3<<2 | len(literals)<<4), byte(len(literals) >> 4), byte(len(literals) >> 12)}, literals...)
}

// sameCodes is a section of sequences whose tables have one code each, which all sequences have to be of. With kept tables it does not say which.
func sameCodes(modes byte, sequences ...sequence) []byte {
	section := []byte{byte(len(sequences)>>8 + 128), byte(len(sequences)), modes}
	if len(sequences) == 0 {
		return []byte{0}
	}
	var w bitWriter
	slices.Reverse(sequences)
	for i, q := range sequences {
		literals, moreLiterals, literalBits := codeOf(&literalCode, q.literals)
		match, moreMatch, matchBits := codeOf(&matchCode, q.match)
		offset, moreOffset, offsetBits := codeOf(&offsetCode, q.offset)
		if i == 0 && modes == allRepeated {
			section = append(section, byte(literals), byte(offset), byte(match))
		}
		w.add(moreLiterals, literalBits)
		w.add(moreMatch, matchBits)
		w.add(moreOffset, offsetBits)
	}
	slices.Reverse(sequences)
	w.add(1, 1)
	w.add(0, 7)
	return append(section, w.out...)
}

func compressedBlock(last bool, sections ...[]byte) []byte {
	body := slices.Concat(sections...)
	return append(blockHead(blockCompressed, len(body), last), body...)
}

// TestSequences has what encoders hardly write.
func TestSequences(t *testing.T) {
	far := bytes.Repeat([]byte("0123456789abcdef"), blockMost/16)
	copy(far[5:], "what is far")
	const digits = "0123456789"
	farOffset := uint32(3*blockMost - 5 + recentOffsets)
	for name, c := range map[string]struct {
		blocks [][]byte
		want   string
		err    error
	}{
		"literals alone": {[][]byte{compressedBlock(true, plainLiteralsOf(digits), sameCodes(0))}, digits, nil},
		"no literals":    {[][]byte{compressedBlock(true, plainLiteralsOf(""), sameCodes(0))}, "", nil},
		"tables of a code": {
			[][]byte{compressedBlock(true, plainLiteralsOf(digits), sameCodes(allRepeated, sequence{2, 4, 5}, sequence{2, 4, 4}, sequence{2, 4, 7}))},
			"010101233333453345" + digits[6:], nil,
		},
		"tables of the block before": {
			[][]byte{compressedBlock(false, plainLiteralsOf(digits), sameCodes(allRepeated, sequence{2, 4, 5})), compressedBlock(true, plainLiteralsOf("ab"), sameCodes(allKept, sequence{2, 4, 4}))},
			"0101012" + digits[3:] + "abbbbb", nil,
		},
		"tables of no block":          {[][]byte{compressedBlock(true, plainLiteralsOf(digits), sameCodes(allKept, sequence{2, 4, 5}))}, "", errSequences},
		"first recent distance":       {[][]byte{compressedBlock(true, plainLiteralsOf("ab"), sameCodes(allRepeated, sequence{2, 3, 1}))}, "abbbb", nil},
		"second recent distance":      {[][]byte{compressedBlock(true, plainLiteralsOf("abcd"), sameCodes(allRepeated, sequence{4, 3, 2}))}, "abcdabc", nil},
		"third recent distance":       {[][]byte{stored([]byte(digits), false), compressedBlock(true, plainLiteralsOf("a"), sameCodes(allRepeated, sequence{1, 3, 3}))}, digits + "a345", nil},
		"the second without literals": {[][]byte{stored([]byte(digits), false), compressedBlock(true, plainLiteralsOf(""), sameCodes(allRepeated, sequence{0, 3, 1}))}, digits + "678", nil},
		"the third without literals":  {[][]byte{stored([]byte(digits), false), compressedBlock(true, plainLiteralsOf(""), sameCodes(allRepeated, sequence{0, 3, 2}))}, digits + "234", nil},
		"one less, which is none":     {[][]byte{stored([]byte(digits), false), compressedBlock(true, plainLiteralsOf(""), sameCodes(allRepeated, sequence{0, 3, 3}))}, "", errDistance},
		"one less": {
			[][]byte{stored([]byte(digits), false), compressedBlock(false, plainLiteralsOf(""), sameCodes(allRepeated, sequence{0, 3, 8})), compressedBlock(true, plainLiteralsOf(""), sameCodes(allRepeated, sequence{0, 3, 3}))},
			digits + "567956", nil,
		},
		"the greatest distance":        {[][]byte{compressedBlock(true, plainLiteralsOf("abcd"), sameCodes(allRepeated, sequence{4, 3, 4 + recentOffsets}))}, "abcdabc", nil},
		"a distance too great":         {[][]byte{compressedBlock(true, plainLiteralsOf("abcd"), sameCodes(allRepeated, sequence{4, 3, 5 + recentOffsets}))}, "", errDistance},
		"the greatest offset":          {[][]byte{compressedBlock(true, plainLiteralsOf("abcd"), sameCodes(allRepeated, sequence{4, 3, 1<<32 - 1}))}, "", errDistance},
		"a match of the block's size":  {[][]byte{compressedBlock(true, plainLiteralsOf("a"), sameCodes(allRepeated, sequence{1, blockMost - 1, 4}))}, string(bytes.Repeat([]byte("a"), blockMost)), nil},
		"a match that is longer":       {[][]byte{compressedBlock(true, plainLiteralsOf("a"), sameCodes(allRepeated, sequence{1, blockMost, 4}))}, "", errBlock},
		"more literals than there are": {[][]byte{compressedBlock(true, plainLiteralsOf("abc"), sameCodes(allRepeated, sequence{4, 3, 4}))}, "", errSequences},
		"bytes behind no sequences":    {[][]byte{compressedBlock(true, plainLiteralsOf("abc"), sameCodes(0), []byte{1})}, "", errSequences},
		"no number of sequences":       {[][]byte{compressedBlock(true, plainLiteralsOf("abc"))}, "", errSequences},
		"half of a number":             {[][]byte{compressedBlock(true, plainLiteralsOf("abc"), []byte{200})}, "", errSequences},
		"no tables":                    {[][]byte{compressedBlock(true, plainLiteralsOf("abc"), []byte{1})}, "", errSequences},
		"no stream":                    {[][]byte{compressedBlock(true, plainLiteralsOf("abc"), []byte{1, 0})}, "", errSequences},
		"a stream without an end":      {[][]byte{compressedBlock(true, plainLiteralsOf("abc"), []byte{1, 0, 7, 0})}, "", errSequences},
		"a code that is not":           {[][]byte{compressedBlock(true, plainLiteralsOf("abc"), []byte{1, allRepeated, literalCodes, 1, 1, 1})}, "", errSequences},
		"a reserved mode":              {[][]byte{compressedBlock(true, plainLiteralsOf("abc"), sameCodes(allRepeated|1, sequence{1, 3, 4}))}, "", errSequences},
		"bits that are left":           {[][]byte{compressedBlock(true, plainLiteralsOf("abc"), []byte{1, allRepeated, 1, 2, 0, 0x9f})}, "", errSequences},
		"bits that are missing":        {[][]byte{compressedBlock(true, plainLiteralsOf("abc"), []byte{1, allRepeated, 1, 2, 0, 2})}, "", errSequences},
		"a far distance": {
			[][]byte{stored(far, false), stored(make([]byte, blockMost), false), stored(make([]byte, blockMost), false), compressedBlock(true, plainLiteralsOf(""), sameCodes(allRepeated, sequence{0, 11, farOffset}))},
			string(far) + string(make([]byte, 2*blockMost)) + "what is far", nil,
		},
		"a block of nothing": {[][]byte{blockHead(blockCompressed, 0, true)}, "", errLiterals},
	} {
		src := slices.Concat(append([][]byte{head}, c.blocks...)...)
		for _, room := range []int{len(c.want), len(c.want) + 100, 300 << 10} {
			if len(c.want) > room || c.err != nil && room < 300<<10 {
				continue
			}
			got, err := check(t, src, room)
			if !errors.Is(err, c.err) || err == nil && string(got) != c.want {
				t.Errorf("%s: %.40q, %v", name, got, err)
			}
		}
		if _, err := check(t, src, len(c.want)-min(len(c.want), 1)); len(c.want) > 0 && !errors.Is(err, errSize) {
			t.Errorf("%s: in too small a room: %v", name, err)
		}
	}
}

// TestTreeless has literals that are coded by the tree of a block before, or by none.
func TestTreeless(t *testing.T) {
	want := bytes.Repeat([]byte("abracadabra"), 60)
	var s huff0.Scratch
	tree, streams, err := huffmanEncode(&s, want, huff0.Compress1X)
	if err != nil {
		t.Fatal(err)
	}
	section := func(kind int, parts ...[]byte) []byte {
		body := slices.Concat(parts...)
		n := kind | len(want)<<4 | len(body)<<14
		return append([]byte{byte(n), byte(n >> 8), byte(n >> 16)}, body...)
	}
	with, without := section(literalsCompressed, tree, streams), section(literalsTreeless, streams)
	src := slices.Concat(head, compressedBlock(false, with, sameCodes(0)), stored([]byte("-"), false), compressedBlock(true, without, sameCodes(0)))
	if got, err := check(t, src, 2*len(want)+1); err != nil || !bytes.Equal(got, slices.Concat(want, []byte("-"), want)) {
		t.Errorf("%d bytes, %v", len(got), err)
	}
	src = slices.Concat(head, compressedBlock(true, with, sameCodes(0)), head, compressedBlock(true, without, sameCodes(0)))
	if _, err := check(t, src, 2*len(want)); !errors.Is(err, errLiterals) {
		t.Errorf("a tree of another frame: %v", err)
	}
}

// TestCopies has matches of all lengths from all near distances, with literals of many lengths before them, far from the end of dst and close to it.
func TestCopies(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	literals := make([]byte, 4000)
	for i := range literals {
		literals[i] = byte(r.Uint32())
	}
	for _, distance := range []int{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 24, 31, 32, 33, 40, 63, 64, 65} {
		for _, match := range []int{3, 15, 16, 17, 31, 32, 33, 63, 64, 65, 258} {
			for _, before := range []int{70, 81, 130} {
				q := sequence{uint32(before), uint32(match), uint32(distance + recentOffsets)}
				_, _, width := codeOf(&offsetCode, q.offset)
				again := sequence{uint32(before), uint32(match), max(q.offset^1, 1<<width)}
				if bits.Len32(again.offset) != bits.Len32(q.offset) || again.offset <= recentOffsets {
					again = q
				}
				var want []byte
				rest := literals
				sequences := []sequence{q, again, q, q, again}
				for _, q := range sequences {
					want = append(want, rest[:q.literals]...)
					rest = rest[q.literals:]
					for range q.match {
						want = append(want, want[len(want)-int(q.offset)+recentOffsets])
					}
				}
				src := slices.Concat(head, compressedBlock(true, plainLiteralsOf(string(literals[:len(literals)-len(rest)])), sameCodes(allRepeated, sequences...)))
				for _, room := range []int{len(want), len(want) + 200} {
					if got, err := check(t, src, room); err != nil || !bytes.Equal(got, want) {
						t.Errorf("%d literals, %d bytes from %d before: %v", before, match, distance, err)
					}
				}
			}
		}
	}
}
