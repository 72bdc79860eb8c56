package plan

import (
	"github.com/apache/arrow/go/v17/arrow"

	"github.com/rivulet-go/rivulet/frame/expr"
	"github.com/rivulet-go/rivulet/frame/source"
)

// codeTexts has sources in memory code the text that a plan groups, joins or sorts by, and what a sort moves. Who reads rows once, and
// filters, computes or shows them, does not need codes, which take longer to make than such a plan to run; nor is it worth it for the rows
// that a filter or a limit leaves, which may be few.
func codeTexts(n Node) Node { return codeBelow(n, nil) }

// codeBelow is n with the columns of want coded where they are read.
func codeBelow(n Node, want columns) Node {
	below := func(want columns) Node {
		return withInputs(n, func(in Node) Node { return codeBelow(in, want) })
	}
	switch n := n.(type) {
	case *Scan:
		return codeScan(n, want)
	case *Project:
		read := columns{}
		for _, e := range n.Exprs {
			if c, ok := unalias(e).(expr.Column); ok && want[expr.Name(e)] {
				read[c.Name] = true
			}
		}
		return below(read)
	case *Aggregate, *Sort:
		return below(columnSet(fieldNames(n.Inputs()[0].Schema())))
	case *Distinct:
		if len(n.Columns) == 0 {
			return below(columnSet(fieldNames(n.Schema())))
		}
		return below(want.with(n.Columns...))
	case *GroupTopK:
		return below(columnSet(expr.Columns(n.Groups...)))
	case *Window:
		return below(want.with(n.By...).with(keyColumns(n.Order)...))
	case *Join:
		right := columnSet(n.RightKeys)
		for name, above := range n.rightNames() {
			if want[above] {
				right[name] = true
			}
		}
		return withInputs(n, func(in Node) Node {
			if in == n.Left {
				return codeBelow(in, want.with(n.LeftKeys...))
			}
			return codeBelow(in, right)
		})
	}
	return below(nil) // functions of a user read text, the others leave out rows
}

func codeScan(n *Scan, want columns) Node {
	coder, ok := n.Source.(source.Coder)
	if !ok {
		return n
	}
	var texts []string
	for _, f := range n.schema.Fields() {
		if want[f.Name] && f.Type.ID() == arrow.STRING {
			texts = append(texts, f.Name)
		}
	}
	coded := coder.Coded(texts)
	if coded == nil {
		return n
	}
	scan := *n
	scan.Source, scan.Codes = coded, texts
	return &scan
}
