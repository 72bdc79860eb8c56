package udf

import (
	"bufio"
	"bytes"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/rivulet-go/rivulet/frame/expr"
	"github.com/rivulet-go/rivulet/frame/expr/program"
)

// inputs are the rows on which random functions are compared: corners, and values that meet often.
const inputs = `
var xs = []float64{0, math.Copysign(0, -1), 1.5, -2.25, 1e300, -1e-310, math.Inf(1), math.Inf(-1), math.NaN(), 3, 255.9, -128.5}
var is = []int{0, 1, -1, 7, math.MinInt, math.MaxInt, 2, 300, -129, 64}
var ks = []int8{0, 1, -128, 127, -1, 5}
var ns = []int32{0, 1, math.MinInt32, math.MaxInt32, -7}
var us = []uint8{0, 1, 255, 7}
var ws = []uint64{0, 1, math.MaxUint64, 1 << 63, 9}
var ss = []string{"", "a", "Ab c", " x ", "é€", "aa"}

type row struct {
	x, y float64
	i, j int
	k    int8
	n    int32
	u    uint8
	w    uint64
	b    bool
	s, t string
}

func rows() []row {
	out := make([]row, 300)
	for r := range out {
		out[r] = row{xs[r%len(xs)], xs[r*7/3%len(xs)], is[r%len(is)], is[r*3/2%len(is)], ks[r%len(ks)], ns[r%len(ns)], us[r/2%len(us)],
			ws[r%len(ws)], r/3%2 == 0, ss[r%len(ss)], ss[r*5/3%len(ss)]}
	}
	return out
}
`

const nativeMain = `
func text(v any) string {
	switch v := v.(type) {
	case float64:
		return "f" + strconv.FormatUint(math.Float64bits(v), 16)
	case float32:
		return "f" + strconv.FormatUint(math.Float64bits(float64(v)), 16)
	case string:
		return "s" + strconv.Quote(v)
	case bool:
		return "b" + strconv.FormatBool(v)
	}
	return "i" + fmt.Sprint(v)
}

func try(f func() any) (out string) {
	defer func() {
		if r := recover(); r != nil {
			out = "p" + fmt.Sprint(r)
		}
	}()
	return text(f())
}

func main() {
	w := bufio.NewWriter(os.Stdout)
	defer w.Flush()
	for _, f := range functions {
		for _, r := range rows() {
			fmt.Fprintln(w, try(func() any { return f(r) }))
		}
	}
}
`

const rowArguments = "r.x, r.y, r.i, r.j, r.k, r.n, r.u, r.w, r.b, r.s, r.t"

// Random functions, compiled by Go, give what their programs give, bit for bit, and fail in the same rows.
func TestTranslatedAsCompiled(t *testing.T) {
	count := 400
	if testing.Short() {
		count = 60
	}
	var sources []string
	for n := range count {
		sources = append(sources, newGenerator(uint64(n)).function(fmt.Sprintf("f%d", n)))
	}
	want := compiled(t, sources)
	s := newSession()
	s.cell(t, "func use(...any) {}")
	s.cell(t, helpers)
	table := randomRows()
	failing := 0
	for n, src := range sources {
		cell := s.cell(t, fmt.Sprintf("import (\n\t\"math\"\n\t\"strings\"\n)\n\nvar _ = math.Pi\nvar _ = strings.ToUpper\n\n%s\n\nfunc _() { use(f%d) }", src, n))
		static, err := Extract(cell, s.find, udfs(cell)...)
		if err != nil {
			t.Fatalf("%v\n%s", err, src)
		}
		f, err := static.Function(0, nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		if f.Program == nil {
			if !strings.Contains(f.Reason, "too many") {
				t.Fatalf("%s\n%s", f.Reason, src)
			}
			continue
		}
		got := table.run(t, f)
		for r := range got {
			w := want[n*len(got)+r]
			if strings.HasPrefix(w, "p") {
				failing++
			}
			if !sameResult(got[r], w) {
				t.Fatalf("row %d: %s, compiled %s\n%s\n%s", r, got[r], w, src, f.Program)
			}
		}
	}
	if failing == 0 {
		t.Error("no row failed: the test shows nothing of failures")
	}
	t.Logf("%d functions, %d failing rows", count, failing)
}

// sameResult compares texts of results; all NaNs are one. Which of two operands that panic does so first is not specified.
func sameResult(a, b string) bool {
	switch {
	case a == b:
		return true
	case strings.HasPrefix(a, "p"):
		return strings.HasPrefix(b, "pruntime error: ")
	}
	return strings.HasPrefix(a, "f") && strings.HasPrefix(b, "f") && isNaNText(a) && isNaNText(b)
}

func isNaNText(s string) bool {
	bits, err := strconv.ParseUint(s[1:], 16, 64)
	return err == nil && math.IsNaN(math.Float64frombits(bits))
}

// compiled runs the functions as a Go program, and gives a line for each function and row.
func compiled(t *testing.T, sources []string) []string {
	t.Helper()
	dir := t.TempDir()
	var b strings.Builder
	b.WriteString("package main\n\nimport (\n\t\"bufio\"\n\t\"fmt\"\n\t\"math\"\n\t\"os\"\n\t\"strconv\"\n\t\"strings\"\n)\n\nvar _ = strings.ToUpper\n")
	b.WriteString(strings.Replace(helpers, "import \"math\"", "", 1) + inputs + nativeMain)
	for _, src := range sources {
		b.WriteString("\n" + src)
	}
	b.WriteString("\nvar functions = []func(r row) any{\n")
	for n := range sources {
		fmt.Fprintf(&b, "\tfunc(r row) any { return f%d(%s) },\n", n, rowArguments)
	}
	b.WriteString("}\n")
	for name, text := range map[string]string{"main.go": b.String(), "go.mod": "module random\n\ngo 1.26\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	command := exec.CommandContext(t.Context(), "go", "run", ".")
	command.Dir = dir
	command.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=")
	var stderr bytes.Buffer
	command.Stderr = &stderr
	out, err := command.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, stderr.String())
	}
	var lines []string
	for scanner := bufio.NewScanner(bytes.NewReader(out)); scanner.Scan(); {
		lines = append(lines, scanner.Text())
	}
	return lines
}

// inputTable is the same rows as inputs, for programs.
type inputTable struct {
	floats [2][]float64
	ints   map[int][]int64 // by parameter
	bools  []uint8
	texts  [2][]string
}

func randomRows() *inputTable {
	xs := []float64{0, math.Copysign(0, -1), 1.5, -2.25, 1e300, -1e-310, math.Inf(1), math.Inf(-1), math.NaN(), 3, 255.9, -128.5}
	is := []int64{0, 1, -1, 7, math.MinInt64, math.MaxInt64, 2, 300, -129, 64}
	ks := []int64{0, 1, -128, 127, -1, 5}
	ns := []int64{0, 1, math.MinInt32, math.MaxInt32, -7}
	us := []int64{0, 1, 255, 7}
	ws := []int64{0, 1, -1, math.MinInt64, 9}
	ss := []string{"", "a", "Ab c", " x ", "é€", "aa"}
	t := &inputTable{ints: map[int][]int64{}}
	for r := range 300 {
		t.floats[0] = append(t.floats[0], xs[r%len(xs)])
		t.floats[1] = append(t.floats[1], xs[r*7/3%len(xs)])
		for p, v := range map[int]int64{
			2: is[r%len(is)], 3: is[r*3/2%len(is)], 4: ks[r%len(ks)], 5: ns[r%len(ns)], 6: us[r/2%len(us)], 7: ws[r%len(ws)],
		} {
			t.ints[p] = append(t.ints[p], v)
		}
		b := uint8(0)
		if r/3%2 == 0 {
			b = 1
		}
		t.bools = append(t.bools, b)
		t.texts[0] = append(t.texts[0], ss[r%len(ss)])
		t.texts[1] = append(t.texts[1], ss[r*5/3%len(ss)])
	}
	return t
}

func (in *inputTable) set(m *program.Machine, from, rows int) {
	m.Floats(0, in.floats[0][from:from+rows])
	m.Floats(1, in.floats[1][from:from+rows])
	for p, v := range in.ints {
		m.Ints(p, v[from:from+rows])
	}
	copy(m.BoolBuffer(8), in.bools[from:from+rows])
	copy(m.TextBuffer(9), in.texts[0][from:from+rows])
	copy(m.TextBuffer(10), in.texts[1][from:from+rows])
}

// run gives a line for each row, as the compiled program does. Where rows fail, it runs each alone, and checks that of
// all together the first was reported.
func (in *inputTable) run(t *testing.T, f *expr.Function) []string {
	runner, err := program.Load(f.Program)
	if err != nil {
		t.Fatal(err)
	}
	m := runner.Machine()
	defer m.Release()
	k := f.Program.KindOf(f.Program.Result)
	n := len(in.bools)
	out := make([]string, n)
	in.set(m, 0, n)
	failure := m.Run(n, nil)
	if failure == nil {
		for r := range out {
			out[r] = resultText(k, m.Result(), r)
		}
		return out
	}
	first := n
	for r := range out {
		in.set(m, r, 1)
		if f := m.Run(1, nil); f != nil {
			out[r] = "p" + f.Reason
			first = min(first, r)
		} else {
			out[r] = resultText(k, m.Result(), 0)
		}
	}
	if failure.Row != first {
		t.Errorf("row %d was reported, row %d fails first", failure.Row, first)
	}
	return out
}

func resultText(k program.Kind, v *program.Vector, r int) string {
	switch {
	case k.Float():
		return "f" + strconv.FormatUint(math.Float64bits(v.Floats[r]), 16)
	case k == program.Bool:
		return "b" + strconv.FormatBool(v.Bools[r] != 0)
	case k == program.String:
		return "s" + strconv.Quote(v.Texts[r])
	case k.Unsigned():
		return "i" + strconv.FormatUint(uint64(v.Ints[r]), 10)
	}
	return "i" + strconv.FormatInt(v.Ints[r], 10)
}
