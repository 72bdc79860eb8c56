package parquet

import (
	"bytes"
	"encoding/binary"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"

	"github.com/klauspost/compress/s2"
)

// snappyData is data whose blocks have elements of each kind: numbers of few bytes, text, runs, what can't be compressed.
func snappyData() map[string][]byte {
	r := rand.New(rand.NewPCG(1, 2))
	data := map[string][]byte{"nothing": {}, "one byte": {7}, "zeros": make([]byte, 1000)}
	var numbers, texts, runs, mixed []byte
	for range 20000 {
		numbers = binary.LittleEndian.AppendUint64(numbers, r.Uint64N(1<<17))
		texts = append(strconv.AppendUint(append(texts, "name "...), r.Uint64N(1e6), 10), "\x00\x00\x00"[:r.IntN(3)]...)
	}
	for range 2000 {
		pattern := mixed[len(mixed)-min(len(mixed), r.IntN(20)):]
		if r.IntN(3) == 0 {
			pattern = binary.LittleEndian.AppendUint64(nil, r.Uint64())[:1+r.IntN(8)]
		}
		runs = append(runs, bytes.Repeat(pattern, r.IntN(20))...)
		mixed = append(mixed, numbers[8*r.IntN(1000):][:r.IntN(100)]...)
		mixed = append(mixed, texts[r.IntN(1000):][:r.IntN(300)]...)
	}
	random := make([]byte, 100<<10)
	for i := range random {
		random[i] = byte(r.Uint32())
	}
	data["numbers"], data["texts"], data["runs"], data["mixed"], data["random"] = numbers, texts, runs, slices.Concat(mixed, random[:200], runs), random
	return data
}

func TestSnappy(t *testing.T) {
	for name, data := range snappyData() {
		for n := 0; n <= len(data); n += 1 + n/3 {
			block := s2.EncodeSnappy(nil, data[:n])
			if got, err := checkSnappy(t, block, n); err != nil || !bytes.Equal(got, data[:n]) {
				t.Errorf("%s: %d bytes: %v", name, n, err)
			}
		}
	}
}

// TestSnappyFar has a copy from further than 64 KiB, which encoders do not write.
func TestSnappyFar(t *testing.T) {
	random := snappyData()["random"][:70<<10]
	block := binary.AppendUvarint(nil, uint64(len(random)+10))
	block = append(binary.LittleEndian.AppendUint16(append(block, 62<<2), uint16(len(random)-1)), byte((len(random)-1)>>16))
	block = append(append(block, random...), 9<<2|snappyFar)
	block = binary.LittleEndian.AppendUint32(block, uint32(len(random)))
	if got, err := checkSnappy(t, block, len(random)+10); err != nil || !bytes.Equal(got, slices.Concat(random, random[:10])) {
		t.Errorf("%d bytes, %v", len(got), err)
	}
}

func FuzzSnappy(f *testing.F) {
	for _, data := range snappyData() {
		block := s2.EncodeSnappy(nil, data[:min(len(data), 2000)])
		f.Add(block, uint(0), byte(0))
		f.Add(block, uint(len(block)/2), byte(3))
	}
	f.Fuzz(func(t *testing.T, block []byte, at uint, change byte) {
		if encoded := s2.EncodeSnappy(nil, block); len(block) < 1<<20 {
			if got, err := checkSnappy(t, encoded, len(block)); err != nil || !bytes.Equal(got, block) {
				t.Errorf("%d bytes: %v", len(block), err)
			}
		}
		if len(block) > 0 {
			block[at%uint(len(block))] ^= change
		}
		if n, taken := binary.Uvarint(block); taken > 0 && n < 1<<20 {
			_, _ = checkSnappy(t, block, int(n))
		}
	})
}

// checkSnappy decompresses a block whole and element by element, which must give the same, and that what s2 gives; it says so too of what is wrong,
// except that s2 knows copies from 0 bytes before, which are no snappy.
func checkSnappy(t *testing.T, block []byte, size int) ([]byte, error) {
	t.Helper()
	const around = 128
	room := bytes.Repeat([]byte{0xa5}, around+size+around)
	out := room[around : around+size : around+size]
	_, taken := binary.Uvarint(block)
	err := unsnappy(out, block[taken:])
	for i, b := range room {
		if (i < around || i >= around+size) && b != 0xa5 {
			t.Fatalf("something is written %d bytes from a page of %d", i-around, size)
		}
	}
	each, eachErr := make([]byte, size), error(nil)
	done, at := 0, taken
	for at < len(block) && eachErr == nil {
		done, at, eachErr = unsnappyOne(each, block, done, at)
	}
	if eachErr == nil && done != size {
		eachErr = errLength
	}
	if (err == nil) != (eachErr == nil) || err == nil && !bytes.Equal(out, each) {
		t.Fatalf("%d bytes: %v, element by element %v", size, err, eachErr)
	}
	want, wantErr := s2.Decode(nil, block)
	if err == nil && (wantErr != nil || !bytes.Equal(out, want)) {
		t.Fatalf("%d bytes are decompressed that are %d, %v", size, len(want), wantErr)
	}
	return out, err
}
