package exec

import (
	"context"
	"slices"
	"unsafe"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"

	"github.com/rivulet-go/rivulet/frame/batch"
	"github.com/rivulet-go/rivulet/frame/plan"
)

// joinProbe joins batches with a joinHash. Each lane has its own.
type joinProbe struct {
	env     *Env
	spec    *joinColumns
	hash    *joinHash
	encoder *keyEncoder
	groups  []uint32
	words   arrow.ArrayData // of the coded key
	byCode  []uint32        // the group of each word
	present presence
	left    []rowID // rows of the probe batch, paired with
	right   []rowID // rows of the build side

	// Where the build side comes in blocks, rows without a match are known only after the last: they are marked here,
	// not given. seen counts the rows of the blocks' pass.
	matched *bitset
	seen    int
}

func newJoinProbe(env *Env, spec *joinColumns, hash *joinHash) (*joinProbe, error) {
	encoder, err := newKeyEncoder(fieldTypes(spec.Left, spec.leftKeys))
	if err != nil {
		return nil, err
	}
	return &joinProbe{env: env, spec: spec, hash: hash, encoder: encoder}, nil
}

// probe takes rec over and gives its joined rows in batches of at most maxRows rows.
func (p *joinProbe) probe(ctx context.Context, rec arrow.Record, emit emitFunc) error {
	return eachChunk(rec, func(chunk arrow.Record) error {
		in := &probeInput{rec: chunk}
		defer in.release()
		return p.probeChunk(ctx, in, emit)
	})
}

// probeInput is a probe batch that is released before the last output made from it is given away.
type probeInput struct{ rec arrow.Record }

func (in *probeInput) release() {
	if in.rec != nil {
		in.rec.Release()
		in.rec = nil
	}
}

func (p *joinProbe) probeChunk(ctx context.Context, in *probeInput, emit emitFunc) error {
	rows := int(in.rec.NumRows())
	if err := p.find(columnsAt(in.rec, p.spec.leftKeys), rows); err != nil {
		return err
	}
	if p.spec.Kind == plan.Full {
		p.forgetNullKeys(in.rec)
	}
	p.left, p.right = p.left[:0], p.right[:0]
	if p.hash.asOf != nil {
		return p.probeAsOf(ctx, in, emit)
	}
	if p.spec.where != nil {
		return p.probeWhere(ctx, in, emit)
	}
	if p.spec.Kind.OnlyLeft() {
		return p.probeOnlyLeft(ctx, in, emit)
	}
	unmatched := p.spec.Kind != plan.Inner && p.matched == nil
	base := p.seen
	p.seen += rows
	if p.matched == nil && p.spec.Kind != plan.Full && len(p.hash.starts.vals) == 0 {
		p.pairUnique(unmatched)
		return p.flush(ctx, in, nil, true, emit)
	}
	left := newRecordGatherer(p.env.Mem, p.spec.Left, []arrow.Record{in.rec})
	for row, group := range p.groups {
		if group == noGroup {
			if unmatched {
				p.left, p.right = append(p.left, rowID(row)), append(p.right, noRow)
			}
		} else {
			if p.matched != nil {
				p.matched.set(base + row)
			}
			for matches := p.hash.matches(group); len(matches) > 0; {
				n := min(len(matches), maxRows-len(p.left))
				for _, m := range matches[:n] {
					p.left, p.right = append(p.left, rowID(row)), append(p.right, m)
				}
				matches = matches[n:]
				if len(p.left) == maxRows && (len(matches) > 0 || row+1 < rows) {
					if err := p.flush(ctx, in, left, false, emit); err != nil {
						return err
					}
				}
			}
		}
		if len(p.left) == maxRows && row+1 < rows {
			if err := p.flush(ctx, in, left, false, emit); err != nil {
				return err
			}
		}
	}
	return p.flush(ctx, in, left, true, emit)
}

// find puts the group of each row into groups. The words of a coded key are searched once for all batches.
func (p *joinProbe) find(keys []arrow.Array, rows int) error {
	p.groups = sized(p.groups, rows)
	if len(keys) > 1 || !batch.IsCoded(keys[0]) {
		b, err := p.encoder.encode(keys, rows)
		if err != nil {
			return err
		}
		p.hash.table.find(&b, p.groups)
		return nil
	}
	if words := batch.Words(keys[0]); p.words != words {
		texts := array.MakeFromData(words)
		defer texts.Release()
		b, err := p.encoder.encode([]arrow.Array{texts}, words.Len())
		if err != nil {
			return err
		}
		p.byCode = sized(p.byCode, words.Len())
		p.hash.table.find(&b, p.byCode)
		p.words = words
	}
	groups := p.groups[:rows]
	for i, code := range batch.Codes(keys[0]) {
		groups[i] = p.byCode[code]
	}
	for i := range validityOf(keys[0]).nulls(rows) {
		groups[i] = noGroup
	}
	return nil
}

// pairUnique pairs the rows of a batch where no two rows of the table have the same key.
func (p *joinProbe) pairUnique(unmatched bool) {
	p.left, p.right = sized(p.left, len(p.groups)), sized(p.right, len(p.groups))
	n, places := 0, p.hash.rows.vals
	for row, group := range p.groups {
		match := noRow
		if group < uint32(len(places)) {
			match = places[group]
		} else if !unmatched {
			continue
		}
		p.left[n], p.right[n] = rowID(row), match
		n++
	}
	p.left, p.right = p.left[:n], p.right[:n]
}

// forgetNullKeys takes rows with a null among their keys for unmatched ones: the table of a full join has those of its side.
func (p *joinProbe) forgetNullKeys(rec arrow.Record) {
	rows := len(p.groups)
	for row := range p.present.of(columnsAt(rec, p.spec.leftKeys), rows).nulls(rows) {
		p.groups[row] = noGroup
	}
}

// probeOnlyLeft is probeChunk for semi and anti joins.
func (p *joinProbe) probeOnlyLeft(ctx context.Context, in *probeInput, emit emitFunc) error {
	base := p.seen
	p.seen += len(p.groups)
	for row, group := range p.groups {
		found := group != noGroup
		switch {
		case p.matched == nil && found == (p.spec.Kind == plan.Semi):
			p.left, p.right = append(p.left, rowID(row)), append(p.right, noRow)
		case p.matched != nil && found:
			p.matched.set(base + row)
		}
	}
	return p.flush(ctx, in, nil, true, emit)
}

// flush gives the pairs found so far; last says that the probe batch has no more. left is nil where no row stands in two pairs: the pairs
// then have no more text than the batch.
func (p *joinProbe) flush(ctx context.Context, in *probeInput, left *gatherer, last bool, emit emitFunc) error {
	pairs, matches := p.left, p.right
	if err := p.hash.payload.note(ctx, p.env, len(matches)); err != nil {
		return err
	}
	for len(pairs) > 0 {
		if err := ctx.Err(); err != nil {
			return err
		}
		n := p.hash.payload.fit(matches)
		if left != nil {
			n = min(n, left.fit(pairs))
		}
		out, err := p.output(in.rec, left, pairs[:n], matches[:n])
		if err != nil {
			return err
		}
		pairs, matches = pairs[n:], matches[n:]
		if last && len(pairs) == 0 {
			in.release()
		}
		if err := emit(out); err != nil {
			return err
		}
	}
	p.left, p.right = p.left[:0], p.right[:0]
	return nil
}

func (p *joinProbe) output(rec arrow.Record, left *gatherer, pairs, matches []rowID) (arrow.Record, error) {
	columns, err := p.leftColumns(rec, left, pairs)
	if err != nil {
		return nil, err
	}
	if p.spec.Kind.OnlyLeft() {
		return newRecord(p.spec.Output, columns, len(pairs)), nil
	}
	return beside(p.spec.Output, columns, p.hash.payload, matches)
}

// leftColumns are the columns of the probe batch in the rows of pairs.
func (p *joinProbe) leftColumns(rec arrow.Record, left *gatherer, pairs []rowID) ([]arrow.Array, error) {
	if left != nil && !whole(pairs, int(rec.NumRows())) {
		return left.take(pairs)
	}
	if len(pairs) == int(rec.NumRows()) {
		rec.Retain()
	} else {
		var err error
		if rec, err = batch.Take(p.env.Mem, rec, asIndices(pairs)); err != nil {
			return nil, err
		}
	}
	defer rec.Release()
	columns := slices.Clone(rec.Columns())
	for _, c := range columns {
		c.Retain()
	}
	return columns, nil
}

// asIndices is the rows of one batch as indices.
func asIndices(ids []rowID) []int32 {
	return unsafe.Slice((*int32)(unsafe.Pointer(unsafe.SliceData(ids))), len(ids))
}

// beside takes columns over and puts those of the rows of g that ids name beside them.
func beside(schema *arrow.Schema, columns []arrow.Array, g *gatherer, ids []rowID) (arrow.Record, error) {
	done := false
	defer func() {
		if !done { // an error, or a panic of the allocator
			releaseArrays(columns)
		}
	}()
	more, err := g.take(ids)
	if err != nil {
		return nil, err
	}
	done = true
	return newRecord(schema, append(columns, more...), len(ids)), nil
}

// whole says whether ids are all rows of one batch in order.
func whole(ids []rowID, rows int) bool {
	if len(ids) != rows {
		return false
	}
	for i, id := range ids {
		if id != rowID(i) {
			return false
		}
	}
	return true
}

// bitset is a growing set of row numbers.
type bitset struct{ words []uint64 }

func (b *bitset) set(i int) {
	for i/64 >= len(b.words) {
		b.words = append(b.words, 0)
	}
	b.words[i/64] |= 1 << (i % 64)
}

func (b *bitset) has(i int) bool {
	return i/64 < len(b.words) && b.words[i/64]>>(i%64)&1 == 1
}
