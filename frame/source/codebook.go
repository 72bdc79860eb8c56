package source

import (
	"context"
	"strings"
	"sync"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"
)

const (
	// codedRows is how many rows there are for each byte of the dictionaries of a column that is read as codes: with fewer, many of its texts
	// stand in one row group alone, and finding those that are alike takes as long as it saves.
	codedRows = 2
	// codedGroups is how many dictionaries a column may have, each of which is read before the first row is.
	codedGroups = 4096
)

// codebook gives the texts of columns of Parquet files codes that are the same in all row groups of all files (see batch.IsCoded): the
// dictionaries of a column are read when it is first wanted.
type codebook struct {
	columns map[string]*codedColumn
}

// codedColumn is a text column whose values all refer to dictionaries.
type codedColumn struct {
	once  sync.Once
	words arrow.Array // nil where a dictionary can't be read: then texts are read, which tells why
	codes map[codedGroup][]uint32
}

type codedGroup struct {
	file  *parquetFile
	index int
}

// newCodebook is for files on this machine; nil where no column is coded in all of them.
func newCodebook(inputs []input, schema *arrow.Schema) *codebook {
	b := &codebook{columns: map[string]*codedColumn{}}
	for _, f := range schema.Fields() {
		if f.Type.ID() == arrow.STRING && codable(inputs, f.Name) {
			b.columns[f.Name] = &codedColumn{}
		}
	}
	if len(b.columns) == 0 {
		return nil
	}
	return b
}

func codable(inputs []input, column string) bool {
	rows, bytes, groups := int64(0), int64(0), 0
	for _, in := range inputs {
		p, ok := in.(*parquetFile)
		if !ok || p.open != nil || isURL(p.address) {
			return false
		}
		field, decoded := p.field(column)
		if !decoded {
			return false
		}
		for i, g := range p.footer.Groups {
			size, ok := p.footer.Coded(i, field, arrow.BinaryTypes.String)
			if !ok || groups == codedGroups {
				return false
			}
			rows, bytes, groups = rows+g.Rows, bytes+size, groups+1
		}
	}
	return groups > 0 && bytes*codedRows <= rows
}

// column gives the words of a column and what stands for the texts of the dictionary of a row group; false where it is not coded.
func (b *codebook) column(ctx context.Context, inputs []input, name string, group codedGroup) (words arrow.ArrayData, codes []uint32, ok bool) {
	if b == nil || b.columns[name] == nil {
		return nil, nil, false
	}
	c := b.columns[name]
	c.once.Do(func() { c.read(context.WithoutCancel(ctx), inputs, name) })
	if c.words == nil {
		return nil, nil, false
	}
	return c.words.Data(), c.codes[group], true
}

func (c *codedColumn) read(ctx context.Context, inputs []input, name string) {
	c.codes = map[codedGroup][]uint32{}
	known := map[string]uint32{"": 0}
	texts := array.NewStringBuilder(memory.NewGoAllocator())
	defer texts.Release()
	texts.Append("") // word 0
	for _, in := range inputs {
		if c.readFile(ctx, in.(*parquetFile), name, known, texts) != nil {
			return
		}
	}
	c.words = texts.NewArray()
}

func (c *codedColumn) readFile(ctx context.Context, p *parquetFile, name string, known map[string]uint32, texts *array.StringBuilder) (err error) {
	defer guardPanic(p.path, &err)()
	f, err := p.file(ctx)
	if err != nil {
		return err
	}
	defer f.Close()
	field, _ := p.field(name)
	for i := range p.footer.Groups {
		dictionary, err := p.footer.Dictionary(f, memory.NewGoAllocator(), i, field, arrow.BinaryTypes.String)
		if err != nil {
			return err
		}
		values := dictionary.(*array.String)
		codes := make([]uint32, values.Len())
		for k := range codes {
			text := values.Value(k)
			code, ok := known[text]
			if !ok {
				code = uint32(len(known))
				texts.Append(text)
				known[strings.Clone(text)] = code
			}
			codes[k] = code
		}
		c.codes[codedGroup{p, i}] = codes
	}
	return nil
}

// ownWords are the words of a dictionary that nobody else has, and their codes.
func ownWords(dictionary arrow.Array) (words arrow.Array, codes []uint32) {
	texts := array.NewStringBuilder(memory.NewGoAllocator())
	defer texts.Release()
	texts.Append("")
	values := dictionary.(*array.String)
	codes = make([]uint32, values.Len())
	for i := range codes {
		texts.Append(values.Value(i))
		codes[i] = uint32(i + 1)
	}
	return texts.NewArray(), codes
}
