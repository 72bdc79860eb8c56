package plan

import (
	"slices"

	"github.com/rivulet-go/rivulet/frame/expr"
)

// ReducedRule is the name of the rule that has the left side of a join leave out rows of its right side. Its plans read the left side twice: it is
// of use where subplans are shared.
const ReducedRule = "reduce right side"

// When a right side is reduced: it has so many times the rows of the left, and so many rows, and at most one in reducedKept finds a partner.
const (
	reducedTimes = 8
	reducedRows  = 100_000
	reducedKept  = 8
)

// reduceJoins holds of the right side of a semi, anti or left join only the rows with keys of the left side (a semi-join reduction, Bernstein and
// Chiu 1981) where that is much the smaller: other rows find no partner. The left side's keys then narrow the scan of the right.
func reduceJoins(n Node) Node {
	r := reducer{e: estimator{known: map[Node]float64{}}, made: map[Node]Node{}, reduced: map[Node]bool{}}
	return r.reduce(n)
}

type reducer struct {
	e       estimator
	made    map[Node]Node
	reduced map[Node]bool // plans with a join whose right side is reduced
}

func (r *reducer) reduce(n Node) Node {
	if made, ok := r.made[n]; ok {
		return made
	}
	made := withInputs(n, r.reduce)
	within := slices.ContainsFunc(made.Inputs(), func(in Node) bool { return r.reduced[in] })
	if j, ok := made.(*Join); ok && !r.reduced[j.Left] && r.worth(j) {
		made, within = reducedRight(j), true
	}
	r.made[n], r.reduced[made] = made, within
	return made
}

// worth says whether a join's right side is to be reduced.
func (r *reducer) worth(j *Join) bool {
	if j.Kind != Semi && j.Kind != Anti && j.Kind != Left || j.AsOf != nil || !reduces(j.Left) {
		return false
	}
	if slices.ContainsFunc(j.RightKeys, func(k string) bool { scan, _ := scanOf(j.Right, k); return scan == nil || PartOf(scan) != nil }) {
		return false
	}
	left, right := r.e.rows(j.Left), r.e.rows(j.Right)
	kept := r.e.joined(&Join{Left: j.Right, Right: j.Left, LeftKeys: j.RightKeys, RightKeys: j.LeftKeys, Kind: Semi})
	return right >= reducedRows && right >= reducedTimes*left && right >= reducedKept*kept
}

// reducedRight is a join over the rows of its right side that have keys of the left.
func reducedRight(j *Join) Node {
	keys, err := NewProject(j.Left, expr.NamedColumns(slices.Compact(slices.Sorted(slices.Values(j.LeftKeys)))))
	if err != nil {
		return j
	}
	semi := &Join{Left: j.Right, Right: keys, LeftKeys: j.RightKeys, RightKeys: j.LeftKeys, Kind: Semi}
	semi.schema = joinSchema(semi)
	return replaceInputs(j, []Node{j.Left, semi})
}
