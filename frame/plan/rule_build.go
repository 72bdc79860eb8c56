package plan

import (
	"slices"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/rivulet-go/rivulet/frame/expr"
)

// When the sides of a join change places: the right one has to be so many times larger, and have so many rows, for estimates err and plans
// over few rows are quick anyway. Where the order of rows matters what comes out has to be sorted, so that it must be few.
const (
	buildTimes        = 4
	buildTimesOrdered = 8
	buildRows         = 100_000
)

// numbered is the column that numbers rows of a side that became the right one, while their order is to be restored.
const numbered = hidden + "number"

// buildSides holds the smaller side of an inner join in memory, by estimates: its sides change places where the right one is much the larger. Of
// two joins that one side goes through, in either order, that comes first which leaves out more.
// Rows then come in the order of the other side. Where that matters to what is above, they are sorted back by the number that a row of the
// left side had; the sort is stable, so that the rows of the other side keep their order among equals.
func buildSides(n Node) Node {
	e := estimator{known: map[Node]float64{}}
	return e.buildSides(n, true)
}

func (e *estimator) buildSides(n Node, ordered bool) Node {
	inputs := n.Inputs()
	changed := false
	for i, in := range inputs {
		inputs[i] = e.buildSides(in, inputOrdered(n, i, ordered))
		changed = changed || inputs[i] != in
	}
	if changed {
		n = replaceInputs(n, inputs)
	}
	j, ok := n.(*Join)
	if !ok {
		return n
	}
	if !ordered {
		if rotated := rotate(j, e, false); rotated != n {
			return rotated
		}
	}
	if !swappable(j) {
		return n
	}
	left, right := e.rows(j.Left), e.rows(j.Right)
	switch {
	case !(right >= buildRows) || !(right >= buildTimes*left): // also where nothing is known
		return n
	case ordered && (right < buildTimesOrdered*left || !(e.rows(j) <= right/buildTimes)):
		return n
	}
	return swap(j, ordered)
}

// swappable says whether a join gives the same rows with its sides changed. Keys that are equal have to be the same: 0 and -0 are not.
func swappable(j *Join) bool {
	if j.Kind != Inner || j.AsOf != nil || j.Where != nil {
		return false
	}
	return !slices.ContainsFunc(j.LeftKeys, func(k string) bool { return fieldType(j.Left.Schema(), k).ID() == arrow.FLOAT64 })
}

// swap is the join with its sides changed, and its columns as they were.
func swap(j *Join, ordered bool) Node {
	left := j.Left
	if ordered {
		number := expr.Window{Func: expr.RowNumber}
		bounds := number.Bounds()
		number.Frame = &bounds
		left = newWindow(left, nil, nil, []WindowFunc{{Name: numbered, Type: arrow.PrimitiveTypes.Int64, Expr: number}})
	}
	turned := &Join{Left: j.Right, Right: left, LeftKeys: j.RightKeys, RightKeys: j.LeftKeys, Kind: Inner, Suffix: hidden}
	turned.schema = joinSchema(turned)
	var list []expr.Expr
	for _, f := range j.Left.Schema().Fields() {
		from := turned.outputName(f.Name)
		if k := slices.Index(j.LeftKeys, f.Name); k >= 0 {
			from = j.RightKeys[k]
		}
		list = append(list, under(expr.Column{Name: from}, f.Name))
	}
	for _, f := range j.Right.Schema().Fields() {
		if !slices.Contains(j.RightKeys, f.Name) {
			list = append(list, under(expr.Column{Name: f.Name}, j.outputName(f.Name)))
		}
	}
	var out Node = turned
	if ordered {
		out = &Sort{Input: turned, Keys: []SortKey{{X: expr.Column{Name: numbered}}}}
	}
	return &Project{Input: out, Exprs: list, schema: j.schema}
}
