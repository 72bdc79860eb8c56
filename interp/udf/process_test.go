package udf

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"os/exec"
	"reflect"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/ipc"
	arrowmemory "github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/traefik/yaegi/interp"

	"github.com/rivulet-go/rivulet/distrib"
	"github.com/rivulet-go/rivulet/frame"
	"github.com/rivulet-go/rivulet/frame/batch"
	frameexec "github.com/rivulet-go/rivulet/frame/exec"
	"github.com/rivulet-go/rivulet/frame/expr"
	"github.com/rivulet-go/rivulet/frame/memory"
	"github.com/rivulet-go/rivulet/frame/plan"
	"github.com/rivulet-go/rivulet/frame/source"
)

// childVariable makes the test binary a worker: it runs the fragment of its input and writes what comes out.
const childVariable = "RIVULET_UDF_CHILD"

// rawCompiler is the interpreter as it is: good enough for the sources of these tests.
type rawCompiler struct{ files int }

func (c *rawCompiler) Compile(_ context.Context, file string) (func(string) (any, error), error) {
	c.files++
	i := interp.New(interp.Options{})
	err := i.Use(interp.Exports{"math/math": {"Sqrt": reflect.ValueOf(math.Sqrt)}, "strings/strings": {"Repeat": reflect.ValueOf(strings.Repeat)}})
	if err != nil {
		return nil, err
	}
	if _, err := i.Eval(file); err != nil {
		return nil, err
	}
	return func(entry string) (any, error) {
		v, err := i.Eval("udf." + entry)
		if err != nil {
			return nil, err
		}
		return v.Interface(), nil
	}, nil
}

// listed are the splits of a source, for one lane.
type listed struct{ splits []source.Split }

func (l *listed) Next(context.Context) (distrib.Split, bool, error) {
	if len(l.splits) == 0 {
		return distrib.Split{}, false, nil
	}
	s := l.splits[0]
	l.splits = l.splits[1:]
	return distrib.Split{Split: s}, true, nil
}

// runFragment is what a worker does: the records that a fragment makes of one.
func runFragment(ctx context.Context, f plan.Fragment, rec arrow.Record) ([]arrow.Record, error) {
	var splits []source.Split
	for s, err := range source.FromRecords("input", rec.Schema(), []arrow.Record{rec}).Splits(ctx, 1<<30) {
		if err != nil {
			return nil, err
		}
		splits = append(splits, s)
	}
	env := &frameexec.Env{Mem: arrowmemory.DefaultAllocator, Budget: memory.NewBudget(1 << 30), Spill: os.TempDir()}
	var out []arrow.Record
	for b, err := range distrib.Lane(ctx, env, distrib.Task{Source: "input", Fragment: f, Splits: &listed{splits}}) {
		if err != nil {
			return nil, err
		}
		if b.Record != nil {
			out = append(out, b.Record)
		}
	}
	return out, nil
}

// child reads a fragment and a record and writes the records that it makes.
func child(in io.Reader, out io.Writer) error {
	input, err := io.ReadAll(in)
	if err != nil {
		return err
	}
	n := int(input[0])<<16 | int(input[1])<<8 | int(input[2])
	f, err := plan.DecodeFragment(input[3 : 3+n])
	if err != nil {
		return err
	}
	rec, err := batch.Decode(arrowmemory.DefaultAllocator, input[3+n:])
	if err != nil {
		return err
	}
	compiler := &rawCompiler{}
	expr.SetCompiler(compiler)
	recs, err := runFragment(context.Background(), f, rec)
	if err != nil {
		return err
	}
	if len(recs) == 0 {
		return errors.New("no records")
	}
	w := ipc.NewWriter(out, ipc.WithSchema(recs[0].Schema()))
	for _, r := range recs {
		if err := w.Write(r); err != nil {
			return err
		}
	}
	fmt.Fprintf(os.Stderr, "compiled %d files\n", compiler.files)
	return w.Close()
}

// inOtherProcess runs a plan's only stage in a process of its own, and gives its records and what it says.
func inOtherProcess(t *testing.T, n plan.Node, rec arrow.Record) ([]arrow.Record, string, error) {
	t.Helper()
	text, err := plan.EncodeFragment(plan.Cut(plan.Optimize(n)).Fragment())
	if err != nil {
		t.Fatal(err)
	}
	data, err := batch.Encode(rec)
	if err != nil {
		t.Fatal(err)
	}
	command := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^$")
	command.Env = append(os.Environ(), childVariable+"=1")
	command.Stdin = io.MultiReader(bytes.NewReader([]byte{byte(len(text) >> 16), byte(len(text) >> 8), byte(len(text))}), bytes.NewReader(text), bytes.NewReader(data))
	var stderr bytes.Buffer
	command.Stderr = &stderr
	out, err := command.Output()
	if err != nil {
		return nil, stderr.String(), err
	}
	r, err := ipc.NewReader(bytes.NewReader(out))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Release()
	var recs []arrow.Record
	for r.Next() {
		rec := r.Record()
		rec.Retain()
		recs = append(recs, rec)
	}
	return recs, stderr.String(), r.Err()
}

func inputRecord(rows int) arrow.Record {
	schema := arrow.NewSchema([]arrow.Field{
		{Name: "x", Type: arrow.PrimitiveTypes.Float64, Nullable: true},
		{Name: "i", Type: arrow.PrimitiveTypes.Int64, Nullable: true},
		{Name: "s", Type: arrow.BinaryTypes.String, Nullable: true},
	}, nil)
	b := array.NewRecordBuilder(arrowmemory.DefaultAllocator, schema)
	defer b.Release()
	for r := range rows {
		b.Field(0).(*array.Float64Builder).Append(float64(r) / 2)
		if r%7 == 3 {
			b.Field(1).AppendNull()
		} else {
			b.Field(1).(*array.Int64Builder).Append(int64(r % 5))
		}
		b.Field(2).(*array.StringBuilder).Append(fmt.Sprint("s", r%3))
	}
	return b.NewRecord()
}

// A plan made of cells gives the same in a process that has nothing but the encoded plan and a compiler, as the compiled
// functions give here: with captures, helpers, a program, an aggregate of its own.
func TestPlanInOtherProcess(t *testing.T) {
	cells := []string{
		"import \"math\"\n\ntype acc struct { N int; Sum float64 }\n\nfunc power(x float64, n int) float64 {\n\tp := 1.0\n\tfor i := 0; i < n; i++ {\n\t\tp *= x\n\t}\n\treturn p\n}\n\nvar rate = 0.5",
		`func _() {
	weights := map[string]float64{}
	use(func(x float64, i int, s string) float64 { return power(x, i) * rate + weights[s] },
		func(x float64) float64 { return x * rate },
		func(a acc, x float64) acc { return acc{a.N + 1, a.Sum + x} },
		func(a, b acc) acc { return acc{a.N + b.N, a.Sum + b.Sum} },
		func(a acc) float64 { return a.Sum / float64(a.N) })
}`,
	}
	cells[0] = strings.Replace(cells[0], "import \"math\"\n\n", "", 1)
	static, err := extract(t, cells...)
	if err != nil {
		t.Fatal(err)
	}
	weights := map[string]float64{"s0": 1, "s1": 0.25}
	var functions []*expr.Function
	for i := range static.Functions() {
		values := make([]reflect.Value, len(static.Captures()))
		for k, obj := range static.Captures() {
			values[k] = map[string]reflect.Value{"rate": reflect.ValueOf(0.5), "weights": reflect.ValueOf(weights)}[obj.Name()]
		}
		f, err := static.Function(i, nil, values)
		if err != nil {
			t.Fatal(err)
		}
		checkFile(t, f)
		functions = append(functions, f)
	}
	if functions[0].Program != nil || functions[1].Program == nil {
		t.Fatalf("%s; %s", functions[0].How(), functions[1].How())
	}
	rec := inputRecord(1000)
	defer rec.Release()
	scan, err := plan.NewScan(t.Context(), source.FromRecords("input", rec.Schema(), []arrow.Record{rec}))
	if err != nil {
		t.Fatal(err)
	}
	apply := func(f *expr.Function, columns ...string) expr.Expr {
		args := make([]expr.Expr, len(columns))
		for i, c := range columns {
			args[i] = expr.Column{Name: c}
		}
		return expr.Apply{Func: f, Args: args}
	}
	project, err := plan.NewProject(scan, []expr.Expr{
		expr.Column{Name: "s"}, expr.Alias{X: apply(functions[0], "x", "i", "s"), Name: "z"}, expr.Alias{X: apply(functions[1], "x"), Name: "half"},
	})
	if err != nil {
		t.Fatal(err)
	}
	recs, said, err := inOtherProcess(t, project, rec)
	if err != nil {
		t.Fatalf("%v\n%s", err, said)
	}
	checkProjected(t, recs, weights)
	if said != "compiled 1 files\n" {
		t.Errorf("%q", said)
	}

	fold := expr.Fold{Name: "avg", Step: functions[2], Merge: functions[3], Finish: functions[4], Args: []expr.Expr{expr.Column{Name: "x"}}}
	aggregate, err := plan.NewAggregate(scan, []expr.Expr{expr.Column{Name: "s"}}, []expr.Expr{expr.Alias{X: expr.Aggregate{Func: expr.Reduce, X: fold}, Name: "avg"}})
	if err != nil {
		t.Fatal(err)
	}
	states, said, err := inOtherProcess(t, aggregate, rec)
	if err != nil {
		t.Fatalf("%v\n%s", err, said)
	}
	checkReduced(t, aggregate.(*plan.Aggregate), states)
}

func checkProjected(t *testing.T, recs []arrow.Record, weights map[string]float64) {
	t.Helper()
	r := 0
	for _, rec := range recs {
		for i := range int(rec.NumRows()) {
			x, s := float64(r)/2, fmt.Sprint("s", r%3)
			want := 1.0
			for range r % 5 {
				want *= x
			}
			want = want*0.5 + weights[s]
			z, half := rec.Column(1).(*array.Float64), rec.Column(2).(*array.Float64)
			if z.IsNull(i) != (r%7 == 3) || z.IsValid(i) && z.Value(i) != want || half.Value(i) != x*0.5 {
				t.Fatalf("row %d: %v, %v, want %v", r, z.ValueStr(i), half.Value(i), want)
			}
			r++
		}
		rec.Release()
	}
	if r != 1000 {
		t.Errorf("%d rows", r)
	}
}

// checkReduced merges the states that the other process made, with functions compiled in this one.
func checkReduced(t *testing.T, n *plan.Aggregate, states []arrow.Record) {
	t.Helper()
	expr.SetCompiler(&rawCompiler{})
	defer expr.SetCompiler(nil)
	env := &frameexec.Env{Mem: arrowmemory.DefaultAllocator, Budget: memory.NewBudget(1 << 30), Spill: t.TempDir()}
	spec, err := frameexec.NewAggSpec(n.Input.Schema(), n.Keys, n.Aggs)
	if err != nil {
		t.Fatal(err)
	}
	final := frameexec.NewFinalAggregate(env, spec)
	defer final.Close()
	for _, s := range states {
		if err := final.Merge(t.Context(), s); err != nil {
			t.Fatal(err)
		}
	}
	out, err := batch.Collect(final.Stream(t.Context()))
	if err != nil || len(out) != 1 || out[0].NumRows() != 3 {
		t.Fatal(out, err)
	}
	defer out[0].Release()
	for i, first := range []int{0, 1, 2} {
		sum, count := 0.0, 0.0
		for r := first; r < 1000; r += 3 {
			sum, count = sum+float64(r)/2, count+1
		}
		if got := out[0].Column(1).(*array.Float64).Value(i); got != sum/count {
			t.Errorf("group %d: %v, want %v", i, got, sum/count)
		}
	}
}

// A row that fails in the other process names its values, whether the function runs as a program or is called.
func TestFailingRowInOtherProcess(t *testing.T) {
	f := function(t, []string{"func _() { use(func(i int, s string) int { return 10 / i }) }"})
	if f.Program == nil {
		t.Fatal(f.How())
	}
	rec := inputRecord(10)
	defer rec.Release()
	scan, err := plan.NewScan(t.Context(), source.FromRecords("input", rec.Schema(), []arrow.Record{rec}))
	if err != nil {
		t.Fatal(err)
	}
	n, err := plan.NewProject(scan, []expr.Expr{expr.Alias{X: expr.Apply{Func: f, Args: []expr.Expr{expr.Column{Name: "i"}, expr.Column{Name: "s"}}}, Name: "z"}})
	if err != nil {
		t.Fatal(err)
	}
	_, said, err := inOtherProcess(t, n, rec)
	if err == nil || !strings.Contains(said, `func: panic with i = 0, s = "s0" in row 0 of the batch`) || !strings.Contains(said, "divide by zero") || !strings.Contains(said, "(split 0 of input)") {
		t.Errorf("%v: %s", err, said)
	}
}

// Frames take functions of cells as they are.
func TestFrameTakesFunction(t *testing.T) {
	f := function(t, []string{"func _() { use(func(x float64) float64 { return x + 1 }) }"})
	df := frame.New(map[string]any{"x": []float64{1, 2}}).Map("y", f)
	if got := df.Columns(); df.Err() != nil || len(got) != 2 {
		t.Fatal(df.Err())
	}
	if text := df.Explain(); !strings.Contains(text, "func(x float64) float64\n    vectorised: x + 1") {
		t.Error(text)
	}
}
