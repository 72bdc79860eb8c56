package rt

import (
	"errors"
	"fmt"
	"time"
)

type tTemp float64

func (t tTemp) String() string { return fmt.Sprint(float64(t)) + "°" }

func (t tTemp) Add(by float64) tTemp { return t + tTemp(by) }

type tKind string

type tItem struct {
	Name  string
	Price float64
	Kind  tKind
	Temp  tTemp
	Tags  []string
	owner string
}

func (i tItem) Upper(prefix string, n int) string { return prefix + i.Name + fmt.Sprint(n) }

func (i tItem) Check(ok bool) (string, error) {
	if !ok {
		return "", errors.New("not ok")
	}
	return "ok", nil
}

func (i *tItem) Ptr() string { return "ptr " + i.Name }

func (i tItem) Many(sep string, all ...int) string { return sep + fmt.Sprint(len(all)) }

func (i tItem) Self() tItem { return i }

func (i tItem) Any() any { return tTemp(3) }

type tBase struct{ ID int }

func (b tBase) Describe() string { return "base " + fmt.Sprint(b.ID) }

type tPage struct {
	tBase
	Title  string
	Items  []tItem
	Ptrs   []*tItem
	First  *tItem
	Nil    *tItem
	Temps  []tTemp
	ByName map[string]tTemp
	Index  map[string]tItem
	Any    any
	Err    error
	When   time.Duration
	HTML   string
	F      func(int) string
}

func (p *tPage) Count() int { return len(p.Items) }

func (p tPage) Lookup(name string) *tItem {
	for i := range p.Items {
		if p.Items[i].Name == name {
			return &p.Items[i]
		}
	}
	return nil
}

func tValues() []any {
	items := []tItem{{"pen", 1.5, "tool", 20, []string{"a", "b"}, "x"}, {"ink<b>", 2, "", 0, nil, ""}}
	p := tPage{
		tBase{7},
		"T & t", items,
		[]*tItem{&items[0]},
		&items[1], nil,
		[]tTemp{1, 0},
		map[string]tTemp{"b": 2, "a": 1},
		map[string]tItem{"k": items[0]},
		tTemp(5), errors.New("e"), time.Second, "<i>", nil,
	}
	return []any{p, &p, items, tTemp(4), map[string]any{"P": p, "T": tTemp(1), "n": nil}, items[0], &items[0], []any{items[0], tTemp(2)}, nil, 3}
}
