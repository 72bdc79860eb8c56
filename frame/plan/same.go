package plan

import (
	"fmt"
	"reflect"
)

// shapes numbers nodes, so that those that compute the same have the same number, and inputs have smaller ones than what is above them.
type shapes struct {
	numbers map[Node]int
	like    map[string][]int // by what tells most nodes apart
	nodes   []Node           // one of each number
	inputs  [][]int
}

func (s *shapes) number(n Node) int {
	if i, ok := s.numbers[n]; ok {
		return i
	}
	var inputs []int
	for _, in := range n.Inputs() {
		inputs = append(inputs, s.number(in))
	}
	text := fmt.Sprintf("%v %s", inputs, n)
	for _, i := range s.like[text] {
		if same(s.nodes[i], n) {
			s.numbers[n] = i
			return i
		}
	}
	i := len(s.nodes)
	s.nodes, s.inputs = append(s.nodes, n), append(s.inputs, inputs)
	s.numbers[n], s.like[text] = i, append(s.like[text], i)
	return i
}

// same says whether nodes whose inputs are the same compute the same. Functions that are compiled Go are the same only where one value is.
func same(a, b Node) bool {
	if reflect.TypeOf(a) != reflect.TypeOf(b) || !a.Schema().Equal(b.Schema()) {
		return false
	}
	if s, ok := a.(*Scan); ok {
		other := b.(*Scan).Source
		if !reflect.TypeOf(s.Source).Comparable() || s.Source != other {
			return false
		}
	}
	return reflect.DeepEqual(bare(a), bare(b))
}

// bare is a node without inputs, columns and source.
func bare(n Node) any {
	switch n := n.(type) {
	case *Scan:
		return Scan{Columns: n.Columns, Limit: n.Limit, Filter: n.Filter}
	case *Filter:
		return n.Predicate
	case *Project:
		return n.Exprs
	case *MapBatches:
		return n.Func
	case *Aggregate:
		return Aggregate{Keys: n.Keys, Aggs: n.Aggs}
	case *Join:
		j := *n
		j.Left, j.Right, j.schema = nil, nil, nil
		return j
	case *Sort:
		return n.Keys
	case *TopK:
		return TopK{Keys: n.Keys, N: n.N}
	case *GroupTopK:
		return GroupTopK{Groups: n.Groups, Keys: n.Keys, N: n.N}
	case *Limit:
		return n.N
	case *Tail:
		return n.N
	case *Distinct:
		return n.Columns
	case *Window:
		return Window{By: n.By, Order: n.Order, Funcs: n.Funcs}
	case *Preview:
		return Preview{N: n.N, Keys: n.Keys}
	}
	return n
}
