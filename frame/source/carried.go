package source

import (
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"slices"
)

const (
	// parquetEnd is the length of a footer, and the magic.
	parquetEnd = 8
	// chunkSlack is what some old writers' column chunks are longer than they say.
	chunkSlack = 128
)

// carried is what is read of the file for row groups: the footer, and the chunks of the columns.
func (s rowGroups) carried(ctx context.Context, columns []string) (*Carried, error) {
	p := s[0].file
	f, err := p.file(ctx)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	end := make([]byte, parquetEnd)
	if _, err := f.ReadAt(end, f.Size()-parquetEnd); err != nil {
		return nil, fmt.Errorf("%s: %w", p.path, err)
	}
	footer := f.Size() - parquetEnd - int64(binary.LittleEndian.Uint32(end))
	out := &Carried{Path: p.path, Size: f.Size(), Ranges: []Range{{footer, f.Size()}}}
	for _, g := range s {
		if err := g.chunks(columns, out); err != nil {
			return nil, err
		}
	}
	return out.checked()
}

// chunks adds the chunks of the columns of a row group.
func (s *rowGroup) chunks(columns []string, out *Carried) error {
	for _, c := range s.file.meta.RowGroups[s.index].Columns {
		m := c.MetaData
		if m == nil || len(m.PathInSchema) == 0 {
			return fmt.Errorf("%s: %w: a column without a place", s.file.path, ErrCorrupt)
		}
		if columns != nil && !slices.Contains(columns, m.PathInSchema[0]) && (s.where == nil || !s.where.schema.HasField(m.PathInSchema[0])) {
			continue
		}
		start := m.DataPageOffset
		if m.DictionaryPageOffset != nil && *m.DictionaryPageOffset > 0 {
			start = min(start, *m.DictionaryPageOffset)
		}
		out.Ranges = append(out.Ranges, Range{start, start + m.TotalCompressedSize + chunkSlack})
	}
	return nil
}

// carried is what is read of the file for a batch: its start, the footer, the dictionaries, the batch.
func (s *arrowSplit) carried(ctx context.Context) (*Carried, error) {
	f, err := s.file.file(ctx)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	footer, err := readFooter(f, f.Size())
	if err == nil {
		err = checkHeader(footer, true)
	}
	if err != nil {
		return nil, s.file.corrupt(ctx, err)
	}
	dictionaries, batches := footerBlocks(footer)
	if s.index >= len(batches) {
		return nil, s.file.corrupt(ctx, io.ErrUnexpectedEOF)
	}
	length := int64(len(footer) + 4 + len(arrowMagic))
	out := &Carried{Path: s.file.path, Size: f.Size(), Ranges: []Range{{0, 512}, {f.Size() - length, f.Size()}, batches[s.index]}}
	out.Ranges = append(out.Ranges, dictionaries...)
	return out.checked()
}

// checked is the ranges cut to the file.
func (c *Carried) checked() (*Carried, error) {
	for i, r := range c.Ranges {
		if r.Start < 0 || r.Start > c.Size || r.End < r.Start {
			return nil, fmt.Errorf("%s: %w: bytes %d to %d of %d", c.Path, ErrCorrupt, r.Start, r.End, c.Size)
		}
		c.Ranges[i].End = min(r.End, c.Size)
	}
	return c, nil
}

// Pieces are the numbers of the pieces that hold the ranges, in order.
func (c *Carried) Pieces() (out []int64) {
	for _, r := range c.Ranges {
		for i := r.Start / PieceBytes; i*PieceBytes < r.End; i++ {
			out = append(out, i)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
