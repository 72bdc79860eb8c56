package exec

import (
	"context"
	"iter"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/rivulet-go/rivulet/frame/memory"
)

// mergeWindow is how many rows of a source have their keys ready.
const mergeWindow = 512

// mergeCursor walks over one sorted source of a merge: a batch that is held, or a run.
type mergeCursor struct {
	env  *Env
	spec *sortSpec
	next func() (arrow.Record, error, bool) // the next batch, owned by the receiver
	stop func()

	rec    arrow.Record // nil at the end
	keys   *sortKeys
	row    int
	rows   int
	loaded int    // end of the keys' window
	prefix uint64 // of row
	chunk  int    // number of rec in the output being gathered, -1 if not in it
}

func batchCursor(env *Env, spec *sortSpec, rec arrow.Record) *mergeCursor {
	given := false
	return &mergeCursor{
		env: env, spec: spec,
		next: func() (arrow.Record, error, bool) {
			if given {
				return nil, nil, false
			}
			given = true
			return rec, nil, true
		},
		stop: func() {
			if !given {
				rec.Release()
			}
			given = true
		},
	}
}

func runCursor(ctx context.Context, env *Env, spec *sortSpec, run *memory.Run) *mergeCursor {
	next, stop := iter.Pull2(run.Read(ctx, env.Mem))
	return &mergeCursor{env: env, spec: spec, next: next, stop: stop}
}

// load takes the source's next batch that has rows; rec is nil where there is none. The caller has taken the batch
// before.
func (c *mergeCursor) load() error {
	if c.keys != nil {
		c.keys.release()
		c.keys = nil
	}
	c.rec, c.row, c.rows, c.loaded, c.chunk = nil, 0, 0, 0, -1
	for c.rows == 0 {
		rec, err, ok := c.next()
		if err != nil || !ok {
			return err
		}
		if rec.NumRows() == 0 {
			rec.Release()
			continue
		}
		c.rec, c.rows = rec, int(rec.NumRows())
	}
	keys, err := c.spec.keysOf(c.env, c.rec)
	if err != nil {
		return err
	}
	c.keys = keys
	c.window()
	return nil
}

func (c *mergeCursor) window() {
	c.loaded = min(c.row+mergeWindow, c.rows)
	c.keys.window(c.row, c.loaded)
	c.prefix = c.keys.prefix[0]
}

// advance goes to the next row of the batch; false at its end.
func (c *mergeCursor) advance() bool {
	c.row++
	switch c.row {
	case c.rows:
		return false
	case c.loaded:
		c.window()
	default:
		c.prefix = c.keys.prefix[c.row-c.keys.from]
	}
	return true
}

func (c *mergeCursor) close() {
	if c.keys != nil {
		c.keys.release()
		c.keys = nil
	}
	if c.rec != nil {
		c.rec.Release()
		c.rec = nil
	}
	c.stop()
}
