package expr

import (
	"math"
	"testing"

	"github.com/apache/arrow/go/v17/arrow/memory"

	"github.com/rivulet-go/rivulet/frame/expr/program"
)

// BenchmarkApply is a function of two floats: as a program, called directly, and called by reflection.
func BenchmarkApply(b *testing.B) {
	rec := benchRecord()
	defer rec.Release()
	build := program.NewBuilder([]program.Param{{Name: "f", Kind: program.Float64}, {Name: "n", Kind: program.Float64}})
	mul := func(x, y int) int { return build.Op(program.Mul, program.Float64, program.None, x, y) }
	v := build.Call("math.Sqrt", program.None, build.Op(program.Add, program.Float64, program.None, mul(0, 0), mul(1, 1)))
	p, err := build.Program(v, program.None)
	if err != nil {
		b.Fatal(err)
	}
	for name, fn := range map[string]any{
		"program":   func(x, y float64) float64 { return math.Sqrt(x*x + y*y) },
		"direct":    func(x, y float64) float64 { return math.Sqrt(x*x + y*y) },
		"reflected": func(x, y celsius) celsius { return celsius(math.Sqrt(float64(x*x + y*y))) },
	} {
		b.Run(name, func(b *testing.B) {
			e := applied(b, fn, "f", "n")
			if name == "program" {
				e.Func.Program = p
			}
			bound, err := Bind(e, rec.Schema())
			if err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				a, err := bound.Eval(b.Context(), memory.DefaultAllocator, rec)
				if err != nil {
					b.Fatal(err)
				}
				a.Release()
			}
			report(b)
		})
	}
}
