package source

import (
	"context"
	"fmt"
	"slices"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/apache/arrow/go/v17/parquet/pqarrow"

	"github.com/rivulet-go/rivulet/frame/batch"
	"github.com/rivulet-go/rivulet/frame/parquet"
)

// groupReader reads a row group's columns side by side.
type groupReader struct {
	split   *rowGroup
	out     *arrow.Schema
	mem     memory.Allocator
	stored  *storedFile
	stock   *storedFile // for Arrow's reader, nil where it reads nothing
	columns []groupColumn
}

// groupColumn is a column that is read: by own or nested, or by Arrow's reader.
type groupColumn struct {
	name   string
	field  int            // of the file
	typ    arrow.DataType // that the file has
	own    *parquet.Column
	nested *parquet.Nested
	stock  *pqarrow.ColumnReader
	words  arrow.ArrayData // where codes are read, by these
	rest   arrow.Array     // rows that were read and not given
}

func (r *groupReader) open(ctx context.Context) (err error) {
	p := r.split.file
	if r.stored, err = p.file(ctx); err != nil {
		return err
	}
	r.columns = make([]groupColumn, r.out.NumFields())
	var stock *pqarrow.FileReader
	for i, f := range r.out.Fields() {
		at := p.typed.FieldIndices(f.Name)
		if len(at) != 1 {
			return unknownColumn(p.path, f.Name, r.split.schema)
		}
		c := &r.columns[i]
		c.name, c.field = f.Name, at[0]
		if c.typ, err = p.typeOf(at[0], r.split.schema); err != nil {
			return err
		}
		if p.decoded[at[0]] {
			if c.own, err = p.footer.Column(r.stored, r.mem, r.split.index, at[0], c.typ); err != nil {
				return r.failed(ctx, f.Name, err)
			}
			if words, codes, ok := r.split.book.column(ctx, r.split.inputs, f.Name, codedGroup{p, r.split.index}); ok {
				c.own.Recode(codes)
				c.words = words
			}
			continue
		}
		if p.nested[at[0]] {
			if c.nested, err = p.footer.Nested(r.stored, r.mem, r.split.index, at[0], c.typ); err != nil {
				return r.failed(ctx, f.Name, err)
			}
			continue
		}
		if hasStruct(c.typ) { // Arrow's reader of structs panics in goroutines where a file is damaged
			return fmt.Errorf("%s: %w: column %q is %s, which is not read; leave it out by Select, or write it with other types", p.path, ErrSchema, f.Name, c.typ)
		}
		if stock == nil {
			if stock, r.stock, err = p.reader(ctx, r.mem); err != nil {
				return err
			}
		}
		if c.stock, err = stockColumn(ctx, stock, at[0], r.split.index); err != nil {
			return r.failed(ctx, f.Name, err)
		}
	}
	return nil
}

func hasStruct(t arrow.DataType) bool {
	nested, ok := t.(arrow.NestedType)
	return ok && (t.ID() == arrow.STRUCT || slices.ContainsFunc(nested.Fields(), func(f arrow.Field) bool { return hasStruct(f.Type) }))
}

// failed is an error of reading a column: that the file could not be had, or that it is bad.
func (r *groupReader) failed(ctx context.Context, column string, err error) error {
	for _, f := range []*storedFile{r.stored, r.stock} {
		if f != nil && f.failure() != nil {
			return f.failure()
		}
	}
	return r.split.file.corrupt(ctx, fmt.Errorf("row group %d, column %q: %w", r.split.index, column, err))
}

// next reads at most rows rows: fewer where texts are long.
func (r *groupReader) next(ctx context.Context, rows int64) (rec arrow.Record, err error) {
	if r.out.NumFields() == 0 {
		return array.NewRecord(r.out, nil, rows), nil
	}
	defer guardPanic(r.split.file.path, &err)()
	if r.stored == nil {
		if err := r.open(ctx); err != nil {
			return nil, err
		}
	}
	if rows, err = r.fill(ctx, r.columns, rows); err != nil {
		return nil, err
	}
	return r.take(rows)
}

// fill reads rows of the columns of which none are left, and says how many there are of each: texts decide that.
func (r *groupReader) fill(ctx context.Context, columns []groupColumn, rows int64) (int64, error) {
	for _, texts := range []bool{true, false} {
		if err := r.fillOf(ctx, columns, rows, texts); err != nil {
			return 0, err
		}
		for _, c := range columns {
			if c.rest != nil {
				rows = min(rows, int64(c.rest.Len()))
			}
		}
	}
	return rows, nil
}

// fillOf reads rows of the columns of which none are left: of texts, or of the others.
func (r *groupReader) fillOf(ctx context.Context, columns []groupColumn, rows int64, texts bool) error {
	var lacking []*groupColumn
	for i := range columns {
		c := &columns[i]
		switch {
		case c.rest != nil || c.stretches() != texts:
		case c.stock != nil: // Arrow's reader has state that its columns share
			if err := r.fillColumn(ctx, c, rows); err != nil {
				return err
			}
		default:
			lacking = append(lacking, c)
		}
	}
	return eachColumn(len(lacking), func(i int) error { return r.fillColumn(ctx, lacking[i], rows) })
}

func (r *groupReader) fillColumn(ctx context.Context, c *groupColumn, rows int64) (err error) {
	defer guardPanic(r.split.file.path, &err)()
	if c.rest, err = c.read(r.mem, rows); err != nil {
		return r.failed(ctx, c.name, err)
	}
	return nil
}

// stretches says whether values of the column have no fixed width, so that fewer rows may come than were asked for.
func (c groupColumn) stretches() bool {
	_, fixed := c.typ.(arrow.FixedWidthDataType)
	return c.nested != nil || c.own != nil && c.words == nil && (!fixed || c.typ.ID() == arrow.DECIMAL128 || c.typ.ID() == arrow.DICTIONARY)
}

func (c *groupColumn) read(mem memory.Allocator, rows int64) (arrow.Array, error) {
	if c.own != nil {
		arr, err := c.own.Next(int(rows))
		return c.coded(arr, err)
	}
	if c.nested != nil {
		return c.nested.Next(int(rows))
	}
	arr, err := nextStock(c.stock, mem, rows)
	if err != nil {
		return nil, err
	}
	defer arr.Release()
	if int64(arr.Len()) != rows {
		return nil, fmt.Errorf("it has fewer rows than its group")
	}
	if c.typ.ID() == arrow.DURATION {
		return retyped(arr, c.typ), nil
	}
	arr.Retain()
	return arr, nil
}

// coded takes over what was read of the column and gives it with its words, if it has some.
func (c *groupColumn) coded(arr arrow.Array, err error) (arrow.Array, error) {
	if err != nil || c.words == nil {
		return arr, err
	}
	defer arr.Release()
	return batch.CodedWith(arr, c.words), nil
}

// take gives the next rows rows of what was read.
func (r *groupReader) take(rows int64) (arrow.Record, error) {
	cols := make([]arrow.Array, len(r.columns))
	for i := range r.columns {
		cols[i] = r.columns[i].take(rows)
		defer cols[i].Release()
	}
	return r.conformed(cols, r.out, rows)
}

// take gives the next rows rows of what was read of the column; the caller releases them.
func (c *groupColumn) take(rows int64) arrow.Array {
	whole := c.rest
	c.rest = nil
	n := int64(whole.Len())
	if n == rows {
		return whole
	}
	defer whole.Release()
	c.rest = array.NewSlice(whole, rows, n)
	return array.NewSlice(whole, 0, rows)
}

// conformed is a record of columns as the file has them, in the types of out. What is coded stays so.
func (r *groupReader) conformed(cols []arrow.Array, out *arrow.Schema, rows int64) (arrow.Record, error) {
	var plain, wanted []arrow.Field
	var arrays []arrow.Array
	for i, c := range cols {
		if !batch.IsCoded(c) {
			plain = append(plain, arrow.Field{Name: out.Field(i).Name, Type: c.DataType(), Nullable: true})
			wanted, arrays = append(wanted, out.Field(i)), append(arrays, c)
		}
	}
	raw := array.NewRecord(arrow.NewSchema(plain, nil), arrays, rows)
	defer raw.Release()
	if len(arrays) == len(cols) {
		return conform(r.mem, r.split.file.path, raw, out)
	}
	rec, err := conform(r.mem, r.split.file.path, raw, arrow.NewSchema(wanted, nil))
	if err != nil {
		return nil, err
	}
	defer rec.Release()
	all, at := make([]arrow.Array, len(cols)), 0
	for i, c := range cols {
		if all[i] = c; !batch.IsCoded(c) {
			all[i] = rec.Column(at)
			at++
		}
	}
	return batch.NewRecord(out, all, rows), nil
}

func (r *groupReader) close() {
	for _, c := range r.columns {
		if c.own != nil {
			c.own.Close()
		}
		if c.nested != nil {
			c.nested.Close()
		}
		if c.stock != nil {
			c.stock.Release()
		}
		if c.rest != nil {
			c.rest.Release()
		}
	}
	for _, f := range []*storedFile{r.stored, r.stock} {
		if f != nil {
			_ = f.Close()
		}
	}
}

// conform brings a file's record to the canonical types and then to the source's, where another file or the user
// widened them.
func conform(mem memory.Allocator, name string, rec arrow.Record, out *arrow.Schema) (arrow.Record, error) {
	canonical, err := batch.ToCanonical(mem, rec)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	defer canonical.Release()
	cols := make([]arrow.Array, 0, canonical.NumCols())
	defer func() {
		for _, c := range cols {
			c.Release()
		}
	}()
	for i, col := range canonical.Columns() {
		to := out.Field(i).Type
		switch {
		case arrow.TypeEqual(col.DataType(), to):
			col.Retain()
		case col.DataType().ID() == arrow.INT64 && to.ID() == arrow.FLOAT64:
			col = intsToFloats(mem, col.(*array.Int64))
		case col.NullN() == col.Len():
			col = array.MakeArrayOfNull(mem, to, col.Len())
		default:
			return nil, fmt.Errorf("%s: %w: column %q is %s, not %s", name, ErrSchema, out.Field(i).Name, col.DataType(), to)
		}
		cols = append(cols, col)
	}
	return array.NewRecord(out, cols, rec.NumRows()), nil
}

func intsToFloats(mem memory.Allocator, a *array.Int64) arrow.Array {
	b := array.NewFloat64Builder(mem)
	defer b.Release()
	b.Reserve(a.Len())
	for i, v := range a.Int64Values() {
		if a.IsNull(i) {
			b.UnsafeAppendBoolToBitmap(false)
		} else {
			b.UnsafeAppend(float64(v))
		}
	}
	return b.NewArray()
}
