package source

import (
	"bytes"
	"cmp"
	"context"
	"encoding/gob"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/rivulet-go/rivulet/frame/batch"
	"github.com/rivulet-go/rivulet/frame/expr"
)

// ErrStays is wrapped by the error of a split that can only be read in the process that has it.
var ErrStays = errors.New("the split can't travel")

const wireVersion = 4

// wireSplit is a split of a file as encoding/gob takes it.
type wireSplit struct {
	Version int
	Format  string
	Input   string // name in spans and errors
	Path    string // of the file, or its address; "" where Data is the text
	Carried bool   // the reader does not see the file: its bytes are carried to it
	Stamp   stamp
	Data    []byte
	Schema  []byte   // of what the input has
	All     []byte   // of what is read, where the input lacks columns of it
	Part    []string // columns of its folders and their values, each with = before it, "" for null
	Columns []string // of a JSON file, or a CSV file
	Options Options  // without types: Schema has them
	First   bool
	Start   int64 // bytes of a text
	End     int64
	Stored  int64
	Lines   int64      // before Start, where Data is the text
	Index   int        // of a row group, or a batch
	More    []int      // row groups after it
	Where   *expr.Wire // what is true of the rows that are given; nil for all

	piece func(int64) ([]byte, error) // where Carried

	Dialect wireDialect
	Rows    int64 // sampled, with the lengths of their fields
	Bytes   int64
	Lengths []int64
}

type wireDialect struct {
	Delim, Quote, Escape          byte
	Comment                       string
	Exact, CRLF, Header, Trailing bool
}

// stamp tells a file from another of the same path.
type stamp struct {
	Size     int64
	Modified int64 // nanoseconds
}

func stampOf(ctx context.Context, path string) (stamp, error) {
	if isURL(path) {
		f, err := lookUp(ctx, path)
		if err != nil {
			return stamp{}, err
		}
		return f.stamp(), nil
	}
	info, err := os.Stat(path)
	if err != nil {
		return stamp{}, pathError(path, err)
	}
	return stamp{info.Size(), info.ModTime().UnixNano()}, nil
}

// Range is bytes of a file, from Start to End, which is not one of them.
type Range struct{ Start, End int64 }

// Carried is what a split needs of a file that its reader does not see.
type Carried struct {
	Path   string
	Size   int64
	Ranges []Range
}

// EncodeSplit is a split of a file, of which columns are wanted (nil: all), as bytes for another process of the same version. shared
// says of a file that the reader sees it under the same path; where it does not, the text of a split goes along, and of other
// files the reader needs what carried says. What is read in order stays here: an error that wraps ErrStays.
func EncodeSplit(ctx context.Context, s Split, columns []string, shared func(path string) bool) (b []byte, carried *Carried, err error) {
	w := wireSplit{Version: wireVersion}
	if f, ok := s.(*filledSplit); ok {
		if w.All, err = expr.EncodeSchema(f.schema); err != nil {
			return nil, nil, err
		}
		w.Part = encodeFolders(f.part)
		s = f.Split
	}
	var schema *arrow.Schema
	switch s := s.(type) {
	case *textSplit:
		if s.from == nil || s.from.schema == nil {
			return nil, nil, fmt.Errorf("%s: %w", s.span.Input, ErrStays)
		}
		schema = s.from.schema
		err = s.encode(ctx, &w, shared)
	case *rowGroup:
		schema = s.schema
		carried, err = w.groups(ctx, rowGroups{s}, columns, shared)
	case rowGroups:
		schema = s[0].schema
		carried, err = w.groups(ctx, s, columns, shared)
	case *arrowSplit:
		if s.held != nil {
			return nil, nil, fmt.Errorf("%s: %w: its batches are read in order", s.file.path, ErrStays)
		}
		schema, w.Format, w.Input, w.Index, w.First, w.Options = s.schema, "arrow", s.file.path, s.index, s.first, *s.file.options
		if err = w.file(ctx, cmp.Or(s.file.address, s.file.path), shared); err == nil && w.Carried {
			carried, err = s.carried(ctx)
		}
	default:
		return nil, nil, fmt.Errorf("%s: %w", s.Span().Input, ErrStays)
	}
	if err != nil {
		return nil, nil, err
	}
	w.Options.Types = nil
	if w.Schema, err = expr.EncodeSchema(schema); err != nil {
		return nil, nil, err
	}
	var out bytes.Buffer
	err = gob.NewEncoder(&out).Encode(&w)
	return out.Bytes(), carried, err
}

func (w *wireSplit) file(ctx context.Context, path string, shared func(string) bool) (err error) {
	w.Path, w.Carried = path, !isURL(path) && !shared(path)
	w.Stamp, err = stampOf(ctx, path)
	return err
}

// groups is row groups of a file.
func (w *wireSplit) groups(ctx context.Context, s rowGroups, columns []string, shared func(string) bool) (carried *Carried, err error) {
	p := s[0].file
	w.Format, w.Input, w.Index, w.First, w.Options = "parquet", p.path, s[0].index, s[0].first, *p.options
	for _, g := range s[1:] {
		w.More = append(w.More, g.index)
	}
	if where := s[0].where; where != nil {
		w.Where = new(expr.Wire)
		if *w.Where, err = (&expr.Encoder{}).Expr(where.expr); err != nil {
			return nil, err
		}
	}
	if err := w.file(ctx, cmp.Or(p.address, p.path), shared); err != nil || !w.Carried {
		return nil, err
	}
	return s.carried(ctx, columns)
}

func (s *textSplit) encode(ctx context.Context, w *wireSplit, shared func(string) bool) (err error) {
	w.First, w.Start, w.End, w.Stored = s.first, s.span.Start, s.span.End, s.stored
	path := ""
	switch in := s.from.in.(type) {
	case *csvFile:
		d := in.dialect
		w.Format, w.Input, w.Options, w.Columns = "csv", in.input, *in.options, d.names
		w.Dialect = wireDialect{d.delim, d.quote, d.escape, d.comment, d.exact, d.crlf, d.header, d.trailing}
		w.Rows, w.Bytes, w.Lengths = in.sampler.rows, in.sampler.bytes, in.sampler.lengths
		if in.open == nil {
			path = in.path
		}
	case *jsonFile:
		w.Format, w.Input, w.Options, w.Columns = "ndjson", in.input, *in.options, in.names
		if in.open == nil {
			path = in.path
		}
	}
	if path != "" && shared(path) {
		return w.file(ctx, path, shared)
	}
	defer guardFault(w.Input, &err)()
	w.Data = bytes.Clone(s.data[s.lo:])
	w.Lines = s.line(s.lo) - 1
	return nil
}

// errNotCarried says that something is read of a file which did not come along.
var errNotCarried = errors.New("not among what was carried here of the file")

// DecodeSplit makes the split that EncodeSplit wrote. piece gives the pieces of a file that is carried, nil those that are not.
func DecodeSplit(ctx context.Context, b []byte, piece func(index int64) ([]byte, error)) (Split, error) {
	var w wireSplit
	if err := gob.NewDecoder(bytes.NewReader(b)).Decode(&w); err != nil {
		return nil, fmt.Errorf("a split is cut off or damaged: %w", err)
	}
	if w.Version != wireVersion {
		return nil, fmt.Errorf("a split of version %d, this process knows version %d", w.Version, wireVersion)
	}
	schema, err := expr.DecodeSchema(w.Schema)
	if err != nil {
		return nil, err
	}
	if w.Path != "" && !w.Carried {
		have, err := stampOf(ctx, w.Path)
		if err != nil {
			return nil, err
		}
		if have != w.Stamp {
			return nil, fmt.Errorf("%s: the file is another one than where the plan was made: %d bytes, not %d, or of another time", publicURL(w.Path), have.Size, w.Stamp.Size)
		}
	}
	w.piece = piece
	s, err := w.split(ctx, schema)
	if err != nil || w.All == nil {
		return s, err
	}
	all, err := expr.DecodeSchema(w.All)
	if err != nil {
		return nil, err
	}
	return &filledSplit{Split: s, name: w.Input, has: schema, schema: all, part: decodeFolders(w.Part)}, nil
}

func (w *wireSplit) split(ctx context.Context, schema *arrow.Schema) (Split, error) {
	switch w.Format {
	case "csv":
		d := &dialect{
			syntax: syntax{w.Dialect.Delim, w.Dialect.Quote, w.Dialect.Escape, w.Dialect.Comment, w.Dialect.Exact},
			crlf:   w.Dialect.CRLF, header: w.Dialect.Header, trailing: w.Dialect.Trailing,
			nulls: newNullWords(w.Options.nullWords()), names: w.Columns,
		}
		d.fillWords()
		in := &csvFile{input: w.Input, path: w.Path, options: &w.Options, dialect: d, sampler: newSampler(d)}
		if len(w.Lengths) == len(w.Columns) {
			in.sampler.rows, in.sampler.bytes, in.sampler.lengths = w.Rows, w.Bytes, w.Lengths
		}
		return w.text(func(ctx context.Context, s *textSplit, columns []string, limit int64) batch.Stream {
			return in.read(ctx, schema, s, columns, limit)
		})
	case "ndjson":
		in := &jsonFile{input: w.Input, path: w.Path, options: &w.Options, names: w.Columns}
		return w.text(func(ctx context.Context, s *textSplit, columns []string, limit int64) batch.Stream {
			return in.read(ctx, schema, s, columns, limit)
		})
	case "parquet":
		in := &parquetFile{path: w.Input, address: w.Path, options: &w.Options, open: w.opener()}
		return w.indexed(ctx, in, schema)
	case "arrow":
		in := &arrowFile{path: w.Input, address: w.Path, options: &w.Options, open: w.opener()}
		return w.indexed(ctx, in, schema)
	}
	return nil, fmt.Errorf("a split of format %q", w.Format)
}

// opener opens a file that is carried, nil where the file is seen.
func (w *wireSplit) opener() opener {
	if !w.Carried {
		return nil
	}
	f := newPieces(w.Stamp.Size, func(index int64) ([]byte, error) {
		data, err := w.piece(index)
		if err == nil && data == nil {
			err = fmt.Errorf("%s: %w (piece %d)", w.Path, errNotCarried, index)
		}
		return data, err
	})
	return func(context.Context) (*storedFile, error) {
		return &storedFile{SectionReader: io.NewSectionReader(f, 0, f.Size()), pieces: f.pieces}, nil
	}
}

// text is a split of a text, mapped or as it came.
func (w *wireSplit) text(read readText) (Split, error) {
	s := &textSplit{span: batch.Span{Input: w.Input, Start: w.Start, End: w.End}, stored: w.Stored, first: w.First, read: read}
	if w.Path == "" {
		data := append(w.Data, make([]byte, padding)...)
		s.data, s.lines, s.hold = data[:len(w.Data)], w.Lines, newHold(func() {})
		return s, nil
	}
	data, hold, err := mapText(w.Path)
	if err != nil {
		return nil, err
	}
	if w.Start < 0 || w.End > int64(len(data)) || w.Start > w.End {
		hold.release()
		return nil, fmt.Errorf("%s: %w: %d bytes, %d wanted", w.Path, ErrTruncated, len(data), w.End)
	}
	s.data, s.lo, s.hold = data[:w.End], int(w.Start), hold
	return s, nil
}

// indexed is a split of a file that has an index of them.
func (w *wireSplit) indexed(ctx context.Context, in input, schema *arrow.Schema) (Split, error) {
	if _, err := in.learn(ctx); err != nil {
		return nil, err
	}
	at, more := 0, w.More
	var found rowGroups
	for s, err := range in.splits(ctx, schema, 0, w.First) {
		if err != nil {
			return nil, err
		}
		switch {
		case at == w.Index:
			g, ok := s.(*rowGroup)
			if !ok {
				return s, nil
			}
			g.first, found = w.First, rowGroups{g}
		case len(found) > 0 && len(more) > 0 && at == more[0]:
			found, more = append(found, s.(*rowGroup)), more[1:]
		default:
			s.Close()
		}
		if at++; len(found) > 0 && len(more) == 0 {
			return w.filtered(found, schema)
		}
	}
	return nil, fmt.Errorf("%s: %w: it has %d parts, part %d is wanted", w.Path, ErrTruncated, at, w.Index)
}

// filtered gives row groups the predicate that they came with.
func (w *wireSplit) filtered(groups rowGroups, schema *arrow.Schema) (Split, error) {
	if w.Where != nil {
		e, err := (&expr.Decoder{}).Expr(*w.Where)
		if err != nil {
			return nil, err
		}
		where := newRowFilter(e, schema)
		for _, g := range groups {
			g.where = where
		}
	}
	if len(groups) == 1 {
		return groups[0], nil
	}
	return groups, nil
}
