package exec

import (
	"context"
	"iter"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/rivulet-go/rivulet/frame/memory"
)

// sortedRows is whole partitions in the order of their windows. part marks the first row of each partition, peer the
// first row of each stretch of equal order keys. The columns that functions read come page by page, as often as somebody
// opens them.
type sortedRows struct {
	rows       int
	part, peer bitmap
	blockRows  int
	pages      pageOpener
}

// pageOpener opens the pages from the first on. next gives a page that the receiver owns.
type pageOpener func() (next func() (arrow.Record, error, bool), stop func())

// heldPages are pages in memory, each of chunkRows rows but for the last. They outlive what reads them.
func heldPages(pages []arrow.Record) pageOpener {
	return func() (next func() (arrow.Record, error, bool), stop func()) {
		at := 0
		return func() (arrow.Record, error, bool) {
			if at == len(pages) {
				return nil, nil, false
			}
			rec := pages[at]
			rec.Retain()
			at++
			return rec, nil, true
		}, func() {}
	}
}

// runPages are pages of a file.
func runPages(ctx context.Context, env *Env, run *memory.Run) pageOpener {
	return func() (next func() (arrow.Record, error, bool), stop func()) {
		return iter.Pull2(run.Read(ctx, env.Mem))
	}
}

// segments are the partitions that have rows in [from, to). start and end are those of the last one before, and are
// moved on.
func (r *sortedRows) segments(from, to int, start, end *int, out []windowSegment) []windowSegment {
	for row := from; row < to; {
		if row >= *end {
			*start, *end = row, r.part.next(row+1, r.rows)
		}
		last := min(*end, to)
		out = append(out, windowSegment{*start, *end, row, last})
		row = last
	}
	return out
}

// pageError carries an error of reading pages out of the loops over values; evaluator.block catches it.
type pageError struct{ err error }

// windowCursor walks over the pages, forwards only. At row, its page holds the rows [base, end).
type windowCursor struct {
	pages     pageOpener
	next      func() (arrow.Record, error, bool)
	stop      func()
	rec       arrow.Record
	base, end int
}

func newWindowCursor(rows *sortedRows) windowCursor { return windowCursor{pages: rows.pages} }

// seek gives the page that holds row. The cursor keeps it.
func (c *windowCursor) seek(row int) arrow.Record {
	if c.next == nil {
		c.next, c.stop = c.pages()
	}
	for row >= c.end {
		if c.rec != nil {
			c.rec.Release()
			c.rec = nil
		}
		rec, err, ok := c.next()
		if err != nil {
			panic(pageError{err})
		}
		if !ok {
			panic(pageError{errPagesEnd})
		}
		c.rec = rec
		c.base, c.end = c.end, c.end+int(rec.NumRows())
	}
	return c.rec
}

func (c *windowCursor) close() {
	if c.rec != nil {
		c.rec.Release()
		c.rec = nil
	}
	if c.stop != nil {
		c.stop()
	}
}

// wordCursor reads a column of 8-byte values.
type wordCursor struct {
	windowCursor
	column int
	words  []uint64
	valid  validity
}

func newWordCursor(rows *sortedRows, column int) wordCursor {
	return wordCursor{windowCursor: newWindowCursor(rows), column: column}
}

func (c *wordCursor) at(row int) (word uint64, null bool) {
	if row >= c.end {
		c.load(row)
	}
	i := row - c.base
	return c.words[i], c.valid.null(i)
}

func (c *wordCursor) load(row int) {
	arr := c.seek(row).Column(c.column)
	c.words, c.valid = rawWords(arr), validityOf(arr)
}

// nullCursor reads which values of a column are null.
type nullCursor struct {
	windowCursor
	column int
	valid  validity
}

func newNullCursor(rows *sortedRows, column int) nullCursor {
	return nullCursor{windowCursor: newWindowCursor(rows), column: column}
}

func (c *nullCursor) null(row int) bool {
	if row >= c.end {
		c.valid = validityOf(c.seek(row).Column(c.column))
	}
	return c.valid.null(row - c.base)
}
