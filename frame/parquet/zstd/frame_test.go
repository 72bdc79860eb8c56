package zstd

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"github.com/cespare/xxhash/v2"
	library "github.com/klauspost/compress/zstd"
)

// pageData is what pages of columns have, and what makes blocks of each kind.
func pageData() map[string][]byte {
	r := rand.New(rand.NewPCG(3, 4))
	var texts, numbers, doubles, runs, mixed []byte
	for range 12000 {
		texts = append(binary.LittleEndian.AppendUint32(texts, 12), "id"...)
		texts = append(texts, strconv.Itoa(1_000_000_000+r.IntN(100_000))...)
		numbers = binary.LittleEndian.AppendUint64(numbers, r.Uint64N(1<<17))
		doubles = binary.LittleEndian.AppendUint64(doubles, math.Float64bits(math.Round(r.Float64()*1e8)/1e6))
	}
	for range 3000 {
		pattern := mixed[len(mixed)-min(len(mixed), 1+r.IntN(40)):]
		if r.IntN(3) == 0 {
			pattern = binary.LittleEndian.AppendUint64(nil, r.Uint64())[:1+r.IntN(8)]
		}
		runs = append(runs, bytes.Repeat(pattern, r.IntN(30))...)
		mixed = append(mixed, numbers[8*r.IntN(1000):][:r.IntN(100)]...)
		mixed = append(mixed, texts[r.IntN(1000):][:r.IntN(300)]...)
	}
	random := make([]byte, 200<<10)
	for i := range random {
		random[i] = byte(r.Uint32())
	}
	return map[string][]byte{
		"nothing": {}, "a byte": {7}, "zeros": make([]byte, 300<<10), "texts": texts, "numbers": numbers, "doubles": doubles, "runs": runs,
		"random": random, "mixed": slices.Concat(mixed, random[:5000], runs, make([]byte, 200<<10), texts[:100<<10], mixed[:50<<10]),
	}
}

func libraryFrame(t testing.TB, data []byte, options ...library.EOption) []byte {
	t.Helper()
	e, err := library.NewWriter(nil, append(options, library.WithEncoderConcurrency(1))...)
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	return e.EncodeAll(data, nil)
}

func TestDecode(t *testing.T) {
	options := map[string][]library.EOption{"no checksum": {library.WithEncoderCRC(false)}, "one segment": {library.WithSingleSegment(true)}, "a small window": {library.WithWindowSize(1 << 14)}}
	for level := library.SpeedFastest; level <= library.SpeedBestCompression; level++ {
		options[level.String()] = []library.EOption{library.WithEncoderLevel(level)}
	}
	pages := pageData()
	for how, options := range options {
		e, err := library.NewWriter(nil, append(options, library.WithEncoderConcurrency(1))...)
		if err != nil {
			t.Fatal(err)
		}
		for name, data := range pages {
			for _, n := range []int{len(data), len(data) / 3, min(len(data), 1000)} {
				if got, err := check(t, e.EncodeAll(data[:n], nil), n); err != nil || !bytes.Equal(got, data[:n]) {
					t.Errorf("%s, %s: %d bytes: %v", name, how, n, err)
				}
			}
		}
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	}
}

// TestDecodeFiles has frames that the reference implementation wrote at levels that choose differently, and have tables and trees of blocks before.
func TestDecodeFiles(t *testing.T) {
	paths, err := filepath.Glob("testdata/*.zst")
	if err != nil || len(paths) == 0 {
		t.Fatal("there are no files", err)
	}
	d, err := library.NewReader(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	for _, path := range paths {
		src, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		want, err := d.DecodeAll(src, nil)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := check(t, src, len(want)); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s: %v", path, err)
		}
	}
}

// tested decodes one frame after the other, so that what one leaves is there for the next.
var tested Decoder

// check decodes with assembly and without, which must give the same, and nothing may be written elsewhere.
func check(t *testing.T, src []byte, size int) ([]byte, error) {
	t.Helper()
	const around = 64
	room := bytes.Repeat([]byte{0xa5}, around+size+around)
	out := room[around : around+size]
	n, err := tested.Decode(out, src)
	for i := range around {
		if room[i] != 0xa5 || room[around+size+i] != 0xa5 {
			t.Fatalf("something is written around %d bytes", size)
		}
	}
	plain, plainN := make([]byte, size), 0
	plainErr := withoutAssembly(func() (err error) {
		plainN, err = tested.Decode(plain, src)
		return err
	})
	if !errors.Is(err, plainErr) || n != plainN || err == nil && !bytes.Equal(out[:n], plain[:n]) {
		t.Fatalf("%d bytes, %v; without assembly %d, %v", n, err, plainN, plainErr)
	}
	return out[:n], err
}

// head is a frame's beginning that says nothing but that its window is of a MiB.
var head = []byte{0x28, 0xb5, 0x2f, 0xfd, 0, 10 << 3}

func blockHead(kind, size int, last bool) []byte {
	n := uint32(kind<<1 | size<<3)
	if last {
		n |= 1
	}
	return binary.LittleEndian.AppendUint32(nil, n)[:3]
}

// stored is a block of bytes as they are.
func stored(data []byte, last bool) []byte {
	return append(blockHead(blockRaw, len(data), last), data...)
}

func TestFrames(t *testing.T) {
	plain := slices.Concat(head, stored([]byte("abc"), true))
	skippable := append(binary.LittleEndian.AppendUint32(binary.LittleEndian.AppendUint32(nil, skippableMagic+7), 3), 1, 2, 3)
	repeated := slices.Concat(head, blockHead(blockRepeated, 1000, false), []byte{'x'}, stored(nil, true))
	sum := binary.LittleEndian.AppendUint32(nil, uint32(xxhash.Sum64String("abc")))
	flagged := func(flags byte, rest ...byte) []byte {
		return slices.Concat(head[:4], []byte{flags}, rest, stored([]byte("abc"), true))
	}
	for name, c := range map[string]struct {
		src  []byte
		want string
		err  error
	}{
		"nothing":                     {nil, "", nil},
		"a frame":                     {plain, "abc", nil},
		"frames and what is no frame": {slices.Concat(skippable, plain, skippable, plain, skippable), "abcabc", nil},
		"a byte again and again":      {repeated, string(bytes.Repeat([]byte{'x'}, 1000)), nil},
		"a size of a byte":            {flagged(0x20, 3), "abc", nil},
		"a size of two bytes":         {slices.Concat(head[:4], []byte{0x60, 1, 0}, stored(bytes.Repeat([]byte{'y'}, 257), true)), string(bytes.Repeat([]byte{'y'}, 257)), nil},
		"a size of eight bytes":       {flagged(0xe0, 3, 0, 0, 0, 0, 0, 0, 0), "abc", nil},
		"too small a size":            {flagged(0x20, 2), "", errSize},
		"too large a size":            {flagged(0x20, 4), "", errSize},
		"a size beyond all":           {flagged(0xe0, 255, 255, 255, 255, 255, 255, 255, 255), "", errSize},
		"a checksum":                  {append(flagged(0x24, 3), sum...), "abc", nil},
		"a wrong checksum":            {append(flagged(0x24, 3), 1, 2, 3, 4), "", errChecksum},
		"half of a checksum":          {append(flagged(0x24, 3), sum[:2]...), "", errShort},
		"a dictionary":                {flagged(0x21, 5, 3), "", errDictionary},
		"no dictionary by its number": {flagged(0x21, 0, 3), "abc", nil},
		"a reserved flag":             {flagged(0x28, 3), "", errFrame},
		"another format":              {[]byte("not at all zstd"), "", errFrame},
		"few bytes behind":            {append(bytes.Clone(plain), 1, 2), "", errShort},
		"a reserved kind of block":    {slices.Concat(head, blockHead(3, 2, true), []byte{1, 2}), "", errBlock},
		"too large a block":           {slices.Concat(head, blockHead(blockRepeated, blockMost+1, true), []byte{1}), "", errBlock},
		"too long a frame to skip":    {skippable[:9], "", errShort},
	} {
		room := max(len(c.want), 3)
		got, err := check(t, c.src, room)
		if !errors.Is(err, c.err) || err == nil && string(got) != c.want {
			t.Errorf("%s: %.20q, %v", name, got, err)
		}
		if _, err := check(t, c.src, room-1); c.err == nil && len(c.want) == room && !errors.Is(err, errSize) {
			t.Errorf("%s: in too small a room: %v", name, err)
		}
	}
}

// TestTruncated has all beginnings of a frame, none of which is one, and frames of which each byte is another: they may be, and are otherwise, but
// for the checksum, and never with what is written elsewhere.
func TestTruncated(t *testing.T) {
	data := pageData()["mixed"][:2000]
	src := libraryFrame(t, data)
	for n := 1; n < len(src); n++ {
		if _, err := check(t, src[:n], len(data)); err == nil {
			t.Errorf("%d of %d bytes: nothing is wrong with them", n, len(src))
		}
	}
	unchecked := libraryFrame(t, data, library.WithEncoderCRC(false))
	for at := range src {
		for _, change := range []byte{1, 0x80} {
			src[at] ^= change
			if got, err := check(t, src, len(data)); err == nil && !bytes.Equal(got, data) {
				t.Errorf("byte %d changed by %#x: nothing is wrong with it", at, change)
			}
			src[at] ^= change
			if at < len(unchecked) {
				unchecked[at] ^= change
				_, _ = check(t, unchecked, len(data))
				unchecked[at] ^= change
			}
		}
	}
}
