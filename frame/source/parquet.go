package source

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	_ "time/tzdata" // files name time zones that the machine may not have

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/decimal128"

	"github.com/rivulet-go/rivulet/frame/batch"
)

// parquetFile is one Parquet file. A split is a row group. Columns that package parquet does not decode are read by Arrow's reader.
type parquetFile struct {
	parquetFooter // since learn

	path    string
	options *Options
	address string // where path is not all of it
	open    opener // nil where it is at its address, or path
}

// file opens the file.
func (p *parquetFile) file(ctx context.Context) (*storedFile, error) {
	if p.open != nil {
		return p.open(ctx)
	}
	return openStored(ctx, cmp.Or(p.address, p.path))
}

func (p *parquetFile) name() string { return p.path }

// corrupt tells a file that is cut off from one that is otherwise bad: the footer is at the end.
func (p *parquetFile) corrupt(ctx context.Context, err error) error {
	if f, openErr := p.file(ctx); openErr == nil {
		defer f.Close()
		head, tail := make([]byte, 4), make([]byte, 4)
		_, headErr := f.ReadAt(head, 0)
		if f.Size() >= 4 && headErr == nil {
			_, _ = f.ReadAt(tail, f.Size()-4)
			if string(head) == parquetMagic && string(tail) != parquetMagic {
				return fmt.Errorf("%s: %w: it has no Parquet footer at its end", p.path, ErrTruncated)
			}
			if string(head) != parquetMagic {
				return fmt.Errorf("%s: %w: it is no Parquet file", p.path, ErrCorrupt)
			}
		}
	}
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("%s: %w: %w", p.path, ErrTruncated, err)
	}
	return fmt.Errorf("%s: %w: %w", p.path, ErrCorrupt, err)
}

// typedColumns is the columns of a file that has types.
func typedColumns(name string, schema *arrow.Schema) (*columns, error) {
	canonical, err := batch.CanonicalSchema(schema)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if canonical.NumFields() == 0 {
		return nil, fmt.Errorf("%s: %w: it has no columns", name, ErrEmpty)
	}
	cols := &columns{}
	seen := map[string]bool{}
	for _, f := range canonical.Fields() {
		if seen[f.Name] {
			return nil, fmt.Errorf("%s: %w: two columns are called %q", name, ErrCorrupt, f.Name)
		}
		seen[f.Name] = true
		if ts, ok := f.Type.(*arrow.TimestampType); ok {
			if _, err := ts.GetToTimeFunc(); err != nil {
				return nil, fmt.Errorf("%s: %w: column %q: time zone %q: %w", name, ErrCorrupt, f.Name, ts.TimeZone, err)
			}
		}
		if err := checkDecimals(f.Type); err != nil {
			return nil, fmt.Errorf("%s: %w: column %q: %w", name, ErrCorrupt, f.Name, err)
		}
		cols.names = append(cols.names, f.Name)
		cols.types = append(cols.types, f.Type)
	}
	return cols, nil
}

// checkDecimals refuses decimals in t that have no text: a footer can have any numbers.
func checkDecimals(t arrow.DataType) error {
	switch t := t.(type) {
	case *arrow.Decimal128Type:
		if t.Precision < 1 || t.Precision > decimal128.MaxPrecision || t.Scale < -decimal128.MaxPrecision || t.Scale > decimal128.MaxPrecision {
			return fmt.Errorf("a decimal of %d digits, %d behind the point", t.Precision, t.Scale)
		}
	case arrow.NestedType:
		for _, f := range t.Fields() {
			if err := checkDecimals(f.Type); err != nil {
				return err
			}
		}
	}
	return nil
}

func (p *parquetFile) splits(ctx context.Context, schema *arrow.Schema, _ int64, first bool) iter.Seq2[Split, error] {
	return func(yield func(Split, error) bool) {
		for i, group := range p.footer.Groups {
			if err := ctx.Err(); err != nil {
				yield(nil, err)
				return
			}
			s := &rowGroup{
				file: p, index: i, schema: schema, rows: group.Rows, first: first && i == 0,
				stored: group.Stored,
			}
			if !yield(s, nil) {
				return
			}
		}
	}
}

// rowGroup is a split of a Parquet file; its Span counts rows.
type rowGroup struct {
	file   *parquetFile
	index  int
	schema *arrow.Schema
	rows   int64
	stored int64
	first  bool
	where  *rowFilter // nil gives all rows
	book   *codebook  // nil where no text is read as codes
	inputs []input    // that the book is for
}

func (s *rowGroup) Span() batch.Span {
	return batch.Span{Input: fmt.Sprintf("%s#rg%d", s.file.path, s.index), Start: 0, End: s.rows}
}

func (s *rowGroup) Stored() int64 { return s.stored }

func (s *rowGroup) Close() {}

func (s *rowGroup) Open(ctx context.Context, columns []string, limit int64) batch.Stream {
	return func(yield func(arrow.Record, error) bool) {
		out, err := project(s.file.path, s.schema, columns)
		if err != nil {
			yield(nil, err)
			return
		}
		if limit <= 0 || limit > s.rows {
			limit = s.rows
		}
		reading.Add(1)
		defer reading.Add(-1)
		if s.where != nil {
			s.readWhere(ctx, out, limit, yield)
			return
		}
		r := &groupReader{split: s, out: out, mem: currentAllocator()}
		defer r.close()
		size := int64(batchRows)
		if s.first {
			size = firstRows
		}
		for done := int64(0); done < limit; size = batchRows {
			if err := ctx.Err(); err != nil {
				yield(nil, err)
				return
			}
			rec, err := r.next(ctx, min(size, limit-done))
			if err != nil {
				yield(nil, err)
				return
			}
			done += rec.NumRows()
			if !yield(rec, nil) {
				return
			}
		}
	}
}
