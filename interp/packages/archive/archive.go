package archive

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"sync"
	"unsafe"

	"github.com/klauspost/compress/zstd"
)

// ErrCorrupt is an archive that Write did not make.
var ErrCorrupt = errors.New("archive: corrupt")

// maxBytes is the longest text.
const maxBytes = 16 << 20

// Entry is a text with its name. The note is for what should be read without unpacking.
type Entry struct {
	Name, Note string
	Text       []byte
}

// Write makes an archive; the same entries always give the same bytes.
func Write(entries []Entry) ([]byte, error) {
	w, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedBestCompression), zstd.WithEncoderConcurrency(1),
		zstd.WithEncoderCRC(false))
	if err != nil {
		return nil, fmt.Errorf("archive: %w", err)
	}
	head := binary.AppendUvarint(nil, uint64(len(entries)))
	var body []byte
	for _, e := range entries {
		if len(e.Text) > maxBytes {
			return nil, fmt.Errorf("archive: %s: %d bytes are too many", e.Name, len(e.Text))
		}
		packed := w.EncodeAll(e.Text, nil)
		for _, s := range []string{e.Name, e.Note} {
			head = binary.AppendUvarint(head, uint64(len(s)))
			head = append(head, s...)
		}
		head = binary.AppendUvarint(head, uint64(len(packed)))
		head = binary.AppendUvarint(head, uint64(len(e.Text)))
		body = append(body, packed...)
	}
	return append(head, body...), w.Close()
}

// Archive reads what Write made. It is safe for concurrent use.
type Archive struct {
	names []string
	files map[string]file
}

type file struct {
	note   string
	packed string
	size   int
}

// Open reads the index of an archive.
func Open(data string) (*Archive, error) {
	r := reader{data: data}
	n := r.number()
	a := &Archive{names: make([]string, 0, min(n, 1<<10)), files: make(map[string]file, min(n, 1<<10))}
	sizes := make([]int, 0, cap(a.names))
	for range n {
		name := r.text()
		f := file{note: r.text()}
		sizes = append(sizes, r.number())
		f.size = r.number()
		if r.failed || f.size > maxBytes {
			return nil, ErrCorrupt
		}
		a.names = append(a.names, name)
		a.files[name] = f
	}
	for i, name := range a.names {
		f := a.files[name]
		f.packed = r.take(sizes[i])
		a.files[name] = f
	}
	if r.failed || r.data != "" {
		return nil, ErrCorrupt
	}
	return a, nil
}

// Names are the entries in the order of Write. The caller may not change them.
func (a *Archive) Names() []string { return a.names }

// Note is the note of an entry.
func (a *Archive) Note(name string) (string, bool) {
	f, ok := a.files[name]
	return f.note, ok
}

// Get unpacks an entry.
func (a *Archive) Get(name string) ([]byte, error) {
	f, ok := a.files[name]
	if !ok {
		return nil, fmt.Errorf("archive: no entry %q", name)
	}
	z, err := decoder()
	if err != nil {
		return nil, fmt.Errorf("archive: %w", err)
	}
	packed := unsafe.Slice(unsafe.StringData(f.packed), len(f.packed)) // only read
	text, err := z.DecodeAll(packed, make([]byte, 0, f.size))
	if err != nil {
		return nil, fmt.Errorf("archive: %s: %w", name, err)
	}
	return slices.Clip(text), nil
}

var decoder = sync.OnceValues(func() (*zstd.Decoder, error) {
	return zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxMemory(maxBytes))
})

// reader takes pieces off the front of data.
type reader struct {
	data   string
	failed bool
}

func (r *reader) number() int {
	var n uint64
	for i := 0; i < len(r.data) && i < 5; i++ {
		n |= uint64(r.data[i]&0x7f) << (7 * i)
		if r.data[i] < 0x80 {
			r.data = r.data[i+1:]
			return int(n)
		}
	}
	r.failed = true
	return 0
}

func (r *reader) text() string { return r.take(r.number()) }

func (r *reader) take(n int) string {
	if n > len(r.data) {
		r.failed = true
		return ""
	}
	s := r.data[:n]
	r.data = r.data[n:]
	return s
}
