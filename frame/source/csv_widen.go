package source

import (
	"context"
	"runtime"
	"slices"
	"sync"

	"github.com/apache/arrow/go/v17/arrow"
	"golang.org/x/sync/errgroup"
)

// widen reads the whole text with the types that the samples gave and adds to the guesses what does not fit them. What is
// wrong with rows is an error already now, unless such rows are filled or left out.
func (c *csvFile) widen(ctx context.Context) error {
	guesses := slices.Clone(c.sampler.guesses)
	fields := make([]arrow.Field, 0, len(guesses))
	for i, name := range c.dialect.names {
		if _, declared := c.options.Types[name]; declared || guesses[i] != 0 && guesses[i].dataType().ID() == arrow.STRING {
			continue
		}
		fields = append(fields, arrow.Field{Name: name, Type: guesses[i].dataType(), Nullable: true})
	}
	if len(fields) == 0 {
		return nil
	}
	schema := arrow.NewSchema(fields, nil)
	lanes, ctx := errgroup.WithContext(ctx)
	splits := make(chan *textSplit)
	var mu sync.Mutex
	for range runtime.GOMAXPROCS(0) {
		lanes.Go(func() error {
			own := slices.Clone(guesses)
			for s := range splits {
				err := c.widenSplit(ctx, s, schema, own)
				s.Close()
				if err != nil {
					return err
				}
			}
			mu.Lock()
			defer mu.Unlock()
			for i := range own {
				c.sampler.guesses[i] |= own[i]
			}
			return nil
		})
	}
	lanes.Go(func() error {
		defer close(splits)
		for split, err := range c.split(ctx, defaultSplit, false, nil, nil) {
			if err != nil {
				return err
			}
			select {
			case splits <- split.(*textSplit):
			case <-ctx.Done():
				split.Close()
				return ctx.Err()
			}
		}
		return nil
	})
	return lanes.Wait()
}

// widenSplit adds to guesses what a split's columns are beyond them.
func (c *csvFile) widenSplit(ctx context.Context, s *textSplit, schema *arrow.Schema, guesses []guess) error {
	steps, cols, err := c.compile(schema, nil)
	if err != nil {
		return err
	}
	for k := range steps {
		if col := steps[k].col; col != nil && guesses[steps[k].field] == 0 {
			steps[k].kind, col.kind = kindLook, kindLook
		}
	}
	p := c.parser(s, steps)
	p.widen = func(s *step, f field) { guesses[s.field] = guesses[s.field].look(f, c.dialect.nulls) }
	r := &rejectReader{batchReader: batchReader{mem: p.mem, cols: cols, input: c.input, split: s, rows: p.rows, pos: &p.pos}}
	for p.pos < len(p.data) {
		if err := r.skim(ctx, batchSize(len(p.data)-p.pos, c.sampler.perRow())); err != nil {
			return r.locate(err)
		}
	}
	return nil
}
