package source

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// flatTables reads just enough of a flatbuffer to know that no vector is longer than the buffer: Arrow's reader
// allocates what the lengths say, and running out of memory can't be recovered. Positions out of range panic, which
// the caller makes an error. The slots are those of Arrow's Message.fbs, File.fbs and Schema.fbs.
type flatTables struct {
	b    []byte
	left int // tables that may still be visited: offsets can make cycles
}

const (
	footerSchema, footerDictionaries, footerBatches = 1, 2, 3
	messageType, messageHeader                      = 1, 2
	schemaFields, schemaMetadata                    = 1, 2
	fieldChildren, fieldMetadata                    = 5, 6
	headerIsSchema                                  = 1
	blockBytes                                      = 24
)

func (f *flatTables) u32(at int) int { return int(binary.LittleEndian.Uint32(f.b[at:])) }

// slot is the position of a table's field, 0 where it has none.
func (f *flatTables) slot(table, n int) int {
	virtual := table - int(int32(binary.LittleEndian.Uint32(f.b[table:])))
	size := int(binary.LittleEndian.Uint16(f.b[virtual:]))
	if 4+2*n+2 > size {
		return 0
	}
	if offset := int(binary.LittleEndian.Uint16(f.b[virtual+4+2*n:])); offset != 0 {
		return table + offset
	}
	return 0
}

// follow is the table or vector that a field refers to.
func (f *flatTables) follow(at int) int { return at + f.u32(at) }

// vector checks a vector of elements of width bytes and gives its first element and length.
func (f *flatTables) vector(table, n, width int) (first, length int) {
	at := f.slot(table, n)
	if at == 0 {
		return 0, 0
	}
	v := f.follow(at)
	if length = f.u32(v); length*width > len(f.b)-v-4 {
		panic(fmt.Sprintf("a list of %d in %d bytes of header", length, len(f.b)))
	}
	return v + 4, length
}

// fields checks the fields of a schema or the children of a field.
func (f *flatTables) fields(table, slot, metadata int) {
	if f.left--; f.left < 0 {
		panic("its schema is nested without end")
	}
	f.vector(table, metadata, 4)
	first, n := f.vector(table, slot, 4)
	for i := range n {
		f.fields(f.follow(first+4*i), fieldChildren, fieldMetadata)
	}
}

var errBadHeader = errors.New("its Arrow header is bad")

// checkHeader checks the footer of an Arrow file, or a stream's first message.
func checkHeader(b []byte, footer bool) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%w: %v", errBadHeader, r)
		}
	}()
	f := &flatTables{b: b, left: 1 << 16}
	root := f.u32(0)
	if footer {
		f.vector(root, footerDictionaries, blockBytes)
		f.vector(root, footerBatches, blockBytes)
		if at := f.slot(root, footerSchema); at != 0 {
			f.fields(f.follow(at), schemaFields, schemaMetadata)
		}
		return nil
	}
	if at := f.slot(root, messageType); at == 0 || b[at] != headerIsSchema {
		return fmt.Errorf("%w: no schema at its start", errBadHeader)
	}
	if at := f.slot(root, messageHeader); at != 0 {
		f.fields(f.follow(at), schemaFields, schemaMetadata)
	}
	return nil
}

// checkStream checks the first message of an Arrow stream.
func checkStream(r io.Reader) error {
	word := make([]byte, 4)
	if _, err := io.ReadFull(r, word); err != nil {
		return noEOF(err)
	}
	if binary.LittleEndian.Uint32(word) == 0xffffffff { // before Arrow 0.15 the length came at once
		if _, err := io.ReadFull(r, word); err != nil {
			return noEOF(err)
		}
	}
	size := binary.LittleEndian.Uint32(word)
	const most = 256 << 20
	if size == 0 || size > most {
		return fmt.Errorf("%w: its length is %d", errBadHeader, size)
	}
	b, err := io.ReadAll(io.LimitReader(r, int64(size)))
	if err != nil {
		return err
	}
	if len(b) < int(size) {
		return io.ErrUnexpectedEOF
	}
	return checkHeader(b, false)
}

func noEOF(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// checkFooter checks the footer of an Arrow file of size bytes.
func checkFooter(f io.ReaderAt, size int64) error {
	b, err := readFooter(f, size)
	if err != nil {
		return err
	}
	return checkHeader(b, true)
}

// readFooter reads the footer of an Arrow file of size bytes.
func readFooter(f io.ReaderAt, size int64) ([]byte, error) {
	end := make([]byte, 4+len(arrowMagic))
	if size < int64(len(end)) {
		return nil, io.ErrUnexpectedEOF
	}
	if _, err := f.ReadAt(end, size-int64(len(end))); err != nil {
		return nil, noEOF(err)
	}
	length := int64(binary.LittleEndian.Uint32(end))
	if string(end[4:]) != arrowMagic || length > size-int64(len(end)) {
		return nil, fmt.Errorf("%w: no footer at its end", errBadHeader)
	}
	b := make([]byte, length)
	if _, err := f.ReadAt(b, size-int64(len(end))-length); err != nil {
		return nil, noEOF(err)
	}
	return b, nil
}

// footerBlocks gives where the dictionaries and the batches of an Arrow file are, from its footer, which was checked.
func footerBlocks(b []byte) (dictionaries, batches []Range) {
	f := &flatTables{b: b, left: 1}
	root := f.u32(0)
	list := func(slot int) (out []Range) {
		first, n := f.vector(root, slot, blockBytes)
		for i := range n {
			at := first + blockBytes*i
			start := int64(binary.LittleEndian.Uint64(b[at:]))
			length := int64(binary.LittleEndian.Uint32(b[at+8:])) + int64(binary.LittleEndian.Uint64(b[at+16:]))
			out = append(out, Range{start, start + length})
		}
		return out
	}
	return list(footerDictionaries), list(footerBatches)
}
