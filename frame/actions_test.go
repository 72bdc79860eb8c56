package frame_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"time"

	. "github.com/rivulet-go/rivulet/frame"
	"github.com/rivulet-go/rivulet/frame/memory"
)

func TestAccessors(t *testing.T) {
	when := time.Date(2013, 1, 1, 5, 0, 0, 123456789, time.UTC)
	df := New([]map[string]any{
		{"i": 1, "u": uint(7), "f": 0.5, "s": "x", "b": true, "t": when, "d": time.Minute, "y": []byte("ab"), "l": []int{1, 2}},
		{"i": -2},
	})
	check := func(name string, got any, err error, want any) {
		t.Helper()
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %#v %v, want %#v", name, got, err, want)
		}
	}
	floats, err := df.Floats("f")
	if err != nil || len(floats) != 2 || floats[0] != 0.5 || !math.IsNaN(floats[1]) {
		t.Errorf("Floats: %v %v", floats, err)
	}
	ints, err := df.Ints("i")
	check("Ints", ints, err, []int64{1, -2})
	ints, err = df.Ints("u")
	check("Ints of uint", ints, err, []int64{7, 0})
	strs, err := df.Strings("s")
	check("Strings", strs, err, []string{"x", ""})
	strs, err = df.Strings("i")
	check("Strings of int", strs, err, []string{"1", "-2"})
	bools, err := df.Bools("b")
	check("Bools", bools, err, []bool{true, false})
	times, err := df.Times("t")
	check("Times", times, err, []time.Time{when, {}})
	durations, err := df.Durations("d")
	check("Durations", durations, err, []time.Duration{time.Minute, 0})
	values, err := df.Values("y")
	check("Values", values, err, []any{[]byte("ab"), nil})
	values, err = df.Values("l")
	check("Values of lists", values, err, []any{[]any{int64(1), int64(2)}, nil})
	nulls, err := df.Nulls("s")
	check("Nulls", nulls, err, []bool{false, true})
	n, err := df.Count()
	check("Count", n, err, int64(2))

	for _, c := range []struct {
		err  error
		want string
	}{
		{second(df.Floats("s")), `Floats: column "s": type string is not a number; use Values, or Cast the column`},
		{second(df.Ints("f")), `Ints: column "f": type float is not an integer; use Values, or Cast the column`},
		{second(df.Times("i")), `Times: column "i": type int is not a date or time; use Values, or Cast the column`},
		{second(df.Floats("ff")), `Floats: unknown column "ff", did you mean "f"? (columns: b, d, f, i, l, s, t, u, y)`},
	} {
		if c.err == nil || c.err.Error() != c.want {
			t.Errorf("got  %v\nwant %s", c.err, c.want)
		}
	}
}

func second[T any](_ T, err error) error { return err }

func TestRows(t *testing.T) {
	rows, err := sample().Rows()
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for rows.Next() {
		got = append(got, fmt.Sprintln(rows.Index(), rows.String("carrier"), rows.Int("distance"), rows.IsNull("dep_delay"), rows.Float("dep_delay")))
	}
	if rows.Err() != nil || len(got) != 6 || got[2] != "2 B6 1576 true NaN\n" {
		t.Errorf("%v %v", got, rows.Err())
	}
	if rows.Next() || rows.Close() != nil {
		t.Error("Next after the end")
	}
	kept := rows.Row
	if kept.Int("distance") != 0 {
		t.Error("a row that is gone has values")
	}

	rows, err = sample().Rows()
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for rows.Next() {
		n++
		rows.Int("distanz")
	}
	if n != 1 || rows.Err() == nil || !strings.HasPrefix(rows.Err().Error(), `Rows: unknown column "distanz", did you mean "distance"?`) {
		t.Errorf("%d rows, %v", n, rows.Err())
	}
}

func TestEach(t *testing.T) {
	sum := 0.0
	if err := sample().Each(func(r Row) error { sum += r.Float("distance"); return nil }); err != nil || sum != 6635 {
		t.Errorf("%v %v", sum, err)
	}
	stop, n := errors.New("stop"), 0
	if err := sample().Each(func(Row) error { n++; return stop }); !errors.Is(err, stop) || n != 1 {
		t.Errorf("%v after %d", err, n)
	}
	if err := sample().Each(func(r Row) error { r.Bool("carrier"); return nil }); err == nil ||
		!strings.Contains(err.Error(), `Each: column "carrier": type string is not a bool`) {
		t.Errorf("%v", err)
	}
}

// big is a frame of n rows: i, and a group of 100.
func big(n int) *Frame {
	i, g := make([]int, n), make([]int, n)
	for k := range i {
		i[k], g[k] = k, k%100
	}
	return New(map[string]any{"i": i, "g": g})
}

func TestWatch(t *testing.T) {
	df := big(300_000)
	seen, final := 0, false
	for s, err := range df.Filter("g < 50").Watch(t.Context(), 10) {
		if err != nil {
			t.Fatal(err)
		}
		seen++
		if s.Record != nil {
			if s.Record.NumRows() > 10 {
				t.Errorf("%d rows in a snapshot", s.Record.NumRows())
			}
			s.Record.Release()
		}
		if final = s.Final; final && s.Rows != 150_000 {
			t.Errorf("%d rows", s.Rows)
		}
	}
	if seen == 0 || !final {
		t.Errorf("%d snapshots, final %v", seen, final)
	}
	for s, err := range df.Describe().Watch(t.Context(), 60) {
		if err != nil {
			t.Fatal(err)
		}
		if s.Final && (s.Record == nil || s.Record.NumRows() != 2 || s.Rows != 2) {
			t.Errorf("describe: %+v", s)
		}
		if s.Record != nil {
			s.Record.Release()
		}
	}
	for _, err := range df.Select("nope").Watch(t.Context(), 10) {
		if err == nil {
			t.Error("no error")
		}
	}
}

func TestInterrupt(t *testing.T) {
	df := big(100_000)
	interrupted(t)
	if _, err := df.Sort(Desc("i")).Collect(); !errors.Is(err, context.Canceled) {
		t.Errorf("Collect: %v", err)
	}
	if _, err := df.Count(); !errors.Is(err, context.Canceled) {
		t.Errorf("Count: %v", err)
	}
	if _, err := df.CountContext(t.Context()); err != nil {
		t.Errorf("CountContext: %v", err)
	}
}

// What frames hold goes back to the budget when they can't be reached any more, also through cursors left half way.
func TestRelease(t *testing.T) {
	settle := func(want int64) int64 {
		var used int64
		for range 200 {
			runtime.GC()
			time.Sleep(5 * time.Millisecond)
			if used = memory.Default().Used(); used <= want {
				break
			}
		}
		return used
	}
	before := settle(0)
	func() {
		kept := mustCollect(t, big(200_000).Filter("g != 7"))
		if used := memory.Default().Used(); used < before+2_000_000 {
			t.Errorf("%d bytes reserved", used-before)
		}
		derived := kept.Filter("i > 5").Select("i")
		kept = nil
		runtime.GC()
		time.Sleep(10 * time.Millisecond)
		if n, err := derived.Count(); err != nil || n != 197_994 {
			t.Errorf("derived: %d %v", n, err)
		}
		rows, err := derived.Rows()
		if err != nil || !rows.Next() {
			t.Errorf("rows: %v", err)
		}
	}()
	if after := settle(before); after > before {
		t.Errorf("%d bytes are still reserved", after-before)
	}
}

func TestBudgetRefuses(t *testing.T) {
	r := memory.Default().NewReservation("test")
	if err := r.Resize(memory.Default().Total() - memory.Default().Used() - 100_000); err != nil {
		t.Fatal(err)
	}
	defer r.Release()
	if err := big(1_000_000).Err(); !errors.Is(err, memory.ErrBudget) || !strings.HasPrefix(err.Error(), "New: ") {
		t.Errorf("%v", err)
	}
}

func TestNoRunner(t *testing.T) {
	df := sample()
	noRunner(t)
	if _, err := df.Collect(); !errors.Is(err, ErrNoRunner) {
		t.Errorf("Collect: %v", err)
	}
	if _, err := df.Rows(); !errors.Is(err, ErrNoRunner) {
		t.Errorf("Rows: %v", err)
	}
	for _, err := range df.Watch(t.Context(), 1) {
		if !errors.Is(err, ErrNoRunner) {
			t.Errorf("Watch: %v", err)
		}
	}
}

func TestCollectUnpins(t *testing.T) {
	one := mustCollect(t, mustCollect(t, big(1_000_000)).Head(3))
	if got := lines(t, one); got != "g i\n0 0\n1 1\n2 2" {
		t.Errorf("%s", got)
	}
}
