package exec

import (
	"context"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/rivulet-go/rivulet/frame/batch"
)

// mergeCheckRows is how often a merge looks whether it was cancelled.
const mergeCheckRows = 1 << 14

// merge gives the rows of sorted sources in order, equal rows by the order of the sources. It is a tournament: losers
// holds, for each inner node, the source that lost there; the winner's replay costs one comparison a level.
type merge struct {
	env     *Env
	spec    *sortSpec
	cursors []*mergeCursor
	losers  []int
	winner  int

	chunks    []arrow.Record // batches that the output being built refers to; owned once their cursor has left them
	left      []bool         // cursor has left the chunk: it is owned by merge
	leftBytes int64
	ids       []rowID
}

func newMerge(env *Env, spec *sortSpec, cursors []*mergeCursor) *merge {
	return &merge{env: env, spec: spec, cursors: cursors, losers: make([]int, len(cursors))}
}

func (m *merge) close() {
	for _, c := range m.cursors {
		c.close()
	}
	m.dropChunks()
}

// run gives everything, in batches of about batchBytes.
func (m *merge) run(ctx context.Context, batchBytes int64, emit emitFunc) error {
	for _, c := range m.cursors {
		c.chunk = -1
		if err := c.load(); err != nil {
			return err
		}
	}
	if len(m.cursors) == 0 {
		return ctx.Err()
	}
	m.winner = m.play(1)
	limit := m.rowsPer(batchBytes)
	for {
		c := m.cursors[m.winner]
		if c.rec == nil {
			return m.flush(emit)
		}
		if c.chunk < 0 {
			c.chunk = len(m.chunks)
			m.chunks = append(m.chunks, c.rec)
			m.left = append(m.left, false)
		}
		m.ids = append(m.ids, rowAt(c.chunk, c.row))
		if len(m.ids)%mergeCheckRows == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		if !c.advance() {
			if err := m.leave(c); err != nil {
				return err
			}
		}
		m.replay()
		if len(m.ids) >= limit || m.leftBytes > 2*batchBytes || len(m.chunks) >= maxChunks-1 {
			if err := m.flush(emit); err != nil {
				return err
			}
			limit = m.rowsPer(batchBytes)
		}
	}
}

// rowsPer is how many rows of the size that sources have now make batchBytes.
func (m *merge) rowsPer(batchBytes int64) int {
	rows, bytes := int64(0), int64(0)
	for _, c := range m.cursors {
		if c.rec != nil {
			rows += c.rec.NumRows()
			bytes += batch.Bytes(c.rec)
		}
	}
	if bytes == 0 {
		return maxRows
	}
	return int(min(maxRows, max(16, batchBytes*rows/bytes)))
}

// leave moves a cursor past its batch, which the output may still refer to.
func (m *merge) leave(c *mergeCursor) error {
	m.left[c.chunk] = true
	m.leftBytes += batch.Bytes(c.rec)
	c.rec = nil
	return c.load()
}

// less says whether source a comes before source b.
func (m *merge) less(a, b int) bool {
	c, d := m.cursors[a], m.cursors[b]
	switch {
	case c.rec == nil:
		return false
	case d.rec == nil:
		return true
	case c.prefix != d.prefix:
		return c.prefix < d.prefix
	}
	if cmp := c.keys.compareTie(c.row, d.keys, d.row); cmp != 0 {
		return cmp < 0
	}
	return a < b
}

// play fills the tree below node and gives its winner. Source i sits at leaf len(cursors)+i.
func (m *merge) play(node int) int {
	n := len(m.cursors)
	if node >= n {
		return node - n
	}
	a, b := m.play(2*node), m.play(2*node+1)
	if m.less(b, a) {
		a, b = b, a
	}
	m.losers[node] = b
	return a
}

// replay finds the new winner after the old one's source went on.
func (m *merge) replay() {
	w := m.winner
	for node := (w + len(m.cursors)) / 2; node >= 1; node /= 2 {
		if m.less(m.losers[node], w) {
			m.losers[node], w = w, m.losers[node]
		}
	}
	m.winner = w
}

// flush gathers and gives the rows picked so far.
func (m *merge) flush(emit emitFunc) error {
	if len(m.ids) == 0 {
		return nil
	}
	records, err := m.gather()
	if err != nil {
		releaseRecords(records)
		return err
	}
	m.dropChunks()
	for i, rec := range records {
		if err := emit(rec); err != nil {
			releaseRecords(records[i+1:])
			return err
		}
	}
	return nil
}

func (m *merge) gather() (records []arrow.Record, err error) {
	g := newRecordGatherer(m.env.Mem, m.spec.schema, m.chunks)
	err = takeRows(g, m.spec.schema, m.ids, func(rec arrow.Record) error {
		records = append(records, rec)
		return nil
	})
	return records, err
}

// dropChunks forgets the output's batches and frees those that no cursor is on.
func (m *merge) dropChunks() {
	for i, rec := range m.chunks {
		if m.left[i] {
			rec.Release()
		}
	}
	for _, c := range m.cursors {
		c.chunk = -1
	}
	m.chunks, m.left, m.ids, m.leftBytes = m.chunks[:0], m.left[:0], m.ids[:0], 0
}
