package program

import (
	"errors"
	"math"
	"strings"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func floatConst(b *Builder, v float64) int {
	return b.Const(Const{Kind: Float64, Bits: math.Float64bits(v)})
}

func load(t testing.TB, b *Builder, result, null int) *Runner {
	t.Helper()
	p, err := b.Program(result, null)
	if err != nil {
		t.Fatal(err)
	}
	r, err := Load(p)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestBranches(t *testing.T) {
	b := NewBuilder([]Param{{Name: "x", Kind: Float64}, {Name: "y", Kind: Float64}})
	sum := b.Op(Add, Float64, None, b.Op(Mul, Float64, None, 0, 0), b.Op(Mul, Float64, None, 1, 1))
	cond := b.Op(Lt, Bool, None, 0, floatConst(b, 0))
	r := load(t, b, b.Select(cond, b.Op(Neg, Float64, None, 0), b.Call("math.Sqrt", None, sum)), None)
	if got, want := r.Program().String(), "when(x < 0, -x, math.Sqrt(x * x + y * y))"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	m := r.Machine()
	defer m.Release()
	x, y := []float64{3, -2, math.NaN(), 0}, []float64{4, 1, 1, math.Inf(-1)}
	m.Floats(0, x)
	m.Floats(1, y)
	if f := m.Run(len(x), nil); f != nil {
		t.Fatal(*f)
	}
	got := m.Result().Floats
	if got[0] != 5 || got[1] != 2 || !math.IsNaN(got[2]) || !math.IsInf(got[3], 1) {
		t.Errorf("%v", got[:4])
	}
	if x[0] != 3 || y[0] != 4 {
		t.Error("the parameters were written to")
	}
}

// A division fails only in rows that get there, and of those the first is reported, whichever operation it is in.
func TestFailures(t *testing.T) {
	b := NewBuilder([]Param{{Name: "x", Kind: Int}, {Name: "y", Kind: Int}})
	zero := b.Const(Const{Kind: Int})
	guard := b.Op(Ne, Bool, None, 1, zero)
	guarded := b.Op(Div, Int, guard, 0, 1)
	late := b.Op(Shl, Int, None, guarded, 0)
	early := b.Op(Rem, Int, None, late, b.Op(Sub, Int, None, 1, b.Const(Const{Kind: Int, Bits: 7})))
	r := load(t, b, early, None)
	m := r.Machine()
	defer m.Release()
	run := func(live []uint8, rows ...[2]int64) *Failure {
		x, y := m.IntBuffer(0), m.IntBuffer(1)
		for i, row := range rows {
			x[i], y[i] = row[0], row[1]
		}
		return m.Run(len(rows), live)
	}
	if f := run(nil, [2]int64{8, 0}, [2]int64{8, 2}); f != nil {
		t.Error(*f)
	}
	f := run(nil, [2]int64{8, 2}, [2]int64{8, 7}, [2]int64{-1, 2})
	if f == nil || f.Row != 1 || f.Reason != "runtime error: integer divide by zero" {
		t.Errorf("%+v", f)
	}
	f = run(nil, [2]int64{8, 2}, [2]int64{-1, 2}, [2]int64{8, 7})
	if f == nil || f.Row != 1 || f.Reason != "runtime error: negative shift amount" {
		t.Errorf("%+v", f)
	}
	if f = run([]uint8{1, 0, 0}, [2]int64{8, 2}, [2]int64{-1, 2}, [2]int64{8, 7}); f != nil {
		t.Errorf("a row that is not live failed: %v", f)
	}
}

func TestNulls(t *testing.T) {
	b := NewBuilder([]Param{{Name: "p", Kind: Float64, Nullable: true}})
	null := b.Op(Null, Bool, None, 0)
	value := b.Op(Add, Float64, None, b.Op(Deref, Float64, b.Not(null), 0), floatConst(b, 1))
	r := load(t, b, value, null)
	m := r.Machine()
	defer m.Release()
	copy(m.FloatBuffer(0), []float64{1, 99})
	copy(m.NullBuffer(0), []uint8{0, 1})
	if f := m.Run(2, nil); f != nil {
		t.Fatal(*f)
	}
	if n := m.ResultNull(); n[0] != 0 || n[1] != 1 || m.Result().Floats[0] != 2 {
		t.Errorf("%v %v", m.Result().Floats[:2], n)
	}
}

func TestLoadRefuses(t *testing.T) {
	f := func(change func(p *Program)) *Program {
		p := &Program{
			Version: Version, Params: []Param{{"x", Float64, false}, {"p", Int, true}}, Consts: []Const{{Kind: Int}},
			Code:   []Instr{{Op: Neg, Kind: Float64, Args: []int{0}, Guard: None}, {Op: Null, Kind: Bool, Args: []int{1}, Guard: None}},
			Result: 3, Null: 4,
		}
		change(p)
		return p
	}
	if _, err := Load(f(func(*Program) {})); err != nil {
		t.Fatal(err)
	}
	for name, p := range map[string]*Program{
		"nil":              nil,
		"version":          f(func(p *Program) { p.Version++ }),
		"forward":          f(func(p *Program) { p.Code[0].Args[0] = 4 }),
		"negative":         f(func(p *Program) { p.Code[0].Args[0] = -1 }),
		"kind":             f(func(p *Program) { p.Code[0].Args[0] = 2 }),
		"count":            f(func(p *Program) { p.Code[0].Args = nil }),
		"pointer":          f(func(p *Program) { p.Code[1].Args[0] = 0 }),
		"pointer as value": f(func(p *Program) { p.Code[0] = Instr{Op: Neg, Kind: Int, Args: []int{1}, Guard: None} }),
		"function": f(func(p *Program) {
			p.Code[0] = Instr{Op: Call, Kind: Float64, Func: "os.Exit", Args: []int{0}, Guard: None}
		}),
		"operation":      f(func(p *Program) { p.Code[0].Op = 200 }),
		"guard":          f(func(p *Program) { p.Code[0].Guard = 0 }),
		"result":         f(func(p *Program) { p.Result = 5 }),
		"result pointer": f(func(p *Program) { p.Result = 1 }),
		"null":           f(func(p *Program) { p.Null = 0 }),
		"param":          f(func(p *Program) { p.Params[0].Kind = Time }),
	} {
		if _, err := Load(p); !errors.Is(err, ErrProgram) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Every function of the table runs, and its registers do not overlap.
func TestFunctions(t *testing.T) {
	for _, name := range Functions() {
		kinds, result, _ := Function(name)
		params := make([]Param, len(kinds))
		args := make([]int, len(kinds))
		for i, k := range kinds {
			params[i], args[i] = Param{Name: "p", Kind: k}, i
		}
		b := NewBuilder(params)
		r := load(t, b, b.Call(name, None, args...), None)
		m := r.Machine()
		if f := m.Run(Chunk, nil); f != nil || r.Program().KindOf(r.Program().Result) != result {
			t.Errorf("%s: %v", name, f)
		}
		m.Release()
		if !strings.Contains(name, ".") {
			t.Errorf("%s has no package", name)
		}
	}
}

func TestText(t *testing.T) {
	b := NewBuilder([]Param{{Name: "s", Kind: String}, {Name: "n", Kind: Int}})
	capture := b.Const(Const{Kind: Int, Capture: "rate"})
	v := b.Op(Mul, Int, None, b.Op(Sub, Int, None, 1, b.Op(Sub, Int, None, capture, 1)), b.Op(Len, Int, None, 0))
	cond := b.Op(BitOr, Bool, None, b.Op(BitAnd, Bool, None, b.Op(Lt, Bool, None, 1, capture), b.Op(Eq, Bool, None, 0, b.Const(Const{Kind: String, Text: "a"}))), b.Bool(false))
	p, err := b.Program(b.Select(cond, v, b.Convert(b.Convert(1, Float64), Int)), None)
	if err != nil {
		t.Fatal(err)
	}
	want := `when(n < rate && s == "a", (n - (rate - n)) * len(s), int(float64(n)))`
	if got := p.String(); got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
	if c := p.Captures(); len(c) != 1 || c[0] != "rate" {
		t.Error(c)
	}
}

func BenchmarkRun(b *testing.B) {
	build := NewBuilder([]Param{{Name: "x", Kind: Float64}, {Name: "y", Kind: Float64}})
	sum := build.Op(Add, Float64, None, build.Op(Mul, Float64, None, 0, 0), build.Op(Mul, Float64, None, 1, 1))
	cond := build.Op(Lt, Bool, None, 0, floatConst(build, 0))
	r := load(b, build, build.Select(cond, build.Op(Neg, Float64, None, 0), build.Call("math.Sqrt", None, sum)), None)
	m := r.Machine()
	defer m.Release()
	x := make([]float64, Chunk)
	m.Floats(0, x)
	m.Floats(1, x)
	for b.Loop() {
		m.Run(Chunk, nil)
	}
	b.ReportMetric(b.Elapsed().Seconds()*1e9/float64(b.N)/Chunk, "ns/row")
}
