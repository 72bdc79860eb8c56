package source

import (
	"context"
	"slices"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"

	"github.com/rivulet-go/rivulet/frame/batch"
	"github.com/rivulet-go/rivulet/frame/expr"
)

const (
	// ownBytes is how large a dictionary may be for a predicate to be evaluated over its values in place of those of rows.
	ownBytes = 128 << 10
	// ownRows is how many rows of the row group there have to be for each value.
	ownRows = 4
)

// codeEarly has columns of the predicate read as codes, so that it looks at each value once.
func (r *whereReader) codeEarly(ctx context.Context) error {
	p := r.split.file
	worded := expr.Worded(r.split.where.expr)
	for i, f := range r.early.Fields() {
		c := &r.columns[i]
		text := f.Type.ID() == arrow.STRING
		_, fixed := f.Type.(arrow.FixedWidthDataType)
		if c.own == nil || c.words != nil || !text && (!fixed || !worded[f.Name]) {
			continue
		}
		if size, ok := p.footer.Coded(r.split.index, c.field, c.typ); !ok || size > ownBytes {
			continue
		}
		dictionary, err := p.footer.Dictionary(r.stored, r.mem, r.split.index, c.field, c.typ)
		if err != nil {
			return r.failed(ctx, c.name, err)
		}
		if text {
			words, codes := ownWords(dictionary)
			dictionary.Release()
			c.own.Recode(codes)
			c.words = words.Data()
			r.own = append(r.own, words)
			continue
		}
		if err := r.number(c, f, dictionary); err != nil {
			return err
		}
	}
	return nil
}

// number has a column of numbers read as their places in the dictionary, which it takes over.
func (r *whereReader) number(c *groupColumn, f arrow.Field, dictionary arrow.Array) error {
	defer dictionary.Release()
	size := dictionary.Len()
	if size == 0 || int64(size)*ownRows > min(r.split.rows, batchRows) {
		return nil
	}
	stored := arrow.NewSchema([]arrow.Field{{Name: f.Name, Type: dictionary.DataType(), Nullable: true}}, nil)
	raw := array.NewRecord(stored, []arrow.Array{dictionary}, int64(size))
	defer raw.Release()
	words, err := conform(r.mem, r.split.file.path, raw, arrow.NewSchema([]arrow.Field{f}, nil))
	if err != nil {
		return err
	}
	defer words.Release()
	own := words.Column(0)
	own.Retain()
	c.own.Number(size)
	c.words = own.Data()
	r.own = append(r.own, own)
	return nil
}

func (r *whereReader) isOwn(words arrow.ArrayData) bool {
	return slices.ContainsFunc(r.own, func(a arrow.Array) bool { return a.Data() == words })
}

// plain takes a record over and gives it with values where it is coded by words that other row groups do not have.
func (r *whereReader) plain(rec arrow.Record) (arrow.Record, error) {
	if rec == nil || len(r.own) == 0 {
		return rec, nil
	}
	defer rec.Release()
	return batch.MapColumns(rec, r.wanted, rec.NumRows(), func(_ int, c arrow.Array) (arrow.Array, error) {
		if batch.IsCoded(c) && r.isOwn(batch.Words(c)) {
			return batch.PlainArray(r.mem, c)
		}
		c.Retain()
		return c, nil
	})
}
