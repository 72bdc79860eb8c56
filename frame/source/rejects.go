package source

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"

	"github.com/rivulet-go/rivulet/frame/batch"
)

// rejects is a source of what another leaves out: the rows of its texts that do not parse. It reads the files again, so
// that what it gives does not depend on whether, and how far, the other was read.
type rejects struct{ *files }

// Rejects is the source of the rows that s, opened with Options.Rejects, leaves out. Its columns are the file, the line
// that the row begins in (from 1), the column where it is about one, the reason, and the row's text.
func Rejects(s Source) (Source, error) {
	f, ok := s.(*files)
	if !ok || !f.options.Rejects {
		return nil, errors.New("the source is not read with rejects")
	}
	return rejects{f}, nil
}

var rejectSchema = arrow.NewSchema([]arrow.Field{
	{Name: "file", Type: arrow.BinaryTypes.String, Nullable: true},
	{Name: "line", Type: arrow.PrimitiveTypes.Int64, Nullable: true},
	{Name: "column", Type: arrow.BinaryTypes.String, Nullable: true},
	{Name: "reason", Type: arrow.BinaryTypes.String, Nullable: true},
	{Name: "text", Type: arrow.BinaryTypes.String, Nullable: true},
}, nil)

func (r rejects) Name() string { return "rejects of " + r.label }

func (r rejects) Schema(context.Context) (*arrow.Schema, error) { return rejectSchema, nil }

// rejecting is an input that can say which rows it leaves out.
type rejecting interface {
	rejects(ctx context.Context, schema *arrow.Schema, want int64) iter.Seq2[Split, error]
}

func (r rejects) Splits(ctx context.Context, want int64) iter.Seq2[Split, error] {
	if want <= 0 {
		want = defaultSplit
	}
	return func(yield func(Split, error) bool) {
		if _, err := r.files.Schema(ctx); err != nil {
			yield(nil, err)
			return
		}
		for i, in := range r.inputs {
			text, ok := in.(rejecting)
			if !ok {
				continue // a format in which a row does not fail by itself
			}
			for split, err := range text.rejects(ctx, r.owned[i], want) {
				if !yield(split, err) || err != nil {
					return
				}
			}
		}
	}
}

// reject is a row that is left out.
type reject struct {
	from, to int // of the split's data
	why      *rowError
}

// rejectReader gives a split's rejects.
type rejectReader struct {
	batchReader
	found []reject
}

func (r *rejectReader) note(from, to int, why *rowError) {
	r.found = append(r.found, reject{from, to, why})
}

func (r *rejectReader) stream(ctx context.Context, columns []string, limit int64, perRow float64, yield func(arrow.Record, error) bool) {
	out, err := project(r.input, rejectSchema, columns)
	if err != nil {
		yield(nil, err)
		return
	}
	line, counted := r.split.lines, r.split.linesAt
	for left := limit; *r.pos < len(r.split.data); {
		r.found = r.found[:0]
		if err := r.skim(ctx, batchSize(len(r.split.data)-*r.pos, perRow)); err != nil {
			yield(nil, err)
			return
		}
		if len(r.found) == 0 {
			continue
		}
		if limit > 0 && int64(len(r.found)) > left {
			r.found = r.found[:left]
		}
		left -= int64(len(r.found))
		whole := r.record(&line, &counted)
		rec, err := pick(whole, out)
		whole.Release()
		if !yield(rec, err) || err != nil || limit > 0 && left == 0 {
			return
		}
	}
}

// skim parses rows and forgets them.
func (r *rejectReader) skim(ctx context.Context, most int) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	defer func() {
		for _, col := range r.cols {
			col.discard(r.mem)
		}
	}()
	for _, col := range r.cols {
		col.begin(r.mem, most)
	}
	_, err := r.guarded(ctx, most)
	return err
}

// record makes rows of the rejects found. line is the number of line ends before counted.
func (r *rejectReader) record(line *int64, counted *int) arrow.Record {
	b := array.NewRecordBuilder(r.mem, rejectSchema)
	defer b.Release()
	texts := func(i int) *array.StringBuilder { return b.Field(i).(*array.StringBuilder) }
	for _, bad := range r.found {
		*line += int64(bytes.Count(r.split.data[*counted:bad.from], []byte{'\n'}))
		*counted = bad.from
		texts(0).Append(r.input)
		b.Field(1).(*array.Int64Builder).Append(*line + 1)
		if bad.why.column == "" {
			texts(2).AppendNull()
		} else {
			texts(2).Append(bad.why.column)
		}
		texts(3).Append(strings.ToValidUTF8(bad.why.err.Error(), "\uFFFD"))
		texts(4).Append(strings.ToValidUTF8(strings.TrimRight(string(r.split.data[bad.from:bad.to]), "\r\n"), "\uFFFD"))
	}
	return b.NewRecord()
}

// pick is rec with the columns of schema.
func pick(rec arrow.Record, schema *arrow.Schema) (arrow.Record, error) {
	cols := make([]arrow.Array, schema.NumFields())
	for i, f := range schema.Fields() {
		at := rec.Schema().FieldIndices(f.Name)
		if len(at) == 0 {
			return nil, fmt.Errorf("%w %q", ErrUnknownColumn, f.Name)
		}
		cols[i] = rec.Column(at[0])
	}
	return array.NewRecord(schema, cols, rec.NumRows()), nil
}

func (c *csvFile) rejects(ctx context.Context, schema *arrow.Schema, want int64) iter.Seq2[Split, error] {
	return c.split(ctx, want, false, nil, func(ctx context.Context, s *textSplit, columns []string, limit int64) batch.Stream {
		return func(yield func(arrow.Record, error) bool) {
			steps, cols, err := c.compile(schema, nil)
			if err != nil {
				yield(nil, err)
				return
			}
			hold := s.hold.retain()
			defer hold.release()
			p := c.parser(s, steps)
			r := &rejectReader{batchReader: batchReader{mem: p.mem, cols: cols, input: c.input, split: s, rows: p.rows, pos: &p.pos}}
			p.reject = r.note
			r.stream(ctx, columns, limit, c.sampler.perRow(), yield)
		}
	})
}

func (j *jsonFile) rejects(ctx context.Context, schema *arrow.Schema, want int64) iter.Seq2[Split, error] {
	return j.split(ctx, want, false, nil, func(ctx context.Context, s *textSplit, columns []string, limit int64) batch.Stream {
		return func(yield func(arrow.Record, error) bool) {
			p, err := j.parser(schema, s, nil)
			if err != nil {
				yield(nil, err)
				return
			}
			hold := s.hold.retain()
			defer hold.release()
			r := &rejectReader{batchReader: batchReader{mem: p.mem, cols: p.cols, input: j.input, split: s, rows: p.rows, pos: &p.pos}}
			p.reject = r.note
			r.stream(ctx, columns, limit, 200, yield)
		}
	})
}

// leaveOut is the parser's reject of a source that leaves rows out.
func leaveOut(int, int, *rowError) {}

// everyColumn are the columns that are parsed for the columns asked for: with rejects all, those asked for first, so that
// which rows are left out does not depend on what is asked for.
func (o *Options) everyColumn(schema *arrow.Schema, columns []string) []string {
	if !o.Rejects || columns == nil {
		return columns
	}
	all := append([]string{}, columns...)
	asked := make(map[string]bool, len(columns))
	for _, name := range columns {
		asked[name] = true
	}
	for _, f := range schema.Fields() {
		if !asked[f.Name] {
			all = append(all, f.Name)
		}
	}
	return all
}
