package parquet

import (
	"bytes"
	"encoding/binary"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"github.com/rivulet-go/rivulet/tests/sample"
)

// limited fails the test where more is held than files of size bytes may cost.
type limited struct {
	memory.Allocator
	t     testing.TB
	limit int
	held  int
}

func limitedBy(t testing.TB, size int) *limited {
	return &limited{Allocator: memory.NewGoAllocator(), t: t, limit: 4*size + 64<<20}
}

func (l *limited) Allocate(size int) []byte {
	if l.held += size; l.held > l.limit {
		l.t.Fatalf("%d bytes more are %d", size, l.held)
	}
	return l.Allocator.Allocate(size)
}

func (l *limited) Reallocate(size int, b []byte) []byte {
	l.held += size - len(b)
	return l.Allocator.Reallocate(size, b)
}

func (l *limited) Free(b []byte) {
	l.held -= len(b)
	l.Allocator.Free(b)
}

// everyType has the types that fields of some physical type are read as.
var everyType = []arrow.DataType{
	arrow.FixedWidthTypes.Boolean, arrow.PrimitiveTypes.Int8, arrow.PrimitiveTypes.Int32, arrow.PrimitiveTypes.Uint32, arrow.PrimitiveTypes.Int64,
	arrow.PrimitiveTypes.Float32, arrow.PrimitiveTypes.Float64, arrow.FixedWidthTypes.Float16, arrow.BinaryTypes.String, arrow.BinaryTypes.Binary,
	arrow.FixedWidthTypes.Date32, arrow.FixedWidthTypes.Timestamp_ns, &arrow.Decimal128Type{Precision: 20, Scale: 2},
}

const (
	fuzzRows   = 3000 // of a batch
	fuzzArrays = 20   // that are read of a column: repeated values can be any number
)

// readAny reads whatever can be read of a file, and says how many values that was.
func readAny(t testing.TB, data []byte) (values int) {
	file, err := Open(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return 0
	}
	mem := limitedBy(t, len(data))
	for field := range file.Fields {
		for _, typ := range everyType {
			if !file.Decodes(field, typ) {
				continue
			}
			for g := range min(len(file.Groups), 4) {
				values += readSome(mem, file, data, g, field, typ)
				pickSome(mem, file, data, g, field, typ)
			}
		}
	}
	if mem.held != 0 {
		t.Errorf("%d bytes are not given back", mem.held)
	}
	return values
}

func readSome(mem memory.Allocator, file *File, data []byte, group, field int, t arrow.DataType) (values int) {
	c, err := file.Column(bytes.NewReader(data), mem, group, field, t)
	if err != nil {
		return 0
	}
	defer c.Close()
	for range fuzzArrays {
		arr, err := c.Next(fuzzRows)
		if err != nil {
			return values
		}
		for i := range arr.Len() { // looks at every value
			_ = arr.ValueStr(i)
		}
		values += arr.Len()
		arr.Release()
	}
	return values
}

// pickSome reads some rows here and there.
func pickSome(mem memory.Allocator, file *File, data []byte, group, field int, t arrow.DataType) {
	c, err := file.Column(bytes.NewReader(data), mem, group, field, t)
	if err != nil {
		return
	}
	defer c.Close()
	c.Locate(lookedUp(mem, file, data, group, field, t))
	for range fuzzArrays {
		rows := int32(min(c.left-c.behind, 300))
		if rows < 3 {
			return
		}
		arr, err := c.Pick(0, []int32{1, rows - 2, rows - 1})
		if err != nil {
			return
		}
		for i := range arr.Len() {
			_ = arr.ValueStr(i)
		}
		arr.Release()
	}
}

// lookedUp is the pages of a column; it looks at all else that is known of it.
func lookedUp(mem memory.Allocator, file *File, data []byte, group, field int, t arrow.DataType) *Pages {
	r := bytes.NewReader(data)
	if b := file.Bounds(mem, field, t); b != nil {
		for i := range b.Least.Len() {
			_, _ = b.Least.ValueStr(i), b.Greatest.ValueStr(i)
		}
		b.Release()
	}
	if bloom := file.Bloom(r, group, field); bloom != nil {
		_ = bloom.May([]byte("word"))
	}
	p := file.Pages(r, mem, group, field, t, true)
	if p != nil && p.Bounds != nil {
		for i := range p.Bounds.Least.Len() {
			_, _ = p.Bounds.Least.ValueStr(i), p.Bounds.Greatest.ValueStr(i)
		}
	}
	p.Release()
	return p
}

func corpus(t testing.TB) (files [][]byte) {
	names, err := filepath.Glob("testdata/*.parquet")
	if err != nil || len(names) == 0 {
		t.Fatalf("no files: %v", err)
	}
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, data)
	}
	return files
}

// FuzzRead reads any bytes: nothing panics, nothing takes more memory than it may.
func FuzzRead(f *testing.F) {
	for _, data := range corpus(f) {
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) { readAny(t, data) })
}

// FuzzDamage reads files of the corpus that are damaged as seed says.
func FuzzDamage(f *testing.F) {
	files := corpus(f)
	for i := range files {
		f.Add(uint8(i), uint64(i))
	}
	f.Fuzz(func(t *testing.T, file uint8, seed uint64) {
		readAny(t, damaged(rand.New(rand.NewPCG(seed, 1)), files[int(file)%len(files)]))
	})
}

// damaged is a file with bits flipped, bytes or numbers overwritten, a part cut out or doubled, or the end lost.
func damaged(r *rand.Rand, file []byte) []byte {
	data := bytes.Clone(file)
	for range 1 + r.IntN(4) {
		at := r.IntN(len(data))
		if r.IntN(3) == 0 { // in the footer
			footer := int(binary.LittleEndian.Uint32(file[len(file)-8:]))
			at = max(len(data)-8-r.IntN(footer+1), 0)
		}
		switch r.IntN(8) {
		case 0, 1, 2:
			data[at] ^= 1 << r.IntN(8)
		case 3:
			data[at] = byte(r.Uint32())
		case 4: // a number of several bytes, as headers have them
			at = min(at, len(data)-binary.MaxVarintLen64)
			binary.PutUvarint(data[at:], r.Uint64()>>r.IntN(64))
		case 5:
			data = append(data[:at], data[min(at+1+r.IntN(4), len(data)):]...)
		case 6:
			data = bytes.Join([][]byte{data[:at], data[max(at-r.IntN(9), 0):]}, nil)
		case 7:
			if r.IntN(4) == 0 {
				return data[:at]
			}
		}
		if len(data) < 20 {
			return data
		}
	}
	return data
}

// TestDamaged damages the files of the corpus in many ways, some of which are read in part.
func TestDamaged(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 10))
	files := corpus(t)
	for _, data := range files {
		if readAny(t, data) == 0 {
			t.Fatal("nothing is read of a good file")
		}
	}
	until := 2 * time.Second
	if sample.Whole() {
		until = 2 * time.Minute
	}
	read, tried := 0, 0
	for end := time.Now().Add(until); time.Now().Before(end); tried++ {
		if readAny(t, damaged(r, files[tried%len(files)])) > 0 {
			read++
		}
	}
	if tried < 100 || read == 0 || read == tried {
		t.Errorf("of %d damaged files %d are read in part", tried, read)
	}
}
