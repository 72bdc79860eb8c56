package parquet

import (
	"errors"
	"fmt"
	"io"
	"math"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"
)

// errPlain says that a page has values where the footer promises codes.
var errPlain = errors.New("they are stored as they are, where the footer says that all refer to the dictionary")

// Coded says whether all values of a text column of a row group refer to its dictionary, and how many bytes that takes in the file.
func (f *File) Coded(group, field int) (dictionary int64, ok bool) {
	at := &f.Fields[field]
	if at.leaf < 0 {
		return 0, false
	}
	c := &f.Groups[group].chunks[at.leaf]
	if c.about == nil || !c.about.coded || c.dictionary <= 0 || c.dictionary >= c.data || at.physical != ByteArray {
		return 0, false
	}
	return c.data - c.dictionary, true
}

// Dictionary reads the texts of a column's dictionary.
func (f *File) Dictionary(r io.ReaderAt, mem memory.Allocator, group, field int) (arrow.Array, error) {
	c, err := f.Column(r, mem, group, field, arrow.BinaryTypes.String)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	h, err := c.pages.header()
	if err != nil {
		return nil, fmt.Errorf("page 0: %w", err)
	}
	if h.kind != pageDictionary {
		return nil, errors.New("page 0: it is no dictionary, where the footer says that there is one")
	}
	body, err := c.pages.storedBody(h)
	if err != nil {
		return nil, fmt.Errorf("page 0: %w", err)
	}
	stored, err := c.pages.dictionary(h, body)
	if err != nil {
		return nil, fmt.Errorf("page 0: %w", err)
	}
	t := c.values.(*texts)
	if h.values > len(stored)/4 {
		return nil, fmt.Errorf("page 0: a dictionary of %d values in %d bytes", h.values, len(stored))
	}
	t.begin(h.values)
	if err := t.page(encodingPlain, stored); err != nil {
		return nil, fmt.Errorf("page 0: %w", err)
	}
	if err := t.readPlain(t.offsets[1:]); err != nil {
		return nil, fmt.Errorf("page 0: its values: %w", err)
	}
	if h.values == 0 {
		return array.NewSlice(emptyTexts, 0, 0), nil
	}
	return t.finish(h.values, 0, nil)
}

var emptyTexts = func() arrow.Array {
	b := array.NewStringBuilder(memory.NewGoAllocator())
	defer b.Release()
	return b.NewArray()
}()

// Recode has the column give the codes of texts, as uint32, 0 for null, in place of the texts: codes has one for each text of the dictionary.
func (c *Column) Recode(codes []uint32) {
	c.values.free()
	c.values = &codeWords{words: newWords(c.mem, arrow.PrimitiveTypes.Uint32, 4, same[uint32]), codes: codes}
}

// codeWords builds arrays of codes.
type codeWords struct {
	*words[uint32]
	codes []uint32
}

func (w *codeWords) dictionary(_ []byte, n int) error {
	if n != len(w.codes) {
		return fmt.Errorf("a dictionary of %d values, which had %d before", n, len(w.codes))
	}
	w.coding = w.codes
	return nil
}

func (w *codeWords) page(encoding int, stored []byte) error {
	if encoding != encodingPlainDictionary && encoding != encodingRLEDictionary {
		if len(stored) == 0 { // of nulls only
			encoding = encodingRLEDictionary
		} else {
			return errPlain
		}
	}
	return w.words.page(encoding, stored)
}

func (w *codeWords) step() int { return math.MaxInt }
