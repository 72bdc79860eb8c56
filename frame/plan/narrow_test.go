package plan

import (
	"path/filepath"
	"testing"

	"github.com/rivulet-go/rivulet/frame/expr"
	"github.com/rivulet-go/rivulet/frame/source"
)

// TestNarrow: joins narrow scans of Parquet files, through steps that pass their key on.
func TestNarrow(t *testing.T) {
	m := must(t)
	src, err := source.Open(t.Context(), []string{filepath.Join("..", "parquet", "testdata", "indexed.parquet")}, source.Options{})
	if err != nil {
		t.Fatal(err)
	}
	scan := m(NewScan(t.Context(), src))
	few := m(NewFilter(scan, binary(expr.Less, col("f"), lit(1.0))))
	keys := m(NewProject(few, []expr.Expr{as(col("n"), "key"), as(col("s"), "text")}))
	pairs := m(NewProject(few, []expr.Expr{as(col("n"), "key"), col("n")}))
	renamed := m(NewProject(scan, []expr.Expr{as(col("n"), "number"), col("d"), as(binary(expr.Add, col("n"), lit(int64(1))), "next")}))
	on := func(left, right Node, l, r string, kind JoinKind) Node {
		return m(NewJoin(left, right, []string{l}, []string{r}, kind, ""))
	}
	for name, n := range map[string]Node{
		"narrow":          on(scan, keys, "n", "key", Inner),
		"narrow_steps":    on(on(m(NewFilter(renamed, binary(expr.Greater, col("next"), lit(int64(2))))), keys, "number", "key", Left), few, "number", "n", Semi),
		"narrow_computed": on(renamed, keys, "next", "key", Inner),
		"narrow_all":      on(scan, scan, "n", "n", Inner),
		"narrow_left":     on(scan, keys, "n", "key", Left),
		"narrow_anti":     on(scan, keys, "n", "key", Anti),
		"narrow_full":     on(on(scan, keys, "n", "key", Full), few, "n", "n", Inner),
		"narrow_text":     on(scan, keys, "s", "text", Inner),
		"narrow_keys":     m(NewJoin(renamed, pairs, []string{"next", "number"}, []string{"key", "n"}, Inner, "")),
		"narrow_csv":      on(m(NewScan(t.Context(), flights)), keys, "delay", "key", Inner),
	} {
		t.Run(name, func(t *testing.T) {
			if err := sameSchema(Optimize(n), n); err != "" {
				t.Error(err)
			}
			golden(t, filepath.Join("testdata", name+".txt"), Explain(n))
		})
	}
}
