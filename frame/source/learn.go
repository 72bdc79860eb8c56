package source

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/rivulet-go/rivulet/frame/batch"
)

// input is one file, or one member of an archive, of a format.
type input interface {
	name() string
	// learn reads as little as is needed to know the columns.
	learn(ctx context.Context) (*columns, error)
	// splits yields the splits of the input, read as schema says; first says that its first batch is the source's first.
	splits(ctx context.Context, schema *arrow.Schema, want int64, first bool) iter.Seq2[Split, error]
}

// columns is what an input knows of its columns: types that it has, or guesses from text.
type columns struct {
	names   []string
	types   []arrow.DataType // canonical; of a guessed column nil
	guesses []guess          // where the columns are guessed
	loose   bool             // the types are guessed too: a declared type says how to read the text
}

func (c *columns) clone() *columns {
	return &columns{names: c.names, types: slices.Clone(c.types), guesses: slices.Clone(c.guesses), loose: c.loose}
}

// merge adds what another input knows, column by column as they are called; an error says how the inputs differ. With
// union an input may lack columns of another.
func (c *columns) merge(first, other string, o *columns, union bool) error {
	if !union && !sameNames(c.names, o.names) {
		return fmt.Errorf("%s: %w: %s (read with UnionColumns to fill what a file lacks with nulls)", other, ErrSchema, namesDiffer(first, c.names, o.names))
	}
	for k, name := range o.names {
		i := slices.Index(c.names, name)
		switch {
		case i < 0:
			c.names = append(slices.Clip(c.names), name)
			if c.guesses != nil {
				c.guesses = append(c.guesses, o.guesses[k])
			} else {
				c.types = append(c.types, o.types[k])
			}
		case c.guesses != nil:
			c.guesses[i] |= o.guesses[k]
		default:
			t, ok := unify(c.types[i], o.types[k])
			if !ok {
				return fmt.Errorf("%s: %w: column %q is %s, but in %s it is %s", other, ErrSchema, name, o.types[k], first, c.types[i])
			}
			c.types[i] = t
		}
	}
	return nil
}

func sameNames(a, b []string) bool {
	a, b = slices.Clone(a), slices.Clone(b)
	slices.Sort(a)
	slices.Sort(b)
	return slices.Equal(a, b)
}

// unify is the type that holds values of both.
func unify(a, b arrow.DataType) (arrow.DataType, bool) {
	switch {
	case arrow.TypeEqual(a, b):
		return a, true
	case a.ID() == arrow.NULL:
		return b, true
	case b.ID() == arrow.NULL:
		return a, true
	case a.ID() == arrow.INT64 && b.ID() == arrow.FLOAT64, a.ID() == arrow.FLOAT64 && b.ID() == arrow.INT64:
		return arrow.PrimitiveTypes.Float64, true
	}
	return nil, false
}

func namesDiffer(first string, want, got []string) string {
	var missing, extra []string
	for _, n := range want {
		if !slices.Contains(got, n) {
			missing = append(missing, n)
		}
	}
	for _, n := range got {
		if !slices.Contains(want, n) {
			extra = append(extra, n)
		}
	}
	switch {
	case len(missing) > 0 && len(extra) > 0:
		return fmt.Sprintf("it lacks %s and has %s beside the columns of %s", columnList(missing), columnList(extra), first)
	case len(missing) > 0:
		return fmt.Sprintf("it lacks %s, which %s has", columnList(missing), first)
	case len(extra) > 0:
		return fmt.Sprintf("it has %s, which %s has not", columnList(extra), first)
	}
	return fmt.Sprintf("a name is not there as often as in %s", first)
}

// schema is what the columns are read as: declared types first.
func (c *columns) schema(name string, o *Options) (*arrow.Schema, error) {
	fields := make([]arrow.Field, len(c.names))
	for i, n := range c.names {
		var t arrow.DataType
		if c.guesses != nil {
			t = c.guesses[i].dataType()
		} else {
			t = c.types[i]
		}
		if declared, ok := o.Types[n]; ok {
			want, _ := batch.Canonical(declared)
			if c.guesses == nil && !c.loose && !arrow.TypeEqual(t, want) && t.ID() != arrow.NULL {
				if _, ok := unify(t, want); !ok || want.ID() == arrow.INT64 {
					return nil, fmt.Errorf("%s: column %q is %s in the file: Types can't make it %s", name, n, t, want)
				}
			}
			t = want
		}
		if t.ID() == arrow.NULL {
			t = arrow.BinaryTypes.String
		}
		fields[i] = arrow.Field{Name: n, Type: t, Nullable: true}
	}
	return arrow.NewSchema(fields, nil), nil
}

func isEOF(err error) bool { return errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) }
