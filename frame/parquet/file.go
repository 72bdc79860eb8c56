package parquet

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
)

// Physical is how values are stored.
type Physical int32

// The physical types, as the format numbers them.
const (
	Boolean Physical = iota
	Int32
	Int64
	Int96
	Float
	Double
	ByteArray
	FixedLengthByteArray
)

const (
	magic          = "PAR1"
	encryptedMagic = "PARE"
	// maxDepth is how deep a schema may be nested.
	maxDepth = 64
)

// File is what the footer of a file says.
type File struct {
	Fields []Field // of the schema's root
	Groups []RowGroup

	writer  string // what wrote it
	rows    int64
	leaves  int
	ordered []bool // leaves whose statistics have the order of their type; nil where the file does not say
	body    int64  // where the footer begins, in bytes
}

// Field is a column as a table has it: a leaf of the schema, or a group of them.
type Field struct {
	Name string

	leaf     int // its number in row groups; of a group -1
	physical Physical
	length   int // of fixed-length byte arrays, in bytes
	optional bool
	repeated bool
	children []Field // of a group
}

// RowGroup is a horizontal part of the file.
type RowGroup struct {
	Rows   int64
	Stored int64 // bytes of its columns, compressed

	chunks []chunk
}

// Open reads the footer of a file of size bytes.
func Open(r io.ReaderAt, size int64) (*File, error) {
	var tail [8]byte
	if size < int64(len(magic)+len(tail)) {
		return nil, fmt.Errorf("its footer: %w", io.ErrUnexpectedEOF)
	}
	if _, err := r.ReadAt(tail[:], size-int64(len(tail))); err != nil {
		return nil, fmt.Errorf("its footer: %w", err)
	}
	switch string(tail[4:]) {
	case magic:
	case encryptedMagic:
		return nil, errors.New("its footer is encrypted")
	default:
		return nil, errors.New("it has no footer at its end")
	}
	length := int64(binary.LittleEndian.Uint32(tail[:]))
	f := &File{body: size - int64(len(tail)) - length}
	if f.body < int64(len(magic)) {
		return nil, fmt.Errorf("its footer of %d bytes: %w", length, io.ErrUnexpectedEOF)
	}
	footer := make([]byte, length)
	if _, err := r.ReadAt(footer, f.body); err != nil {
		return nil, fmt.Errorf("its footer: %w", err)
	}
	if err := f.parse(footer); err != nil {
		return nil, fmt.Errorf("its footer: %w", err)
	}
	return f, nil
}

func (f *File) parse(footer []byte) error {
	t := &thrift{data: footer}
	var schema []element
	t.fields(func(id int, kind byte) {
		switch {
		case id == 2 && kind == thriftList:
			t.structures(func(int) { schema = append(schema, parseElement(t)) })
		case id == 4 && kind == thriftList:
			if len(f.Fields) == 0 && t.err == nil {
				if err := f.fields(schema); err != nil {
					t.fail(err)
				}
			}
			t.structures(func(int) { f.group(t) })
		case id == 6 && kind == thriftBinary:
			f.writer = string(t.bytes())
		case id == 7 && kind == thriftList:
			t.structures(func(int) { f.ordered = append(f.ordered, parseOrder(t)) })
		default:
			t.skip(kind)
		}
	})
	if t.err != nil {
		return t.err
	}
	if len(schema) == 0 {
		return errors.New("it has no schema")
	}
	if len(f.Fields) == 0 {
		return f.fields(schema)
	}
	return nil
}

// element is a node of the schema, which is stored in depth-first order.
type element struct {
	Field
	children int
}

func parseElement(t *thrift) (e element) {
	e.physical = -1
	t.fields(func(id int, kind byte) {
		switch {
		case id == 1 && kind == thriftI32:
			e.physical = Physical(t.int32())
		case id == 2 && kind == thriftI32:
			e.length = t.int32()
		case id == 3 && kind == thriftI32:
			repetition := t.int32()
			e.optional, e.repeated = repetition == 1, repetition == 2
		case id == 4 && kind == thriftBinary:
			e.Name = string(t.bytes())
		case id == 5 && kind == thriftI32:
			e.children = t.int32()
		default:
			t.skip(kind)
		}
	})
	return e
}

// fields makes a tree of the schema.
func (f *File) fields(schema []element) (err error) {
	if len(schema) == 0 {
		return errors.New("it has no schema")
	}
	if f.Fields, schema, err = f.children(schema[0].children, schema[1:], 1); err == nil && len(schema) > 0 {
		err = errors.New("its schema has more nodes than its groups have children")
	}
	return err
}

// children takes n fields of a group from the front of schema, and gives what is left of it.
func (f *File) children(n int, schema []element, depth int) (fields []Field, rest []element, err error) {
	if n > len(schema) {
		return nil, nil, errors.New("its schema lacks nodes")
	}
	for range n {
		if len(schema) == 0 {
			return nil, nil, errors.New("its schema lacks nodes")
		}
		e := schema[0]
		schema = schema[1:]
		switch {
		case e.children < 0 || e.children == 0 && (e.physical < Boolean || e.physical > FixedLengthByteArray):
			return nil, nil, fmt.Errorf("its schema has neither a type nor children for %q", e.Name)
		case depth == maxDepth:
			return nil, nil, fmt.Errorf("its schema is nested deeper than %d groups", maxDepth)
		case e.children > 0:
			e.leaf = -1
			if e.Field.children, schema, err = f.children(e.children, schema, depth+1); err != nil {
				return nil, nil, err
			}
		default:
			e.leaf = f.leaves
			f.leaves++
		}
		fields = append(fields, e.Field)
	}
	return fields, schema, nil
}

func (f *File) group(t *thrift) {
	g := RowGroup{Rows: -1}
	t.fields(func(id int, kind byte) {
		switch {
		case id == 1 && kind == thriftList:
			t.structures(func(i int) {
				if i == f.leaves {
					t.fail(fmt.Errorf("row group %d has more columns than the schema", len(f.Groups)))
					return
				}
				c := parseChunk(t)
				if c.physical < 0 && !c.elsewhere {
					t.fail(fmt.Errorf("row group %d does not say what column %d is", len(f.Groups), i))
					return
				}
				g.chunks = append(g.chunks, c)
			})
		case id == 3 && kind == thriftI64:
			g.Rows = t.integer()
		default:
			t.skip(kind)
		}
	})
	for _, c := range g.chunks {
		if c.stored < 0 || g.Stored > math.MaxInt64-c.stored {
			t.fail(fmt.Errorf("row group %d has a column of %d bytes", len(f.Groups), c.stored))
			return
		}
		g.Stored += c.stored
	}
	switch {
	case t.err != nil:
	case g.Rows < 0 || g.Rows > math.MaxInt64-f.rows:
		t.fail(fmt.Errorf("row group %d has %d rows", len(f.Groups), g.Rows))
	case len(g.chunks) != f.leaves:
		t.fail(fmt.Errorf("row group %d has %d columns, the schema %d", len(f.Groups), len(g.chunks), f.leaves))
	default:
		f.rows += g.Rows
		f.Groups = append(f.Groups, g)
	}
}
