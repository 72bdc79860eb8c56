package exec

import (
	"encoding/binary"
	"fmt"
	"math"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"

	"github.com/rivulet-go/rivulet/frame/batch"
)

// keyLayout says which of the three forms the keys of a table have.
type keyLayout uint8

const (
	layoutWord  keyLayout = iota // one column of words
	layoutBytes                  // one column of strings, as they are
	layoutRows                   // anything else: rows encoded to bytes, nulls inside
)

// keyEncoder brings the key columns of a batch into the form that tables and hashes work on. It keeps scratch memory
// and is used by one goroutine at a time.
type keyEncoder struct {
	types   []arrow.DataType
	kinds   []keyKind
	layout  keyLayout
	nested  bool
	words   []uint64
	data    []byte
	offsets []int32
	cursors []int32
	texts   []keyText // of each column
	row     []byte
}

// keyText is the texts of a column.
type keyText struct {
	data    []byte
	offsets []int32

	made []byte // of a coded column
	ends []int32
}

// keyBatch is the keys of a batch. It aliases the batch and the encoder's scratch memory.
type keyBatch struct {
	rows    int
	valid   validity // not for layoutRows
	words   []uint64 // layoutWord
	data    []byte   // layoutBytes, layoutRows: row i is data[offsets[i]:offsets[i+1]]
	offsets []int32
}

func newKeyEncoder(types []arrow.DataType) (*keyEncoder, error) {
	e := &keyEncoder{types: types, layout: layoutRows, texts: make([]keyText, len(types))}
	for _, dt := range types {
		kind, err := keyKindOf(dt)
		if err != nil {
			return nil, err
		}
		e.kinds = append(e.kinds, kind)
		e.nested = e.nested || kind == keyNested
	}
	if len(types) == 1 {
		switch e.kinds[0] {
		case keyWord:
			e.layout = layoutWord
		case keyString:
			e.layout = layoutBytes
		}
	}
	return e, nil
}

func (e *keyEncoder) encode(keys []arrow.Array, rows int) (keyBatch, error) {
	b := keyBatch{rows: rows}
	var err error
	switch e.layout {
	case layoutWord:
		b.valid = validityOf(keys[0])
		b.words, e.words = keyWords(keys[0], e.words)
	case layoutBytes:
		b.valid = validityOf(keys[0])
		b.data, b.offsets = e.bytesOf(0, keys[0])
	default:
		if e.nested {
			err = e.encodeRows(keys, rows)
		} else {
			err = e.encodeColumns(keys, rows)
		}
		b.data, b.offsets = e.data, e.offsets
	}
	return b, err
}

// bytesOf is the texts of a column, which stay for putBytes.
func (e *keyEncoder) bytesOf(c int, arr arrow.Array) (data []byte, offsets []int32) {
	t := &e.texts[c]
	if !batch.IsCoded(arr) {
		t.data, t.offsets = bytesOf(arr)
		return t.data, t.offsets
	}
	words, ends := bytesIn(batch.Words(arr))
	t.made, t.ends = t.made[:0], append(t.ends[:0], 0)
	for _, code := range batch.Codes(arr) {
		t.made = append(t.made, words[ends[code]:ends[code+1]]...)
		t.ends = append(t.ends, int32(len(t.made)))
	}
	t.data, t.offsets = t.made, t.ends
	return t.data, t.offsets
}

// encodeColumns writes rows column by column. A row is its columns one after another, each a flag (1 valid, 0 null)
// and the value: words 8 bytes, decimals 16 (zero where null), strings a 4-byte length and the bytes (nothing where null).
func (e *keyEncoder) encodeColumns(keys []arrow.Array, rows int) error {
	if err := e.layOut(keys, rows); err != nil {
		return err
	}
	e.cursors = sized(e.cursors, rows)
	copy(e.cursors, e.offsets)
	for c, arr := range keys {
		switch e.kinds[c] {
		case keyWord:
			e.putWords(arr)
		case keyWide:
			e.putWide(arr.(*array.Decimal128))
		case keyString:
			e.putBytes(c, arr)
		case keyNull:
			for i, p := range e.cursors {
				e.data[p] = 0
				e.cursors[i] = p + 1
			}
		}
	}
	return nil
}

// layOut computes where each row begins.
func (e *keyEncoder) layOut(keys []arrow.Array, rows int) error {
	fixed := int64(0)
	for _, kind := range e.kinds {
		fixed += map[keyKind]int64{keyWord: 9, keyWide: 17, keyString: 1, keyNull: 1}[kind]
	}
	total := fixed * int64(rows)
	e.offsets = sized(e.offsets, rows+1)
	for i := range e.offsets {
		e.offsets[i] = int32(fixed)
	}
	for c, arr := range keys {
		if e.kinds[c] != keyString {
			continue
		}
		_, offsets := e.bytesOf(c, arr)
		valid := validityOf(arr)
		total += int64(rows) * 4
		if rows > 0 {
			total += int64(offsets[rows] - offsets[0])
		}
		for i := range rows {
			if !valid.null(i) {
				e.offsets[i] += 4 + offsets[i+1] - offsets[i]
			}
		}
	}
	if total > math.MaxInt32 {
		return fmt.Errorf("key: the keys of one batch of %d rows take %d bytes, more than 2 GiB", rows, total)
	}
	at := int32(0)
	for i, size := range e.offsets {
		e.offsets[i] = at
		at += size
	}
	e.data = sized(e.data, int(e.offsets[rows]))
	return nil
}

func (e *keyEncoder) putWords(arr arrow.Array) {
	words, scratch := keyWords(arr, e.words)
	e.words = scratch
	valid := validityOf(arr)
	for i, p := range e.cursors {
		row := e.data[p : p+9 : p+9]
		if valid.null(i) {
			row[0] = 0
			binary.LittleEndian.PutUint64(row[1:], 0)
		} else {
			row[0] = 1
			binary.LittleEndian.PutUint64(row[1:], words[i])
		}
		e.cursors[i] = p + 9
	}
}

func (e *keyEncoder) putWide(arr *array.Decimal128) {
	for i, p := range e.cursors {
		putWide(e.data[p:p+17:p+17], arr, i)
		e.cursors[i] = p + 17
	}
}

func putWide(row []byte, arr *array.Decimal128, i int) {
	if arr.IsNull(i) {
		clear(row)
		return
	}
	v := arr.Value(i)
	row[0] = 1
	binary.LittleEndian.PutUint64(row[1:], v.LowBits())
	binary.LittleEndian.PutUint64(row[9:], uint64(v.HighBits()))
}

func (e *keyEncoder) putBytes(c int, arr arrow.Array) {
	data, offsets := e.texts[c].data, e.texts[c].offsets
	valid := validityOf(arr)
	for i, p := range e.cursors {
		if valid.null(i) {
			e.data[p] = 0
			e.cursors[i] = p + 1
			continue
		}
		v := data[offsets[i]:offsets[i+1]]
		e.data[p] = 1
		binary.LittleEndian.PutUint32(e.data[p+1:], uint32(len(v)))
		copy(e.data[p+5:], v)
		e.cursors[i] = p + 5 + int32(len(v))
	}
}

// encodeRows writes row by row: the way for nested columns.
func (e *keyEncoder) encodeRows(keys []arrow.Array, rows int) error {
	e.data = e.data[:0]
	e.offsets = sized(e.offsets, rows+1)
	e.offsets[0] = 0
	for i := range rows {
		for c, arr := range keys {
			e.data = appendKey(e.data, e.kinds[c], arr, i)
		}
		if len(e.data) > math.MaxInt32 {
			return fmt.Errorf("key: the keys of one batch of %d rows take more than 2 GiB", rows)
		}
		e.offsets[i+1] = int32(len(e.data))
	}
	return nil
}

// appendKey encodes one value as encodeColumns does; a list is a flag, a 4-byte count and its elements, a struct a
// flag and its fields.
func appendKey(dst []byte, kind keyKind, arr arrow.Array, i int) []byte {
	switch kind {
	case keyNull:
		return append(dst, 0)
	case keyWord:
		if arr.IsNull(i) {
			return append(dst, 0, 0, 0, 0, 0, 0, 0, 0, 0)
		}
		return binary.LittleEndian.AppendUint64(append(dst, 1), keyWordAt(arr, i))
	case keyWide:
		at := len(dst)
		dst = append(dst, make([]byte, 17)...)
		putWide(dst[at:], arr.(*array.Decimal128), i)
		return dst
	}
	if arr.IsNull(i) {
		return append(dst, 0)
	}
	dst = append(dst, 1)
	if kind == keyString {
		v := textAt(arr, i)
		return append(binary.LittleEndian.AppendUint32(dst, uint32(len(v))), v...)
	}
	switch a := arr.(type) {
	case *array.List:
		from, to := a.ValueOffsets(i)
		dst = binary.LittleEndian.AppendUint32(dst, uint32(to-from))
		elements := a.ListValues()
		elem, _ := keyKindOf(elements.DataType())
		for j := from; j < to; j++ {
			dst = appendKey(dst, elem, elements, int(j))
		}
	case *array.Struct:
		for f := range a.NumField() {
			field := a.Field(f)
			fieldKind, _ := keyKindOf(field.DataType())
			dst = appendKey(dst, fieldKind, field, i)
		}
	}
	return dst
}

// textAt is the text of a row, coded or not.
func textAt(arr arrow.Array, i int) []byte {
	d := arr.Data()
	if batch.IsCoded(arr) {
		d, i = batch.Words(arr), int(batch.Codes(arr)[i])
	}
	data, offsets := bytesIn(d)
	return data[offsets[i]:offsets[i+1]]
}

func keyWordAt(arr arrow.Array, i int) uint64 {
	switch a := arr.(type) {
	case *array.Boolean:
		if a.Value(i) {
			return 1
		}
		return 0
	case *array.Date32:
		return uint64(int64(a.Value(i)))
	case *array.Float64:
		return floatWord(rawWords(a)[i])
	}
	return rawWords(arr)[i]
}

// hashes puts the hash of each row into dst.
func (b *keyBatch) hashes(dst []uint64) {
	switch {
	case b.words != nil:
		for i, w := range b.words[:b.rows] {
			dst[i] = hashWord(w)
		}
	default:
		for i := range b.rows {
			dst[i] = hashBytes(b.data[b.offsets[i]:b.offsets[i+1]])
		}
	}
	if !b.valid.all() {
		for i := range b.rows {
			if b.valid.null(i) {
				dst[i] = nullHash
			}
		}
	}
}
