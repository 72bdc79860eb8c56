package source

import (
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"golang.org/x/sync/errgroup"

	"github.com/rivulet-go/rivulet/frame/batch"
	"github.com/rivulet-go/rivulet/frame/parquet/encode"
)

// Rows go to partitions by the values of some columns, each with a file of its own in folders that have the names of these values:
//
//	record ─► keys of rows ─► rows of each partition ─► its encoder, several at the same time ─► a folder that gets its name when it is whole

const (
	// mostPartitions are written at once: each has a file open.
	mostPartitions = 1000
	// nullPartition is what Hive calls the folder of nulls.
	nullPartition = "__HIVE_DEFAULT_PARTITION__"
)

// partition is a file of the rows that have the same values.
type partition struct {
	path string // within the folder
	file *os.File
	w    *encode.Writer
	rows []int32 // of the record in hand
}

// partitions are the files of a folder that is being written.
type partitions struct {
	folder string // the temporary one
	o      *Options
	keys   []int // the columns
	names  []string
	rest   []int
	schema *arrow.Schema // of the rest
	parts  map[string]*partition
	order  []*partition // as they came
	ids    []byte
}

// writePartitions writes a stream to the folder path, which appears under its name when it is whole.
func writePartitions(ctx context.Context, path string, schema *arrow.Schema, s batch.Stream, o *Options) (rows int64, err error) {
	defer guardPanic("write", &err)()
	p := &partitions{o: o, parts: map[string]*partition{}}
	if err := p.columns(schema); err != nil {
		return 0, fmt.Errorf("%s: %w", path, err)
	}
	path = filepath.Clean(path)
	if err := vacant(path, o.Overwrite); err != nil {
		return 0, err
	}
	if p.folder, err = os.MkdirTemp(filepath.Dir(path), "."+filepath.Base(path)+".*.tmp"); err != nil {
		return 0, pathError(path, err)
	}
	defer func() { _ = os.RemoveAll(p.folder) }() // unless it has got its name
	defer p.drop()
	fail := func(err error) error {
		return cmp.Or(ctx.Err(), fmt.Errorf("%s: %w", path, err))
	}
	for rec, err := range s {
		if err != nil {
			return 0, err
		}
		rows += rec.NumRows()
		err = p.write(ctx, rec)
		rec.Release()
		if err := cmp.Or(err, ctx.Err()); err != nil {
			return 0, fail(err)
		}
	}
	if err := cmp.Or(ctx.Err(), p.close(ctx)); err != nil {
		return 0, fail(err)
	}
	return rows, replaceFolder(p.folder, path)
}

// columns finds the columns by which rows are parted.
func (p *partitions) columns(schema *arrow.Schema) error {
	for _, name := range p.o.PartitionBy {
		at := schema.FieldIndices(name)
		switch {
		case len(at) == 0:
			return unknownColumn("PartitionBy", name, schema)
		case slices.Contains(p.keys, at[0]):
			return fmt.Errorf("PartitionBy: column %q is named twice", name)
		}
		switch t := schema.Field(at[0]).Type; t.ID() {
		case arrow.BOOL, arrow.INT64, arrow.UINT64, arrow.FLOAT64, arrow.STRING, arrow.DATE32, arrow.TIMESTAMP, arrow.DECIMAL128:
		default:
			return fmt.Errorf("PartitionBy: column %q is %s, whose values folders have no names for: cast it", name, t)
		}
		p.keys = append(p.keys, at[0])
		p.names = append(p.names, escapedPart(name)+"=")
	}
	var fields []arrow.Field
	for i, f := range schema.Fields() {
		if !slices.Contains(p.keys, i) {
			p.rest = append(p.rest, i)
			fields = append(fields, f)
		}
	}
	if len(fields) == 0 {
		return errors.New("PartitionBy: no column is left for the files")
	}
	p.schema = arrow.NewSchema(fields, nil)
	return nil
}

// write parts the rows of a record, and has the encoders of partitions take theirs.
func (p *partitions) write(ctx context.Context, rec arrow.Record) error {
	touched, err := p.part(rec)
	if err != nil {
		return err
	}
	cols := make([]arrow.Array, len(p.rest))
	for i, at := range p.rest {
		cols[i] = rec.Column(at)
	}
	rest := batch.NewRecord(p.schema, cols, rec.NumRows())
	defer rest.Release()
	if err := each(touched, func(part *partition) error { return part.take(ctx, rest) }); err != nil {
		return err
	}
	return p.bound(ctx)
}

// part finds the partition of each row, and gives those that have rows.
func (p *partitions) part(rec arrow.Record) (touched []*partition, err error) {
	texts := make([]func(b []byte, i int) []byte, len(p.keys))
	for k, at := range p.keys {
		texts[k] = partitionText(rec.Column(at))
	}
	for i := range int(rec.NumRows()) {
		p.ids = p.ids[:0]
		for k, at := range p.keys {
			if rec.Column(at).IsNull(i) {
				p.ids = append(p.ids, 0)
				continue
			}
			from := len(p.ids)
			p.ids = texts[k](append(p.ids, 1, 0, 0, 0, 0), i)
			binary.LittleEndian.PutUint32(p.ids[from+1:], uint32(len(p.ids)-from-5))
		}
		part := p.parts[string(p.ids)]
		if part == nil {
			if part, err = p.open(string(p.ids)); err != nil {
				return nil, err
			}
		}
		if len(part.rows) == 0 {
			touched = append(touched, part)
		}
		part.rows = append(part.rows, int32(i))
	}
	return touched, nil
}

// open begins the file of a partition.
func (p *partitions) open(id string) (*partition, error) {
	if len(p.order) == mostPartitions {
		return nil, fmt.Errorf("PartitionBy: the columns %s have more than %d combinations of values: part by columns of fewer values, or group these first",
			columnList(p.o.PartitionBy), mostPartitions)
	}
	part := &partition{}
	rest := id
	for _, name := range p.names {
		value := nullPartition
		if rest[0] == 0 {
			rest = rest[1:]
		} else {
			n := int(binary.LittleEndian.Uint32([]byte(rest[1:5])))
			value, rest = escapedPart(rest[5:5+n]), rest[5+n:]
		}
		part.path = filepath.Join(part.path, name+value)
	}
	part.path = filepath.Join(part.path, "part-0.parquet")
	full := filepath.Join(p.folder, part.path)
	if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
		return nil, pathError(part.path, err)
	}
	var err error
	if part.file, err = os.OpenFile(full, os.O_CREATE|os.O_EXCL|os.O_WRONLY, newFileMode()); err != nil {
		return nil, pathError(part.path, err)
	}
	o := *p.o
	o.Parquet.Serial = true
	if part.w, err = parquetWriter(part.file, p.schema, &o); err != nil {
		_ = part.file.Close()
		return nil, err
	}
	p.parts[id] = part
	p.order = append(p.order, part)
	return part, nil
}

// take writes the rows of a record that are the partition's.
func (part *partition) take(ctx context.Context, rec arrow.Record) (err error) {
	defer guardPanic(part.path, &err)()
	defer context.AfterFunc(ctx, part.w.Halt)()
	rows, err := batch.Take(currentAllocator(), rec, part.rows)
	part.rows = part.rows[:0]
	if err != nil {
		return err
	}
	defer rows.Release()
	if err := part.w.Write(rows); err != nil {
		return fmt.Errorf("%s: %w", part.path, err)
	}
	return nil
}

// bound ends row groups, the largest first, until all together hold no more than one may.
func (p *partitions) bound(ctx context.Context) error {
	most := cmp.Or(p.o.Parquet.GroupBytes, 64<<20)
	held := int64(0)
	for _, part := range p.order {
		held += part.w.Held()
	}
	if held <= most {
		return nil
	}
	largest := slices.Clone(p.order)
	slices.SortStableFunc(largest, func(a, b *partition) int { return cmp.Compare(b.w.Held(), a.w.Held()) })
	n := 0
	for ; held > most/2; n++ {
		held -= largest[n].w.Held()
	}
	return each(largest[:n], func(part *partition) error {
		defer context.AfterFunc(ctx, part.w.Halt)()
		if err := part.w.Flush(); err != nil {
			return fmt.Errorf("%s: %w", part.path, err)
		}
		return nil
	})
}

// close completes the files.
func (p *partitions) close(ctx context.Context) error {
	return each(p.order, func(part *partition) (err error) {
		defer guardPanic(part.path, &err)()
		defer context.AfterFunc(ctx, part.w.Halt)()
		if err := part.w.Close(ctx); err != nil {
			return fmt.Errorf("%s: %w", part.path, err)
		}
		f := part.file
		part.file = nil
		if err := f.Close(); err != nil {
			return pathError(part.path, err)
		}
		return nil
	})
}

// drop gives back what is open.
func (p *partitions) drop() {
	for _, part := range p.order {
		part.w.Drop()
		if part.file != nil {
			_ = part.file.Close()
		}
	}
}

// each calls f with all parts, several at the same time; of several errors that of the first part counts.
func each(parts []*partition, f func(*partition) error) error {
	var tasks errgroup.Group
	tasks.SetLimit(runtime.GOMAXPROCS(0))
	errs := make([]error, len(parts))
	for i, part := range parts {
		tasks.Go(func() error { errs[i] = f(part); return nil })
	}
	_ = tasks.Wait()
	return cmp.Or(errs...)
}

// partitionText is the text of a column's values as folders have it.
func partitionText(col arrow.Array) appendValue {
	switch a := col.(type) {
	case *array.String:
		return func(b []byte, i int) []byte { return append(b, a.Value(i)...) }
	case *array.Dictionary:
		words := partitionText(a.Dictionary())
		return func(b []byte, i int) []byte { return words(b, a.GetValueIndex(i)) }
	case *array.Timestamp:
		text := timeValue(a)
		return func(b []byte, i int) []byte {
			from := len(b)
			b = text(b, i)
			for k := from; k < len(b); k++ {
				if b[k] == 'T' {
					b[k] = ' ' // as pyarrow and DuckDB have it
				}
			}
			return b
		}
	}
	if f := timeValue(col); f != nil {
		return f
	}
	if f := plainValue(col, false); f != nil {
		return f
	}
	return func(b []byte, i int) []byte { return append(b, col.ValueStr(i)...) }
}

// escapedPart is a text as a part of a path, escaped as in an address (RFC 3986). A part is never "." or "..": names have an = in them.
func escapedPart(text string) string {
	const hex = "0123456789ABCDEF"
	var b strings.Builder
	for i := range len(text) {
		c := text[i]
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || isDigit(c) || strings.IndexByte("-_.~", c) >= 0 {
			b.WriteByte(c)
			continue
		}
		b.Write([]byte{'%', hex[c>>4], hex[c&15]})
	}
	return b.String()
}

// vacant says whether a folder can be written under a path.
func vacant(path string, overwrite bool) error {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return pathError(path, err)
	case !info.IsDir():
		return fmt.Errorf("%s: it is a file: PartitionBy writes a folder", path)
	}
	entries, err := os.ReadDir(path)
	if err != nil {
		return pathError(path, err)
	}
	if len(entries) > 0 && !overwrite {
		return fmt.Errorf("%s: the folder is not empty: the option Overwrite replaces all that it has", path)
	}
	return nil
}

// replaceFolder gives a folder its name. What has it before goes, but only when the new one is in its place.
func replaceFolder(folder, path string) error {
	if err := os.Chmod(folder, 0o755); err != nil {
		return pathError(path, err)
	}
	old := folder + ".old"
	switch err := os.Rename(path, old); {
	case errors.Is(err, fs.ErrNotExist):
		old = ""
	case err != nil:
		return pathError(path, err)
	}
	if err := os.Rename(folder, path); err != nil {
		if old != "" {
			_ = os.Rename(old, path)
		}
		return pathError(path, err)
	}
	if old != "" {
		return os.RemoveAll(old)
	}
	return nil
}
