package exec

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/rivulet-go/rivulet/frame/batch"
	"github.com/rivulet-go/rivulet/frame/memory"
	"github.com/rivulet-go/rivulet/frame/plan"
	"github.com/rivulet-go/rivulet/tests/sample"
)

// joinOn is a self-join of testSchema on columns.
func joinOn(columns []int, kind plan.JoinKind) JoinSpec {
	s := JoinSpec{Left: testSchema, Right: testSchema, Kind: kind}
	used := map[int]bool{}
	for _, c := range columns {
		s.LeftKeys = append(s.LeftKeys, testSchema.Field(c).Name)
		used[c] = true
	}
	s.RightKeys = s.LeftKeys
	fields := testSchema.Fields()
	if kind.OnlyLeft() {
		s.Output = testSchema
		return s
	}
	for c, f := range testSchema.Fields() {
		if !used[c] {
			f.Name += "_right"
			fields = append(fields, f)
		}
	}
	s.Output = arrow.NewSchema(fields, nil)
	return s
}

func naiveJoin(left, right []row, columns []int, kind plan.JoinKind) (out []row) {
	null := func(r row) bool {
		for _, c := range columns {
			if r[c] == nil {
				return true
			}
		}
		return false
	}
	used := map[int]bool{}
	for _, c := range columns {
		used[c] = true
	}
	var payload []int
	for c := range testSchema.NumFields() {
		if !used[c] {
			payload = append(payload, c)
		}
	}
	index := map[string][]row{}
	var order []string
	for _, r := range right {
		k := r.at(columns...).text()
		if index[k] == nil {
			order = append(order, k)
		}
		index[k] = append(index[k], r)
	}
	matched := map[string]bool{}
	for _, l := range left {
		var matches []row
		if k := l.at(columns...).text(); !null(l) {
			matches, matched[k] = index[k], true
		}
		switch {
		case kind == plan.Semi && len(matches) > 0, kind == plan.Anti && len(matches) == 0:
			out = append(out, l)
		case kind.OnlyLeft():
		case len(matches) == 0 && kind != plan.Inner:
			out = append(out, append(append(row{}, l...), make(row, len(payload))...))
		default:
			for _, m := range matches {
				out = append(out, append(append(row{}, l...), m.at(payload...)...))
			}
		}
	}
	for _, k := range order {
		if kind != plan.Full || matched[k] {
			continue
		}
		for _, r := range index[k] {
			lone := make(row, testSchema.NumFields())
			for _, c := range columns {
				lone[c] = r[c]
			}
			out = append(out, append(lone, r.at(payload...)...))
		}
	}
	return out
}

var joinKinds = []plan.JoinKind{plan.Inner, plan.Left, plan.Full, plan.Semi, plan.Anti}

func join(t *testing.T, env *Env, spec JoinSpec, left, right []arrow.Record) (out []row, resident bool) {
	t.Helper()
	ctx := context.Background()
	table, err := BuildJoin(ctx, env, spec, batch.FromRecords(right...))
	if err != nil {
		t.Fatal(err)
	}
	defer table.Close()
	probe := func(_ context.Context, in batch.Stream) batch.Stream { return table.Spilled(ctx, in) }
	if table.Resident() {
		probe = table.Probe()
	}
	out = run(t, probe, left)
	if table.Resident() && spec.Kind == plan.Full {
		out = append(out, run(t, func(context.Context, batch.Stream) batch.Stream { return table.Unmatched(ctx) }, nil)...)
	}
	return out, table.Resident()
}

func TestJoin(t *testing.T) {
	number := 0
	type sides struct{ left, right shape }
	cases := []sides{
		{shape{rows: 0, distinct: 5, batch: 10, seed: 1}, shape{rows: 100, distinct: 5, batch: 10, seed: 2}},
		{shape{rows: 300, distinct: 5, nulls: 0.2, batch: 100, seed: 1}, shape{rows: 0, distinct: 5, batch: 10, seed: 2}},
		{shape{rows: 1, distinct: 1, batch: 10, seed: 1}, shape{rows: 1, distinct: 1, batch: 10, seed: 2}},
		{shape{rows: 400, distinct: 9000, nulls: 0.1, batch: 90, seed: 1}, shape{rows: 2500, distinct: 9000, nulls: 0.1, batch: 500, seed: 2}},
		{shape{rows: 60, distinct: 4000, nulls: 0.1, batch: 30, skew: true, seed: 1}, shape{rows: 1500, distinct: 4000, nulls: 0.1, batch: 500, skew: true, seed: 2}},
	}
	for _, how := range strategies {
		for _, kind := range joinKinds {
			for _, columns := range [][]int{{1}, {3}, {2}, {1, 3}, {3, 5, 7}} {
				for _, c := range cases {
					if !sampled(&number) {
						continue
					}
					t.Run(fmt.Sprint(how.name, kind, columns, c.left.rows, "x", c.right.rows), func(t *testing.T) {
						env := testEnv(t, how.budget)
						left, l := randomFrame(env, c.left)
						right, r := randomFrame(env, c.right)
						before := memory.SpilledBytes()
						got, resident := join(t, env, joinOn(columns, kind), left, right)
						want := naiveJoin(l, r, columns, kind)
						if c.right.rows > 1000 {
							checkSpilled(t, before, how.budget)
						}
						if !resident {
							sortTexts(got)
							sortTexts(want)
						}
						equalRows(t, got, want)
					})
				}
			}
		}
	}
}

// TestJoinGiantKey joins where all build rows have one key: parting them by hash is of no use.
func TestJoinGiantKey(t *testing.T) {
	for i, kind := range joinKinds {
		if !sample.Today(i, 3) {
			continue
		}
		env := testEnv(t, scarce)
		left, l := randomFrame(env, shape{rows: 50, distinct: 3, nulls: 0.1, batch: 50, seed: 1})
		right, r := randomFrame(env, shape{rows: 1000, distinct: 1, batch: 400, seed: 2})
		got, resident := join(t, env, joinOn([]int{4}, kind), left, right)
		if resident {
			t.Fatal("1000 rows fit 64 KiB")
		}
		want := naiveJoin(l, r, []int{4}, kind)
		if !kind.OnlyLeft() && len(want) < 20*len(r) {
			t.Fatalf("%d rows are no many-to-many join", len(want))
		}
		sortTexts(got)
		sortTexts(want)
		equalRows(t, got, want)
	}
}

func TestProbeServesLanes(t *testing.T) {
	env := testEnv(t, plenty)
	right, r := randomFrame(env, shape{rows: 3000, distinct: 2000, nulls: 0.1, batch: 500, seed: 2})
	spec := joinOn([]int{1, 3}, plan.Left)
	table, err := BuildJoin(context.Background(), env, spec, batch.FromRecords(right...))
	if err != nil {
		t.Fatal(err)
	}
	defer table.Close()
	var lanes sync.WaitGroup
	for lane := range 4 {
		left, l := randomFrame(env, shape{rows: 2000, distinct: 2000, nulls: 0.1, batch: 300, seed: uint64(lane)})
		lanes.Go(func() {
			out, err := batch.Collect(table.Probe()(context.Background(), batch.FromRecords(left...)))
			if err != nil {
				t.Error(err)
				return
			}
			got, want := rowsOf(out), naiveJoin(l, r, []int{1, 3}, plan.Left)
			for i := range want {
				if got[i].text() != want[i].text() {
					t.Errorf("lane %d row %d: got %s want %s", lane, i, got[i].text(), want[i].text())
					return
				}
			}
		})
	}
	lanes.Wait()
}

func TestJoinSpecErrors(t *testing.T) {
	env := testEnv(t, plenty)
	good := joinOn([]int{1}, plan.Inner)
	for name, change := range map[string]func(*JoinSpec){
		"no keys":     func(s *JoinSpec) { s.LeftKeys, s.RightKeys = nil, nil },
		"unknown":     func(s *JoinSpec) { s.LeftKeys = []string{"nothing"} },
		"other types": func(s *JoinSpec) { s.LeftKeys = []string{"s"} },
		"output":      func(s *JoinSpec) { s.Output = testSchema },
	} {
		spec := good
		change(&spec)
		if _, err := BuildJoin(context.Background(), env, spec, batch.FromRecords()); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// TestSpilledAsOf parts both sides by the keys; one key of which the rows don't fit in memory is an error that says the way out.
func TestSpilledAsOf(t *testing.T) {
	env := testEnv(t, scarce)
	name := testSchema.Field(1).Name
	spec := joinAsOfOn(3, name)
	left, _ := randomFrame(env, shape{rows: 300, distinct: 900, nulls: 0.1, batch: 90, seed: 1})
	right, r := randomFrame(env, shape{rows: 4000, distinct: 900, nulls: 0.1, batch: 500, seed: 2})
	got, resident := join(t, env, spec, left, right)
	if resident || len(got) != 300 {
		t.Fatalf("%d rows of 300, resident %v", len(got), resident)
	}
	for _, g := range got {
		at, best := g[1], row(nil)
		for _, o := range r {
			if g[3] != nil && at != nil && o[1] != nil && o[3] == g[3] && o[1].(int64) <= at.(int64) && (best == nil || o[1].(int64) >= best[1].(int64)) {
				best = o
			}
		}
		if want := best; want == nil && g[testSchema.NumFields()] != nil || want != nil && g[testSchema.NumFields()] != want[0] {
			t.Fatalf("got %s, want %v beside it", g.text(), want)
		}
	}
	left, _ = randomFrame(env, shape{rows: 50, distinct: 3, nulls: 0.1, batch: 50, seed: 1})
	same, _ := randomFrame(env, shape{rows: 2000, distinct: 1, batch: 700, seed: 2})
	table, err := BuildJoin(context.Background(), env, joinAsOfOn(4, name), batch.FromRecords(same...))
	if err != nil {
		t.Fatal(err)
	}
	defer table.Close()
	_, err = batch.Collect(table.Spilled(context.Background(), batch.FromRecords(left...)))
	if !errors.Is(err, memory.ErrBudget) || !strings.Contains(err.Error(), "RIVULET_MEMORY") {
		t.Fatalf("got %v", err)
	}
}

func joinAsOfOn(column int, on string) JoinSpec {
	spec := joinOn([]int{column}, plan.Left)
	spec.AsOf = &plan.AsOf{Left: on, Right: on}
	return spec
}
