package source

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"iter"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"github.com/rivulet-go/rivulet/frame/batch"
)

// jsonFile is a text of newline JSON: one object per line, plain or compressed.
type jsonFile struct {
	input   string
	path    string
	open    openText
	options *Options
	names   []string // keys, in the order first seen
	types   map[string]arrow.DataType
}

func (j *jsonFile) name() string { return j.input }

func (j *jsonFile) learn(ctx context.Context) (cols *columns, err error) {
	j.types = map[string]arrow.DataType{}
	j.names = nil
	if j.open == nil {
		data, hold, err := mapText(j.path)
		if err != nil {
			return nil, err
		}
		defer hold.release()
		if err := j.sample(data); err != nil {
			return nil, err
		}
	} else {
		c := &csvFile{input: j.input, open: j.open}
		head, ended, err := c.head(ctx)
		if err != nil {
			return nil, err
		}
		if err := j.window(head, ended); err != nil {
			return nil, err
		}
	}
	if j.options.Widen {
		if err := j.widen(ctx); err != nil {
			return nil, err
		}
	}
	for _, name := range sortedKeys(j.options.Types) {
		if j.types[name] == nil {
			j.see(name, arrow.Null) // a key that the samples did not meet
		}
	}
	if len(j.names) == 0 {
		return nil, fmt.Errorf("%s: %w: no object in it", j.input, ErrEmpty)
	}
	cols = &columns{names: j.names, loose: true}
	for _, n := range j.names {
		t := j.types[n]
		if t.ID() != arrow.NULL {
			t = settle(t)
		}
		cols.types = append(cols.types, t)
	}
	return cols, nil
}

// sample looks at the start of a text, places in the middle, and the end.
func (j *jsonFile) sample(data []byte) (err error) {
	defer guardFault(j.input, &err)()
	if len(data) <= sampleHead+sampleWindow*sampleWindows {
		return j.window(data, true)
	}
	if err := j.window(data[:sampleHead], false); err != nil {
		return err
	}
	for k := range sampleWindows {
		at := sampleHead + (len(data)-sampleHead-sampleWindow)/(sampleWindows-1)*k
		window := data[at : at+sampleWindow]
		if _, after, ok := bytes.Cut(window, []byte{'\n'}); ok {
			if err := j.window(after, false); err != nil && !errors.Is(err, ErrCorrupt) {
				return err // bad lines further on are found with their number when they are read
			}
		}
	}
	return nil
}

// widen looks at every line.
func (j *jsonFile) widen(ctx context.Context) error {
	for split, err := range j.split(ctx, defaultSplit, false, nil, nil) {
		if err != nil {
			return err
		}
		s := split.(*textSplit)
		err := func() (err error) {
			defer guardFault(j.input, &err)()
			return j.window(s.data[s.lo:], true)
		}()
		s.Close()
		if err != nil && !errors.Is(err, ErrCorrupt) {
			return err // bad lines are found with their number when they are read
		}
	}
	return nil
}

func (j *jsonFile) see(key string, t arrow.DataType) {
	old, ok := j.types[key]
	if !ok {
		j.names = append(j.names, key)
		j.types[key] = t
		return
	}
	if old != t {
		j.types[key] = unifyJSON(old, t)
	}
}

func (j *jsonFile) window(data []byte, whole bool) error {
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	for line := 1; len(data) > 0; line++ {
		end := bytes.IndexByte(data, '\n')
		if end < 0 {
			if !whole {
				return nil
			}
			end = len(data)
		}
		text := bytes.TrimSpace(data[:end])
		data = data[min(end+1, len(data)):]
		if len(text) == 0 {
			continue
		}
		s := jsonScanner{b: text}
		err := s.object(func(key, value []byte, kind jsonKind) error {
			j.see(string(key), typeOfJSON(value, kind))
			return nil
		})
		if err != nil && !j.options.Rejects {
			return fmt.Errorf("%s: line %d: %w: %w", j.input, line, ErrCorrupt, err)
		}
	}
	return nil
}

func (j *jsonFile) splits(ctx context.Context, schema *arrow.Schema, want int64, first bool) iter.Seq2[Split, error] {
	return j.split(ctx, want, first, schema, func(ctx context.Context, s *textSplit, columns []string, limit int64) batch.Stream {
		return j.read(ctx, schema, s, columns, limit)
	})
}

// split cuts the text into splits that are read by read; schema is that of the rows, nil where something else is read.
func (j *jsonFile) split(ctx context.Context, want int64, first bool, schema *arrow.Schema, read readText) iter.Seq2[Split, error] {
	boundary := func(data []byte, from, want int) int { // a line end is never inside a value
		if from+want >= len(data) {
			return len(data)
		}
		return lineAfter(data, from+want-1, len(data))
	}
	r := &textReader{input: j.input, boundary: boundary, read: read, lines: j.options.Rejects, in: j, schema: schema}
	if j.open == nil {
		return r.mapped(ctx, j.path, 0, want, first)
	}
	return r.streamed(ctx, j.open, 0, want, first)
}

// jsonParser reads lines into columns.
type jsonParser struct {
	mem    memory.Allocator
	data   []byte
	pos    int
	cols   []*column
	byKey  map[string]int // of the columns asked for; -1 for the others
	filled []int          // the row that each column was last set in, plus one
	reject func(from, to int, why *rowError)
}

func (j *jsonFile) parser(schema *arrow.Schema, s *textSplit, columns []string) (*jsonParser, error) {
	out, err := project(j.input, schema, columns)
	if err != nil {
		return nil, err
	}
	p := &jsonParser{mem: currentAllocator(), data: s.data, pos: s.lo, byKey: map[string]int{}, filled: make([]int, out.NumFields())}
	for _, n := range j.names {
		p.byKey[n] = -1
	}
	for i, f := range out.Fields() {
		p.cols = append(p.cols, newColumn(f.Name, f.Type))
		p.byKey[f.Name] = i
	}
	if j.options.Rejects {
		p.reject = leaveOut
	}
	return p, nil
}

func (j *jsonFile) read(ctx context.Context, schema *arrow.Schema, s *textSplit, columns []string, limit int64) batch.Stream {
	return func(yield func(arrow.Record, error) bool) {
		out, err := project(j.input, schema, columns)
		if err != nil {
			yield(nil, err)
			return
		}
		p, err := j.parser(schema, s, j.options.everyColumn(schema, columns))
		if err != nil {
			yield(nil, err)
			return
		}
		hold := s.hold.retain()
		defer hold.release()
		b := &batchReader{mem: p.mem, cols: p.cols, schema: out, input: j.input, split: s, rows: p.rows, row: p.row, pos: &p.pos}
		b.stream(ctx, limit, 200, yield)
	}
}

// rows parses at most most lines.
func (p *jsonParser) rows(ctx context.Context, most int) (row int, err error) {
	clear(p.filled)
	for start := p.pos; row < most && p.pos < len(p.data) && p.pos-start < mostBatchBytes; {
		from := p.pos
		end := bytes.IndexByte(p.data[from:], '\n')
		if end < 0 {
			end = len(p.data) - from
		}
		text := p.data[from : from+end]
		if from == 0 {
			text = bytes.TrimPrefix(text, []byte("\xef\xbb\xbf"))
		}
		next := min(from+end+1, len(p.data))
		if len(bytes.TrimSpace(text)) == 0 {
			p.pos = next
			continue
		}
		s := jsonScanner{b: text}
		err := s.object(func(key, value []byte, kind jsonKind) error { return p.member(row, key, value, kind) })
		if err != nil {
			if p.reject == nil {
				return row, lineError(from, err)
			}
			for _, col := range p.cols {
				col.rollback(row)
			}
			p.reject(from, next, lineError(from, err))
			p.pos = next
			clear(p.filled) // of the row number that the next row has
			continue
		}
		for i, col := range p.cols {
			if p.filled[i] != row+1 {
				col.setNull(p.mem, row)
			}
		}
		p.pos = next
		row++
		if row&1023 == 0 {
			if err := ctx.Err(); err != nil {
				return row, err
			}
		}
	}
	return row, nil
}

func lineError(pos int, err error) *rowError {
	if inner := (*rowError)(nil); errors.As(err, &inner) {
		inner.pos = pos
		return inner
	}
	return &rowError{pos: pos, err: fmt.Errorf("%w: %w", ErrCorrupt, err)}
}

var (
	errUnknownKey = errors.New("the samples have no such key: declare it in Types")
	errTwice      = errors.New("the key is there twice")
)

// member sets a column from a key and its value.
func (p *jsonParser) member(row int, key, value []byte, kind jsonKind) error {
	i, ok := p.byKey[string(key)]
	switch {
	case !ok:
		return &rowError{column: string(key), err: errUnknownKey}
	case i < 0:
		return nil
	case p.filled[i] == row+1:
		return &rowError{column: string(key), err: fmt.Errorf("%w: %w", ErrCorrupt, errTwice)}
	}
	p.filled[i] = row + 1
	c := p.cols[i]
	if kind == jsonNull {
		c.setNull(p.mem, row)
		return nil
	}
	fits := false
	switch c.kind {
	case kindInt, kindUint, kindFloat:
		fits = kind == jsonNumber
	case kindBool:
		fits = kind == jsonBool
	case kindDate, kindTimestamp:
		fits = kind == jsonString
	default:
		fits = true
	}
	text := value
	if kind == jsonString {
		if text, ok = unquoteJSON(value); !ok {
			return errSyntax
		}
	}
	if !fits || !c.set(p.mem, row, text) {
		return &rowError{column: c.name, err: valueError(c.typ, value)}
	}
	return nil
}

// row is the position of the n-th line with an object from from on, 0 for the first.
func (p *jsonParser) row(from, n int) int {
	for from < len(p.data) {
		end := bytes.IndexByte(p.data[from:], '\n') + 1
		if end == 0 {
			break
		}
		if len(bytes.TrimSpace(p.data[from:from+end])) > 0 {
			if n == 0 {
				break
			}
			n--
		}
		from += end
	}
	return from
}
