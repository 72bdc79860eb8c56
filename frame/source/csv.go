package source

import (
	"context"
	"fmt"
	"iter"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/rivulet-go/rivulet/frame/batch"
)

// csvFile is one CSV text: a plain file, a compressed one, or a member of a zip file.
type csvFile struct {
	input   string   // name in spans and errors
	path    string   // of a plain file
	open    openText // of a compressed text, nil for a plain file
	options *Options

	dialect *dialect
	sampler *sampler
}

// compressedHead is how much of a compressed text is looked at for its schema.
const compressedHead = 1 << 20

func (c *csvFile) name() string { return c.input }

// learn looks at samples of the text.
func (c *csvFile) learn(ctx context.Context) (*columns, error) {
	for {
		data, whole, release, err := c.text(ctx)
		if err != nil {
			return nil, err
		}
		if hasOldLines(data) { // true of no text that newLines made
			release()
			open := c.open
			if open == nil {
				open = openPlain(c.path)
			}
			c.open = newLines(open)
			continue
		}
		cols, err := c.look(data, whole)
		release()
		if err == nil && c.options.Widen {
			err = c.widen(ctx)
		}
		return cols, err
	}
}

// text is what is looked at for the schema: the whole of a plain file, the head of another text.
func (c *csvFile) text(ctx context.Context) (data []byte, whole bool, release func(), err error) {
	if c.open == nil {
		mapped, hold, err := mapText(c.path)
		if err != nil {
			return nil, false, nil, err
		}
		return mapped, true, hold.release, nil
	}
	head, ended, err := c.head(ctx)
	return head, ended, func() {}, err
}

func (c *csvFile) look(data []byte, whole bool) (cols *columns, err error) {
	defer guardFault(c.input, &err)()
	if c.dialect, err = newDialect(c.input, data, c.options); err != nil {
		return nil, err
	}
	c.sample(data, whole)
	if !c.options.Header && !c.options.NoHeader && c.dialect.firstIsData(c.sampler.guesses, c.options) {
		undeclared := *c.options
		undeclared.NoHeader = true
		if c.dialect, err = newDialect(c.input, data, &undeclared); err != nil {
			return nil, err
		}
		c.sample(data, whole)
	}
	c.dialect.first = nil // the text is unmapped
	return &columns{names: c.dialect.names, guesses: c.sampler.guesses}, nil
}

func (c *csvFile) sample(data []byte, whole bool) {
	c.dialect.trailing = c.dialect.hasTrailing(data, whole)
	c.sampler = newSampler(c.dialect)
	if c.open == nil {
		c.sampler.sample(data, c.options.SampleRows)
	} else {
		c.sampler.window(data[c.dialect.start:], 1<<30, whole)
	}
}

// head decompresses the start of the text, at least one row.
func (c *csvFile) head(ctx context.Context) (data []byte, ended bool, err error) {
	defer guardPanic(c.input, &err)()
	in, err := c.open()
	if err != nil {
		return nil, false, err
	}
	defer in.Close()
	head := make([]byte, compressedHead)
	n, err := readFull(ctx, in, head)
	if ctx.Err() != nil {
		return nil, false, ctx.Err()
	}
	if n == 0 && err != nil && !isEOF(err) {
		return nil, false, textError(c.input, err)
	}
	// A text that is cut off further on has a head all the same: reading it gives its good rows, then the error.
	return head[:n], err != nil, nil
}

func (c *csvFile) splits(ctx context.Context, schema *arrow.Schema, want int64, first bool) iter.Seq2[Split, error] {
	return c.split(ctx, want, first, schema, func(ctx context.Context, s *textSplit, columns []string, limit int64) batch.Stream {
		return c.read(ctx, schema, s, columns, limit)
	})
}

// split cuts the text into splits that are read by read; schema is that of the rows, nil where something else is read.
func (c *csvFile) split(ctx context.Context, want int64, first bool, schema *arrow.Schema, read readText) iter.Seq2[Split, error] {
	r := &textReader{input: c.input, boundary: c.dialect.rowBoundary, read: read, lines: c.options.Rejects, in: c, schema: schema}
	if c.open == nil {
		return r.mapped(ctx, c.path, c.dialect.start, want, first)
	}
	return r.streamed(ctx, c.open, c.dialect.start, want, first)
}

// compile makes the steps of a row for the columns named.
func (c *csvFile) compile(schema *arrow.Schema, columns []string) ([]step, []*column, error) {
	out, err := project(c.input, schema, columns)
	if err != nil {
		return nil, nil, err
	}
	byField := make(map[int]*column, out.NumFields())
	position := make(map[string]int, len(c.dialect.names))
	for i, name := range c.dialect.names {
		position[name] = i
	}
	cols := make([]*column, out.NumFields())
	for i, f := range out.Fields() {
		k, ok := position[f.Name]
		if !ok {
			return nil, nil, unknownColumn(c.input, f.Name, schema)
		}
		if byField[k] != nil {
			return nil, nil, fmt.Errorf("%s: column %q is asked for twice", c.input, f.Name)
		}
		cols[i] = newColumn(f.Name, f.Type)
		if c.sampler.rows > 0 {
			cols[i].perRow = float64(c.sampler.lengths[k])/float64(c.sampler.rows) + 1
		}
		byField[k] = cols[i]
	}
	var steps []step
	n := len(c.dialect.names)
	for k := 0; k < n; {
		s := step{field: k, want: c.dialect.delim}
		if col := byField[k]; col != nil {
			s.kind, s.col = col.kind, col
			k++
		} else {
			for ; k < n && byField[k] == nil; k++ {
				s.skip++
			}
		}
		steps = append(steps, s)
	}
	if c.dialect.trailing {
		steps = append(steps, step{kind: kindTrailing, field: n})
	}
	last := &steps[len(steps)-1]
	last.last, last.want = true, '\n'
	if c.dialect.crlf {
		last.crlf, last.want = true, '\r'
	}
	return steps, cols, nil
}

// parser parses a split.
func (c *csvFile) parser(s *textSplit, steps []step) *parser {
	p := &parser{
		mem: currentAllocator(), data: s.data, pos: s.lo, dialect: c.dialect, steps: steps, fields: len(c.dialect.names),
		escaped: c.dialect.quote == 0 && c.dialect.escape != 0, fill: c.options.Ragged,
	}
	if c.dialect.comment != "" {
		p.comment = c.dialect.comment[0]
	}
	if c.options.Rejects {
		p.reject = leaveOut
	}
	return p
}

// read parses a split, batch by batch.
func (c *csvFile) read(ctx context.Context, schema *arrow.Schema, s *textSplit, columns []string, limit int64) batch.Stream {
	return func(yield func(arrow.Record, error) bool) {
		out, err := project(c.input, schema, columns)
		if err != nil {
			yield(nil, err)
			return
		}
		if out.NumFields() == 0 && c.dialect.usual() {
			hold := s.hold.retain()
			defer hold.release()
			c.count(ctx, s, limit, yield)
			return
		}
		steps, cols, err := c.compile(schema, c.options.everyColumn(schema, columns))
		if err != nil {
			yield(nil, err)
			return
		}
		hold := s.hold.retain()
		defer hold.release()
		p := c.parser(s, steps)
		b := &batchReader{mem: p.mem, cols: cols, schema: out, input: c.input, split: s, rows: p.rows, row: p.row, pos: &p.pos}
		b.stream(ctx, limit, c.sampler.perRow(), yield)
	}
}
