package source

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"github.com/rivulet-go/rivulet/frame/parquet/encode"
	"github.com/rivulet-go/rivulet/tests/sample"
)

// capped fails the test where more is held than reading a file of size bytes may cost.
type capped struct {
	memory.Allocator
	t    testing.TB
	most int

	mu   sync.Mutex
	held int
}

func (c *capped) add(n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.held += n; n > 0 && c.held > c.most {
		c.t.Errorf("%d bytes are held, of at most %d", c.held, c.most)
	}
}

func (c *capped) Allocate(size int) []byte {
	c.add(size)
	return c.Allocator.Allocate(size)
}

func (c *capped) Reallocate(size int, b []byte) []byte {
	c.add(size - len(b))
	return c.Allocator.Reallocate(size, b)
}

func (c *capped) Free(b []byte) {
	c.add(-len(b))
	c.Allocator.Free(b)
}

// nestedFile is a Parquet file with lists and a struct, and flat columns beside them.
func nestedFile(t testing.TB, r *rand.Rand, o encode.Options) []byte {
	t.Helper()
	schema := arrow.NewSchema([]arrow.Field{
		{Name: "id", Type: arrow.PrimitiveTypes.Int64, Nullable: true},
		{Name: "word", Type: arrow.BinaryTypes.String, Nullable: true},
		{Name: "list", Type: arrow.ListOf(arrow.PrimitiveTypes.Int64), Nullable: true},
		{Name: "texts", Type: arrow.ListOf(arrow.BinaryTypes.String), Nullable: true},
		{Name: "pair", Type: arrow.StructOf(
			arrow.Field{Name: "number", Type: arrow.PrimitiveTypes.Int32, Nullable: true},
			arrow.Field{Name: "word", Type: arrow.BinaryTypes.String, Nullable: true},
		), Nullable: true},
	}, nil)
	var b bytes.Buffer
	w, err := encode.NewWriter(&b, schema, o)
	if err != nil {
		t.Fatal(err)
	}
	words := []string{"", "a", "é€", "some longer text"}
	maybe := func(v any) any {
		if r.IntN(5) == 0 {
			return nil
		}
		return v
	}
	var rows []map[string]any
	for i := range 400 {
		list, texts := []any{}, []any{}
		for range r.IntN(4) {
			list, texts = append(list, maybe(r.IntN(1000))), append(texts, maybe(words[r.IntN(4)]))
		}
		pair := map[string]any{"number": maybe(i), "word": maybe(words[r.IntN(4)])}
		row := map[string]any{"id": i, "word": maybe(words[r.IntN(4)]), "list": maybe(list), "texts": maybe(texts), "pair": maybe(pair)}
		rows = append(rows, row)
	}
	text, err := json.Marshal(rows)
	if err != nil {
		t.Fatal(err)
	}
	rec, _, err := array.RecordFromJSON(memory.DefaultAllocator, schema, bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	defer rec.Release()
	if err := w.Write(rec); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// nestedFiles are some of every codec.
func nestedFiles(t testing.TB) (files [][]byte) {
	r := rand.New(rand.NewPCG(5, 6))
	for _, o := range []encode.Options{
		{}, {Codec: "none", PageBytes: 200}, {Codec: "zstd", GroupRows: 50}, {Codec: "gzip", NoDictionary: true}, {Codec: "brotli"}, {Codec: "lz4", PageBytes: 500},
	} {
		files = append(files, nestedFile(t, r, o))
	}
	return files
}

// TestDamagedNestedParquet damages files with lists and structs: each is read, or refused with a reason, and takes no more memory than it may.
func TestDamagedNestedParquet(t *testing.T) {
	files := nestedFiles(t)
	until := 2 * time.Second
	if sample.Whole() {
		until = 5 * time.Minute
	}
	path := filepath.Join(t.TempDir(), "damaged.parquet")
	read, tried := 0, 0
	for end := time.Now().Add(until); time.Now().Before(end) || tried < len(files); tried++ {
		data := bytes.Clone(files[tried%len(files)])
		whole := tried < len(files)
		if !whole {
			data = damaged(rand.New(rand.NewPCG(uint64(tried), 1)), data)
		}
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		mem := &capped{Allocator: memory.NewGoAllocator(), t: t, most: 4*len(data) + 64<<20}
		SetAllocator(mem)
		done := readDamaged(t, path)
		SetAllocator(memory.DefaultAllocator)
		if done {
			read++
		}
		if !done && whole {
			t.Errorf("file %d, which is whole, is not read", tried)
		}
		if mem.held != 0 {
			t.Errorf("file %d: %d bytes are not given back", tried, mem.held)
		}
		if t.Failed() {
			t.Fatalf("file %d", tried)
		}
	}
	if read == tried {
		t.Errorf("of %d damaged files all are read", tried)
	}
	t.Logf("%d files, %d read", tried, read)
}

// damaged is a file with bits flipped or bytes overwritten, at times in its footer.
func damaged(r *rand.Rand, data []byte) []byte {
	end := len(data)
	if r.IntN(4) > 0 {
		end -= 8 + int(binary.LittleEndian.Uint32(data[len(data)-8:]))
	}
	for range 1 + r.IntN(4) {
		at := r.IntN(end)
		switch r.IntN(8) {
		case 0:
			data[at] = byte(r.Uint32())
		case 1:
			for k := at; k < min(at+5, end); k++ {
				data[k] = 0xff
			}
		default:
			data[at] ^= 1 << r.IntN(8)
		}
	}
	return data
}
