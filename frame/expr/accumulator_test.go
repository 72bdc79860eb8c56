package expr

import (
	"strings"
	"testing"
)

func TestAccumulatorMisuse(t *testing.T) {
	mem := checked(t)
	rec := fewRows(mem)
	defer rec.Release()
	for _, f := range AggFuncs() {
		var x Expr = Column{"i"}
		if f == Any || f == All {
			x = Binary{Greater, x, Literal{int64(0)}}
		}
		args := argsOf(f)
		if f == Corr || f == Cov {
			args = []Expr{x}
		}
		b, err := BindAgg(f, x, rec.Schema(), args...)
		if err != nil {
			t.Fatal(err)
		}
		acc := b.New(mem)
		if err := acc.Update(t.Context(), rec, []uint32{0}, 1); err == nil {
			t.Errorf("%s: a short group vector was taken", f)
		}
		if err := acc.Merge(t.Context(), nil, nil, 1); err == nil {
			t.Errorf("%s: a state without columns was taken", f)
		}
		acc.Release()
	}
}

// TestTextCells replaces texts until compaction runs.
func TestTextCells(t *testing.T) {
	mem := checked(t)
	cells := newTextCells(mem)
	defer cells.release()
	cells.refs.grow(3)
	for i := range 5000 {
		for g := range uint32(3) {
			cells.set(g, []byte(strings.Repeat(string(rune('a'+g)), i)))
		}
	}
	for g := range 3 {
		if want := strings.Repeat(string(rune('a'+g)), 4999); string(cells.get(g)) != want {
			t.Errorf("text %d is wrong", g)
		}
	}
	if cells.bytes() > 8<<20 {
		t.Errorf("%d bytes for three texts of 5 KB", cells.bytes())
	}
}
