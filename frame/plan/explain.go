package plan

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/rivulet-go/rivulet/frame/expr"
	"github.com/rivulet-go/rivulet/frame/source"
)

// Explain shows the plan as it was written, as the rules left it, which rules those were, and its stages.
func Explain(n Node) string {
	var b strings.Builder
	optimized, fired := optimizeTraced(n)
	b.WriteString("plan\n")
	tree(&b, n, 1)
	b.WriteString("optimised\n")
	tree(&b, optimized, 1)
	fmt.Fprintf(&b, "rules: %s\n", cmp.Or(strings.Join(fired, ", "), "none"))
	b.WriteString("stages\n")
	stages(&b, Cut(optimized))
	functions(&b, optimized)
	pruned(&b, optimized)
	return b.String()
}

// Tree is the plan's nodes, one a line, operands indented below. A shared subplan is below the first scan that reads it.
func Tree(n Node) string {
	var b strings.Builder
	tree(&b, n, 0)
	return b.String()
}

func tree(b *strings.Builder, n Node, depth int) {
	seen := map[*Part]bool{}
	var write func(n Node, depth int)
	write = func(n Node, depth int) {
		fmt.Fprintf(b, "%s%s\n", strings.Repeat("  ", depth), n)
		if s, ok := n.(*Scan); ok {
			if p := PartOf(s); p != nil && !seen[p] {
				seen[p] = true
				write(p.Plan, depth+1)
			}
		}
		for _, in := range n.Inputs() {
			write(in, depth+1)
		}
	}
	write(n, depth)
}

// stages writes the stages that last needs and last, in the order in which they are run.
func stages(b *strings.Builder, last *Stage) {
	for _, s := range last.All() {
		stage(b, s)
	}
}

func stage(b *strings.Builder, s *Stage) {
	fmt.Fprintf(b, "  stage %d\n", s.ID)
	if s.Scan != nil {
		fmt.Fprintf(b, "    lanes:  %s", s.Scan)
		if s.Part != nil {
			fmt.Fprintf(b, ", the rows of stage %d, which is run once", s.Part.ID)
		}
		b.WriteByte('\n')
	} else {
		fmt.Fprintf(b, "    input:  stage %d\n", s.Input.ID)
	}
	joins := 0
	for _, step := range s.Steps {
		fmt.Fprintf(b, "            %s", step)
		if _, ok := step.(*Join); ok {
			fmt.Fprintf(b, ", table of stage %d", s.Builds[joins].ID)
			joins++
		}
		b.WriteByte('\n')
	}
	if p := partial(s.Gather); p != "" && s.Scan != nil {
		fmt.Fprintf(b, "            %s\n", p)
	}
	fmt.Fprintf(b, "    gather: %s\n", gather(s.Gather))
}

// partial says what the lanes do of a gather.
func partial(n Node) string {
	switch n := n.(type) {
	case nil, *Window:
		return ""
	case *Aggregate:
		return "partial aggregate"
	case *Sort:
		return "sort each batch"
	case *Preview:
		return fmt.Sprintf("first %d rows of each split, count", n.N)
	default:
		return "the same for each split"
	}
}

func gather(n Node) string {
	switch n := n.(type) {
	case nil:
		return "in split order"
	case *Aggregate:
		return "merge groups: " + n.String()
	case *Sort:
		return "merge runs: " + n.String()
	default:
		return n.String()
	}
}

// functions lists the users' functions that a plan calls, and how they run.
func functions(b *strings.Builder, n Node) {
	list := Functions(n)
	if len(list) == 0 {
		return
	}
	b.WriteString("functions\n")
	for _, f := range list {
		fmt.Fprintf(b, "  %s  %s\n    %s\n", f.Label(), f.Signature(), f.How())
	}
}

// pruned writes what the filters of scans leave to be read.
func pruned(b *strings.Builder, n Node) {
	head := "scans\n"
	var visit func(Node)
	visit = func(n Node) {
		if s, ok := n.(*Scan); ok && s.Filter != nil {
			fmt.Fprintf(b, "%s  %s where %s\n    read: %s\n", head, s.Source.Name(), s.Filter, source.Pruning(context.Background(), s.Source))
			head = ""
		}
		for _, in := range n.Inputs() {
			visit(in)
		}
	}
	visit(n)
	for _, p := range partsOf(n) {
		visit(p.Plan)
	}
}

// Functions are the users' functions that a plan calls, each once, those of a node before those of its inputs.
func Functions(n Node) []*expr.Function {
	var out []*expr.Function
	seen := map[string]bool{}
	var visit func(n Node)
	visit = func(n Node) {
		list := expr.Functions(expressions(n)...)
		if m, ok := n.(*MapBatches); ok {
			list = []*expr.Function{m.Func}
		}
		for _, f := range list {
			if !seen[f.Hash()] {
				seen[f.Hash()] = true
				out = append(out, f)
			}
		}
		for _, in := range n.Inputs() {
			visit(in)
		}
	}
	visit(n)
	for _, p := range partsOf(n) {
		visit(p.Plan)
	}
	return out
}

// expressions are those that a node itself holds.
func expressions(n Node) []expr.Expr {
	switch n := n.(type) {
	case *Filter:
		return []expr.Expr{n.Predicate}
	case *Project:
		return n.Exprs
	case *Aggregate:
		out := slices.Clone(n.Keys)
		for _, a := range n.Aggs {
			out = append(out, a.aggregate().Children()...)
		}
		return out
	case *Sort:
		return keyExprs(n.Keys)
	case *TopK:
		return keyExprs(n.Keys)
	case *GroupTopK:
		return append(slices.Clone(n.Groups), keyExprs(n.Keys)...)
	case *Preview:
		return keyExprs(n.Keys)
	case *Window:
		out := keyExprs(n.Order)
		for _, f := range n.Funcs {
			out = append(out, f.Expr)
		}
		return out
	}
	return nil
}

func keyExprs(keys []SortKey) []expr.Expr {
	out := make([]expr.Expr, len(keys))
	for i, k := range keys {
		out[i] = k.X
	}
	return out
}
