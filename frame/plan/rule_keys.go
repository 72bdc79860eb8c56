package plan

import (
	"slices"

	"github.com/rivulet-go/rivulet/frame/expr"
)

// inferKeys filters one side of a join by what filters of the other say of its keys: rows whose keys are others find no partner.
func inferKeys(n Node) Node {
	n = withInputs(n, inferKeys)
	j, ok := n.(*Join)
	if !ok || j.Kind == Full || j.AsOf != nil {
		return n
	}
	toRight, toLeft := map[string]string{}, map[string]string{}
	for i := range j.LeftKeys {
		toRight[j.LeftKeys[i]], toLeft[j.RightKeys[i]] = j.RightKeys[i], j.LeftKeys[i]
	}
	right := filtered(j.Right, renamedFacts(keyFacts(j.Left), toRight))
	left := j.Left
	if j.Kind == Inner || j.Kind == Semi {
		left = filtered(j.Left, renamedFacts(keyFacts(j.Right), toLeft))
	}
	if left == j.Left && right == j.Right {
		return n
	}
	return replaceInputs(j, []Node{left, right})
}

// keyFacts are the facts that are cheap to look at twice: comparisons with constants.
func keyFacts(n Node) []expr.Expr {
	schema := n.Schema()
	return slices.DeleteFunc(facts(n), func(e expr.Expr) bool {
		e = unalias(e)
		if _, ok := expr.ComparisonOf(e, schema); ok {
			return false
		}
		call, ok := e.(expr.Call)
		return !ok || call.Func != "between" && call.Func != "is_in" && call.Func != "starts_with" || !allLiterals(call.Args[1:])
	})
}

// filtered is n with the rows that meet conditions, which are left out where n's rows meet them anyway.
func filtered(n Node, conditions []expr.Expr) Node {
	if len(conditions) == 0 {
		return n
	}
	schema := n.Schema()
	known := claimsOf(facts(n), schema)
	var all expr.Expr
	for _, c := range claimsOf(conditions, schema) {
		if !slices.ContainsFunc(known, func(k claim) bool { return k.implies(c) }) {
			all, known = both(all, c.e), append(known, c)
		}
	}
	if all == nil {
		return n
	}
	return &Filter{Input: n, Predicate: all}
}
